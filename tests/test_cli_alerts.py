"""The commands of alerts, as a person runs them over stored history."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.alerts import moment
from monitor.store.store import Store
from monitor.types import AlertRule, FilingMatch, Threshold
from tests.newsroom import Newsroom

MONITOR = Path(sys.executable).with_name("monitor")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOW = datetime.now(UTC).replace(microsecond=0)
CONFIG = """\
feeds: [{url: https://example.org/feed, title: Example News}]
companies:
  - {id: vertiv, name: Vertiv, ticker: VRT, aliases: {ko: [버티브]}}
  - {id: amd, name: AMD}
  - {id: dell, name: Dell}
themes: [{id: ppa, name: {en: Power purchase}}]
alerts:
  - {id: bad-news, window: 24h, min_mentions: 2, score_below: -0.3}
  - {id: filings, all: [filing: {forms: [8-K]}]}
  - {id: power, themes: [ppa], window: 24h, min_mentions: 1}
"""
RULES = (
    AlertRule(id="bad-news", all=(), window=DAY, min_mentions=2, score_below=-0.3),
    AlertRule(id="filings", all=(FilingMatch(forms=("8-K",)),)),
    AlertRule(id="power", themes=("ppa",), all=(Threshold(window=DAY),)),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten days on which Vertiv was in the news; on two of them badly."""
    (tmp_path / "feeds.yaml").write_text(CONFIG, "utf-8")
    with Store(tmp_path / "monitor.db") as store:
        news = Newsroom(store, RULES, began=NOW - 20 * DAY)
        for number in range(10, 0, -1):
            at = NOW - number * DAY
            score = -0.6 if number in {6, 2} else 0.2
            for _ in range(2):
                news.publish(at, {"vertiv": score}, text=f"Vertiv on day {number}.")
            news.run(at)
    return tmp_path


def monitor(folder: Path, *arguments: str, fails: bool = False) -> str:
    done = subprocess.run(
        [MONITOR, "alerts", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode != 0) is fails, done.stderr
    return done.stderr if fails else done.stdout


def listed(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(monitor(folder, "list", "--json"))
    return found


def test_list_and_explain_say_what_was_told_and_why(folder):
    first = listed(folder)[0]
    said = monitor(folder, "explain", first["id"][:6])

    assert [it["rule"] for it in listed(folder)] == ["bad-news"] * 2
    assert monitor(folder, "list").startswith(f"{first['id'][:8]}  {NOW - 2 * DAY:%F}")
    assert "rule       id: bad-news, window: 1d, min_mentions: 2" in said
    assert "2 documents from 2 sources in 24 h (at least 2 from 1)" in said
    assert "measured   threshold: hours 24, mentions 2" in said
    assert "evidence   -0.60 Vertiv on day 2" in said
    assert "https://example.org/" in said
    assert "state      no recipient" in said


def test_test_replays_what_was_told_and_draws_it(folder):
    said = monitor(folder, "test", "bad-news", "--since", "30d", "--chart", "a.svg")
    found = json.loads(monitor(folder, "test", "bad-news", "--json"))

    assert said.startswith("bad-news: 2 alerts on 2 days of 31, about 1 subject;")
    assert "█" in said
    assert [it["id"] for it in found[0]["alerts"]] == [
        it["id"] for it in reversed(listed(folder))
    ]
    assert sum(count for _, count in found[0]["days"]) == 2
    assert "Alerts per day: bad-news" in (folder / "a.svg").read_text("utf-8")


def test_test_tries_rules_of_a_file_that_nobody_has_configured(folder):
    rules = "alerts: [{id: good, window: 24h, min_mentions: 2, score_above: 0.1}]"
    (folder / "try.yaml").write_text(rules, "utf-8")
    said = monitor(folder, "test", "try.yaml", "--since", "30d")

    assert said.startswith("good: 8 alerts on 8 days")
    assert [it["rule"] for it in listed(folder)] == ["bad-news"] * 2


def test_history_that_was_loaded_afterwards_is_tried_as_published(folder):
    with Store(folder / "monitor.db") as store:
        store.db.execute("DELETE FROM hearings")
    nothing = monitor(folder, "test", "bad-news")
    found = monitor(folder, "test", "bad-news", "--as-published")

    assert "try --as-published" in nothing
    assert found.startswith("bad-news: 2 alerts")


def test_why_not_names_the_gate(folder):
    found = json.loads(
        monitor(folder, "why-not", "--company", "버티브", "--since", "1d", "--json")
    )
    longer = monitor(folder, "why-not", "--company", "VRT", "--since", "30d")
    gates = {it["rule"]: (it["gate"], it["missing"]) for it in found["rules"]}

    assert gates["bad-news"][0] == "documents"
    assert "vertiv since" in longer
    by_rule = json.loads(
        monitor(folder, "why-not", "--company", "vertiv", "--since", "30d", "--json")
    )
    gates = {it["rule"]: (it["gate"], it["missing"]) for it in by_rule["rules"]}
    assert gates["bad-news"] == ("fired", "")
    (bad,) = (it for it in by_rule["rules"] if it["rule"] == "bad-news")
    assert bad["became"] == {"no recipient": 2}
    assert "what became of bad-news: no recipient (2)" in longer
    assert gates["filings"] == ("condition", "filing: no such filing")
    assert gates["power"] == ("restrictions", "themes (20 of 20 documents)")


def test_mute_unmute_and_ack(folder):
    assert "vertiv is muted until" in monitor(folder, "mute", "버티브", "--for", "7d")
    assert "muted: vertiv until" in monitor(folder, "list")
    assert "vertiv is no longer muted" in monitor(folder, "unmute", "VRT")
    assert "bad-news is muted" in monitor(folder, "mute", "bad-news", "--for", "12h")
    key = listed(folder)[0]["id"]
    assert monitor(folder, "ack", key[:8]) == f"{key} is acknowledged\n"
    assert listed(folder)[0]["state"] == "acknowledged"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("test", "bad-nws"), "no file named 'bad-nws'; did you mean bad-news?"),
        (("test", "bad-news", "--since", "soon"), "expected 90d, 12h, or a day"),
        (("test", "bad-news", "--since", "2099-01-31"), "a day that has begun"),
        (("test", "bad-news", "--chart", "a.jpg"), "let its name end in .svg"),
        (("mute", "nvidea"), "no watched company named 'nvidea'; there are: amd"),
        (("mute", "vertiv", "--for", "ever"), "expected a duration such as 30m"),
        (("ack", "zz"), "no alert begins with 'zz'"),
        (("why-not", "--company", "nobody"), "named 'nobody'; there are: amd"),
    ],
)
def test_mistakes_are_told_with_what_would_be_right(folder, arguments, says):
    assert says in monitor(folder, *arguments, fails=True)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-01-31", 0),
        ("2026-01-31T09:00", 9),
        ("2026-01-31T09:00+09:00", 0),
        ("2026-01-31T00:00Z", 0),
    ],
)
def test_since_is_in_utc_unless_it_says_otherwise(text, hour):
    assert moment(text) == datetime(2026, 1, 31, hour, tzinfo=UTC)
