"""Any Hugging Face sequence classifier, behind the same `score` as our own model.

For `ProsusAI/finbert`, `snunlp/KR-FinBert-SC` or a local folder; needs the extra
`torch`. Such a model judges a whole text: a target only chooses the part it sees.
"""

from collections.abc import Sequence
from typing import Any

from monitor.analysis.sentiment import Item, sentiment_of
from monitor.errors import ModelError
from monitor.types import Label, Sentiment

_LABELS: tuple[Label, ...] = ("negative", "neutral", "positive")
_REACH = 400
"""Characters on each side of a target: about what 512 tokens of Korean hold."""


class HuggingFaceClassifier:
    """A sequence classifier by hub name or local folder; loads on construction.

    Raises ModelError when torch is not installed, the model cannot be had, or its
    labels are not negative, neutral and positive (in any case).
    """

    def __init__(
        self, name: str, *, batch_size: int = 32, threads: int | None = None
    ) -> None:
        self.name = name
        self._batch_size = batch_size
        self._torch = _import_torch(name)
        if threads is not None:
            self._torch.set_num_threads(threads)
        self._tokenizer, self._network = _load(name)
        config = self._network.config
        self._labels = label_order(name, config.id2label)
        self._limit = min(int(config.max_position_embeddings), 512)

    def score(self, items: Sequence[Item]) -> list[Sentiment]:
        """One Sentiment per item, in order; all None for a text without words."""
        texts = [_near(*item) for item in items]
        order = sorted(
            (i for i, text in enumerate(texts) if text.strip()),
            key=lambda i: len(texts[i]),
        )
        results = [sentiment_of({}, 0, self.name) for _ in items]
        for at in range(0, len(order), self._batch_size):
            chosen = order[at : at + self._batch_size]
            rows = self._probabilities([texts[i] for i in chosen])
            for i, row in zip(chosen, rows, strict=True):
                totals = dict(zip(self._labels, row, strict=True))
                results[i] = sentiment_of(totals, 1, self.name)
        return results

    def _probabilities(self, texts: list[str]) -> list[list[float]]:
        inputs = self._tokenizer(
            texts,
            padding=True,
            truncation=True,
            max_length=self._limit,
            return_tensors="pt",
        )
        with self._torch.inference_mode():
            logits = self._network(**inputs).logits
        rows: list[list[float]] = logits.float().softmax(dim=-1).tolist()
        return rows


def label_order(name: str, id2label: dict[int, str]) -> list[Label]:
    """Our labels in the order of the classifier's outputs; ModelError if they differ."""
    given = [id2label[i].lower() for i in sorted(id2label)]
    order = [label for word in given for label in _LABELS if label == word]
    if len(given) != len(_LABELS) or set(order) != set(_LABELS):
        raise ModelError(
            f"{name}: its labels are {', '.join(given)}; a sentiment classifier here "
            f"needs {', '.join(_LABELS)}. Set id2label in its config.json.",
            path=name,
        )
    return order


def _near(text: str, start: int | None, end: int | None) -> str:
    if start is None or end is None:
        return text
    return text[max(0, start - _REACH) : end + _REACH]


def _import_torch(name: str) -> Any:
    try:
        import torch
    except ImportError as error:
        raise ModelError(
            f"{name}: a Hugging Face classifier needs PyTorch. Install the extra: "
            "pip install 'compute-monitor[torch]'",
            path=name,
        ) from error
    return torch


def _load(name: str) -> tuple[Any, Any]:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(name)
        network = AutoModelForSequenceClassification.from_pretrained(name)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{name}: not a classifier that can be loaded ({error}). Give a name on "
            "the Hugging Face hub, or a folder with config.json, weights and tokenizer.",
            path=name,
        ) from error
    return tokenizer, network.eval()
