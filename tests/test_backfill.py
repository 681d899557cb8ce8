"""`monitor backfill`: old filings out of a company's list, once, as no news.

And what a filing goes through whose submission is cut off or not there.
"""

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.types import Feed
from tests.servers import FeedServer, hang
from tests.test_pipeline import ATOM, FILED, NOW, SHIPPED, SUBMISSION, World

MONITOR = Path(sys.executable).with_name("monitor")
CIK = 1674101
HEADER = "<SEC-HEADER>\n<ACCEPTANCE-DATETIME>20240506163000"
ROWS = {
    "0000000000-24-000001": ("2024-05-06", "8-K"),
    "0000000000-24-000002": ("2024-05-07", "4"),
    "0000000000-24-000003": ("2024-05-08", "8-K/A"),
}
OLDER = {
    "0000000000-21-000004": ("2021-01-04", "8-K"),
    "0000000000-19-000005": ("2019-01-04", "8-K"),
}


def table(rows: dict[str, tuple[str, str]]) -> dict[str, list[Any]]:
    return {
        "accessionNumber": list(rows),
        "filingDate": [filed for filed, _ in rows.values()],
        "reportDate": ["" for _ in rows],
        "form": [form for _, form in rows.values()],
        "items": ["1.01" for _ in rows],
        "size": [2_000_000 for _ in rows],
    }


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        name = f"CIK{CIK:010d}"
        overflow = f"{name}-submissions-001.json"
        files = [
            {"name": overflow, "filingFrom": "2019-01-04", "filingTo": "2021-01-04"}
        ]
        data = {
            "cik": str(CIK),
            "name": "Vertiv Holdings Co",
            "filings": {"recent": table(ROWS), "files": files},
        }
        server.serve(f"/submissions/{name}.json", json.dumps(data).encode())
        server.serve(f"/submissions/{overflow}", json.dumps(table(OLDER)).encode())
        for number in ROWS | OLDER:
            server.serve(path_of(number), submission(number))
        yield server


def path_of(number: str) -> str:
    return f"/Archives/edgar/data/{CIK}/{number}.txt"


def submission(number: str) -> bytes:
    text = SUBMISSION.replace("0000000000-26-000001", number)
    text = text.replace("<SEC-HEADER>", HEADER, 1)
    return text.replace("Vertiv signed", f"Vertiv ({number}) signed").encode()


@pytest.fixture
def config(tmp_path: Path, server: FeedServer) -> Path:
    path = tmp_path / "feeds.yaml"
    path.write_text(
        "contact: tests@example.org\nentities: false\n"
        f"feeds:\n  - {{url: '{server.url('/current')}', title: EDGAR, kind: edgar, "
        "allow_private: true, forms: [8-K]}\n"
        f"companies:\n  - {{id: vertiv, name: Vertiv, ticker: VRT, cik: {CIK}, "
        "aliases: {ko: [버티브]}}\n"
    )
    return path


def monitor(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [MONITOR, *map(str, words)], capture_output=True, text=True, check=False
    )


def backfill(config: Path, *words: str) -> dict[str, Any]:
    words = ("--since", "2020-01-01", "--json", *words)
    result = monitor("backfill", "--company", "VRT", "-c", config, *words)
    assert result.returncode == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def submissions_asked(server: FeedServer) -> list[str]:
    return [path[-24:-4] for path in server.paths() if path.endswith(".txt")]


def test_a_backfill_reads_what_is_listed_once_and_as_no_news(server, config):
    first = backfill(config)
    second = backfill(config)

    wanted = ["0000000000-21-000004", "0000000000-24-000001", "0000000000-24-000003"]
    assert sorted(submissions_asked(server)) == wanted
    assert (first["listed"], first["read"], first["stored"]) == (3, 3, 3)
    assert (second["listed"], second["read"], second["stored"]) == (3, 0, 3)
    with closing(sqlite3.connect(config.with_name("monitor.db"))) as connection:
        rows = connection.execute(
            "SELECT DISTINCT published_at, fetched_at FROM documents"
        ).fetchall()
        mentions = connection.execute("SELECT count(*) FROM mentions").fetchone()
    assert rows == [("2024-05-06T20:30:00Z", "2024-05-06T20:30:00Z")]
    assert mentions > (0,)


def test_a_backfill_takes_its_forms_and_names_from_the_command(server, config):
    found = backfill(config, "--forms", "4, 8-k", "--dry-run")

    assert (found["listed"], found["read"]) == (4, 0)
    assert submissions_asked(server) == []
    for name in ("vertiv", "버티브"):
        words = ("--company", name, "--dry-run", "-c", config)
        told = monitor("backfill", *words, "--since", "2024-05-08").stderr
        assert "1 filings since 2024-05-08 (8-K)" in told
        assert "1 to read (2 MB" in told


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--company", "NVDA"), "no watched company named 'NVDA'; there are: VRT"),
        (("--company", "VTR"), "no watched company named 'VTR'; did you mean VRT?"),
        (("--company", "버티부"), "did you mean 버티브?"),
        (("--company", "VRT", "--forms", "4,8K"), "'8K'; did you mean 8-K?"),
    ],
)
def test_a_mistyped_argument_is_answered_with_what_was_meant(config, words, says):
    result = monitor("backfill", *words, "-c", config)

    assert result.returncode == 1
    assert result.stderr.startswith("error: ")
    assert says in result.stderr


