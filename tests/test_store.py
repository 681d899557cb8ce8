"""The database as its writer holds it: queues, edits, lock, migrations."""

import json
import multiprocessing
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from monitor.errors import StoreError, StoreLockedError
from monitor.store import m010_topics, queries
from monitor.store.connection import iso, moment, open_reader
from monitor.store.documents import Documents
from monitor.store.entries import MAX_REVISIONS, Entries, Feeds
from monitor.store.schema import migrations
from monitor.store.store import MIGRATIONS, Store
from monitor.types import FeedState
from tests import builders
from tests.builders import NOW

STATE = FeedState(feed_url="https://example.org/feed", etag='W/"1"')


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "monitor.db") as store:
        store.save_watched(
            feeds=[builders.feed()],
            companies=[builders.company(), builders.company("vertiv")],
            themes=[builders.theme()],
        )
        yield store


def poll(store, *entries, at=NOW, **values):
    return Feeds(store).save_poll(
        STATE, entries=entries, outcome="ok", now=at, **values
    )


def count(store, table):
    return store.rows(f"SELECT count(*) AS n FROM {table}")[0]["n"]


def test_entries_are_stored_once_with_the_etag_that_covers_them(store):
    first = poll(store, builders.entry("1"), builders.entry("2"))
    second = poll(store, builders.entry("2"), builders.entry("3"))

    assert (first, second) == (2, 1)
    assert count(store, "entries") == 3
    assert Feeds(store).states()["https://example.org/feed"].etag == 'W/"1"'


def test_what_is_remembered_of_a_feed_comes_back_as_it_went_in(store):
    state = FeedState(
        feed_url="https://example.org/feed",
        etag='"a"',
        last_modified="Mon, 02 Mar 2026 09:00:00 GMT",
        last_fetch_at=NOW,
        next_fetch_at=NOW + timedelta(hours=1),
        failures=2,
        last_error="timed out",
        disabled=True,
        moved_to="https://example.org/new",
        moved_seen=2,
        ttl=timedelta(minutes=90),
        skip_hours=frozenset({1, 2}),
        skip_days=frozenset({6}),
    )
    Feeds(store).save_poll(state, outcome="status", error="410", now=NOW)

    assert Feeds(store).states() == {state.feed_url: state}


def test_a_poll_that_fails_half_way_leaves_neither_entries_nor_etag(store):
    broken = replace(builders.entry("2"), title=object())  # type: ignore[arg-type]

    with pytest.raises(StoreError):
        poll(store, builders.entry("1"), broken)

    assert count(store, "entries") == 0
    assert Feeds(store).states()["https://example.org/feed"].etag is None


def test_entries_of_nobody_watched_are_stored_but_not_queued(store):
    filing = builders.entry("1", filing=builders.filing())
    poll(store, filing, skipped=frozenset({filing.id}))

    assert count(store, "entries") == 1
    assert Entries(store).due(limit=10, now=NOW) == []


def test_an_entry_comes_back_from_the_queue_as_it_went_in(store):
    entry = builders.entry("1", filing=builders.filing(items=("1.01", "9.01")))
    poll(store, entry)

    assert Entries(store).due(limit=10, now=NOW) == [entry]


def test_a_postponed_entry_is_due_again_only_then(store):
    entry = builders.entry()
    poll(store, entry)
    later = NOW + timedelta(minutes=15)
    attempts = Entries(store).postpone(entry, "timed out", until=later)

    assert attempts == 1
    assert Entries(store).due(limit=10, now=NOW) == []
    assert Entries(store).due(limit=10, now=later) == [entry]


def test_the_same_text_from_two_entries_is_one_document(store):
    one, two = builders.entry("1"), builders.entry("2")
    poll(store, one, two)
    document = builders.document()
    new = [Entries(store).save_documents(entry, [document]) for entry in (one, two)]

    assert new == [1, 0]
    assert count(store, "documents") == 1
    assert count(store, "entry_documents") == 2


