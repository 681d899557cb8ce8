"""Alerts in words, English and Korean: each kind with its numbers; several together."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from monitor.notify import render
from monitor.notify.encoding import size
from monitor.notify.rules.wording import SENTENCES, reason, say
from monitor.notify.view import names
from monitor.notify.words import measured
from monitor.types import AlertRule, ConditionKind, Finding, QuantityAbove
from tests.evidence import COMPANIES, RULE, THEMES, alert, evidence

SEOUL = ZoneInfo("Asia/Seoul")
Values = dict[str, float | str | None]
COUNTS: Values = {"hours": 24.0, "mentions": 5, "sources": 3}
FINDINGS: dict[ConditionKind, Values] = {
    "threshold": COUNTS
    | {"min_mentions": 4, "min_sources": 2, "score": -0.42, "below": -0.35},
    "spike": COUNTS
    | {"usual": 1.25, "z": 3.36, "ratio": 4.0, "windows": 28, "min_z": 3.0},
    "turn": COUNTS
    | {"baseline_hours": 720.0, "score": -0.4, "usual": 0.21, "margin": 0.1},
    "new_theme": COUNTS | {"baseline_hours": 2160.0, "what": "nuclear"},
    "new_name": COUNTS | {"baseline_hours": 2160.0, "what": "Fluidstack"},
    "filing": COUNTS | {"form": "8-K", "item": "1.01, 2.03"},
    "keyword": COUNTS | {"any": "moratori*, 유예"},
    "quantity": COUNTS
    | {"text": "2.2 GW", "largest": 2200.0, "above": 100.0, "unit": "MW"},
    "disagreement": {
        "hours": 168.0,
        "news": 0.4,
        "filing": -0.3,
        "mentions": 3,
        "filings": 1,
    },
}
SAID = {
    "threshold": (
        (
            "5 documents from 3 sources in 24 h (at least 4 from 2); mean score −0.42, "
            "below −0.35"
        ),
        (
            "최근 24시간 동안 출처 3곳에서 보도·공시 5건(기준: 출처 2곳 이상, 보도·공시 4건 이상), 평균 "
            "점수 −0.42, −0.35 미만"
        ),
    ),
    "spike": (
        (
            "5 documents from 3 sources in 24 h, usually 1.2 (z = 3.4, ratio 4.0, against "
            "28 windows before; fires at z 3)"
        ),
        (
            "최근 24시간 동안 출처 3곳에서 보도·공시 5건, 평소(1.2건)의 4.0배, z값 3.4(이전 28개 "
            "구간과 비교, 기준: z값 3 이상)"
        ),
    ),
    "turn": (
        (
            "mean score −0.40 in 24 h, below its mean of +0.21 in 30 days by more than "
            "0.1; 5 documents from 3 sources"
        ),
        (
            "최근 24시간 평균 점수 −0.40, 30일 평균(+0.21)보다 0.1 넘게 낮음, 출처 3곳에서 "
            "보도·공시 5건"
        ),
    ),
    "new_theme": (
        "a theme not there in 90 days: nuclear; 5 documents from 3 sources in 24 h",
        "지난 90일 동안 없던 테마: nuclear. 최근 24시간 동안 출처 3곳에서 보도·공시 5건",
    ),
    "new_name": (
        "a name not there in 90 days: Fluidstack; 5 documents from 3 sources in 24 h",
        "지난 90일 동안 없던 이름: Fluidstack. 최근 24시간 동안 출처 3곳에서 보도·공시 5건",
    ),
    "filing": ("filing 8-K, item 1.01, 2.03", "공시 8-K, 항목 1.01, 2.03"),
    "keyword": (
        "5 documents from 3 sources with the words asked for: moratori*, 유예",
        "지정한 표현(moratori*, 유예)이 나온 보도·공시 5건, 출처 3곳",
    ),
    "quantity": (
        "2.2 GW (2,200 MW), above 100 MW; 5 documents from 3 sources",
        "2.2 GW(2,200 MW), 기준 100 MW 초과, 출처 3곳에서 보도·공시 5건",
    ),
    "disagreement": (
        "news +0.40 (3 documents), filings −0.30 (1 document), in 7 days",
        "최근 7일 동안 보도 평균 점수 +0.40(3건), 공시 평균 점수 −0.30(1건)",
    ),
}


@pytest.mark.parametrize("kind", FINDINGS)
def test_each_kind_says_its_numbers_in_both_languages(kind):
    finding = Finding(kind=kind, values=FINDINGS[kind])

    assert (say(finding, "en"), say(finding, "ko")) == SAID[kind]


def test_an_amount_that_needs_no_conversion_is_said_once():
    money: Values = {"text": "4조2000억원", "largest": 4.2e12, "above": 1e12}
    finding = Finding(kind="quantity", values=COUNTS | money | {"unit": "KRW"})

    assert say(finding, "ko").startswith("4조2000억원, 기준 1조원 초과, ")
    assert say(finding, "en").startswith("4조2000억원 (KRW 4.2 trillion), above KRW 1 ")


def test_themes_are_called_by_their_names():
    finding = Finding(kind="new_theme", values=COUNTS | {"what": "ppa, nuclear"})

    said = say(finding, "ko", {"ppa": "전력구매계약"})

    assert "없던 테마: 전력구매계약, nuclear." in said


def test_more_names_than_are_said_are_counted():
    finding = Finding(kind="new_name", values=COUNTS | {"what": "A, B, C", "more": 4})

    assert "A, B, C and 4 more; " in say(finding, "en")
    assert "A, B, C 외 4개. " in say(finding, "ko")


@pytest.mark.parametrize(
    ("value", "unit", "english", "korean"),
    [
        (4.2e12, "KRW", "KRW 4.2 trillion", "4조2000억원"),
        (5e12, "KRW", "KRW 5 trillion", "5조원"),
        (2e9, "USD", "$2 billion", "20억달러"),
        (12_500_000, "EUR", "€12.5 million", "1250만유로"),
        (350_000, "SEK", "SEK 350,000", "35만 SEK"),
        (1_234_567_890, "USD", "$1.23 billion", "12억3456만달러"),
        (900, "USD", "$900", "900달러"),
        (2200.0, "MW", "2,200 MW", "2,200 MW"),
        (0.25, "MW", "0.25 MW", "0.25 MW"),
        (1_500_000.5, "MWh", "1,500,000.5 MWh", "1,500,000.5 MWh"),
    ],
)
def test_amounts_are_as_people_write_them(value, unit, english, korean):
    assert measured(value, unit, "en") == english
    assert measured(value, unit, "ko") == korean


@pytest.mark.parametrize("key", SENTENCES)
def test_both_languages_fill_in_the_same(key):
    english, korean = SENTENCES[key]
    places = [
        {part.split("}")[0].split(":")[0] for part in text.split("{")[1:]}
        for text in (english, korean)
    ]

    assert places[0] == places[1]


TWO: tuple[ConditionKind, ...] = ("filing", "quantity")


def test_reason_has_all_conditions_that_held():
    findings = [Finding(kind=it, values=FINDINGS[it]) for it in TWO]

    assert reason("vertiv", findings) == (
        "vertiv: filing 8-K, item 1.01, 2.03; 2.2 GW (2,200 MW), above 100 MW; "
        "5 documents from 3 sources."
    )


# --- as mail --------------------------------------------------------------------------

DEAL = AlertRule(id="large-deal", all=(QuantityAbove(above=100),), severity="critical")
QUANTITY = Finding(kind="quantity", values=FINDINGS["quantity"])
TOLD = alert(rule="large-deal", severity="critical", findings=(QUANTITY,))


def mail(language, *told):
    known = names(COMPANIES, THEMES, language)
    return render.alerts(told, known, language=language, timezone=SEOUL)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_mail_of_a_rule_with_conditions_says_what_was_found(language):
    made = mail(language, (TOLD, DEAL))
    sentence = SAID["quantity"][language == "ko"]

    for form in (made.text, made.html):
        assert sentence in form
        assert "large-deal" in form


@pytest.mark.parametrize(
    ("language", "subject"),
    [("en", "Critical alert: Microsoft"), ("ko", "긴급 알림: 마이크로소프트")],
)
def test_what_is_critical_says_so(language, subject):
    assert mail(language, (TOLD, DEAL)).subject.startswith(subject)


@pytest.mark.parametrize(
    ("language", "subject", "why"),
    [
        (
            "en",
            "2 alerts: Microsoft ▼ −0.40, Vertiv ▲ +0.70",
            "alert rules in feeds.yaml fired: bad-news, large-deal.",
        ),
        (
            "ko",
            "알림 2건: 마이크로소프트 ▼ −0.40, 버티브 ▲ +0.70",
            "알림 규칙(bad-news, large-deal)",
        ),
    ],
)
def test_several_alerts_are_one_message_with_the_evidence_of_each(
    language, subject, why
):
    good = evidence(sentence="Vertiv wins.", title="A win", score=0.7)
    other = replace(TOLD, subject="vertiv", score=0.7, evidence=(good,))
    made = mail(language, (alert(), RULE), (other, DEAL))

    assert made.subject == subject
    for form in (made.text, made.html):
        assert "Residents sued to stop" in form.replace("&#39;", "'")
        assert "Vertiv wins." in form
        assert why in form
    assert [line.text for line in made.note.lines if "Vertiv wins" in line.text]


def test_a_storm_of_alerts_fits_into_a_mailbox():
    long = evidence(sentence="word " * 200, title="title " * 50, score=-0.5)
    items = tuple(replace(long, document_id=f"d{n}", mention_id=n) for n in range(3))
    storm = [(alert(items, id=f"{n:024d}"), RULE) for n in range(120)]
    made = mail("ko", *storm)

    assert size(made.html) + size(made.text) <= render.MAX_BYTES
    assert made.subject.endswith("외 117건")
    shown = made.text.count("bad-news · ")
    assert 0 < shown < 120
    assert f"그 밖에 {120 - shown}건" in made.text
    assert f"그 밖에 {120 - shown}건" in made.html


def test_long_windows_are_days():
    values = FINDINGS["quantity"] | {"hours": None}
    spike = Finding(kind="spike", values=FINDINGS["spike"] | {"hours": 72.0})

    assert "None" not in say(Finding(kind="quantity", values=values), "en")
    assert "in 3 days" in say(spike, "en")
