"""Stories in the database: what is placed once, what an edit keeps, who counts."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from monitor.errors import WorkerError
from monitor.stages.analyse import Texts
from monitor.stages.report import Report, silent
from monitor.stages.stories import StoryStage
from monitor.store import heard, queries, stories
from monitor.store.documents import Documents
from monitor.store.entries import Entries, Feeds
from monitor.store.store import Store
from monitor.store.stories import Stories
from monitor.types import Document, FeedState
from tests import builders
from tests.builders import NOW
from tests.test_stories import KOREAN, RELEASE

HOUR = timedelta(hours=1)
FEEDS = ("Wire", "Ledger", "Post", "서버룸저널")


class Embedder:
    """The analysing process: texts with the same words are near."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.asked = 0

    def call(self, given: Any, *, timeout_s: float) -> Any:
        assert isinstance(given, Texts)
        assert timeout_s > 0
        self.asked += len(given.texts)
        if self.fails:
            raise WorkerError("analyst needs over 2048 MB", kind="memory")
        rows = [
            np.random.default_rng(len(text)).normal(size=16) for text in given.texts
        ]
        found = np.array(rows, np.float32)
        return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    with Store(tmp_path / "monitor.db") as opened:
        feeds = [builders.feed(f"https://{n}.example", title=n) for n in FEEDS]
        opened.save_watched(
            feeds=feeds,
            companies=[builders.company("vertiv"), builders.company("eaton")],
            themes=[builders.theme("liquid_cooling")],
        )
        yield opened


class Desk:
    """Documents into the store, and the stage over them."""

    def __init__(self, store: Store, embedder: Embedder | None = None) -> None:
        self.store = store
        self.embedder = embedder or Embedder()
        self.stage = StoryStage(store=Stories(store), worker=self.embedder)  # type: ignore[arg-type]
        self.count = 0

    def publish(
        self,
        text: str,
        source: str = "Wire",
        *,
        at: datetime = NOW,
        guid: str | None = None,
        companies: tuple[str, ...] = ("vertiv",),
        themes: tuple[str, ...] = ("liquid_cooling",),
        **values: Any,
    ) -> Document:
        """An entry of a feed with its analysed document."""
        self.count += 1
        guid = guid or f"{source}-{self.count}"
        feed_url = f"https://{source}.example"
        entry = builders.entry(guid, feed_url=feed_url, title=text[:40], summary=text)
        document = builders.document(
            text,
            **{"source": source, "published_at": at, "fetched_at": at}
            | {"url": f"https://{source}.example/{guid}"}
            | values,
        )
        state = FeedState(feed_url=feed_url)
        Feeds(self.store).save_poll(state, entries=[entry], outcome="ok", now=at)
        Entries(self.store).save_documents(entry, [document], now=at)
        scores: dict[str, float | None] = dict.fromkeys(companies, 0.5)
        Documents(self.store).save(
            [builders.analysis(document, scores, themes)], now=at
        )
        return document

    def run(self, now: datetime = NOW) -> Report:
        report = Report()
        asyncio.run(self.stage.run(report, silent, now=now))
        return report

    def placed(self) -> dict[str, dict[str, Any]]:
        rows = self.store.rows("SELECT * FROM story_documents")
        return {row["document_id"]: dict(row) for row in rows}


@pytest.fixture
def desk(store) -> Desk:
    return Desk(store)


def test_reprints_are_one_outlet_and_a_telling_of_its_own_is_another(desk):
    wire = desk.publish(f"Coldwell doubles output\n{RELEASE}")
    reprint = desk.publish(
        f"Coldwell to double output\n{RELEASE} More here.", "Ledger", at=NOW + HOUR
    )
    own = desk.publish(
        "Coldwell doubles output of cold plates in Dayton\nThe plant grows for $40 million.",
        "Post",
        at=NOW + 2 * HOUR,
    )
    desk.run()

    placed = desk.placed()
    assert {row["story"] for row in placed.values()} == {wire.id}
    assert placed[reprint.id]["lineage"] == wire.id
    assert placed[own.id]["lineage"] == own.id
    (story,) = stories.recent(desk.store.db.conn, since=NOW - HOUR, limit=5)
    assert (story["documents"], story["copies"], story["outlets"]) == (3, 1, 2)
    assert story["companies"] == ["vertiv"]


