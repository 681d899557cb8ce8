"""The store's documents -> what alert rules look at -> alerts, now or in rehearsal.

Reads what rules ask for and no more. Decides nothing itself (`monitor.notify.rules`).
"""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from monitor.analysis import sentences
from monitor.analysis.themes import ThemeTagger
from monitor.config import Config
from monitor.notify import rules
from monitor.notify.rules import History, Verdict
from monitor.notify.rules.silence import Past
from monitor.store import heard, hearings, queries, wishes
from monitor.types import (
    Alert,
    AlertRule,
    KeywordMatch,
    NameAppears,
    Patterns,
    QuantityAbove,
    Theme,
)

SECOND = timedelta(seconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def decide(
    config: Config, connection: sqlite3.Connection, *, at: datetime
) -> list[Alert]:
    """Alerts that fire at a moment at which something was heard, by what is stored."""
    if not config.alerts:
        return []
    companies, themes = heard.named_at(connection, at)
    by_theme = any(rule.by == "theme" for rule in config.alerts)
    history = read_history(
        config,
        connection,
        config.alerts,
        since=at - max(map(rules.lookback, config.alerts)),
        now=at,
        about=(companies, themes if by_theme else ()),
    )
    told = queries.alerts(connection, since=at - _memory(config.alerts))
    # A clock that was ahead has told some in what is to come.
    past = [it for it in told if it.fired_at <= at]
    return rules.decide(config.alerts, history, past, now=at)


def rehearse(
    config: Config,
    connection: sqlite3.Connection,
    asked: Sequence[AlertRule],
    *,
    since: datetime,
    as_published: bool = False,
    reasons: bool = True,
) -> tuple[list[Verdict], History]:
    """What rules would have done since then, point in time, oldest first.

    Without `reasons` most verdicts do not say what was missing.

    Silent at first for what rules of feeds.yaml told before `since`, and for what any
    would have told just before.
    """
    warm = since - _memory(asked)
    past = Past() if as_published else _told(config, connection, asked, until=since)
    history = read_history(
        config,
        connection,
        asked,
        since=warm - max(map(rules.lookback, asked)),
        as_published=as_published,
    )
    moments = [at for at in history.moments if at > warm]
    verdicts = rules.replay(asked, history, past, moments=moments, reasons=reasons)
    return [verdict for verdict in verdicts if verdict.at > since], history


def _told(
    config: Config,
    connection: sqlite3.Connection,
    asked: Sequence[AlertRule],
    *,
    until: datetime,
) -> Past:
    """What the rules told up to a moment that may still keep them quiet after it.

    Of a rule that is not in feeds.yaml as it is here, nothing.
    """
    stored = {rule.id for rule in asked if rule in config.alerts}
    found = queries.alerts(connection, since=until - 2 * _memory(asked))
    return Past(it for it in found if it.rule in stored and it.fired_at <= until)


def _memory(asked: Iterable[AlertRule]) -> timedelta:
    """How far back lies what may still keep an alert from being told."""
    return max(max(rule.cooldown, rules.lookback(rule)) for rule in asked)


def read_history(
    config: Config,
    connection: sqlite3.Connection,
    asked: Sequence[AlertRule],
    *,
    since: datetime,
    now: datetime | None = None,
    about: tuple[Collection[str], Collection[str]] | None = None,
    as_published: bool = False,
) -> History:
    """All that rules look at since then; `now` if only that moment is judged."""
    conditions = [it for rule in asked for it in rules.conditions(rule)]
    wish = heard.Wish(
        nameless=any(rule.by == "theme" for rule in asked),
        names=any(isinstance(it, NameAppears) for it in conditions),
        units=frozenset(it.unit for it in conditions if isinstance(it, QuantityAbove)),
        about=about,
        keywords=_keywords(connection, conditions, since=since, now=now),
    )
    found = heard.heard(connection, wish, since=since, as_published=as_published)
    first = min((it.heard_at for it in found), default=EPOCH)
    began = hearings.began(connection) or first
    return History(
        heard=found,
        began=min(began, first) if as_published else began,
        roles={company.id: company.role for company in config.companies},
        mutes=() if as_published else wishes.mutes(connection),
        acknowledgements=() if as_published else wishes.acknowledgements(connection),
    )


def _keywords(
    connection: sqlite3.Connection,
    conditions: Iterable[object],
    *,
    since: datetime,
    now: datetime | None,
) -> dict[str, tuple[tuple[Patterns, str], ...]]:
    """Which patterns match in which document, and the sentence in which they do."""
    asked = [it for it in conditions if isinstance(it, KeywordMatch)]
    if not asked:
        return {}
    if now is not None:
        windows = [it.window or timedelta(0) for it in asked]
        since = max(since, now - max(windows) - SECOND)
    patterns = list(dict.fromkeys(it.patterns for it in asked))
    tagger = ThemeTagger(
        [
            Theme(id=str(number), name={}, patterns={"en": (one,), "ko": (one,)})
            for number, one in enumerate(patterns)
        ]
    )
    found = {}
    for key, text, language in hearings.texts(connection, since=since):
        if matches := _matches(tagger, patterns, text, language):
            found[key] = tuple(matches)
    return found


def _matches(
    tagger: ThemeTagger, patterns: Sequence[Patterns], text: str, language: str
) -> list[tuple[Patterns, str]]:
    hits = tagger.tag(text, language)
    spans = sentences.split(text) if hits else []
    first: dict[str, str] = {}
    for hit in hits:
        start, end = sentences.around(spans, hit.start_char, hit.end_char)
        first.setdefault(hit.theme, text[start:end])
    return [(patterns[int(key)], sentence) for key, sentence in first.items()]
