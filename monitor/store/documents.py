"""Documents: the queue of what is to be analysed, and what was read in them."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from monitor.store.connection import iso
from monitor.store.rows import mention_row, to_document
from monitor.store.store import Store
from monitor.types import Analysis, Document

MAX_ANALYSES = 2
"""After so many failed analyses a document is put aside with its error."""


class Documents:
    """The queue between fetching and alerts."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def due(self, *, limit: int) -> list[Document]:
        """Documents that are to be analysed for the first time, oldest first."""
        return self._waiting("attempts = 0", limit)

    def due_again(self, *, limit: int) -> list[Document]:
        """Documents at which an analysis failed before."""
        return self._waiting("attempts > 0", limit)

    def _waiting(self, which: str, limit: int) -> list[Document]:
        rows = self.store.rows(
            f"SELECT * FROM documents WHERE state = 'new' AND {which} "  # noqa: S608 - ours
            "ORDER BY fetched_at, rowid LIMIT ?",
            [limit],
        )
        return [to_document(row) for row in rows]

    def count_due(self) -> int:
        rows = self.store.rows(
            "SELECT count(*) AS n FROM documents WHERE state = 'new'"
        )
        return int(rows[0]["n"])

    def count_unscored(self) -> int:
        rows = self.store.rows(
            "SELECT count(*) AS n FROM documents "
            "WHERE model = '' AND state = 'analysed'"
        )
        return int(rows[0]["n"])

    def requeue_unscored(self) -> int:
        """Queue again what was analysed while there was no sentiment model."""
        with self.store.transaction() as connection:
            return connection.execute(
                "UPDATE documents SET state = 'new', attempts = 0 "
                "WHERE model = '' AND state = 'analysed'"
            ).rowcount

    def save(self, analyses: Sequence[Analysis], *, now: datetime) -> None:
        """Write what was read in documents, instead of what was read before."""
        with self.store.transaction() as connection:
            for analysis in analyses:
                self._save(connection, analysis, now)

    def _save(
        self, connection: sqlite3.Connection, analysis: Analysis, now: datetime
    ) -> None:
        document = connection.execute(
            "SELECT id, text FROM documents WHERE id = ?", [analysis.document_id]
        ).fetchone()
        for name in ("mentions", "theme_hits", "quantities", "entities"):
            connection.execute(
                f"DELETE FROM {name} WHERE document_id = ?",  # noqa: S608 - a literal
                [analysis.document_id],
            )
        mentions = [mention_row(mention, document) for mention in analysis.mentions]
        self.store.table("mentions").insert_all(mentions)
        for name, hits in (
            ("theme_hits", analysis.themes),
            ("quantities", analysis.quantities),
            ("entities", analysis.entities),
        ):
            self.store.table(name).insert_all(
                {"document_id": analysis.document_id}
                | {key: getattr(hit, key) for key in hit.__slots__}
                for hit in hits
            )
        connection.execute(
            "UPDATE documents SET state = 'analysed', analysed_at = ?, language = ?, "
            "model = ?, error = NULL WHERE id = ?",
            [iso(now), analysis.language, analysis.model, analysis.document_id],
        )

    def fail(self, document: Document, error: str) -> bool:
        """Write that an analysis failed; True if the document is now put aside."""
        with self.store.transaction() as connection:
            connection.execute(
                "UPDATE documents SET attempts = attempts + 1, error = ?, "
                "state = iif(attempts + 1 >= ?, 'quarantined', state) WHERE id = ?",
                [error, MAX_ANALYSES, document.id],
            )
            row = connection.execute(
                "SELECT state FROM documents WHERE id = ?", [document.id]
            ).fetchone()
        return bool(row["state"] == "quarantined")
