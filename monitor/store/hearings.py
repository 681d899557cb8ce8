"""Hearings: when alerts were decided with which documents, and those documents again.

A document is heard once, when it was analysed; an edit and a later score end that
hearing and begin another. So the past can be read as it was known then.
"""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from monitor.store.connection import iso, moment
from monitor.store.store import Store
from monitor.types import Feed

SECOND = timedelta(seconds=1)
AHEAD = timedelta(hours=1)
"""What was heard later than this from now was heard by a clock that was wrong."""

# An edit of an edit that was never heard is one of the document before.
DUE = """
WITH RECURSIVE edits (id, edit) AS (
    SELECT document_id, document_id FROM hearing_queue
    UNION
    SELECT e.id, d.superseded_by FROM edits e JOIN documents d ON d.id = e.edit
    WHERE d.superseded_by IS NOT NULL
)
SELECT
    q.document_id AS id,
    iif(d.superseded_by IS NULL, NULL, coalesce((
        SELECT e.edit FROM edits e JOIN documents l ON l.id = e.edit
        WHERE e.id = d.id AND l.superseded_by IS NULL
    ), d.superseded_by)) AS superseded_by,
    coalesce(d.model, '') <> '' AS scored,
    d.state = 'analysed' AS analysed, o.heard_at AS open_at, o.scored AS open_scored,
    o.news AS open_news,
    EXISTS (SELECT 1 FROM hearings h WHERE h.document_id = q.document_id) AS was_heard
FROM hearing_queue q
JOIN documents d ON d.id = q.document_id
LEFT JOIN hearings o ON o.document_id = q.document_id AND o.until IS NULL
ORDER BY d.superseded_by IS NOT NULL, d.rowid
"""
# News is what was not yet there when its feed was first read.
IS_NEWS = """
SELECT EXISTS (
    SELECT 1 FROM entry_documents l JOIN entries e ON e.id = l.entry_id
    WHERE l.document_id = ? AND e.first_seen_at > (
        SELECT min(p.at) FROM polls p
        WHERE p.feed_url = e.feed_url AND p.outcome = 'ok'
    )
)
"""
# Published since its feed was read before: late or not, nobody was told. A day is allowed
# for times that are no more than dates. While the monitor ran for longer than any feed
# is left alone, and did not ask this one, it was not watched.
IS_UNREAD = """
SELECT EXISTS (
    SELECT 1 FROM documents d JOIN (
        SELECT
            coalesce(e.queued_at, e.first_seen_at) AS seen_at,
            (SELECT max(p.at) FROM polls p WHERE p.feed_url = e.feed_url
                AND p.at < coalesce(e.queued_at, e.first_seen_at)
                AND p.outcome IN ('ok', 'not_modified')) AS read_at,
            (SELECT max(p.at) FROM polls p WHERE p.feed_url = e.feed_url
                AND p.at < coalesce(e.queued_at, e.first_seen_at)) AS asked_at
        FROM entry_documents l JOIN entries e ON e.id = l.entry_id
        WHERE l.document_id = :id
    ) s
    WHERE d.id = :id
    AND d.published_at > strftime('%Y-%m-%dT%H:%M:%SZ', s.read_at, '-1 day')
    AND NOT EXISTS (
        -- Feeds first: of each only these days are looked at, not every poll there was.
        SELECT 1 FROM feeds f CROSS JOIN polls p ON p.feed_url = f.url
        WHERE p.at > strftime('%Y-%m-%dT%H:%M:%SZ', s.asked_at, '+8 days')
        AND p.at < strftime('%Y-%m-%dT%H:%M:%SZ', s.seen_at, '-1 day')
    )
)
"""


