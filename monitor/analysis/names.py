"""The names of companies as configured, and how a text may write them.

Not responsible for what stands around a name in the text.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from monitor.analysis import korean
from monitor.types import Company, Language, OtherName

PIECE = re.compile(r"[가-힣]|[^\W\d_가-힣]+|\d+|\S")
"""What names are compared by: a syllable, a word, a number or a sign."""

HANGUL = re.compile("[가-힣]")
_LONGEST_ACRONYM = 5


@dataclass(frozen=True, slots=True)
class Form:
    """A name as configured; not its own: a longer name of somebody else."""

    company: str
    written: str
    pieces: tuple[str, ...]
    gaps: tuple[str, ...]
    language: Language | None
    own: bool = True
    former: OtherName | None = None
    part: OtherName | None = None
    """A subsidiary; only one of the two, if any."""

    def is_used(self, on: date | None) -> bool:
        """Whether it meant the company on a day; a former name still does later."""
        other = self.part or self.former
        if on is None or other is None:
            return True
        if other.since is not None and on < other.since:
            return False
        return other is self.former or other.until is None or on <= other.until

    def is_outdated(self, on: date | None) -> bool:
        """A former name after its time: somebody else may have it by now."""
        until = self.former.until if self.former else None
        return on is not None and until is not None and on > until

    @property
    def is_long(self) -> bool:
        """Two words, or four syllables: no other thing is called that."""
        syllables = sum(1 for piece in self.pieces if HANGUL.match(piece))
        words = len(self.written.split())
        return words > 1 or syllables >= korean.DISTINCT or self.mixed

    @property
    def mixed(self) -> bool:
        """Latin and Hangul letters in one name: SK하이닉스, 오픈AI, 삼성SDS."""
        return len({bool(HANGUL.match(piece)) for piece in self.pieces}) > 1


def forms(companies: Iterable[Company]) -> Iterator[Form]:
    """Every name of every company, and the longer names that are somebody else's."""
    for company in companies:
        for language, name in _written(company):
            yield _form(company.id, name, _scope(name, language))
        for part in company.subsidiaries:
            for language, name in _written(part):
                yield _form(company.id, name, _scope(name, language), part=part)
        for former in company.former_names:
            for language, name in _written(former):
                yield _form(company.id, name, _scope(name, language), former=former)
        for name in company.not_in:
            yield _form(company.id, name, None, own=False)


def _written(of: Company | OtherName) -> Iterable[tuple[Language, str]]:
    """Its names with their languages, each once."""
    named = [("en", of.name)]
    named += [(key, name) for key, names in of.aliases.items() for name in names]
    return dict.fromkeys(named)


def _scope(name: str, language: Language) -> Language | None:
    """None for every language: English names, and any name in Hangul."""
    return None if language == "en" or HANGUL.search(name) else language


def _form(company: str, name: str, language: Language | None, **kind: Any) -> Form:
    pieces = [p for p in PIECE.finditer(name) if p.group() != "-"]
    gaps = [name[a.end() : b.start()] for a, b in pairwise(pieces)]
    written = tuple(p.group() for p in pieces)
    return Form(company, name, written, tuple(gaps), language, **kind)


def fits(form: Form, text: str, places: list[tuple[int, int]]) -> bool:
    """Same letters were found; now spaces and capitals."""
    written = [text[start:end] for start, end in places]
    gaps = [text[a[1] : b[0]] for a, b in pairwise(places)]
    spaced = zip(gaps, form.gaps, pairwise(written), strict=True)
    if not all(_gap_fits(gap, expected, *sides) for gap, expected, sides in spaced):
        return False
    if not form.own:
        return True
    return all(_case_fits(a, b) for a, b in zip(written, form.pieces, strict=True))


def _gap_fits(gap: str, expected: str, before: str, after: str) -> bool:
    hangul = bool(HANGUL.match(before)), bool(HANGUL.match(after))
    if expected:
        return gap in {" ", "-", "\n", "\u00a0", "  "} or (not gap and any(hangul))
    return not gap or (gap == " " and hangul[0] != hangul[1])


def _case_fits(found: str, expected: str) -> bool:
    """Lower case in the configuration fits any case; capitals must be there."""
    if expected.islower() or not expected.isascii() or not expected.isalpha():
        return True
    if expected.isupper() and len(expected) <= _LONGEST_ACRONYM:
        return found == expected
    if expected[0].islower():
        return found == expected
    return found[0].isupper()
