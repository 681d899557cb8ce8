"""`monitor run`: goes on after errors, ends on a signal, loses nothing."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.daemon import run_forever
from monitor.demo import SampleServer, write_config
from monitor.errors import StoreError
from monitor.stages.report import Report

MONITOR = Path(sys.executable).with_name("monitor")


class Passes:
    """A pipeline whose passes do what the test says, then stop the daemon."""

    def __init__(self, *outcomes: Exception | Report):
        self.outcomes = list(outcomes)
        self.stop = asyncio.Event()

    async def run(self) -> Report:
        outcome = self.outcomes.pop(0)
        if not self.outcomes:
            self.stop.set()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def run(passes: Passes) -> None:
    pause = timedelta(milliseconds=1)
    asyncio.run(run_forever(passes, stop=passes.stop, pause=pause))  # type: ignore[arg-type]


def test_a_pass_that_fails_is_logged_and_the_next_one_comes(capsys):
    full = StoreError("database or disk is full; free some space", path="monitor.db")
    run(Passes(full, Report(polled=1, entries=17), Report()))
    failed, done = capsys.readouterr().out.splitlines()

    assert "free some space" in failed
    assert "17" in done


def test_a_bug_is_not_swallowed():
    with pytest.raises(ZeroDivisionError):
        run(Passes(ZeroDivisionError(), Report()))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_soon_with_everything_stored(tmp_path, number):
    with SampleServer(now=datetime.now(UTC)) as server:
        config = write_config(tmp_path, server.base_url)
        process = subprocess.Popen(
            [MONITOR, "run", "-c", config], stderr=subprocess.PIPE, text=True
        )
        database = tmp_path / "monitor.db"
        deadline = time.monotonic() + 60
        while _count(database, "documents") == 0 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(number)
        started = time.monotonic()
        _, errors = process.communicate(timeout=30)

    assert process.returncode == 0, errors
    assert time.monotonic() - started < 10
    connection = sqlite3.connect(database)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


@pytest.mark.parametrize("after", ["entries", "documents", "mentions"])
def test_a_pass_that_is_killed_goes_on_where_it_stopped(tmp_path, after):
    with SampleServer(now=datetime.now(UTC)) as server:
        whole = write_config(tmp_path / "whole", server.base_url)
        cut = write_config(tmp_path / "cut", server.base_url)
        command: list[str | Path] = [MONITOR, "run", "--once", "-c"]
        subprocess.run([*command, whole], check=True, capture_output=True)
        process = subprocess.Popen(
            [*command, cut], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        database = cut.with_name("monitor.db")
        while _count(database, after) == 0 and process.poll() is None:
            time.sleep(0.005)
        process.kill()
        process.wait()
        subprocess.run([*command, cut], check=True, capture_output=True)

    assert process.returncode == -signal.SIGKILL
    assert _read(database) == _read(whole.with_name("monitor.db"))


def _read(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """All that must be equal; times and scores differ between any two runs."""
    connection = sqlite3.connect(database)
    found = {
        query: sorted(connection.execute(query).fetchall())
        for query in (
            "SELECT id, state FROM entries",
            "SELECT id, state, language FROM documents",
            "SELECT document_id, company, start_char FROM mentions",
            "SELECT document_id, theme, start_char FROM theme_hits",
            "SELECT rule, subject, mentions FROM alerts",
            "PRAGMA integrity_check",
        )
    }
    connection.close()
    return found


def _count(database: Path, table: str) -> int:
    if not database.exists():
        return 0
    connection = sqlite3.connect(database)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    except sqlite3.OperationalError:  # not migrated yet
        return 0
    finally:
        connection.close()
