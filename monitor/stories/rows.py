"""The vectors of many documents as matrices that grow, and products with them.

Of thousands of rows, those that are multiplied with a new document are chosen by a
sketch: its vectors, weighted and projected to fewer places, whose product is about
the weighted sum of their cosines.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from monitor.stories import copies, words
from monitor.stories.fingerprint import Fingerprint

SKETCH = 128
"""Places: chance moves a product of two sketches by 0.09 of the weights' sum."""

HEAD, LEAST_HEAD = 32, 8
"""Places of a signature that are compared first, and how many of them must agree: 19
do of a copy by 0.6, fewer than 8 of one in 100,000."""

_FIRST_ROOM = 256
_UNDATED = np.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCosines:
    """Cosines of one document with each row; 0 where there is no embedding."""

    embedding: NDArray[np.float32]
    words: NDArray[np.float32]
    shared: NDArray[np.float32]


class Rows:
    """What is multiplied and compared of each document, in the order of adding.

    `weights` say what a cosine of `embedding`, `words` and `shared` counts in a sketch.
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._scales = {name: max(0.0, it) ** 0.5 for name, it in weights.items()}
        self._count = 0
        self._words = np.zeros((_FIRST_ROOM, words.WIDTH), np.float32)
        self._shared = np.zeros((_FIRST_ROOM, words.WIDTH), np.float32)
        self._embeddings = np.zeros((_FIRST_ROOM, 0), np.float32)
        self._sketches = np.zeros((_FIRST_ROOM, SKETCH), np.float32)
        self._signatures = np.zeros((_FIRST_ROOM, copies.PERMUTATIONS), np.uint32)
        self._heads = np.zeros((HEAD, _FIRST_ROOM), np.uint16)
        self._days = np.full(_FIRST_ROOM, _UNDATED)

    def add(self, found: Fingerprint) -> None:
        at = self._count
        if at == len(self._words):
            self._grow()
        self._words[at] = found.words
        self._shared[at] = found.shared
        self._sketches[at] = self._sketch(found)
        if found.signature is not None:
            self._signatures[at] = found.signature
            self._heads[:, at] = _head(found.signature)
        if found.embedding is not None:
            if not self._embeddings.shape[1]:
                width = len(found.embedding)
                self._embeddings = np.zeros((len(self._words), width), np.float32)
            if self._embeddings.shape[1] == len(found.embedding):
                self._embeddings[at] = found.embedding
        self._days[at] = _days(found.published_at)
        self._count += 1

    def _grow(self) -> None:
        names = ("words", "shared", "embeddings", "sketches", "signatures", "days")
        for name in names:
            old = getattr(self, f"_{name}")
            setattr(self, f"_{name}", np.concatenate([old, np.zeros_like(old)]))
        more = np.zeros_like(self._heads)
        self._heads = np.concatenate([self._heads, more], axis=1)

    def _sketch(self, found: Fingerprint) -> NDArray[np.float32]:
        total = np.zeros(SKETCH, np.float32)
        for name, scale in self._scales.items():
            vector = getattr(found, name)
            if vector is not None:
                total += scale * (vector @ _projection(name, len(vector)))
        return total

    def near(self, at: datetime | None, window: timedelta) -> NDArray[np.intp]:
        """Rows that are so near in time; undated ones are near to all."""
        apart = np.abs(self._days[: self._count] - _days(at))
        return np.flatnonzero(np.isnan(apart) | (apart <= window / timedelta(days=1)))

    def likeliest(
        self, new: Fingerprint, among: NDArray[np.intp], count: int
    ) -> NDArray[np.intp]:
        """So many of these rows at most, those whose sketches are the likest."""
        if len(among) <= count:
            return among
        likeness = (self._sketches[: self._count] @ self._sketch(new))[among]
        return among[np.argpartition(likeness, -count)[-count:]]

    def cosines(self, new: Fingerprint, rows: NDArray[np.intp]) -> RowCosines:
        """Each (len(rows),)."""
        embedding = np.zeros(len(rows), np.float32)
        width = self._embeddings.shape[1]
        if new.embedding is not None and width == len(new.embedding):
            embedding = self._embeddings[rows] @ new.embedding
        return RowCosines(
            embedding=embedding,
            words=self._words[rows] @ new.words,
            shared=self._shared[rows] @ new.shared,
        )

    def copies(
        self, signature: NDArray[np.uint32], least: float
    ) -> list[tuple[int, float]]:
        """Rows that share at least so much with a text, and how much."""
        agree = self._heads[:, : self._count] == _head(signature)[:, None]
        likely = np.flatnonzero(agree.sum(axis=0, dtype=np.uint8) >= LEAST_HEAD)
        shares = (self._signatures[likely] == signature).mean(axis=1)
        return [
            (int(at), float(share))
            for at, share in zip(likely, shares, strict=True)
            if share >= least
        ]


@cache
def _projection(name: str, width: int) -> NDArray[np.float32]:
    """(width, SKETCH): the same in every process."""
    seed = sorted(RowCosines.__slots__).index(name)
    drawn = np.random.default_rng(seed).standard_normal((width, SKETCH))
    scaled: NDArray[np.float32] = (drawn / SKETCH**0.5).astype(np.float32)
    return scaled


def _head(signature: NDArray[np.uint32]) -> NDArray[np.uint16]:
    return signature[:HEAD].astype(np.uint16)


def _days(moment: datetime | None) -> float:
    return _UNDATED if moment is None else moment.timestamp() / 86_400
