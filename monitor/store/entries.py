"""Feeds and their entries: polls in, and the queue of what is to be a document."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from monitor.store.connection import iso
from monitor.store.filings import frontier, save_filing, save_frontier
from monitor.store.rows import (
    document_row,
    entry_row,
    state_row,
    to_document,
    to_entry,
    to_state,
)
from monitor.store.store import Store, insert_or_ignore
from monitor.types import Document, Entry, FeedState

MAX_REVISIONS = 20
"""An item whose text changes more often (a clock in its title) is not read again."""

# A document, what replaced that, and so on to what stands now.
EDITS = """
WITH RECURSIVE edits (id, next) AS (
    SELECT id, superseded_by FROM documents WHERE id = :id
    UNION
    SELECT d.id, d.superseded_by FROM edits e JOIN documents d ON d.id = e.next
)
"""
# Who is new, or behind another, may bring what is out of date elsewhere.
TAKE_BACK = f"""{EDITS}
UPDATE documents SET superseded_by = NULL
WHERE id = :id AND EXISTS (
    SELECT 1 FROM edits WHERE id IN (SELECT value FROM json_each(:old))
)
"""  # noqa: S608 - ours
SUPERSEDE = f"""{EDITS}
UPDATE documents SET superseded_by = :new
WHERE id = (SELECT id FROM edits WHERE next IS NULL)
AND NOT EXISTS (SELECT 1 FROM edits WHERE id = :new)
"""  # noqa: S608 - ours


class Feeds:
    """What is remembered of feeds between polls."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def states(self) -> dict[str, FeedState]:
        """What is remembered of each watched feed, by its URL."""
        rows = self.store.rows("SELECT * FROM feeds WHERE watched")
        return {row["url"]: to_state(row) for row in rows}

    def frontier(self, feed_url: str) -> frozenset[str]:
        """Accession numbers at which the reading of a list of filings may end."""
        return frontier(self.store.db.conn, feed_url)

    def save_poll(
        self,
        state: FeedState,
        *,
        entries: Sequence[Entry] = (),
        skipped: frozenset[str] = frozenset(),
        outcome: str,
        error: str | None = None,
        newest: Sequence[str] | None = None,
        now: datetime,
    ) -> int:
        """Write entries, then the feed's state, then the poll; the number of new ones.

        The ETag is in the same transaction as the entries that it covers. An entry
        whose text changed goes through the stages again. `skipped` are the ids of
        entries that are stored but not read (filings of nobody watched). `newest`
        are the filings at which the next reading of a list may end; None if this one
        did not come to the end of what is new.
        """
        with self.store.transaction() as connection:
            new = sum(
                self._save_entry(connection, entry, entry.id in skipped, now)
                for entry in entries
            )
            if newest is not None:
                save_frontier(self.store, state.feed_url, newest, now=now)
            self.store.table("feeds").update(state.feed_url, state_row(state))
            self.store.table("polls").insert(
                {
                    "feed_url": state.feed_url,
                    "at": iso(now),
                    "outcome": outcome,
                    "entries": len(entries),
                    "new": new,
                    "error": error,
                }
            )
        return new

    def _save_entry(
        self,
        connection: sqlite3.Connection,
        entry: Entry,
        skipped: bool,  # noqa: FBT001 - private
        now: datetime,
    ) -> bool:
        if entry.filing is not None:
            return save_filing(
                self.store, entry, entry.filing, is_read=not skipped, now=now
            )
        known = connection.execute(
            "SELECT title, summary, revisions, state FROM entries WHERE id = ?",
            [entry.id],
        ).fetchone()
        if known is None:
            state = "skipped" if skipped else "new"
            row = entry_row(entry) | {"first_seen_at": iso(now), "state": state}
            self.store.table("entries").insert(row | {"next_attempt_at": iso(now)})
            return True
        edited = (known["title"], known["summary"]) != (entry.title, entry.summary)
        if edited and known["revisions"] < MAX_REVISIONS and known["state"] == "done":
            again = {
                "revisions": known["revisions"] + 1,
                "state": "new",
                "attempts": 0,
                "next_attempt_at": iso(now),
            }
            self.store.table("entries").update(entry.id, entry_row(entry) | again)
        return False