def test_a_backfill_that_is_killed_goes_on_where_it_was(server, config):
    server.behave(path_of("0000000000-24-000003"), hang(60))
    words = ["backfill", "--company", "VRT", "--since", "2020-01-01", "-c", config]
    process = subprocess.Popen(
        [MONITOR, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while len(stored(config)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.kill()
    process.wait()
    number = "0000000000-24-000003"
    server.serve(path_of(number), submission(number))
    asked = len(submissions_asked(server))
    found = backfill(config)

    assert submissions_asked(server)[asked:] == [number]
    assert (found["listed"], found["stored"]) == (3, 3)


def stored(config: Path) -> list[tuple[str]]:
    try:
        with closing(sqlite3.connect(config.with_name("monitor.db"))) as connection:
            return connection.execute(
                "SELECT id FROM entries WHERE state = 'done'"
            ).fetchall()
    except sqlite3.OperationalError:  # not migrated yet
        return []


@pytest.mark.parametrize(
    "words",
    [("run", "--once"), ("run",), ("edgar", "audit"), ("backfill", "--company", "VRT")],
)
def test_without_a_contact_the_sec_is_not_asked_and_the_reason_is_said(
    server, config, words
):
    config.write_text(config.read_text().replace("contact: tests@example.org\n", ""))
    result = monitor(*words, "-c", config)

    assert result.returncode == 1
    assert "contact: is not set" in result.stderr
    assert "e-mail" in result.stderr
    assert server.requests == []


# --- a submission that is cut off ---------------------------------------------------


@pytest.fixture
def world(tmp_path: Path, server: FeedServer) -> World:
    feed = Feed(
        url=server.url("/current"), title="EDGAR", kind="edgar", allow_private=True
    )
    entry = FILED.format(company="Vertiv", cik=CIK, n=1, base=server.url(""))
    server.serve("/current", ATOM.format(entries=entry).encode("latin-1"))
    return World(
        replace(
            SHIPPED,
            database=tmp_path / "monitor.db",
            contact="tests@example.org",
            feeds=(feed,),
            companies=tuple(it for it in SHIPPED.companies if it.id == "vertiv"),
            alerts=(),
            digests=(),
            entities=False,
        )
    )


LISTED = "0000000000-26-000001"


def test_a_submission_that_is_cut_off_is_fetched_again(server, world):
    whole = SUBMISSION.encode()
    server.serve(path_of(LISTED), whole[: len(whole) // 2])
    early = world.run()
    ((error, attempts),) = world.ask("SELECT error, attempts FROM entries")
    server.serve(path_of(LISTED), whole)
    later = world.run(NOW + timedelta(hours=1))

    assert (early.postponed, early.documents, attempts) == (1, 0, 1)
    assert "ends in its middle" in str(error)
    assert (later.postponed, later.documents > 0) == (0, True)
    assert world.ask("SELECT state, error FROM entries") == [("done", None)]


def test_a_submission_that_stays_cut_off_is_read_as_far_as_it_goes(server, world):
    whole = SUBMISSION.encode()
    server.serve(path_of(LISTED), whole[: whole.index(b"EX-99.1") - 40])
    reports = [world.run(NOW + timedelta(hours=6 * n)) for n in range(5)]

    assert [report.postponed for report in reports] == [1, 1, 1, 0, 0]
    assert world.ask("SELECT accession_no FROM documents") == [(LISTED,)]
    ((state, note),) = world.ask("SELECT state, error FROM entries")
    assert (state, "ends in its middle" in str(note)) == ("done", True)


def test_a_page_instead_of_a_submission_keeps_the_filing_queued(server, world):
    server.serve(path_of(LISTED), b"<html><title>Maintenance</title></html>")
    for n in range(4):
        world.run(NOW + timedelta(days=n))

    ((state, attempts),) = world.ask("SELECT state, attempts FROM entries")
    assert (state, attempts) == ("new", 4)
    assert world.ask("SELECT count(*) FROM documents") == [(0,)]


def test_a_filing_that_was_missed_is_found_by_the_daily_audit(server, world):
    world.run()
    audited = world.run(NOW + timedelta(days=1))
    world.run(NOW + timedelta(days=1, minutes=5))

    assert audited.warnings == []  # nothing of it was filed since
    rows = world.ask("SELECT day, listed, stored FROM edgar_recalls")
    assert rows == [("2026-03-03", 0, 0)]
    missed = dict(ROWS) | {"0000000000-26-000009": ("2026-03-03", "8-K")}
    data = {
        "cik": str(CIK),
        "name": "Vertiv Holdings Co",
        "filings": {"recent": table(missed)},
    }
    server.serve(f"/submissions/CIK{CIK:010d}.json", json.dumps(data).encode())
    number = "0000000000-26-000009"
    server.serve(path_of(number), submission(number))
    found = world.run(NOW + timedelta(days=2))
    world.run(NOW + timedelta(days=2, minutes=1))

    assert "1 filings were missed and are queued" in found.warnings[0]
    rows = world.ask("SELECT day, listed, stored FROM edgar_recalls ORDER BY day")
    assert rows[-1] == ("2026-03-04", 1, 0)
    states = world.ask("SELECT state, origin FROM entries WHERE accession_no LIKE '%9'")
    assert states == [("done", "list")]
