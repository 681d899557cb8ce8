"""How near sentences are to the examples and the description of a theme.

Measured by ordinary news: 0 is as near as ordinary news of the sentence's language, 1 as
much nearer as an ordinary sentence is to its own translation. So an example that is like
everything confirms nothing, Korean and English are measured alike, and so are models,
whatever their cosines are like. Knows neither patterns nor documents, and not where
embeddings come from.
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

TRADE = Path(__file__).with_name("trade_news.txt")
"""The same about AI compute: what most documents of the monitor have in common."""

_HANGUL = re.compile("[가-힣]")

Embed = Callable[[Sequence[str]], "NDArray[np.float32]"]
"""Texts to (len(texts), width), rows of length 1."""

# Measured: `python -m tests.eval.own_themes`.
FAR = 0.1
"""Below this, what a pattern found is dropped."""
NEARLY = 0.5
"""From this on, a sentence without a pattern is shown as nearly matching."""
NEAR = 0.7
"""From this on, a sentence counts without a pattern; a pattern's hit counts in full."""
SAME = 1.1
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
        news = {
            korean: embed([text for text in ordinary if _is_korean(text) is korean])
            for korean in (False, True)
        }
        unit = _unit(news)
        self._embed = embed
        self._anchors = {
            theme.id: _Anchors.of(
                [*theme.examples, *filter(None, [theme.description])],
                embed,
                news,
                unit,
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
    usual: "dict[bool, _Usual]"
    """Of ordinary news, Korean and not."""

    @classmethod
    def of(
        cls,
        texts: Sequence[str],
        embed: Embed,
        news: "dict[bool, NDArray[np.float32]]",
        unit: float,
    ) -> "_Anchors":
        rows = embed(texts)
        usual = {
            korean: _Usual.of(some @ rows.T, unit) for korean, some in news.items()
        }
        return cls(texts, rows, usual)

    def nearest(
        self, sentences: Sequence[str], rows: "NDArray[np.float32]"
    ) -> Iterator[Near]:
        for sentence, cosines in zip(sentences, rows @ self.rows.T, strict=True):
            value, at = self.usual[_is_korean(sentence)].measure(cosines)
            yield Near(value, self.texts[at])


@dataclass(frozen=True, slots=True, eq=False)
class _Usual:
    """How near ordinary news of a language is, to each text and to all of them."""

    mean: "NDArray[np.float32]"
    spread: "NDArray[np.float32]"
    level: float
    unit: float

    @classmethod
    def of(cls, cosines: "NDArray[np.float32]", unit: float) -> "_Usual":
        """From the cosines of (ordinary sentences, texts)."""
        mean = cosines.mean(axis=0)
        spread = cosines.std(axis=0).clip(min=LEAST_SPREAD)
        joint = _joint((cosines - mean) / spread)
        width = max(float(joint.std()), LEAST_SPREAD)
        return cls(mean, spread, float(joint.mean()), width * unit)

    def measure(self, cosines: "NDArray[np.float32]") -> tuple[float, int]:
        """The nearness of a sentence, and to which text it is nearest."""
        values = (cosines - self.mean) / self.spread
        nearness = (float(_joint(values[None])[0]) - self.level) / self.unit
        return nearness, int(values.argmax())


def _joint(values: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """Half by the nearest text, half by all: one alone is often near by chance."""
    joint: NDArray[np.float32] = (values.max(axis=1) + values.mean(axis=1)) / 2
    return joint


def _unit(news: "dict[bool, NDArray[np.float32]]") -> float:
    """By how many deviations ordinary sentences are nearer to their translations."""
    import numpy as np

    cosines = news[False] @ news[True].T
    same = np.eye(len(cosines), dtype=bool)
    others = cosines[~same]
    spread = max(float(others.std()), LEAST_SPREAD)
    return max(float(np.median(cosines[same]) - others.mean()) / spread, 1.0)


def _ordinary() -> list[str]:
    lines = [
        line
        for path in (ORDINARY, TRADE)
        for line in path.read_text("utf-8").splitlines()
    ]
    return [line for line in lines if line and not line.startswith("#")]


def _is_korean(text: str) -> bool:
    return _HANGUL.search(text) is not None
