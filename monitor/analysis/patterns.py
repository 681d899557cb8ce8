"""Literals and regular expressions as people write them in feeds.yaml.

A literal in Latin letters matches whole words in any case, singular and plural; its
spaces match hyphens too; a `*` at the end matches any ending. One with Hangul matches
anywhere, with or without its spaces. `re:` takes a regular expression, any case: a
person's own, so it runs under a time limit and is left out once it has exceeded it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import regex

_HANGUL = re.compile("[가-힣]")
_GAP = re.compile(r"[\s-]+")


LIMIT_S = 0.1
"""Processor time that a `re:` pattern may take for one sentence; usual is 0.0001."""


@dataclass(slots=True)
class Pattern:
    """One compiled pattern; `core` is in every lower-cased text that it matches."""

    written: str
    core: str
    compiled: re.Pattern[str] | regex.Pattern[str]
    problem: str = field(default="", init=False)
    """Why it is not looked for any more; empty as long as it is."""

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

    def __init__(self, written: Iterable[str]) -> None:
        self._patterns = [compile_pattern(one) for one in written]
        self._cores = [pattern.core for pattern in self._patterns]

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def problems(self) -> Iterator[str]:
        """What is wrong with patterns that were left out."""
        return (pattern.problem for pattern in self._patterns if pattern.problem)

    def possible(self, lowered: str) -> bool:
        """False if none can match: a cheap test before any regex runs."""
        return any(core in lowered for core in self._cores)

    def search(self, text: str, lowered: str) -> tuple[int, int] | None:
        """The first match; `lowered` is the text in lower case."""
        spans = [
            found.span()
            for pattern in self._patterns
            if pattern.core in lowered and (found := pattern.search(text))
        ]
        return min(spans, default=None)

    def found(self, text: str, lowered: str) -> str | None:
        """What any of them matches, the first in the order as given."""
        return next(self.each(text, lowered), None)

    def each(self, text: str, lowered: str) -> Iterator[str]:
        """What each of them matches first, in the order as given."""
        for pattern in self._patterns:
            if pattern.core in lowered and (found := pattern.search(text)):
                yield found.group()


def compile_pattern(written: str) -> Pattern:
    """Compile one pattern; regex.error where a `re:` pattern is none."""
    if written.startswith("re:"):
        return Pattern(written, "", regex.compile(written[3:], regex.IGNORECASE))
    if _HANGUL.search(written):
        words = written.split()
        expression = r"\s?".join(map(re.escape, words))
    else:
        stem = written.removesuffix("*")
        words = _GAP.split(stem.strip())
        ending = r"\w*" if written.endswith("*") else r"(?:e?s)?(?!\w)"
        expression = r"(?<!\w)" + r"[\s-]+".join(map(re.escape, words)) + ending
    core = max(words, key=len).lower()
    return Pattern(written, core, re.compile(expression, re.IGNORECASE))
