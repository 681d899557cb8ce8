"""Reads for digests: what became known in a period besides mentions.

Every function takes a connection whose rows have names, the writer's or a reader's.
"""

import json
import sqlite3
from datetime import datetime

from monitor.store.connection import iso
from monitor.store.rows import known
from monitor.types import FilingNews, NameNews

SOURCES = 2
"""A name that only one source has is as often a slip of the reader as a name."""


def filings_known(
    connection: sqlite3.Connection,
    *,
    since: datetime,
    until: datetime,
    published_since: datetime,
) -> list[FilingNews]:
    """Filings of watched companies that became known in (since, until], latest first.

    One for each, whatever number of documents it has; those published before
    `published_since` are history that a new feed brought along.
    """
    # SQLite takes bare columns from the row of min(): the main document, if stored.
    rows = connection.execute(
        "SELECT c.id, d.form, d.items, d.title, d.url, d.published_at, "
        "(SELECT group_concat(DISTINCT t.theme) FROM documents o JOIN theme_hits t "
        "ON t.document_id = o.id WHERE o.accession_no = d.accession_no) AS themes, "
        "min((d.kind != 'filing') * 1000000000 + d.rowid) FROM documents d "
        "JOIN companies c ON c.cik = d.cik AND c.watched "
        "WHERE d.accession_no IS NOT NULL AND d.superseded_by IS NULL "
        "AND d.fetched_at > ? AND d.fetched_at <= ? AND d.published_at > ? "
        "GROUP BY d.accession_no, c.id ORDER BY d.published_at DESC, d.accession_no",
        [iso(since), iso(until), iso(published_since)],
    )
    return [
        FilingNews(
            company=row["id"],
            form=row["form"] or "",
            items=tuple(json.loads(row["items"] or "[]")),
            title=row["title"],
            url=row["url"],
            filed_at=known(row["published_at"]),
            themes=_several(row["themes"]),
        )
        for row in rows
    ]


def names_new(
    connection: sqlite3.Connection, *, since: datetime, until: datetime
) -> list[NameNews]:
    """Organisations and people first read in (since, until], most sources first.

    Only those beside a watched company, in at least `SOURCES` sources, of which
    reprints are one. Nobody is new while nothing was read before.
    """
    rows = connection.execute(
        """
        SELECT e.text, count(DISTINCT d.id) AS documents,
            count(DISTINCT coalesce(s.outlet, d.source)) AS sources,
            group_concat(DISTINCT m.company) AS companies,
            group_concat(DISTINCT t.theme) AS themes,
            d.title, d.url, min(d.published_at)
        FROM documents d
        JOIN entities e ON e.document_id = d.id AND e.label IN ('ORG', 'PERSON')
        JOIN mentions m ON m.document_id = d.id
        LEFT JOIN theme_hits t ON t.document_id = d.id
        LEFT JOIN story_documents s ON s.document_id = d.id
        WHERE d.superseded_by IS NULL AND d.fetched_at > :since
        AND d.fetched_at <= :until
        AND EXISTS (SELECT 1 FROM documents WHERE fetched_at <= :since)
        AND NOT EXISTS (
            SELECT 1 FROM entities before JOIN documents p ON p.id = before.document_id
            WHERE before.text = e.text AND p.fetched_at <= :since
        )
        AND NOT EXISTS (
            SELECT 1 FROM mentions own WHERE own.document_id = d.id
            AND own.start_char < e.end_char AND own.end_char > e.start_char
        )
        GROUP BY e.text HAVING sources >= :least
        ORDER BY sources DESC, documents DESC, e.text
        """,
        {"since": iso(since), "until": iso(until), "least": SOURCES},
    )
    return [
        NameNews(
            name=row["text"],
            documents=row["documents"],
            sources=row["sources"],
            companies=_several(row["companies"]),
            themes=_several(row["themes"]),
            title=row["title"],
            url=row["url"],
        )
        for row in rows
    ]


def _several(text: str | None) -> tuple[str, ...]:
    """What SQLite has joined with commas."""
    return tuple(sorted(text.split(","))) if text else ()
