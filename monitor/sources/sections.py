"""A filing's main text to its items: 8-K items, and the sections of reports that matter.

Does not know submissions or documents. What it is not sure of it does not cut: the
whole text as one piece is right, half an item under another's name is wrong.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from monitor.sources import headings
from monitor.sources.headings import Heading
from monitor.sources.item_titles import (
    CURRENT_8K,
    FORMER_8K,
    NEW_8K_ITEMS,
    PERIODIC,
    FormItem,
)

CERTAIN = 0.7
"""Below this a split is not used."""

MAX_COVER = 9_000
"""Characters before an 8-K's first item; the longest cover page seen has 5,100."""

MIN_ROW = 250
"""A shorter item that comes again, longer, was a row of the table of contents."""

MAX_HEADINGS = 500
"""Of a report; the search for the best of them takes the square of their number."""

CORE = {
    "1": frozenset({"1", "2", "3", "5", "7", "8"}),
    "I.1": frozenset({"I.1", "I.2", "II.6"}),
}
"""Items that a report has, by its form's first item."""

FOREIGN_CORE = frozenset({"3", "4", "5", "8"})

_SIGNATURE = re.compile(
    r"^\W*(?:s ?i ?g ?n ?a ?t ?u ?r ?e ?s?\b(?: page)?\W*$|pursuant to the requirements? of "
    r"(?:the securities|section))",
    re.IGNORECASE | re.MULTILINE,
)
_FORM = re.compile(
    r"\bform\s+(?P<form>8-?K|6-?K|10-?KT?|10-?K405|10-?QT?|20-?F|40-?F)\b"
    r"(?P<amended>\s*/?-?A\b)?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]{2,}")
