"""Reads: what people ask first, and what a reader must never be able to do."""

from datetime import datetime, timedelta

import pytest

from monitor.errors import StoreError
from monitor.store import queries
from monitor.store.connection import open_reader
from monitor.store.documents import Documents
from monitor.store.entries import Entries, Feeds
from monitor.store.store import Store
from monitor.types import FeedState
from tests import builders
from tests.builders import NOW

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path):
    """Two companies, three documents over two days, one of them in Korean."""
    with Store(tmp_path / "monitor.db") as store:
        store.save_watched(
            feeds=[builders.feed()],
            companies=[
                builders.company(aliases={"ko": ("엔비디아",)}, ticker="NVDA"),
                builders.company("kepco", aliases={"ko": ("한전",)}),
            ],
            themes=[builders.theme()],
        )
        state = FeedState(feed_url="https://example.org/feed")
        texts: list[tuple[str, dict[str, float | None], datetime]] = [
            ("Nvidia gains on orders.", {"nvidia": 0.8}, NOW - DAY),
            ("Nvidia sinks as KEPCO delays.", {"nvidia": -0.6, "kepco": -0.7}, NOW),
            ("한전은 엔비디아와 계약했다.", {"kepco": 0.9, "nvidia": None}, NOW),
        ]
        for number, (text, scores, at) in enumerate(texts):
            entry = builders.entry(str(number))
            Feeds(store).save_poll(state, entries=[entry], outcome="ok", now=at)
            language = "ko" if "한전" in text else "en"
            document = builders.document(
                text, published_at=at, fetched_at=at, language=language
            )
            Entries(store).save_documents(entry, [document])
            result = builders.analysis(document, scores, ("ppa",))
            Documents(store).save([result], now=at)
        yield store


@pytest.fixture
def reader(store):
    connection = open_reader(store.path)
    yield connection
    connection.close()


def test_mentions_per_company_and_day_leave_null_scores_out_of_the_mean(reader):
    rows = queries.company_days(reader, "nvidia", since=NOW - 2 * DAY)

    assert [(row["day"], row["mentions"], row["score"]) for row in rows] == [
        ("2026-03-01", 1, 0.8),
        ("2026-03-02", 2, -0.6),
    ]


def test_evidence_is_told_with_its_themes_and_source(reader):
    (first, *_rest) = queries.evidence_known(reader, since=NOW - 2 * DAY, until=NOW)

    assert first.sentence == "Nvidia gains on orders."
    assert (first.themes, first.source) == (("ppa",), "Example News")
    assert first.fetched_at == NOW - DAY


def test_a_window_is_open_at_its_start_and_closed_at_its_end(reader):
    inside = queries.evidence_known(reader, since=NOW - DAY, until=NOW)
    companies = [item.company for item in inside]

    assert companies == ["nvidia", "kepco", "kepco", "nvidia"]


@pytest.mark.parametrize("text", ["nvidia", "NVDA", "Nvidia", "엔비디아"])
def test_a_company_is_found_by_id_ticker_and_either_name(reader, text):
    assert queries.find_company(reader, text) == "nvidia"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("orders", 1),
        ("nvidia KEPCO", 1),
        ("엔비디아", 1),
        ("한전", 1),  # two syllables: shorter than a trigram
        ("한전 계약했", 1),
        ('"', 0),
        ("nvidia AND", 0),
    ],
)
def test_search_finds_both_languages_inside_words(reader, words, found):
    assert len(queries.search(reader, words, limit=10)) == found


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM mentions",
        "ATTACH 'other.db' AS other",
        "PRAGMA query_only=OFF",
        "CREATE TEMP TABLE t (x)",
        "VACUUM INTO 'copy.db'",
        "SELECT load_extension('x')",
        "BEGIN IMMEDIATE",
    ],
)
def test_a_reader_can_only_read(reader, sql, tmp_path):
    with pytest.raises(StoreError, match="only reading"):
        queries.ask(reader, sql, limit=10)
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT * FROM mention", "no such table: mention; `monitor query`"),
        ("SELEC 1", "syntax error"),
        ("SELECT 1; SELECT 2", "one statement at a time"),
    ],
)
def test_a_wrong_query_is_explained(reader, sql, message):
    with pytest.raises(StoreError, match=message):
        queries.ask(reader, sql, limit=10)


def test_an_endless_query_is_stopped(store):
    connection = open_reader(store.path, limit_s=0.05)
    sql = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x FROM c) SELECT max(x) FROM c"
    with pytest.raises(StoreError, match="took too long"):
        queries.ask(connection, sql, limit=10)
    connection.close()


def test_rows_are_limited_and_it_is_said(reader):
    result = queries.ask(reader, "SELECT company FROM mentions", limit=2)

    assert (len(result.rows), result.truncated) == (2, True)
    assert result.columns == ("company",)


def test_a_missing_database_says_how_to_make_it(tmp_path):
    with pytest.raises(StoreError, match="monitor run --once"):
        open_reader(tmp_path / "none.db")


def test_every_view_answers(reader):
    for table in queries.tables(reader):
        queries.ask(reader, f"SELECT * FROM {table['name']}", limit=5)

    names = {table["name"] for table in queries.tables(reader)}
    assert {"company_day", "company_evidence", "company_theme"} <= names


@pytest.mark.parametrize(
    ("polls", "ill"),
    [
        (["status"], True),  # never answered: its address may be wrong
        (["ok", "status"], False),
        (["ok", "status", "status"], False),
        (["ok", "status", "status", "status"], True),
    ],
)
def test_a_feed_is_ill_that_never_answered_or_failed_thrice(tmp_path, polls, ill):
    with Store(tmp_path / "fresh.db") as store:
        store.save_watched(feeds=[builders.feed()], companies=[], themes=[])
        for number, outcome in enumerate(polls):
            state = FeedState(
                feed_url=builders.feed().url,
                failures=0 if outcome == "ok" else polls[: number + 1].count(outcome),
                last_error=None if outcome == "ok" else "404 Not Found",
            )
            Feeds(store).save_poll(state, entries=[], outcome=outcome, now=NOW)

        assert bool(queries.ill_feeds(store.db.conn)) is ill
