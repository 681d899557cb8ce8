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
        while _documents(database) == 0 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(number)
        started = time.monotonic()
        _, errors = process.communicate(timeout=30)

    assert process.returncode == 0, errors
    assert time.monotonic() - started < 10
    connection = sqlite3.connect(database)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def _documents(database: Path) -> int:
    if not database.exists():
        return 0
    connection = sqlite3.connect(database)
    try:
        return int(connection.execute("SELECT count(*) FROM documents").fetchone()[0])
    except sqlite3.OperationalError:  # not migrated yet
        return 0
    finally:
        connection.close()
