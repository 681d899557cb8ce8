"""Any scorer of sentiment on the texts that our model was kept from.

The fifths held out of the training sets, sets that are never trained on, our labelled
passages sentence by sentence, and the SemEval headlines. Not responsible for what the
monitor makes of whole passages: see `scores`.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path

from models.recipe.evaluation import Figures, LabelledSet, labelled_sets, measure
from models.recipe.examples import is_english
from monitor.analysis.encoder import default_model_dir
from monitor.analysis.sentiment import (
    Item,
    SentimentModel,
    SentimentScorer,
)
from monitor.types import Label, Sentiment
from tests.eval import semeval
from tests.eval.semeval import Headlines, Likeness

PREFIX = "sentiment.held_out"
_HEADLINES = Path("data") / "semeval2017_task5_headlines" / "headlines.jsonl"


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A scorer's figures on one set.

    `figures` take the likeliest label of every row, also where the scorer abstained;
    `confusion[label][given]` counts what it answered, "none" where it did not.
    """

    name: str
    language: str
    figures: Figures
    confusion: dict[str, dict[str, int]]

    @property
    def answered(self) -> int:
        return self.figures.rows - sum(
            row.get("none", 0) for row in self.confusion.values()
        )

    @property
    def coverage(self) -> float:
        return self.answered / self.figures.rows

    @property
    def accuracy_of_answers(self) -> float:
        right = sum(row.get(label, 0) for label, row in self.confusion.items())
        return round(right / self.answered, 4) if self.answered else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """One scorer on all sets in its languages."""

    name: str
    judged: list[Judged]
    headlines: Likeness | None = None


def model() -> SentimentModel | None:
    """The shipped model; None where none was built yet."""
    folder = default_model_dir()
    return SentimentModel(folder) if (folder / "manifest.json").exists() else None


def results(
    scorer: SentimentScorer,
    sets: Iterable[LabelledSet],
    headlines: Headlines | None,
    *,
    languages: Collection[str] = ("en", "ko"),
    report: Callable[[str], None] = lambda _: None,
) -> Results:
    """Measure a scorer on the sets in `languages`; `report` names each as it begins."""
    judged = []
    for labelled in sets:
        if (language := language_of(labelled)) in languages:
            report(f"{scorer.name}: {labelled.name}")
            judged.append(judge(scorer, labelled, language))
    likeness = None
    if headlines and "en" in languages:
        report(f"{scorer.name}: semeval")
        likeness = semeval.measure(scorer, headlines)
    return Results(name=scorer.name, judged=judged, headlines=likeness)


def read_sets(shared: Path) -> tuple[list[LabelledSet], Headlines]:
    """Every set that is measured, about 16,000 rows, and the headlines."""
    return list(labelled_sets(shared)), semeval.read(shared / _HEADLINES)


def language_of(labelled: LabelledSet) -> str:
    """`ko` where most texts have Hangul in them, else `en`."""
    korean = sum(not is_english(text) for text, _, _ in labelled.items)
    return "ko" if 2 * korean > len(labelled.items) else "en"


def judge(scorer: SentimentScorer, labelled: LabelledSet, language: str) -> Judged:
    """Score a set once and count it with and without abstentions."""
    given = scorer.score(labelled.items)
    return Judged(
        name=labelled.name,
        language=language,
        figures=measure(_Recorded([_likeliest(one) for one in given]), labelled),
        confusion=measure(_Recorded(given), labelled).confusion,
    )


def named(results: Results) -> Iterator[tuple[str, float]]:
    """Yield each figure that has a floor: more is better, all between 0 and 1.

    `calibration` is 1 less the calibration error.
    """
    for one in results.judged:
        slug, figures = slug_of(one.name), one.figures
        yield f"{PREFIX}.accuracy.{slug}", figures.accuracy
        yield f"{PREFIX}.macro_f1.{slug}", figures.macro_f1
        yield f"{PREFIX}.negative_f1.{slug}", figures.f1["negative"]
        yield f"{PREFIX}.calibration.{slug}", 1 - figures.calibration_error
        yield f"{PREFIX}.coverage.{slug}", one.coverage
    if results.headlines:
        yield f"{PREFIX}.cosine.semeval", results.headlines.cosine


def slug_of(name: str) -> str:
    """A set's name as a part of a figure's."""
    return re.sub(r"\W+", "_", name)


class _Recorded:
    """Says again what a scorer said, so that one pass serves two counts."""

    name = "recorded"

    def __init__(self, given: list[Sentiment]) -> None:
        self._given = given

    def score(self, items: Sequence[Item]) -> list[Sentiment]:
        if len(items) != len(self._given):
            raise ValueError(f"{len(items)} items, {len(self._given)} recorded")
        return self._given


def _likeliest(given: Sentiment) -> Sentiment:
    """The label of the highest probability, if there are any."""
    if given.negative is None or given.neutral is None or given.positive is None:
        return given
    by_label: dict[Label, float] = {
        "negative": given.negative,
        "neutral": given.neutral,
        "positive": given.positive,
    }
    return replace(given, label=max(by_label.items(), key=itemgetter(1))[0])
