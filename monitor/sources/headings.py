"""Item headings in the text of a filing: where they stand and what they say.

Finds what looks like one; which of them begin a section is decided by sections.py.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEADING = re.compile(
    r"^(?:[^\w\n\"'“”‘’(]{0,60}|section \d\b[^\n]{0,100}?\W|part [iv]{1,3}\b\W{0,6})"
    r"items?\b[^\w\n]{0,4}(?P<number>\d{1,2}(?:\.\d\d|[ABC]\b)?)(?P<rest>[^\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
# `Items 2.02 and 7.01`, `Item 2.02 and Item 7.01`
_ANOTHER = re.compile(
    r"\s*(?:,|;|&|/|and)\s*(?:and\s+)?(?:items?\W{0,3})?(\d{1,2}(?:\.\d\d|[ABC]\b)?)(?=\W|$)",
    re.IGNORECASE,
)
_LETTERED = re.compile(r"\s?(?:\([a-z0-9]{1,3}\)[, ]{0,2}(?:and )?)+(?=\W|$)")
# `Item 5.02 of this report`, `Item 1A, and elsewhere`: a sentence goes on there.
_REFERENCE = re.compile(
    r"\s*(?:,|;|\)|[”\"’]|(?:of|above|below|and|or|is|was|are|in|to|hereof|has|shall|"
    r"by|on|as|which|that|under|with|disclosure requirements?)\b)"
)
_LONG_WORD = re.compile(r"[^\W\d_]{2,}")
_SMALL = frozenset("of in the or and to an on its for by with".split())
_EDGE = re.compile(r"^[\W_]+|[\W_]+$")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A line that names an item."""

    numbers: tuple[str, ...]
    """As written, in upper case: `2.02`, `1A`; several where it names several."""
    title: str
    """Lower case, straight quotes; the next line where its own has none."""
    alone: bool
    """Its line has no title."""
    capitalised: bool
    """Its title is short and written as one: `Other Items`."""
    start: int
    end: int
    """Of its line."""
    title_end: int


def find(text: str) -> list[Heading]:
    """Every line of `text` that names an item and does not go on as a sentence."""
    return list(_headings(text))


def plain(title: str) -> str:
    """A title in lower case, without what surrounds it."""
    title = _SPACES.sub(" ", title.lower().replace("’", "'").replace("`", "'"))
    return _EDGE.sub("", title)


def _headings(text: str) -> Iterator[Heading]:
    for match in _HEADING.finditer(text):
        numbers, rest = [match["number"].upper()], match["rest"]
        while another := _ANOTHER.match(rest):
            numbers.append(another[1].upper())
            rest = rest[another.end() :]
        if lettered := _LETTERED.match(rest):
            rest = rest[lettered.end() :]
        if _REFERENCE.match(rest):
            continue
        title, title_end = plain(rest), match.end()
        alone = not title
        if alone:
            title, title_end = _next_line(text, match.end())
        yield Heading(
            numbers=tuple(numbers),
            title=title,
            alone=alone,
            capitalised=_is_capitalised(rest),
            start=match.start() + _indent(match[0]),
            end=match.end(),
            title_end=title_end,
        )


def _is_capitalised(rest: str) -> bool:
    words = [word for word in _LONG_WORD.findall(rest) if word not in _SMALL]
    return 0 < len(words) <= 15 and all(word[0].isupper() for word in words)  # noqa: PLR2004 - no title is longer


def _indent(line: str) -> int:
    """What rules and bullets stand before the words."""
    return len(line) - len(line.lstrip(" \t*•·-–—_=|"))


def _next_line(text: str, end: int) -> tuple[str, int]:
    stop = text.find("\n", end + 1)
    stop = len(text) if stop < 0 else stop
    return plain(text[end:stop]), stop
