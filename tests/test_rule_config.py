"""Alert rules in feeds.yaml and in files of their own: what they give and refuse."""

import json
import re
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor import config
from monitor.config import rule_file
from monitor.config.rules import amount
from monitor.errors import ConfigError
from monitor.types import (
    AlertRule,
    Disagreement,
    FilingMatch,
    KeywordMatch,
    NameAppears,
    Patterns,
    QuantityAbove,
    QuietHours,
    Spike,
    ThemeAppears,
    Threshold,
    Turn,
)

WATCHED = """\
feeds: [{url: https://example.com/feed, title: Example}]
companies: [{id: nvidia, name: NVIDIA, role: chips}]
themes: [{id: ppa, name: {en: Power purchase}}]
"""
RULES = """\
alerts:
  - id: all-kinds
    all:
      - threshold: {window: 2d, min_mentions: 4, min_sources: 2, score_below: -0.2}
      - spike: {window: 24h, baseline: 28d, min_mentions: 5, min_sources: 3, z: 2.5}
      - turn: {window: 3d, baseline: 30d, direction: down, margin: 0.15}
      - filing: {forms: [8-K], items: ["1.01", "2.03"], window: 1d}
    any:
      - new_theme: {baseline: 60d}
      - new_name: {labels: [ORG, PERSON], min_sources: 2}
      - keyword: {any: [moratori*, 유예], all: [data center], none: [lifted]}
      - quantity: {above: 1.5 GW}
      - disagreement: {news_above: 0.3, filing_below: -0.1}
    companies: [nvidia]
    roles: [chips]
    themes: [ppa]
    languages: [en, ko]
    kinds: [news]
    max_tier: 2
    min_relevance: 0.4
    min_novelty: 0.5
    severity: critical
    cooldown: 6h
"""
SETTINGS = """\
quiet_hours: {start: "22:00", end: "07:00", timezone: Asia/Seoul}
alert_group: 10m
"""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def load(tmp_path: Path, text: str) -> config.Config:
    path = tmp_path / "feeds.yaml"
    path.write_text(text, "utf-8")
    return config.load(path, {})


def problems(tmp_path: Path, rule: str) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, WATCHED + "alerts:\n  - " + rule)
    return [it.split("feeds.yaml:", 1)[1] for it in refused.value.problems]


def test_every_key_of_a_rule_is_read(tmp_path):
    (rule,) = load(tmp_path, WATCHED + RULES).alerts

    assert rule == AlertRule(
        id="all-kinds",
        all=(
            Threshold(window=2 * DAY, min_mentions=4, min_sources=2, score_below=-0.2),
            Spike(window=DAY, baseline=28 * DAY, min_mentions=5, min_sources=3, z=2.5),
            Turn(window=3 * DAY, baseline=30 * DAY, direction="down", margin=0.15),
            FilingMatch(forms=("8-K",), items=("1.01", "2.03"), window=DAY),
        ),
        any=(
            ThemeAppears(baseline=60 * DAY),
            NameAppears(labels=("ORG", "PERSON"), min_sources=2),
            KeywordMatch(
                patterns=Patterns(
                    any=("moratori*", "유예"), all=("data center",), none=("lifted",)
                )
            ),
            QuantityAbove(above=1500, unit="MW"),
            Disagreement(news_above=0.3, filing_below=-0.1),
        ),
        companies=("nvidia",),
        roles=("chips",),
        themes=("ppa",),
        languages=("en", "ko"),
        kinds=("news",),
        max_tier=2,
        min_relevance=0.4,
        min_novelty=0.5,
        severity="critical",
        cooldown=6 * HOUR,
    )


def test_quiet_hours_of_a_whole_day_are_refused(tmp_path):
    path = tmp_path / "feeds.yaml"
    path.write_text('quiet_hours: {start: "22:00", end: "22:00"}\n', "utf-8")

    with pytest.raises(ConfigError, match="a start and an end that differ"):
        config.load(path, {})


def test_quiet_hours_and_gathering_are_read(tmp_path):
    loaded = load(tmp_path, WATCHED + SETTINGS)

    assert loaded.alert_group == timedelta(minutes=10)
    assert loaded.quiet_hours == QuietHours(
        start=time(22), end=time(7), timezone=ZoneInfo("Asia/Seoul")
    )


