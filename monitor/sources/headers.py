"""What a server says about time in its headers. Pure; takes lower-case names."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=1)
"""No server can make us wait longer: a typo must not silence a feed for a year."""

_MAX_AGE = re.compile(r'(?:^|[,\s])max-age\s*=\s*"?(\d{1,18})', re.IGNORECASE)
_UNCACHED = re.compile(r"(?:^|[,\s])no-(?:store|cache)\b", re.IGNORECASE)


def http_date(value: str | None) -> datetime | None:
    """Read an HTTP date; None where there is none or it is garbage."""
    try:
        parsed = parsedate_to_datetime(value or "")
        # "-0000" is UTC of unknown origin and comes without a zone.
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def retry_after(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """Give how long to stay away, at most a day; None where nothing usable is said.

    A date is measured against the server's own Date, so that its clock may be wrong.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(float(value), LONGEST.total_seconds()))
    until = http_date(value)
    if until is None:
        return None
    return _within(until - (http_date(headers.get("date")) or now))


def freshness(headers: Mapping[str, str], *, now: datetime) -> timedelta:
    """Give how long the answer is good by Cache-Control or Expires: 0 to a day."""
    control = headers.get("cache-control", "")
    if _UNCACHED.search(control):
        return timedelta()
    found = _MAX_AGE.search(control)
    if found:
        age = headers.get("age", "")
        spent = int(age) if age.isascii() and age.isdigit() and len(age) < 10 else 0  # noqa: PLR2004
        seconds = min(int(found[1]) - spent, LONGEST.total_seconds())
        return _within(timedelta(seconds=max(seconds, 0)))
    expires = http_date(headers.get("expires"))
    if expires is None:
        return timedelta()
    return _within(expires - (http_date(headers.get("date")) or now))


def _within(span: timedelta) -> timedelta:
    return min(max(span, timedelta()), LONGEST)
