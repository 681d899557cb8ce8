"""What stands beside our model, the SemEval measure, and the card's tables."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from models.recipe.evaluation import LabelledSet
from models.recipe.examples import Example
from models.recipe.split import CALIBRATION, HELD_OUT, TRAIN, part_of
from monitor.analysis.classifier import HuggingFaceClassifier
from monitor.analysis.encoder import MODEL, default_model_dir, read_manifest
from monitor.types import Label, Sentiment
from tests.eval import card, rivals, semeval, sentiment
from tests.eval.sentiment import Results

# --- what one would use instead -----------------------------------------------------


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Word lists in the two lexicons' formats, written for this test."""
    folder = tmp_path_factory.mktemp("lists")
    (folder / "positive.txt").write_text("GAIN\nSTRONG\n")
    (folder / "negative.txt").write_text("LOSS\nLOSSES\n")
    entries = [("상승", 1), ("하락", -2), ("하락세 진정", 2), ("강", 2), ("보합", 0)]
    rows = [{"word": w, "word_root": w, "polarity": str(p)} for w, p in entries]
    (folder / "knu.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("A strong gain", 1.0),
        ("Strong sales, a loss and more losses", -1 / 3),
        ("No such gain", 0.0),
        ("Losses, and no sign of a gain", 0.0),
        ("Gainful lossless", 0.0),
        ("", 0.0),
    ],
)
def test_loughran_mcdonald_counts_words(lists: Path, text: str, score: float):
    assert rivals.LoughranMcDonald(lists).polarity(text) == pytest.approx(score)


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("주가 상승세", 1.0),
        ("주가가 하락했다", -1.0),
        ("상승 뒤 하락", -1 / 3),
        ("하락세 진정", 1.0),
        ("급상승", 0.0),
        ("강세", 0.0),
        ("보합", 0.0),
        ("", 0.0),
    ],
)
def test_knu_takes_the_longest_entry_that_begins_a_word(
    lists: Path, text: str, score: float
):
    found = rivals.Knu(lists / "knu.jsonl").polarity(text)

    assert found == pytest.approx(score)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Great results, a wonderful year", "positive"),
        ("A terrible, horrible loss", "negative"),
        ("The meeting is on Tuesday", "neutral"),
    ],
)
def test_vader_gives_the_sign_of_its_compound_score(text: str, label: str):
    (given,) = rivals.Vader().score([(text, None, None)])

    assert given.label == label


@pytest.mark.parametrize(
    ("score", "least", "label"),
    [
        (0.05, 0.05, "positive"),
        (0.049, 0.05, "neutral"),
        (-0.05, 0.05, "negative"),
        (0.0, 0.0, "neutral"),
        (0.001, 0.0, "positive"),
    ],
)
def test_a_score_becomes_a_sign(score: float, least: float, label: str):
    given = rivals.signed(score, least)

    assert given.label == label
    assert given.score == score
    assert getattr(given, label) == 1.0


def test_tfidf_learns_from_what_it_is_given():
    texts = {
        "positive": ["orders rise", "이익 급증"],
        "negative": ["orders fall", "이익 급감"],
        "neutral": ["meeting today", "주총 개최"],
    }
    examples = [
        Example(source="t", part=TRAIN, text=text, label=label)
        for label, several in texts.items()
        for text in several * 5
    ]

    given = rivals.TfIdf(examples).score(
        [("sales rise", None, None), ("매출 급감", None, None)]
    )

    assert [one.label for one in given] == ["positive", "negative"]
    for one in given:
        sums = [one.negative, one.neutral, one.positive]
        assert sum(p for p in sums if p is not None) == pytest.approx(1)


@pytest.mark.corpus
def test_tfidf_sees_nothing_that_is_held_out(shared: Path):
    examples = rivals.training_examples(shared / "data")

    assert {example.source for example in examples} == {"sentfin", "korfin"}
    assert {part_of(example.text) for example in examples} == {TRAIN}
    assert {HELD_OUT, CALIBRATION}.isdisjoint(e.part for e in examples)


# --- SemEval ------------------------------------------------------------------------


