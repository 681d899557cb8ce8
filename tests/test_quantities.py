"""Amounts of power, energy and money in both languages."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.analysis import quantities


def amounts(text: str) -> list[tuple[float, str, str]]:
    return [
        (q.normalised, q.normalised_unit, q.qualifier) for q in quantities.find(text)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a 150MW deal", [(150, "MW", "")]),
        ("1.2 GW of capacity", [(1200, "MW", "")]),
        ("a 300-megawatt campus", [(300, "MW", "")]),
        ("up to 500 megawatts", [(500, "MW", "up_to")]),
        ("around 7.5 gigawatts", [(7500, "MW", "about")]),
        ("at least 2,494 MW", [(2494, "MW", "at_least")]),
        ("its 5GW-plus portfolio", [(5000, "MW", "at_least")]),
        ("a 1,000W power supply", [(0.001, "MW", "")]),
        ("120 kW racks", [(0.12, "MW", "")]),
        ("100-150 MW", [(100, "MW", ""), (150, "MW", "")]),
        ("100 MW to 150 MW", [(100, "MW", ""), (150, "MW", "")]),
        ("31GW 이상", [(31000, "MW", "at_least")]),
        ("1.2기가와트", [(1200, "MW", "")]),
        ("약 300메가와트급", [(300, "MW", "about")]),
        ("320㎿로", [(320, "MW", "")]),
        ("1천400W", [(0.0014, "MW", "")]),
        ("５００ＭＷ", [(500, "MW", "")]),
        ("20MWp solar", [(20, "MW", "")]),
    ],
)
def test_power(text: str, expected: list[tuple[float, str, str]]):
    assert amounts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 MWh", [(2, "MWh", "")]),
        ("14.1 terawatt-hour", [(14_100_000, "MWh", "")]),
        ("42.4TWh의 전력", [(42_400_000, "MWh", "")]),
        ("500킬로와트시", [(0.5, "MWh", "")]),
        ("1 MW/2 MWh of storage", [(1, "MW", ""), (2, "MWh", "")]),
    ],
)
def test_energy(text: str, expected: list[tuple[float, str, str]]):
    assert amounts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$2.5bn", [(2.5e9, "USD", "")]),
        ("$1.45 billion loan", [(1.45e9, "USD", "")]),
        ("$300M round", [(3e8, "USD", "")]),
        ("$6B+ campus", [(6e9, "USD", "at_least")]),
        ("$40 off", [(40, "USD", "")]),
        ("US$5 million", [(5e6, "USD", "")]),
        ("C$1M", [(1e6, "CAD", "")]),
        ("€17m", [(1.7e7, "EUR", "")]),
        ("£3 billion", [(3e9, "GBP", "")]),
        ("EUR 380 to 400 million", [(3.8e8, "EUR", ""), (4e8, "EUR", "")]),
        ("$10-15 million", [(1e7, "USD", ""), (1.5e7, "USD", "")]),
        ("5 billion dollars", [(5e9, "USD", "")]),
        ("up to $19 million USD", [(1.9e7, "USD", "up_to")]),
        ("25억 달러", [(2.5e9, "USD", "")]),
        ("417억8천만 달러", [(4.178e10, "USD", "")]),
        (
            "3조 3790억 달러(약 5241조 원)",
            [(3.379e12, "USD", ""), (5.241e15, "KRW", "about")],
        ),
        ("1조2000억원", [(1.2e12, "KRW", "")]),
        ("2만500원 하락한 20만500원에", [(20500, "KRW", ""), (200500, "KRW", "")]),
        ("1.79달러로", [(1.79, "USD", "")]),
        ("최소 5천억 달러", [(5e11, "USD", "at_least")]),
        ("최대 500억달러", [(5e10, "USD", "up_to")]),
        ("430억 달러 안팎", [(4.3e10, "USD", "about")]),
        ("10조원 이상", [(1e13, "KRW", "at_least")]),
        ("42조 규모", [(4.2e13, "KRW", "")]),
        ("300억 엔을", [(3e10, "JPY", "")]),
    ],
)
def test_money(text: str, expected: list[tuple[float, str, str]]):
    assert amounts(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2.5bn gallons of water",
        "a 400B open source model",
        "shares rose 5.3%",
        "345㎸ 변전소",
        "billions of dollars",
        "수십억 달러",
        "3엔비디아",
        "2유로존 국가",
        "5원전 건설",
        "2025년 3분기",
        "RTX 5080 with 16GB",
        "WWW",
    ],
)
def test_other_figures_are_no_amounts(text: str):
    assert amounts(text) == []


def test_an_amount_keeps_what_was_written():
    (found,) = quantities.find("It needs 1.2 GW now.")

    assert (found.kind, found.value, found.unit, found.text) == (
        "power",
        1.2,
        "GW",
        "1.2 GW",
    )


@pytest.mark.parametrize(
    "unit", ["1", "$", "1,", "1조", "1 ", "1-", "9억", "MW", "$1 "]
)
def test_a_long_line_takes_bounded_time(unit: str):
    start = time.process_time()
    quantities.find(unit * (60_000 // len(unit)))

    assert time.process_time() - start < 6


PIECES = st.sampled_from(
    [
        "$",
        "1",
        "2.5",
        ",",
        " ",
        "bn",
        "MW",
        "㎿h",
        "억",
        "조",
        "원",
        "달러",
        "-",
        "to",
        "５",
        "약",
    ]
)


@given(st.lists(PIECES | st.characters()).map("".join))
def test_offsets_are_of_the_text_as_given(text: str):
    for found in quantities.find(text):
        assert text[found.start_char : found.end_char] == found.text != ""
