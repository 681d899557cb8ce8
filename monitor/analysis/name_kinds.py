"""What the marks of a whole document say about each of its names together.

A name is of one kind in a document. Each place of it votes: by the mark that the
pipeline gave it, and by the words around it (`shares of X`, `X's revenue`, `Mr X`). Not
responsible for what a name's own words say: see `organisations`.
"""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from monitor.analysis import organisations
from monitor.analysis.ordinary import is_ordinary
from monitor.analysis.sentences import Span


class Mark(NamedTuple):
    """A name at a place; its label is one of ours, or any other of spaCy's."""

    start: int
    end: int
    label: str


_ORG, _PERSON, _PLACE, _UNMARKED = "ORG", "PERSON", "PLACE", ""
_NEAR = 60  # characters before a name that may speak for or against it

_ROLE = (
    r"(?:chief\s(?:executive|financial|operating|investment|economist|strategist)|CEO|"
    r"CFO|chair(?:wo)?man|managing\sdirector|president|boss|director|partner|analysts?|"
    r"economists?|strategists?|spokes(?:man|woman|person)|executives?|(?:co-?)?founder)"
)
_BELONGS = (
    r"(?:shares?|stock|shareholders?|investors|board|subsidiar(?:y|ies)|units?|"
    r"earnings|revenues?|profits?|customers|employees|headquarters|website|platform|products?|"
    r"services|operations|balance\ssheet|quarterly|results|management|brands?|stores)"
)
_FIRM = (
    r"(?:company|firm|bank|maker|provider|manufacturer|subsidiary|operator|retailer|"
    r"developer|producer|supplier|start-?up|lender|brokerage|insurer|agency|publisher)"
)
_EXCHANGE = r"(?:NYSE|NASDAQ|Nasdaq|NasdaqG[SM]|LSE|TSX|ASX|OTC\w{0,4})\s?:"
_AFTER_FIRM = re.compile(
    rf"\s?['’]s?\s(?:\w+\s)?{_BELONGS}\b"
    rf"|\s(?:{_ROLE}|shares|stock|shareholders)\b"
    rf"|\s?\(\s?(?:{_EXCHANGE}|[A-Z0-9]{{1,6}}\s?\.\s?[A-Z]{{1,2}}\s?\))"
    rf"|\s?,\s(?:a|an|the|one\sof\sthe)\s(?:[\w’'-]+\s){{0,5}}{_FIRM}\b"
    r"|\s(?:said|says|announced|reported)\s(?:that\s)?(?:it|its|their)\b"
)
_BEFORE_FIRM = re.compile(
    r"\b(?:(?:shares?|stakes?|stock|subsidiary|unit|division|arm|owner|parent|"
    r"customers|spokes(?:man|woman|person)|acquisition|takeover|shareholders?|employees)"
    r"\s(?:of|in|for)"
    r"|(?:analysts?|economists?|strategists?|partner|director|manager|officer|CEO|"
    r"president|chairman|chief\sexecutive|executive)\s(?:at|with|from|of)"
    r"|(?:owned|acquired|provided|manufactured|published|made|operated|backed)\sby"
    r"|(?:companies|firms|banks|rivals|competitors|retailers)"
    r"\s(?:such\sas|like|including)"
    rf"|{_FIRM}|giant|broker|carmaker|automaker|chipmaker|rival|carrier|miner|newspaper"
    r"|consultancy|headquarters\sof|merged?\swith)\s(?:the\s)?$"
)
_BEFORE_PERSON = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|Sir|Professor|President|Minister|Senator|Sen|Rep|Judge|"
    r"Justice|Governor|Chancellor|Chairman|Premier|Secretary|Gov|CEO|CFO|chairman|"
    r"chief\sexecutive(?:\sofficer)?|analyst|economist|strategist|minister|"
    r"managing\sdirector|spokes(?:man|woman)|(?:co-?)?founder|"
    r"(?:[Rr]eport|[Ee]dit|[Ww]rit)ing\sby)\s?\.?\s$"
)
_AFTER_PERSON = re.compile(
    r"\s?,\s(?:who|\d\d\s?,)|\s(?:himself|herself|who)\b|\s(?:said|says)\ss?he\b"
    r"|\s?,\s(?:an?\s|the\s|\w+['’]s\s)?(?:\w+\s)?"
    r"(?:analyst|economist|strategist|chief\sexecutive|CEO|chairman|president|"
    r"director)\b"
)
_SHORT = re.compile(
    r"\s?\(\s?([A-Z][A-Za-z&-]{1,7}|\.?\s?[A-Z0-9]{1,6}(?:\s?\.[A-Z]{1,2})?)\s?\)"
)
_RUN = re.compile(r"(?<![\w@/.&-])[A-Z][\w&-]*(?:\s(?:&\s)?[A-Z][\w&-]*){0,3}")
_OPENERS = frozenset(
    "A After All An And As At Before Both But By Each Every For From He Her His How If "
    "In It Its Many My No Not Of On Or Other Others Our She Since Some Such That The "
    "Their There These They This Those To We What When Which While Who Why With You "
    "Your".split()
)
_FRONT = re.compile(
    r"(?:[Tt]he\s+|\W|(?:ET|EST|EDT|PST|PDT|GMT|BST|CET|AEST|SOURCE|Source)\b)+"
)
_BACK = re.compile(r"(?:\s*(?:['’]s?|[(\[,;:/>-]))+$")
_ROLE_BEHIND = re.compile(
    r"(?:\s+[a-z]+|\s+(?:MD|CEO|CFO|COO|VP|President|Chairman))+$"
)
_MISTER = re.compile(r"(?:Mr|Mrs|Ms|Dr|Prof|Sir)\b\s?\.?\s+")
_OWNER = re.compile(r"\s?['’]s\s")


