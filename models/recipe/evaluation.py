"""Measures a model folder with the product's own inference code.

Held-out fifths of the training sets, and sets that are never trained on. Prints no
text of any set. Not responsible for floors: those belong to the tests.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.recipe.examples import (
    LABELS,
    find_target,
    korfin_examples,
    sentfin_examples,
)
from models.recipe.split import HELD_OUT
from monitor.analysis import context, sentences
from monitor.analysis.sentiment import Item, SentimentScorer
from monitor.types import Mention, Sentiment

BINS = 15


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelledSet:
    """A set to measure: what is scored and what should come out."""

    name: str
    items: list[Item]
    labels: list[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What was measured on one set; `confusion[label][given]` counts rows."""

    rows: int
    accuracy: float
    macro_f1: float
    f1: dict[str, float]
    calibration_error: float
    confusion: dict[str, dict[str, int]]


def labelled_sets(shared: Path) -> Iterator[LabelledSet]:
    """Every set, in the order of the model card."""
    data = shared / "data"
    yield from _sentfin_sets(data / "sentfin" / "sentfin.jsonl")
    yield _korfin_set(data)
    yield _finentity_set(data / "finentity" / "finentity.jsonl")
    path = data / "financial_phrasebank" / "phrasebank.jsonl"
    yield _sentence_set("phrasebank", path, "sentence")
    yield _sentence_set("phrasebank, all agree", path, "sentence", agreement=100)
    path = data / "finance_sentiment_ko" / "finance_sentiment_ko.jsonl"
    yield _sentence_set("phrasebank in Korean", path, "kor_sentence")
    for language in ("en", "ko"):
        yield _gold_set(shared / "gold" / "gold.jsonl", language)


def measure(scorer: SentimentScorer, labelled: LabelledSet) -> Figures:
    """Score a set and count."""
    results = scorer.score(labelled.items)
    given = [result.label or "none" for result in results]
    confusion: dict[str, Counter[str]] = {label: Counter() for label in LABELS}
    for label, answer in zip(labelled.labels, given, strict=True):
        confusion[label][answer] += 1
    f1 = {label: _f1(confusion, label) for label in LABELS}
    right = sum(confusion[label][label] for label in LABELS)
    return Figures(
        rows=len(given),
        accuracy=round(right / len(given), 4),
        macro_f1=round(sum(f1.values()) / len(f1), 4),
        f1={label: round(value, 4) for label, value in f1.items()},
        calibration_error=round(_calibration_error(results, labelled.labels), 4),
        confusion={label: dict(row) for label, row in confusion.items()},
    )


def _f1(confusion: dict[str, Counter[str]], label: str) -> float:
    hits = confusion[label][label]
    total = sum(confusion[label].values()) + sum(r[label] for r in confusion.values())
    return 2 * hits / total if total else 0.0


def _calibration_error(results: list[Sentiment], labels: list[str]) -> float:
    """Expected gap between confidence and accuracy over bins of equal width."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for result, label in zip(results, labels, strict=True):
        if result.label is None:
            continue
        confidence = getattr(result, result.label)
        place = min(BINS - 1, int(confidence * BINS))
        bins.setdefault(place, []).append((confidence, result.label == label))
    gaps = (abs(sum(c - r for c, r in rows)) for rows in bins.values())
    return sum(gaps) / max(1, sum(map(len, bins.values())))


def _sentfin_sets(path: Path) -> Iterator[LabelledSet]:
    rows = [e for e in sentfin_examples(path) if e.part == HELD_OUT]
    signs: dict[str, set[str]] = {}
    for e in rows:
        signs.setdefault(e.text, set()).add(e.label)
    mixed = [e for e in rows if len(signs[e.text]) > 1]
    for name, chosen in (("sentfin", rows), ("sentfin, mixed signs", mixed)):
        yield LabelledSet(
            name=name,
            items=[(e.text, e.start, e.end) for e in chosen],
            labels=[e.label for e in chosen],
        )


def _korfin_set(data: Path) -> LabelledSet:
    rows = korfin_examples(
        data / "korfin_sentences" / "korfin_sentences.jsonl",
        data / "companies_krx" / "krx_listed_desc.csv",
    )
    kept = [e for e in rows if e.part == HELD_OUT]
    return LabelledSet(
        name="korfin",
        items=[(e.text, None, None) for e in kept],
        labels=[e.label for e in kept],
    )


def _finentity_set(path: Path) -> LabelledSet:
    spans = [
        ((row["content"], a["start"], a["end"]), a["label"])
        for row in _rows(path)
        for a in row["annotations"]
    ]
    return LabelledSet(
        name="finentity", items=[i for i, _ in spans], labels=[n for _, n in spans]
    )


def _sentence_set(name: str, path: Path, field: str, agreement: int = 0) -> LabelledSet:
    rows = [row for row in _rows(path) if row.get("agreement", 100) >= agreement]
    return LabelledSet(
        name=name,
        items=[(row[field], None, None) for row in rows],
        labels=[row["label"] for row in rows],
    )


def _gold_set(path: Path, language: str) -> LabelledSet:
    items, labels = [], []
    for row in _rows(path):
        if row["language"] != language:
            continue
        title, text = row["title"], row["text"]
        for company in row["companies"]:
            item = passage_around(title, text, company["text"])
            if item:
                items.append(item)
                labels.append(company["sentiment"])
    return LabelledSet(
        name=f"gold, {language}, toward companies", items=items, labels=labels
    )


def passage_around(title: str, text: str, name: str) -> Item | None:
    """What the monitor gives the model for the first `name` in a document."""
    whole = f"{title}\n{text}" if title else text
    span = find_target(whole, name)
    if span is None:
        return None
    spans = sentences.split(whole)
    own = sentences.around(spans, *span)
    mention = Mention(
        company=name,
        start_char=span[0],
        end_char=span[1],
        text=name,
        sentence_start=own[0],
        sentence_end=own[1],
        confidence=1.0,
        relevance=1.0,
    )
    return context.around(whole, mention, spans, title_end=len(title))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