_COMMON = frozenset("of in the or and to an on it".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A piece of the text: `text[start:end]`, its heading first."""

    items: tuple[str, ...]
    """`2.02`, `1A`, `II.1A`; several where one heading names several."""
    name: str
    """Its title: the form's, or as an 8-K has it."""
    start: int
    end: int

    @property
    def item(self) -> str:
        """The first of its items."""
        return self.items[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How a text is cut, and how far that is to be trusted."""

    sections: tuple[Section, ...]
    """Empty where it is not cut."""
    confidence: float
    """Of the cut, 0 to 1; 1 for a form that has nothing to cut, 0 if it is not known."""


def split(
    text: str,
    *,
    form: str,
    listed: Sequence[str] = (),
    filing_date: str | None = None,
) -> Split:
    """How the main text of a `form` is cut into items.

    `listed` are the item codes that the header names, if it does. Without a form
    nobody knows whether there is something to cut.
    """
    if form.startswith("8-K"):
        found = _current(text, listed, filing_date)
    elif form.removesuffix("/A") in PERIODIC:
        found = _periodic(text, PERIODIC[form.removesuffix("/A")])
    else:
        return Split(sections=(), confidence=1.0 if form else 0.0)
    return found if found.confidence >= CERTAIN else replace(found, sections=())


def form_of(text: str) -> str | None:
    """The form that a main text says it is, on its cover."""
    match = _FORM.search(text, 0, 5_000)
    if not match:
        return None
    form = match["form"].upper().replace("-", "")
    number = re.sub(r"^(\d+)", r"\1-", form)
    return number + ("/A" if match["amended"] else "")


# --- 8-K ----------------------------------------------------------------------------


def _current(text: str, listed: Sequence[str], filing_date: str | None) -> Split:
    found = _of_this_age(headings.find(text), filing_date)
    chosen = _chosen(found)
    if not chosen:
        return Split(sections=(), confidence=0.0)
    sections = tuple(_cut(text, chosen))
    codes = {code for section in sections for code in section.items}
    confidence = 1.0 if listed else 0.95
    confidence -= 0.1 * any(not _is_titled(heading) for heading in chosen)
    confidence -= 0.2 * any(_is_doubtful(heading) for heading in chosen)
    confidence -= 0.4 * all(_is_doubtful(heading) for heading in chosen)
    confidence -= 0.4 * (chosen[0].start > MAX_COVER)
    if listed:
        # A form without its list of exhibits is no sign of a bad cut.
        missing = set(listed) - codes
        confidence -= 0.2 * bool(missing - {"9.01", "7"}) + 0.05 * bool(missing)
        confidence -= 0.05 * bool(codes - set(listed))
    return Split(sections=sections, confidence=round(max(confidence, 0.0), 2))


def _of_this_age(found: list[Heading], filing_date: str | None) -> list[Heading]:
    """Those with the numbers of an 8-K, either today's or those until 2004."""
    today, former = set(CURRENT_8K.values()), set(FORMER_8K.values())
    now = [heading for heading in found if set(heading.numbers) <= today]
    if now and not (filing_date and filing_date < NEW_8K_ITEMS):
        return now
    return [heading for heading in found if set(heading.numbers) <= former] or now


def _chosen(found: list[Heading]) -> list[Heading]:
    """The heading that begins each item: the last one that has its title.

    Those before are the list on the cover; headings repeated on the next page go on.
    """
    last: dict[tuple[str, ...], Heading] = {}
    before: Heading | None = None
    for heading in found:
        known = last.get(heading.numbers)
        if known is None or (
            _strength(heading) >= _strength(known) and not _goes_on(before, heading)
        ):
            last[heading.numbers] = heading
        before = heading
    return sorted(last.values(), key=attrgetter("start"))


def _goes_on(before: Heading | None, heading: Heading) -> bool:
    """Whether it repeats the heading before it, a page and not a line further."""
    return (
        before is not None
        and before.numbers == heading.numbers
        and heading.start - before.end > MIN_ROW
    )


def _strength(heading: Heading) -> int:
    return 2 if _is_titled(heading) else int(heading.alone or heading.capitalised)


def _is_doubtful(heading: Heading) -> bool:
    """A sentence can begin with `Item 2. The registrant`."""
    return not _strength(heading)


def _is_titled(heading: Heading) -> bool:
    """Whether its title is one of those of its item, in any order of words."""
    title = _words(heading.title[:250])
    return any(
        len(words & title) >= min(2, len(words))
        for code in heading.numbers
        for words in _TITLE_WORDS.get(code, ())
    )


def _title_words() -> dict[str, list[frozenset[str]]]:
    words: dict[str, list[frozenset[str]]] = {}
    for titles in (CURRENT_8K, FORMER_8K):
        for title, code in titles.items():
            words.setdefault(code, []).append(_words(title))
    words["9.01"].append(_words("exhibits"))
    words["7"].append(_words("exhibits"))
    return words


def _words(title: str) -> frozenset[str]:
    """Its words, singular and plural alike."""
    return frozenset(word.rstrip("s") for word in _WORD.findall(title)) - _COMMON


_TITLE_WORDS = _title_words()


def _cut(text: str, chosen: Sequence[Heading]) -> Iterator[Section]:
    signature = _SIGNATURE.search(text, chosen[-1].end)
    last = signature.start() if signature else len(text)
    ends = [heading.start for heading in chosen[1:]] + [last]
    items: list[str] = []
    start = chosen[0].start
    for heading, end in zip(chosen, ends, strict=True):
        items += [number for number in heading.numbers if number not in items]
        body = heading.title_end if _is_titled(heading) else heading.end
        if end < last and not text[body:end].strip(" \n.;:-"):
            continue  # one text under several headings
        name = text[start : heading.title_end if _is_titled(heading) else heading.end]
        yield Section(items=tuple(items), name=name, start=start, end=end)
        items, start = [], end


# --- annual and quarterly reports ---------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    item: FormItem
    order: int
    start: int
    length: int
    """To the next candidate, whichever it is."""


def _periodic(text: str, items: Sequence[FormItem]) -> Split:
    candidates = _without_contents(_candidates(text, items))
    chain = _chain(candidates) if len(candidates) <= MAX_HEADINGS else []
    if not chain:
        return Split(sections=(), confidence=0.0)
    codes = {one.item.code for one in chain}
    core = (
        FOREIGN_CORE if items[0].title.startswith("identity") else CORE[items[0].code]
    )
    confidence = len(codes & core) / len(core)
    # Its text would be in the section before it.
    confidence -= 0.5 * ("1B" in codes and "1A" not in codes)
    signature = _SIGNATURE.search(text, chain[-1].start)
    ends = [one.start for one in chain[1:]]
    ends.append(signature.start() if signature else len(text))
    sections = []
    for one, end in zip(chain, ends, strict=True):
        if not one.item.name:
            continue
        section = Section(
            items=(one.item.code,), name=one.item.name, start=one.start, end=end
        )
        sections.append(section)
        # A row of a table of contents, since its heading was not recognised.
        confidence -= 0.5 * (one.length < MIN_ROW < end - one.start - one.length)
    confidence -= 0.5 * (not sections)
    return Split(sections=tuple(sections), confidence=round(max(confidence, 0.0), 2))


def _candidates(text: str, items: Sequence[FormItem]) -> list[_Candidate]:
    found = [
        (order, item, heading.start)
        for heading in headings.find(text)
        for order, item in enumerate(items)
        if item.number == heading.numbers[0] and re.match(item.title, heading.title)
    ]
    starts = [start for _, _, start in found] + [len(text)]
    merged: list[_Candidate] = []
    for (order, item, start), end in zip(found, starts[1:], strict=True):
        if merged and merged[-1].item == item:  # repeated at the head of a page
            merged[-1] = replace(merged[-1], length=end - merged[-1].start)
        else:
            merged.append(
                _Candidate(item=item, order=order, start=start, length=end - start)
            )
    return merged


def _without_contents(found: Sequence[_Candidate]) -> list[_Candidate]:
    longest: dict[int, int] = {}
    for one in found:
        longest[one.order] = max(longest.get(one.order, 0), one.length)
    return [
        one
        for one in found
        if one.length >= MIN_ROW or one.length == longest[one.order]
    ]


def _chain(found: Sequence[_Candidate]) -> list[_Candidate]:
    """The candidates in the form's order that cover most of the text."""
    best: list[tuple[int, list[_Candidate]]] = []
    for index, one in enumerate(found):
        before = [best[i] for i in range(index) if found[i].order < one.order]
        length, chain = max(before, key=_covered, default=(0, []))
        best.append((length + one.length, [*chain, one]))
    return max(best, key=_covered, default=(0, []))[1]


def _covered(chain: tuple[int, list[_Candidate]]) -> int:
    return chain[0]