def test_what_is_shown_of_rules_is_a_configuration_again(tmp_path):
    first = load(tmp_path, WATCHED + RULES + SETTINGS)
    second = load(tmp_path, json.dumps(config.show(first)))

    assert second.alerts == first.alerts
    assert second.quiet_hours == first.quiet_hours


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{id: a}", ['alerts[0]: missing key "window"', 'missing key "min_mentions"']),
        (
            "{id: a, window: 1d, all: [spike: {}]}",
            ["alerts[0].window: write it under `all: [threshold: ...]`"],
        ),
        (
            "{id: a, all: [spike: {}, turn: {}], any: [{spike: {}, turn: {}}]}",
            ["alerts[0].any[0]: spike and turn are two conditions"],
        ),
        (
            "{id: a, all: [disagreement: ]}",
            ["alerts[0].all[0]: expected a condition such as disagreement: {}"],
        ),
        ("{id: a, all: [spyke: {}]}", ['unknown key "spyke"; did you mean "spike"?']),
        (
            "{id: a, any: [spike: {zz: 3}]}",
            ['alerts[0].any[0].spike: unknown key "zz"'],
        ),
        (
            "{id: a, all: [quantity: {above: 100 potatoes}]}",
            ['"100 potatoes": expected an amount such as 100 MW'],
        ),
        (
            "{id: a, all: [quantity: {above: 100 XYZ}]}",
            ['"100 XYZ": no amount is read in XYZ'],
        ),
        (
            "{id: a, all: [filing: {items: [Item 1.01, one]}]}",
            ['"one": expected an item such as "1.01"'],
        ),
        (
            "{id: a, all: [filing: {forms: [8K]}]}",
            ['"8K": no form of the SEC; did you mean "8-K"?'],
        ),
        (
            "{id: a, all: [spike: {window: 24h, baseline: 6d}]}",
            ["expected a baseline of at least 7 times the window"],
        ),
        (
            "{id: a, all: [keyword: {any: ['re:(']}]}",
            ["not a regular expression"],
        ),
        (
            "{id: a, all: [filing: {}], roles: [chip]}",
            ['"chip": no company has this role; did you mean "chips"?'],
        ),
        (
            "{id: a, by: theme, all: [new_theme: {}]}",
            ["alerts[0].by: new_theme is of a company"],
        ),
        (
            "{id: a, all: [filing: {}], severity: hight}",
            ["expected normal or critical"],
        ),
    ],
)
def test_mistakes_in_rules_are_named_with_their_place(tmp_path, rule, expected):
    found = problems(tmp_path, rule)

    assert len(found) == len(expected)
    for problem, part in zip(found, expected, strict=True):
        assert part in problem
        assert problem.startswith(("5:", "4:"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("100 MW", (100, "MW")),
        ("1.5GW", (1500, "MW")),
        ("500 kW", (0.5, "MW")),
        ("2 TWh", (2e6, "MWh")),
        ("2 billion USD", (2e9, "USD")),
        ("1,200 EUR", (1200, "EUR")),
        ("5조 원", (5e12, "KRW")),
        ("3억 달러", (3e8, "USD")),
    ],
)
def test_amounts_are_read_in_both_languages(text, value):
    assert amount(text) == value


def test_a_rule_file_has_rules_as_feeds_yaml_does(tmp_path):
    loaded = load(tmp_path, WATCHED)
    path = tmp_path / "try.yaml"
    path.write_text(RULES, "utf-8")

    assert rule_file.load(path, loaded) == load(tmp_path, WATCHED + RULES).alerts


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "alerts: [{id: a, window: 1d, min_mentions: 1, companies: [nvida]}]",
            (
                'try.yaml:1:59: alerts[0].companies[0]: "nvida": not in feeds.yaml; '
                'did you mean "nvidia"?'
            ),
        ),
        ("alerts: [{id: a}]", 'try.yaml:1:10: alerts[0]: missing key "window"'),
        ("rules: []", 'try.yaml:1:1: missing key "alerts"'),
        ("", "the file is empty"),
    ],
)
def test_mistakes_in_a_rule_file_are_named_with_their_place(tmp_path, text, says):
    loaded = load(tmp_path, WATCHED)
    path = tmp_path / "try.yaml"
    path.write_text(text, "utf-8")

    with pytest.raises(ConfigError) as refused:
        rule_file.load(path, loaded)
    assert says in "\n".join(refused.value.problems)


def test_the_examples_in_the_shipped_file_are_right(tmp_path):
    text = config.default_path().read_text("utf-8")
    before, _, rest = text.partition('  # More kinds; take the "# " away')
    examples, _, after = rest.partition("\n\n")
    shown = re.sub("^  # ", "  ", examples.partition("\n")[2], flags=re.MULTILINE)
    after = after.replace("# quiet_hours:", "quiet_hours:")
    after = after.replace("# alert_group:", "alert_group:")
    loaded = load(tmp_path, f"{before}{shown}\n\n{after}")

    named = {rule.id for rule in loaded.alerts if rule.all or rule.any}
    assert named == {
        "spike",
        "mood-turns",
        "newcomer",
        "large-deal",
        "moratorium",
        "says-otherwise",
    }
    assert loaded.quiet_hours is not None
    assert loaded.alert_group == timedelta(minutes=10)