def test_novelty_is_per_company_and_reaches_the_evidence(desk):
    first = desk.publish(f"Coldwell doubles output\n{RELEASE}")
    second = desk.publish(
        f"Coldwell to double output\n{RELEASE} Eaton too.",
        "Ledger",
        at=NOW + HOUR,
        companies=("vertiv", "eaton"),
    )
    desk.run()

    known = queries.evidence_known(
        desk.store.db.conn, since=NOW - HOUR, until=NOW + 2 * HOUR
    )
    found = {(item.document_id, item.company): item.novelty for item in known}
    assert {it.outlet for it in known} == {"Wire"}
    assert found == {
        (first.id, "vertiv"): 1.0,
        (second.id, "vertiv"): 0.75,
        (second.id, "eaton"): 1.0,
    }
    told = heard.heard(
        desk.store.db.conn, heard.Wish(), since=NOW - HOUR, as_published=True
    )
    assert [it.source for it in told] == ["Wire", "Wire"]
    assert {m.company: m.novelty for m in told[1].mentions} == {
        "vertiv": 0.75,
        "eaton": 1.0,
    }


def test_what_has_no_story_yet_is_new(desk):
    desk.publish(f"Coldwell doubles output\n{RELEASE}")

    (item,) = queries.evidence_known(
        desk.store.db.conn, since=NOW - HOUR, until=NOW + HOUR
    )

    assert item.novelty == 1.0


def test_an_edit_keeps_its_place_and_is_no_newer(desk):
    desk.publish("Coldwell cold plates in Dayton\nThe plant grows.", "Post")
    old = desk.publish(f"Coldwell doubles output\n{RELEASE}", at=NOW + HOUR, guid="g")
    desk.run()
    before = desk.placed()[old.id]
    new = desk.publish(
        "Something else altogether\nA correction.", at=NOW + HOUR, guid="g"
    )
    assert _replaced_by(desk.store, old) == new.id
    desk.run()

    after = desk.placed()[new.id]
    kept = ("story", "lineage", "outlet", "earlier", "novelty")
    assert {key: after[key] for key in kept} == {key: before[key] for key in kept}
    assert after["reason"] == "edit"
    rows = desk.store.rows("SELECT sum(documents) AS n FROM story")
    assert rows[0]["n"] == 2


def test_an_edit_of_the_first_document_changes_the_title_of_its_story(desk):
    desk.publish(f"Coldwell doubles output\n{RELEASE}", guid="g")
    desk.publish(f"Coldwell to double output\n{RELEASE}", "Ledger", at=NOW + HOUR)
    desk.run()
    corrected = "Coldwell triples output, not doubles it"
    desk.publish(f"{corrected}\n{RELEASE}", guid="g", title=corrected)
    desk.run()

    (story,) = stories.recent(desk.store.db.conn, since=NOW - HOUR, limit=5)
    assert (story["title"], story["documents"]) == (corrected, 2)


def test_what_is_a_little_older_than_the_last_pass_finds_the_shelf_as_it_is(desk):
    desk.publish("Coldwell doubles output of cold plates in Dayton")
    desk.run()
    shelf = desk.stage._shelf
    late = desk.publish("Vertiv hires a finance chief", "Post", at=NOW - 5 * HOUR)
    desk.run()

    assert desk.stage._shelf is shelf
    assert desk.placed()[late.id]["reason"] == "first"


def _replaced_by(store: Store, old: Document) -> str | None:
    rows = store.rows("SELECT superseded_by FROM documents WHERE id = ?", [old.id])
    found: str | None = rows[0]["superseded_by"]
    return found


def test_each_document_is_placed_once_whoever_asks_again(desk):
    document = desk.publish(f"Coldwell doubles output\n{RELEASE}")
    desk.run()
    first = desk.placed()
    Documents(desk.store).save(
        [builders.analysis(document, {"vertiv": -0.5})], now=NOW + HOUR
    )
    desk.run()
    asked = desk.embedder.asked
    desk.run()

    assert desk.placed() == first
    assert asked == desk.embedder.asked == 1
    assert Stories(desk.store).count_due() == 0


