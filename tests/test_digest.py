"""Which period a digest covers, and what it says of each company."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.notify import digest
from monitor.notify.readings import LATE
from monitor.types import (
    Company,
    CompanyDigest,
    Digest,
    Evidence,
    Period,
)
from tests.evidence import COMPANIES, NOW, alert, evidence, spec

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
NEW_YORK = ZoneInfo("America/New_York")
UTC_ZONE = ZoneInfo("UTC")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# --- periods


@pytest.mark.parametrize(
    ("now", "edition", "end"),
    [
        # 07:00 in Seoul is 22:00 UTC of the day before
        ("2026-11-23T21:59:59", "2026-11-23", "2026-11-22T22:00"),
        ("2026-11-23T22:00:00", "2026-11-24", "2026-11-23T22:00"),
        ("2026-11-24T14:59:59", "2026-11-24", "2026-11-23T22:00"),
        ("2026-11-24T15:00:00", "2026-11-24", "2026-11-23T22:00"),
        ("2026-11-24T22:00:00", "2026-11-25", "2026-11-24T22:00"),
    ],
)
def test_daily_period_ends_at_the_readers_hour(now, edition, end):
    assert digest.period(spec(), utc(now)) == (edition, utc(end) - DAY, utc(end))


@pytest.mark.parametrize(
    ("now", "edition", "end"),
    [
        ("2026-11-22T21:59:59", "2026-W47", "2026-11-15T22:00"),
        ("2026-11-22T22:00:00", "2026-W48", "2026-11-22T22:00"),
        ("2026-11-28T12:00:00", "2026-W48", "2026-11-22T22:00"),
        ("2027-01-03T22:00:00", "2027-W01", "2027-01-03T22:00"),
    ],
)
def test_weekly_period_ends_on_its_weekday(now, edition, end):
    weekly = spec(period="weekly", weekday=0)

    assert digest.period(weekly, utc(now)) == (edition, utc(end) - 7 * DAY, utc(end))


@pytest.mark.parametrize(
    ("at", "now", "hours", "end"),
    [
        # clocks go forward at 02:00 on 8 March 2026, back on 1 November
        (time(7), "2026-03-08T12:00", 23, "2026-03-08T11:00"),
        (time(7), "2026-11-01T13:00", 25, "2026-11-01T12:00"),
        (time(2, 30), "2026-03-08T12:00", 24, "2026-03-08T07:30"),
        (time(1, 30), "2026-11-01T12:00", 24, "2026-11-01T05:30"),
        (time(1, 30), "2026-11-02T12:00", 25, "2026-11-02T06:30"),
    ],
)
def test_clock_change_makes_the_day_longer_or_shorter(at, now, hours, end):
    _, start, stop = digest.period(spec(at=at, timezone=NEW_YORK), utc(now))

    assert stop == utc(end)
    assert stop - start == hours * HOUR


@given(
    st.sampled_from(["daily", "weekly"]),
    st.times().map(lambda moment: moment.replace(second=0, microsecond=0)),
    st.integers(0, 6),
    st.sampled_from(["America/New_York", "Asia/Seoul", "Australia/Lord_Howe"]),
    st.integers(0, 4 * 365 * 24 * 60).map(lambda n: utc("2025-01-01") + n * MINUTE),
)
def test_periods_join_without_gap_and_each_has_its_edition(
    period, at, weekday, zone, now
):
    wanted = spec(period=period, at=at, weekday=weekday, timezone=ZoneInfo(zone))
    edition, start, end = digest.period(wanted, now)
    before, _, before_end = digest.period(wanted, end - SECOND)

    assert start < end <= now
    assert now - end < (7 if period == "weekly" else 1) * DAY + 2 * HOUR
    assert before_end == start
    assert before < edition
    assert digest.period(wanted, end) == (edition, start, end)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Seoul", "UTC"])
def test_three_years_of_polls_name_each_day_once(zone):
    wanted = spec(at=time(2, 30), timezone=ZoneInfo(zone))
    first = utc("2025-06-01T12:00")
    editions = [
        digest.period(wanted, first + hours * HOUR)[0] for hours in range(3 * 365 * 24)
    ]
    distinct = sorted(set(editions))

    assert editions == sorted(editions)
    assert len(distinct) in (3 * 365, 3 * 365 + 1)


def test_downtime_of_three_days_is_one_digest():
    before = digest.period(spec(), NOW)
    after = digest.period(spec(), NOW + 3 * DAY)

    assert (before[0], after[0]) == ("2026-11-24", "2026-11-27")
    assert after[2] - after[1] == DAY


def test_preview_ends_now():
    assert digest.rolling(spec(), NOW) == Period(
        edition="2026-11-24", start=NOW - DAY, end=NOW
    )
    assert digest.rolling(spec(period="weekly"), NOW).start == NOW - 7 * DAY


# --- contents


def build(found: Sequence[Evidence], companies=COMPANIES, **changes: Any) -> Digest:
    plain = spec(timezone=UTC_ZONE, **changes)
    return digest.build(
        plain,
        edition="2026-11-24",
        start=NOW - DAY,
        end=NOW,
        evidence=found,
        companies=companies,
    )


def only(found: Sequence[Evidence]) -> CompanyDigest:
    (company,) = build(found).companies
    return company


def mention(number: int, score: float | None = -0.5, hours: float = 1, **changes: Any):
    return evidence(
        mention_id=number, score=score, fetched_at=NOW - hours * HOUR, **changes
    )


@pytest.mark.parametrize(
    ("age", "told"),
    [(timedelta(), True), (DAY - SECOND, True), (DAY, False), (-SECOND, False)],
)
def test_mention_is_told_in_the_period_in_which_it_became_known(age, told):
    found = [evidence(fetched_at=NOW - age)]

    assert bool(build(found).companies) is told


@pytest.mark.parametrize(("age", "told"), [(LATE - SECOND, True), (LATE, False)])
def test_old_news_is_not_told_as_new(age, told):
    found = [evidence(published_at=NOW - DAY - age)]

    assert bool(build(found).companies) is told


def test_score_is_weighted_by_relevance():
    company = only([mention(1, -0.8, relevance=0.9), mention(2, 0.7, relevance=0.1)])

    assert company.score == pytest.approx((-0.8 * 0.9 + 0.7 * 0.1) / 1.0)


def test_long_article_does_not_outvote_short_ones():
    loud = [mention(n, 1.0, document_id="long") for n in range(10, 20)]
    company = only([mention(1, -0.5), *loud])

    assert company.score == pytest.approx(0.25)
    assert (company.documents, company.mentions) == (2, 11)


def test_missing_scores_are_left_out_not_zero():
    company = only([mention(1, -0.6), mention(2, None, label=None)])

    assert company.score == pytest.approx(-0.6)
    assert (company.negative, company.neutral, company.positive) == (1, 0, 0)
    assert only([mention(1, None, label=None)]).score is None


def test_mentions_of_no_relevance_have_a_plain_mean():
    found = [mention(1, -0.6, relevance=0.0), mention(2, 0.2, relevance=0.0)]

    assert only(found).score == pytest.approx(-0.2)


def test_change_is_against_the_period_before():
    company = only([mention(1, 0.5, hours=3), mention(2, -0.1, hours=30)])

    assert company.previous_score == pytest.approx(-0.1)
    assert digest.change(company) == pytest.approx(0.6)


def test_period_before_the_last_does_not_count_as_previous():
    company = only([mention(1, 0.5, hours=3), mention(2, -0.1, hours=49)])

    assert company.previous_score is None
    assert digest.change(company) is None


def test_days_are_by_publication_and_have_a_past_at_the_first_run():
    known = NOW - HOUR
    company = only(
        [
            evidence(
                mention_id=n,
                score=n / 10,
                fetched_at=known,
                published_at=known - n * DAY,
            )
            for n in (0, 1, 3, 6, 7)
        ]
    )

    assert company.daily == (0.6, None, None, 0.3, None, 0.1, 0.0)
    assert company.daily_mentions == (1, 0, 0, 1, 0, 1, 1)


def test_weekly_digest_shows_two_weeks():
    found = [mention(1, 0.4, hours=1), mention(2, 0.2, hours=13 * 24)]
    (company,) = build(found, period="weekly").companies

    assert len(company.daily) == 14
    assert company.daily[0] == pytest.approx(0.2)
    assert company.daily[-1] == pytest.approx(0.4)


@pytest.mark.parametrize("period", ["daily", "weekly"])
def test_history_reaches_back_to_all_that_is_used(period):
    wanted = spec(period=period)
    _, start, end = digest.period(wanted, NOW)
    since = digest.history(wanted, start, end)

    assert since <= start - (end - start)
    assert since <= end - (14 if period == "weekly" else 7) * DAY


def test_themes_are_counted_by_document():
    found = [
        mention(1, themes=("ppa", "grid")),
        mention(2, themes=("ppa",), document_id="d1"),
        mention(3, themes=("ppa",), score=0.1),
    ]
    found[1] = replace(found[1], themes=("ppa", "grid"))
    told = build(found)

    assert told.companies[0].themes == (("ppa", 2), ("grid", 1))
    assert [(theme, n) for theme, n, _ in told.themes] == [("ppa", 2), ("grid", 1)]
    assert told.themes[0][2] == pytest.approx(-0.2)


def test_evidence_is_by_strength_relevance_and_tier():
    company = only(
        [
            mention(1, 0.9, tier=3),
            mention(2, -0.8, tier=1),
            mention(3, 0.95, relevance=0.2),
            mention(4, 0.7),
            mention(5, None),
        ]
    )

    assert [it.mention_id for it in company.evidence] == [2, 4, 1]


def test_evidence_does_not_repeat_a_document_or_a_sentence():
    company = only(
        [
            mention(1, 0.9),
            mention(2, 0.8, document_id="d1"),
            mention(3, 0.7, sentence="Sentence 1, about Vertiv"),
            mention(4, 0.2),
        ]
    )

    assert [it.mention_id for it in company.evidence] == [1, 4]


def test_large_change_told_by_many_comes_first():
    def of(company: str, first: int, score: float, before: float, count: int):
        now = [mention(first + n, score, company=company) for n in range(count)]
        return [*now, mention(first + 50, before, hours=30, company=company)]

    told = build(
        [
            *of("xai", 100, 0.3, 0.3, 4),
            *of("dominion", 200, 0.6, -0.1, 1),
            *of("vertiv", 300, -0.4, 0.3, 4),
        ]
    )

    assert [it.company for it in told.companies] == ["vertiv", "dominion", "xai"]


def test_digest_of_some_companies_leaves_the_rest_out():
    told = digest.build(
        spec(companies=("vertiv",)),
        edition="2026-11-24",
        start=NOW - DAY,
        end=NOW,
        evidence=[mention(1), mention(2, company="xai", themes=("ppa",))],
        companies=COMPANIES,
        alerts=[alert(subject="xai"), alert(subject="vertiv")],
    )

    assert [it.company for it in told.companies] == ["vertiv"]
    assert told.themes == ()
    assert [it.subject for it in told.alerts] == ["vertiv"]


def test_company_that_is_no_longer_watched_is_left_out():
    assert (
        build([mention(1)], companies=[Company(id="amd", name="AMD")]).companies == ()
    )


@pytest.mark.parametrize(
    ("age", "told"), [(timedelta(), True), (DAY, False), (-SECOND, False)]
)
def test_alert_belongs_to_the_period_in_which_it_fired(age, told):
    found = digest.build(
        spec(),
        edition="2026-11-24",
        start=NOW - DAY,
        end=NOW,
        evidence=[],
        companies=COMPANIES,
        alerts=[alert(fired_at=NOW - age)],
    )

    assert bool(found.alerts) is told


# --- what was missed


def last(start: str, end: str, missed: int = 0) -> Period:
    return Period(edition=end[:10], start=utc(start), end=utc(end), missed=missed)


DAILY = spec(at=time(7), timezone=UTC_ZONE)
BEFORE = last("2026-11-22T07:00", "2026-11-23T07:00")


@pytest.mark.parametrize(
    ("now", "edition", "start", "end", "missed"),
    [
        # each on its day: no gap, no overlap
        ("2026-11-24T07:00", "2026-11-24", "2026-11-23T07:00", "2026-11-24T07:00", 0),
        ("2026-11-25T06:59", "2026-11-24", "2026-11-23T07:00", "2026-11-24T07:00", 0),
        # none for two days, for three, for a month
        ("2026-11-25T09:00", "2026-11-25", "2026-11-23T07:00", "2026-11-25T09:00", 1),
        ("2026-11-26T20:30", "2026-11-26", "2026-11-23T07:00", "2026-11-26T20:30", 2),
        ("2026-12-24T07:30", "2026-12-24", "2026-12-16T07:00", "2026-12-24T07:30", 7),
        # shortly before the next one it is left to that
        ("2026-11-26T06:00", None, "", "", 0),
        ("2026-11-26T07:00", "2026-11-26", "2026-11-23T07:00", "2026-11-26T07:00", 2),
        # the one that was made stays as it was
        ("2026-11-23T08:00", "2026-11-23", "2026-11-22T07:00", "2026-11-23T07:00", 0),
    ],
)
def test_missed_editions_are_made_up_for_by_one(now, edition, start, end, missed):
    period = digest.due(DAILY, utc(now), BEFORE)

    assert period == (
        edition
        and Period(edition=edition, start=utc(start), end=utc(end), missed=missed)
    )


def test_edition_after_a_catch_up_begins_where_that_ended():
    made_up = last("2026-11-23T07:00", "2026-11-26T20:30", missed=2)
    period = digest.due(DAILY, utc("2026-11-27T07:00"), made_up)

    assert period is not None
    assert (period.start, period.end) == (made_up.end, utc("2026-11-27T07:00"))
    assert digest.lateness(DAILY, made_up) == LATE + timedelta(hours=61.5)
    assert digest.lateness(DAILY, BEFORE) == digest.lateness(DAILY, None) == LATE


def test_change_of_the_hour_does_not_tell_a_day_twice():
    later = last("2026-11-23T07:00", "2026-11-24T07:00")
    earlier = replace(DAILY, at=time(5))
    period = digest.due(earlier, utc("2026-11-25T05:00"), later)

    assert digest.due(earlier, utc("2026-11-24T08:00"), later) == later
    assert period is not None
    assert (period.start, period.end) == (later.end, utc("2026-11-25T05:00"))


def test_what_was_read_too_late_is_told_in_the_next():
    found = [mention(1, hours=30), mention(2, hours=31)]
    told = digest.build(
        spec(timezone=UTC_ZONE),
        edition="2026-11-24",
        start=NOW - DAY,
        end=NOW,
        evidence=found,
        companies=COMPANIES,
        overdue={"d1"},
    )

    assert [it.documents for it in told.companies] == [1]
    assert told.companies[0].previous_score == pytest.approx(-0.5)


def test_digest_of_a_theme_leaves_the_rest_out():
    found = [mention(1, themes=("ppa",)), mention(2, company="xai", themes=("grid",))]

    assert [it.company for it in build(found, themes=("ppa",)).companies] == ["vertiv"]


def test_new_evidence_comes_before_a_repetition_of_it():
    company = only([mention(1, -0.9, novelty=0.1), mention(2, -0.6)])

    assert [it.mention_id for it in company.evidence] == [2, 1]


def test_reprints_are_one_source():
    found = [
        mention(1, source="Wire"),
        mention(2, source="Ledger", outlet="Wire"),
        mention(3, source="Post"),
    ]

    assert (only(found).documents, only(found).sources) == (3, 2)
