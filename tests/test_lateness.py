"""What is heard late: told once if nobody read its feed meanwhile, else left out."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.notify.rules.stops import Stop, stops
from monitor.stages.alerting import rehearse
from monitor.store.entries import Entries, Feeds
from monitor.store.filings import Filings
from monitor.store.store import Store
from monitor.types import (
    AlertRule,
    Condition,
    Entry,
    Feed,
    FeedState,
    FilingMatch,
    KeywordMatch,
    Patterns,
    QuantityAbove,
    Threshold,
)
from tests import builders
from tests.builders import NOW
from tests.newsroom import COMPANIES, FEED, THEMES, Newsroom

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEGAN = NOW - 60 * DAY
WORDS = KeywordMatch(patterns=Patterns(any=("Report",)))
ANOTHER = replace(FEED, url="https://example.com/another")
FOUND: dict[str, Any] = {
    "form": "8-K",
    "accession_no": "0000000000-26-000001",
    "cik": 1674101,
    "megawatts": 200.0,
}


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Callable[..., Newsroom]]:
    """Read every hour of the day before `NOW`, and then no more."""
    with Store(tmp_path / "monitor.db") as store:

        def make(*conditions: Condition) -> Newsroom:
            rule = AlertRule(id="rule", all=conditions, cooldown=timedelta())
            news = Newsroom(store, [rule], began=BEGAN)
            store.save_watched(
                feeds=[FEED, ANOTHER], companies=COMPANIES, themes=THEMES
            )
            poll(news, NOW - DAY)
            poll(news, NOW)
            return news

        yield make


def poll(
    news: Newsroom, at: datetime, *entries: Entry, feed: Feed = FEED, ok: bool = True
) -> None:
    state = FeedState(feed_url=feed.url)
    outcome = "ok" if ok else "timeout"
    Feeds(news.store).save_poll(state, entries=entries, outcome=outcome, now=at)


def read(news: Newsroom, entry: Entry, at: datetime, **values: Any) -> None:
    """Store what an entry that was seen before says, when its page comes at last."""
    given = {"id": entry.id, "published_at": entry.published_at, "fetched_at": at}
    document = builders.document("Report on Vertiv.", **given | values)
    Entries(news.store).save_documents(entry, [document], now=at)
    news.analyse(document, {"vertiv": 0.1}, at=at)


def told(news: Newsroom, at: datetime) -> list[int]:
    """How many documents each alert of two passes has; rehearsal says the same."""
    raised = [*news.run(at), *news.run(at + HOUR)]
    news.check(BEGAN - DAY)
    return [it.mentions for it in raised]


def why_not(news: Newsroom) -> Stop:
    verdicts, history = rehearse(
        news.config, news.store.db.conn, news.config.alerts, since=NOW - 9 * DAY
    )
    rules = news.config.alerts
    (found,) = stops(rules, history, "vertiv", verdicts, since=NOW - 9 * DAY)
    return found


@pytest.mark.parametrize("window", [None, 6 * HOUR], ids=["now", "window"])
@pytest.mark.parametrize(
    "condition",
    [FilingMatch(forms=("8-K",)), WORDS, QuantityAbove(above=100)],
    ids=["filing", "keyword", "quantity"],
)
def test_what_was_published_while_the_monitor_was_down_is_told_once(
    newsroom, condition, window
):
    news = newsroom(replace(condition, window=window))
    back = NOW + 3 * DAY
    published = NOW + HOUR
    news.publish(back, {"vertiv": 0.1}, published_at=published, **FOUND)

    assert told(news, back) == [1]


def test_what_was_read_and_not_analysed_before_it_went_down_is_told(newsroom):
    news = newsroom(replace(WORDS, window=6 * HOUR))
    document = news.publish(NOW, {"vertiv": 0.1}, analysed=False)
    news.run(NOW)
    back = NOW + 3 * DAY
    news.analyse(document, {"vertiv": 0.1}, at=back)

    assert told(news, back) == [1]


def test_a_feed_that_failed_for_days_has_its_news_told(newsroom):
    news = newsroom(WORDS)
    for days in range(1, 12):
        poll(news, NOW + days * DAY, ok=False)
        poll(news, NOW + days * DAY, feed=ANOTHER)
    back = NOW + 12 * DAY
    news.publish(back, {"vertiv": 0.1}, published_at=NOW + DAY)

    assert told(news, back) == [1]


@pytest.mark.parametrize(
    ("condition", "name"),
    [
        (FilingMatch(), "filing"),
        (WORDS, "keyword"),
        (replace(WORDS, window=DAY), "keyword"),
        (QuantityAbove(above=100), "quantity"),
    ],
)
def test_an_old_item_that_a_feed_brings_is_not_told_and_said_to_be_too_old(
    newsroom, condition, name
):
    news = newsroom(condition)
    at = NOW + HOUR
    news.publish(at, {"vertiv": 0.1}, published_at=NOW - 3 * DAY, **FOUND)

    assert told(news, at) == []
    stop = why_not(news)
    assert (stop.gate, stop.fired) == ("condition", 0)
    assert stop.missing == f"{name}: too old: of 2026-02-27 09:00 UTC, heard only now"


def test_what_a_new_feed_holds_is_not_told(newsroom):
    news = newsroom(WORDS)
    at, item = NOW + DAY, builders.entry("old", feed_url=ANOTHER.url)
    poll(news, at, item, feed=ANOTHER)
    read(news, item, at)

    assert told(news, at) == []


def test_a_feed_that_was_not_watched_for_weeks_has_its_old_news_left_out(newsroom):
    news = newsroom(WORDS)
    for days in range(1, 20):
        poll(news, NOW + days * DAY, feed=ANOTHER)
    back = NOW + 20 * DAY
    news.publish(back, {"vertiv": 0.1}, published_at=NOW + 2 * DAY)

    assert told(news, back) == []


def listed(days: float) -> Entry:
    """A filing in its company's own list, filed so long after `NOW`."""
    filing = builders.filing(cik=1674101, origin="list")
    at = NOW + days * DAY
    return builders.entry("listed", filing=filing, published_at=at)


