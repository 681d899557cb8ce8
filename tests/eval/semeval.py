"""The SemEval-2017 headlines (task 5, subtask 2), and their official measure."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.recipe.examples import find_target
from monitor.analysis.sentiment import Item, SentimentScorer
from monitor.types import Sentiment

_LEGAL_FORM = re.compile(
    r"(?:[\s,]+(?:PLC|Group|Inc|Corp|Corporation|Co|Company|Ltd|Limited|Holdings?)\.?)+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Headlines:
    """Headlines with a score from -1 to 1 toward a company."""

    items: list[Item]
    scores: list[float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Likeness:
    """How alike given and labelled scores are."""

    rows: int
    answered: int
    cosine: float
    """Official: of the answered rows, times their share of all rows."""


def read(path: Path) -> Headlines:
    """Read the set; the whole title where its company is not found in it."""
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return Headlines(
        items=[(row["title"], *span_of(row["title"], row["company"])) for row in rows],
        scores=[row["sentiment"] for row in rows],
    )


def span_of(title: str, company: str) -> tuple[int, int] | tuple[None, None]:
    """Where the title names the company, with its legal form or without."""
    short = _LEGAL_FORM.sub("", company)
    return find_target(title, company) or find_target(title, short) or (None, None)


def measure(scorer: SentimentScorer, headlines: Headlines) -> Likeness:
    """Score all headlines and compare; one without a result is not answered."""
    results = scorer.score(headlines.items)
    pairs = [
        (given, labelled)
        for result, labelled in zip(results, headlines.scores, strict=True)
        if (given := _score(result)) is not None
    ]
    share = len(pairs) / len(headlines.scores)
    return Likeness(
        rows=len(headlines.scores),
        answered=len(pairs),
        cosine=round(share * cosine([g for g, _ in pairs], [s for _, s in pairs]), 4),
    )


def _score(result: Sentiment) -> float | None:
    """The score, or what it would be had the model not abstained."""
    if result.score is None and result.positive is not None:
        return result.positive - (result.negative or 0.0)
    return result.score


def cosine(left: Sequence[float], right: Sequence[float]) -> float:
    """Of two vectors of one length; 0 where one has no direction."""
    product = sum(a * b for a, b in zip(left, right, strict=True))
    sizes = math.hypot(*left) * math.hypot(*right)
    return product / sizes if sizes else 0.0
