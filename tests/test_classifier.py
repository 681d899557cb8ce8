"""Hugging Face classifiers behind the same interface, with a tiny BERT made here."""

import sys
from pathlib import Path

import pytest

from monitor.analysis.classifier import HuggingFaceClassifier, label_order
from monitor.errors import ModelError

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "profit", "rises", "falls"]


@pytest.fixture(scope="module")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier that says positive for `rises` and negative for `falls`."""
    torch = pytest.importorskip("torch", reason="the extra `torch` is not installed")
    import transformers

    folder = tmp_path_factory.mktemp("tiny-bert")
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    tokenizer = transformers.BertTokenizer(str(folder / "vocab.txt"))
    config = transformers.BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=32,
        id2label={0: "Positive", 1: "NEGATIVE", 2: "neutral"},
        label2id={"Positive": 0, "NEGATIVE": 1, "neutral": 2},
    )
    torch.manual_seed(0)
    network = transformers.BertForSequenceClassification(config)
    _teach(network, tokenizer)
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _teach(network, tokenizer) -> None:
    import torch

    texts = ["profit rises", "profit falls", "profit", "rises", "falls"]
    inputs = tokenizer(texts, padding=True, return_tensors="pt")
    labels = torch.tensor([0, 1, 2, 0, 1])
    optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(60):
        optimiser.zero_grad()
        network(**inputs, labels=labels).loss.backward()
        optimiser.step()


def test_labels_of_any_case_and_order_are_mapped(tiny_bert: Path) -> None:
    classifier = HuggingFaceClassifier(str(tiny_bert), threads=1)

    results = classifier.score(
        [("Profit falls", None, None), ("  ", None, None), ("Profit rises", 0, 6)]
    )

    assert [r.label for r in results] == ["negative", None, "positive"]
    assert results[1].score is None
    assert results[2].score is not None
    assert results[2].score > 0
    assert {r.model for r in results} == {str(tiny_bert)}


def test_a_text_longer_than_the_model_is_cut(tiny_bert: Path) -> None:
    classifier = HuggingFaceClassifier(str(tiny_bert), threads=1)

    (result,) = classifier.score([("rises " * 500, None, None)])

    assert result.label == "positive"


def test_a_target_chooses_the_part_that_is_seen(tiny_bert: Path) -> None:
    classifier = HuggingFaceClassifier(str(tiny_bert), threads=1)
    text = "rises " * 200 + " " * 1_000 + "profit falls"

    (result,) = classifier.score([(text, len(text) - 12, len(text) - 6)])

    assert result.label == "negative"


def test_a_name_that_cannot_be_loaded_is_explained(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the extra `torch` is not installed")

    with pytest.raises(ModelError, match="Hugging Face hub, or a folder") as caught:
        HuggingFaceClassifier(str(tmp_path))

    assert caught.value.path == str(tmp_path)


def test_without_torch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)

    with pytest.raises(ModelError, match=r"pip install 'compute-monitor\[torch\]'"):
        HuggingFaceClassifier("ProsusAI/finbert")


@pytest.mark.parametrize(
    "labels",
    [
        {0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"},
        {0: "negative", 1: "positive"},
        {0: "negative", 1: "negative", 2: "positive"},
        {0: "negative", 1: "neutral", 2: "positive", 3: "mixed"},
    ],
)
def test_other_labels_are_refused_by_name(labels: dict[int, str]) -> None:
    with pytest.raises(ModelError, match="id2label") as caught:
        label_order("someone/model", labels)

    assert labels[0].lower() in str(caught.value)
    assert caught.value.path == "someone/model"


def test_label_order_follows_the_outputs() -> None:
    assert label_order("m", {2: "Negative", 0: "positive", 1: "NEUTRAL"}) == [
        "positive",
        "neutral",
        "negative",
    ]
