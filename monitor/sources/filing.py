"""A filing's full submission to documents: items, sections that matter, exhibits 99.

Does not fetch. Submission files are read by submission.py, cut by sections.py; the
list of current filings is read by edgar.py.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import quote

from monitor.errors import ParseError
from monitor.sources import (
    charset,
    document,
    not_filings,
    plaintext,
    sections,
    submission,
)
from monitor.sources.edgar import filing_of
from monitor.sources.entry import digest
from monitor.sources.item_titles import code_8k
from monitor.sources.sections import Section
from monitor.sources.submission import Page, Part, Submission
from monitor.types import Document, Entry, Filing

MAX_NAME = 120
"""Characters of an item's name in a title."""

_FOLDER = re.compile(r"(?P<base>.*)/data/(?P<cik>\d+)/")
_EXHIBIT = re.compile(r"EX-(99\S*)")
_NUMBER = re.compile(r"items?\W{1,4}[\d.]{1,5}[ABC]?", re.IGNORECASE)
_ANCHOR_REACH = 300
"""Characters before a heading at which its anchor may be: a page's head is between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """What becomes a document."""

    part: Part
    title: str
    text: str
    items: tuple[str, ...]
    item: str | None = None
    exhibit: str | None = None
    fragment: str = ""
    confidence: float = 1.0


def parse_submission(
    body: bytes, *, entry: Entry, fetched_at: datetime, source: str, tier: int
) -> tuple[Document, ...]:
    """The documents of a filing, those of its main text first.

    One for each item of an 8-K, for each section of a report that matters, for each
    exhibit 99; the whole main text where it has no items or the cut is not certain.
    Raises ParseError if `body` is no submission, or that of another filing.
    """
    found = submission.read(charset.decode(body))
    if not found.parts:
        raise ParseError(f"{entry.url}: not a full submission text", url=entry.url)
    return _parse(found, entry=entry, fetched_at=fetched_at, source=source, tier=tier)


def _parse(
    found: Submission, *, entry: Entry, fetched_at: datetime, source: str, tier: int
) -> tuple[Document, ...]:
    filing = filing_of(entry)
    if found.accession_no not in (None, filing.accession_no):
        message = f"{entry.url}: holds {found.accession_no}, not {filing.accession_no}"
        raise ParseError(message, url=entry.url)
    accepted_at = found.accepted_at and found.accepted_at.astimezone(UTC)
    documents = tuple(
        Document(
            # Not of the text alone: each filing of the same words is one of its own.
            id=digest(filing.accession_no, document.document_id(piece.text)),
            kind="exhibit" if piece.exhibit else "filing",
            url=_part_url(entry, filing, piece.part) + piece.fragment,
            title=piece.title,
            text=piece.text,
            language="en",
            published_at=entry.published_at or accepted_at or fetched_at,
            fetched_at=fetched_at,
            source=source,
            tier=tier,
            accession_no=filing.accession_no,
            form=filing.form,
            exhibit=piece.exhibit,
            item=piece.item,
            items=piece.items,
            cik=filing.cik,
            period=found.period or filing.period,
            filing_date=found.filing_date or filing.filing_date,
            accepted_at=accepted_at,
            confidence=piece.confidence,
        )
        for piece in _pieces(found, filing)
    )
    if not documents:
        raise ParseError(f"{entry.url}: holds no readable text", url=entry.url)
    return documents


def _pieces(found: Submission, filing: Filing) -> Iterator[_Piece]:
    listed = _listed(found, filing)
    main = [piece for piece in _main(found, filing, listed) if piece.text]
    yield from main
    cut = {code for piece in main for code in piece.items}
    items = listed or tuple(sorted(cut)) if filing.form.startswith("8-K") else ()
    for part in found.parts:
        exhibit = _EXHIBIT.match(part.type)
        body = part.text if exhibit and part.is_readable else ""
        if exhibit and body:
            name = f"({exhibit[0]}) {headline(body)}"
            title = _titled(f"{_whose(filing)} {name}")
            text = document.with_title(title, body)
            yield _Piece(
                part=part, title=title, text=text, items=items, exhibit=exhibit[1]
            )


def _main(
    found: Submission, filing: Filing, listed: tuple[str, ...]
) -> Iterator[_Piece]:
    part = found.parts[0]
    if not part.is_readable or _EXHIBIT.match(part.type):
        return
    page = part.page()
    split = sections.split(
        page.text,
        form=filing.form,
        listed=listed,
        filing_date=found.filing_date or filing.filing_date,
    )
    names = dict(zip(listed, found.item_names, strict=False))
    for section in split.sections:
        title = _titled(f"{_whose(filing)}: {_name(section, names)}")
        yield _Piece(
            part=part,
            title=title,
            text=document.with_title(title, page.text[section.start : section.end]),
            item=section.item,
            items=section.items,
            fragment=_fragment(page, section),
            confidence=split.confidence,
        )
    if not split.sections and page.text:
        items = found.item_names if filing.form.startswith("8-K") else ()
        named = [_whose(filing), "; ".join(items)]
        title = _titled(": ".join(filter(None, named)))
        yield _Piece(
            part=part,
            title=title,
            text=document.with_title(title, page.text),
            items=listed,
            confidence=split.confidence,
        )


def _whose(filing: Filing) -> str:
    return ": ".join(filter(None, (filing.form, filing.company)))


def _listed(found: Submission, filing: Filing) -> tuple[str, ...]:
    """Item codes of an 8-K by its header, else by the list it was found in."""
    date = found.filing_date or filing.filing_date
    named = [code_8k(name, filing_date=date) for name in found.item_names]
    return tuple(dict.fromkeys(filter(None, named))) or filing.items


def _name(section: Section, listed: dict[str, str]) -> str:
    """`Item 2.02 Results of Operations`, as the header spells it if it does."""
    part, _, number = section.item.rpartition(".")
    if part not in {"I", "II"}:
        part, number = "", section.item
    name = listed.get(section.item) or plaintext.shortened(
        plaintext.line(_NUMBER.sub("", section.name, count=1)).strip(" .:-–—"),
        MAX_NAME,
    )
    return f"{f'Part {part}, ' if part else ''}Item {number} {name}"


def _titled(text: str) -> str:
    return plaintext.shortened(plaintext.line(text), 300)


_NO_HEADLINE = re.compile(
    r"exhibit\b|ex-99|for (?:immediate|use|further)|(?:news|press) release|"
    r"(?:media|investor|press)s? (?:contact|relations|inquir)|contacts?\b|\W*$|"
    r"page \d|www\.|https?:|.*@|.*(?-i:\b[A-Z]{2},? \d{5}\b)",
    re.IGNORECASE,
)


def headline(body: str) -> str:
    """The first line of a press release that says something, empty if none does."""
    for line in body.splitlines()[:30]:
        if not _NO_HEADLINE.match(line) and 5 <= len(line.split()) <= 40:  # noqa: PLR2004 - words of a headline
            return line
    return ""


def _fragment(page: Page, section: Section) -> str:
    """Where a section begins, in its document: an anchor, else its first words."""
    near = range(section.start - _ANCHOR_REACH, section.start + 1)
    names = [name for offset, name in page.anchors if offset in near]
    if names:
        return f"#{quote(names[-1])}"
    number = _NUMBER.search(page.text, section.start, section.end)
    # A hyphen would end the words.
    words = quote(number[0].rstrip("."), safe="").replace("-", "%2D") if number else ""
    return words and f"#:~:text={words}"


def _part_url(entry: Entry, filing: Filing, part: Part) -> str:
    base = _FOLDER.match(entry.url)
    if not base or not part.filename:
        return entry.url
    folder = filing.accession_no.replace("-", "")
    return f"{base['base']}/data/{filing.cik}/{folder}/{part.filename}"


# --- files --------------------------------------------------------------------------

_WANTED = "give the complete submission text file, or one document of it as HTML or plain text"


def parse_file(
    body: bytes, *, path: str, fetched_at: datetime, form: str | None = None
) -> tuple[Document, ...]:
    """The documents of a file: a submission, or one document of a filing.

    `form` is the form of what does not say it. Raises ParseError for what is neither.
    """
    text = charset.decode(body)
    found = submission.read(text)
    if not found.parts:
        if other := not_filings.kind(text):
            message = f"{path}: no filing, but {other}; {_WANTED}"
            raise ParseError(message, url=path)
        found = _alone(text, found, path)
    form = form or found.form or _form(found.parts[0])
    announced = announced_by(replace(found, form=form), path=path)
    return _parse(found, entry=announced, fetched_at=fetched_at, source=path, tier=1)


def _alone(text: str, found: Submission, path: str) -> Submission:
    name = re.split(r"[/\\]", path)[-1]
    part = Part(type="", filename=name, description="", content=text)
    return replace(found, parts=(part,))


def _form(part: Part) -> str:
    return part.type or sections.form_of(part.text if part.is_readable else "") or ""


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
