"""The shipped sentiment model on the texts that were kept out of its training."""

from collections.abc import Iterator
from pathlib import Path

from monitor.analysis.sentiment import SentimentModel, default_model_dir


def model() -> SentimentModel | None:
    """The shipped model; None where none was built yet."""
    folder = default_model_dir()
    return SentimentModel(folder) if (folder / "manifest.json").exists() else None


def held_out(scorer: SentimentModel, shared: Path) -> Iterator[tuple[str, float]]:
    """Yield (`sentiment.held_out.<set>`, accuracy) of every held-out set."""
    from models.recipe.evaluation import labelled_sets, measure

    for labelled in labelled_sets(shared):
        name = labelled.name.replace(", ", "_").replace(" ", "_")
        yield f"sentiment.held_out.{name}", measure(scorer, labelled).accuracy
