"""Themes by patterns, and the themes that ship."""

import time
import unicodedata
from pathlib import Path

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from monitor.analysis.patterns import compile_pattern
from monitor.analysis.themes import ThemeTagger
from monitor.config import load
from monitor.types import Patterns, Theme

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def shipped() -> ThemeTagger:
    return ThemeTagger(load(ROOT / "feeds.yaml", {}).themes)


def tagger(language: str = "en", **patterns: tuple[str, ...]) -> ThemeTagger:
    theme = Theme(
        id="t", name={"en": "T"}, patterns={language: (Patterns(**patterns),)}
    )
    return ThemeTagger([theme])


@pytest.mark.parametrize(
    ("written", "text", "matches"),
    [
        ("data center", "Data Centers open", True),
        ("data center", "a data-center site", True),
        ("data center", "metadata center", False),
        ("grid", "gridlock", False),
        ("moratori*", "two moratoriums", True),
        ("데이터센터", "AI데이터 센터가", False),
        ("데이터 센터", "AI데이터센터가", True),
        ("re:\\d+ ?MW", "150 mw", True),
    ],
)
def test_patterns_as_people_write_them(written: str, text: str, matches: bool):  # noqa: FBT001  a table
    assert bool(compile_pattern(written).search(text)) is matches


def test_all_must_be_in_the_same_sentence():
    theme = tagger(any=("data center",), all=("moratorium",))

    assert theme.tag("A moratorium on data centers.")
    assert not theme.tag("Title\nA data center opened. A moratorium ended.")


def test_a_pattern_may_match_without_taking_anything():
    theme = tagger(any=("data center",), all=("re:^(?=.*ban)",))

    assert theme.tag("A ban of data centers.")
    assert not theme.tag("A data center opened.")
    theme = tagger(any=("data center",), none=("re:^(?=.*ban)",))
    assert not theme.tag("A ban of data centers.")


def test_none_forbids_in_its_sentence_only():
    theme = tagger(any=("liquid cooling",), none=("battery",))

    assert not theme.tag("Liquid cooling of a battery.")
    assert theme.tag("Title\nA battery burnt. Liquid cooling of servers grew.")


def test_a_hit_in_the_title_scores_more():
    hits = tagger(any=("reactor",)).tag("A reactor starts\nThe reactor is old.")

    assert [(hit.text, hit.score) for hit in hits] == [
        ("reactor", 1.0),
        ("reactor", 0.7),
    ]


def test_other_languages_use_the_english_patterns():
    assert tagger(any=("Colossus",)).tag("Colossus wird gebaut.", "de")


def test_decomposed_hangul_is_found_with_its_offsets():
    text = unicodedata.normalize("NFD", "새 데이터센터를 짓는다")
    (hit,) = tagger("ko", any=("데이터센터",)).tag(text, "ko")

    assert text[hit.start_char : hit.end_char] == hit.text
    assert hit.start_char == text.index(" ") + 1


def test_the_words_of_a_link_are_not_the_sentences():
    assert not tagger(any=("data center",)).tag(
        "See https://a.example/data-center-news"
    )


def test_a_bad_pattern_is_refused():
    with pytest.raises(regex.error):
        tagger(any=("re:(",))


CATASTROPHE = "re:(?:a|a)*b"


def test_a_pattern_that_takes_too_long_is_left_out_and_named():
    theme = tagger(any=(CATASTROPHE, "data center"))
    text = "a" * 40 + "!b, a data center"
    started = time.process_time()
    hits = [hit.text for _ in range(20) for hit in theme.tag(text)]

    assert time.process_time() - started < 1
    assert hits == ["data center"] * 20
    (problem,) = theme.problems()
    assert problem.startswith(f"themes: t: {CATASTROPHE}: took more than 0.1 s")


def test_patterns_that_are_fast_are_not_left_out():
    theme = tagger(any=("re:purchas\\w+ (?:all |the )*power", "re:\\p{Hangul}+ 전력"))

    assert theme.tag("They purchased all the power " * 40)
    assert theme.problems() == []


@given(st.text())
def test_offsets_are_of_the_text_as_given(text: str):
    theme = tagger(any=("re:\\w+", "가"))
    for hit in theme.tag(text, "en"):
        assert text[hit.start_char : hit.end_char] == hit.text != ""