class Scripted:
    """Gives each text the probabilities it is told; abstains where `label` is None."""

    name = "scripted 1.0"

    def __init__(self, answers: dict[str, tuple[Label | None, float, float]]) -> None:
        self._answers = answers

    def score(self, items) -> list[Sentiment]:
        return [self._one(*self._answers[text]) for text, _, _ in items]

    def _one(self, label: Label | None, bad: float, good: float) -> Sentiment:
        return Sentiment(
            label=label,
            negative=bad,
            neutral=1 - bad - good,
            positive=good,
            score=good - bad if label else None,
        )


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ([1.0, 2.0], [2.0, 4.0], 1.0),
        ([1.0, -1.0], [-3.0, 3.0], -1.0),
        ([1.0, 0.0], [0.0, 1.0], 0.0),
        ([3.0, 4.0], [4.0, 3.0], 24 / 25),
        ([0.0, 0.0], [1.0, 1.0], 0.0),
        ([], [], 0.0),
    ],
)
def test_cosine(left: list[float], right: list[float], expected: float):
    assert semeval.cosine(left, right) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("title", "company", "found"),
    [
        ("Morrisons sales rise", "Morrisons", "Morrisons"),
        ("Tesco is torn apart", "Tesco PLC", "Tesco"),
        ("Berkshire Hathaway buys", "Berkshire Hathaway Inc.", "Berkshire Hathaway"),
        ("Lloyds Banking cuts", "Lloyds Banking Group PLC", "Lloyds Banking"),
        ("RBS warns", "Royal Bank of Scotland Group plc", None),
    ],
)
def test_a_company_is_found_without_its_legal_form(title, company, found):
    span = semeval.span_of(title, company)

    assert (title[slice(*span)] if span != (None, None) else None) == found


def test_what_is_not_answered_lowers_the_official_cosine(tmp_path: Path):
    path = tmp_path / "headlines.jsonl"
    rows = [("A up", 0.5), ("A down", -0.5), ("A odd", 0.1), ("A gone", 0.9)]
    path.write_text(
        "\n".join(
            json.dumps({"company": "A", "title": title, "sentiment": score})
            for title, score in rows
        )
    )
    headlines = semeval.read(path)

    class Gap(Scripted):
        def _one(self, label: Label | None, bad: float, good: float) -> Sentiment:
            if bad + good < 2:
                return super()._one(label, bad, good)
            return Sentiment(
                label=None, negative=None, neutral=None, positive=None, score=None
            )

    answers: dict[str, tuple[Label | None, float, float]] = {
        "A up": ("positive", 0.1, 0.6),
        "A down": ("negative", 0.6, 0.1),
        "A odd": (None, 0.3, 0.4),
        "A gone": (None, 1.0, 1.0),
    }
    found = semeval.measure(Gap(answers), headlines)

    assert headlines.items[0] == ("A up", 0, 1)
    assert (found.rows, found.answered) == (4, 3)
    assert found.cosine == pytest.approx(0.75, abs=1e-4)


# --- the tables ---------------------------------------------------------------------


@pytest.fixture
def labelled() -> LabelledSet:
    return LabelledSet(
        name="sentfin, mixed signs",
        items=[(text, None, None) for text in "abcd"],
        labels=["positive", "negative", "neutral", "negative"],
    )


@pytest.fixture
def ours(labelled: LabelledSet) -> Results:
    answers: dict[str, tuple[Label | None, float, float]] = {
        "a": ("positive", 0.0, 1.0),
        "b": (None, 0.5, 0.3),
        "c": ("neutral", 0.1, 0.1),
        "d": ("positive", 0.2, 0.7),
    }
    return sentiment.results(Scripted(answers), [labelled], None)


def test_accuracy_is_of_every_row_and_answers_are_counted_apart(ours: Results):
    (judged,) = ours.judged

    assert judged.language == "en"
    assert judged.figures.accuracy == 0.75
    assert judged.coverage == 0.75
    assert judged.accuracy_of_answers == 0.6667
    assert judged.confusion["negative"] == {"none": 1, "positive": 1}


def test_every_figure_that_has_a_floor_is_better_when_higher(ours: Results):
    figures = dict(sentiment.named(ours))

    slug = "sentfin_mixed_signs"
    assert figures[f"sentiment.held_out.accuracy.{slug}"] == 0.75
    assert figures[f"sentiment.held_out.negative_f1.{slug}"] == 0.6667
    error = ours.judged[0].figures.calibration_error
    assert figures[f"sentiment.held_out.calibration.{slug}"] == 1 - error
    assert all(0 <= figure <= 1 for figure in figures.values())


def test_a_set_in_another_language_is_left_out(labelled: LabelledSet):
    korean = LabelledSet(name="k", items=[("한전", None, None)], labels=["neutral"])
    answers: dict[str, tuple[Label | None, float, float]] = dict.fromkeys(
        ("한전", *"abcd"), ("neutral", 0.0, 0.0)
    )

    found = sentiment.results(
        Scripted(answers), [labelled, korean], None, languages=frozenset({"ko"})
    )

    assert [one.name for one in found.judged] == ["k"]
    assert found.headlines is None