def agree(text: str, spans: Sequence[Span], marks: Iterable[Mark]) -> list[Mark]:
    """The names of a document, in order, each of the kind that its places agree on.

    Marks come in order and do not overlap, and stand in the sentences of `spans`.
    """
    places = _with_known(text, spans, _cleaned(text, list(marks)))
    places = sorted([*places, *_unmarked(text, spans, places)])
    kinds = _kinds(text, places)
    decided = [it._replace(label=kinds[text[it.start : it.end]]) for it in places]
    kept = [it for it in decided if not _is_nothing(text, it)]
    named = [*kept, *_elsewhere(text, spans, kept)]
    return sorted(it for it in named if it.label in {_ORG, _PERSON, _PLACE})


def _is_nothing(text: str, mark: Mark) -> bool:
    name = text[mark.start : mark.end]
    if mark.label == _ORG:
        return organisations.is_nothing(name)
    return organisations.is_abbreviation(name)


def _cleaned(text: str, marks: list[Mark]) -> list[Mark]:
    """With the name's own characters only, and firms as such."""
    names = {text[mark.start : mark.end] for mark in marks}
    trimmed = [_trimmed(text, mark, names) for mark in marks]
    behind = [0, *(mark.end for mark in trimmed)]
    return [
        mark
        for before, mark in zip(behind, trimmed, strict=False)
        if before <= mark.start < mark.end
    ]


def _trimmed(text: str, mark: Mark, names: set[str]) -> Mark:
    start, end, label = mark
    if front := _FRONT.match(text, start, end):
        start = front.end()
    if label == _ORG and (title := _MISTER.match(text, start, end)):
        start, label = title.end(), _PERSON
    name = _without_owned(text[start:end], names)
    if not organisations.is_known(name):
        name = _BACK.sub("", name)
        name = _ROLE_BEHIND.sub("", name) if label == _ORG else name
    end = organisations.past_legal_form(text, start + len(name))
    return Mark(start, end, _ORG if organisations.is_firm(text[start:end]) else label)


def _without_owned(name: str, names: set[str]) -> str:
    """`Ford's North America` is Ford, where the text names Ford elsewhere."""
    owner = _OWNER.search(name)
    first = name[: owner.start()] if owner else name
    return first if first in names or organisations.is_known(first) else name


def _with_known(text: str, spans: Iterable[Span], marks: list[Mark]) -> list[Mark]:
    """Well-known organisations marked as such, unless part of a longer name."""
    known = [it for span in spans for it in organisations.known(text, *span)]
    taken = _Taken(known)
    kept = [mark for mark in marks if _stays(text, mark, taken.under(mark))]
    taken = _Taken(kept)
    return sorted(
        [*kept, *(Mark(*it, _ORG) for it in known if not taken.under(Mark(*it, _ORG)))]
    )


def _stays(text: str, mark: Mark, known: Sequence[Span]) -> bool:
    """Whether a mark is more than the well-known names under it."""
    if not known:
        return True
    if known[0][0] < mark.start or known[-1][1] > mark.end:
        return False
    edges = [mark.start, *(edge for span in known for edge in span), mark.end]
    between = [text[a:b] for a, b in list(pairwise(edges))[::2]]
    return any(it.strip(" ,&/") not in {"", "and", "The", "the"} for it in between)


