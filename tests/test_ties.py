"""Numbers of GPUs; and what an amount belongs to: tense, company, theme."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.analysis import quantities
from monitor.analysis.analyzer import Analyzer
from monitor.analysis.clauses import Clauses
from monitor.config import default_path, load
from tests.builders import document

CONFIG = load(default_path(), {})
ANALYZER = Analyzer(CONFIG.companies, CONFIG.themes, entities=False)


def gpus(text: str) -> list[tuple[float, str, str]]:
    found = quantities.find(text)
    return [(q.normalised, q.text, q.qualifier) for q in found if q.kind == "gpus"]


def amounts(text: str, language: str = "en") -> list[tuple[str, str, str | None]]:
    (analysis,) = ANALYZER.analyze([document(text, language=language)])
    return [(q.text, q.tense, q.company) for q in analysis.quantities]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("with 100,000 GPUs", (100_000, "100,000 GPUs", "")),
        ("a 200,000-GPU cluster", (200_000, "200,000-GPU", "")),
        ("up to 1 million GPUs", (1_000_000, "1 million GPUs", "up_to")),
        ("more than 100k H100s", (100_000, "100k H100s", "at_least")),
        ("32,000 Nvidia GB200 GPUs", (32_000, "32,000 Nvidia GB200 GPUs", "")),
        (
            "50,000 of Nvidia's Blackwell GPUs",
            (50_000, "50,000 of Nvidia's Blackwell GPUs", ""),
        ),
        ("18,000 GB300 chips", (18_000, "18,000 GB300 chips", "")),
        ("some 8x H100", (8, "8x H100", "about")),
        ("an 8-GPU server", (8, "8-GPU", "")),
        ("10,000 graphics processing units", (10_000, "10,000 graphics processing units", "")),
        ("５０,000 ＧＰＵs", (50_000, "５０,000 ＧＰＵs", "")),
        ("GPU 10만장", (100_000, "10만장", "")),
        ("GPU 26만 장을", (260_000, "26만 장", "")),
        ("그래픽처리장치(GPU) 5만 개", (50_000, "5만 개", "")),
        ("최대 10만 장의 GPU", (100_000, "10만 장", "up_to")),
        ("GPU 1만4000장 이상", (14_000, "1만4000장", "at_least")),
        ("H100 약 6만개", (60_000, "6만개", "about")),
        ("10만 GPU 클러스터", (100_000, "10만 GPU", "")),
        ("130만개의 그래픽처리장치", (1_300_000, "130만개", "")),
    ],
)  # fmt: skip
def test_numbers_of_gpus(text: str, expected: tuple[float, str, str]):
    assert gpus(text) == [expected]


def test_a_range_of_gpus_is_two_numbers():
    found = gpus("from 100,000 to 200,000 GPUs")

    assert [value for value, _, _ in found] == [100_000, 200_000]


@pytest.mark.parametrize(
    "text",
    [
        "1,000 GPU servers",
        "72 GB200 NVL72 racks",
        "the RTX 5090 GPU",
        "RTX PRO 6000 Blackwell Server Edition GPUs",
        "In 2025 Nvidia GPUs sold out",
        "10,000 chips",
        "20,000 TPUs",
        "$100,000 GPUs",
        "tens of thousands of GPUs",
        "GPU 서버 1000대",
        "GPU 3개월 사용",
        "GPU 2025년",
        "GPU 3 000개의",
        "수만 장의 GPU",
        "GPU 5대 강국",
    ],
)
def test_what_is_no_number_of_gpus(text: str):
    assert gpus(text) == []


@pytest.mark.parametrize(
    ("sentence", "amount", "tense"),
    [
        ("Oklo plans to build 500 MW in Ohio.", "500 MW", "planned"),
        ("It will come online with 500 MW by 2027.", "500 MW", "planned"),
        ("A proposed 300-megawatt campus was rejected.", "300-megawatt", "planned"),
        ("The site currently draws 150 MW.", "150 MW", "operating"),
        ("It operates 2 GW of reactors.", "2 GW", "operating"),
        ("It has 100 MW online, and will add 400 MW.", "100 MW", "operating"),
        ("It has 100 MW online, and will add 400 MW.", "400 MW", "planned"),
        ("Operating income was $5bn.", "$5bn", ""),
        ("Ridge Heavy Works, now Ridge Enerby, won 500 MW.", "500 MW", ""),
        ("Ridge Heavy Works (now a unit of Coldwell) won 500 MW.", "500 MW", ""),
        ("It lost 300 MW, now Ridge Works has 500 MW.", "500 MW", "operating"),
        ("Ridge Works, now in Ohio with 500 MW, grows.", "500 MW", "operating"),
        ("능선중공업(현재 능선에너지)이 500MW를 수주했다.", "500MW", ""),
        ("The firm has 300 MW.", "300 MW", ""),
        ("300MW 규모 데이터센터를 구축할 계획이다.", "300MW", "planned"),
        ("현재 100MW를 운영 중이며 2027년까지 1GW로 늘린다.", "100MW", "operating"),
        ("현재 100MW를 운영 중이며 2027년까지 1GW로 늘린다.", "1GW", "planned"),
        ("7조원을 투자하기로 했다.", "7조원", "planned"),
        ("이미 GPU 5만장을 확보했다.", "5만장", "operating"),
    ],
)
def test_tense(sentence: str, amount: str, tense: str):
    assert Clauses(sentence).tense_at(sentence.index(amount)) == tense


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        (
            "Oklo signed for 500 MW while Vistra sold 2 GW to Meta.",
            "en",
            [("500 MW", "", "oklo"), ("2 GW", "", "vistra")],
        ),
        ("Nvidia gained. The park has 100 MW.", "en", [("100 MW", "", None)]),
        (
            "xAI runs a 200,000-GPU cluster that Dell supplied.",
            "en",
            [("200,000-GPU", "operating", "xai")],
        ),
        (
            "AWS, the cloud unit of Amazon, will buy 1.9 GW from Talen Energy.",
            "en",
            [("1.9 GW", "planned", "amazon")],
        ),
        (
            "Vistra, a rival of Constellation Energy, sold 2 GW to Meta.",
            "en",
            [("2 GW", "", "vistra")],
        ),
        (
            "Vistra — a rival of Constellation Energy — sold 2 GW to Meta.",
            "en",
            [("2 GW", "", "vistra")],
        ),
        (
            "Constellation Energy, based in Baltimore, will sell 500 MW to Meta.",
            "en",
            [("500 MW", "planned", "constellation")],
        ),
        (
            "Meta heard that Talen Energy, which operates 900 MW, had grown.",
            "en",
            [("900 MW", "operating", "talen")],
        ),
        (
            "Oklo, a start-up, signed for 500 MW, Vistra sold 2 GW.",
            "en",
            [("500 MW", "", "oklo"), ("2 GW", "", "vistra")],
        ),
        (
            "SK텔레콤은 GPU 5만장을, 네이버는 6만장의 GPU를 확보할 계획이다.",
            "ko",
            [("5만장", "planned", "sk-telecom"), ("6만장", "planned", "naver")],
        ),
        ("두산에너빌리티가 25억 달러를 수주했다.", "ko", [("25억 달러", "", "doosan-enerbility")]),
    ],
)  # fmt: skip
def test_an_amount_belongs_to_the_nearest_company_of_its_sentence(
    text, language, expected
):
    assert amounts(text, language) == expected


def test_an_amount_belongs_to_the_theme_of_its_sentence():
    text = "Meta signed a power purchase agreement for 150 MW. A loan of $2bn followed."
    (analysis,) = ANALYZER.analyze([document(text)])

    assert [(q.text, q.theme) for q in analysis.quantities] == [
        ("150 MW", "ppa"),
        ("$2bn", None),
    ]


@pytest.mark.parametrize(
    "unit",
    [
        "1 GPU ",
        "GPU 1만장 ",
        "1MW Oklo ",
        "will 1MW, ",
        "1 of ",
        "9 A ",
        "만 장",
        "A, the B, ",
        "A — b ",
        ", now A",
        "Oklo, the Oklo, 1MW ",
    ],
)
def test_a_long_line_takes_bounded_time(unit: str):
    start = time.process_time()
    ANALYZER.analyze([document(unit * (60_000 // len(unit)))])

    assert time.process_time() - start < 8


PIECES = st.sampled_from(
    [
        "100,000",
        "10만",
        " ",
        "GPU",
        "GPUs",
        "장",
        "의 ",
        "-",
        "H100s",
        "ＧＰＵ",
        "k",
        "to",
        "약",
    ]
)


@given(st.lists(PIECES | st.characters()).map("".join))
def test_offsets_are_of_the_text_as_given(text: str):
    for found in quantities.find(text):
        assert text[found.start_char : found.end_char] == found.text != ""
