"""One sentence, and one group of a theme's patterns read against it.

Says where the group matches and, where it does not quite, why. Does not weigh that.
"""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from monitor.analysis import sentences
from monitor.analysis.folding import Folded, fold
from monitor.analysis.patterns import PatternSet
from monitor.types import Patterns, ThemeHit

IN_TITLE = 1.0
IN_BODY = 0.7

_ADDRESS = re.compile(r"\b[a-z]{2,10}://[^\s)\]]+|\bwww\.[^\s)\]]+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a document, as it is matched."""

    start: int
    end: int
    folded: Folded
    lowered: str
    score: float
    """What a hit in it is worth."""

    def hit(
        self, theme: str, text: str, span: tuple[int, int] | None, worth: float = 1.0
    ) -> ThemeHit:
        """A hit at `span` of the folded text, or all over the sentence."""
        first, last = self.folded.span(*span) if span else (0, self.end - self.start)
        return ThemeHit(
            theme=theme,
            start_char=self.start + first,
            end_char=self.start + last,
            text=text[self.start + first : self.start + last],
            score=self.score * worth,
        )


def read(
    text: str, spans: Sequence[sentences.Span] | None = None
) -> Iterator[Sentence]:
    """The sentences of a document; `spans` where they are already known."""
    title_end = text.find("\n")
    for start, end in sentences.split(text) if spans is None else spans:
        folded = fold(_ADDRESS.sub(_blank, text[start:end]))
        score = IN_TITLE if end <= title_end or title_end < 0 else IN_BODY
        yield Sentence(start, end, folded, folded.text.lower(), score)


def _blank(address: re.Match[str]) -> str:
    """As many spaces: a link's words are not the sentence's."""
    return " " * len(address.group())


@dataclass(frozen=True, slots=True)
class Reading:
    """A place that `any` matches, and what `all` or `none` has against it."""

    span: tuple[int, int]
    """Of the folded sentence."""
    objection: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """One way in which a theme is expressed in one language."""

    theme: str
    any: PatternSet
    all: PatternSet
    none: PatternSet

    @classmethod
    def of(cls, theme: str, written: Patterns) -> "Group":
        return cls(
            theme,
            *map(PatternSet.written, (written.any, written.all, written.none)),
        )

    def narrowed(self, lowered: str, starts: AbstractSet[str] | None) -> "Group":
        """With those of `any` that can match in the sentences of a text."""
        return Group(
            self.theme, self.any.narrowed(lowered, starts), self.all, self.none
        )

    def problems(self) -> Iterator[str]:
        """What is wrong with patterns that were left out."""
        for patterns in (self.any, self.all, self.none):
            yield from patterns.problems()

    def reading(self, sentence: Sentence) -> Reading | None:
        """The first match of `any`; None if there is none."""
        text, lowered = sentence.folded.text, sentence.lowered
        found = self.any.search(text, lowered)
        if not found:
            return None
        if self.all and self.all.found(text, lowered) is None:
            return Reading(found, "nothing of `all` is there")
        return Reading(found, self.objection(sentence))

    def objection(self, sentence: Sentence) -> str:
        """What `none` has against a sentence, empty if nothing."""
        found = self.none.found(sentence.folded.text, sentence.lowered)
        return "" if found is None else f'`none` forbids "{found}"'
