"""What a text must hold for a regular expression to match: looked for before it runs.

After the prefilter of RE2 (`FilteredRE2`) and Russ Cox, Regular Expression Matching with
a Trigram Index (2012). Works on Python's own reading of the expression; of one that
only the `regex` library can read nothing is known.
"""

import re
import warnings
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import product
from re import _parser  # type: ignore[attr-defined]
from typing import Any

Needed = tuple[tuple[str, ...], ...]
"""Of each of these, one literal is in every lower-cased text that matches."""

_MOST = 40
"""Literals of a set: a longer list says little and is slow to look for."""

_WIDEST = 12
"""Characters of a class that are taken one by one."""

# A repetition that is none to Python is fuzzy matching to `regex`, and so on.
_FOREIGN = re.compile(r"\{(?!\d*,?\d*\})|\[\[|\[:|&&|\|\||--|~~")

# The micro sign and the Greek μ stay two in lower case, but match where case is ignored.
_TWINS = frozenset(
    letter
    for other in map(chr, range(0x80, 0x2000))
    if other.casefold() != other.lower()
    for letter in (other.casefold(), other.lower())
    if not letter.isascii()
)

_Set = frozenset[str]
_REPEATED = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
_NOTHING = frozenset({"AT", "ASSERT_NOT"})
_EMPTY: _Set = frozenset({""})


def needed(expression: str) -> Needed:
    """The literals, in lower case, of an expression that ignores case."""
    if _FOREIGN.search(expression):
        return ()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = _parser.parse(expression, re.IGNORECASE)
    except re.error:
        return ()
    known = _Sequence()
    known.read(parsed)
    telling = {_shortest(it) for it in known.done() if _tells(it)}
    return tuple(sorted(telling, key=lambda it: (len(it), it)))


class Prefiltered:
    """An expression of ours that runs only over a text that has its literals."""

    def __init__(self, expression: str, flags: re.RegexFlag = re.NOFLAG) -> None:
        self._compiled = re.compile(expression, flags)
        self._needed = needed(expression)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        if is_possible(self._needed, text.lower()):
            yield from self._compiled.finditer(text)


def is_possible(literals: Needed, lowered: str) -> bool:
    """Whether a lower-cased text has one of each set."""
    return all(any(literal in lowered for literal in several) for several in literals)


class _Sequence:
    """Parts one after the other: what they need, and what they end with exactly."""

    def __init__(self) -> None:
        self.sets: list[_Set] = []
        self.exact = _EMPTY

    def read(self, parts: Sequence[tuple[Any, Any]]) -> None:
        for kind, value in parts:
            self._part(str(kind), value)

    def done(self) -> list[_Set]:
        self._gap()
        return self.sets

    def _part(self, kind: str, value: Any) -> None:
        if kind == "LITERAL":
            self._follow(_known({chr(value).lower()}))
        elif kind == "IN":
            self._follow(_one_of(value))
        elif kind == "SUBPATTERN":
            self.read(value[-1])
        elif kind == "BRANCH":
            self._branch(value[1])
        elif kind in _REPEATED:
            self._repeat(*value)
        elif kind == "ATOMIC_GROUP":
            self.read(value)
        elif kind == "ASSERT":
            self.sets += _inside(value[1]).done()
        elif kind not in _NOTHING:
            self._gap()

    def _follow(self, found: _Set | None) -> None:
        """What comes next is exactly one of these."""
        if found is None or len(self.exact) * len(found) > _MOST:
            self._gap()
        if found is not None:
            pairs = product(self.exact, found)
            self.exact = frozenset(first + second for first, second in pairs)

    def _branch(self, branches: Sequence[Any]) -> None:
        read = [_inside(it) for it in branches]
        if all(not it.sets for it in read):
            self._follow(frozenset().union(*(it.exact for it in read)))
            return
        best = [max(it.done(), key=_worth, default=_EMPTY) for it in read]
        self._gap()
        self.sets.append(frozenset().union(*best))

    def _repeat(self, least: int, most: Any, inner: Any) -> None:
        read = _inside(inner)
        if (least, most) == (0, 1) and not read.sets:
            self._follow(read.exact | _EMPTY)
        elif (least, most) == (1, 1) and not read.sets:
            self._follow(read.exact)
        else:
            self._gap()
            if least:
                self.sets += read.done()

    def _gap(self) -> None:
        """Anything may come: what was exact until here is needed."""
        self.sets.append(self.exact)
        self.exact = _EMPTY


def _inside(parts: Sequence[tuple[Any, Any]]) -> _Sequence:
    inner = _Sequence()
    inner.read(parts)
    return inner


def _one_of(members: Sequence[tuple[Any, Any]]) -> _Set | None:
    """The characters of a class, if they are few."""
    found: set[str] = set()
    for kind, value in members:
        if str(kind) == "LITERAL":
            found.add(chr(value).lower())
        elif str(kind) == "RANGE" and value[1] - value[0] < _WIDEST:
            found.update(chr(it).lower() for it in range(value[0], value[1] + 1))
        else:
            return None
    return _known(found) if len(found) <= _WIDEST else None


def _known(letters: AbstractSet[str]) -> _Set | None:
    return None if letters & _TWINS else frozenset(letters)


def _worth(found: _Set) -> tuple[bool, int]:
    return _tells(found), min(map(len, found), default=0)


def _tells(found: _Set) -> bool:
    """Whether many a text holds none of these: not so of a letter, a digit, a space."""
    told = [it.strip() for it in found]
    return len(found) <= _MOST and all(
        len(it) > 1 or (it and not it.isascii()) or it == "$" for it in told
    )


def _shortest(found: _Set) -> tuple[str, ...]:
    """Without what contains another of them."""
    return tuple(
        it
        for it in sorted(found)
        if not any(other != it and other in it for other in found)
    )
