"""What the shipped model is measured against, each as a function of mentions.

Not responsible for timing.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from monitor.analysis.encoder import MANIFEST, MODEL, TOKENIZER, Encoder
from monitor.analysis.sentiment import Item, SentimentModel

Contender = Callable[[Sequence[Item]], object]

_VOCABULARY = 30_000
_BATCH = 32
_FRAME = 2  # start and end token


class NoTorchError(Exception):
    """BERT-base was asked for, and PyTorch is not installed."""


def token_counts(folder: Path, items: Sequence[Item]) -> list[int]:
    """Tokens of each text by the model's own tokenizer, start and end among them."""
    encodings = Encoder(folder, threads=1).tokenise([text for text, _, _ in items])
    return [len(encoding.ids) + _FRAME for encoding in encodings]


def fp32_twin(folder: Path, fp32: Path, place: Path, *, threads: int) -> SentimentModel:
    """The model of `folder` with the unquantised graph `fp32`, put together in `place`.

    Tokenizer, batching and everything else are the shipped model's.
    """
    shutil.copyfile(fp32, place / MODEL)
    shutil.copyfile(folder / TOKENIZER, place / TOKENIZER)
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    with fp32.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    manifest["files"][MODEL] = {"sha256": digest, "bytes": fp32.stat().st_size}
    (place / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    return SentimentModel(place, threads=threads)


def bert_base(counts: Sequence[int], *, threads: int, **smaller: int) -> Contender:
    """BERT-base with random weights over random tokens, `counts` of them per mention.

    It is given what favours it: nothing to tokenise, and batches sorted by length.
    `smaller` are settings of BertConfig, for tests. Raises NoTorchError.
    """
    torch, network = _random_bert(**smaller)
    chance = torch.Generator().manual_seed(0)
    ordered = sorted(counts)
    batches = []
    for at in range(0, len(ordered), _BATCH):
        lengths = torch.tensor(ordered[at : at + _BATCH])[:, None]
        shape = (len(lengths), int(lengths.max()))
        batches.append(
            {
                "input_ids": torch.randint(_VOCABULARY, shape, generator=chance),
                "attention_mask": (torch.arange(shape[1]) < lengths).long(),
            }
        )

    def run(items: Sequence[Item]) -> list[list[float]]:
        if len(items) != len(counts):
            raise ValueError(f"{len(items)} mentions, tokens of {len(counts)}")
        torch.set_num_threads(threads)
        with torch.inference_mode():
            rows = [network(**batch).logits.softmax(dim=-1) for batch in batches]
        probabilities: list[list[float]] = torch.cat(rows).tolist()
        return probabilities

    return run


def _random_bert(**smaller: int) -> tuple[Any, Any]:
    try:
        import torch
    except ImportError as error:
        raise NoTorchError(
            "BERT-base needs PyTorch, which is not installed. Install the extra: "
            "pip install 'compute-monitor[torch]', or leave BERT out with --no-bert."
        ) from error
    from transformers import BertConfig, BertForSequenceClassification

    settings: dict[str, Any] = {"vocab_size": _VOCABULARY, "num_labels": 3, **smaller}
    network: Any = BertForSequenceClassification(BertConfig(**settings))
    return torch, network.eval()
