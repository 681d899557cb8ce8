"""Invented evidence, alerts and digests, as realistic as a mail needs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from monitor.notify import digest
from monitor.types import (
    Alert,
    AlertRule,
    Amount,
    Company,
    Digest,
    DigestSpec,
    Evidence,
    FilingNews,
    Heard,
    HeardMention,
    Label,
    NameNews,
    Theme,
)

NOW = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)  # Tuesday 07:30 in Seoul

COMPANIES = [
    Company(id=key, name=name, role=role, aliases={"ko": (korean,)} if korean else {})
    for key, name, role, korean in (
        ("vertiv", "Vertiv", "cooling", "버티브"),
        ("microsoft", "Microsoft", "hyperscaler", "마이크로소프트"),
        ("ge-vernova", "GE Vernova", "grid_equipment", "GE 버노바"),
        ("sk-hynix", "SK hynix", "chips", "SK하이닉스"),
        ("hpe", "Hewlett Packard Enterprise", "servers", "휴렛팩커드 엔터프라이즈"),
        ("dominion", "Dominion Energy", "power", ""),
        ("xai", "xAI", "ai_lab", ""),
    )
]

THEMES = [
    Theme(id="gigafactory", name={"en": "AI gigafactory", "ko": "AI 기가팩토리"}),
    Theme(id="ppa", name={"en": "Power purchase", "ko": "전력 구매 계약"}),
    Theme(id="liquid_cooling", name={"en": "Liquid cooling", "ko": "액체 냉각"}),
    Theme(
        id="environmental_controversy",
        name={"en": "Environmental controversy", "ko": "환경 논란"},
    ),
]

NEWS: tuple[tuple[str, int, float | None, str, str, str, tuple[str, ...]], ...] = (
    # company, hours ago, score, source, language and sentence, title, themes
    (
        "vertiv",
        5,
        0.91,
        "Vertiv Newsroom",
        "en",
        (
            "Vertiv raised its full-year outlook after orders for liquid cooling more "
            "than doubled, and said its backlog now reaches into 2028.|Vertiv lifts "
            "outlook as liquid-cooling orders double"
        ),
        ("liquid_cooling",),
    ),
    (
        "vertiv",
        9,
        0.74,
        "가상경제신문",
        "ko",
        (
            "버티브는 국내 AI 데이터센터 두 곳에 냉각수 분배 장치를 공급하는 계약을 따냈다."
            "|버티브, 국내 AI 데이터센터 액체 냉각 수주"
        ),
        ("liquid_cooling", "gigafactory"),
    ),
    ("vertiv", 33, 0.1, "Grid Weekly", "en", "Vertiv names a new chair.|", ()),
    ("vertiv", 80, -0.3, "Grid Weekly", "en", "Vertiv delays a plant.|", ()),
    (
        "microsoft",
        3,
        -0.82,
        "County Courier",
        "en",
        (
            "Residents sued to stop Microsoft's 900 MW campus, saying its gas turbines "
            "would run without the permits that the county itself had demanded.|Suit "
            "seeks to halt 900 MW campus over turbines"
        ),
        ("gigafactory", "environmental_controversy"),
    ),
    (
        "microsoft",
        7,
        -0.44,
        "한빛일보",
        "ko",
        (
            "마이크로소프트가 추진하는 데이터센터가 주민 반대에 부딪혀 착공이 내년으로 "
            "밀렸다.|주민 반대에 막힌 데이터센터, 착공 또 연기"
        ),
        ("gigafactory", "environmental_controversy"),
    ),
    ("microsoft", 12, 0.05, "Wire", "en", "Microsoft attended the forum.|", ()),
    ("microsoft", 40, 0.35, "Wire", "en", "Microsoft signs a lease.|", ()),
    ("microsoft", 100, 0.5, "Wire", "en", "Microsoft beats estimates.|", ()),
    (
        "ge-vernova",
        6,
        0.66,
        "Turbine Post",
        "en",
        (
            "GE Vernova will supply gas turbines for a 2.2 GW campus under a ten-year "
            "agreement.|Ten-year turbine deal for 2.2 GW campus"
        ),
        ("ppa", "gigafactory"),
    ),
    ("ge-vernova", 30, 0.5, "Turbine Post", "en", "GE Vernova adds shifts.|", ()),
    ("ge-vernova", 55, 0.2, "Turbine Post", "en", "GE Vernova opens a hall.|", ()),
    (
        "sk-hynix",
        8,
        0.58,
        "가상경제신문",
        "ko",
        (
            "SK하이닉스의 HBM 매출은 전년 같은 기간의 두 배를 넘어섰다."
            "|SK하이닉스, HBM 매출 두 배로"
        ),
        (),
    ),
    ("sk-hynix", 32, 0.55, "한빛일보", "ko", "SK하이닉스가 증설에 나선다.|", ()),
    (
        "hpe",
        10,
        None,
        "Server Digest",
        "en",
        "Hewlett Packard Enterprise will present at the conference.|HPE to present",
        (),
    ),
    (
        "dominion",
        11,
        -0.21,
        "Regulator's Docket",
        "en",
        (
            "Dominion Energy asked for more time to connect four data centres.|Utility "
            "asks for time on data-centre links"
        ),
        ("ppa",),
    ),
)


def evidence(**changes: Any) -> Evidence:
    """A negative mention of Vertiv an hour before `NOW`; give what differs."""
    number = changes.get("mention_id", 1)
    moment = changes.get("fetched_at", NOW - timedelta(hours=1))
    plain = Evidence(
        mention_id=number,
        document_id=f"d{number}",
        company="vertiv",
        sentence=f"Sentence {number} about Vertiv.",
        score=-0.5,
        label="negative",
        title=f"Title {number}",
        url=f"https://example.org/{number}",
        source=f"Source {number}",
        language="en",
        published_at=moment,
        fetched_at=moment,
    )
    return replace(plain, **changes)


def heard(found: Sequence[Evidence], at: datetime = NOW, **changes: Any) -> list[Heard]:
    """Documents of these mentions, heard at a moment; give what differs."""
    documents: dict[str, list[Evidence]] = {}
    for item in found:
        documents.setdefault(item.document_id, []).append(item)
    return [
        Heard(
            document_id=key,
            kind="article",
            title=items[0].title,
            url=items[0].url,
            feed=items[0].source,
            source=items[0].source,
            tier=items[0].tier,
            language=items[0].language,
            published_at=items[0].published_at,
            fetched_at=min(item.fetched_at for item in items),
            heard_at=at,
            mentions=tuple(map(_mention, items)),
            themes=items[0].themes,
        )._replace(**changes)
        for key, items in documents.items()
    ]


def _mention(item: Evidence) -> HeardMention:
    return HeardMention(**{key: getattr(item, key) for key in HeardMention._fields})


def label(score: float | None) -> Label | None:
    if score is None:
        return None
    return "neutral" if abs(score) < 0.2 else "positive" if score > 0 else "negative"


def news() -> list[Evidence]:
    """A week of invented news before `NOW`."""
    found = []
    for number, row in enumerate(NEWS, start=1):
        company, hours, score, source, language, words, themes = row
        sentence, _, title = words.partition("|")
        found.append(
            evidence(
                mention_id=number,
                company=company,
                sentence=sentence,
                title=title or sentence.rstrip("."),
                score=score,
                label=label(score),
                source=source,
                language=language,
                themes=themes,
                relevance=0.9,
                fetched_at=NOW - timedelta(hours=hours),
                published_at=NOW - timedelta(hours=hours, minutes=9),
            )
        )
    return found


def alert(found: Sequence[Evidence] | None = None, **changes: Any) -> Alert:
    plain = Alert(
        id="0f" * 12,
        rule="bad-news",
        subject="microsoft",
        by="company",
        fired_at=NOW - timedelta(hours=2),
        window_start=NOW - timedelta(hours=26),
        mentions=3,
        sources=3,
        score=-0.4,
        reason="microsoft: 3 documents from 3 sources in 24 h.",
        evidence=tuple(it for it in news()[4:6] if it.company == "microsoft")
        if found is None
        else tuple(found),
    )
    return replace(plain, **changes)


RULE = AlertRule(
    id="bad-news",
    window=timedelta(hours=24),
    min_mentions=3,
    min_sources=2,
    score_below=-0.3,
)


def spec(language: Literal["en", "ko"] = "en", **changes: Any) -> DigestSpec:
    plain = DigestSpec(
        id="morning",
        to=("reader@example.org",),
        timezone=ZoneInfo("Asia/Seoul"),
        language=language,
    )
    return replace(plain, **changes)


def sample(language: Literal["en", "ko"] = "en", **changes: Any) -> Digest:
    """A whole digest; `changes` are of its spec."""
    wanted = spec(language, **changes)
    period = digest.rolling(wanted, NOW)
    return digest.build(
        wanted,
        edition=period.edition,
        start=period.start,
        end=period.end,
        evidence=news(),
        companies=COMPANIES,
        alerts=[alert()],
        documents=128,
        ill_feeds=[("Grid Weekly", "HTTP 503 from example.org, 4 times in a row")],
        amounts=[
            Amount(
                text="2.2 GW",
                kind="power",
                normalised=2200,
                unit="MW",
                company="ge-vernova",
                sentence="GE Vernova will supply gas turbines for a 2.2 GW campus.",
                url="https://example.org/10",
            ),
            Amount(
                text="1조2000억원",
                kind="money",
                normalised=1.2e12,
                unit="KRW",
                company="sk-hynix",
                sentence="SK하이닉스는 증설에 1조2000억원을 투자한다.",
                url="https://example.org/14",
            ),
        ],
        filings=[
            FilingNews(
                company="vertiv",
                form="8-K",
                items=("2.02", "9.01"),
                title="Vertiv Holdings Co: results of operations",
                url="https://www.sec.gov/Archives/edgar/data/1674101/1.txt",
                filed_at=NOW - timedelta(hours=4),
            )
        ],
        names=[
            NameNews(
                name="Northwind Grid Partners",
                documents=3,
                sources=2,
                companies=("microsoft", "dominion"),
                title="Suit seeks to halt 900 MW campus over turbines",
                url="https://example.org/5",
            )
        ],
    )


def long_digest(companies: int, sentence: str, url: str, name: str) -> Digest:
    """So many companies with three sentences each, all alike."""
    found = sample(top=companies)
    items = [
        evidence(mention_id=n, sentence=f"{n} {sentence}", title=sentence, url=url)
        for n in range(3)
    ]
    return replace(
        found,
        alerts=found.alerts * companies,
        ill_feeds=found.ill_feeds * companies,
        companies=tuple(
            replace(
                found.companies[0],
                company=f"c{n}",
                name=name,
                evidence=tuple(items),
            )
            for n in range(companies)
        ),
    )
