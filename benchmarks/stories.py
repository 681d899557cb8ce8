"""How long a new document takes to join its story among 100,000 that are stored.

    python -m benchmarks.stories [DOCUMENTS] [--days DAYS]

Makes a database of invented documents in a temporary folder, spread over 90 days
(with `--days 10` a new one is compared with nearly all), and lets new ones come one by
one through the stage that runs live: reading the queue, comparing, writing, commit.
Embedding is measured beside it, with the model that ships. Prints milliseconds by the
clock and, of the joining, of CPU time too. Measures no quality.
"""

import argparse
import asyncio
import itertools
import random
import sqlite3
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.mentions import endless
from monitor.analysis import centred
from monitor.stages.report import Report, silent
from monitor.stages.stories import StoryStage, to_row
from monitor.store.connection import iso
from monitor.store.store import Store
from monitor.store.stories import Stories
from monitor.stories import copies, fingerprint
from monitor.stories.fingerprint import Fingerprint
from monitor.types import Company, Document, Language, Theme

DOCUMENTS = 100_000
DAYS = 90
JOINED = 200
NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
NAMES = [f"company-{number}" for number in range(62)]
WEIGHTS = [1 / (number + 1) for number in range(62)]
THEMES = ["ppa", "nuclear", "gigafactory", "liquid_cooling", "capex"]
SOURCES = [f"Source {number}" for number in range(65)]
DISTINCT = 100
"""Texts that are really read; what is stored has their vectors, each a bit turned."""

TURNED = 0.7
"""Share of chance in a vector: two of one text are at a cosine of 0.5."""

LINES, STORED_LINES = 12, 2
"""Sentences of a new document, and of those that are stored and never read again."""

ALONE = 0.4
"""Share of documents that begin a story; the others join one of the `LATEST`."""

LATEST = 500

Embed = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Milliseconds, each (joined,), and of the first, which loads."""

    first: float
    joining: NDArray[np.float64]
    joining_cpu: NDArray[np.float64]
    embedding: NDArray[np.float64]


def main() -> int:
    """Make the database, let documents join, print what it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stories")
    parser.add_argument("documents", nargs="?", type=int, default=DOCUMENTS)
    parser.add_argument("--days", type=int, default=DAYS)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        Store(Path(folder) / "monitor.db") as store,
    ):
        fill(store, options.documents, days=options.days)
        print(f"{options.documents:,} documents over {options.days} days")
        taken = measure(store)
    print(f"first        {taken.first:7.1f} ms   with loading what it is compared with")
    for name in ("joining", "joining_cpu", "embedding"):
        found = getattr(taken, name)
        median, most = np.median(found), np.quantile(found, 0.95)
        print(f"{name:12} {median:7.1f} ms   95th percentile {most:.1f} ms")
    return 0


class _Ready:
    """In the place of the analysing process: what it embeds is measured aside."""

    def __init__(self, embed: Embed) -> None:
        self.embed, self.took = embed, 0.0

    def call(self, given: Any, *, timeout_s: float) -> Any:  # noqa: ARG002
        started = time.perf_counter()
        found = self.embed(given.texts)
        self.took = time.perf_counter() - started
        return found


def measure(store: Store, *, joined: int = JOINED, embed: Embed | None = None) -> Taken:
    """New documents, an hour's worth, each stored and joined by itself."""
    worker = _Ready(embed or centred.load())
    stage = StoryStage(store=Stories(store), worker=worker)  # type: ignore[arg-type]
    chance = random.Random(1)
    took: list[tuple[float, float, float]] = []
    for number in range(joined + 1):
        # A feed's news are not in the order of publication.
        document = _document(f"new{number}", NOW - timedelta(hours=chance.random()))
        with store.transaction() as connection:
            _store(connection, document, chance)
        # Embedding runs in a thread of its own.
        started, cpu = time.perf_counter(), time.thread_time()
        asyncio.run(stage.run(Report(), silent, now=NOW))
        cpu, whole = time.thread_time() - cpu, time.perf_counter() - started
        took.append((whole - worker.took, cpu, worker.took))
    rows = 1000 * np.array(took)
    return Taken(
        first=rows[0, 0],
        joining=rows[1:, 0],
        joining_cpu=rows[1:, 1],
        embedding=rows[1:, 2],
    )


def fill(
    store: Store,
    documents: int,
    *,
    days: int,
    distinct: int = DISTINCT,
    embed: Embed | None = None,
) -> None:
    """Store so many documents that have their stories, evenly over the days."""
    chance = random.Random(0)
    read = _fingerprints(distinct, embed or centred.load())
    store.save_watched(
        feeds=(),
        companies=[Company(id=name, name=name) for name in NAMES],
        themes=[Theme(id=name, name={}) for name in THEMES],
    )
    with store.transaction() as connection:
        (queueing,) = connection.execute(
            "SELECT sql FROM sqlite_schema WHERE name = 'documents_stored_story'"
        ).fetchone()
        for trigger in ("documents_fts_insert", "documents_stored_story"):
            connection.execute(f"DROP TRIGGER {trigger}")
        stories: list[str] = []
        for number in range(documents):
            at = NOW - timedelta(days=days) * (1 - number / documents)
            document = _document(f"d{number}", at, STORED_LINES)
            named = _store(connection, document, chance)
            like = chance.choice(read)
            found = _varied(like, document, *named)
            _place(connection, found, _story(document, stories, chance))
        connection.execute(queueing)


