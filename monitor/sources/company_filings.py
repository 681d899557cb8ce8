"""A company's own list of all its filings: EDGAR's submissions JSON and its overflow.

The list holds about the last thousand filings; older ones are in files that it names.
It lags behind the live list, and is the ground truth of what there is. Its acceptance
times are not used: they say UTC, and for many filings are New York's.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urljoin

from monitor.errors import ParseError
from monitor.sources.edgar import entry_id
from monitor.types import Entry, Feed, Filing, Party

MAX_BYTES = 64 * 1024 * 1024

_DATA = "https://data.sec.gov/submissions/"
_ARCHIVES = "https://www.sec.gov/Archives/edgar/"
_SEC = re.compile(r"https?://(?:[\w-]+\.)*sec\.gov(?::\d+)?/", re.IGNORECASE)
_NUMBER = re.compile(r"\d{10}-\d\d-\d{6}")
_NAME = re.compile(r"CIK\d{10}-submissions-\d+\.json")
_COLUMNS = ("accessionNumber", "filingDate", "reportDate", "form", "items", "size")
_ACCEPTED_SINCE = date(2003, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A row of the list."""

    accession_no: str
    form: str
    filing_date: date
    period: str | None
    items: tuple[str, ...]
    size: int
    """Bytes of the full submission."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overflow:
    """A file with older filings."""

    url: str
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyFilings:
    """What EDGAR lists of a company; older filings are in `overflow`."""

    cik: int
    name: str
    filings: tuple[Listed, ...]
    overflow: tuple[Overflow, ...]


def url_of(cik: int, *, feed_url: str) -> str:
    """Where a company's list is: at the SEC, or on the feed's own server (a mirror)."""
    base = _DATA if _SEC.match(feed_url) else urljoin(feed_url, "/submissions/")
    return f"{base}CIK{cik:010d}.json"


def parse(body: bytes, *, url: str) -> CompanyFilings:
    """The list of a company. Raises ParseError for anything else."""
    data = _json(body, url)
    try:
        files = data["filings"].get("files") or ()
        return CompanyFilings(
            cik=int(data["cik"]),
            name=str(data["name"]),
            filings=tuple(_rows(data["filings"]["recent"])),
            overflow=tuple(_overflow(file, url) for file in files),
        )
    except _MISFITS as error:
        raise _not_a_list(url, error) from error


def parse_overflow(body: bytes, *, url: str) -> tuple[Listed, ...]:
    """The rows of an overflow file. Raises ParseError for anything else."""
    try:
        return tuple(_rows(_json(body, url)))
    except _MISFITS as error:
        raise _not_a_list(url, error) from error


def entry(listed: Listed, company: CompanyFilings, *, feed: Feed) -> Entry:
    """The entry under which a listed filing is read, as if the live list had it.

    Published when its submission says; filings before 2003 do not say, and are dated
    by their filing date.
    """
    number = listed.accession_no
    base = _ARCHIVES if _SEC.match(feed.url) else urljoin(feed.url, "/Archives/edgar/")
    folder = f"{base}data/{company.cik}/{number.replace('-', '')}"
    filed = datetime(*listed.filing_date.timetuple()[:3], tzinfo=UTC)
    return Entry(
        id=entry_id(number),
        feed_url=feed.url,
        guid=number,
        url=f"{folder}/{number}-index.htm",
        title=f"{listed.form} - {company.name} ({company.cik:010d})",
        summary=f"Filed: {listed.filing_date} AccNo: {number}",
        published_at=filed if listed.filing_date < _ACCEPTED_SINCE else None,
        language="en",
        filing=Filing(
            accession_no=number,
            form=listed.form,
            cik=company.cik,
            company=company.name,
            parties=(Party(cik=company.cik, name=company.name),),
            origin="list",
            items=listed.items,
            filing_date=listed.filing_date.isoformat(),
            period=listed.period,
        ),
    )


_MISFITS = (KeyError, TypeError, ValueError, AttributeError)


def _json(body: bytes, url: str) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise _not_a_list(url, error) from error


def _not_a_list(url: str, error: Exception) -> ParseError:
    message = f"{url}: not a list of filings ({type(error).__name__}: {error})"
    return ParseError(message[:300], url=url)


def _rows(columns: dict[str, list[Any]]) -> Iterator[Listed]:
    """Rows of a table that is given column by column."""
    picked = (columns[name] for name in _COLUMNS)
    for number, filed, period, form, items, size in zip(*picked, strict=True):
        if not _NUMBER.fullmatch(number):
            raise ValueError(f"{number!r} is no accession number")
        yield Listed(
            accession_no=number,
            form=str(form),
            filing_date=date.fromisoformat(filed),
            period=period or None,
            items=tuple(filter(None, str(items).split(","))),
            size=int(size),
        )


def _overflow(file: dict[str, Any], url: str) -> Overflow:
    if not _NAME.fullmatch(file["name"]):
        raise ValueError(f"{file['name']!r} is no file of a list")
    return Overflow(
        url=urljoin(url, file["name"]),
        first=date.fromisoformat(file["filingFrom"]),
        last=date.fromisoformat(file["filingTo"]),
    )
