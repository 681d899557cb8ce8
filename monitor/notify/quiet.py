"""When an alert is told: not in quiet hours, and together with others of its time.

Pure. What is critical waits for nothing. Does not decide which alerts there are.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from monitor.types import Alert, QuietHours

DAY = timedelta(days=1)


def quiet_until(now: datetime, hours: QuietHours | None) -> datetime | None:
    """The end of the quiet hours that `now` lies in, in UTC; None if in none.

    Both ends are moments of the reader's clock. One that the clock skips in spring is
    as much later as it skips; of one that comes twice in autumn the first counts.
    """
    if hours is None:
        return None
    today = now.astimezone(hours.timezone).date()
    for day in (today - DAY, today):
        start = _moment(day, hours.start, hours)
        past_midnight = hours.end <= hours.start
        end = _moment(day + DAY if past_midnight else day, hours.end, hours)
        if start <= now < end:
            return end
    return None


def _moment(day: date, at: time, hours: QuietHours) -> datetime:
    return datetime.combine(day, at, tzinfo=hours.timezone).astimezone(UTC)


def due(
    waiting: Sequence[Alert],
    *,
    now: datetime,
    hours: QuietHours | None = None,
    gather: timedelta = timedelta(0),
) -> list[list[Alert]]:
    """What is to be told now, one message for each inner list.

    Critical alerts alone and at once; the others together, once the first of them
    has waited for `gather` and the quiet hours are over.
    """
    critical = [[alert] for alert in waiting if alert.severity == "critical"]
    others = [alert for alert in waiting if alert.severity != "critical"]
    if not others or quiet_until(now, hours) is not None:
        return critical
    first = min(alert.fired_at for alert in others)
    return [*critical, others] if first + gather <= now else critical
