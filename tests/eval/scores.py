"""Precision, recall and F1 of what was found against what was labelled."""

from collections.abc import Hashable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from monitor.types import Analysis
from tests.eval import gold
from tests.eval.gold import THEMES, Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Counts of right, too many and missing."""

    right: int
    extra: int
    missing: int

    @property
    def precision(self) -> float:
        found = self.right + self.extra
        return self.right / found if found else 1.0

    @property
    def recall(self) -> float:
        labelled = self.right + self.missing
        return self.right / labelled if labelled else 1.0

    @property
    def f1(self) -> float:
        total = 2 * self.right + self.extra + self.missing
        return 2 * self.right / total if total else 1.0


def compare(
    pairs: Iterable[tuple[AbstractSet[Hashable], AbstractSet[Hashable]]],
) -> Score:
    """Count over (found, labelled) of all passages."""
    right = extra = missing = 0
    for found, labelled in pairs:
        right += len(found & labelled)
        extra += len(found - labelled)
        missing += len(labelled - found)
    return Score(right=right, extra=extra, missing=missing)


def measure(
    passages: Sequence[Passage], analyses: Sequence[Analysis]
) -> dict[str, float]:
    """Every figure by name (`companies.f1.en`), each between 0 and 1."""
    figures: dict[str, float] = {}
    read = list(zip(passages, analyses, strict=True))
    for language in sorted({passage.language for passage in passages}):
        part = [(p, a) for p, a in read if p.language == language]
        figures |= _figures(part, language)
    return figures | _figures(read, "all")


def _figures(read: list[tuple[Passage, Analysis]], suffix: str) -> dict[str, float]:
    companies = compare(
        ({m.company for m in a.mentions}, p.companies.keys()) for p, a in read
    )
    quantities = compare((gold.facts(a.quantities), p.quantities) for p, a in read)
    themes = {theme: _theme(read, theme) for theme in THEMES}
    present = [s.f1 for s in themes.values() if s.right + s.extra + s.missing]
    right = sum(p.language == a.language for p, a in read)
    figures = {
        "language.accuracy": right / len(read),
        "companies.precision": companies.precision,
        "companies.recall": companies.recall,
        "companies.f1": companies.f1,
        "quantities.precision": quantities.precision,
        "quantities.recall": quantities.recall,
        "quantities.f1": quantities.f1,
        **{f"themes.{theme}.f1": score.f1 for theme, score in themes.items()},
        "themes.macro_f1": sum(present) / len(present) if present else 1.0,
        **_sentiment(read),
    }
    return {f"{name}.{suffix}": round(value, 4) for name, value in figures.items()}


def _theme(read: list[tuple[Passage, Analysis]], theme: str) -> Score:
    return compare(
        ({h.theme for h in a.themes} & {theme}, p.themes & {theme}) for p, a in read
    )


def _sentiment(read: list[tuple[Passage, Analysis]]) -> dict[str, float]:
    """Toward the labelled companies that were found; nothing where none was judged.

    `accuracy` is of those with an answer, `coverage` their share; in an F1 a company
    without an answer is missing.
    """
    pairs = [
        (label, given.get(company))
        for p, a in read
        for given in [gold.sentiments(a)]
        for company, label in p.companies.items()
        if company in {m.company for m in a.mentions if m.sentiment}
    ]
    if not pairs:
        return {}
    answered = [(label, given) for label, given in pairs if given]
    right = sum(label == given for label, given in answered)
    labels = {label for label, _ in pairs} | {given for _, given in answered}
    f1 = {label: _label_f1(pairs, label) for label in labels}
    return {
        "sentiment.accuracy": right / len(answered) if answered else 0.0,
        "sentiment.macro_f1": sum(f1.values()) / len(f1),
        "sentiment.negative_f1": _label_f1(pairs, "negative"),
        "sentiment.coverage": len(answered) / len(pairs),
    }


def _label_f1(pairs: Sequence[tuple[str, str | None]], name: str) -> float:
    right = sum(label == given == name for label, given in pairs)
    labelled = sum(label == name for label, _ in pairs)
    given = sum(given == name for _, given in pairs)
    return Score(right=right, extra=given - right, missing=labelled - right).f1