@pytest.mark.parametrize(
    ("days", "fires"),
    [(-300, []), (-3, []), (0.5, [1])],
    ids=["year", "days", "missed"],
)
def test_a_backfill_tells_only_what_nobody_watched_for(newsroom, days, fires):
    news = newsroom(FilingMatch())
    at, item = NOW + 3 * DAY, listed(days)
    Filings(news.store).queue([item], now=at)
    read(news, item, item.published_at or at, form="8-K", cik=1674101)

    assert told(news, at) == fires


def test_a_filing_that_the_live_list_lost_is_told_when_the_audit_finds_it(newsroom):
    news = newsroom(FilingMatch())
    at, item = NOW + 3 * DAY, listed(0.5)
    state = FeedState(feed_url=FEED.url)
    Feeds(news.store).save_poll(state, outcome="gap", now=at)
    Filings(news.store).queue([item], now=at + timedelta(seconds=9))
    poll(news, at + HOUR)
    read(news, item, item.published_at or at, form="8-K", cik=1674101)

    assert told(news, at + HOUR) == [1]


def test_a_filing_whose_text_comes_days_later_is_told(newsroom):
    news = newsroom(FilingMatch())
    filing = builders.filing(cik=1674101)
    item = builders.entry("live", filing=filing, published_at=NOW + HOUR / 2)
    poll(news, NOW + HOUR, item)
    for days in (1, 2, 3):
        poll(news, NOW + days * DAY)
    read(news, item, NOW + 3 * DAY, form="8-K", cik=1674101)

    assert told(news, NOW + 3 * DAY) == [1]


def test_old_filings_of_a_company_that_is_watched_only_now_are_not_told(newsroom):
    news = newsroom(FilingMatch())
    filing = builders.filing(cik=1674101)
    item = builders.entry("live", filing=filing, published_at=NOW + HOUR / 2)
    Feeds(news.store).save_poll(
        FeedState(feed_url=FEED.url),
        entries=[item],
        skipped=frozenset([item.id]),
        outcome="ok",
        now=NOW + HOUR,
    )
    for days in (1, 2, 3):
        poll(news, NOW + days * DAY)
    later = NOW + 3 * DAY + HOUR
    Filings(news.store).queue([item], now=later)
    read(news, item, later, form="8-K", cik=1674101)

    assert told(news, later) == []


def test_a_clock_that_was_days_ahead_keeps_nobody_from_being_told(newsroom):
    news = newsroom(Threshold(window=6 * HOUR, min_mentions=1))
    news.publish(NOW + 3 * DAY, {"vertiv": 0.1})
    ahead = news.run(NOW + 3 * DAY)
    raised = []
    for hours in (1, 2, 40, 70, 73):
        at = NOW + hours * HOUR
        news.publish(at, {"vertiv": 0.1})
        raised += news.run(at)

    assert len(ahead) == 1
    moments = [it.fired_at - NOW for it in raised]
    assert [round(it / HOUR) for it in moments] == [1, 2, 40, 70, 73]