def test_quality_holds_every_table(ours: Results):
    like = semeval.Likeness(rows=2, answered=2, cosine=0.5)
    other = Results(name="a|b", judged=[], headlines=like)

    text = card.quality(
        ours,
        [other],
        passages={"sentiment.accuracy.en": 0.8},
        model_sha256="0123456789abcdef",
    )

    assert "`0123456789ab…`" in text
    assert "| set | scripted 1.0 | a\\|b |" in text
    assert "| … its headlines with mixed signs | 0.750 / 0.778 |  |" in text
    assert "| English | 0.800 |  |  |  |" in text
    assert "| a\\|b | 0.500 | 2 of 2 |" in text
    confusion = "0 / 0 / 1 / 1 | 0 / 1 / 0 / 0 | 0 / 0 / 1 / 0"
    assert f"| … its headlines with mixed signs | {confusion} |" in text


def test_speed_says_what_was_raced():
    report: dict[str, Any] = {
        "model": "m 1",
        "machine": {
            "threads": 2,
            "processor": "P",
            "onnxruntime": "1",
            "transformers": "5",
        },
        "size_bytes": {"total": 42_000_000},
        "sentences": {"count": 9, "tokens": {"least": 20, "mean": 40.0, "most": 60}},
        "mentions_per_s": {"shipped": 130.4, "bert_base": 12.0},
        "ratios": {"bert_base": 10.87},
        "quality": {
            "accuracy": {"shipped": {"sentfin": 0.9}, "fp32_twin": {"sentfin": 0.91}},
            "points_lost": 1.0,
        },
        "soak": {"mentions": 200_000, "growth_mb": 3.5},
    }

    text = card.speed(report)

    assert "| this model, int8 | 130 |  |" in text
    assert "fp32, batches of 32 | 12 | 10.9 times |" in text
    assert "42.0 MB" in text
    assert "int8 loses 1.00 points" in text
    assert "grew by 3.5 MB" in text
    report["soak"] = {"mentions": 4_000, "growth_mb": None}
    assert "grew" not in card.speed(report)


def test_a_part_is_written_between_its_markers(tmp_path: Path):
    path = tmp_path / "README.md"
    path.write_text("a\n<!-- p: begin -->\nold\n<!-- p: end -->\nb\n")

    card.write("p", "new", path)
    card.write("p", "newer", path)

    assert path.read_text() == ("a\n<!-- p: begin -->\n\nnewer\n\n<!-- p: end -->\nb\n")
    with pytest.raises(card.MissingMarkerError, match="q: begin"):
        card.write("q", "new", path)


def test_compare_needs_the_card():
    done = subprocess.run(
        [sys.executable, "-m", "tests.eval", "--compare", "x"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "200"},
    )

    assert done.returncode == 2
    assert "give --card too" in done.stderr


def test_a_classifier_that_cannot_be_loaded_is_told_at_once(tmp_path: Path):
    pytest.importorskip("torch", reason="the extra `torch` is not installed")
    done = subprocess.run(
        [sys.executable, "-m", "tests.eval", "--card", "--compare", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert f"{tmp_path}: not a classifier that can be loaded" in done.stderr
    assert "Traceback" not in done.stderr


def test_any_classifier_stands_beside_ours(labelled: LabelledSet, tmp_path: Path):
    pytest.importorskip("torch", reason="the extra `torch` is not installed")
    import transformers

    labels = {0: "Positive", 1: "Negative", 2: "Neutral"}
    (tmp_path / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]")
    transformers.BertTokenizer(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
    config = transformers.BertConfig(
        vocab_size=4,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        id2label=labels,
        label2id={name: i for i, name in labels.items()},
    )
    transformers.BertForSequenceClassification(config).save_pretrained(tmp_path)

    found = sentiment.results(
        HuggingFaceClassifier(str(tmp_path), threads=1), [labelled], None
    )

    assert found.name == str(tmp_path)
    assert found.judged[0].answered == 4


def test_the_card_is_the_shipped_models():
    manifest = read_manifest(default_model_dir())
    stated = re.search(r"sha256 `(\w+)…`", card.CARD.read_text("utf-8"))

    assert stated, "no tables yet: make eval"
    assert manifest.files[MODEL].startswith(stated[1]), "of another model: make eval"
