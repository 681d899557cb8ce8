"""How near sentences are to the examples and the description of a theme.

Compares embeddings and says what a distance is worth. Knows neither patterns nor
documents, and not where embeddings come from.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor.types import Theme

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Embed = Callable[[Sequence[str]], "NDArray[np.float32]"]
"""Texts to (len(texts), width), rows of length 1."""

FAR = 0.80
"""Below this, what a pattern found is dropped."""
NEARLY = 0.86
"""From this on, a sentence without a pattern is shown as nearly matching."""
NEAR = 0.88
"""From this on, a sentence counts without a pattern; a pattern's hit counts in full."""
SAME = 0.96
"""From this on, a sentence is taken for an example in other words."""

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

    cosine: float
    text: str


class Exemplars:
    """Examples and descriptions of themes, embedded once."""

    def __init__(self, themes: Sequence[Theme], embed: Embed) -> None:
        self._embed = embed
        self._texts = {
            theme.id: [*theme.examples, *filter(None, [theme.description])]
            for theme in themes
        }
        self._rows = {name: embed(texts) for name, texts in self._texts.items()}

    def compare(self, sentences: Iterable[str]) -> dict[str, list[Near | None]]:
        """By theme, what each sentence is nearest to, in the order of `sentences`.

        None for an empty one, and for those beyond MOST that differ.
        """
        sentences = list(sentences)
        distinct = list(dict.fromkeys(filter(None, sentences)))[:MOST]
        if not distinct:
            return {name: [None] * len(sentences) for name in self._texts}
        rows = self._embed(distinct)
        found = {}
        for name, texts in self._texts.items():
            cosines = rows @ self._rows[name].T
            near = {
                sentence: Near(float(cosines[i, at]), texts[at])
                for i, (sentence, at) in enumerate(
                    zip(distinct, cosines.argmax(axis=1), strict=True)
                )
            }
            found[name] = [near.get(sentence) for sentence in sentences]
        return found