class _Taken:
    """Places that do not overlap, to find those under a mark."""

    def __init__(self, places: Sequence[Sequence[int] | Mark]) -> None:
        self._spans = [(int(place[0]), int(place[1])) for place in places]
        self._ends = [end for _, end in self._spans]

    def under(self, mark: Mark) -> Sequence[Span]:
        first = bisect_left(self._ends, mark.start + 1)
        last = bisect_left(self._spans, (mark.end, 0))
        return self._spans[first:last]


def _unmarked(
    text: str, spans: Iterable[Span], marks: Sequence[Mark]
) -> Iterator[Mark]:
    """Capitalised words in an organisation's place that nobody marked."""
    taken = _Taken(marks)
    for span in spans:
        for run in _RUN.finditer(text, *span):
            mark = Mark(*run.span(), _UNMARKED)
            free = _speaks_of_firm(text, mark) and not taken.under(mark)
            if free and _may_be_name(run[0]):
                yield mark


def _speaks_of_firm(text: str, mark: Mark) -> bool:
    return bool(
        _AFTER_FIRM.match(text, mark.end)
        or _BEFORE_FIRM.search(text, max(0, mark.start - _NEAR), mark.start)
    )


def _may_be_name(run: str) -> bool:
    first, *others = run.split()
    if first in _OPENERS or organisations.is_nothing(run):
        return False
    return bool(others) or not is_ordinary(first)


def _kinds(text: str, marks: Sequence[Mark]) -> dict[str, str]:
    """The kind of each name, by its marks, the words around it and other names."""
    votes: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    counts = Counter(text[mark.start : mark.end] for mark in marks)
    for mark in marks:
        name = text[mark.start : mark.end]
        votes[name][mark.label] += _LABEL_VOTES.get(mark.label, 3) / counts[name]
        for label, weight in _words_around(text, mark):
            votes[name][label] += weight
    surnames = set(_surnames(text, marks))
    short = {it for name in counts for it in _short_names(name)}
    for name, vote in votes.items():
        vote[_PERSON] += 4 if name in surnames else 0
        vote[_ORG] += 4 if name in short else 0
    return {name: _winner(name, vote) for name, vote in votes.items()}


# What a name's marks count together; a cue at one place counts 3 to 5. What is marked as
# a place seldom is something else.
_LABEL_VOTES = {_PLACE: 5, _UNMARKED: 2}


def _words_around(text: str, mark: Mark) -> Iterator[tuple[str, int]]:
    near = max(0, mark.start - _NEAR)
    if _AFTER_FIRM.match(text, mark.end):
        yield _ORG, 3
    if _BEFORE_FIRM.search(text, near, mark.start):
        yield _ORG, 5
    if _BEFORE_PERSON.search(text, near, mark.start):
        yield _PERSON, 4
    if _AFTER_PERSON.match(text, mark.end):
        yield _PERSON, 3


def _surnames(text: str, marks: Iterable[Mark]) -> Iterator[str]:
    for mark in marks:
        first, _, last = text[mark.start : mark.end].rpartition(" ")
        if first and mark.label == _PERSON:
            yield last


def _short_names(name: str) -> Iterable[str]:
    return organisations.short_names(name) if organisations.is_firm(name) else ()


def _winner(name: str, vote: dict[str, float]) -> str:
    if organisations.is_known(name) or organisations.is_firm(name):
        return _ORG
    return max(vote, key=lambda label: vote[label])


def _elsewhere(
    text: str, spans: Sequence[Span], marks: Sequence[Mark]
) -> Iterator[Mark]:
    """Where a name that is an organisation stands unmarked, or its short form does."""
    names = {text[mark.start : mark.end] for mark in marks if mark.label == _ORG}
    short = [
        found
        for mark in marks
        if mark.label == _ORG and (found := _SHORT.match(text, mark.end))
    ]
    names |= {found[1] for found in short}
    places = {found.span(1) for found in short}
    for span in spans:
        places |= {it.span() for it in _any_of(names).finditer(text, *span)}
    taken, last = _Taken(marks), 0
    for start, end in sorted(places):
        mark = Mark(start, end, _ORG)
        if start >= last and not taken.under(mark):
            last = end
            yield mark


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    """The longest of the names at a place; nothing where there are none."""
    likely = {it for it in names if it[:1].isupper() and len(it) > 1}
    longest = sorted(
        (it for it in likely if not organisations.is_nothing(it)),
        key=lambda it: (-len(it), it),
    )
    written = "|".join(map(re.escape, longest)) if longest else r"(?!)"
    return re.compile(rf"(?<![\w@/.])(?:{written})(?![\w@])")
