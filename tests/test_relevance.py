"""How much a document is about a company."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.analysis.relevance import relevance


def test_a_headline_about_one_company_is_about_it():
    assert relevance([("nvidia", 0)], length=100, title_end=40) == {"nvidia": 1.0}


def test_title_before_lead_before_end():
    scores = [
        relevance([("a", place)], length=1000, title_end=50)["a"]
        for place in (10, 100, 900)
    ]

    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0.9
    assert scores[2] < 0.4


def test_share_of_mentions_counts():
    scores = relevance([("a", 100), ("b", 101), ("a", 500)], length=1000, title_end=0)

    assert scores["a"] > scores["b"]


def test_a_round_up_is_about_nobody():
    places = [(f"c{i}", i * 90) for i in range(10)]

    assert max(relevance(places, length=1000, title_end=0).values()) < 0.3


def test_no_mention_no_relevance():
    assert relevance([], length=0, title_end=0) == {}


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 999)), min_size=1),
    st.integers(0, 200),
)
def test_relevance_is_a_share(places: list[tuple[str, int]], title_end: int):
    scores = relevance(places, length=1000, title_end=title_end)

    assert scores.keys() == {company for company, _ in places}
    assert all(0 <= score <= 1 for score in scores.values())


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_mentions_does_not_matter(order: int):
    places = [("a", 5), ("b", 400), ("a", 700)][::order]

    assert relevance(places, length=1000, title_end=10) == {"a": 0.8987, "b": 0.25}
