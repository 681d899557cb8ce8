"""Chooses what scores the mentions: our own model, or one that the user names."""

from monitor.analysis.sentiment import SentimentModel, SentimentScorer

BUILTIN = "builtin"


def load(model: str) -> SentimentScorer:
    """The scorer that `model` in feeds.yaml means.

    `builtin`, a folder with a Hugging Face classifier, or its name on the hub. Raises
    ModelError if it is missing, damaged, or needs something that is not installed.
    """
    if model == BUILTIN:
        return SentimentModel()
    from monitor.analysis.classifier import HuggingFaceClassifier

    return HuggingFaceClassifier(model)
