"""Stories through `monitor run`: who counts in a rule, what a digest shows, edits."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest

from monitor.config import load
from monitor.store.hearings import watch_from
from monitor.store.store import Store
from tests.servers import FeedServer
from tests.test_cli import monitor
from tests.test_stories import RELEASE

NOW = datetime.now(UTC).replace(microsecond=0)
CONFIG = """\
feeds:
{feeds}
companies: [{{id: vertiv, name: Vertiv}}]
themes: []
alerts:
  - {{id: any, window: 24h, min_mentions: 1}}
  - {{id: outlets, window: 24h, min_mentions: 2, min_sources: 2}}
  - {{id: three, window: 24h, min_mentions: 3}}
  - {{id: news, window: 24h, min_mentions: 2, min_novelty: 0.9}}
digests: [{{id: morning}}]
"""
FEED = "  - {{url: {url}, title: {title}, allow_private: true, full_text: false}}"
TITLES = ("Wire", "Ledger", "Post")
RAISED = f"Vertiv raises its forecast as orders soar. {RELEASE}"
SOURCES = "SELECT documents, sources FROM company_day"


@pytest.fixture
def folder(tmp_path: Path, server: FeedServer) -> Path:
    """Three feeds that were read before, when they were empty."""
    feeds = [FEED.format(url=server.url(f"/{it}.xml"), title=it) for it in TITLES]
    (tmp_path / "feeds.yaml").write_text(CONFIG.format(feeds="\n".join(feeds)), "utf-8")
    config = load(tmp_path / "feeds.yaml", {})
    with Store(config.database) as store:
        store.save_watched(
            feeds=config.feeds, companies=config.companies, themes=config.themes
        )
        watch_from(store, config.feeds, at=NOW - timedelta(days=30))
    return tmp_path


def publish(server: FeedServer, title: str, headline: str, text: str = RAISED) -> None:
    """What a feed holds: one item, published some minutes ago."""
    at = NOW - timedelta(minutes=30 - 5 * TITLES.index(title))
    item = (
        f"<item><guid>{title}</guid><link>https://{title}.example/1</link>"
        f"<title>{escape(headline)}</title><description>{escape(text)}</description>"
        f"<pubDate>{format_datetime(at)}</pubDate></item>"
    )
    rss = f'<rss version="2.0"><channel><title>T</title>{item}</channel></rss>'
    server.serve(f"/{title}.xml", rss.encode())


def run(folder: Path) -> dict[str, int]:
    """A pass over all feeds; mentions in the alerts so far, by rule."""
    with sqlite3.connect(folder / "monitor.db") as connection:
        connection.execute("UPDATE feeds SET next_fetch_at = NULL")
    connection.close()
    done = monitor("run", "--once", cwd=folder)
    assert done.returncode == 0, done.stderr
    listed = monitor("alerts", "list", "--json", cwd=folder)
    return {it["rule"]: it["mentions"] for it in json.loads(listed.stdout)}


def asked(folder: Path, sql: str) -> list[dict[str, Any]]:
    found = monitor("query", sql, "--json", cwd=folder)
    assert found.returncode == 0, found.stderr
    rows: list[dict[str, Any]] = json.loads(found.stdout)
    return rows


def test_reprints_are_one_source_and_no_news_in_rules(folder, server):
    for title, headline in zip(
        TITLES,
        (
            "Vertiv lifts its forecast",
            "Vertiv forecast lifted",
            "Forecast of Vertiv is up",
        ),
        strict=True,
    ):
        publish(server, title, headline)

    assert run(folder).keys() == {"any", "three"}
    (story,) = asked(folder, "SELECT documents, copies, outlets FROM story")
    assert story == {"documents": 3, "copies": 2, "outlets": 1}
    assert asked(folder, SOURCES) == [{"documents": 3, "sources": 1}]


def test_tellings_of_their_own_are_sources_of_their_own(folder, server):
    publish(server, "Wire", "Vertiv lifts its forecast")
    publish(server, "Post", "Vertiv fined for a spill in Ohio", "A judge ruled so.")

    assert run(folder).keys() == {"any", "outlets", "news"}
    assert asked(folder, SOURCES) == [{"documents": 2, "sources": 2}]


def test_an_edit_updates_its_story_and_is_not_told_again(folder, server):
    publish(server, "Wire", "Vertiv lifts its forecast")
    first = run(folder)
    publish(server, "Wire", "Vertiv lifts its forecast for the year", f"{RAISED} Now.")

    assert run(folder) == first == {"any": 1}
    rows = asked(folder, "SELECT title, documents FROM story")
    assert rows == [{"title": "Vertiv lifts its forecast for the year", "documents": 1}]
    placed = asked(folder, "SELECT reason, novelty FROM story_document")
    assert placed == [{"reason": "edit", "novelty": 1.0}]


def test_a_digest_shows_the_first_telling_before_its_reprints(folder, server):
    publish(server, "Wire", "Vertiv lifts its forecast")
    publish(server, "Ledger", "Vertiv forecast lifted", f"Vertiv soars. {RAISED}")
    run(folder)
    found = monitor("digest", "--preview", "digest.html", "--json", cwd=folder)

    assert found.returncode == 0, found.stderr
    page = (folder / "digest.html").read_text("utf-8")
    assert page.index("//wire.example/1") < page.index("//ledger.example/1")
