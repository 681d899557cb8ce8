"""Filings as entries with their parties, the frontier of the live list, daily recall.

A filing is one entry, whichever feed, page or list it came from, and however often.
What nobody watches is kept for a while only, so that it can be told why it was not read.
"""

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from monitor.store.connection import iso, moment
from monitor.store.rows import entry_row
from monitor.store.store import Store, insert_or_ignore
from monitor.types import Entry, Filing, Recall

KEEP_SKIPPED = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What is known of a filing."""

    accession_no: str
    state: str
    """`new`, `done` or `skipped`."""
    attempts: int
    error: str | None
    next_attempt_at: datetime | None
    accepted_at: datetime | None
    first_seen_at: datetime | None
    done_at: datetime | None
    origin: str


def frontier(connection: sqlite3.Connection, feed_url: str) -> frozenset[str]:
    """Accession numbers that end a reading of the list; empty before the first."""
    rows = connection.execute(
        "SELECT accession_nos FROM edgar_frontiers WHERE feed_url = ?", [feed_url]
    ).fetchall()
    return frozenset(number for row in rows for number in json.loads(row[0]))


def watched_since(connection: sqlite3.Connection) -> datetime | None:
    """When the live list was first read; None if it never was."""
    query = "SELECT min(first_read_at) FROM edgar_frontiers"
    return moment(connection.execute(query).fetchone()[0])


def known(
    connection: sqlite3.Connection, numbers: Collection[str]
) -> dict[str, Stored]:
    """What is known of these filings, by accession number."""
    rows = connection.execute(
        "SELECT accession_no, state, attempts, error, next_attempt_at, published_at, "
        "first_seen_at, done_at, origin FROM entries "
        "WHERE accession_no IN (SELECT value FROM json_each(?)) ORDER BY state DESC",
        [json.dumps(list(numbers))],
    )
    # `done` comes last: of several entries (an older database) it decides.
    return {
        row[0]: Stored(
            accession_no=row[0],
            state=row[1],
            attempts=row[2],
            error=row[3],
            next_attempt_at=moment(row[4]),
            accepted_at=moment(row[5]),
            first_seen_at=moment(row[6]),
            done_at=moment(row[7]),
            origin=row[8],
        )
        for row in rows
    }


def recalls(connection: sqlite3.Connection, *, days: int = 7) -> list[sqlite3.Row]:
    """Rows of the view edgar_recall, the newest first."""
    query = "SELECT * FROM edgar_recall ORDER BY day DESC, since LIMIT ?"
    return connection.execute(query, [days]).fetchall()


def waiting(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    """Filings that could not be fetched so far, with the reason, oldest first."""
    query = (
        "SELECT accession_no, form, company, attempts, next_attempt_at, error "
        "FROM entries WHERE state = 'new' AND accession_no IS NOT NULL "
        "AND error IS NOT NULL ORDER BY first_seen_at, id"
    )
    return connection.execute(query).fetchall()


def save_filing(
    store: Store, entry: Entry, filing: Filing, *, is_read: bool, now: datetime
) -> bool:
    """Write a filing and its parties, inside a transaction; whether it is new.

    One that was skipped is queued when it is to be read after all.
    """
    connection = store.db.conn
    row = connection.execute(
        "SELECT id, state FROM entries WHERE accession_no = ? ORDER BY state LIMIT 1",
        [filing.accession_no],
    ).fetchone()
    if row is None:
        state = "new" if is_read else "skipped"
        times = {"first_seen_at": iso(now), "next_attempt_at": iso(now)}
        values = entry_row(entry) | times | {"state": state}
        connection.execute(insert_or_ignore("entries", values), values)
    elif row["state"] == "skipped" and is_read:
        times = {"next_attempt_at": iso(now), "queued_at": iso(now)}
        values = entry_row(entry) | times | {"id": row["id"], "state": "new"}
        store.table("entries").update(row["id"], values)
    connection.executemany(
        "INSERT OR IGNORE INTO filing_parties VALUES (?, ?, ?, ?)",
        [
            (filing.accession_no, party.cik, party.role, party.name)
            for party in filing.parties
        ],
    )
    return row is None


def save_frontier(
    store: Store, feed_url: str, numbers: Sequence[str], *, now: datetime
) -> None:
    """Write up to where the list was read, and forget old filings of nobody's."""
    connection = store.db.conn
    connection.execute(
        "INSERT INTO edgar_frontiers VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        "read_at = excluded.read_at, accession_nos = excluded.accession_nos",
        [feed_url, iso(now), iso(now), json.dumps(list(numbers))],
    )
    connection.execute(
        "DELETE FROM filing_parties WHERE accession_no IN (SELECT accession_no "
        "FROM entries WHERE state = 'skipped' AND first_seen_at < ?)",
        [iso(now - KEEP_SKIPPED)],
    )
    connection.execute(
        "DELETE FROM entries WHERE state = 'skipped' AND first_seen_at < ?",
        [iso(now - KEEP_SKIPPED)],
    )


class Filings:
    """Filings beside the live list: from the companies' own lists, and recall."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.connection = store.db.conn

    def queue(self, entries: Sequence[Entry], *, now: datetime) -> int:
        """Queue filings that are not known yet, or were skipped; how many."""
        with self.store.transaction():
            pending = [
                entry
                for entry in entries
                if entry.filing is not None
                and self._is_missing(entry.filing.accession_no)
            ]
            for entry in pending:
                if entry.filing is not None:
                    save_filing(self.store, entry, entry.filing, is_read=True, now=now)
        return len(pending)

    def _is_missing(self, number: str) -> bool:
        found = known(self.connection, [number]).get(number)
        return found is None or found.state == "skipped"

    def save_recalls(self, found: Sequence[Recall], *, day: date) -> None:
        """Write the day's recall, instead of what was written of it earlier."""
        with self.store.transaction():
            self.store.table("edgar_recalls").upsert_all(
                (
                    {
                        "day": day.isoformat(),
                        "cik": one.cik,
                        "company": one.company,
                        "since": one.since.isoformat(),
                        "listed": one.listed,
                        "stored": one.stored,
                        "median_delay_s": one.median_delay_s,
                        "worst_delay_s": one.worst_delay_s,
                        "misses": json.dumps([asdict(miss) for miss in one.misses]),
                    }
                    for one in found
                ),
                pk=("day", "since", "cik"),
            )

    def has_recall(self, day: date, since: date) -> bool:
        """Whether recall of what was filed since then was written on that day."""
        rows = self.store.rows(
            "SELECT 1 FROM edgar_recalls WHERE day = ? AND since = ? LIMIT 1",
            [day.isoformat(), since.isoformat()],
        )
        return bool(rows)