def _fingerprints(count: int, embed: Embed) -> list[Fingerprint]:
    documents = [_document(f"f{number}", NOW) for number in range(count)]
    rows = embed([fingerprint.embedded_text(it) for it in documents])
    return [
        fingerprint.build(
            document,
            language=document.language,
            companies=(),
            names=(),
            themes=(),
            amounts=(),
            embedding=row,
            link=None,
        )
        for document, row in zip(documents, rows, strict=True)
    ]


def _document(key: str, at: datetime, lines: int = LINES) -> Document:
    language = LANGUAGES[zlib.crc32(key.encode()) % 2]
    found = [next(TEXTS[language])[0] for _ in range(lines)]
    return Document(
        id=key,
        kind="article",
        url=f"https://example.org/{key}",
        title=found[0],
        text="\n".join(found),
        language=language,
        published_at=at,
        fetched_at=at,
        source=SOURCES[zlib.crc32(key.encode()) % len(SOURCES)],
    )


LANGUAGES: tuple[Language, Language] = ("en", "ko")
# English and Korean come by turns.
TEXTS = {
    language: itertools.islice(endless(), at, None, 2)
    for at, language in enumerate(LANGUAGES)
}


def _store(
    connection: sqlite3.Connection, document: Document, chance: random.Random
) -> tuple[list[str], str]:
    """A document that was analysed; its companies and its theme."""
    companies = sorted(set(chance.choices(NAMES, WEIGHTS, k=chance.choice((1, 2)))))
    theme = chance.choice(THEMES)
    connection.execute(
        "INSERT INTO documents (id, kind, url, title, text, language, published_at, "
        "fetched_at, analysed_at, source, tier, items, state, model) "
        "VALUES (?, 'article', ?, ?, ?, ?, ?, ?, ?, ?, 2, '[]', 'analysed', 'x')",
        [
            document.id,
            document.url,
            document.title,
            document.text,
            document.language,
            *[iso(document.published_at)] * 3,
            document.source,
        ],
    )
    connection.executemany(
        "INSERT INTO mentions (document_id, company, start_char, end_char, text, "
        "sentence, confidence, relevance, label, score) "
        "VALUES (?, ?, 0, 1, 'x', ?, 1, 0.5, 'neutral', 0)",
        [(document.id, company, document.title) for company in companies],
    )
    connection.execute(
        "INSERT INTO theme_hits (document_id, theme, start_char, end_char, text, score)"
        " VALUES (?, ?, 0, 1, 'x', 1)",
        [document.id, theme],
    )
    return companies, theme


def _varied(
    like: Fingerprint, document: Document, companies: list[str], theme: str
) -> Fingerprint:
    """The fingerprint of a document with the vectors of another, turned."""
    return replace(
        like,
        document_id=document.id,
        source=document.source,
        published_at=document.published_at,
        link=copies.link(document.url),
        content=copies.content(document.id),
        signature=_turns.integers(0, 2**32, copies.PERMUTATIONS, np.uint32),
        words=_turned(like.words),
        shared=_turned(like.shared),
        embedding=None if like.embedding is None else _turned(like.embedding),
        companies=frozenset(companies),
        themes=frozenset((theme,)),
    )


def _story(document: Document, stories: list[str], chance: random.Random) -> str:
    """One of the latest stories, or a new one, which joins those."""
    if stories and chance.random() >= ALONE:
        return chance.choice(stories[-LATEST:])
    stories.append(document.id)
    return document.id


def _place(connection: sqlite3.Connection, found: Fingerprint, story: str) -> None:
    """Write a place as the stage does."""
    row = to_row(found, NOW) | {
        "story": story,
        "lineage": found.document_id,
        "outlet": found.source,
        "reason": "first" if story == found.document_id else "event",
        "sure": 1.0,
        "earlier": 0,
        "novelty": 1.0,
    }
    (number,) = connection.execute(
        f"INSERT INTO story_documents ({', '.join(row)}) "  # noqa: S608 - ours
        f"VALUES ({', '.join('?' * len(row))}) RETURNING number",
        list(row.values()),
    ).fetchone()
    connection.executemany(
        "INSERT OR IGNORE INTO story_bands VALUES (?, ?)",
        [(band, number) for band in copies.bands(found.signature)],
    )
    connection.executemany(
        "INSERT INTO story_companies VALUES (?, ?, 0, 1, NULL)",
        [(found.document_id, company) for company in found.companies],
    )


_turns = np.random.default_rng(0)


def _turned(row: NDArray[np.float32]) -> NDArray[np.float32]:
    noise = _turns.normal(size=len(row)).astype(np.float32)
    noise *= TURNED / float(np.linalg.norm(noise))
    mixed: NDArray[np.float32] = row * np.float32((1 - TURNED**2) ** 0.5) + noise
    return mixed / np.float32(np.linalg.norm(mixed))


if __name__ == "__main__":
    sys.exit(main())
