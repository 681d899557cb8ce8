"""How near sentences are to the examples and the description of a theme.

In standard deviations: by how many a sentence's cosine to an example is above that of
ordinary news of its language. So an example that is like everything confirms nothing,
and Korean and English are measured alike, whatever the cosines of a model are like.
Knows neither patterns nor documents, and not where embeddings come from.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.types import Theme

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ORDINARY = Path(__file__).with_name("ordinary_news.txt")
"""Sentences of both languages about everything."""

_HANGUL = re.compile("[가-힣]")

Embed = Callable[[Sequence[str]], "NDArray[np.float32]"]
"""Texts to (len(texts), width), rows of length 1."""

FAR = 1.2
"""Below this, what a pattern found is dropped."""
NEARLY = 3.5
"""From this on, a sentence without a pattern is shown as nearly matching."""
NEAR = 4.5
"""From this on, a sentence counts without a pattern; a pattern's hit counts in full."""
SAME = 8.0
"""From this on, a sentence is taken for an example in other words."""

LEAST_SPREAD = 0.001
"""Of cosines: below it they say nothing."""

MOST = 1_000
"""Sentences of a document that are embedded, the first of those that differ."""


def certainty_of_hit(nearness: float) -> float:
    """What a pattern's hit is worth, 0.5 at FAR to 1 at NEAR."""
    return _between(nearness, FAR, NEAR)


def certainty_alone(nearness: float) -> float:
    """What a sentence without a pattern is worth, 0.5 at NEAR to 1 at SAME."""
    return _between(nearness, NEAR, SAME)


def _between(nearness: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, 0.5 + 0.5 * (nearness - low) / (high - low)))


@dataclass(frozen=True, slots=True)
class Near:
    """The nearest of a theme's examples and its description."""

    nearness: float
    text: str


class Exemplars:
    """Examples and descriptions of themes, embedded once."""

    def __init__(self, themes: Sequence[Theme], embed: Embed) -> None:
        ordinary = _ordinary()
        known = {
            korean: embed([text for text in ordinary if _is_korean(text) is korean])
            for korean in (False, True)
        }
        self._embed = embed
        self._anchors = {
            theme.id: _Anchors.of(
                [*theme.examples, *filter(None, [theme.description])], embed, known
            )
            for theme in themes
        }

    def compare(self, sentences: Iterable[str]) -> dict[str, list[Near | None]]:
        """By theme, what each sentence is nearest to, in the order of `sentences`.

        None for an empty one, and for those beyond MOST that differ.
        """
        sentences = list(sentences)
        distinct = list(dict.fromkeys(filter(None, sentences)))[:MOST]
        if not distinct:
            return {name: [None] * len(sentences) for name in self._anchors}
        rows = self._embed(distinct)
        found = {}
        for name, anchors in self._anchors.items():
            near = dict(zip(distinct, anchors.nearest(distinct, rows), strict=True))
            found[name] = [near.get(sentence) for sentence in sentences]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _Anchors:
    """What a theme's sentences are compared with."""

    texts: Sequence[str]
    rows: "NDArray[np.float32]"
    usual: "dict[bool, tuple[NDArray[np.float32], NDArray[np.float32]]]"
    """For Korean and not: mean and spread of ordinary news' cosines to each text."""

    @classmethod
    def of(
        cls,
        texts: Sequence[str],
        embed: Embed,
        known: "dict[bool, NDArray[np.float32]]",
    ) -> "_Anchors":
        rows = embed(texts)
        cosines = {korean: some @ rows.T for korean, some in known.items()}
        usual = {
            korean: (found.mean(axis=0), found.std(axis=0).clip(min=LEAST_SPREAD))
            for korean, found in cosines.items()
        }
        return cls(texts, rows, usual)

    def nearest(
        self, sentences: Iterable[str], rows: "NDArray[np.float32]"
    ) -> Iterator[Near]:
        for sentence, cosines in zip(sentences, rows @ self.rows.T, strict=True):
            mean, spread = self.usual[_is_korean(sentence)]
            values = (cosines - mean) / spread
            at = int(values.argmax())
            yield Near(float(values[at]), self.texts[at])


def _ordinary() -> list[str]:
    lines = ORDINARY.read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _is_korean(text: str) -> bool:
    return _HANGUL.search(text) is not None
