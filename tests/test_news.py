"""What digests read besides mentions: filings and names, from a real database."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.store import news
from monitor.store.documents import Documents
from monitor.store.entries import Entries, Feeds
from monitor.store.store import Store
from monitor.types import Entity, FeedState
from tests.builders import NOW, analysis, company, document, entry, feed

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "monitor.db") as store:
        companies = [company("nvidia", cik=1045810), company("xai")]
        store.save_watched(feeds=[feed()], companies=companies, themes=())
        yield store


def publish(
    store: Store, number: str, text: str, at: datetime = NOW, **values: Any
) -> None:
    """A document with one mention of xAI, and whatever name stands in quotes."""
    names = [it for index, it in enumerate(text.split('"')) if index % 2]
    made = document(text, fetched_at=at, published_at=at, **values)
    item = entry(number)
    state = FeedState(feed_url=feed().url)
    Feeds(store).save_poll(state, entries=[item], outcome="ok", now=at)
    Entries(store).save_documents(item, [made])
    entities = tuple(
        Entity(
            label="ORG",
            start_char=text.index(name),
            end_char=text.index(name) + len(name),
            text=name,
        )
        for name in names
    )
    Documents(store).save([analysis(made, {"xai": 0.1}, entities=entities)], now=at)


def names(store: Store) -> list[tuple[str, int, int]]:
    found = news.names_new(store.db.conn, since=NOW - DAY, until=NOW + DAY)
    return [(it.name, it.documents, it.sources) for it in found]


def test_new_name_is_one_that_two_sources_have_and_nobody_had_before(store):
    publish(store, "1", 'Early words of "Old Grid".', NOW - 2 * DAY)
    publish(store, "2", 'xAI meets "Northwind" and "Old Grid".', source="One")
    publish(store, "3", 'xAI pays "Northwind" and "Old Grid".', source="Two")
    publish(store, "4", 'xAI sees "Lonely" here.', source="One")

    assert names(store) == [("Northwind", 2, 2)]


def test_nobody_is_new_on_the_first_day(store):
    publish(store, "2", 'xAI meets "Northwind".', source="One")
    publish(store, "3", 'xAI pays "Northwind".', source="Two")

    assert names(store) == []


def test_watched_company_is_no_new_name(store):
    publish(store, "1", "Early words.", NOW - 2 * DAY)
    publish(store, "2", '"xAI" grows in one way.', source="One")
    publish(store, "3", '"xAI" grows in another.', source="Two")

    # The mention stands over the first word: it and its quotation mark.
    assert names(store) == []


def filings(store: Store, since: datetime = NOW - DAY) -> list[tuple[str, str]]:
    found = news.filings_known(
        store.db.conn, since=since, until=NOW + DAY, published_since=NOW - 2 * DAY
    )
    return [(it.form, it.title) for it in found]


def test_filing_is_listed_once_by_its_main_document(store):
    own: dict[str, Any] = {
        "accession_no": "1",
        "form": "8-K",
        "cik": 1045810,
        "items": ("2.02",),
    }
    publish(store, "1", "Exhibit text.", kind="exhibit", **own)
    publish(store, "2", "Main text.", kind="filing", **own)
    publish(store, "3", "Of nobody watched.", kind="filing", **own | {"cik": 7})

    assert filings(store) == [("8-K", "Main text.")]


def test_old_filing_that_became_known_today_is_no_news(store):
    own: dict[str, Any] = {
        "accession_no": "1",
        "form": "8-K",
        "cik": 1045810,
        "kind": "filing",
    }
    publish(store, "1", "Long ago.", NOW - 3 * DAY, **own)

    assert filings(store, since=NOW - 9 * DAY) == []


def test_a_reprint_is_no_second_source_of_a_name(store):
    publish(store, "1", "Early words.", NOW - 2 * DAY)
    publish(store, "2", 'xAI meets "Northwind".', source="One")
    publish(store, "3", 'xAI meets "Northwind" today.', source="Two")
    before = names(store)
    store.db.execute(
        "INSERT INTO story_documents SELECT rowid, id, 'a', 'a', 'One', 'copy', 1, 1, 1, "
        "fetched_at, published_at, language, NULL, '', NULL, 0, '[]', '[]', '[]', "
        "title, NULL, x'', x'', NULL FROM documents"
    )

    assert (before, names(store)) == ([("Northwind", 2, 2)], [])
