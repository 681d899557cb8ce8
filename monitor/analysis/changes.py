"""What a later version of a text says that an earlier one did not, and the reverse.

By sentences, wherever they stand: a paragraph that was only moved has not changed. Pure;
does not know whose texts they are.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.analysis import sentences
from monitor.types import ChangeKind

SAME = 0.9
"""From this share of common words on nothing was said anew: one word in twenty is other."""

REWORDED = 0.5
"""From this share on it is the same sentence in other words: of six pairs of annual
reports, the matches read said the same of the same risk."""

MIN_WORDS = 6
"""A shorter sentence is a heading or the rest of a table."""

_WORD = re.compile(r"[^\W_]+(?:[.,'’]\d+)*%?")
# A report of the next year says so in every other sentence.
_TIME = re.compile(
    r"(?:19|20)\d\d|january|february|march|april|may|june|july|august|september|"
    r"october|november|december|fiscal|\d{1,2}"
)

Words = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A sentence that was not there before, is no longer, or is there in other words."""

    kind: ChangeKind
    text: str
    """Of the later version; of the earlier one if it was dropped."""
    before: str = ""
    """What a reworded sentence was."""


def compare(before: str, after: str) -> list[Change]:
    """The changes from one text to the next, in the order of the texts; dropped last."""
    old, new = _sentences(before), _sentences(after)
    known, kept = {words for words, _ in old}, {words for words, _ in new}
    gone = [one for one in old if one[0] not in kept]
    come = [one for one in new if one[0] not in known]
    pairs = dict(_pairs(gone, come))
    changes = [
        Change(kind="new", text=text)
        if place not in pairs
        else Change(kind="reworded", text=text, before=gone[pairs[place][0]][1])
        for place, (_, text) in enumerate(come)
        if place not in pairs or pairs[place][1] < SAME
    ]
    matched = {place for place, _ in pairs.values()}
    dropped = [one for place, one in enumerate(gone) if place not in matched]
    return changes + [Change(kind="dropped", text=text) for _, text in dropped]


def _sentences(text: str) -> list[tuple[Words, str]]:
    found = []
    for start, end in sentences.split(text):
        sentence = text[start:end]
        words = frozenset(_WORD.findall(sentence.lower()))
        meant = frozenset(word for word in words if not _TIME.fullmatch(word))
        if len(meant) >= MIN_WORDS:
            found.append((meant, sentence))
    return found


def _pairs(
    gone: Sequence[tuple[Words, str]], come: Sequence[tuple[Words, str]]
) -> Iterator[tuple[int, tuple[int, float]]]:
    """Place among `come` -> place among `gone` and share of words, the nearest first."""
    scored = sorted(_shares(gone, come), reverse=True)
    used_gone: set[int] = set()
    used_come: set[int] = set()
    for share, later, earlier in scored:
        if later not in used_come and earlier not in used_gone:
            used_come.add(later)
            used_gone.add(earlier)
            yield later, (earlier, share)


def _shares(
    gone: Sequence[tuple[Words, str]], come: Sequence[tuple[Words, str]]
) -> Iterator[tuple[float, int, int]]:
    """Every pair that has at least `REWORDED` of its words in common."""
    where: defaultdict[str, list[int]] = defaultdict(list)
    for place, (words, _) in enumerate(gone):
        for word in words:
            where[word].append(place)
    for later, (words, _) in enumerate(come):
        common = Counter(place for word in words for place in where.get(word, ()))
        for earlier, count in common.items():
            share = count / len(words | gone[earlier][0])
            if share >= REWORDED:
                yield share, later, earlier
