"""Labelled passages: one JSON object a line, as the labelling guideline describes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.types import Analysis, Document, Quantity, Sentiment

THEMES = ("gigafactory", "ppa", "liquid_cooling", "environmental_controversy")
"""The themes that are labelled; others of feeds.yaml are not measured."""

KINDS = ("power", "energy", "money")
"""The kinds of amounts that are labelled; numbers of GPUs are not measured."""

Fact = tuple[str, float, str]
"""Kind, normalised value, unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What a careful reader finds in a passage."""

    id: str
    language: str
    title: str
    text: str
    """Title and text, a line each."""
    companies: dict[str, str]
    """Sentiment by company."""
    themes: frozenset[str]
    quantities: frozenset[Fact]


def read(path: Path) -> list[Passage]:
    """Read a file in the gold format."""
    with path.open(encoding="utf-8") as lines:
        return [passage(json.loads(line)) for line in lines if line.strip()]


def passage(row: dict[str, Any]) -> Passage:
    """One row of the format."""
    return Passage(
        id=str(row["id"]),
        language=row["language"],
        title=row["title"],
        text="\n".join(filter(None, (row["title"], row["text"]))),
        companies={c["company"]: c["sentiment"] for c in row["companies"]},
        themes=frozenset(row["themes"]),
        quantities=frozenset(
            fact(q["kind"], q["value"], q["unit"]) for q in row["quantities"]
        ),
    )


def fact(kind: str, value: float, unit: str) -> Fact:
    """Rounded to six digits: 0.3 GW and 300 MW are one fact."""
    return kind, float(f"{value:.6g}"), unit


def facts(quantities: Sequence[Quantity]) -> frozenset[Fact]:
    return frozenset(
        fact(q.kind, q.normalised, q.normalised_unit)
        for q in quantities
        if q.kind in KINDS
    )


def document(passage: Passage) -> Document:
    """The passage as the analyzer takes it; its language is not told."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Document(
        id=passage.id,
        kind="article",
        url="",
        title=passage.title,
        text=passage.text,
        language="und",
        published_at=now,
        fetched_at=now,
    )


def sentiments(analysis: Analysis) -> dict[str, str]:
    """Per company the sign of its mentions' mean probabilities; scored ones only."""
    scored: dict[str, list[Sentiment]] = {}
    for mention in analysis.mentions:
        if mention.sentiment and mention.sentiment.score is not None:
            scored.setdefault(mention.company, []).append(mention.sentiment)
    return {company: _label(several) for company, several in scored.items()}


def _label(several: list[Sentiment]) -> str:
    sums = {
        "negative": sum(s.negative or 0 for s in several),
        "neutral": sum(s.neutral or 0 for s in several),
        "positive": sum(s.positive or 0 for s in several),
    }
    return max(sums, key=lambda label: sums[label])
