"""When a feed is read next, and what is remembered of it. Pure.

Never sooner than the feed's interval, its server's headers, its own ttl, skipHours and
skipDays, and any Retry-After permit; a little later by chance, so that feeds that were
told the same time do not all come at once.
"""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.errors import FetchError, MonitorError
from monitor.sources.headers import LONGEST, freshness
from monitor.types import Feed, FeedState, ParsedFeed

MOVED_AFTER = 3
"""Polls in a row that must see the same permanent redirect before it is followed."""
RETURN_AFTER = 3
"""Failures in a row at such a place before the configured URL is asked again."""

_HOUR = timedelta(hours=1)
_JITTER = 0.1
_AFTER_SKIP = timedelta(minutes=10)
_MOST_DOUBLINGS = 12
_UNASKED = timedelta(minutes=5)
_GONE = 410


def is_due(state: FeedState, now: datetime) -> bool:
    """Say whether a feed is to be read now; never one that is disabled."""
    if state.disabled:
        return False
    if state.next_fetch_at is None or state.next_fetch_at <= now:
        return True
    # A last poll that lies ahead: the clock was wrong then, and so is the next.
    return state.last_fetch_at is not None and state.last_fetch_at > now + LONGEST


def effective_url(feed: Feed, state: FeedState) -> str:
    """Give the URL to ask: the configured one, or where it moved for good."""
    if state.moved_to is not None and state.moved_seen >= MOVED_AFTER:
        return state.moved_to
    return feed.url


def after_success(
    feed: Feed,
    state: FeedState,
    *,
    status: int,
    headers: Mapping[str, str],
    parsed: ParsedFeed | None,
    permanent_url: str | None,
    now: datetime,
    rng: random.Random,
) -> FeedState:
    """Remember a 200 (with what was `parsed`) or a 304 (with None).

    Belongs into the transaction that stores the entries: an ETag that is kept without
    them loses them for ever.
    """
    state = _with_validators(state, status, headers)
    if parsed is not None:
        state = replace(
            state,
            ttl=parsed.ttl,
            skip_hours=parsed.skip_hours,
            skip_days=parsed.skip_days,
        )
    asked = max(freshness(headers, now=now), state.ttl or timedelta())
    wait = max(feed.interval, min(asked, LONGEST))
    return replace(
        _with_move(feed, state, permanent_url),
        last_fetch_at=now,
        next_fetch_at=_later(state, now, wait, rng),
        failures=0,
        last_error=None,
    )


def after_failure(
    feed: Feed,
    state: FeedState,
    error: MonitorError,
    *,
    now: datetime,
    rng: random.Random,
) -> FeedState:
    """Remember a failed poll; a 410 disables the feed."""
    failures = state.failures + 1
    gone = isinstance(error, FetchError) and error.status == _GONE
    if effective_url(feed, state) != feed.url and (gone or failures >= RETURN_AFTER):
        state, gone = replace(state, moved_to=None, moved_seen=0), False
    return replace(
        state,
        last_fetch_at=now,
        next_fetch_at=_later(state, now, _penalty(feed, error, failures), rng),
        failures=failures,
        last_error=str(error),
        disabled=gone,
    )


def _with_validators(
    state: FeedState, status: int, headers: Mapping[str, str]
) -> FeedState:
    """Take ETag and Last-Modified unchanged; a 304 may leave out what still holds."""
    kept = state if status == 304 else FeedState(feed_url=state.feed_url)  # noqa: PLR2004
    return replace(
        state,
        etag=headers.get("etag", kept.etag),
        last_modified=headers.get("last-modified", kept.last_modified),
    )


def _with_move(feed: Feed, state: FeedState, permanent_url: str | None) -> FeedState:
    """Count how often in a row the same permanent redirect was seen."""
    if permanent_url is None:
        if effective_url(feed, state) != feed.url:
            return state
        return replace(state, moved_to=None, moved_seen=0)
    seen = state.moved_seen + 1 if permanent_url == state.moved_to else 1
    return replace(state, moved_to=permanent_url, moved_seen=seen)


def _penalty(feed: Feed, error: MonitorError, failures: int) -> timedelta:
    """Give the wait after a failure: Retry-After, or doubling up to a day.

    Where nothing was asked of the server (no contact is set, no network, no such name)
    there is nobody to spare, and whoever mends it wants to see it work.
    """
    kind = error.kind if isinstance(error, FetchError) else None
    if kind == "contact":
        return timedelta()
    if kind == "dns":
        return min(_UNASKED * (1 << min(failures - 1, _MOST_DOUBLINGS)), LONGEST)
    retry_after_s = error.retry_after_s if isinstance(error, FetchError) else None
    if retry_after_s is not None:
        asked = timedelta(seconds=retry_after_s)
    else:
        # One lost connection is nobody's wish; a server that says no is doubled at once.
        refused = isinstance(error, FetchError) and error.status is not None
        doublings = min(failures if refused else failures - 1, _MOST_DOUBLINGS)
        asked = feed.interval * 2**doublings
    return max(feed.interval, min(asked, LONGEST))


def _later(
    state: FeedState, now: datetime, wait: timedelta, rng: random.Random
) -> datetime:
    """Give a time `wait` from now, up to a tenth later, and not in a skipped hour.

    A feed that asks to be left alone for longer than a day is read once a day.
    """
    earliest = moment = now + wait * (1 + rng.uniform(0, _JITTER))
    while _skipped(state, moment) and moment < earliest + LONGEST:
        moment = moment.replace(minute=0, second=0, microsecond=0) + _HOUR
    if moment == earliest:
        return moment
    return min(moment, earliest + LONGEST) + _AFTER_SKIP * rng.random()


def _skipped(state: FeedState, moment: datetime) -> bool:
    return moment.hour in state.skip_hours or moment.weekday() in state.skip_days
