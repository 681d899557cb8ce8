"""Where sentences begin and end."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.analysis import sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences.split(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rose. It fell.", ["It rose.", "It fell."]),
        ("Really? Yes! Fine.", ["Really?", "Yes!", "Fine."]),
        ("It paid $1.5 billion for 2.5 GW.", ["It paid $1.5 billion for 2.5 GW."]),
        (
            "Nvidia Corp. (Nasdaq: NVDA) rose. Dell fell.",
            ["Nvidia Corp. (Nasdaq: NVDA) rose.", "Dell fell."],
        ),
        (
            "It bought Foo Inc. The deal is done.",
            ["It bought Foo Inc.", "The deal is done."],
        ),
        ("Mr. Huang met Gov. Lee on Jan. 5.", ["Mr. Huang met Gov. Lee on Jan. 5."]),
        (
            "The U.S. Department of Energy agreed.",
            ["The U.S. Department of Energy agreed."],
        ),
        ("Towns ban A . I . Data Centers", ["Towns ban A . I . Data Centers"]),
        ("It left the U.S. The rest stayed.", ["It left the U.S.", "The rest stayed."]),
        ("Unit No. 3 of the plant.", ["Unit No. 3 of the plant."]),
        ("He said no. Then he left.", ["He said no.", "Then he left."]),
        ('"We will win." He left.', ['"We will win."', "He left."]),
        ("Turbines, e.g. gas, vs. wind.", ["Turbines, e.g. gas, vs. wind."]),
    ],
)
def test_english_sentences(text: str, expected: list[str]):
    assert split(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("매출이 늘었다. 주가도 올랐다.", ["매출이 늘었다.", "주가도 올랐다."]),
        (
            "매출이 1.79달러다.다만 재고는 줄었다.",
            ["매출이 1.79달러다.", "다만 재고는 줄었다."],
        ),
        ("늘었을까? 아니다.", ["늘었을까?", "아니다."]),
        ('"좋다"고 말했다. 끝.', ['"좋다"고 말했다.', "끝."]),
        ("출력은 3.5GW다", ["출력은 3.5GW다"]),
    ],
)
def test_korean_sentences(text: str, expected: list[str]):
    assert split(text) == expected


def test_the_title_is_its_own_sentence():
    text = (
        "Nvidia gains as data center demand stays hot across the world\nthe rest. More."
    )

    assert split(text)[0] == text.split("\n", maxsplit=1)[0]


def test_a_line_broken_by_width_is_one_sentence():
    text = (
        "Title\n\nThe company and its partner Advanced Micro Devices of Santa Clara and\n"
        "Advanced Energy agreed."
    )

    assert split(text)[1:] == [text[7:]]


def test_bullets_are_sentences():
    assert split("* One thing * Another • Third") == [
        "* One thing",
        "* Another",
        "• Third",
    ]


@pytest.mark.parametrize(
    "unit", [" ", ".", "a. ", "\n", "a", '"', "! ", "다.", "* ", "가"]
)
def test_a_long_line_takes_bounded_time_and_is_cut(unit: str):
    text = unit * (300_000 // len(unit))
    start = time.process_time()
    spans = sentences.split(text)

    assert time.process_time() - start < 5
    assert all(end - begin <= sentences.LONGEST for begin, end in spans)


@given(st.text(alphabet=st.sampled_from("aA가다.!? \n\"'*|0,") | st.characters()))
def test_spans_are_ordered_and_lose_nothing_but_white_space(text: str):
    spans = sentences.split(text)
    kept = "".join(text[start:end] for start, end in spans)

    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans)
    assert "".join(kept.split()) == "".join(text.split())


def test_around_finds_the_sentence_of_a_place():
    text = "It rose. It fell."

    assert sentences.around(sentences.split(text), 12, 16) == (9, 17)
    assert sentences.around(sentences.split(text), 0, 2) == (0, 8)
