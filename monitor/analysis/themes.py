"""Finds the watched themes in a document by their patterns, sentence by sentence.

Does not know any theme itself: what a theme is stands in feeds.yaml.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.analysis import sentences
from monitor.analysis.folding import fold
from monitor.analysis.patterns import PatternSet
from monitor.types import Language, Patterns, Theme, ThemeHit

IN_TITLE = 1.0
IN_BODY = 0.7
_FALLBACK: Language = "en"
_ADDRESS = re.compile(r"\b[a-z]{2,10}://[^\s)\]]+|\bwww\.[^\s)\]]+")


@dataclass(frozen=True, slots=True)
class _Group:
    """One way in which a theme is expressed in one language."""

    theme: str
    any: PatternSet
    all: PatternSet
    none: PatternSet

    @classmethod
    def of(cls, theme: str, written: Patterns) -> "_Group":
        return cls(theme, *map(PatternSet, (written.any, written.all, written.none)))

    def problems(self) -> Iterator[str]:
        """What is wrong with patterns that were left out."""
        for patterns in (self.any, self.all, self.none):
            yield from patterns.problems()

    def span_in(self, sentence: str, lowered: str) -> tuple[int, int] | None:
        """Where it is found in a sentence: the first match of `any`."""
        found = self.any.search(sentence, lowered)
        if not found or (self.all and not self.all.found(sentence, lowered)):
            return None
        return None if self.none.found(sentence, lowered) else found


class ThemeTagger:
    """Tags documents; made once for a configuration. regex.error for a bad pattern."""

    def __init__(self, themes: Sequence[Theme]) -> None:
        self._groups: dict[Language, list[_Group]] = {}
        for theme in themes:
            for language, several in theme.patterns.items():
                self._groups.setdefault(language, []).extend(
                    _Group.of(theme.id, written) for written in several
                )

    def problems(self) -> list[str]:
        """Patterns that took too long and are left out, each with its theme."""
        return [
            f"themes: {group.theme}: {problem}"
            for groups in self._groups.values()
            for group in groups
            for problem in group.problems()
        ]

    def tag(
        self,
        text: str,
        language: Language = _FALLBACK,
        spans: Sequence[sentences.Span] | None = None,
    ) -> list[ThemeHit]:
        """Hits in order, one per theme and sentence; 1.0 in the first line, else 0.7.

        `spans` are the sentences where they are already known.
        """
        groups = self._groups.get(language) or self._groups.get(_FALLBACK, [])
        lowered = fold(text).text.lower()
        likely = [group for group in groups if group.any.possible(lowered)]
        if not likely:
            return []
        title_end = text.find("\n")
        hits: list[ThemeHit] = []
        for start, end in sentences.split(text) if spans is None else spans:
            score = IN_TITLE if end <= title_end or title_end < 0 else IN_BODY
            hits += _hits(likely, text, start, end, score)
        return sorted(hits, key=lambda hit: (hit.start_char, hit.theme))


def _blank(address: re.Match[str]) -> str:
    """As many spaces: a link's words are not the sentence's."""
    return " " * len(address.group())


def _hits(
    groups: list[_Group], text: str, start: int, end: int, score: float
) -> Iterator[ThemeHit]:
    sentence = fold(_ADDRESS.sub(_blank, text[start:end]))
    lowered = sentence.text.lower()
    seen = set()
    for group in groups:
        if group.theme in seen:
            continue
        span = group.span_in(sentence.text, lowered)
        if span is None:
            continue
        seen.add(group.theme)
        first, last = sentence.span(*span)
        yield ThemeHit(
            theme=group.theme,
            start_char=start + first,
            end_char=start + last,
            text=text[start + first : start + last],
            score=score,
        )
