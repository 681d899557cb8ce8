"""The vectors of many documents as matrices that grow, and products with them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from monitor.stories import copies, words
from monitor.stories.fingerprint import Fingerprint

_FIRST_ROOM = 256
_UNDATED = np.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCosines:
    """Cosines of one document with each row; 0 where there is no embedding."""

    embedding: NDArray[np.float32]
    words: NDArray[np.float32]
    shared: NDArray[np.float32]


class Rows:
    """What is multiplied and compared of each document, in the order of adding."""

    def __init__(self) -> None:
        self._count = 0
        self._words = np.zeros((_FIRST_ROOM, words.WIDTH), np.float32)
        self._shared = np.zeros((_FIRST_ROOM, words.WIDTH), np.float32)
        self._embeddings = np.zeros((_FIRST_ROOM, 0), np.float32)
        self._signatures = np.zeros((_FIRST_ROOM, copies.PERMUTATIONS), np.uint32)
        self._days = np.full(_FIRST_ROOM, _UNDATED)
        self._languages = np.zeros(_FIRST_ROOM, "U3")

    def add(self, found: Fingerprint) -> None:
        at = self._count
        if at == len(self._words):
            self._grow()
        self._words[at] = found.words
        self._shared[at] = found.shared
        if found.signature is not None:
            self._signatures[at] = found.signature
        if found.embedding is not None:
            if not self._embeddings.shape[1]:
                width = len(found.embedding)
                self._embeddings = np.zeros((len(self._words), width), np.float32)
            if self._embeddings.shape[1] == len(found.embedding):
                self._embeddings[at] = found.embedding
        self._days[at] = _days(found.published_at)
        self._languages[at] = found.language[:3]
        self._count += 1

    def _grow(self) -> None:
        for name in (
            "words",
            "shared",
            "embeddings",
            "signatures",
            "days",
            "languages",
        ):
            old = getattr(self, f"_{name}")
            new = np.zeros((2 * len(old), *old.shape[1:]), old.dtype)
            new[: len(old)] = old
            setattr(self, f"_{name}", new)

    @property
    def languages(self) -> NDArray[np.str_]:
        return self._languages[: self._count]

    def cosines(self, new: Fingerprint) -> RowCosines:
        end = self._count
        embedding = np.zeros(end, np.float32)
        width = self._embeddings.shape[1]
        if new.embedding is not None and width == len(new.embedding):
            embedding = self._embeddings[:end] @ new.embedding
        return RowCosines(
            embedding=embedding,
            words=self._words[:end] @ new.words,
            shared=self._shared[:end] @ new.shared,
        )

    def copies(
        self, signature: NDArray[np.uint32], least: float
    ) -> list[tuple[int, float]]:
        """Rows that share at least so much with a text, and how much."""
        shares = (self._signatures[: self._count] == signature).mean(axis=1)
        return [(int(at), float(shares[at])) for at in np.flatnonzero(shares >= least)]

    def within(self, at: datetime | None, window: timedelta) -> NDArray[np.bool_]:
        """Which rows are so near in time; undated ones are near to all."""
        days = self._days[: self._count]
        apart = np.abs(days - _days(at))
        return np.isnan(apart) | (apart <= window / timedelta(days=1))


def _days(moment: datetime | None) -> float:
    return _UNDATED if moment is None else moment.timestamp() / 86_400
