"""Companies by name and ticker, with the watch list that ships."""

import time
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.analysis.companies import CompanyFinder
from monitor.config import load
from monitor.types import Company

ROOT = Path(__file__).resolve().parents[1]
WATCHED = load(ROOT / "feeds.yaml", {}).companies
FINDER = CompanyFinder(WATCHED)


def found(text: str, language: str = "en") -> list[tuple[str, str]]:
    return [(m.company, m.text) for m in FINDER.find(text, language)]


def companies(text: str, language: str = "en") -> set[str]:
    return {company for company, _ in found(text, language)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nvidia's new chip", [("nvidia", "Nvidia")]),
        (
            "nvidia, NVIDIA and Nvidia",
            [("nvidia", w) for w in ("nvidia", "NVIDIA", "Nvidia")],
        ),
        ("Super Micro Computer Inc. filed", [("supermicro", "Super Micro Computer")]),
        ("SK Hynix and SK hynix", [("sk-hynix", "SK Hynix"), ("sk-hynix", "SK hynix")]),
        ("a Google-backed site", [("alphabet", "Google")]),
        ("AWS and Amazon.com", [("amazon", "AWS"), ("amazon", "Amazon.com")]),
        ("Facebook's owner Meta", [("meta", "Facebook"), ("meta", "Meta")]),
        ("Musk’s xAI sued", [("xai", "xAI")]),
        ("Advanced Micro\nDevices", [("amd", "Advanced Micro\nDevices")]),
        ("Hewlett-Packard Enterprise", [("hpe", "Hewlett-Packard Enterprise")]),
        ("Meta Platforms, Inc.", [("meta", "Meta Platforms")]),
        ("NVIDIA™ GPUs", [("nvidia", "NVIDIA")]),
        ("ＮＶＩＤＩＡ rises", [("nvidia", "ＮＶＩＤＩＡ")]),
        ("Nvi\u00addia rises", [("nvidia", "Nvi\u00addia")]),
    ],
)
def test_english_names(text: str, expected: list[tuple[str, str]]):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("엔비디아가 올랐다", [("nvidia", "엔비디아")]),
        (
            "SK하이닉스와 삼성전자·LG전자",
            [
                ("sk-hynix", "SK하이닉스"),
                ("samsung-electronics", "삼성전자"),
                ("lg-electronics", "LG전자"),
            ],
        ),
        ("SK 하이닉스", [("sk-hynix", "SK 하이닉스")]),
        ("한전은 적자", [("kepco", "한전")]),
        ("한국전력공사의", [("kepco", "한국전력공사")]),
        ("美이튼사 변압기", [("eaton", "이튼")]),
        ("서버 업체 델은 7% 하락", [("dell", "델")]),
        ("구글코리아는", [("alphabet", "구글")]),
        ("MS의 주가", [("microsoft", "MS")]),
        ("AWS와 TSMC는", [("amazon", "AWS"), ("tsmc", "TSMC")]),
        (
            "블룸 에너지, 블룸에너지",
            [("bloom-energy", "블룸 에너지"), ("bloom-energy", "블룸에너지")],
        ),
        ("의지도 밝혀삼성전자가", [("samsung-electronics", "삼성전자")]),
        ("[특징주]메타, 강세", [("meta", "메타")]),
        ("비스트라(Vistra)", [("vistra", "비스트라"), ("vistra", "Vistra")]),
    ],
)
def test_korean_names(text: str, expected: list[tuple[str, str]]):
    assert found(text, "ko") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(NASDAQ: NVDA)", {"nvidia"}),
        ("(Nasdaq:SMCI)", {"supermicro"}),
        ("(NYSE: D)", {"dominion"}),
        ("$NVDA and $MU", {"nvidia", "micron"}),
        ("its stock (SMCI) rose", {"supermicro"}),
        ("NVDA stock rose", {"nvidia"}),
        ("삼성전기(009150)·삼성(005930)", {"samsung-electronics"}),
        ("(Euronext: SU)", {"schneider-electric"}),
        ("Acme Corp Nasdaq: NVDA", {"nvidia"}),
        ("(EURONEXT PARIS: SU)", {"schneider-electric"}),
        ("(NYSE: DELL) fell 3%.", {"dell"}),
        ("삼성전기<009150>, 000660.KS", {"sk-hynix"}),
        ("(NYSE: SU)", set()),
        ("(TSX: D)", set()),
        ("(D) and (BE)", set()),
        ("To BE or MU, D", set()),
        ("$D5", set()),
        ("code 005930123", set()),
    ],
)
def test_tickers_count_in_a_tickers_place_only(text: str, expected: set[str]):
    assert companies(text) == expected