def test_an_edited_entry_replaces_its_document_without_being_news_again(store):
    entry = builders.entry()
    poll(store, entry)
    Entries(store).save_documents(entry, [builders.document("Old text.")])
    poll(store, replace(entry, title="New title"), at=NOW + timedelta(hours=3))
    later = NOW + timedelta(hours=3)
    (again,) = Entries(store).due(limit=10, now=later)
    new = builders.document("New text.", fetched_at=later)
    Entries(store).save_documents(again, [new])

    assert again.title == "New title"
    rows = store.rows("SELECT text, fetched_at, superseded_by FROM documents")
    assert [tuple(row) for row in rows] == [
        ("Old text.", iso(NOW), new.id),
        ("New text.", iso(NOW), None),
    ]


def test_an_edit_taken_back_restores_the_first_document(store):
    entry = builders.entry()
    old, new = builders.document("Old text."), builders.document("New text.")
    for document in (old, new, old):
        poll(store, entry)
        Entries(store).save_documents(entry, [document])

    current = store.rows("SELECT id FROM documents WHERE superseded_by IS NULL")
    assert [row["id"] for row in current] == [old.id]


def test_a_feed_that_lags_behind_does_not_revive_an_edit_of_the_other(store):
    first, last = builders.entry("1"), builders.entry("2")
    poll(store, first, last)
    old, new, newest = (
        builders.document(f"{it} text.") for it in ("Old", "New", "Last")
    )
    shown = [(first, old), (last, old), (first, new), (first, newest), (last, new)]
    for entry, document in [*shown, (last, new)]:
        Entries(store).save_documents(entry, [document])

    current = store.rows("SELECT id FROM documents WHERE superseded_by IS NULL")
    assert [row["id"] for row in current] == [newest.id]
    assert [
        tuple(it)
        for it in store.rows(
            "SELECT id, superseded_by FROM documents WHERE superseded_by IS NOT NULL "
            "ORDER BY rowid"
        )
    ] == [(old.id, new.id), (new.id, newest.id)]


def test_a_clock_in_a_title_does_not_keep_us_busy_for_ever(store):
    entry = builders.entry()
    for minute in range(MAX_REVISIONS + 5):
        poll(store, replace(entry, title=f"{minute} minutes ago"))
        for due in Entries(store).due(limit=10, now=NOW):
            Entries(store).save_documents(due, [])

    row = store.rows("SELECT revisions, state FROM entries")[0]
    assert tuple(row) == (MAX_REVISIONS, "done")


def test_an_analysis_replaces_the_one_before(store):
    document = builders.document()
    poll(store, builders.entry())
    Entries(store).save_documents(builders.entry(), [document])
    for score in (-0.9, None):
        result = builders.analysis(document, {"nvidia": score}, ("ppa",))
        Documents(store).save([result], now=NOW)

    rows = store.rows("SELECT company, sentence, label, score FROM mentions")
    assert [tuple(row) for row in rows] == [("nvidia", "Nvidia gains.", None, None)]
    assert count(store, "theme_hits") == 1
    assert Documents(store).due(limit=10) == []


def test_a_document_that_fails_twice_is_put_aside_with_its_error(store):
    document = builders.document()
    poll(store, builders.entry())
    Entries(store).save_documents(builders.entry(), [document])
    aside = [Documents(store).fail(document, "killed after 30 s") for _ in range(2)]

    assert aside == [False, True]
    assert Documents(store).due(limit=10) == Documents(store).due_again(limit=10) == []
    row = store.rows("SELECT state, error FROM documents")[0]
    assert tuple(row) == ("quarantined", "killed after 30 s")


def test_documents_without_a_model_are_scored_once_there_is_one(store):
    document = builders.document()
    poll(store, builders.entry())
    Entries(store).save_documents(builders.entry(), [document])
    unscored = builders.analysis(document, {"nvidia": None}, model="")
    Documents(store).save([unscored], now=NOW)
    queued = Documents(store).requeue_unscored()

    assert queued == 1
    assert Documents(store).due(limit=10) == [document]


def test_a_second_writer_is_refused_and_told_why(store):
    with pytest.raises(StoreLockedError, match="another monitor is running"):
        Store(store.path)


