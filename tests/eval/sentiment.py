"""The shipped sentiment model on the texts that were kept out of its training."""

from collections.abc import Iterator
from pathlib import Path

from models.recipe.evaluation import labelled_sets, measure
from monitor.analysis.sentiment import SentimentModel, default_model_dir

PREFIX = "sentiment.held_out"
_SETS = ("sentfin", "korfin")


def model() -> SentimentModel | None:
    """The shipped model; None where none was built yet."""
    folder = default_model_dir()
    return SentimentModel(folder) if (folder / "manifest.json").exists() else None


def held_out(scorer: SentimentModel, shared: Path) -> Iterator[tuple[str, float]]:
    """Yield the accuracy on each set's fifth; what it is called, then the figure.

    The whole table, with sets that are never trained on, is the model card's.
    """
    wanted = set(_SETS)
    for labelled in labelled_sets(shared):
        if labelled.name in wanted:
            wanted.discard(labelled.name)
            figures = measure(scorer, labelled)
            yield f"{PREFIX}.accuracy.{labelled.name}", figures.accuracy
        if not wanted:
            return