class Entries:
    """The queue between fetching and analysis."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def due(self, *, limit: int, now: datetime) -> list[Entry]:
        """Entries whose documents are to be made, oldest first."""
        rows = self.store.rows(
            "SELECT * FROM entries WHERE state = 'new' AND next_attempt_at <= ? "
            "ORDER BY next_attempt_at, rowid LIMIT ?",
            [iso(now), limit],
        )
        return [to_entry(row) for row in rows]

    def count_due(self, *, now: datetime) -> int:
        rows = self.store.rows(
            "SELECT count(*) AS n FROM entries WHERE state = 'new' "
            "AND next_attempt_at <= ?",
            [iso(now)],
        )
        return int(rows[0]["n"])

    def documents_of_filing(self, accession_no: str) -> list[Document]:
        """What is stored of a filing, whichever entry brought it."""
        rows = self.store.rows(
            "SELECT * FROM documents WHERE accession_no = ?", [accession_no]
        )
        return [to_document(row) for row in rows]

    def save_documents(
        self,
        entry: Entry,
        documents: Sequence[Document],
        *,
        note: str | None = None,
        now: datetime | None = None,
    ) -> int:
        """Write the documents of an entry and that it is done; the number of new ones.

        A text that is stored already is only linked. An edited entry's new text
        takes over when the old one was first known, so that it is not news again,
        also where another entry still carries the old one; `note` says what was
        missing (a page that could not be fetched).
        """
        with self.store.transaction() as connection:
            old = connection.execute(
                "SELECT d.id, d.fetched_at FROM documents d JOIN entry_documents l "
                "ON l.document_id = d.id WHERE l.entry_id = ? ORDER BY d.fetched_at",
                [entry.id],
            ).fetchall()
            new = 0
            for document in documents:
                row = document_row(document)
                if old:
                    row["fetched_at"] = old[0]["fetched_at"]
                sql = insert_or_ignore("documents", row)
                new += connection.execute(sql, row).rowcount
                connection.execute(
                    "INSERT OR IGNORE INTO entry_documents VALUES (?, ?)",
                    [entry.id, document.id],
                )
            current = {document.id for document in documents}
            before = json.dumps([row["id"] for row in old if row["id"] not in current])
            connection.executemany(
                TAKE_BACK, [{"id": it, "old": before} for it in current]
            )
            for row in old:
                if documents and row["id"] not in current:
                    _supersede(connection, row["id"], documents[0].id, entry.id)
            connection.execute(
                "UPDATE entries SET state = 'done', error = ?, done_at = ? "
                "WHERE id = ?",
                [note, iso(now), entry.id],
            )
        return new

    def postpone(
        self, entry: Entry, error: str, *, until: datetime, attempts: int = 1
    ) -> int:
        """Write that making its documents failed; the number of attempts so far.

        `attempts` is 0 where nothing was asked of the server.
        """
        with self.store.transaction() as connection:
            connection.execute(
                "UPDATE entries SET attempts = attempts + ?, error = ?, "
                "next_attempt_at = ? WHERE id = ?",
                [attempts, error, iso(until), entry.id],
            )
            row = connection.execute(
                "SELECT attempts FROM entries WHERE id = ?", [entry.id]
            ).fetchone()
        return int(row["attempts"])

    def attempts(self, entry: Entry) -> int:
        """How often making its documents has failed."""
        rows = self.store.rows("SELECT attempts FROM entries WHERE id = ?", [entry.id])
        return int(rows[0]["attempts"])


def _supersede(
    connection: sqlite3.Connection, old: str, new: str, entry_id: str
) -> None:
    """Let a new text replace what an old one has become by now."""
    connection.execute(
        "DELETE FROM entry_documents WHERE entry_id = ? AND document_id = ?",
        [entry_id, old],
    )
    connection.execute(SUPERSEDE, {"id": old, "new": new})
