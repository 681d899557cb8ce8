"""SEC EDGAR: pages of the list of current filings, and where filings lie.

The list has a row for each filing and role: issuer, filer and reporting owner of one
filing are rows with the same accession number. Does not fetch, nor decide which filings
matter. Their documents are made by filing.py.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from monitor.errors import ParseError
from monitor.sources import feed
from monitor.sources.entry import digest
from monitor.types import Entry, Filing, ParsedFeed, Party

# `8-K - NVIDIA CORP (0001045810) (Filer)`
_TITLE = re.compile(
    r"(?P<form>\S.{0,30}?) +- +(?P<company>.+?) \((?P<cik>\d{1,10})\)"
    r"(?: \((?P<role>[^()]+)\))?"
)
_ACCESSION = re.compile(r"\b(\d{10})-?(\d\d)-?(\d{6})\b")
_FOLDER = re.compile(r"(?P<base>.*)/data/(?P<cik>\d+)/")
_FILED = re.compile(r"Filed: *(\d{4}-\d\d-\d\d)")
_ITEM = re.compile(r"\bitem[s ]*(\d{1,2}\.\d\d)\b", re.IGNORECASE)
_ROW = re.compile(rb"<entry\b")
# A file that ends otherwise was cut off on its way.
_END = re.compile(
    rb"(?:</SEC-DOCUMENT>|</SUBMISSION>|-----END PRIVACY-ENHANCED MESSAGE-----)\s*\Z"
)
# EDGAR stamps its own entries: no clock of ours to hold against it.
_ANY_TIME = datetime(9000, 1, 1, tzinfo=UTC)
# Whom a filing is about goes before who wrote it.
_ROLES = ("Issuer", "Subject", "Filer", "Reporting", "Filed by")


def parse_current(body: bytes, *, feed_url: str) -> ParsedFeed:
    """A page of EDGAR's Atom feed of current filings, an entry for each row.

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
    rows = len(_ROW.findall(body))
    return replace(parsed, language="en", entries=entries, rows=rows)


def merged(rows: Iterable[Entry], *, watched: Collection[int]) -> tuple[Entry, ...]:
    """One entry for each filing, with all its parties, in the order of the list.

    It stands under the party that is watched, or else whom the filing is about. Its id
    is the filing's own: the same from every feed and page.
    """
    filings: dict[str, list[Entry]] = {}
    for row in rows:
        filings.setdefault(filing_of(row).accession_no, []).append(row)
    return tuple(_merged(of, watched) for of in filings.values())


def _merged(rows: list[Entry], watched: Collection[int]) -> Entry:
    def rank(row: Entry) -> tuple[bool, int]:
        filing = filing_of(row)
        role = filing.role
        place = _ROLES.index(role) if role in _ROLES else len(_ROLES)
        return filing.cik not in watched, place

    lead = min(rows, key=rank)
    filing = filing_of(lead)
    parties = (
        Party(cik=of.cik, name=of.company, role=of.role) for of in map(filing_of, rows)
    )
    return replace(
        lead,
        id=entry_id(filing.accession_no),
        filing=replace(filing, parties=tuple(dict.fromkeys(parties))),
    )


def entry_id(accession_no: str) -> str:
    """The id of a filing's entry, wherever the filing was listed."""
    return digest("edgar", accession_no)


def page_url(feed_url: str, *, start: int) -> str:
    """The page of the list that begins with row `start`; `feed_url` itself for 0."""
    if start == 0:
        return feed_url
    parts = urlsplit(feed_url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    others = [pair for pair in query if pair[0] != "start"]
    return parts._replace(query=urlencode([*others, ("start", str(start))])).geturl()


def submission_url(entry: Entry) -> str:
    """Where the full submission text of an entry's filing is, on the entry's server."""
    filing = filing_of(entry)
    base = _FOLDER.match(entry.url)
    root = base["base"] if base else urljoin(entry.url, "/Archives/edgar")
    return f"{root}/data/{filing.cik}/{filing.accession_no}.txt"


def is_whole(body: bytes) -> bool:
    """Whether a full submission text came to its end."""
    return _END.search(body[-200:]) is not None


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