class Hearings:
    """The queue between analysis and alerts."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def hear(self, *, now: datetime) -> datetime | None:
        """Take in what is due; the moment at which that was, None if nothing is news.

        Belongs into the transaction that records the alerts. Moments go forward when
        the clock goes back, but for one that was ahead by more than `AHEAD`.
        """
        with self.store.transaction() as connection:
            due = connection.execute(DUE).fetchall()
            if not due:
                return None
            at = self._moment(connection, now)
            edits = {
                row["superseded_by"]
                for row in due
                if row["superseded_by"] and row["was_heard"]
            }
            heard = [self._hear(connection, row, at, edits) for row in due]
        return at if any(heard) else None

    def _moment(self, connection: sqlite3.Connection, now: datetime) -> datetime:
        (latest,) = connection.execute(
            "SELECT max(heard_at) FROM hearings WHERE heard_at <= ?", [iso(now + AHEAD)]
        ).fetchone()
        last, now = moment(latest), now.replace(microsecond=0)
        return now if last is None else max(now, last + SECOND)

    def _hear(
        self,
        connection: sqlite3.Connection,
        row: sqlite3.Row,
        at: datetime,
        edits: Collection[str],
    ) -> bool:
        """Begin or end a hearing; whether it is news now."""
        if row["superseded_by"] is not None:
            if row["open_at"] is None or _is_heard(connection, row["superseded_by"]):
                self._end(connection, row["id"], at)
                self._done(connection, row["id"])
            return False
        if not row["analysed"]:
            # Its analysis is still to come, and puts it here again.
            self._done(connection, row["id"])
            return False
        self._done(connection, row["id"])
        if row["open_at"] is not None:
            if row["open_scored"] or not row["scored"]:
                return False
            self._end(connection, row["id"], at)
            news = bool(row["open_news"])
        else:
            edit = row["was_heard"] or row["id"] in edits
            news = not edit and _is_news(connection, row["id"])
        self.store.table("hearings").insert(
            {
                "document_id": row["id"],
                "heard_at": iso(at),
                "until": None,
                "news": int(news),
                "scored": row["scored"],
                "unread": int(news and _is_unread(connection, row["id"])),
            }
        )
        return news

    def _end(
        self, connection: sqlite3.Connection, document_id: str, at: datetime
    ) -> None:
        connection.execute(
            "UPDATE hearings SET until = ? WHERE document_id = ? AND until IS NULL",
            [iso(at), document_id],
        )

    def _done(self, connection: sqlite3.Connection, document_id: str) -> None:
        connection.execute(
            "DELETE FROM hearing_queue WHERE document_id = ?", [document_id]
        )


def _is_heard(connection: sqlite3.Connection, document_id: str) -> bool:
    sql = "SELECT 1 FROM hearings WHERE document_id = ? AND until IS NULL"
    return connection.execute(sql, [document_id]).fetchone() is not None


def _is_news(connection: sqlite3.Connection, document_id: str) -> bool:
    return bool(connection.execute(IS_NEWS, [document_id]).fetchone()[0])


def _is_unread(connection: sqlite3.Connection, document_id: str) -> bool:
    return bool(connection.execute(IS_UNREAD, {"id": document_id}).fetchone()[0])


def began(connection: sqlite3.Connection) -> datetime | None:
    """When anything was first heard; None if nothing was."""
    row = connection.execute("SELECT min(heard_at) FROM hearings").fetchone()
    return moment(row[0])


def texts(
    connection: sqlite3.Connection, *, since: datetime
) -> Iterator[tuple[str, str, str]]:
    """Id, text and language of documents heard after a moment."""
    rows = connection.execute(
        "SELECT id, text, language FROM documents WHERE id IN "
        "(SELECT document_id FROM hearings WHERE heard_at > ?)",
        [iso(since)],
    )
    for row in rows:
        yield row["id"], row["text"], row["language"]


def heard_of(
    connection: sqlite3.Connection, company: str, *, since: datetime
) -> dict[str, int]:
    """Documents that name a company: heard since then, or still before any rule."""
    row = connection.execute(
        "SELECT count(DISTINCT h.document_id) FILTER (WHERE h.news) AS news, "
        "count(DISTINCT h.document_id) FILTER (WHERE NOT h.news) AS history "
        "FROM hearings h "
        "WHERE h.heard_at > ? AND h.document_id IN "
        "(SELECT document_id FROM mentions WHERE company = ?)",
        [iso(since), company],
    ).fetchone()
    queue = connection.execute(
        "SELECT count(*) FILTER (WHERE state = 'new') AS waiting, "
        "count(*) FILTER (WHERE state = 'quarantined') AS aside "
        "FROM documents WHERE fetched_at > ?",
        [iso(since)],
    ).fetchone()
    return dict(row) | dict(queue)


def watch_from(store: Store, feeds: Sequence[Feed], *, at: datetime) -> None:
    """As if feeds had been read before, and been empty: what they hold is news.

    The feeds must be saved as watched.
    """
    with store.transaction():
        store.table("polls").insert_all(
            {"feed_url": feed.url, "at": iso(at), "outcome": "ok"} for feed in feeds
        )
