"""`monitor doctor`: what is ill is named, and the command fails."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.doctor import analysis_check, sqlite_check
from monitor.sources.sec import Standing, Verdict
from monitor.store.connection import open_reader
from monitor.store.entries import Entries, Feeds
from monitor.store.filings import Filings
from monitor.store.store import Store
from monitor.types import FeedState, Recall
from tests import builders

MONITOR = Path(sys.executable).with_name("monitor")
URL = "https://www.sec.gov/cgi-bin/browse-edgar?action=getcurrent&output=atom"
CONFIG = f"""
contact: me@example.org
feeds: [{{url: '{URL}', title: EDGAR, kind: edgar}}]
companies: [{{id: nvidia, name: Nvidia, cik: 1045810}}]
"""
NOW = datetime.now(UTC)


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "feeds.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "monitor.db") as opened:
        opened.save_watched(feeds=[builders.feed(URL)], companies=[], themes=[])
        yield opened


def doctor(config: Path) -> tuple[int, dict[str, tuple[bool, str]]]:
    result = subprocess.run(
        [MONITOR, "doctor", "--json", "-c", config],
        capture_output=True,
        text=True,
        check=False,
    )
    checks: list[dict[str, Any]] = json.loads(result.stdout)
    return result.returncode, {it["what"]: (it["ok"], it["found"]) for it in checks}


@pytest.mark.usefixtures("store")
def test_a_monitor_that_is_well_says_so(config):
    code, checks = doctor(config)

    assert code == 0
    assert checks["sec"] == (True, "asked as me@example.org")
    assert checks["feeds"] == (True, "1 of 1 answer")
    assert checks["edgar"][1] == "no audit yet: `monitor edgar audit`"


def test_what_is_ill_is_named_with_its_reason(config, store):
    entry = builders.entry(feed_url=URL, filing=builders.filing())
    state = FeedState(feed_url=URL, last_error="503 Service Unavailable", failures=1)
    Feeds(store).save_poll(state, entries=[entry], outcome="status", now=NOW)
    Entries(store).postpone(entry, "404 Not Found", until=NOW)
    recall = Recall(
        company="nvidia",
        cik=1045810,
        since=NOW.date(),
        listed=1000,
        stored=999,
        median_delay_s=60,
        worst_delay_s=5400,
    )
    Filings(store).save_recalls([recall], day=NOW.date())
    verdict = Verdict(reason="429 Too Many Requests", wait=timedelta(minutes=10))
    Standing().refused(verdict, now=datetime.now(UTC), asked=None)
    code, checks = doctor(config)

    assert code == 1
    assert not any(
        well
        for what, (well, _) in checks.items()
        if what in {"sec", "feeds", "feed", "filing", "edgar"}
    )
    assert "429 Too Many Requests" in checks["sec"][1]
    assert checks["feed"][1] == "Example News 503 Service Unavailable"
    assert checks["filing"][1] == (
        "8-K 0001045810-26-000001 NVIDIA CORP: waits after attempt 1: 404 Not Found"
    )
    assert "recall 99.9 %, 999 of 1000 filings" in checks["edgar"][1]
    assert "worst delay 1.5 h" in checks["edgar"][1]


@pytest.mark.parametrize(("minutes", "well"), [(0, True), (59, True), (61, False)])
def test_documents_that_wait_for_long_are_ill(store, minutes, well):
    entry = builders.entry(feed_url=URL)
    state = FeedState(feed_url=URL)
    at = NOW - timedelta(minutes=minutes)
    Feeds(store).save_poll(state, entries=[entry], outcome="ok", now=at)
    if minutes:
        Entries(store).save_documents(entry, [builders.document("New.", fetched_at=at)])
    found = analysis_check(open_reader(store.path), now=NOW)

    assert found[:2] == (well, "analysis")
    assert ("1 wait since" in found[2]) is bool(minutes)


def test_without_a_database_or_a_contact_it_says_what_to_do(config):
    config.write_text(CONFIG.replace("contact: me@example.org", ""))
    code, checks = doctor(config)

    assert code == 1
    assert "monitor run" in checks["database"][1]
    assert "contact:" in checks["sec"][1]


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 52, 0), False),
    ],
)
def test_an_affected_sqlite_is_named(version, affected):
    assert ("no other program" in sqlite_check(version)[2]) is affected
