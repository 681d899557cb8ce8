"""What was told already, and for how long that and people's wishes keep us quiet.

Does not judge what happened, nor when it is told (`quiet`).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from monitor.types import Acknowledgement, Alert, AlertRule, Mute

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
        key = subject(alert)
        self._last[key] = max(alert.fired_at, self._last.get(key, alert.fired_at))

    def told(self, alert: Alert) -> bool:
        """Whether this very decision was taken before."""
        return alert.id in self._ids

    def cooling_until(self, alert: Alert, cooldown: timedelta) -> datetime | None:
        """Until when the same subject is left alone; None if it is not."""
        last = self._last.get(subject(alert))
        if last is None or alert.fired_at - last >= cooldown:
            return None
        return last + cooldown


def subject(alert: Alert) -> Subject:
    return (alert.rule, alert.by, alert.subject, alert.topic)


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
    ends = [
        it.at + length
        for it in acknowledgements
        if (it.rule, it.by, it.subject, it.topic) == subject(alert)
        and it.at <= alert.fired_at < it.at + length
    ]
    return max(ends, default=None)


def muted_until(
    alert: Alert, rule: AlertRule, mutes: Sequence[Mute], *, at: datetime
) -> datetime | None:
    """Until when, at a moment, what an alert is about is muted; None if it is not.

    That is its subject, its rule, the theme that is new, or every theme that the rule
    is restricted to.
    """
    ends: dict[str, datetime] = {}
    for mute in mutes:
        if mute.since <= at < mute.until:
            ends[mute.target] = max(mute.until, ends.get(mute.target, mute.until))
    found = [ends[it] for it in (alert.subject, alert.rule, alert.topic) if it in ends]
    if rule.themes and ends.keys() >= set(rule.themes):
        found.append(min(ends[theme] for theme in rule.themes))
    return max(found, default=None)