@pytest.mark.parametrize("restarted", [True, False])
def test_what_was_placed_before_is_known(store, *, restarted: bool):
    desk = Desk(store)
    one = desk.publish(f"Coldwell doubles output\n{RELEASE}")
    desk.run()
    if restarted:
        desk = Desk(store)
        desk.count = 10
    two = desk.publish(
        "Coldwell doubles output at Dayton plant\nIt costs 40 million dollars.",
        "Post",
        at=NOW + HOUR,
    )
    desk.run()

    assert desk.placed()[two.id]["story"] == one.id


def test_a_copy_of_long_ago_is_still_a_copy(desk):
    old = desk.publish(f"Coldwell doubles output\n{RELEASE}")
    desk.run()
    late = desk.publish(
        f"From the archive\n{RELEASE}", "Ledger", at=NOW + timedelta(days=90)
    )
    desk.run()

    placed = desk.placed()[late.id]
    assert (placed["story"], placed["reason"]) == (old.id, "copy")


def test_history_that_is_loaded_later_is_placed_among_its_own_time(desk):
    now = desk.publish("Coldwell doubles output of cold plates in Dayton")
    desk.run()
    year_ago = NOW - timedelta(days=365)
    old = desk.publish(
        "Coldwell doubles output of cold plates in Dayton again", "Post", at=year_ago
    )
    older = desk.publish(
        "Coldwell doubles output of its cold plates in Dayton", "Ledger", at=year_ago
    )
    desk.run()

    placed = desk.placed()
    assert placed[now.id]["story"] == now.id
    assert placed[old.id]["story"] == placed[older.id]["story"] != now.id


def test_days_since_something_similar_of_a_company(desk):
    first = desk.publish("Coldwell doubles output of cold plates in Dayton")
    later = desk.publish(
        "버티브, 다른 소식 발표\n냉각 장비를 늘린다.",
        "서버룸저널",
        at=NOW + timedelta(days=10),
    )
    other = desk.publish(
        "Vertiv hires a finance chief from Boeing",
        "Post",
        at=NOW + timedelta(days=20),
        themes=(),
    )
    desk.run()

    rows = desk.store.rows("SELECT document_id, similar_days FROM story_companies")
    assert {row[0]: row[1] for row in rows} == {
        first.id: None,
        later.id: 10.0,
        other.id: None,
    }


def test_without_embeddings_it_is_said_and_the_rest_is_placed(store):
    desk = Desk(store, Embedder(fails=True))
    one = desk.publish(f"버티브, 콜드웰 인수\n{KOREAN}", "서버룸저널")
    two = desk.publish(f"버티브 콜드웰 인수한다\n{KOREAN}", "Post", at=NOW + HOUR)
    report = desk.run()

    assert len(report.warnings) == 1
    assert "words alone" in report.warnings[0]
    assert desk.placed()[two.id]["story"] == one.id
    assert desk.placed()[one.id]["embedding"] is None


def test_a_document_that_was_replaced_before_its_turn_needs_no_story(desk):
    old = desk.publish(f"Coldwell doubles output\n{RELEASE}", guid="g")
    new = desk.publish("Coldwell doubles its output now", guid="g")
    assert _replaced_by(desk.store, old) == new.id
    desk.run()

    assert set(desk.placed()) == {new.id}
    assert desk.placed()[new.id]["reason"] == "first"


def test_the_view_lists_documents_with_their_novelty(desk):
    desk.publish(f"Coldwell doubles output\n{RELEASE}")
    desk.publish(f"Coldwell to double output\n{RELEASE} More.", "Ledger", at=NOW + HOUR)
    desk.run()

    rows = desk.store.rows(
        "SELECT company, novelty, outlet, source FROM story_document "
        "ORDER BY published_at"
    )
    assert [tuple(row) for row in rows] == [
        ("vertiv", 1.0, "Wire", "Wire"),
        ("vertiv", 0.75, "Wire", "Ledger"),
    ]
