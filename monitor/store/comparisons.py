"""Risk factors and those of the report before them: which pairs are still to be compared.

A pair is due again where an older report came in later (a backfill): the one before is
then another, and what was found is replaced.
"""

import sqlite3
from collections.abc import Sequence

from monitor.store.rows import document_row, to_document
from monitor.store.store import Store, insert_or_ignore
from monitor.types import Document

MIN_TEXT = 2_000
"""Characters of a shorter section, which only says that nothing has changed."""

# Annual reports state all risks, quarterly ones what is new since: a year is compared
# with a year, a quarter with whatever came before it.
_DUE = f"""
SELECT after.id AS after_id, before.id AS before_id
FROM documents after JOIN documents before ON before.id = (
    SELECT d.id FROM documents d
    WHERE d.cik = after.cik AND d.item IN ('1A', 'II.1A') AND d.change IS NULL
        AND d.superseded_by IS NULL AND length(d.text) >= {MIN_TEXT}
        AND d.published_at < after.published_at
        AND (d.item = '1A' OR after.item = 'II.1A')
    ORDER BY d.published_at DESC LIMIT 1
)
WHERE after.item IN ('1A', 'II.1A') AND after.change IS NULL
    AND after.superseded_by IS NULL AND length(after.text) >= {MIN_TEXT}
    AND before.id IS NOT after.compared_with
ORDER BY after.published_at LIMIT ?
"""  # noqa: S608 - ours


Changed = tuple[Document, Sequence[tuple[str, str]]]
"""A document of what changed, and of a reworded one each sentence before and after."""


class Comparisons:
    """The queue of sections to compare."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def due(self, *, limit: int) -> list[tuple[Document, Document]]:
        """Sections with the one before each, as (before, after), the oldest first."""
        rows = self.store.rows(_DUE, [limit])
        return [
            (self._get(row["before_id"]), self._get(row["after_id"])) for row in rows
        ]

    def _get(self, document_id: str) -> Document:
        rows = self.store.rows("SELECT * FROM documents WHERE id = ?", [document_id])
        return to_document(rows[0])

    def save(
        self, before: Document, after: Document, changes: Sequence[Changed]
    ) -> int:
        """Write what changed and that it was compared; the number of new documents."""
        with self.store.transaction() as connection:
            connection.execute(
                "UPDATE documents SET superseded_by = ? WHERE accession_no = ? "
                "AND item = ? AND change IS NOT NULL",
                [after.id, after.accession_no, after.item],
            )
            new = sum(self._insert(connection, after, *change) for change in changes)
            connection.execute(
                "UPDATE documents SET compared_with = ? WHERE id = ?",
                [before.id, after.id],
            )
        return new

    def _insert(
        self,
        connection: sqlite3.Connection,
        after: Document,
        change: Document,
        wordings: Sequence[tuple[str, str]],
    ) -> int:
        row = document_row(change)
        new = connection.execute(insert_or_ignore("documents", row), row).rowcount
        connection.execute(
            "UPDATE documents SET superseded_by = NULL WHERE id = ?", [change.id]
        )
        connection.execute(
            "INSERT OR IGNORE INTO entry_documents SELECT entry_id, ? "
            "FROM entry_documents WHERE document_id = ?",
            [change.id, after.id],
        )
        connection.executemany(
            "INSERT OR REPLACE INTO rewordings VALUES (?, ?, ?, ?)",
            [
                (change.id, number, earlier, later)
                for number, (earlier, later) in enumerate(wordings, start=1)
            ],
        )
        return new
