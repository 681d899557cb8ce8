"""The database as its one writer holds it: lock, migrations, transactions.

Does not know the stages: `entries.py`, `documents.py` and `outbox.py` are the queues
between them. A stage asks a queue for what is due, works outside any transaction, and
hands back its result, which is written together with "done".
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Self, cast

from filelock import FileLock, Timeout
from sqlite_utils import Database, Migrations
from sqlite_utils.db import Table

from monitor.errors import StoreError, StoreLockedError
from monitor.store import (
    m002_filings,
    m003_edgar,
    m004_alerts,
    m005_delivery,
    m006_catalogue,
    m007_stories,
    m008_outcomes,
    m009_wording,
    m010_topics,
    m011_lateness,
    schema,
)
from monitor.store.connection import explained, open_writer
from monitor.store.rows import feed_row
from monitor.store.schema import APPLICATION_ID
from monitor.types import Company, Feed, Theme

MIGRATIONS = (
    schema.migrations,
    m002_filings.migrations,
    m003_edgar.migrations,
    m004_alerts.migrations,
    m005_delivery.migrations,
    m006_catalogue.migrations,
    m007_stories.migrations,
    m008_outcomes.migrations,
    m009_wording.migrations,
    m010_topics.migrations,
    m011_lateness.migrations,
)
"""Applied in this order, each set from where it stopped."""


class Store:
    """The one writer of a database; a second one is refused."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = FileLock(f"{path}.lock", timeout=0)
        self._take_lock()
        try:
            with explained(path), ExitStack() as failed:
                self.db = Database(failed.enter_context(closing(open_writer(path))))
                self.db.conn.row_factory = sqlite3.Row
                self._migrate()
                failed.pop_all()
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        self.db.close()
        self._lock.release()

    def _take_lock(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout as error:
            message = (
                f"{self.path}: another monitor is running on this database; "
                "stop it first, or set another `database:` for this one"
            )
            raise StoreLockedError(message, path=str(self.path)) from error
        except OSError as error:
            message = f"{self.path}.lock: {error.strerror}; check its folder"
            raise StoreError(message, path=str(self.path)) from error

    def _migrate(self) -> None:
        with closing(Database(memory=True)) as empty:
            known = {
                (one.name, step.name)
                for one in MIGRATIONS
                for step in one.pending(empty)
            }
        applied = self._applied()
        if newer := {step for _, step in applied - known}:
            message = (
                f"{self.path}: made by a newer monitor ({', '.join(sorted(newer))}); "
                "upgrade this one"
            )
            raise StoreError(message, path=str(self.path))
        if known - applied:
            for one in MIGRATIONS:
                one.apply(self.db)
            self.db.execute(f"PRAGMA application_id={APPLICATION_ID}")

    def _applied(self) -> set[tuple[str, str]]:
        """Set and name of every migration that ran, those of newer versions too."""
        table = Migrations.migrations_table
        if table not in self.db.table_names():
            return set()
        rows = self.rows(f"SELECT migration_set, name FROM {table}")  # noqa: S608 - theirs
        return {(row["migration_set"], row["name"]) for row in rows}

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction; SQLite's errors come out as `StoreError`.

        It begins as a writer: one that only reads first could not become one after a
        wish was written (`wishes`), and the whole of it would have to be done again.
        """
        connection = self.db.conn
        with explained(self.path), ExitStack() as stack:
            if connection.in_transaction:
                stack.enter_context(self.db.atomic())
            else:
                connection.execute("BEGIN IMMEDIATE")
                stack.enter_context(connection)
            yield connection

    def table(self, name: str) -> Table:
        return cast("Table", self.db[name])

    def rows(
        self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()
    ) -> list[sqlite3.Row]:
        with explained(self.path):
            return self.db.conn.execute(sql, parameters).fetchall()

    # --- what is watched

    def save_watched(
        self,
        *,
        feeds: Sequence[Feed],
        companies: Sequence[Company],
        themes: Sequence[Theme],
    ) -> None:
        """Copy what feeds.yaml watches; what it watched before stays, unwatched."""
        company_rows = [
            {
                "id": company.id,
                "name": company.name,
                "name_ko": next(iter(company.aliases.get("ko", ())), None),
                "ticker": company.ticker,
                "exchange": company.exchange,
                "cik": company.cik,
                "role": company.role,
                "watched": 1,
            }
            for company in companies
        ]
        theme_rows = [
            {
                "id": theme.id,
                "name": theme.name.get("en", theme.id),
                "name_ko": theme.name.get("ko"),
                "watched": 1,
            }
            for theme in themes
        ]
        with self.transaction() as connection:
            for name in ("feeds", "companies", "themes"):
                connection.execute(f"UPDATE {name} SET watched = 0")  # noqa: S608 - a literal
            self.table("feeds").upsert_all(map(feed_row, feeds), pk="url")
            self.table("companies").upsert_all(company_rows, pk="id")
            self.table("themes").upsert_all(theme_rows, pk="id")


def insert_or_ignore(table: str, row: dict[str, Any]) -> str:
    """SQL that inserts a row of named values unless its key is there already."""
    columns = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    return f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({values})"  # noqa: S608 - ours
