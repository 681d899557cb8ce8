"""Mentions made for measuring speed: English and Korean by turns, from a seed.

Each is a sentence of a lead and up to two clauses with a company as its target, long
enough for a real one and nearly never the same. Not responsible for how many tokens a
model makes of one.
"""

import random
from collections.abc import Iterator

from monitor.analysis.sentiment import Item

_COMPANIES = {
    "en": "Nvidia;Super Micro;GE Vernova;Vertiv;CoreWeave;SK hynix;Oklo;Eaton".split(
        ";"
    ),
    # The particles of the sentences below fit names that end in a consonant.
    "ko": "인텔;오라클;구글;아마존;애플;LS일렉트릭;효성중공업;대한전선;한화솔루션".split(
        ";"
    ),
}
_LEADS = {
    "en": [
        "{a} said orders for its liquid-cooled racks rose {n}% in the third quarter",
        "{a} cut its forecast for the year after a customer put off {n} MW of capacity",
        "Shares of {a} fell {n}% after {b} was chosen to build the first phase",
        "{a} and {b} signed a power purchase agreement for {n} MW of nuclear output",
        "A county board delayed its vote on the ${n} million campus that {a} proposes",
        "{a} denied a report that it would end its lease of {n} MW from {b}",
    ],
    "ko": [
        "{a}의 3분기 수냉식 서버 수주가 전년 동기 대비 {n}% 늘었다고 회사 측이 밝혔고",
        "{a}이 고객사의 {n}MW 증설 연기를 이유로 올해 실적 전망치를 낮춰 잡았으며",
        "{a} 주가는 경쟁사 {b}의 1단계 공사 수주 소식이 전해지면서 {n}% 하락했고",
        "{a}과 {b}은 원전에서 생산되는 {n}MW 규모의 전력 구매 계약을 체결했으며",
        "주민 반대로 {a}의 {n}억원 규모 데이터센터 인허가 심의가 다음 달로 미뤄졌고",
        "{a}은 {b}과의 {n}MW 임대 계약을 해지할 것이라는 보도를 부인했으며",
    ],
}
_CLAUSES = {
    "en": [
        ", while analysts had expected {n}% and trimmed their targets for {b}",
        ", and the company kept its plan to spend ${n} billion on new sites",
        ", although supply of transformers stays tight until {n} months from now",
        ", a step that {b} took last year at a plant of the same size",
        ", according to two people who know the terms of the contract",
    ],
    "ko": [
        " 증권사들은 {b}에 대한 목표주가를 {n}% 낮췄다",
        " 회사는 신규 부지에 {n}억달러를 투자한다는 계획을 유지했다",
        " 변압기 공급난은 앞으로 {n}개월 이상 이어질 것으로 보인다",
        " 같은 규모의 공장을 둔 {b}도 지난해 비슷한 조치를 취한 바 있다",
        " 계약 조건을 아는 관계자 두 명이 이같이 전했다",
    ],
}
_CLAUSE_COUNTS = {"en": (0, 1, 1, 2), "ko": (1, 1, 1, 2)}  # a Korean lead goes on


def endless(seed: int = 0) -> Iterator[Item]:
    """Yield mentions without end, English and Korean by turns."""
    chance = random.Random(seed)
    while True:
        for language in ("en", "ko"):
            yield _mention(language, chance)


def _mention(language: str, chance: random.Random) -> Item:
    target, other = chance.sample(_COMPANIES[language], 2)
    clauses = chance.sample(_CLAUSES[language], chance.choice(_CLAUSE_COUNTS[language]))
    pattern = chance.choice(_LEADS[language]) + "".join(clauses)
    before, after = pattern.split("{a}")
    start = len(before := _filled(before, other, chance))
    return before + target + _filled(after, other, chance), start, start + len(target)


def _filled(text: str, other: str, chance: random.Random) -> str:
    while "{n}" in text:
        text = text.replace("{n}", str(chance.randint(2, 980)), 1)
    return text.replace("{b}", other)
