"""What was told already, and for how long that and people's wishes keep us quiet.

Does not judge what happened, nor when it is told (`quiet`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from monitor.types import Acknowledgement, Alert, AlertRule, Mute

Key = TypeVar("Key")
Subject = tuple[str, str, str, str]
"""Rule, by, subject and topic: about these one is quiet for a while."""


class Past:
    """Alerts that were raised, as they are raised."""

    def __init__(self, alerts: Iterable[Alert] = ()) -> None:
        self._ids: set[str] = set()
        self._last: dict[Subject, datetime] = {}
        for alert in alerts:
            self.add(alert)

    def add(self, alert: Alert) -> None:
        self._ids.add(alert.id)
        for key in subjects(alert):
            self._last[key] = max(alert.fired_at, self._last.get(key, alert.fired_at))

    def told(self, alert: Alert, *, since: datetime | None = None) -> bool:
        """Whether this very decision was taken before, or all its topics since then."""
        if alert.id in self._ids:
            return True
        last = self._told(alert)
        return since is not None and last is not None and last >= since

    def cooling_until(self, alert: Alert, cooldown: timedelta) -> datetime | None:
        """Until when all its topics are left alone; None if one is not."""
        last = self._told(alert)
        if last is None or alert.fired_at - last >= cooldown:
            return None
        return last + cooldown

    def _told(self, alert: Alert) -> datetime | None:
        """Since when each of its topics was told; None if one was not."""
        return _least(subjects(alert), self._last)


def subjects(alert: Alert | Acknowledgement) -> list[Subject]:
    """What one is quiet about: each topic by itself."""
    return [(alert.rule, alert.by, alert.subject, topic) for topic in alert.topics]


def _least(keys: Collection[Key], times: Mapping[Key, datetime]) -> datetime | None:
    """The earliest of their times; None if one has none."""
    if not keys or not times.keys() >= set(keys):
        return None
    return min(times[key] for key in keys)


def acknowledged_until(
    alert: Alert,
    rule: AlertRule,
    acknowledgements: Sequence[Acknowledgement],
    *,
    longest_window: timedelta,
) -> datetime | None:
    """Until when an acknowledged subject is quiet; None if it is not.

    That is for the rule's cooldown or its longest window, whichever is longer, so
    that what was seen is out of the window when it may be told again.
    """
    length = max(rule.cooldown, longest_window)
    ends: dict[Subject, datetime] = {}
    for it in acknowledgements:
        if it.at <= alert.fired_at < it.at + length:
            for key in subjects(it):
                ends[key] = max(it.at + length, ends.get(key, it.at))
    return _least(subjects(alert), ends)


def muted_until(
    alert: Alert, rule: AlertRule, mutes: Sequence[Mute], *, at: datetime
) -> datetime | None:
    """Until when, at a moment, what an alert is about is muted; None if it is not.

    That is its subject, its rule, every theme that is new, or every theme that the rule
    is restricted to.
    """
    ends: dict[str, datetime] = {}
    for mute in mutes:
        if mute.since <= at < mute.until:
            ends[mute.target] = max(mute.until, ends.get(mute.target, mute.until))
    about = ((alert.subject,), (alert.rule,), alert.topics, rule.themes)
    found = (_least(keys, ends) for keys in about)
    return max((it for it in found if it is not None), default=None)
