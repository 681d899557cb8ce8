"""The floors hold on the labelled passages, and the gate does what it says."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.types import Analysis, Label, Mention, Quantity, Sentiment, ThemeHit
from tests.eval import gate, gold, scores
from tests.eval.__main__ import ROOT, passage_figures


@pytest.mark.corpus
def test_no_figure_is_below_its_floor(shared: Path):
    path = shared / "gold" / "gold.jsonl"
    baseline = gate.load()

    floors = gate.measurable(baseline["floors"], sentiment=False, held_out=False)

    assert gate.digest(path) == baseline["gold_sha256"]
    assert gate.failures(passage_figures(path), floors) == []


def test_passages_of_ones_own_are_measured_and_leave_the_card_alone():
    def planned(*words: str) -> str:
        command = ["make", "--dry-run", "eval", *words]
        return subprocess.run(
            command, cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout

    assert 'tests.eval --gold "my own.jsonl"\n' in planned("GOLD=my own.jsonl")
    assert "tests.eval --card\n" in planned()


@pytest.mark.parametrize(
    ("measured", "kept"),
    [
        ({"sentiment": False, "held_out": False}, {"a.f1.en"}),
        ({"sentiment": True, "held_out": False}, {"a.f1.en", "sentiment.accuracy.en"}),
        (
            {"sentiment": True, "held_out": True},
            {"a.f1.en", "sentiment.accuracy.en", "sentiment.held_out.accuracy.x"},
        ),
    ],
)
def test_a_floor_is_held_where_its_figure_is_measured(measured, kept):
    floors = {
        "a.f1.en": 0.9,
        "sentiment.accuracy.en": 0.8,
        "sentiment.held_out.accuracy.x": 0.7,
    }

    assert set(gate.measurable(floors, **measured)) == kept


def test_update_refuses_to_lower_a_floor():
    with pytest.raises(gate.LoweredError, match=r"companies\.f1\.en: 0\.8000"):
        gate.raised(
            {"companies.f1.en": 0.8}, {"companies.f1.en": 0.9}, allow_regression=False
        )


def test_update_lowers_a_floor_when_told():
    floors = gate.raised({"a.f1.en": 0.8}, {"a.f1.en": 0.9}, allow_regression=True)

    assert floors == {"a.f1.en": 0.79}


def test_update_keeps_a_floor_within_the_margin():
    floors = gate.raised({"a.f1.en": 0.905}, {"a.f1.en": 0.9}, allow_regression=False)

    assert floors == {"a.f1.en": 0.9}


def test_update_keeps_the_floor_of_what_was_not_measured():
    floors = gate.raised({"b": 0.5}, {"a": 0.9}, allow_regression=False)

    assert floors == {"a": 0.9, "b": 0.49}


def test_a_figure_no_longer_measured_fails():
    assert gate.failures({}, {"a.f1.en": 0.5}) == [
        "a.f1.en: not measured, floor 0.5000"
    ]


@pytest.mark.parametrize(
    ("name", "lacking"),
    [
        ("sentiment.accuracy.en", 0.02),
        ("own.sentiment.accuracy.en", 0.02),
        ("sentiment.held_out.accuracy.gold_en_toward_companies", 0.02),
        ("sentiment.held_out.accuracy.sentfin", 0.0),
        ("companies.f1.en", 0.0),
    ],
)
def test_only_sentiment_on_few_rows_may_lack_what_processors_round(name, lacking):
    assert gate.failures({name: 0.7001 - lacking}, {name: 0.7}) == []
    assert len(gate.failures({name: 0.6999 - lacking}, {name: 0.7})) == 1


def test_floors_are_saved_and_loaded(tmp_path: Path):
    path = tmp_path / "baseline.json"
    gate.save({"b": 0.5, "a": 0.25}, "sha", path)

    assert gate.load(path) == {"gold_sha256": "sha", "floors": {"a": 0.25, "b": 0.5}}


def passage(**labels: object) -> gold.Passage:
    defaults = {
        "id": "1",
        "language": "en",
        "title": "",
        "text": "",
        "companies": {},
        "themes": frozenset(),
        "quantities": frozenset(),
    }
    return gold.Passage(**defaults | labels)  # type: ignore[arg-type]


def mention(company: str) -> Mention:
    return Mention(
        company=company,
        start_char=0,
        end_char=1,
        text="x",
        sentence_start=0,
        sentence_end=1,
        confidence=1.0,
        relevance=1.0,
    )


def test_companies_are_counted_once_per_passage():
    labelled = passage(companies={"nvidia": "neutral", "amd": "neutral"})
    found = Analysis(
        document_id="1",
        language="en",
        mentions=(mention("nvidia"), mention("nvidia"), mention("intel")),
    )
    figures = scores.measure([labelled], [found])

    assert figures["companies.precision.en"] == 0.5
    assert figures["companies.recall.en"] == 0.5


def test_a_quantity_must_agree_in_value_and_unit():
    labelled = passage(quantities=frozenset({gold.fact("power", 300, "MW")}))
    found = Quantity(
        kind="power",
        value=0.3,
        unit="GW",
        normalised=300.0,
        normalised_unit="MW",
        qualifier="",
        start_char=0,
        end_char=1,
        text="x",
    )
    analysis = Analysis(document_id="1", language="en", quantities=(found,))

    assert scores.measure([labelled], [analysis])["quantities.f1.en"] == 1.0


def test_a_theme_that_is_not_there_counts_against_it():
    hit = ThemeHit(theme="ppa", start_char=0, end_char=1, text="x", score=1.0)
    analysis = Analysis(document_id="1", language="ko", themes=(hit,))
    figures = scores.measure([passage()], [analysis])

    assert figures["themes.ppa.f1.en"] == 0.0
    assert figures["language.accuracy.en"] == 0.0


def judged(company: str, label: Label | None, **probabilities: float) -> Mention:
    by_label = {"negative": 0.0, "neutral": 0.0, "positive": 0.0} | probabilities
    score = by_label["positive"] - by_label["negative"]
    given = Sentiment(
        label=label,
        **(by_label if label else dict.fromkeys(by_label)),
        score=score if label else None,
    )
    return replace(mention(company), sentiment=given)


def test_sentiment_counts_abstentions_apart():
    labelled = passage(
        companies={"nvidia": "positive", "amd": "negative", "intel": "negative"}
    )
    found = Analysis(
        document_id="1",
        language="en",
        mentions=(
            judged("nvidia", "positive", positive=1.0),
            judged("nvidia", None),
            judged("amd", "negative", negative=1.0),
            judged("intel", None),
            judged("dell", "positive", positive=1.0),
        ),
    )

    figures = scores.measure([labelled], [found])

    assert figures["sentiment.accuracy.en"] == 1.0
    assert figures["sentiment.coverage.en"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures["sentiment.negative_f1.en"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures["sentiment.macro_f1.en"] == pytest.approx(5 / 6, abs=1e-4)
