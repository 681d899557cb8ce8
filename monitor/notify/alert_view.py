"""An alert in the language of its reader: its numbers, its rule, its evidence.

Does not lay anything out (`render`), nor decide what fires (`rules`).
"""

from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from monitor.notify.plain import line
from monitor.notify.view import Names, Quote, Tone, fired, mark, quote, subject, tone
from monitor.notify.words import Words, signed
from monitor.types import Alert, AlertRule


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
    facts = [
        (words("rule"), line(alert.rule)),
        (words("threshold"), _condition(rule, words)),
        (words("window"), words.duration(rule.window)),
    ]
    return AlertView(
        words=words,
        subject=f"{words('alert')}: {' '.join(filter(None, (name, score)))} · {count}",
        kicker=f"{words('brand')} · {words('alert')}",
        title=name,
        tone=tone(alert.score),
        value=alert.score,
        score=score,
        sentence=fired(alert, words),
        period=words.period(alert.window_start, alert.fired_at, timezone),
        facts=tuple(facts),
        quotes=tuple(quote(it, words, timezone) for it in alert.evidence),
        footer=(
            words("scale"),
            words("model"),
            words("why_alert", id=line(alert.rule)),
            words("cooldown", cooldown=words.duration(rule.cooldown)),
        ),
    )


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
