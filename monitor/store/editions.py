"""Editions of digests: what time each one covered, and which documents it could tell.

Does not reserve their messages (`outbox`).
"""

from datetime import datetime, timedelta

from monitor.store.connection import iso
from monitor.store.rows import known
from monitor.store.store import Store, insert_or_ignore
from monitor.types import Period

# What replaced a document that was told is not told again.
OVERDUE = """
WITH RECURSIVE told (id) AS (
    SELECT document_id FROM digest_documents WHERE digest = :digest
    UNION
    SELECT d.superseded_by FROM documents d JOIN told ON d.id = told.id
    WHERE d.superseded_by IS NOT NULL
)
SELECT id FROM documents WHERE state = 'analysed' AND superseded_by IS NULL
AND fetched_at > :start AND fetched_at <= :end AND id NOT IN (SELECT id FROM told)
"""
READ = """
INSERT OR IGNORE INTO digest_documents
SELECT :digest, d.id FROM documents d
WHERE d.superseded_by IS NULL AND d.fetched_at > :start AND d.fetched_at <= :end AND (
    d.state = 'analysed'
    OR EXISTS (SELECT 1 FROM mentions m WHERE m.document_id = d.id)
)
"""

FORGET = """
DELETE FROM digest_documents WHERE digest = :digest AND document_id IN (
    SELECT id FROM documents WHERE fetched_at <= :start
)
"""

READ_WITHIN = timedelta(days=2)
"""How late the analysis may be, after however many editions; mostly it is minutes."""


class Editions:
    """The editions of digests that were made."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def last(self, digest: str) -> Period | None:
        """The time that the latest edition of a digest covers."""
        rows = self.store.rows(
            "SELECT edition, start, end, missed FROM digest_periods "
            "WHERE digest = ? ORDER BY end DESC, edition DESC LIMIT 1",
            [digest],
        )
        if not rows:
            return None
        row = rows[0]
        return Period(
            edition=row["edition"],
            start=known(row["start"]),
            end=known(row["end"]),
            missed=row["missed"],
        )

    def overdue(self, digest: str) -> frozenset[str]:
        """Documents that were known to the last edition, but read after it was made."""
        last = self.last(digest)
        if last is None:
            return frozenset()
        values = {"digest": digest, "start": iso(_since(last)), "end": iso(last.end)}
        return frozenset(row["id"] for row in self.store.rows(OVERDUE, values))

    def record(self, digest: str, period: Period) -> None:
        """Write what an edition covers, and what was read by now.

        Belongs into the transaction that reserves it; nothing for one written before.
        """
        row = {
            "digest": digest,
            "edition": period.edition,
            "start": iso(period.start),
            "end": iso(period.end),
            "missed": period.missed,
        }
        with self.store.transaction() as connection:
            sql = insert_or_ignore("digest_periods", row)
            if connection.execute(sql, row).rowcount:
                values = {**row, "start": iso(_since(period))}
                connection.execute(FORGET, values)
                connection.execute(READ, values)


def _since(period: Period) -> datetime:
    """Since when documents may have become known that the next edition takes up."""
    return min(period.start, period.end - READ_WITHIN)
