"""EDGAR's lists: live and of a company; what is read, waited for, and missed."""

import asyncio
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import FetchError, ParseError, UnknownNameError
from monitor.sources import company_filings, edgar, forms
from monitor.sources.http import Response
from monitor.stages import audit, current, filings
from monitor.store.filings import Filings, Stored, known
from monitor.store.store import Store
from monitor.types import Entry, ParsedFeed
from tests import builders
from tests.builders import NOW

ANSWER = Response(url="", status=200, headers={}, body=b"")


def row(number: int, role: str = "Filer", cik: int = 1) -> Entry:
    filing = builders.filing(
        accession_no=f"0000000001-26-{number:06}", role=role, cik=cik, company=f"C{cik}"
    )
    return builders.entry(f"{number}-{role}-{cik}", filing=filing)


def numbers(entries: Any) -> list[int]:
    return [int(edgar.filing_of(entry).accession_no[-6:]) for entry in entries]


class List:
    """A list of three rows a page that grows by one filing before each page."""

    def __init__(
        self, *rows: int, grows: bool = False, fails: dict[int, int] | None = None
    ):
        self.rows = list(rows)
        self.grows = grows
        self.fails = fails or {}
        self.falls_silent = False
        """After a failure nothing is answered any more."""
        self.asked: list[int] = []

    async def page(self, start: int) -> tuple[Response, ParsedFeed]:
        self.asked.append(start)
        is_over = start >= len(self.rows)
        status = self.fails.get(start, 503 if is_over else 200)
        if status != 200:
            self.fails |= {0: status} if self.falls_silent else {}
            raise FetchError("no", url="", kind="status", status=status)
        if self.grows and start:
            self.rows.insert(0, max(self.rows) + 1)
        entries = tuple(row(number) for number in self.rows[start : start + 3])
        parsed = ParsedFeed(title="", language="en", entries=entries, rows=len(entries))
        return ANSWER, parsed


def read(listed: List, *frontier: int) -> current.Reading:
    known = frozenset(f"0000000001-26-{number:06}" for number in frontier)
    return asyncio.run(current.read(listed.page, frontier=known))


def test_pages_are_read_until_a_filing_that_is_known():
    listed = List(*range(20, 0, -1))
    found = read(listed, 15, 16)

    assert numbers(found.rows) == [20, 19, 18, 17, 16, 15]
    assert listed.asked == [0, 3]
    assert (found.error, found.gap) == (None, None)
    assert sorted(int(number[-6:]) for number in found.newest) == [18, 19, 20]


def test_without_a_known_filing_the_list_is_read_to_its_end():
    listed = List(*range(8, 0, -1))
    found = read(listed)

    assert numbers(found.rows) == [8, 7, 6, 5, 4, 3, 2, 1]
    assert (found.error, found.gap) == (None, None)


def test_filings_that_push_the_pages_down_hide_none():
    listed = List(*range(20, 0, -1), grows=True)
    found = read(listed, 10)

    assert set(range(11, 21)) <= set(numbers(found.rows))
    assert len(set(numbers(found.rows))) == len(found.rows)


def test_a_list_that_ends_before_a_known_filing_has_a_gap():
    assert read(List(30, 29, 28, 27), 5).gap is not None


def test_a_reading_that_breaks_off_keeps_what_came():
    found = read(List(*range(20, 0, -1), fails={3: 500}), 1)

    assert numbers(found.rows) == [20, 19, 18]
    assert isinstance(found.error, FetchError)


def test_a_503_in_the_middle_is_an_end_that_leaves_a_gap():
    found = read(List(*range(20, 0, -1), fails={3: 503}), 1)

    assert found.error is None
    assert found.gap is not None


def test_a_503_is_no_end_if_the_page_before_is_gone_too():
    listed = List(*range(20, 0, -1), fails={3: 503})
    listed.falls_silent = True
    found = read(listed, 1)

    assert isinstance(found.error, FetchError)
    assert found.gap is None


def test_an_empty_list_forgets_nothing():
    found = read(List(fails={0: 200}), 7)

    assert found.newest == ("0000000001-26-000007",)
    assert found.gap is None


def test_a_filing_is_one_entry_under_the_party_that_is_watched():
    rows = [row(1, "Reporting", 7), row(1, "Issuer", 8), row(2, "Filed by", 9)]
    entries = edgar.merged([*rows, row(2, "Subject", 10)], watched={9})
    leads = [(it.cik, it.role) for it in map(edgar.filing_of, entries)]

    assert leads == [(8, "Issuer"), (9, "Filed by")]
    parties = [party.cik for party in edgar.filing_of(entries[1]).parties]
    assert parties == [9, 10]
    other = edgar.merged(reversed(rows[:2]), watched=())
    assert other[0].id == entries[0].id


