"""The installed command against EDGAR as it was on 12 December 2025.

What is listed is stored once, whatever happens; the SEC's rate is kept by all processes
together; the audit says what is missing.
"""

import json
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.edgar_replay import Replay, replay
from tests.servers import Handler

pytestmark = [pytest.mark.corpus, pytest.mark.slow]

MONITOR = Path(sys.executable).with_name("monitor")
SINCE = ("--since", "2025-12-11")
PERMITTED_PER_S = 10

KILLER = """
import os, signal, sys
from contextlib import contextmanager
from monitor.store.store import Store

left, transaction = int(sys.argv.pop(1)), Store.transaction

def step():
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

@contextmanager
def deadly(self):
    with transaction(self) as connection:
        yield connection
        step()  # all is written, nothing committed
    step()      # all is committed, nothing after it written

Store.transaction = deadly
from monitor.cli import main
sys.exit(main())
"""


@pytest.fixture
def edgar(shared: Path) -> Iterator[Replay]:
    with replay(shared) as server:
        yield server


def monitor(*words: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [MONITOR, *map(str, words)], check=check, capture_output=True, text=True
    )


def run_once(config: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(
        monitor("run", "--once", "--json", "-c", config).stdout
    )
    return report


def ask(config: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(config.with_name("monitor.db"))) as connection:
        return connection.execute(sql).fetchall()


def a_minute_later(config: Path) -> None:
    """All is due that waits for less than a day."""
    with closing(sqlite3.connect(config.with_name("monitor.db"))) as connection:
        connection.execute("UPDATE feeds SET next_fetch_at = '2025-01-01T00:00:00Z'")
        connection.execute("UPDATE entries SET next_attempt_at = first_seen_at")
        connection.commit()


def audit(config: Path) -> dict[str, Any]:
    result = monitor("edgar", "audit", *SINCE, "--json", "-c", config, check=False)
    found: dict[str, Any] = json.loads(result.stdout)
    misses = [miss for one in found["recalls"] for miss in one["misses"]]
    assert result.returncode == bool(misses)
    return {miss["accession_no"]: miss["reason"] for miss in misses} | {
        "listed": sum(one["listed"] for one in found["recalls"]),
        "stored": sum(one["stored"] for one in found["recalls"]),
    }


def test_four_polls_store_every_accession_number_once(edgar, tmp_path):
    config = edgar.write_config(tmp_path)
    for edgar.poll in range(4):
        run_once(config)
        a_minute_later(config)

    stored = Counter(
        number for (number,) in ask(config, "SELECT accession_no FROM entries")
    )
    assert set(stored) == set(edgar.listed)
    assert set(stored.values()) == {1}
    parties = {
        (number, party.cik, party.role, party.name)
        for number, filing in edgar.listed.items()
        for party in filing.parties
    }
    assert (
        set(ask(config, "SELECT accession_no, cik, role, name FROM filing_parties"))
        == parties
    )
    read = ask(config, "SELECT DISTINCT accession_no FROM documents")
    assert {number for (number,) in read} == set(edgar.of_watched())
    asked = [path for path in edgar.server.paths() if path.endswith(".txt")]
    assert len(asked) == len(edgar.of_watched())
    assert audit(config) == {"listed": len(asked), "stored": len(asked)}
    recalled = monitor("doctor", "-c", config).stdout
    assert f"recall 100 %, {len(asked)} of {len(asked)} filings" in recalled
    assert ask(config, "SELECT recall FROM edgar_recall") == [(1.0,)]


def test_a_filing_that_is_withheld_is_a_miss_until_it_comes(edgar, tmp_path):
    config = edgar.write_config(tmp_path)
    withheld, unlisted, *_ = edgar.of_watched()
    edgar.withheld, edgar.unlisted = {withheld}, {unlisted}
    run_once(config)

    misses = audit(config)
    assert misses["listed"] - misses["stored"] == 2
    assert "404" in misses[withheld]
    assert "attempt 1" in misses[withheld]
    assert "backfill" in misses[unlisted]
    told = monitor("doctor", "-c", config, check=False)
    assert (told.returncode, "404" in told.stdout) == (1, True)

    edgar.withheld = set()
    a_minute_later(config)
    run_once(config)
    assert set(audit(config)) == {"listed", "stored", unlisted}
    cik = edgar.of_watched()[unlisted].cik
    monitor("backfill", "--company", f"c{cik}", *SINCE, "--forms", "8-K", "-c", config)
    assert set(audit(config)) == {"listed", "stored"}


RESULT = (
    "SELECT id, accession_no, cik, role, state, error FROM entries ORDER BY id",
    "SELECT * FROM filing_parties",
    "SELECT feed_url, accession_nos FROM edgar_frontiers ORDER BY 1",
    "SELECT id, accession_no, state FROM documents ORDER BY id",
    "SELECT document_id, company, start_char FROM mentions ORDER BY 1, 2, 3",
    "PRAGMA integrity_check",
)


def test_a_kill_before_and_after_every_write_changes_nothing(edgar, tmp_path):
    edgar.watched = dict(list(edgar.watched.items())[:3])
    edgar.submissions = edgar.submissions[-1:]  # the shortest: it is read many times
    whole = edgar.write_config(tmp_path / "whole")
    cut = edgar.write_config(tmp_path / "cut")
    run_once(whole)
    killer = tmp_path / "killer.py"
    killer.write_text(KILLER)
    command = [sys.executable, killer, "{}", "run", "--once", "-c", cut]
    # A run is killed just before a commit, the next one just after it. What a run
    # writes each time anew brings no progress: then the next commit is tried.
    commit, before, written, code = 1, None, 0, -9
    while code == -9:
        for step in (2 * commit - 1, 2 * commit):
            command[2] = str(step)
            code = subprocess.run(command, capture_output=True, check=False).returncode
        after = [ask(cut, sql) for sql in RESULT] if code else before
        written += after != before
        commit += after == before
        before = after

    assert code == 0
    assert written >= 2 + 3 + 1  # two polls, three filings, their analysis
    assert [ask(cut, sql) for sql in RESULT] == [ask(whole, sql) for sql in RESULT]


def test_four_processes_together_keep_the_rate_of_the_sec(edgar, tmp_path):
    configs = [edgar.write_config(tmp_path / str(n)) for n in range(4)]
    processes = [
        subprocess.Popen(
            [MONITOR, "run", "--once", "-c", config],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for config in configs
    ]
    assert [process.wait(timeout=300) for process in processes] == [0] * 4

    times = sorted(request.at for request in edgar.server.requests)
    busiest = max(sum(first <= at < first + 1 for at in times) for first in times)
    assert len(times) >= 4 * (11 + 8)
    assert busiest <= PERMITTED_PER_S
    for config in configs:
        read = ask(config, "SELECT DISTINCT accession_no FROM documents")
        assert {number for (number,) in read} == set(edgar.of_watched())


def test_a_block_loses_nothing_and_is_waited_for_by_all(
    edgar, tmp_path, shared, monkeypatch
):
    page = (shared / "corpus" / "feeds" / "http" / "rate-exceeded.html").read_bytes()
    config = edgar.write_config(tmp_path)
    blocked, *_ = edgar.of_watched()
    filing = edgar.of_watched()[blocked]
    edgar.extra[f"/Archives/edgar/data/{filing.cik}/{blocked}.txt"] = _html(page)
    report = run_once(config)
    waiting = ask(config, "SELECT error FROM entries WHERE state = 'new'")
    asked = len(edgar.server.requests)

    assert report["postponed"] == len(waiting) > 0
    assert all("Request Rate Threshold Exceeded" in error for (error,) in waiting)
    other = edgar.write_config(tmp_path / "other")
    assert "not asked before" in run_once(other)["failed_feeds"][0][1]
    assert len(edgar.server.requests) == asked
    assert "left alone until" in monitor("doctor", "-c", config, check=False).stdout

    edgar.extra.clear()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "ten-minutes-later"))
    a_minute_later(config)
    run_once(config)
    assert set(audit(config)) == {"listed", "stored"}


def test_the_daemon_polls_each_minute_until_it_is_stopped(edgar, tmp_path):
    config = edgar.write_config(tmp_path)
    answer = edgar.server.behaviours["/cgi-bin/browse-edgar"]
    polls: list[float] = []

    def counted(handler: Handler) -> None:
        if "type=&" in handler.path and "start=0&" in handler.path:
            edgar.poll = min(len(polls), 3)
            polls.append(time.monotonic())
        answer(handler)

    edgar.server.behave("/cgi-bin/browse-edgar", counted)
    process = subprocess.Popen(
        [MONITOR, "run", "-c", config], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        while (
            len(polls) < 4 and time.monotonic() - (polls or [time.monotonic()])[0] < 400
        ):
            time.sleep(1)
        time.sleep(40)
    finally:
        process.terminate()
        output = process.communicate(timeout=30)[0]

    assert len(polls) >= 4, output.decode()
    assert process.returncode == 0
    stored = ask(config, "SELECT accession_no FROM entries")
    assert {number for (number,) in stored} == set(edgar.listed)
    assert len(stored) == len(edgar.listed)


def _html(page: bytes):
    return lambda handler: handler.answer(page, headers={"Content-Type": "text/html"})
