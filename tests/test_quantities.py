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
        ("500+ MW", [(500, "MW", "at_least")]),
        ("a 1.2+ GW site", [(1200, "MW", "at_least")]),
        ("a 500-plus MW site", [(500, "MW", "at_least")]),
        ("100 MW + 200 MW", [(100, "MW", ""), (200, "MW", "")]),
        ("a 20‑MW site", [(20, "MW", "")]),
        ("1·5 GW", [(1500, "MW", "")]),
        ("10·20MW급", [(20, "MW", "")]),
        ("5백MW", [(500, "MW", "")]),
        ("1만2천5백MW", [(12500, "MW", "")]),
        ("18만4천580메가와트", [(184_580, "MW", "")]),
        ("70여MW", [(70, "MW", "about")]),
        ("최대 70여 MW", [(70, "MW", "up_to")]),
        ("5조 100MW 사업", [(100, "MW", "")]),
        ("100~150MW", [(100, "MW", ""), (150, "MW", "")]),
        ("100∼150㎿", [(100, "MW", ""), (150, "MW", "")]),
        ("100MW 〜 150MW", [(100, "MW", ""), (150, "MW", "")]),
        ("3~5백MW", [(300, "MW", ""), (500, "MW", "")]),
        ("a load of ~5 GW", [(5000, "MW", "about")]),
        ("100 MW by 2026 and 300 MW", [(100, "MW", ""), (300, "MW", "")]),
        ("from March 31 and 200 MW", [(200, "MW", "")]),
        ("Unit 3 and 500 MW", [(500, "MW", "")]),
        ("between 2000 and 2500 MW", [(2000, "MW", ""), (2500, "MW", "")]),
        ("for $5 and 500 MW", [(5, "USD", ""), (500, "MW", "")]),
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
        ("3.5 million MWh", [(3_500_000, "MWh", "")]),
        ("2bn kWh", [(2_000_000, "MWh", "")]),
        ("2 to 3 billion kWh", [(2_000_000, "MWh", ""), (3_000_000, "MWh", "")]),
        ("3억 5천만 kWh", [(350_000, "MWh", "")]),
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
        ("$500+ million", [(5e8, "USD", "at_least")]),
        ("$500-plus million", [(5e8, "USD", "at_least")]),
        ("$300-odd million", [(3e8, "USD", "about")]),
        ("$5bn plus $2bn", [(5e9, "USD", ""), (2e9, "USD", "")]),
        ("between $5 and $6 billion", [(5e9, "USD", ""), (6e9, "USD", "")]),
        ("US$5 to $6 billion", [(5e9, "USD", ""), (6e9, "USD", "")]),
        ("€5-€6 billion", [(5e9, "EUR", ""), (6e9, "EUR", "")]),
        ("EUR 380 to EUR 400 million", [(3.8e8, "EUR", ""), (4e8, "EUR", "")]),
        ("from $500,000 to $1 million", [(5e5, "USD", ""), (1e6, "USD", "")]),
        ("fees of $500 and $2 million", [(500, "USD", ""), (2e6, "USD", "")]),
        ("$5 bln or USD 5 Million", [(5e9, "USD", ""), (5e6, "USD", "")]),
        ("$2.1‑billion site", [(2.1e9, "USD", "")]),
        ("£1·5bn", [(1.5e9, "GBP", "")]),
        ("700 million pounds", [(7e8, "GBP", "")]),
        ("700 million pounds of new funding", [(7e8, "GBP", "")]),
        ("Rs 500 crore", [(5e9, "INR", "")]),
        ("Rs. 1,20,000 crore", [(1.2e12, "INR", "")]),
        ("₹2.5 lakh crore", [(2.5e12, "INR", "")]),
        ("500-600 crore rupees", [(5e9, "INR", ""), (6e9, "INR", "")]),
        ("30~40조원", [(3e13, "KRW", ""), (4e13, "KRW", "")]),
        ("2조∼3조원", [(2e12, "KRW", ""), (3e12, "KRW", "")]),
        ("100만~200만 달러", [(1e6, "USD", ""), (2e6, "USD", "")]),
        ("3~4천억원", [(3e11, "KRW", ""), (4e11, "KRW", "")]),
        ("1천~2천억원", [(1e11, "KRW", ""), (2e11, "KRW", "")]),
        ("1조2000~1조5000억원", [(1.2e12, "KRW", ""), (1.5e12, "KRW", "")]),
        ("8000~1만2000원", [(8000, "KRW", ""), (12000, "KRW", "")]),
        ("30조원 ~ 40조원", [(3e13, "KRW", ""), (4e13, "KRW", "")]),
        ("30조에서 40조원으로", [(3e13, "KRW", ""), (4e13, "KRW", "")]),
        ("42~45조 규모", [(4.2e13, "KRW", ""), (4.5e13, "KRW", "")]),
        ("2025~2026년 30조원", [(3e13, "KRW", "")]),
        ("2024-11-05 30억원", [(3e9, "KRW", "")]),
        ("3천여억원", [(3e11, "KRW", "about")]),
        ("20억여원", [(2e9, "KRW", "about")]),
        ("2만여 달러", [(2e4, "USD", "about")]),
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
        "전화 02-1234-5678",
        "종목코드 005930, 10~20% 상승",
        "5백여 명",
        "두 기업",
        "제1·2호기",
        "the RS 500 saloon",
        "two gigawatt-scale campuses",
        "three gigawatt campuses",
        "two hundred-megawatt reactors",
        "hundreds of megawatts",
        "several hundred megawatts",
        "a gigawatt-scale campus",
        "in the first half gigawatts",
        "a billion-dollar campus",
        "two billion-dollar campuses",
        "the two won approval",
        "18 million pounds of uranium",
        "uranium output of 18 million pounds",
        "5 pounds",
        "WWW",
    ],
)
def test_other_figures_are_no_amounts(text: str):
    assert amounts(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two gigawatts", [(2000, "MW", "")]),
        ("a two-gigawatt site", [(2000, "MW", "")]),
        ("One gigawatt", [(1000, "MW", "")]),
        ("more than half a gigawatt", [(500, "MW", "at_least")]),
        ("a half-gigawatt site", [(500, "MW", "")]),
        ("three quarters of a gigawatt", [(750, "MW", "")]),
        ("up to three hundred megawatts", [(300, "MW", "up_to")]),
        ("one hundred and twenty-five MW", [(125, "MW", "")]),
        ("two and a half gigawatts", [(2500, "MW", "")]),
        ("one point two five gigawatts", [(1250, "MW", "")]),
        ("two million megawatt-hours", [(2_000_000, "MWh", "")]),
        ("two to three gigawatts", [(2000, "MW", ""), (3000, "MW", "")]),
        ("five or six hundred megawatts", [(500, "MW", ""), (600, "MW", "")]),
        ("half a billion dollars", [(5e8, "USD", "")]),
        ("two hundred fifty million euros", [(2.5e8, "EUR", "")]),
        ("a five-billion-dollar site", [(5e9, "USD", "")]),
        ("five to six billion dollars", [(5e9, "USD", ""), (6e9, "USD", "")]),
    ],
)
def test_numbers_in_words(text: str, expected: list[tuple[float, str, str]]):
    assert amounts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no less than 30 MW", "at_least"),
        ("not less than 30 MW", "at_least"),
        ("no fewer than 30 MW", "at_least"),
        ("a minimum 30 MW", "at_least"),
        ("a minimum of 30 MW", "at_least"),
        ("at least an additional 30 MW", "at_least"),
        ("30 MW at the very least", "at_least"),
        ("over an additional 30 MW", "at_least"),
        ("less than 30 MW", "up_to"),
        ("fewer than 30 MW", "up_to"),
        ("no more than 30 MW", "up_to"),
        ("not to exceed 30 MW", "up_to"),
        ("at most 30 MW", "up_to"),
        ("30 MW at most", "up_to"),
        ("up to around 30 MW", "up_to"),
        ("up to a combined 30 MW", "up_to"),
        ("just shy of 30 MW", "about"),
        ("under a 30 MW contract", ""),
        ("a dispute over a 30 MW site", ""),
        ("near the 30 MW site", ""),
        ("30MW 남짓", "about"),
        ("30MW에 육박하는", "about"),
        ("30MW에 가까운", "about"),
        ("최대 약 30MW", "up_to"),
        ("최소 총 30MW", "at_least"),
        ("30MW를 넘는", "at_least"),
        ("30MW를 넘지 않는", "up_to"),
        ("30MW에 못 미치는", "up_to"),
        ("예상치인 30MW를 웃도는", ""),
        ("개인 30MW를 웃도는", "at_least"),
    ],
)
def test_qualifiers(text: str, expected: str):
    assert [qualifier for _, _, qualifier in amounts(text)] == [expected]


def test_an_amount_keeps_what_was_written():
    (found,) = quantities.find("It needs 1.2 GW now.")

    assert (found.kind, found.value, found.unit, found.text) == (
        "power",
        1.2,
        "GW",
        "1.2 GW",
    )


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "$",
        "1,",
        "1조",
        "1 ",
        "1-",
        "9억",
        "MW",
        "$1 ",
        "1만~",
        "1~2조",
        "two ",
        "a hundred ",
        "1,20,",
        "12 to ",
        "up to a total ",
    ],
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
