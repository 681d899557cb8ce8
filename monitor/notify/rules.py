"""Alert rules: decides which fire now, from what is known and what was told.

Pure: the same data and the same `now` give the same alerts with the same ids. Does not
read the store, put alerts into a reader's language, or send them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b

from monitor.notify.readings import (
    Reading,
    distinct,
    fresh,
    mean,
    readings,
    sources,
)
from monitor.types import Alert, AlertRule, Evidence

EVIDENCE = 3


def decide(
    rules: Iterable[AlertRule],
    evidence: Sequence[Evidence],
    past: Sequence[Alert],
    *,
    now: datetime,
) -> list[Alert]:
    """The alerts to raise, by rule in the order given and then by subject.

    What counts is a document per subject, however often it names it, that became
    known in (now - window, now] and was not published more than `readings.LATE`
    before that. Mentions without a score count as documents, never as a score of 0.
    `evidence` must reach back as far as the longest window, `past` as far as the
    longest cooldown or window.
    """
    told = {alert.id for alert in past}
    return [
        alert
        for rule in rules
        for subject, own in _subjects(rule, evidence, now).items()
        if (alert := _judge(rule, subject, own, now)) is not None
        and alert.id not in told
        and not _cooling(alert, rule, past)
    ]


def _subjects(
    rule: AlertRule, evidence: Iterable[Evidence], now: datetime
) -> Mapping[str, list[Reading]]:
    """What the rule looks at in its window, by company or theme id."""
    found: dict[str, list[Evidence]] = {}
    for item in evidence:
        if fresh(item, now - rule.window, now) and _concerns(rule, item):
            for subject in _named(rule, item):
                found.setdefault(subject, []).append(item)
    return {subject: readings(found[subject]) for subject in sorted(found)}


def _concerns(rule: AlertRule, item: Evidence) -> bool:
    company = not rule.companies or item.company in rule.companies
    theme = not rule.themes or not set(rule.themes).isdisjoint(item.themes)
    return company and theme


def _named(rule: AlertRule, item: Evidence) -> Iterable[str]:
    if rule.by == "company":
        return (item.company,)
    themes = set(item.themes)
    return themes.intersection(rule.themes) if rule.themes else themes


def _judge(
    rule: AlertRule, subject: str, own: list[Reading], now: datetime
) -> Alert | None:
    score = mean(reading.score for reading in own)
    if len(own) < rule.min_mentions or sources(own) < rule.min_sources:
        return None
    if not _beyond(rule, score):
        return None
    return Alert(
        id=_identity(rule, subject, own),
        rule=rule.id,
        subject=subject,
        by=rule.by,
        fired_at=now,
        window_start=now - rule.window,
        mentions=len(own),
        sources=sources(own),
        score=score,
        reason=_reason(rule, subject, own, score),
        evidence=_strongest(rule, own, score),
    )


def _beyond(rule: AlertRule, score: float | None) -> bool:
    if rule.score_below is None and rule.score_above is None:
        return True
    return _below(rule, score) or _above(rule, score)


def _below(rule: AlertRule, score: float | None) -> bool:
    return (
        rule.score_below is not None and score is not None and score < rule.score_below
    )


def _above(rule: AlertRule, score: float | None) -> bool:
    return (
        rule.score_above is not None and score is not None and score > rule.score_above
    )


def _cooling(alert: Alert, rule: AlertRule, past: Iterable[Alert]) -> bool:
    return any(
        (old.rule, old.by, old.subject) == (alert.rule, alert.by, alert.subject)
        and alert.fired_at - old.fired_at < rule.cooldown
        for old in past
    )


def _identity(rule: AlertRule, subject: str, own: list[Reading]) -> str:
    """Rule, subject and newest document: without news there is no new alert."""
    newest = max(own, key=lambda reading: (reading.fetched_at, reading.document_id))
    parts = f"{rule.id}\x1f{rule.by}\x1f{subject}\x1f{newest.document_id}"
    return blake2b(parts.encode(), digest_size=12).hexdigest()


def _strongest(
    rule: AlertRule, own: list[Reading], score: float | None
) -> tuple[Evidence, ...]:
    """Up to three, those first that pull hardest where the rule looks."""
    sign = -1.0 if _below(rule, score) else 1.0 if _above(rule, score) else 0.0

    def rank(item: Evidence) -> tuple[bool, float, float, int]:
        weight = (item.score or 0.0) * item.relevance
        pull = weight * sign if sign else abs(weight)
        newest = item.published_at.timestamp()
        return (item.score is None, -pull, -newest, item.mention_id)

    return distinct(
        sorted((item for reading in own for item in reading.mentions), key=rank),
        EVIDENCE,
    )


def _reason(
    rule: AlertRule, subject: str, own: list[Reading], score: float | None
) -> str:
    counted = (
        f"{subject}: {_count(len(own), 'document')} from "
        f"{_count(sources(own), 'source')} in {_hours(rule.window)} "
        f"(at least {rule.min_mentions} from {rule.min_sources})"
    )
    if score is None:
        return f"{counted}; no score."
    bounds = [
        f"{side} {bound:+.2f}"
        for side, bound, hit in (
            ("below", rule.score_below, _below(rule, score)),
            ("above", rule.score_above, _above(rule, score)),
        )
        if hit
    ]
    return f"{counted}; {', '.join([f'mean score {score:+.2f}', *bounds])}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _hours(window: timedelta) -> str:
    return f"{window / timedelta(hours=1):g} h"
