"""The floors hold on the labelled passages, and the gate does what it says."""

from pathlib import Path

import pytest

from monitor.types import Analysis, Mention, Quantity, ThemeHit
from tests.eval import gate, gold, scores, sentiment
from tests.eval.__main__ import evaluate


@pytest.mark.corpus
def test_no_figure_is_below_its_floor(shared: Path):
    path = shared / "gold" / "gold.jsonl"
    baseline = gate.load()

    floors = {
        name: floor
        for name, floor in baseline["floors"].items()
        if not name.startswith(sentiment.PREFIX)
    }

    assert gate.digest(path) == baseline["gold_sha256"]
    assert gate.failures(evaluate(path), floors) == []


@pytest.mark.corpus
@pytest.mark.slow
def test_the_shipped_model_is_not_below_its_floor(shared: Path):
    model = sentiment.model()
    floors = {
        name: floor
        for name, floor in gate.load()["floors"].items()
        if name.startswith(sentiment.PREFIX)
    }

    assert model is not None
    assert floors
    assert gate.failures(dict(sentiment.held_out(model, shared)), floors) == []


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


def test_floors_are_saved_and_loaded(tmp_path: Path):
    path = tmp_path / "baseline.json"
    gate.save({"b": 0.5, "a": 0.25}, "sha", path)

    assert gate.load(path) == {"gold_sha256": "sha", "floors": {"a": 0.25, "b": 0.5}}


def passage(**labels: object) -> gold.Passage:
    defaults = {
        "id": "1",
        "language": "en",
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
