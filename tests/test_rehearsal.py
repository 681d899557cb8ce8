"""Rehearsal equals what the live path did, over arbitrary histories; and its summary."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.notify import chart
from monitor.notify.rehearsal import rehearsal
from monitor.notify.rules import Verdict
from monitor.stages.alerting import rehearse
from monitor.store import queries, wishes
from monitor.store.store import Store
from monitor.types import (
    Alert,
    AlertRule,
    Disagreement,
    Document,
    FilingMatch,
    KeywordMatch,
    NameAppears,
    Patterns,
    QuantityAbove,
    Spike,
    ThemeAppears,
    Threshold,
    Turn,
)
from tests.builders import NOW
from tests.evidence import alert
from tests.newsroom import Newsroom

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORDS = KeywordMatch(patterns=Patterns(any=("Report 1*",)), window=DAY)
LIVELY: dict[str, Any] = {"cooldown": 6 * HOUR}
RULES = (
    AlertRule(id="own", window=12 * HOUR, min_mentions=2, score_below=-0.1, **LIVELY),
    AlertRule(id="theme", by="theme", min_mentions=2, min_sources=2, **LIVELY),
    AlertRule(id="spike", all=(Spike(window=HOUR, baseline=12 * HOUR, z=1),)),
    AlertRule(id="turn", all=(Turn(window=6 * HOUR, baseline=DAY, min_mentions=1),)),
    AlertRule(id="new-theme", all=(ThemeAppears(baseline=2 * DAY),), **LIVELY),
    AlertRule(
        id="new-name", by="theme", all=(NameAppears(baseline=2 * DAY),), **LIVELY
    ),
    AlertRule(
        id="any",
        any=(QuantityAbove(above=100), FilingMatch(), WORDS),
        severity="critical",
        cooldown=timedelta(0),
    ),
    AlertRule(
        id="all",
        all=(Threshold(min_mentions=2), QuantityAbove(above=50, window=2 * DAY)),
        roles=("cooling", "chips"),
        languages=("en",),
        **LIVELY,
    ),
    AlertRule(
        id="apart",
        all=(Disagreement(news_below=0.0, filing_above=0.0, min_mentions=1),),
        max_tier=2,
    ),
)

seconds = st.integers(1, 3 * 86_400)
scores = st.none() | st.integers(-10, 10).map(lambda tenths: tenths / 10)
documents = st.fixed_dictionaries(
    {
        "scores": st.dictionaries(
            st.sampled_from(["vertiv", "amd", "dell"]), scores, max_size=2
        ),
        "themes": st.sets(st.sampled_from(["ppa", "nuclear"])).map(tuple),
        "names": st.sets(st.sampled_from(["Crusoe", "Fluidstack"])).map(tuple),
        "megawatts": st.none() | st.sampled_from([40.0, 200.0]),
        "kind": st.sampled_from(["article", "article", "filing"]),
        "language": st.sampled_from(["en", "en", "ko"]),
        "tier": st.integers(1, 3),
        "source": st.sampled_from(["A", "B", "C"]),
        "scored": st.sampled_from([True, True, False]),
        "entry_id": st.sampled_from(["", "", "", "edited"]),
        "age": st.sampled_from([0, 0, 3_600, 90_000, 400_000]),
        "delay": st.sampled_from([0, 0, 20, 7_200]),
    }
)
steps = st.one_of(
    st.tuples(st.just("publish"), st.lists(documents, min_size=1, max_size=4)),
    st.tuples(st.just("pass"), seconds),
    st.tuples(st.just("pass"), st.integers(0, 3_600)),
    st.tuples(st.just("score"), st.none()),
    st.tuples(st.just("mute"), st.sampled_from(["vertiv", "ppa", "own", "any", "amd"])),
    st.tuples(st.just("unmute"), st.sampled_from(["vertiv", "own"])),
    st.tuples(st.just("acknowledge"), st.integers(0, 5)),
)


@dataclass
class History:
    """A newsroom, its clock, and what is still unscored in it."""

    news: Newsroom
    now: datetime = NOW
    unscored: list[tuple[Document, dict[str, Any]]] = field(default_factory=list)

    def step(self, what: str, value) -> None:
        # Times are stored as whole seconds: within one, nobody knows what came first.
        if what in {"mute", "unmute", "acknowledge"}:
            self.now += timedelta(seconds=1)
        getattr(self, f"do_{what}")(value)

    def do_publish(self, several) -> None:
        for one in several:
            given = dict(one)
            known = self.now - timedelta(seconds=given.pop("delay"))
            published = known - timedelta(seconds=given.pop("age"))
            if given["kind"] == "filing":
                given |= {"form": "8-K", "accession_no": f"n{self.news.count}"}
            document = self.news.publish(known, published_at=published, **given)
            if not one["scored"]:
                names = ("scores", "themes", "names", "megawatts")
                self.unscored.append((document, {key: one[key] for key in names}))

    def do_pass(self, length: int) -> None:
        self.news.run(self.now)
        self.now += timedelta(seconds=length)

    def do_score(self, _value: None) -> None:
        """A model is there at last: what was stored unscored is scored."""
        for document, found in self.unscored:
            self.news.analyse(document, **found, at=self.now)
        self.unscored.clear()

    def do_mute(self, target: str) -> None:
        wish = wishes.Wishes(self.news.store.db.conn)
        wish.mute(target, until=self.now + 8 * HOUR, now=self.now)

    def do_unmute(self, target: str) -> None:
        wishes.Wishes(self.news.store.db.conn).unmute(target, now=self.now)

    def do_acknowledge(self, number: int) -> None:
        connection = self.news.store.db.conn
        fresh = [
            it
            for it in queries.alerts(connection)
            if it.id not in {a.alert_id for a in wishes.acknowledgements(connection)}
        ]
        if fresh:
            chosen = fresh[number % len(fresh)]
            wishes.Wishes(connection).acknowledge(chosen.id, now=self.now)


@contextmanager
def history(rules=RULES) -> Iterator[History]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Store(Path(folder) / "monitor.db") as store,
    ):
        store.db.execute("PRAGMA synchronous=OFF")
        news = Newsroom(store, rules, began=NOW - 30 * DAY)
        news.add_feed("B", NOW - 2 * HOUR)
        yield History(news)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(several=st.lists(steps, min_size=4, max_size=24))
def test_rehearsal_equals_what_the_live_path_did(several):
    with history() as past:
        for what, value in several:
            past.step(what, value)
        past.do_pass(0)

        past.news.check(NOW - 60 * DAY)


def test_the_histories_do_raise_alerts_of_every_rule():
    """So that the property above compares something."""
    kinds = {"themes": ("ppa",), "names": ("Crusoe",), "megawatts": 200.0}
    plain = {
        "scores": {"vertiv": -0.5},
        "kind": "article",
        "language": "en",
        "tier": 1,
        "source": "A",
        "scored": True,
        "entry_id": "",
        "age": 0,
        "delay": 0,
    } | kinds
    with history() as past:
        for number in range(16):
            score = 0.3 if number < 8 else -0.5
            past.step("publish", [plain | {"scores": {"vertiv": score}}])
            past.step("pass", 3_600)
        filing = plain | {"kind": "filing", "scores": {"vertiv": 0.5}}
        past.step("publish", [plain, plain | {"source": "B"}, plain, plain, filing])
        past.step("pass", 0)
        raised = {it.rule for it in past.news.raised()}

        assert raised == {rule.id for rule in RULES}
        past.news.check(NOW - 60 * DAY)


def test_rehearsal_of_the_latest_part_is_the_latest_part():
    rule = AlertRule(id="own", window=HOUR, min_mentions=1, cooldown=2 * HOUR)
    with history([rule]) as past:
        for _ in range(12):
            past.news.publish(past.now, {"vertiv": 0.1})
            past.do_pass(3_600)
        since = NOW + 6 * HOUR + timedelta(minutes=30)
        late = past.news.rehearsed(since)

        assert [it.fired_at for it in late] == [
            it.fired_at for it in past.news.raised() if it.fired_at > since
        ]


def test_rehearsal_begins_with_what_was_told_before():
    """Its cooldowns then end when those of the live path do, however far back."""
    rule = AlertRule(id="own", window=HOUR, min_mentions=1, cooldown=31 * HOUR)
    with history([rule]) as past:
        for _ in range(40):
            past.news.publish(past.now, {"vertiv": 0.1})
            past.do_pass(5 * 3_600)
        raised = past.news.raised()

        for hours in (90, 100, 110, 120):
            since = NOW + hours * HOUR
            late = [it.fired_at for it in raised if it.fired_at > since]
            assert [it.fired_at for it in past.news.rehearsed(since)] == late


def test_a_rule_of_feeds_yaml_is_quiet_after_what_it_told_before_it_was_changed():
    rule = AlertRule(id="own", window=DAY, min_mentions=1, cooldown=DAY)
    with history([rule]) as past:
        past.news.publish(NOW, {"vertiv": 0.1})
        past.news.run(NOW)
        stricter = replace(rule, min_mentions=2)
        past.news.config = replace(past.news.config, alerts=(stricter,))
        past.news.publish(NOW + HOUR, {"vertiv": 0.1})
        past.news.run(NOW + HOUR)
        since, connection = NOW + HOUR / 2, past.news.store.db.conn
        other = replace(stricter, severity="critical")
        found, _ = rehearse(past.news.config, connection, [other], since=since)

        assert [it.subject for it in past.news.raised()] == ["dell", "vertiv"]
        assert past.news.rehearsed(since) == []
        # A rule of a file tells nothing and has told nothing.
        assert [it.gate for it in found] == ["fired"]


def test_rehearsal_writes_nothing():
    with history() as past:
        past.news.publish(past.now, {"vertiv": -0.5})
        before = list(past.news.store.db.conn.iterdump())
        past.news.rehearsed(NOW - DAY)

        assert list(past.news.store.db.conn.iterdump()) == before


# --- the summary and its charts -------------------------------------------------------

RULE = AlertRule(id="own")
SEOUL = ZoneInfo("Asia/Seoul")


def verdict(at: datetime, gate="fired") -> Verdict:
    told = None
    if gate == "fired":
        told = replace(alert(), fired_at=at, id=at.isoformat())
    return Verdict(rule=RULE, subject="xai", at=at, gate=gate, alert=told)


VERDICTS = [
    verdict(NOW - 30 * HOUR),
    verdict(NOW - 29 * HOUR, "cooldown"),
    verdict(NOW - 2 * HOUR),
    verdict(NOW - HOUR),
]


def summed(days: int = 3):
    return rehearsal("own", VERDICTS, since=NOW - days * DAY, until=NOW, timezone=SEOUL)


def test_days_are_of_the_readers_calendar_with_those_without_alerts():
    found = summed()  # NOW is 18:00 on 2 March in Seoul

    assert [(day.isoformat(), count) for day, count in found.days] == [
        ("2026-02-27", 0),
        ("2026-02-28", 0),
        ("2026-03-01", 1),
        ("2026-03-02", 2),
    ]
    assert found.held_back == (("cooldown", 1),)


def test_terminal_chart_shows_the_days_to_scale():
    lines = chart.terminal(summed().days, columns=40).splitlines()

    assert [line.count("█") for line in lines[:5]] == [3, 3, 3, 6, 6]
    assert lines[2][-3:] == "███"
    assert lines[0].startswith("   2 ")
    assert "▄" in lines[2]
    assert lines[-1].split() == ["2026-02-27", "2026-03-02"]


@pytest.mark.parametrize("columns", [40, 80])
def test_terminal_chart_of_a_year_fits(columns):
    lines = chart.terminal(summed(365).days, columns=columns).splitlines()

    assert max(map(len, lines[:-1])) <= columns
    assert "each column" in lines[-1]


def test_chart_without_alerts_is_an_empty_axis():
    none: list[Alert] = []
    found = replace(summed(), alerts=tuple(none), days=((NOW.date(), 0),))

    assert "█" not in chart.terminal(found.days)
    ET.fromstring(chart.svg(found, language="en"))  # noqa: S314 - ours


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", ["Alerts per day: own", "3 alerts in 4 days", "2026-03-02: 2 alerts"]),
        ("ko", ["하루 알림 수: own", "4일 동안 알림 3건", "2026-03-02: 알림 2건"]),
    ],
)
def test_svg_says_the_numbers_in_words(language, says):
    root = ET.fromstring(chart.svg(summed(), language=language))  # noqa: S314
    texts = {text.strip() for text in root.itertext() if text.strip()}
    bars = [it for it in root.iter() if it.attrib.get("class") == "bar"]

    assert set(says) <= texts
    assert [float(bar.attrib["height"]) for bar in bars] == [75.0, 150.0]