def written(company: Company) -> list[str]:
    """A ticker as the press of its exchange writes it."""
    ticker, exchange = company.ticker or "", company.exchange or ""
    named = [f"({exchange}: {ticker}) fell", f"Shares ({exchange.upper()}:{ticker})"]
    if exchange.startswith("KOS"):
        forms = (
            "({}) 하락",
            "[{}]",
            "<{}>",
            "KRX: {}",
            "{}.KS",
            "코스피 {}",
            "종목코드 {}",
        )
        return [*named, *(form.format(ticker) for form in forms)]
    if exchange in {"NYSE", "Nasdaq"}:
        return [*named, f"${ticker} fell", *([f"({ticker})"] * (len(ticker) > 2))]
    return named


@pytest.mark.parametrize(
    "company", [it for it in WATCHED if it.ticker], ids=lambda company: company.id
)
def test_a_ticker_alone_is_its_company(company: Company):
    for text in written(company):
        matches = FINDER.find(text)

        assert [(m.company, m.reason) for m in matches] == [(company.id, "ticker")], (
            text
        )


@pytest.mark.parametrize(
    "text",
    [
        "an apple a day",
        "The Big Apple",
        "the oracle spoke",
        "the Oracle of Omaha",
        "intel on the enemy",
        "a constellation of stars",
        "Constellation Brands sells beer",
        "a satellite Constellation",
        "Meta Power Solutions expands. Meta is proud of it.",
        "Micron Solutions Inc.",
        "The Amazon rainforest burns. In the Amazon, trees fall.",
        "Judge Richard Eaton ruled on power",
        "Security researcher Eaton Zveare found a flaw",
        "Michael Dell spoke",
        "Robinson Crusoe",
        "explainable AI (XAI)",
        "GST is a tax on goods and services",
        "wet AMD treatment",
        "MS is a disease",
        "Amazonian, Metaverse, Applet, Intelligence, metadata",
        "SoftBank Corp. to launch a service",
        "https://www.nvidia.com/nvidia and press@nvidia.com",
        "Share on Facebook",
        "Follow us on Facebook and Google",
        "Follow us on Amazon and Google News",
        "Find us on TikTok, Amazon Music, and Apple Podcasts",
        "An Apple-to-apple comparison, Apple-to-Apple",
        "The ship lay in Cisco Bay",
        "The Constellation satellite constellation lost power.",
        "Sign in with Google",
        "As an Amazon Associate we earn",
        "Follow our Chef on Instagram and Facebook",
        "Facebook: facebook.com/acme",
        "(https://example.com/" + "a-long-slug-" * 20 + "nvidia-google)",
        "AI Maverick Intel Inc. (OTC: AIMV)",
        "ChatGPT, Azure, Gemini, GeForce",
    ],
)
def test_english_traps(text: str):
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "메타버스와 메타인지, 메타 분석",
        "델타 변이, 모델, 델리오",
        "이튼스쿨 개교",
        "이 튼튼한 다리",
        "한전KPS와 한전기술, 한국전력기술",
        "애플리케이션, 파인애플, 애플페이",
        "블룸버그 인텔리전스",
        "샌프란시스코",
        "아마존 열대우림, 아마존강",
        "카카오뱅크, 카카오톡, 카카오게임즈",
        "로빈슨 크루소",
        "5마이크론 두께",
        "다발성경화증(MS)",
        "모건스탠리(MS)",
        "네이버웹툰",
    ],
)
def test_korean_traps(text: str):
    assert found(text, "ko") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Eaton buys a maker of transformers", {"eaton"}),
        ("Constellation will restart the reactor", {"constellation"}),
        ("A search on Google, shared with Facebook", {"alphabet", "meta"}),
        ("Michael Dell, founder of Dell Technologies", {"dell"}),
        ("The Amazon rainforest: Amazon Web Services helps. Amazon gives.", {"amazon"}),
        ("See this at Amazon", {"amazon"}),
        ("Alphabet Inc. (NASDAQ: GOOG)", {"alphabet"}),
        ("Intel Corporation (NASDAQ: INTC) fell", {"intel"}),
        ("powered by Nvidia", {"nvidia"}),
        ("We act as an Amazon and Google supplier", {"amazon", "alphabet"}),
        (
            "Amazon and Louisa County agree, as do Meta and Beta Bank",
            {"amazon", "meta"},
        ),
        ("The Cisco Bay Area office", {"cisco"}),
        ("Constellation, no constellation, sells nuclear energy", {"constellation"}),
    ],
)
def test_what_looks_like_a_trap_and_is_none(text: str, expected: set[str]):
    assert companies(text) == expected


