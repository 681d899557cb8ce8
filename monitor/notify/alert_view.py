"""An alert in the language of its reader: its numbers, its rule, its evidence.

Does not lay anything out (`render`), nor decide what fires (`rules`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from monitor.notify.plain import MAX_SENTENCE, line
from monitor.notify.rules.wording import say
from monitor.notify.view import Names, Quote, Tone, fired, mark, quote, subject, tone
from monitor.notify.words import Words, signed
from monitor.types import Alert, AlertRule

MAX_NAMED = 3
"""Alerts that a subject names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """An alert in words."""

    words: Words
    subject: str
    kicker: str
    title: str
    tone: Tone
    value: float | None
    score: str
    sentence: str
    period: str
    facts: tuple[tuple[str, str], ...]
    quotes: tuple[Quote, ...]
    footer: tuple[str, ...]


def view_alert(
    alert: Alert,
    rule: AlertRule,
    names: Names,
    *,
    language: Literal["en", "ko"],
    timezone: ZoneInfo,
) -> AlertView:
    """Put an alert and the rule that fired into the language of its reader."""
    words = Words(language)
    name = subject(alert, names)
    count = words("reports", n=alert.mentions)
    score = "" if alert.score is None else f"{mark(alert.score)} {signed(alert.score)}"
    kind = words("critical" if alert.severity == "critical" else "alert")
    return AlertView(
        words=words,
        subject=f"{kind}: {' '.join(filter(None, (name, score)))} · {count}",
        kicker=f"{words('brand')} · {kind}",
        title=name,
        tone=tone(alert.score),
        value=alert.score,
        score=score,
        sentence=_sentence(alert, rule, words, names),
        period=words.period(alert.window_start, alert.fired_at, timezone),
        facts=tuple(_facts(alert, rule, words, names)),
        quotes=tuple(quote(it, words, timezone) for it in alert.evidence),
        footer=(
            words("scale"),
            words("model"),
            words("why_alert", id=line(alert.rule)),
            words("cooldown", cooldown=words.duration(rule.cooldown)),
        ),
    )


def _sentence(alert: Alert, rule: AlertRule, words: Words, names: Names) -> str:
    """What fired, in one sentence; a rule with conditions lists them as facts."""
    if not (rule.all or rule.any) or not alert.findings:
        return fired(alert, words)
    return line(say(alert.findings[0], words.language, names.themes), MAX_SENTENCE)


def _facts(
    alert: Alert, rule: AlertRule, words: Words, names: Names
) -> Iterator[tuple[str, str]]:
    yield words("rule"), line(alert.rule)
    if not (rule.all or rule.any):
        yield words("threshold"), _condition(rule, words)
        yield words("window"), words.duration(rule.window)
        return
    for finding in alert.findings:
        said = say(finding, words.language, names.themes)
        yield words("found"), line(said, MAX_SENTENCE)


def _condition(rule: AlertRule, words: Words) -> str:
    """When the rule fires, in words."""
    least = words(
        "at_least",
        count=words("reports", n=rule.min_mentions),
        sources=words("sources", n=rule.min_sources),
    )
    bounds = [
        words(key, bound=signed(bound))
        for key, bound in (("below", rule.score_below), ("above", rule.score_above))
        if bound is not None
    ]
    if len(bounds) > 1:
        bounds = [words("or", a=bounds[0], b=bounds[1])]
    return ", ".join([least, *bounds])


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsView:
    """Several alerts in one message, in words."""

    words: Words
    subject: str
    kicker: str
    title: str
    alerts: tuple[AlertView, ...]
    more: str
    """How many are left out; empty if none."""
    footer: tuple[str, ...]


def view_alerts(
    views: Sequence[AlertView], rules: Sequence[str], *, most: int | None = None
) -> AlertsView:
    """Put alerts of one time together, `most` at most; all are in one language."""
    words = views[0].words
    count = words("alert_count", n=len(views))
    scored = [" ".join(filter(None, (it.title, it.score))) for it in views]
    shown = ", ".join(scored[:MAX_NAMED])
    if len(scored) > MAX_NAMED:
        shown += f" {words('and_more', n=len(scored) - MAX_NAMED)}"
    return AlertsView(
        words=words,
        subject=f"{count}: {shown}",
        kicker=f"{words('brand')} · {words('alert')}",
        title=count,
        alerts=tuple(views[:most]),
        more=words("others", n=len(views) - most)
        if most is not None and most < len(views)
        else "",
        footer=(
            words("scale"),
            words("model"),
            words("why_alerts", ids=", ".join(sorted(set(map(line, rules))))),
        ),
    )
