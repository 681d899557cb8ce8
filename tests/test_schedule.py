"""When feeds are read next. The clock and chance are passed in."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import FetchError, ParseError
from monitor.sources.headers import freshness, http_date
from monitor.sources.schedule import (
    after_failure,
    after_success,
    effective_url,
    is_due,
)
from monitor.types import Feed, FeedState, ParsedFeed

NOW = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)  # a Tuesday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FEED = Feed(url="https://example.org/feed", title="Example")
FRESH = FeedState(feed_url=FEED.url)
EMPTY = ParsedFeed(title="", language=None, entries=())


class Latest(random.Random):
    """The most that chance can do."""

    def random(self):
        return 1.0


class Earliest(random.Random):
    """The least that chance can do."""

    def random(self):
        return 0.0


def succeed(state=FRESH, *, feed=FEED, status=200, headers=(), parsed=EMPTY, **options):
    return after_success(
        feed,
        state,
        status=status,
        headers=dict(headers),
        parsed=None if status == 304 else parsed,
        permanent_url=options.get("permanent_url"),
        now=options.get("now", NOW),
        rng=options.get("rng", Earliest()),
    )


def fail(state=FRESH, *, feed=FEED, now=NOW, rng=None, kind="status", **error):
    wrong = FetchError("no", url=feed.url, kind=kind, **error)
    return after_failure(feed, state, wrong, now=now, rng=rng or Earliest())


def wait(state):
    return state.next_fetch_at - NOW


# --- is a feed due ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "due"),
    [
        (FRESH, True),
        (replace(FRESH, next_fetch_at=NOW), True),
        (replace(FRESH, next_fetch_at=NOW + timedelta(seconds=1)), False),
        (replace(FRESH, disabled=True), False),
        (replace(FRESH, next_fetch_at=NOW - DAY, disabled=True), False),
        # The clock ran a year ahead at the last poll, or an hour (daylight saving done
        # by hand): the one would silence the feed for a year, the other for an hour.
        (
            replace(
                FRESH,
                last_fetch_at=NOW + 365 * DAY,
                next_fetch_at=NOW + 365 * DAY + HOUR,
            ),
            True,
        ),
        (
            replace(FRESH, last_fetch_at=NOW + HOUR, next_fetch_at=NOW + 2 * HOUR),
            False,
        ),
    ],
)
def test_is_due(state, due):
    assert is_due(state, NOW) is due


# --- after a success ----------------------------------------------------------------


@pytest.mark.parametrize("minutes", [1, 60, 7 * 24 * 60])
def test_the_interval_of_the_feed_is_kept(minutes):
    feed = replace(FEED, interval=timedelta(minutes=minutes))

    assert wait(succeed(feed=feed)) == feed.interval


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, HOUR),
        ({"cache-control": "max-age=60"}, HOUR),
        ({"cache-control": "public, max-age=7200"}, 2 * HOUR),
        ({"cache-control": 'MAX-AGE="7200"'}, 2 * HOUR),
        ({"cache-control": "s-maxage=7200"}, HOUR),
        ({"cache-control": "max-age=9000", "age": "1800"}, 2 * HOUR),
        ({"cache-control": "max-age=7200", "age": "soon"}, 2 * HOUR),
        ({"cache-control": "no-cache, max-age=7200"}, HOUR),
        ({"cache-control": "max-age=31536000"}, DAY),
        ({"cache-control": "max-age=" + "9" * 18}, DAY),
        ({"cache-control": "max-age=-1"}, HOUR),
        ({"expires": "Tue, 24 Nov 2026 12:30:00 GMT"}, 2 * HOUR),
        (
            {
                "expires": "Tue, 24 Nov 2026 06:00:00 GMT",
                "date": "Tue, 24 Nov 2026 03:00:00 GMT",
            },
            3 * HOUR,
        ),
        ({"expires": "0"}, HOUR),
        ({"expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, HOUR),
        ({"expires": "Thu, 01 Jan 2099 00:00:00 GMT"}, DAY),
        (
            {"cache-control": "max-age=60", "expires": "Thu, 01 Jan 2099 00:00:00 GMT"},
            HOUR,
        ),
    ],
)
def test_caching_headers_are_lower_bounds(headers, expected):
    assert wait(succeed(headers=headers)) == expected


@pytest.mark.parametrize(
    ("ttl", "expected"),
    [
        (timedelta(minutes=5), HOUR),
        (3 * HOUR, 3 * HOUR),
        (365 * DAY, DAY),
        (-DAY, HOUR),
    ],
)
def test_ttl_is_a_lower_bound_and_outlives_a_304(ttl, expected):
    first = succeed(parsed=replace(EMPTY, ttl=ttl))
    second = succeed(first, status=304)

    assert wait(first) == expected
    assert wait(second) == expected
    assert wait(succeed(second)) == HOUR  # the feed no longer says it


@pytest.mark.parametrize("rng", [Earliest(), Latest()])
@pytest.mark.parametrize(
    ("hours", "days", "earliest"),
    [
        ({11, 12}, set(), datetime(2026, 11, 24, 13, tzinfo=UTC)),
        ({10}, set(), datetime(2026, 11, 24, 11, 30, tzinfo=UTC)),
        (set(), {1}, datetime(2026, 11, 25, tzinfo=UTC)),
        (set(range(11, 24)), set(), datetime(2026, 11, 25, tzinfo=UTC)),
        ({0}, {1}, datetime(2026, 11, 25, 1, tzinfo=UTC)),
    ],
)
def test_skipped_hours_and_days(rng, hours, days, earliest):
    hints = replace(EMPTY, skip_hours=frozenset(hours), skip_days=frozenset(days))
    first = succeed(parsed=hints, rng=rng)
    second = succeed(first, status=304, rng=rng)

    for state in (first, second):
        assert earliest <= state.next_fetch_at <= earliest + timedelta(minutes=10)
        assert state.next_fetch_at.hour not in hours
        assert state.next_fetch_at.weekday() not in days


def test_a_feed_that_forbids_every_hour_is_read_once_a_day():
    hints = replace(EMPTY, skip_hours=frozenset(range(24)))

    assert wait(succeed(parsed=hints)) == DAY + HOUR


def test_etag_and_last_modified_are_stored_unchanged():
    state = succeed(headers={"etag": 'W/"\xe9"', "last-modified": "yesterday"})

    assert (state.etag, state.last_modified) == ('W/"\xe9"', "yesterday")


def test_a_304_keeps_what_it_does_not_repeat():
    state = replace(FRESH, etag='"1"', last_modified="yesterday")

    assert succeed(state, status=304).etag == '"1"'
    assert succeed(state, status=304, headers={"etag": '"2"'}).etag == '"2"'
    assert succeed(state, status=304).last_modified == "yesterday"


def test_a_200_without_an_etag_forgets_the_old_one():
    state = replace(FRESH, etag='"1"', last_modified="yesterday")

    assert succeed(state, headers={"last-modified": "today"}).etag is None
    assert succeed(state).last_modified is None


def test_a_success_ends_a_row_of_failures():
    state = succeed(fail(fail(), status=500))

    assert (state.failures, state.last_error) == (0, None)
    assert wait(state) == HOUR
    assert state.last_fetch_at == NOW


# --- after a failure ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "hours"),
    [
        ({"kind": "status", "status": 503}, [2, 4, 8, 16, 24, 24]),
        ({"kind": "status", "status": 429}, [2, 4, 8, 16, 24, 24]),
        ({"kind": "timeout"}, [1, 2, 4, 8, 16, 24]),
    ],
)
def test_the_interval_doubles_up_to_a_day(error, hours):
    state, seen = FRESH, []
    for _ in hours:
        state = fail(state, **error)
        seen.append(wait(state) / HOUR)

    assert seen == hours
    assert state.failures == len(hours)


def test_a_thousand_failures_are_still_a_day():
    assert wait(fail(replace(FRESH, failures=1000), kind="dns")) == DAY


def test_an_interval_longer_than_a_day_is_not_shortened_by_failing():
    feed = replace(FEED, interval=7 * DAY)

    assert wait(fail(feed=feed, kind="timeout")) == 7 * DAY


def test_what_was_never_asked_is_tried_again_soon():
    assert wait(fail(kind="contact")) == timedelta(0)
    assert wait(fail(kind="dns")) == timedelta(minutes=5)
    assert wait(fail(replace(FRESH, failures=2), kind="dns")) == timedelta(minutes=20)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("retry_after_s", "expected"),
    [(0, HOUR), (30, HOUR), (7200, 2 * HOUR), (86400, DAY), (365 * 86400, DAY)],
)
def test_never_before_retry_after(status, retry_after_s, expected):
    state = fail(status=status, retry_after_s=retry_after_s)

    assert wait(state) == expected


def test_the_error_is_remembered_and_validators_survive_it():
    state = replace(FRESH, etag='"1"', last_modified="yesterday")
    failed = after_failure(
        FEED, state, ParseError("not a feed", url=FEED.url), now=NOW, rng=Earliest()
    )

    assert failed.last_error == "not a feed"
    assert (failed.etag, failed.last_modified) == ('"1"', "yesterday")
    assert failed.last_fetch_at == NOW
    assert not failed.disabled


@pytest.mark.parametrize(("status", "disabled"), [(410, True), (404, False)])
def test_only_gone_disables(status, disabled):
    state = fail(status=status)

    assert state.disabled is disabled
    assert is_due(state, NOW + 30 * DAY) is not disabled


# --- chance -------------------------------------------------------------------------


def test_feeds_told_the_same_do_not_come_at_once():
    rng = random.Random(1)
    told = [fail(status=503, retry_after_s=7200, rng=rng) for _ in range(200)]
    waits = sorted(wait(state) / timedelta(seconds=1) for state in told)
    busiest = max(sum(t <= other < t + 10 for other in waits) for t in waits)

    assert waits[0] >= 7200
    assert waits[-1] <= 7920
    assert busiest <= 12  # 2.8 of 200 would be even


def test_feeds_that_waited_for_the_same_hour_do_not_come_at_once():
    rng = random.Random(1)
    hints = replace(EMPTY, skip_hours=frozenset({11}))
    times = {succeed(parsed=hints, rng=rng).next_fetch_at for _ in range(50)}

    assert len(times) == 50


@given(
    interval=st.timedeltas(timedelta(minutes=1), 30 * DAY),
    age=st.integers(0, 10**12),
    ttl=st.none() | st.timedeltas(-DAY, 1000 * DAY),
    hours=st.frozensets(st.integers(0, 23)),
    days=st.frozensets(st.integers(0, 6)),
    seed=st.integers(),
)
def test_never_early_and_never_lost(*, interval, age, ttl, hours, days, seed):
    feed = replace(FEED, interval=interval)
    hints = replace(EMPTY, ttl=ttl, skip_hours=hours, skip_days=days)
    headers = {"cache-control": f"max-age={age}"}
    rng = random.Random(seed)
    state = succeed(feed=feed, headers=headers, parsed=hints, rng=rng)
    asked = max(interval, min(timedelta(seconds=age), DAY), min(ttl or HOUR * 0, DAY))

    assert asked <= wait(state) <= asked * 1.1 + DAY + timedelta(minutes=11)


@given(st.text())
def test_garbage_in_headers_is_ignored(text):
    headers = dict.fromkeys(["cache-control", "age", "expires", "date"], text)

    assert timedelta() <= freshness(headers, now=NOW) <= DAY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
        (
            "Sunday, 06-Nov-94 08:49:37 GMT",
            datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC),
        ),
        ("Sun Nov  6 08:49:37 1994", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
        (
            "Sun, 06 Nov 1994 17:49:37 +0900",
            datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC),
        ),
        (
            "Sun, 06 Nov 1994 08:49:37 -0000",
            datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC),
        ),
        ("Sun, 99 Nov 1994 08:49:37 GMT", None),
        ("0", None),
        ("", None),
        (None, None),
    ],
)
def test_http_dates(text, expected):
    assert http_date(text) == expected


# --- where it moved -----------------------------------------------------------------

NEW, NEWER = "https://example.org/new", "https://example.org/newer"


def test_a_permanent_redirect_counts_at_the_third_time():
    state, seen = FRESH, []
    for status in (200, 304, 200):
        state = succeed(state, status=status, permanent_url=NEW)
        seen.append(effective_url(FEED, state))

    assert seen == [FEED.url, FEED.url, NEW]


@pytest.mark.parametrize("between", [None, NEWER])
def test_only_three_in_a_row_count(between):
    state = FRESH
    for url in (NEW, NEW, between, NEW, NEW):
        state = succeed(state, permanent_url=url)

    assert effective_url(FEED, state) == FEED.url
    assert effective_url(FEED, succeed(state, permanent_url=NEW)) == NEW


def test_a_failure_between_says_nothing_about_the_move():
    state = succeed(succeed(FRESH, permanent_url=NEW), permanent_url=NEW)
    state = succeed(fail(state, kind="timeout"), permanent_url=NEW)

    assert effective_url(FEED, state) == NEW


def moved():
    state = FRESH
    for _ in range(3):
        state = succeed(state, permanent_url=NEW)
    return state


def test_a_move_lasts_while_the_new_place_answers():
    state = succeed(succeed(moved(), status=304))

    assert effective_url(FEED, state) == NEW


def test_a_second_move_is_counted_afresh():
    state, seen = moved(), []
    for _ in range(3):
        state = succeed(state, permanent_url=NEWER)
        seen.append(effective_url(FEED, state))

    assert seen == [FEED.url, FEED.url, NEWER]


def test_a_new_place_that_fails_thrice_is_given_up_for_the_old():
    state, seen = moved(), []
    for _ in range(3):
        state = fail(state, status=404)
        seen.append(effective_url(FEED, state))

    assert seen == [NEW, NEW, FEED.url]


def test_gone_at_the_new_place_does_not_disable_the_old():
    state = fail(moved(), status=410)

    assert not state.disabled
    assert effective_url(FEED, state) == FEED.url
    assert fail(state, status=410).disabled
