"""What a rule would have done: how often, on which days, and what held it back.

Pure. Sums up verdicts; does not make them (`rules`) nor draw them (`chart`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.notify.rules import GATES, Gate, Verdict
from monitor.types import Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """A rule over a stretch of the past."""

    rule: str
    since: datetime
    until: datetime
    alerts: tuple[Alert, ...]
    """What would have fired, oldest first."""
    days: tuple[tuple[date, int], ...]
    """Alerts of each day of the reader's calendar, also of those without any."""
    held_back: tuple[tuple[Gate, int], ...]
    """How often the condition held, and which gate let no alert through."""
    judged: int

    @property
    def subjects(self) -> int:
        return len({alert.subject for alert in self.alerts})


def rehearsal(
    rule: str,
    verdicts: Sequence[Verdict],
    *,
    since: datetime,
    until: datetime,
    timezone: ZoneInfo,
) -> Rehearsal:
    """Sum up the verdicts of one rule in (since, until]."""
    own = [verdict for verdict in verdicts if verdict.rule.id == rule]
    alerts = [it.alert for it in own if it.alert]
    counts = Counter(alert.fired_at.astimezone(timezone).date() for alert in alerts)
    gates = Counter(verdict.gate for verdict in own)
    first = since.astimezone(timezone).date()
    last = until.astimezone(timezone).date()
    return Rehearsal(
        rule=rule,
        since=since,
        until=until,
        alerts=tuple(alerts),
        days=tuple(
            (day, counts[day])
            for number in range((last - first).days + 1)
            for day in [first + timedelta(days=number)]
        ),
        held_back=tuple(
            (gate, gates[gate])
            for gate in GATES
            if gate not in {"condition", "fired"} and gates[gate]
        ),
        judged=len(own),
    )