@pytest.mark.parametrize(
    ("text", "language", "themes"),
    [
        (
            "Acme breaks ground on a 200MW data center campus in Ohio",
            "en",
            {"gigafactory"},
        ),
        ("A 90-MW, $1.4-billion data-center will open", "en", {"gigafactory"}),
        ("Acme's data center revenue rose 40%", "en", set()),
        ("Acme sells more chips for the data center", "en", set()),
        (
            "Residents protest proposed data center over water use",
            "en",
            {"gigafactory", "environmental_controversy"},
        ),
        ("Acme sues a chip maker over data center patents", "en", set()),
        ("Acme signs a 15-year power purchase agreement for solar", "en", {"ppa"}),
        ("Acme agrees a 15-year deal to buy 300 MW of wind power", "en", {"ppa"}),
        ("Acme will purchase 1.2 GW from Beta's reactor", "en", {"ppa"}),
        ("Acme buys half of the output of a hydro plant", "en", {"ppa"}),
        ("Beta sells 480 MW to Acme for 15 years", "en", {"ppa"}),
        ("Acme buys a 500 MW solar farm from Beta", "en", set()),
        ("Acme bought 2 GW of gas plants from Beta", "en", set()),
        ("Acme will buy 1 GW of GPUs from Beta", "en", set()),
        ("A 10-year contract to provide wind power equipment", "en", set()),
        (
            "The purchasing power of shops fell; they buy power from the grid",
            "en",
            set(),
        ),
        ("Average price per acre (PPA) rose", "en", set()),
        ("Performance, power and area (PPA) of the new node", "en", set()),
        ("Servers with direct-to-chip liquid cooling", "en", {"liquid_cooling"}),
        ("The car's battery has liquid cooling", "en", set()),
        ("Beta will sell reactor output to Acme through 2044", "en", {"ppa"}),
        ("Beta sells its nuclear output to Acme for 15 years", "en", {"ppa"}),
        ("A 12-year lease of 80 MW of critical IT load", "en", {"gigafactory"}),
        ("Acme's 10-year plan is to provide 5 GW of turbines", "en", set()),
        ("Beta closed the purchase price allocation (PPA)", "en", set()),
        ("Immersion tanks for 400 servers", "en", {"liquid_cooling"}),
        ("Rear-door heat exchangers for every rack", "en", {"liquid_cooling"}),
        ("An immersive game on our servers", "en", set()),
        (
            "Villagers sue over noise of the gas plant's turbines",
            "en",
            {"environmental_controversy"},
        ),
        ("Workers' families protest wages at the factory", "en", set()),
        (
            "Watchdog says the carbon claims are misleading",
            "en",
            {"environmental_controversy"},
        ),
        (
            "Neighbors do not want the data campus",
            "en",
            {"gigafactory", "environmental_controversy"},
        ),
        ("Regulator fines a mill over benzene", "en", {"environmental_controversy"}),
        ("Study of benzene in the lab", "en", set()),
        ("Retailer buys wind power from Beta", "en", {"ppa"}),
        ("Acme's power supply contract runs 12 years", "en", {"ppa"}),
        ("Board clears Microsoft's second campus", "en", {"gigafactory"}),
        ("도금업체 폐수 무단 방류 적발", "ko", {"environmental_controversy"}),
        ("유통업체, 풍력 전력 장기구매", "ko", {"ppa"}),
        ("시, 전산센터 착공신고 수리", "ko", {"gigafactory"}),
        ("서버용 액침냉각 장비를 공급", "ko", {"liquid_cooling"}),
        ("서버를 절연유에 담가 식히는 침지 설비", "ko", {"liquid_cooling"}),
        ("원전에서 나온 전기를 20년간 공급하기로 했다", "ko", {"ppa"}),
        ("10년간 리튬을 공급받는 오프테이크 계약", "ko", set()),
        ("변압기를 5년간 공급하기로 했다", "ko", set()),
        ("매수가격배분(PPA)에 따른 영업권", "ko", set()),
        ("옛 공단에 서버동을 세운다", "ko", {"gigafactory"}),
        (
            "농민들, 반도체 공장 지하수 사용에 소송",
            "ko",
            {"environmental_controversy"},
        ),
        ("기후단체 '탄소중립 광고는 눈속임'", "ko", {"environmental_controversy"}),
        ("노조, 공장 앞에서 임금 인상 집회", "ko", set()),
        ("투심 냉각에 코스닥 하락", "ko", set()),
        ("20년간 전력구매계약(PPA) 체결", "ko", {"ppa"}),
        ("풍력단지 전력 90㎿를 15년간 구매하기로 했다", "ko", {"ppa"}),
        ("소형원전에서 200MW를 사들이는 계약을 맺었다", "ko", {"ppa"}),
        ("태양광 전기를 20년 동안 공급받기로 했다", "ko", {"ppa"}),
        ("전력반도체를 구매하기로 했다", "ko", set()),
        ("전력망 장비를 사들이는 계약을 맺었다", "ko", set()),
        ("전력·성능·면적(PPA)을 개선한 공정", "ko", set()),
        ("1조원 들여 AI 데이터센터 착공", "ko", {"gigafactory"}),
        ("회사는 데이터센터를 더 늘린다", "ko", {"gigafactory"}),
        ("데이터센터용 메모리 수요가 늘었다", "ko", set()),
        (
            "데이터센터 건립에 주민 반대 집회",
            "ko",
            {"gigafactory", "environmental_controversy"},
        ),
    ],
)
def test_shipped_themes(
    shipped: ThemeTagger, text: str, language: str, themes: set[str]
):
    labelled = {"gigafactory", "ppa", "liquid_cooling", "environmental_controversy"}

    assert {hit.theme for hit in shipped.tag(text, language)} & labelled == themes


@pytest.mark.parametrize(
    ("text", "language", "theme"),
    [
        ("PJM: data centers strain the power grid", "en", "power_supply"),
        ("Behind-the-meter gas plant for the AI campus", "en", "onsite_generation"),
        ("Small modular reactors win approval", "en", "nuclear"),
        ("Nvidia's Spectrum-X Ethernet for AI clusters", "en", "networking"),
        ("Dell's AI server backlog grows on new orders", "en", "server_orders"),
        ("Acme raises its capex guidance", "en", "capex"),
        ("FERC rules on power for data centers", "en", "regulation"),
        ("데이터센터 전력망 확충", "ko", "power_supply"),
        ("데이터센터용 연료전지 공급", "ko", "onsite_generation"),
        ("소형모듈원자로 인허가", "ko", "nuclear"),
        ("AI 데이터센터용 이더넷 스위치", "ko", "networking"),
        ("AI 서버 대규모 수주", "ko", "server_orders"),
        ("설비투자 확대", "ko", "capex"),
        ("AI 반도체 수출 통제 강화", "ko", "regulation"),
    ],
)
def test_shipped_further_themes(
    shipped: ThemeTagger, text: str, language: str, theme: str
):
    assert theme in {hit.theme for hit in shipped.tag(text, language)}
