"""A filing's full submission to documents: main document and exhibits 99.

Does not fetch. Submission files are read by submission.py, the list of current filings
by edgar.py.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from monitor.errors import ParseError
from monitor.sources import charset, document, plaintext, submission
from monitor.sources.edgar import filing_of
from monitor.sources.entry import digest
from monitor.sources.submission import Part, Submission
from monitor.types import Document, Entry, Filing

_ITEM = re.compile(r"\bitem[s ]*(\d{1,2}\.\d\d)\b", re.IGNORECASE)
_FOLDER = re.compile(r"(?P<base>.*)/data/(?P<cik>\d+)/")
_EXHIBIT = re.compile(r"EX-(99\S*)")

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


def parse_submission(
    body: bytes, *, entry: Entry, fetched_at: datetime, source: str, tier: int
) -> tuple[Document, ...]:
    """The filing's main document and its exhibits 99, the former first.

    Raises ParseError if `body` is no submission, or that of another filing.
    """
    filing = filing_of(entry)
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


def parse_file(body: bytes, *, path: str, fetched_at: datetime) -> tuple[Document, ...]:
    """The documents of a submission as its own header announces it.

    Raises ParseError if `body` is no submission.
    """
    announced = announced_by(submission.read(charset.decode(body)), path=path)
    return parse_submission(
        body, entry=announced, fetched_at=fetched_at, source=path, tier=1
    )


def announced_by(found: Submission, *, path: str) -> Entry:
    """The entry that a list of filings would have for a submission."""
    number, cik = found.accession_no or "", found.cik or 0
    folder = f"https://www.sec.gov/Archives/edgar/data/{cik}/{number.replace('-', '')}"
    return Entry(
        id=digest(path),
        feed_url=path,
        guid=number or path,
        url=f"{folder}/{number}-index.htm" if number and cik else path,
        title=f"{found.form} - {found.company}",
        summary="",
        filing=Filing(
            accession_no=number,
            form=found.form or "",
            cik=cik,
            company=found.company or "",
            filing_date=found.filing_date,
            period=found.period,
        ),
    )