def _hold_and_die(path: Path) -> None:
    Store(path)
    os._exit(9)


def test_the_lock_of_a_dead_process_is_free(tmp_path):
    path = tmp_path / "monitor.db"
    process = multiprocessing.get_context("spawn").Process(
        target=_hold_and_die, args=(path,)
    )
    process.start()
    process.join()

    assert process.exitcode == 9
    Store(path).close()


def test_a_database_of_a_newer_monitor_is_left_alone(tmp_path):
    path = tmp_path / "monitor.db"
    Store(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('monitor', 'm999_from_the_future', '2030')"
        )
    connection.close()

    with pytest.raises(StoreError, match="m999_from_the_future.*upgrade"):
        Store(path)


def test_a_reader_of_an_older_database_says_what_to_do(tmp_path):
    path = tmp_path / "monitor.db"
    with closing(Database(path)) as db:
        for one in MIGRATIONS[:-1]:
            one.apply(db)

    with pytest.raises(StoreError, match=r"older monitor; `monitor run --once`"):
        open_reader(path)
    Store(path).close()
    open_reader(path).close()


def test_topics_that_an_older_monitor_joined_are_told_each(tmp_path):
    path = tmp_path / "monitor.db"
    with closing(Database(path)) as db:
        for one in MIGRATIONS[: MIGRATIONS.index(m010_topics.migrations)]:
            one.apply(db)
        kinds = {"turn": "", "filing": "a, b", "new_name": '"x", y', "keyword": ""}
        values = {"score": -0.4, "usual": 0.2}
        for kind, topic in kinds.items():
            db.table("alerts").insert(
                dict.fromkeys(("subject", "by", "fired_at", "window_start"), kind)
                | {"id": kind, "rule": kind, "mentions": 1, "sources": 1}
                | {
                    "reason": "",
                    "topic": topic,
                    "findings": [{"kind": kind, "values": values}],
                }
            )
    with Store(path) as store:
        found = store.rows("SELECT id, topics FROM alerts ORDER BY rowid")

    assert [(row["id"], json.loads(row["topics"])) for row in found] == [
        ("turn", ["down"]),
        ("filing", ["a, b"]),
        ("new_name", ['"x"', "y"]),
        ("keyword", [""]),
    ]


def test_migrating_twice_changes_nothing():
    db = Database(memory=True)
    migrations.apply(db)
    before = db.schema
    migrations.apply(db)

    assert db.schema == before
    db.close()


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"hello, I am a letter" * 100, "another kind of file")],
)
def test_another_file_is_not_overwritten(tmp_path, content, message):
    path = tmp_path / "monitor.db"
    path.write_bytes(content)

    with pytest.raises(StoreError, match=message):
        Store(path)
    assert path.read_bytes() == content


def test_a_full_disk_is_said_in_plain_words_and_loses_nothing(store):
    poll(store, builders.entry("1"))
    pages = store.db.conn.execute("PRAGMA page_count").fetchone()[0]
    store.db.conn.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreError, match="disk is full; free some space"):
        poll(store, builders.entry("2", summary="x" * 1_000_000))
    store.db.conn.execute("PRAGMA max_page_count=1000000")

    assert count(store, "entries") == 1
    assert poll(store, builders.entry("2")) == 1


def test_a_company_no_longer_watched_keeps_its_history(store):
    document = builders.document()
    poll(store, builders.entry())
    Entries(store).save_documents(builders.entry(), [document])
    result = builders.analysis(document, {"nvidia": 0.9})
    Documents(store).save([result], now=NOW)
    store.save_watched(
        feeds=[], companies=[builders.company("vertiv")], themes=[builders.theme()]
    )

    rows = store.rows("SELECT id, watched FROM companies ORDER BY id")
    assert [tuple(row) for row in rows] == [("nvidia", 0), ("vertiv", 1)]
    assert queries.company_evidence(store.db.conn, "nvidia", limit=5)


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_come_back_to_the_second(time):
    assert moment(iso(time)) == time.replace(microsecond=0)
