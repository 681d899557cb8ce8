"""EDGAR's full submission text files: their header, their documents, readable text.

Tolerates what the archive holds: PEM envelopes of the 1990s, missing headers, files
that were cut off. Does not know feeds or documents of the monitor; filing.py does.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from monitor.sources import ownership, plaintext

EASTERN = ZoneInfo("America/New_York")
MAX_PART = 20_000_000
"""Characters of one document that are read; the longest annual reports have 10 MB."""

_FIELD = re.compile(r"^[ \t]*([A-Z][A-Z .]+[A-Z]):[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_TAGGED = re.compile(r"^<([A-Z-]+)>[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_DOCUMENT = re.compile(r"^<DOCUMENT>", re.MULTILINE)
_TEXT_START = re.compile(r"^<TEXT>", re.MULTILINE)
_TEXT_END = re.compile(r"^</TEXT>|^</DOCUMENT>|^-----END PRIVACY", re.MULTILINE)
_WRAPPER = re.compile(r"\s*<(?:XBRL|XML|PDF|JSON)>\s*", re.IGNORECASE)
_MACHINE = re.compile(r"\s*(?:<(?:XML|PDF|JSON)>|begin [0-7]{3} )", re.IGNORECASE)
# Not <table>: plain text has <TABLE> around its columns.
_HTML = re.compile(r"<(?:html|body|p|div|font|br)\b", re.IGNORECASE)
_IX_HEADER = re.compile(r"<(/?)ix:header\b[^>]*>", re.IGNORECASE)
_PREFORMATTED = re.compile(
    r"(<pre\b[^<>]*>)(.*?)(?=</pre>|$)", re.IGNORECASE | re.DOTALL
)
_LINK = re.compile(r"\bhref\s*=\s*[\"']?#([^\s\"'<>]+)", re.IGNORECASE)
_TARGET = re.compile(
    r"<[a-z][^<>]*?\s(?:id|name)\s*=\s*[\"']?([^\s\"'<>]+)[^<>]*>", re.IGNORECASE
)
_MARK = re.compile("\ue000(\\d+)\ue001")
_PAGE_MARK = re.compile(r"^<(?:PAGE|/?TABLE|CAPTION|S|C|FN|/FN)>.*$", re.MULTILINE)
_TABLE = re.compile(r"\S[ \t]{3,}\S|\.{4,}|-{4,}|={4,}")
# A heading begins one, blank line or not.
_PARAGRAPH = re.compile(
    r"\n[ \t]*\n|\n(?=[ \t]*I(?:TEM|tem)S?[ \t]+\d{1,2}[.\dABC]*[:.]?[ \t]+[A-Z])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One document of a submission."""

    type: str
    """As filed: `8-K`, `EX-99.1`, `GRAPHIC`."""
    filename: str
    description: str
    content: str
    """As filed: HTML, plain text, XML or uuencoded."""

    @property
    def is_readable(self) -> bool:
        """Whether it is prose, or data that can be said, and no picture or PDF."""
        return ownership.is_ownership(self.content) or not _MACHINE.match(self.content)

    @property
    def text(self) -> str:
        """Its readable text: a line for each paragraph or table row."""
        return self.page().text

    def page(self) -> "Page":
        """Its readable text, with the places that its own links lead to."""
        content = _WRAPPER.sub("", self.content[:MAX_PART], count=1)
        if ownership.is_ownership(content):
            return Page(text=ownership.read(content), anchors=())
        if not _HTML.search(content, 0, 20_000):
            return Page(text=_unwrapped(content), anchors=())
        # Inline XBRL hides facts there, page after page of them.
        shown = plaintext.without(content, _IX_HEADER)
        marked, names = _marked(_PREFORMATTED.sub(_broken, shown))
        return _page(plaintext.from_html(marked, limit=2 * MAX_PART), names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A document's readable text and the anchors in it."""

    text: str
    anchors: tuple[tuple[int, str], ...]
    """Offset and name, in order, of those that a link in the document leads to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A full submission; what its header lacks is None or empty."""

    accession_no: str | None
    form: str | None
    cik: int | None
    """Of the first filer, like its name."""
    company: str | None
    filing_date: str | None
    """ISO date, like the period."""
    period: str | None
    accepted_at: datetime | None
    item_names: tuple[str, ...]
    """As the header spells them: `Results of Operations and Financial Condition`."""
    parts: tuple[Part, ...]


def read(text: str) -> Submission:
    """The submission in `text`; without any `<DOCUMENT>` it has no parts."""
    text = text.replace("\r\n", "\n")
    starts = [match.start() for match in _DOCUMENT.finditer(text)]
    header = text[: starts[0]] if starts else text[:100_000]
    fields: dict[str, list[str]] = {}
    for pattern in (_FIELD, _TAGGED):
        for name, value in pattern.findall(header):
            fields.setdefault(name, []).append(value)
    return Submission(
        accession_no=_first(fields, "ACCESSION NUMBER", "ACCESSION-NUMBER"),
        form=_first(fields, "CONFORMED SUBMISSION TYPE", "TYPE"),
        cik=_number(_first(fields, "CENTRAL INDEX KEY", "CIK")),
        company=_first(fields, "COMPANY CONFORMED NAME", "CONFORMED-NAME"),
        filing_date=_date(_first(fields, "FILED AS OF DATE", "FILING-DATE")),
        period=_date(_first(fields, "CONFORMED PERIOD OF REPORT", "PERIOD")),
        accepted_at=_accepted(_first(fields, "ACCEPTANCE-DATETIME")),
        item_names=tuple(fields.get("ITEM INFORMATION", fields.get("ITEMS", ()))),
        parts=tuple(_parts(text, starts)),
    )


def _first(fields: dict[str, list[str]], *names: str) -> str | None:
    return next((fields[name][0] for name in names if name in fields), None)


def _date(text: str | None) -> str | None:
    match = re.fullmatch(r"(\d{4})(\d\d)(\d\d)", text or "")
    return "-".join(match.groups()) if match else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _accepted(text: str | None) -> datetime | None:
    try:
        # EDGAR's clock is New York's, and it does not say so.
        return datetime.strptime(text or "", "%Y%m%d%H%M%S").replace(tzinfo=EASTERN)
    except ValueError:
        return None


def _parts(text: str, starts: list[int]) -> Iterator[Part]:
    for start, end in pairwise([*starts, len(text)]):
        opened = _TEXT_START.search(text, start, end)
        head = text[start : opened.start() if opened else end]
        fields = dict(reversed(_TAGGED.findall(head)))
        content_start = opened.end() if opened else end
        closed = _TEXT_END.search(text, content_start, end)
        yield Part(
            type=fields.get("TYPE", "").upper(),
            filename=fields.get("FILENAME", ""),
            description=fields.get("DESCRIPTION", ""),
            content=text[content_start : closed.start() if closed else end],
        )


def _unwrapped(content: str) -> str:
    """Plain text of old filings with the lines of each paragraph joined.

    Tables keep their lines: they have columns, leaders or rules.
    """
    paragraphs = _PARAGRAPH.split(_PAGE_MARK.sub("", content))
    return plaintext.lines(
        "\n".join(
            paragraph if _TABLE.search(paragraph) else paragraph.replace("\n", " ")
            for paragraph in paragraphs
        )
    )


def _broken(preformatted: re.Match[str]) -> str:
    """Lines of `<pre>` as lines of HTML, those of a paragraph joined."""
    return preformatted[1] + _unwrapped(preformatted[2]).replace("\n", "<br>")


def _marked(html: str) -> tuple[str, list[str]]:
    """HTML with a mark behind each tag that a link leads to, and the tags' names."""
    wanted = set(_LINK.findall(html))
    names: list[str] = []

    def mark(tag: re.Match[str]) -> str:
        if tag[1] not in wanted:
            return tag[0]
        names.append(tag[1])
        return f"{tag[0]}\ue000{len(names) - 1}\ue001"

    return (_TARGET.sub(mark, html) if wanted else html), names


def _page(text: str, names: list[str]) -> Page:
    """Take the marks out of a text, and the lines that held nothing else."""
    kept: list[str] = []
    anchors: list[tuple[int, str]] = []
    offset = 0
    for line in text.splitlines() if names else ():
        numbers = [int(number) for number in _MARK.findall(line)]
        anchors += [
            (offset, names[number]) for number in numbers if number < len(names)
        ]
        if numbers:
            line = plaintext.line(_MARK.sub("", line))  # noqa: PLW2901 - the same line
        if line:
            kept.append(line)
            offset += len(line) + 1
    return Page(text="\n".join(kept) if names else text, anchors=tuple(anchors))