@pytest.mark.parametrize(
    ("form", "wanted", "expected"),
    [
        ("8-K", [], True),
        ("8-K", ["8-K"], True),
        ("8-K/A", ["8-K"], True),
        ("8-K", ["8-K/A"], False),
        ("8-K12B", ["8-K"], False),
        ("4", ["424B"], False),
        ("424B5", ["424B"], True),
        ("424B2", ["424B5"], False),
        ("SCHEDULE 13D/A", ["SC 13D"], True),
        ("SC 13G", ["SCHEDULE 13G"], True),
        ("SC 13G", ["SC 13D"], False),
        ("def 14a", ["DEF 14A"], True),
        ("DEFA14A", ["DEF 14A"], False),
    ],
)
def test_forms_that_are_asked_for(form, wanted, expected):
    assert forms.is_among(form, wanted) is expected


# --- a company's own list -----------------------------------------------------------


@pytest.mark.corpus
def test_every_list_of_the_corpus_is_read(shared: Path):
    folder = shared / "corpus" / "filings" / "index-and-lists"
    lists = sorted(folder.glob("*CIK*.json"))
    counts = []
    for path in lists:
        body, url = path.read_bytes(), f"https://data.sec.gov/submissions/{path.name}"
        if "submissions-001" in path.name:
            counts.append(len(company_filings.parse_overflow(body, url=url)))
        else:
            company = company_filings.parse(body, url=url)
            counts.append(len(company.filings))
            assert len(company.filings) < 1000 or company.overflow

    assert len(lists) == 11
    assert sum(counts) == sum(
        len((data.get("filings", {}).get("recent") or data)["accessionNumber"])
        for data in (json.loads(path.read_bytes()) for path in lists)
    )


TABLE: dict[str, list[Any]] = {
    "accessionNumber": ["0000000001-26-000001"],
    "filingDate": ["2026-03-02"],
    "reportDate": [""],
    "form": ["8-K"],
    "items": ["2.02,9.01"],
    "size": [1],
}


@pytest.mark.parametrize(
    "change",
    [
        {"accessionNumber": ["../../x"]},
        {"accessionNumber": []},
        {"filingDate": ["yesterday"]},
        {"size": ["big"]},
        {"form": None},
    ],
)
def test_what_is_no_list_is_said_to_be_none(change):
    with pytest.raises(ParseError, match="not a list of filings"):
        company_filings.parse_overflow(json.dumps(TABLE | change).encode(), url="u")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"filings": 1}'])
def test_what_is_no_json_of_a_company_is_said_to_be_none(body):
    with pytest.raises(ParseError, match="not a list of filings"):
        company_filings.parse(body, url="u")


def test_an_overflow_file_cannot_lead_elsewhere():
    files = [
        {"name": "../x.json", "filingFrom": "2020-01-01", "filingTo": "2020-01-02"}
    ]
    data = {"cik": 1, "name": "A", "filings": {"recent": TABLE, "files": files}}

    with pytest.raises(ParseError):
        company_filings.parse(json.dumps(data).encode(), url="https://x/y.json")


# --- what a filing waits for --------------------------------------------------------


def test_a_filing_waits_longer_each_time_and_is_never_given_up():
    error = FetchError("404", url="", kind="status", status=404)
    waits = [filings.retry_after(error, attempts) for attempts in (0, 1, 5, 10, 1000)]

    assert waits[:3] == [timedelta(minutes=minutes) for minutes in (2, 4, 64)]
    assert waits[3:] == [timedelta(days=1)] * 2


def test_a_filing_waits_as_long_as_the_sec_rests():
    error = FetchError("", url="", kind="resting", retry_after_s=30)
    asked = FetchError("", url="", kind="refused_by_sec", retry_after_s=660)

    assert filings.retry_after(error, 9) == timedelta(seconds=30)
    assert filings.retry_after(asked, 0) == timedelta(minutes=11)


@pytest.mark.parametrize(
    ("end", "whole"),
    [
        (b"</DOCUMENT>\n</SEC-DOCUMENT>\n", True),
        (b"</SEC-DOCUMENT>\n-----END PRIVACY-ENHANCED MESSAGE-----\n", True),
        (b"</SUBMISSION>", True),
        (b"<p>and the company expec", False),
        (b"", False),
    ],
)
def test_a_submission_that_was_cut_off_shows_at_its_end(end, whole):
    assert edgar.is_whole(b"<SEC-DOCUMENT>" + end) is whole


