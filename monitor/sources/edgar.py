"""SEC EDGAR: the feed of current filings, and filings to documents.

The main document and the press releases (exhibits 99) of a filing become documents.
Does not fetch, nor decide which filings matter. Submission files are read by
submission.py.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urljoin

from monitor.errors import ParseError
from monitor.sources import charset, document, feed, plaintext, submission
from monitor.sources.entry import digest
from monitor.sources.submission import Part, Submission
from monitor.types import Document, Entry, Filing, ParsedFeed

# `8-K - NVIDIA CORP (0001045810) (Filer)`
_TITLE = re.compile(
    r"(?P<form>\S.{0,30}?) +- +(?P<company>.+?) \((?P<cik>\d{1,10})\)"
    r"(?: \((?P<role>[^()]+)\))?"
)
_ACCESSION = re.compile(r"\b(\d{10})-?(\d\d)-?(\d{6})\b")
_FOLDER = re.compile(r"(?P<base>.*)/data/(?P<cik>\d+)/")
_FILED = re.compile(r"Filed: *(\d{4}-\d\d-\d\d)")
_ITEM = re.compile(r"\bitem[s ]*(\d{1,2}\.\d\d)\b", re.IGNORECASE)
_EXHIBIT = re.compile(r"EX-(99\S*)")
# EDGAR stamps its own entries: no clock of ours to hold against it.
_ANY_TIME = datetime(9000, 1, 1, tzinfo=UTC)

ITEM_CODES = {
    "entry into a material definitive agreement": "1.01",
    "termination of a material definitive agreement": "1.02",
    "bankruptcy or receivership": "1.03",
    "mine safety": "1.04",
    "material cybersecurity incidents": "1.05",
    "completion of acquisition or disposition of assets": "2.01",
    "results of operations and financial condition": "2.02",
    "creation of a direct financial obligation": "2.03",
    "triggering events that accelerate": "2.04",
    "cost associated with exit or disposal": "2.05",
    "costs associated with exit or disposal": "2.05",
    "material impairments": "2.06",
    "notice of delisting": "3.01",
    "unregistered sales of equity": "3.02",
    "unregistered sale of equity": "3.02",
    "material modifications to rights": "3.03",
    "material modification to rights": "3.03",
    "changes in registrant": "4.01",
    "non-reliance on previously issued": "4.02",
    "changes in control": "5.01",
    "departure of directors": "5.02",
    "amendments to articles": "5.03",
    "temporary suspension of trading under": "5.04",
    "amendments to the registrant's code": "5.05",
    "amendment to registrant's code": "5.05",
    "change in shell company": "5.06",
    "submission of matters to a vote": "5.07",
    "shareholder director nominations": "5.08",
    "shareholder nominations": "5.08",
    "regulation fd": "7.01",
    "other events": "8.01",
    "financial statements and exhibits": "9.01",
}
"""How the header's item names start, in lower case (Form 8-K since August 2004)."""


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
    filing = _filing_of(entry)
    base = _FOLDER.match(entry.url)
    root = base["base"] if base else urljoin(entry.url, "/Archives/edgar")
    return f"{root}/data/{filing.cik}/{filing.accession_no}.txt"


def parse_submission(
    body: bytes, *, entry: Entry, fetched_at: datetime, source: str, tier: int
) -> tuple[Document, ...]:
    """The filing's main document and its exhibits 99, the former first.

    Raises ParseError if `body` is no submission, or that of another filing.
    """
    filing = _filing_of(entry)
    found = submission.read(charset.decode(body))
    if not found.parts:
        raise ParseError(f"{entry.url}: not a full submission text", url=entry.url)
    if found.accession_no not in (None, filing.accession_no):
        message = f"{entry.url}: holds {found.accession_no}, not {filing.accession_no}"
        raise ParseError(message, url=entry.url)
    items = _items(found, filing)
    documents = tuple(
        Document(
            id=document.document_id(text),
            kind="exhibit" if exhibit else "filing",
            url=_part_url(entry, filing, part),
            title=title,
            text=text,
            language="en",
            published_at=_published(entry, found, fetched_at),
            fetched_at=fetched_at,
            source=source,
            tier=tier,
            accession_no=filing.accession_no,
            form=filing.form,
            exhibit=exhibit,
            items=items,
            cik=filing.cik,
        )
        for part, exhibit, title, text in _texts(found, filing)
    )
    if not documents:
        raise ParseError(f"{entry.url}: holds no readable text", url=entry.url)
    return documents


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


def _filing_of(entry: Entry) -> Filing:
    if entry.filing is None:
        raise ValueError(f"{entry.url} is no filing")
    return entry.filing


def _texts(
    found: Submission, filing: Filing
) -> Iterator[tuple[Part, str | None, str, str]]:
    """Part, exhibit number, title and text of what is worth reading."""
    for number, part in enumerate(found.parts):
        exhibit = _EXHIBIT.match(part.type)
        if (number and not exhibit) or not part.is_readable:
            continue
        body = part.text
        if body:
            title = _title(found, filing, exhibit and exhibit[0], body)
            text = document.with_title(title, body)
            yield part, exhibit[1] if exhibit else None, title, text


def _title(found: Submission, filing: Filing, exhibit: str | None, body: str) -> str:
    company = f"{filing.form}: {filing.company}"
    if exhibit:
        title = f"{company} ({exhibit}) {headline(body)}"
    elif found.item_names:
        title = f"{company}: {'; '.join(found.item_names)}"
    else:
        title = company
    return plaintext.shortened(plaintext.line(title), 300)


_NO_HEADLINE = re.compile(
    r"exhibit\b|ex-99|for (?:immediate|use|further)|(?:news|press) release|"
    r"(?:media|investor|press)s? (?:contact|relations|inquir)|contacts?\b|\W*$|"
    r"page \d|www\.|https?:|.*@",
    re.IGNORECASE,
)


def headline(body: str) -> str:
    """The first line of a press release that says something, empty if none does."""
    for line in body.splitlines()[:30]:
        if not _NO_HEADLINE.match(line) and 5 <= len(line.split()) <= 40:  # noqa: PLR2004 - words of a headline
            return line
    return ""


def _items(found: Submission, filing: Filing) -> tuple[str, ...]:
    """Item codes: of the header, else of the feed, else found in an 8-K's text."""
    named = [_item_code(name) for name in found.item_names]
    if any(named):
        return tuple(dict.fromkeys(code for code in named if code))
    if filing.items or not filing.form.startswith("8-K"):
        return filing.items
    return tuple(dict.fromkeys(_ITEM.findall(found.parts[0].text)))


def _item_code(name: str) -> str | None:
    if re.fullmatch(r"\d{1,2}\.\d\d", name):
        return name
    name = name.lower()
    return next(
        (code for key, code in ITEM_CODES.items() if name.startswith(key)), None
    )


def _part_url(entry: Entry, filing: Filing, part: Part) -> str:
    base = _FOLDER.match(entry.url)
    if not base or not part.filename:
        return entry.url
    folder = filing.accession_no.replace("-", "")
    return f"{base['base']}/data/{filing.cik}/{folder}/{part.filename}"


def _published(entry: Entry, found: Submission, fetched_at: datetime) -> datetime:
    accepted = found.accepted_at and found.accepted_at.astimezone(UTC)
    return entry.published_at or accepted or fetched_at
