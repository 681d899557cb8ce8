"""Sentiment toward a target with the shipped model."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.analysis.encoder import default_model_dir
from monitor.analysis.sentiment import (
    Item,
    SentimentModel,
    covered,
    window_start,
)


@pytest.fixture(scope="module")
def model() -> SentimentModel:
    return SentimentModel(threads=1)


def toward(name: str, text: str) -> Item:
    start = text.index(name)
    return text, start, start + len(name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Nvidia shares rise 4% while Super Micro plunges 15%",
            {"Nvidia": "positive", "Super Micro": "negative"},
        ),
        (
            "엔비디아 4% 급등, 슈퍼마이크로는 15% 급락",
            {"엔비디아": "positive", "슈퍼마이크로": "negative"},
        ),
        (
            "Oracle to announce quarterly results on Tuesday",
            {"Oracle": "neutral"},
        ),
        ("LS일렉트릭, 2000억원 규모 변압기 수주", {"LS일렉트릭": "positive"}),
        ("삼성전자, 3분기 어닝쇼크에 신저가", {"삼성전자": "negative"}),
    ],
)
def test_each_target_gets_its_own_sign(
    model: SentimentModel, text: str, expected: dict[str, str]
) -> None:
    results = model.score([toward(name, text) for name in expected])

    assert [r.label for r in results] == list(expected.values())
    for result in results:
        assert result.negative is not None
        assert result.neutral is not None
        assert result.positive is not None
        total = result.negative + result.neutral + result.positive
        assert total == pytest.approx(1, abs=1e-4)
        assert result.score == pytest.approx(result.positive - result.negative)
        assert result.model == model.name


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Operating profit doubled and the outlook was raised.", "positive"),
        ("영업손실이 크게 늘고 전망도 어두워졌다.", "negative"),
    ],
)
def test_a_whole_text_has_a_sentiment_too(
    model: SentimentModel, text: str, label: str
) -> None:
    (result,) = model.score([(text, None, None)])

    assert result.label == label


def test_results_come_in_the_order_of_the_items(model: SentimentModel) -> None:
    good = toward("Eaton", "Eaton beats estimates and raises its outlook")
    bad = toward("Eaton", "Eaton plunges after it cuts its outlook " + "today " * 20)
    items = [good, bad, ("", None, None)] * 20

    labels = [result.label for result in model.score(items)]

    assert labels == ["positive", "negative", None] * 20


@pytest.mark.parametrize(
    "item", [("", None, None), ("  \n", None, None), ("", 0, 0), ("Intel", 2, 2)]
)
def test_nothing_to_judge_is_none_never_zero(model: SentimentModel, item: Item) -> None:
    (result,) = model.score([item])

    assert result.label is None
    assert result.score is None
    assert (result.negative, result.neutral, result.positive) == (None, None, None)
    assert result.model == model.name


def test_no_items_no_results(model: SentimentModel) -> None:
    assert model.score([]) == []


@pytest.mark.parametrize("span", [(-1, 2), (3, 2), (0, 99)])
def test_a_span_outside_its_text_is_a_bug(
    model: SentimentModel, span: tuple[int, int]
) -> None:
    with pytest.raises(ValueError, match="outside"):
        model.score([("Intel rises", *span)])


def test_a_long_text_is_cut_around_its_target(model: SentimentModel) -> None:
    far = "The weather was mild and the roads were dry. " * 4_000
    sentence = "Shares of Vertiv plunged 20% after it cut its outlook."
    text = far + sentence + " " + far

    started = time.perf_counter()
    (result,) = model.score([toward("Vertiv", text)])

    assert result.label == "negative"
    assert time.perf_counter() - started < 2


def test_a_long_whole_text_counts_all_of_it(model: SentimentModel) -> None:
    good = "Profit doubled, orders reached a record and the outlook was raised. "
    bad = "The loss widened, orders collapsed and the outlook was cut. "

    mostly_good, mostly_bad = model.score(
        [(bad + good * 60, None, None), (good + bad * 60, None, None)]
    )

    assert mostly_good.label == "positive"
    assert mostly_bad.label == "negative"


def test_the_end_of_the_text_and_odd_characters(model: SentimentModel) -> None:
    odd = "Ｎｖｉｄｉａ\u200b 🚀\u0000 ㈜삼성전자\ufeff"

    results = model.score([toward("㈜삼성전자", odd), toward("Ｎｖｉｄｉａ", odd)])

    assert None not in [result.label for result in results]


@given(text=st.text(min_size=1, max_size=80), data=st.data())
def test_any_text_and_span_gets_an_answer(
    model: SentimentModel, text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))

    (result,) = model.score([(text, start, end)])

    assert (result.label is None) == (result.score is None)


@given(st.integers(1, 400), st.data())
def test_a_window_holds_its_target(tokens: int, data: st.DataObject) -> None:
    room = 126
    first = data.draw(st.integers(0, tokens - 1))
    last = data.draw(st.integers(first, min(tokens - 1, first + room - 1)))

    start = window_start(tokens, first, last, room)

    assert 0 <= start <= first
    assert last < start + room
    assert start + room <= max(tokens, room)


def test_covered_takes_tokens_that_overlap_the_target() -> None:
    offsets = [(0, 3), (3, 7), (7, 8), (8, 12)]

    assert covered(offsets, 4, 8) == [1, 2]
    assert covered(offsets, 7, 7) == []


def test_the_model_is_found_without_being_told() -> None:
    folder = default_model_dir()

    assert (folder / "manifest.json").is_file()
    assert folder.parts[-2:] == ("models", "sentiment")
    assert folder.is_relative_to(Path(__file__).resolve().parents[1])
