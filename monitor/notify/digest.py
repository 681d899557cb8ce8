"""What a digest says: which period, which companies, with what numbers and evidence.

Pure. Does not put anything into words (`render`), nor decide whether it was sent.
"""

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from math import log2

from monitor.notify.readings import LATE, Reading, distinct, fresh, readings, sources
from monitor.notify.readings import mean as plain_mean
from monitor.notify.selection import concerns, in_turns, is_on
from monitor.types import (
    Alert,
    Amount,
    Company,
    CompanyDigest,
    Digest,
    DigestSpec,
    Evidence,
    FilingNews,
    NameNews,
    Period,
)

EVIDENCE = 3
MAX_MISSED = 7
"""Periods that one edition may catch up on; what is older is no news any more."""

SOON = timedelta(hours=2)
"""Before the next boundary: too short to send two."""

MAX_NAMES = 8
"""New names that are shown."""

TIER_WEIGHT = {1: 1.0, 2: 0.85, 3: 0.6}
"""Of a sentence as evidence: the company's own filing before a blog about it."""


def period(spec: DigestSpec, now: datetime) -> tuple[str, datetime, datetime]:
    """Edition, start and end (UTC) of the last period that is over at `now`.

    A period ends at the wall clock time `spec.at` in the reader's zone and starts
    where the one before ends: a day is 23 or 25 hours long when the clocks change.
    A time that the change skips is as much later as the gap is wide; one that occurs
    twice is the first. The edition is the end's local date or ISO week.
    """
    day = now.astimezone(spec.timezone).date()
    if spec.period == "weekly":
        day -= timedelta(days=(day.weekday() - spec.weekday) % 7)
    if _boundary(spec, day) > now:
        day -= _step(spec)
    return _edition(spec, day), _boundary(spec, day - _step(spec)), _boundary(spec, day)


def due(spec: DigestSpec, now: datetime, last: Period | None) -> Period | None:
    """The edition that is to be made at `now`, if any; `last` is the one before.

    Usually that of `period`. Where editions were missed (the monitor did not run), one
    takes their place: from the end of the last one, at most `MAX_MISSED` periods
    back, to now, as what was missed becomes known only when the monitor runs again.
    The one after begins where that ended, so nothing is told twice or left out. Short
    of the next boundary it is left to that.
    """
    edition, start, end = period(spec, now)
    if last is None:
        return Period(edition=edition, start=start, end=end)
    if last.edition == edition:
        return last
    if end <= last.end:  # the digest's hour or zone was changed
        return None
    if last.end >= start:
        return Period(edition=edition, start=last.end, end=end)
    if _boundary_after(spec, now) - now < SOON:
        return None
    begin = max(last.end, _earlier(spec, start, MAX_MISSED * _step(spec)))
    missed = max(1, round((start - begin) / _step(spec)))
    return Period(edition=edition, start=begin, end=now, missed=missed)


def lateness(spec: DigestSpec, last: Period | None) -> timedelta:
    """How long before its start a period still takes what was published.

    After a catch-up that much longer, for what was read late then.
    """
    if last is None or not last.missed:
        return LATE
    return LATE + max(timedelta(), last.end - last.start - _step(spec))


def rolling(spec: DigestSpec, now: datetime) -> Period:
    """A period as long as the digest's that ends now, for a preview."""
    day = now.astimezone(spec.timezone).date()
    start = _earlier(spec, now, _step(spec))
    return Period(edition=_edition(spec, day), start=start, end=now)


def history(spec: DigestSpec, start: datetime, end: datetime) -> datetime:
    """How far back the evidence for `build` must reach (by `fetched_at`)."""
    return min(_earlier(spec, start, _step(spec)), _days(spec, end)[0])


def build(
    spec: DigestSpec,
    *,
    edition: str,
    start: datetime,
    end: datetime,
    evidence: Sequence[Evidence],
    companies: Iterable[Company],
    alerts: Iterable[Alert] = (),
    documents: int = 0,
    ill_feeds: Iterable[tuple[str, str]] = (),
    amounts: Iterable[Amount] = (),
    filings: Iterable[FilingNews] = (),
    names: Iterable[NameNews] = (),
    missed: int = 0,
    late: timedelta = LATE,
    overdue: Collection[str] = (),
) -> Digest:
    """The digest of (start, end], with every company that was in the news.

    `evidence` is all that became known since `history(...)`; a mention is told in the
    one period in which it became known, unless it was published more than `late`
    before that. `overdue` are documents that were known in the period before, but read
    too late for its digest.
    Companies come in the order of `importance`; a digest without any says that there
    is nothing new.
    """
    wanted = {
        company.id: company
        for company in companies
        if not spec.companies or company.id in spec.companies
    }
    own = [item for item in evidence if item.company in wanted and is_on(spec, item)]
    earliest = start - late - max(_step(spec), timedelta(days=2))
    news = [
        item
        for item in own
        if _new(item, earliest if item.document_id in overdue else start, end, late)
    ]
    urls = {item.url for item in news}
    before = _earlier(spec, start, _step(spec))
    previous = _by_company(
        item
        for item in own
        if fresh(item, before, start) and item.document_id not in overdue
    )
    days = _days(spec, end)
    told = [
        _company(
            wanted[company],
            found,
            previous.get(company, []),
            _daily((item for item in own if item.company == company), days),
        )
        for company, found in _by_company(news).items()
    ]
    return Digest(
        spec=spec,
        edition=edition,
        start=start,
        end=end,
        companies=tuple(sorted(told, key=lambda it: (-importance(it), it.company))),
        themes=_themes(news),
        alerts=tuple(
            alert
            for alert in alerts
            if start < alert.fired_at <= end and concerns(spec, alert, wanted)
        ),
        documents=documents,
        ill_feeds=tuple(ill_feeds),
        amounts=in_turns(
            amount
            for amount in amounts
            if amount.company in wanted and (not spec.themes or amount.url in urls)
        ),
        filings=tuple(
            filing
            for filing in filings
            if filing.company in wanted and is_on(spec, filing)
        ),
        names=tuple(
            name
            for name in names
            if not wanted.keys().isdisjoint(name.companies) and is_on(spec, name)
        )[:MAX_NAMES],
        missed=missed,
    )