# --- recall -------------------------------------------------------------------------

LISTED = company_filings.Listed(
    accession_no="0000000001-26-000001",
    form="8-K",
    filing_date=date(2026, 3, 2),
    period=None,
    items=(),
    size=1,
)


def stored(**values: Any) -> Stored:
    defaults: dict[str, Any] = {
        "accession_no": LISTED.accession_no,
        "state": "done",
        "attempts": 0,
        "error": None,
        "next_attempt_at": None,
        "accepted_at": NOW,
        "first_seen_at": NOW,
        "done_at": NOW + timedelta(minutes=3),
        "origin": "current",
    }
    return Stored(**defaults | values)


@pytest.mark.parametrize(
    ("known_as", "reason"),
    [
        (stored(), None),
        (None, audit.UNSEEN),
        (stored(state="skipped"), audit.SKIPPED),
        (stored(state="new"), audit.QUEUED),
        (stored(state="new", error="404", attempts=2), "waits after attempt 2: 404"),
    ],
)
def test_each_miss_has_its_reason(known_as, reason):
    assert audit.reason(LISTED, known_as, NOW) == reason


def test_what_was_filed_before_anybody_watched_says_so():
    assert audit.reason(LISTED, None, NOW + timedelta(days=1)) == audit.BEFORE


@pytest.mark.parametrize(
    ("values", "delay"),
    [
        ({}, 180),
        ({"accepted_at": NOW + timedelta(hours=9)}, 0),  # dated after it was stored
        ({"origin": "list"}, None),
        ({"state": "new", "done_at": None}, None),
        ({"accepted_at": None}, None),
        ({"accepted_at": NOW - timedelta(seconds=1)}, None),
    ],
)
def test_a_delay_is_from_acceptance_to_stored_of_what_was_seen_live(values, delay):
    assert audit.delay_s(stored(**values), NOW) == delay


# --- stored -------------------------------------------------------------------------

LIST_URL = "https://example.org/feed"


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "monitor.db") as opened:
        opened.save_watched(feeds=[builders.feed(LIST_URL)], companies=[], themes=[])
        yield opened


def listed_entry(number: int, **values: Any) -> Entry:
    entry = row(number)
    filing = replace(edgar.filing_of(entry), **values)
    return replace(entry, id=edgar.entry_id(filing.accession_no), filing=filing)


def test_a_filing_is_queued_once_whoever_lists_it(store):
    entries = [listed_entry(1), listed_entry(2, origin="list")]
    first = Filings(store).queue(entries, now=NOW)
    again = Filings(store).queue(entries[::-1], now=NOW)

    assert (first, again) == (2, 0)
    found = known(store.db.conn, [f"0000000001-26-00000{n}" for n in (1, 2, 3)])
    assert [(it.state, it.origin) for it in found.values()] == [
        ("new", "current"),
        ("new", "list"),
    ]


def test_old_filings_are_no_news():
    old = datetime(2023, 5, 1, tzinfo=UTC)
    document = builders.document(published_at=old, fetched_at=NOW)

    assert filings.dated(document, listed_entry(1, origin="list")).fetched_at == old
    assert filings.dated(document, listed_entry(1)).fetched_at == NOW


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("8-k", "8-K"),
        ("Form 10-q/a", "10-Q/A"),
        ("def  14a", "DEF 14A"),
        ("schedule 13G", "SCHEDULE 13G"),
        ("424b", "424B"),
    ],
)
def test_a_form_is_known_however_it_is_spelt(written, expected):
    assert forms.named(written) == expected


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("8K", "no form named '8K'; did you mean 8-K?"),
        ("10k/a", "did you mean 10-K/A?"),
        ("DEF14A", "did you mean DEF 14A?"),
        ("13D", "did you mean SC 13D?"),
        ("실적", "there are: 8-K, 10-K, "),
    ],
)
def test_a_mistyped_form_is_refused_with_what_was_meant(written, says):
    with pytest.raises(UnknownNameError) as caught:
        forms.named(written)

    assert says in str(caught.value)


@pytest.mark.corpus
def test_every_form_of_real_lists_is_known(shared):
    root = shared / "corpus" / "filings" / "index-and-lists"
    found = set()
    for path in root.glob("*CIK*.json"):
        text = path.read_text("utf-8")
        for names in re.findall(r'"form": ?(\[[^]]*\])', text):
            found |= set(json.loads(names))

    assert len(found) > 50
    assert {form for form in found if forms.named(form) != form} == set()
