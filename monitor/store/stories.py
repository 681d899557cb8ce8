"""Stories: the queue of documents that have none yet, and those that have.

Does not decide which documents belong together.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.store.connection import iso, moment
from monitor.store.rows import to_document
from monitor.store.store import Store
from monitor.types import Document

# A cross join, so that the queue is read and not all documents by their date.
DUE = """
SELECT d.* FROM story_queue q CROSS JOIN documents d ON d.id = q.document_id
WHERE d.state = 'analysed' ORDER BY d.published_at, d.rowid LIMIT ?
"""
MEMBERS = """
SELECT s.*, d.source FROM story_documents s JOIN documents d ON d.id = s.document_id
"""
TOLD = """
SELECT s.document_id, s.published_at, coalesce(c.company, '') AS company
FROM story_documents s
JOIN documents d ON d.id = s.document_id AND d.superseded_by IS NULL
LEFT JOIN story_companies c ON c.document_id = s.document_id
WHERE s.story = ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A document with what was read in it."""

    document: Document
    companies: frozenset[str]
    names: frozenset[str]
    """The companies as they stand in the text."""
    themes: frozenset[str]
    amounts: tuple[tuple[str, float], ...]
    """Unit and value, normalised."""


class Stories:
    """The queue between analysis and telling, and what was placed."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def due(self, *, limit: int) -> list[Queued]:
        """Documents without a story, in the order of publication."""
        return [self.queued(to_document(row)) for row in self.store.rows(DUE, [limit])]

    def count_due(self) -> int:
        return int(self.store.rows("SELECT count(*) AS n FROM story_queue")[0]["n"])

    def queued(self, document: Document) -> Queued:
        """A document with what its analysis found."""

        def ask(what: str) -> list[tuple[Any, ...]]:
            sql = f"SELECT DISTINCT {what} WHERE document_id = ?"
            return [tuple(row) for row in self.store.rows(sql, [document.id])]

        amounts = ask("normalised_unit, normalised FROM quantities")
        return Queued(
            document=document,
            companies=frozenset(row[0] for row in ask("company FROM mentions")),
            names=frozenset(row[0] for row in ask("text FROM mentions")),
            themes=frozenset(row[0] for row in ask("theme FROM theme_hits")),
            amounts=tuple((unit, value) for unit, value in amounts),
        )

    def drop_stale(self) -> None:
        """Take off the queue what was replaced or queued again before its turn came."""
        with self.store.transaction() as connection:
            connection.execute(
                "DELETE FROM story_queue WHERE EXISTS (SELECT 1 FROM documents d "
                "WHERE d.id = document_id "
                "AND (d.superseded_by IS NOT NULL OR d.state <> 'analysed'))"
            )

    def between(self, since: datetime, until: datetime) -> list[sqlite3.Row]:
        """What was placed of that time, with its source."""
        return self.store.rows(
            f"{MEMBERS} WHERE s.published_at BETWEEN ? AND ? ORDER BY s.number",
            [iso(since), iso(until)],
        )

    def replaced(self, document_id: str) -> sqlite3.Row | None:
        """The place of the version that a document replaced; the first, if several."""
        rows = self.store.rows(
            f"{MEMBERS} WHERE d.superseded_by = ? ORDER BY s.number LIMIT 1",
            [document_id],
        )
        return rows[0] if rows else None

    def alike(
        self,
        *,
        link: str | None,
        content: str,
        filing: str | None,
        bands: Sequence[int],
        limit: int = 50,
    ) -> list[sqlite3.Row]:
        """What has the same address, text or filing, or part of a signature, ever."""
        sql = (
            f"{MEMBERS} WHERE s.number IN ("  # noqa: S608 - ours
            "SELECT number FROM story_documents WHERE link = :link "
            "UNION SELECT number FROM story_documents WHERE content = :content "
            "UNION SELECT number FROM story_documents WHERE filing = :filing "
            "UNION SELECT number FROM story_bands "
            "WHERE band IN (SELECT value FROM json_each(:bands))"
            ") ORDER BY s.number LIMIT :limit"
        )
        return self.store.rows(
            sql,
            {
                "link": link,
                "content": content,
                "filing": filing,
                "bands": json.dumps(list(bands)),
                "limit": limit,
            },
        )

    def told(self, story: str) -> list[sqlite3.Row]:
        """`document_id`, `published_at`, `company` of what a story has; '' for none."""
        return self.store.rows(TOLD, [story])

    def outlet(self, document_id: str) -> str:
        """Who is credited with a document's text."""
        rows = self.store.rows(
            "SELECT outlet FROM story_documents WHERE document_id = ?", [document_id]
        )
        return str(rows[0]["outlet"])

    def novelties(self, document_id: str) -> dict[str, dict[str, Any]]:
        """By company, how new a document was for it."""
        rows = self.store.rows(
            "SELECT * FROM story_companies WHERE document_id = ?", [document_id]
        )
        return {row["company"]: dict(row) for row in rows}

    def last_under(self, company: str, themes: Iterable[str]) -> datetime | None:
        """When a company was last spoken of under one of these themes."""
        rows = self.store.rows(
            "SELECT max(last_at) AS last FROM story_themes WHERE company = ? "
            "AND theme IN (SELECT value FROM json_each(?))",
            [company, json.dumps(sorted(themes))],
        )
        return moment(rows[0]["last"])

    def save(
        self,
        row: dict[str, Any],
        *,
        bands: Iterable[int],
        companies: Iterable[dict[str, Any]],
    ) -> None:
        """Write a document's place, and that it is done."""
        with self.store.transaction() as connection:
            self.store.table("story_documents").insert(row, replace=False)
            (number,) = connection.execute(
                "SELECT number FROM story_documents WHERE document_id = ?",
                [row["document_id"]],
            ).fetchone()
            connection.executemany(
                "INSERT OR IGNORE INTO story_bands VALUES (?, ?)",
                [(band, number) for band in bands],
            )
            self.store.table("story_companies").insert_all(companies)
            connection.execute(
                "INSERT INTO story_themes SELECT c.company, t.theme, :at "
                "FROM story_companies c JOIN (SELECT DISTINCT theme FROM theme_hits "
                "WHERE document_id = :id) t WHERE c.document_id = :id "
                "ON CONFLICT DO UPDATE SET last_at = max(last_at, excluded.last_at)",
                {"id": row["document_id"], "at": row["published_at"]},
            )
            connection.execute(
                "DELETE FROM story_queue WHERE document_id = ?", [row["document_id"]]
            )


def recent(
    connection: sqlite3.Connection, *, since: datetime, limit: int
) -> list[dict[str, Any]]:
    """Rows of the view `story` with something since then, the most told first."""
    rows = connection.execute(
        "SELECT t.*, (SELECT group_concat(DISTINCT c.company) FROM story_documents s "
        "JOIN story_companies c ON c.document_id = s.document_id "
        "WHERE s.story = t.story) AS companies FROM story t WHERE t.story IN ("
        "SELECT story FROM story_documents WHERE published_at > ?) "
        "ORDER BY outlets DESC, documents DESC, last_at DESC LIMIT ?",
        [iso(since), limit],
    )
    return [
        dict(row)
        | {"companies": sorted(filter(None, (row["companies"] or "").split(",")))}
        for row in rows
    ]