def _new(item: Evidence, start: datetime, end: datetime, late: timedelta) -> bool:
    return start < item.fetched_at <= end and item.published_at > start - late


def change(company: CompanyDigest) -> float | None:
    """Score against the period before; None where either had none."""
    if company.score is None or company.previous_score is None:
        return None
    return company.score - company.previous_score


def importance(company: CompanyDigest) -> float:
    """What puts a company first: a large change told by many documents.

    (|change| + |score| / 2 + 0.1) x log2(1 + documents). A company that was not in
    the news before counts its whole score as change; the 0.1 lets much neutral news
    stand above a single neutral line. Set by hand: nothing to fit it to exists.
    """
    score = abs(company.score or 0.0)
    moved = change(company)
    return ((score if moved is None else abs(moved)) + score / 2 + 0.1) * log2(
        1 + company.documents
    )


# --- time -----------------------------------------------------------------------------


def _step(spec: DigestSpec) -> timedelta:
    return timedelta(days=7 if spec.period == "weekly" else 1)


def _boundary(spec: DigestSpec, day: date) -> datetime:
    local = datetime.combine(day, spec.at, tzinfo=spec.timezone)
    return local.astimezone(UTC)


def _boundary_after(spec: DigestSpec, now: datetime) -> datetime:
    _, _, end = period(spec, now)
    return _boundary(spec, end.astimezone(spec.timezone).date() + _step(spec))


def _earlier(spec: DigestSpec, moment: datetime, by: timedelta) -> datetime:
    """The same wall clock time so many days before."""
    return (moment.astimezone(spec.timezone) - by).astimezone(UTC)


def _edition(spec: DigestSpec, day: date) -> str:
    if spec.period == "daily":
        return day.isoformat()
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def _days(spec: DigestSpec, end: datetime) -> list[datetime]:
    """The bounds of the days that the chart shows: 7, or 14 of a weekly digest."""
    count = 14 if spec.period == "weekly" else 7
    return [_earlier(spec, end, timedelta(days=back)) for back in range(count, -1, -1)]


# --- numbers --------------------------------------------------------------------------


def _by_company(evidence: Iterable[Evidence]) -> dict[str, list[Reading]]:
    found: dict[str, list[Evidence]] = {}
    for item in evidence:
        found.setdefault(item.company, []).append(item)
    return {company: readings(items) for company, items in found.items()}


def _mean(found: Iterable[Reading]) -> float | None:
    """Mean over documents, each weighted by the company's relevance to it."""
    scored = [(r.score, r.relevance) for r in found if r.score is not None]
    weight = sum(relevance for _, relevance in scored)
    if not weight:
        return plain_mean(score for score, _ in scored)
    return sum(score * relevance for score, relevance in scored) / weight


def _daily(
    evidence: Iterable[Evidence], days: Sequence[datetime]
) -> list[list[Reading]]:
    """What was published on each day, the oldest first.

    By publication, unlike the period: so the chart has a past from the first run on.
    """
    by_day: list[list[Evidence]] = [[] for _ in days[1:]]
    for item in evidence:
        moment = min(item.published_at, item.fetched_at)
        for index, (low, high) in enumerate(itertools.pairwise(days)):
            if low < moment <= high:
                by_day[index].append(item)
    return [readings(items) for items in by_day]


def _company(
    company: Company,
    found: list[Reading],
    previous: list[Reading],
    daily: list[list[Reading]],
) -> CompanyDigest:
    mentions = [item for reading in found for item in reading.mentions]
    labels = Counter(item.label for item in mentions)
    return CompanyDigest(
        company=company.id,
        name=company.name,
        role=company.role,
        mentions=len(mentions),
        documents=len(found),
        sources=sources(found),
        negative=labels["negative"],
        neutral=labels["neutral"],
        positive=labels["positive"],
        score=_mean(found),
        previous_score=_mean(previous),
        daily=tuple(_mean(day) for day in daily),
        daily_mentions=tuple(len(day) for day in daily),
        themes=_most_common(found),
        evidence=distinct(sorted(mentions, key=_weakness), EVIDENCE),
    )


def _most_common(found: Iterable[Reading]) -> tuple[tuple[str, int], ...]:
    counts = Counter(
        theme for reading in found for theme in set(reading.mentions[0].themes)
    )
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _weakness(item: Evidence) -> tuple[bool, float, float, int]:
    """Sorts the best first: scored, strong, central, new, from a good source."""
    tier = TIER_WEIGHT.get(item.tier, TIER_WEIGHT[3])
    strength = (abs(item.score or 0.0) + 0.05) * item.relevance * tier * item.novelty
    return (
        item.score is None,
        -strength,
        -item.published_at.timestamp(),
        item.mention_id,
    )


def _themes(news: Iterable[Evidence]) -> tuple[tuple[str, int, float | None], ...]:
    found: dict[str, list[Evidence]] = {}
    for item in news:
        for theme in set(item.themes):
            found.setdefault(theme, []).append(item)
    rows = [
        (theme, len(own := readings(items)), plain_mean(r.score for r in own))
        for theme, items in found.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row[1], row[0])))
