"""SEC EDGAR: the feed of current filings, and where they lie.

Does not fetch, nor decide which filings matter. Their documents are made by filing.py.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urljoin

from monitor.errors import ParseError
from monitor.sources import feed
from monitor.sources.entry import digest
from monitor.types import Entry, Filing, ParsedFeed

# `8-K - NVIDIA CORP (0001045810) (Filer)`
_TITLE = re.compile(
    r"(?P<form>\S.{0,30}?) +- +(?P<company>.+?) \((?P<cik>\d{1,10})\)"
    r"(?: \((?P<role>[^()]+)\))?"
)
_ACCESSION = re.compile(r"\b(\d{10})-?(\d\d)-?(\d{6})\b")
_FOLDER = re.compile(r"(?P<base>.*)/data/(?P<cik>\d+)/")
_FILED = re.compile(r"Filed: *(\d{4}-\d\d-\d\d)")
_ITEM = re.compile(r"\bitem[s ]*(\d{1,2}\.\d\d)\b", re.IGNORECASE)
# EDGAR stamps its own entries: no clock of ours to hold against it.
_ANY_TIME = datetime(9000, 1, 1, tzinfo=UTC)


def parse_current(body: bytes, *, feed_url: str) -> ParsedFeed:
    """The current filings in EDGAR's Atom feed, an entry for each filing and role.

    Raises ParseError for what is no such feed: EDGAR answers with an HTML page past
    the last page, to too many requests and to undeclared clients.
    """
    parsed = feed.parse(body, feed_url=feed_url, now=_ANY_TIME)
    entries = tuple(
        _with_filing(entry, filing)
        for entry in parsed.entries
        if (filing := _filing(entry))
    )
    if parsed.entries and not entries:
        raise ParseError(
            f"{feed_url}: a feed, but not of EDGAR's current filings", url=feed_url
        )
    return replace(parsed, language="en", entries=entries)


def submission_url(entry: Entry) -> str:
    """Where the full submission text of an entry's filing is, on the entry's server."""
    filing = filing_of(entry)
    base = _FOLDER.match(entry.url)
    root = base["base"] if base else urljoin(entry.url, "/Archives/edgar")
    return f"{root}/data/{filing.cik}/{filing.accession_no}.txt"


def _filing(entry: Entry) -> Filing | None:
    title = _TITLE.fullmatch(entry.title)
    number = _ACCESSION.search(f"{entry.guid} {entry.url} {entry.summary}")
    if not title or not number:
        return None
    filed = _FILED.search(entry.summary)
    return Filing(
        accession_no="-".join(number.groups()),
        form=title["form"],
        cik=int(title["cik"]),
        company=title["company"],
        role=title["role"] or "",
        items=tuple(dict.fromkeys(_ITEM.findall(entry.summary))),
        filing_date=filed[1] if filed else None,
    )


def _with_filing(entry: Entry, filing: Filing) -> Entry:
    # By the filing and its role alone: which others share the page is chance.
    names = (filing.accession_no, str(filing.cik), filing.role)
    return replace(
        entry,
        id=digest(entry.feed_url, *names),
        published_at=entry.published_at or entry.updated_at,
        language="en",
        filing=filing,
    )


def filing_of(entry: Entry) -> Filing:
    """The filing that an entry announces."""
    if entry.filing is None:
        raise ValueError(f"{entry.url} is no filing")
    return entry.filing
