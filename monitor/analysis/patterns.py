"""Literals and regular expressions as people write them in feeds.yaml.

A literal in Latin letters matches whole words in any case, singular and plural; its
spaces match hyphens too; a `*` at the end matches any ending. One with Hangul matches
anywhere, with or without its spaces. `re:` takes a regular expression, any case: a
person's own, so it runs under a time limit and is left out once it has exceeded it.
"""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Self

import regex

from monitor.analysis import literals
from monitor.analysis.literals import Needed

_HANGUL = re.compile("[가-힣]")
_GAP = re.compile(r"[\s-]+")
_WORD = re.compile(r"\w+")
_START = 3
_START_OF_WORD = re.compile(rf"\w{{{_START}}}")


LIMIT_S = 0.1
"""Processor time that a `re:` pattern may take for one sentence; usual is 0.0001."""


@dataclass(slots=True)
class Pattern:
    """One compiled pattern; lower-cased texts that it matches hold `core` and `needed`."""

    written: str
    core: str
    compiled: re.Pattern[str] | regex.Pattern[str]
    needed: Needed = ()
    start: str = ""
    """First letters of a word of each lower-cased text that it matches."""
    problem: str = field(default="", init=False)
    """Why it is not looked for any more; empty as long as it is."""

    def possible(self, lowered: str) -> bool:
        """False if it can't match: a cheap test before the expression runs."""
        if self.core not in lowered:
            return False
        return not self.needed or literals.is_possible(self.needed, lowered)

    def search(self, text: str) -> re.Match[str] | regex.Match[str] | None:
        """The first match; None too where it takes too long, and ever after."""
        if isinstance(self.compiled, re.Pattern):
            return self.compiled.search(text)
        if self.problem:
            return None
        try:
            return self.compiled.search(text, timeout=LIMIT_S)
        except TimeoutError:
            self.problem = (
                f"{self.written}: took more than {LIMIT_S:g} s on a sentence and is "
                "left out from now on; simplify what repeats inside a repetition"
            )
            return None


class PatternSet:
    """Several patterns of which any may match."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._patterns = tuple(patterns)

    @classmethod
    def written(cls, written: Iterable[str]) -> Self:
        """Of patterns as they are written; regex.error where a `re:` is none."""
        return cls(map(compile_pattern, written))

    def __len__(self) -> int:
        return len(self._patterns)

    def problems(self) -> Iterator[str]:
        """What is wrong with patterns that were left out."""
        return (pattern.problem for pattern in self._patterns if pattern.problem)

    def narrowed(self, lowered: str, starts: AbstractSet[str] | None = None) -> Self:
        """Those that can match somewhere in a text, to be looked for in its sentences.

        `starts` are the text's `word_starts`: worth their time for many patterns.
        """
        likely: Iterable[Pattern] = self._patterns
        if starts is not None:
            likely = (it for it in likely if it.start in starts)
        return type(self)(it for it in likely if it.possible(lowered))

    def search(self, text: str, lowered: str) -> tuple[int, int] | None:
        """The first match; `lowered` is the text in lower case."""
        spans = [
            found.span()
            for pattern in self._patterns
            if pattern.possible(lowered) and (found := pattern.search(text))
        ]
        return min(spans, default=None)

    def found(self, text: str, lowered: str) -> str | None:
        """What any of them matches, the first in the order as given."""
        return next(self.each(text, lowered), None)

    def each(self, text: str, lowered: str) -> Iterator[str]:
        """What each of them matches first, in the order as given."""
        for pattern in self._patterns:
            if pattern.possible(lowered) and (found := pattern.search(text)):
                yield found.group()


def word_starts(lowered: str) -> set[str]:
    """What the words of a lower-cased text begin with; and nothing, which all do."""
    return {word[:_START] for word in _WORD.findall(lowered)} | {""}


def compile_pattern(written: str) -> Pattern:
    """Compile one pattern; regex.error where a `re:` pattern is none."""
    if written.startswith("re:"):
        compiled = regex.compile(written[3:], regex.IGNORECASE)
        return Pattern(written, "", compiled, literals.needed(written[3:]))
    if _HANGUL.search(written):
        words = written.split()
        expression = r"\s?".join(map(re.escape, words))
        core, start = max(words, key=len).lower(), ""
    else:
        stem = written.removesuffix("*")
        words = _GAP.split(stem.strip())
        ending = r"\w*" if written.endswith("*") else r"(?:e?s)?(?!\w)"
        expression = r"(?<!\w)" + r"[\s-]+".join(map(re.escape, words)) + ending
        core = max(words, key=len).lower()
        start = core[:_START] if _START_OF_WORD.match(core) else ""
    compiled = re.compile(expression, re.IGNORECASE)
    return Pattern(written, core, compiled, start=start)