def test_korean_names_in_latin_letters_count_in_korean_only():
    assert companies("MS가 올랐다", "ko") == {"microsoft"}
    assert companies("Jackson, MS", "en") == set()


def test_decomposed_hangul_keeps_its_offsets():
    text = unicodedata.normalize("NFD", "오늘 엔비디아가 올랐다")
    (match,) = FINDER.find(text, "ko")

    assert unicodedata.normalize("NFC", match.text) == "엔비디아"
    assert text[match.start : match.end] == match.text


def test_confidence_and_reason():
    ticker, full, name = FINDER.find("(NASDAQ: NVDA), Super Micro Computer and Intel")

    assert (ticker.confidence, ticker.reason) == (1.0, "ticker")
    assert full.reason == "full name"
    assert 0.5 < name.confidence < full.confidence < ticker.confidence


def test_a_small_letter_alias_is_found_in_any_case():
    finder = CompanyFinder(
        [Company(id="a", name="Acme", aliases={"en": ("acme corp",)})]
    )

    assert [m.text for m in finder.find("ACME CORP, Acme, acme, acme corp")] == [
        "ACME CORP",
        "Acme",
        "acme corp",
    ]


def test_two_companies_may_share_a_name():
    finder = CompanyFinder(
        [
            Company(id="a", name="Acme", not_in=("Acme Foods",)),
            Company(id="b", name="Acme Foods"),
        ]
    )

    assert [m.company for m in finder.find("Acme Foods and Acme")] == ["b", "a"]


@pytest.mark.parametrize("company", WATCHED, ids=lambda company: company.id)
def test_every_name_is_found_as_written(company: Company):
    for language, names in {"en": (company.name,), **company.aliases}.items():
        for name in names:
            near = f" {company.context[0]}" if company.context else ""

            assert company.id in companies(f"{name},{near}", language), name


@pytest.mark.parametrize(
    "unit", ["(", "Nvidia", "엔비디아", "a", " ", "Meta ", "$", "SK", "@"]
)
def test_a_long_line_takes_bounded_time(unit: str):
    start = time.process_time()
    FINDER.find(unit * (60_000 // len(unit)))

    assert time.process_time() - start < 6


def test_thousands_of_names_are_hardly_slower():
    many = [Company(id=f"c{i}", name=f"Firm{i} Holdings") for i in range(13_000)]
    text = "Nvidia and Dell sell servers to firms that build data centers. " * 40
    few_s, many_s = (
        min(_seconds(finder, text) for _ in range(5))
        for finder in (FINDER, CompanyFinder([*WATCHED, *many]))
    )

    assert many_s < 2 * few_s


def _seconds(finder: CompanyFinder, text: str) -> float:
    start = time.process_time()
    finder.find(text)
    return time.process_time() - start


PARTS = st.sampled_from(
    [
        "Nvidia",
        "엔비디아",
        "SK",
        "하이닉스",
        "가",
        " ",
        "(NASDAQ: NVDA)",
        "\u0301",
        "ﾊ",
        "\u200b",
        "ᄒ",
        "ᅡ",
        "ᆫ",
        "AMD",
        "\n",
    ]
)


@given(st.lists(PARTS | st.characters()).map("".join), st.sampled_from(["en", "ko"]))
def test_offsets_are_of_the_text_as_given(text: str, language: str):
    matches = FINDER.find(text, language)

    assert all(text[m.start : m.end] == m.text != "" for m in matches)
    assert all(a.end <= b.start for a, b in pairwise(matches))
    assert all(0.5 <= m.confidence <= 1 for m in matches)
