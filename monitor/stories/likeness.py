"""How sure it is that two documents tell the same event.

A logistic regression over what two fingerprints have in common. Its weights were fitted
by `python -m tests.eval.stories --fit` on half of the labelled stories, for the model
that ships; what is like may only count for, and what differs against.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from monitor.stories import titles
from monitor.stories.fingerprint import Fingerprint
from monitor.stories.rows import RowCosines

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# `rivals`: both titles have names, and how few of them in common; `strangers`: both
# name companies, none in common; `others`: each names one that the other does not;
# `odds`: both have amounts of a unit, none in common.
FEATURES = (
    "one",
    "embedding",
    "words",
    "shared",
    "names",
    "rivals",
    "swapped",
    "companies",
    "strangers",
    "others",
    "themes",
    "amounts",
    "odds",
    "days",
)


Weights = dict[str, float]
_VECTORS = ("embedding", "words", "shared")

# Of two texts in one language, and of two in two.
SAME: Weights = {
    "one": -9.13,
    "embedding": 5.33,
    "words": 5.83,
    "shared": 7.95,
    "names": 0.0,
    "rivals": -0.35,
    "swapped": -9.2,
    "companies": 0.77,
    "strangers": -3.26,
    "others": -4.07,
    "themes": 0.65,
    "amounts": 3.66,
    "odds": 0.0,
    "days": -1.25,
}
CROSS: Weights = {
    "one": -4.05,
    "embedding": 3.39,
    "words": 2.67,
    "shared": 6.92,
    "names": 3.53,
    "rivals": -0.52,
    "swapped": 0.0,
    "companies": 0.82,
    "strangers": -0.63,
    "others": -0.82,
    "themes": 0.21,
    "amounts": 3.67,
    "odds": -0.71,
    "days": -3.96,
}
LEAST = 0.18
"""From 0.15 to 0.25 the labelled stories come out about as well (`--fit` prints it)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosines:
    """Products of the vectors of a new document with those of another."""

    embedding: float | None
    words: float
    shared: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """The weights of `FEATURES`, and from where on two documents tell the same."""

    same: Weights
    cross: Weights
    least: float

    @classmethod
    def learnt(cls) -> Self:
        return cls(same=SAME, cross=CROSS, least=LEAST)

    @property
    def vectors(self) -> Weights:
        """What the vectors weigh, about."""
        return {name: (self.same[name] + self.cross[name]) / 2 for name in _VECTORS}

    def rough(
        self, new: Fingerprint, others: Sequence[Fingerprint], cosines: RowCosines
    ) -> "NDArray[np.float64]":
        """(len(others),): the part of vectors and companies, to choose whom to compare.

        Of other documents with `new`, of which the cosines are too.
        """
        import numpy as np

        is_same = np.array([it.language == new.language for it in others], bool)
        in_common = [len(it.companies & new.companies) for it in others]
        found = {name: getattr(cosines, name) for name in _VECTORS} | {
            "one": 1.0,
            "companies": np.array(in_common) / max(1, len(new.companies)),
        }
        total = np.zeros(len(others))
        for name, values in found.items():
            total += np.where(is_same, self.same[name], self.cross[name]) * values
        return total

    def sure(self, one: Fingerprint, other: Fingerprint, cosines: Cosines) -> float:
        """How sure it is that two documents tell the same event, 0 to 1."""
        weights = self.same if one.language == other.language else self.cross
        values = features(one, other, cosines)
        total = sum(
            weights[name] * value for name, value in zip(FEATURES, values, strict=True)
        )
        return 1 / (1 + math.exp(-total))


def features(one: Fingerprint, other: Fingerprint, cosines: Cosines) -> list[float]:
    """What `FEATURES` names, each about 0 to 1; None there is counted as 0."""
    names, rivals = _names(one, other)
    is_same = one.language == other.language
    return [
        1.0,
        cosines.embedding or 0.0,
        max(0.0, cosines.words),
        max(0.0, cosines.shared),
        names,
        rivals,
        float(is_same and titles.is_swapped(one.title, other.title)),
        _jaccard(one.companies, other.companies),
        float(_strange(one.companies, other.companies)),
        float(
            bool(one.companies - other.companies and other.companies - one.companies)
        ),
        _overlap(one.themes, other.themes),
        float(bool(one.amounts & other.amounts)),
        float(_at_odds(one.amounts, other.amounts)),
        days_between(one, other),
    ]


def days_between(one: Fingerprint, other: Fingerprint) -> float:
    """Days from one to the other; 0 where one of them is not dated."""
    if one.published_at is None or other.published_at is None:
        return 0.0
    return abs(one.published_at - other.published_at) / timedelta(days=1)


def _names(one: Fingerprint, other: Fingerprint) -> tuple[float, float]:
    """How far the names of two titles are the same, and how far they are not."""
    in_one = one.language == other.language
    of = titles.names if in_one else titles.shared_names
    ours, theirs = of(one.title), of(other.title)
    same = _overlap(ours, theirs)
    return same, 1.0 - same if ours and theirs else 0.0


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    least = min(len(one), len(other))
    return len(one & other) / least if least else 0.0


def _strange(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether both name companies, and none that the other names."""
    return bool(one) and bool(other) and not one & other


def _at_odds(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether both have amounts of one unit, and none of them alike."""
    units = {amount.split(":")[0] for amount in one}
    same = {amount.split(":")[0] for amount in other} & units
    return bool(same) and not one & other
