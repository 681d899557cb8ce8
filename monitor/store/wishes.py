"""What people ask of alerts: mutes and acknowledgements."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from monitor.errors import StoreError, StoreLockedError
from monitor.store.connection import explained, iso, open_writer
from monitor.store.rows import known
from monitor.store.store import Store
from monitor.types import Acknowledgement, Mute


def mutes(connection: sqlite3.Connection) -> list[Mute]:
    """All mutes, past ones too: a rehearsal asks what was muted then."""
    rows = connection.execute("SELECT * FROM mutes ORDER BY since, target")
    return [
        Mute(
            target=row["target"],
            since=known(row["since"]),
            until=known(row["until"]),
        )
        for row in rows
    ]


def acknowledgements(connection: sqlite3.Connection) -> list[Acknowledgement]:
    """All acknowledgements, oldest first."""
    rows = connection.execute(
        "SELECT id, rule, by, subject, topics, acknowledged_at FROM alerts "
        "WHERE acknowledged_at IS NOT NULL ORDER BY acknowledged_at, id"
    )
    return [
        Acknowledgement(
            alert_id=row["id"],
            rule=row["rule"],
            by=row["by"],
            subject=row["subject"],
            topics=tuple(json.loads(row["topics"])),
            at=known(row["acknowledged_at"]),
        )
        for row in rows
    ]


class Wishes:
    """Writes of what people ask of alerts, each one short transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def mute(self, target: str, *, until: datetime, now: datetime) -> None:
        """Mute a company, theme or rule; one that is muted is muted until then."""
        with self.connection:
            self._end(target, now)
            self.connection.execute(
                "INSERT OR REPLACE INTO mutes VALUES (?, ?, ?)",
                [target, iso(now), iso(until)],
            )

    def unmute(self, target: str, *, now: datetime) -> bool:
        """End a mute; False if it was not muted."""
        with self.connection:
            return self._end(target, now)

    def _end(self, target: str, now: datetime) -> bool:
        ended = self.connection.execute(
            "UPDATE mutes SET until = :now WHERE target = :target AND until > :now",
            {"now": iso(now), "target": target},
        )
        return ended.rowcount > 0

    def acknowledge(self, alert_id: str, *, now: datetime) -> str:
        """Mark an alert as seen; its full id. The beginning of an id will do.

        Raises StoreError if there is none, or more than one, that begins so.
        """
        with self.connection:
            found = find(self.connection, alert_id)
            self.connection.execute(
                "UPDATE alerts SET acknowledged_at = ? WHERE id = ?", [iso(now), found]
            )
        return found


@contextmanager
def opened(path: Path) -> Iterator[Wishes]:
    """Open a database for wishes, also beside a monitor that runs.

    That holds the lock for as long as it runs; a wish is so short that it only has to
    wait for SQLite's own.
    """
    if not path.exists():
        message = f"{path}: no database yet; `monitor run --once` makes it"
        raise StoreError(message, path=str(path))
    with suppress(StoreLockedError), Store(path):
        pass  # where nobody runs, an older file gets the tables first
    with explained(path), closing(open_writer(path)) as connection:
        connection.row_factory = sqlite3.Row
        yield Wishes(connection)


def find(connection: sqlite3.Connection, alert_id: str) -> str:
    """The id of the alert that begins so; StoreError if it is not just one."""
    rows = connection.execute(
        "SELECT id FROM alerts WHERE substr(id, 1, length(:id)) = :id LIMIT 2",
        {"id": alert_id},
    ).fetchall()
    if len(rows) == 1:
        return str(rows[0]["id"])
    what = "more than one alert begins" if rows else "no alert begins"
    message = f"{what} with {alert_id!r}; `monitor alerts list` shows their ids"
    raise StoreError(message, path="alerts")
