"""Opening the database: for the one writer, and for readers who cannot write.

Knows no table but the one that says which migrations ran. SQLite's own errors are turned into `StoreError` here.
"""

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from monitor.errors import StoreError

ADVICE = {
    "unable to open": "check that the folder exists and may be written",
    "readonly": "the file or its folder is read-only for this user",
    "locked": "another program is writing to it; close it and run again",
    "disk is full": "free some space and run again; nothing was lost",
    "disk I/O": "the disk failed; check it before you run again",
    "malformed": "it is damaged; keep the file, and restore a backup or run "
    "`sqlite3 FILE .recover`",
    "not a database": "it is another kind of file; set `database:` to another path",
    "no such table": "it was not made by this program, or by an older one",
}

MAX_RESULT_BYTES = 20_000_000
NEWEST = ("monitor-lateness", "m001_lateness")
"""Set and name of the last migration, without which a reader would miss columns."""
MIGRATIONS_TABLE = "_sqlite_migrations"


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into a `StoreError` that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        text = str(error)
        hints = (hint for sign, hint in ADVICE.items() if sign in text)
        hint = next(hints, None)
        message = f"{path}: {text}" + (f"; {hint}" if hint else "")
        raise StoreError(message, path=str(path)) from error


def open_writer(path: Path) -> sqlite3.Connection:
    """Open for writing, made if it does not exist; one process at a time does so.

    Write-ahead log, so that readers never wait; `synchronous=FULL`, because a commit
    that a power cut takes back could send a mail twice.
    """
    with explained(path):
        connection = sqlite3.connect(path, timeout=60, check_same_thread=False)
        return _set_up(
            connection,
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",
            "PRAGMA foreign_keys=ON",
            "PRAGMA journal_size_limit=67108864",
        )


def _set_up(connection: sqlite3.Connection, *statements: str) -> sqlite3.Connection:
    """Run statements; closes the connection if one fails (another kind of file)."""
    try:
        for statement in statements:
            connection.execute(statement).fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def open_reader(path: Path, *, limit_s: float | None = None) -> sqlite3.Connection:
    """Open read-only: no write, no ATTACH, no extension, `limit_s` per connection.

    `mode=ro` alone would still let ATTACH read other files of the user.
    """
    if not path.exists():
        message = f"{path}: no database yet; `monitor run --once` makes it"
        raise StoreError(message, path=str(path))
    with explained(path):
        uri = f"{path.resolve().as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, timeout=10)
        ran = f"SELECT 1 FROM {MIGRATIONS_TABLE}"  # noqa: S608 - sqlite-utils' own
        _set_up(connection, "PRAGMA query_only=ON", ran)
        newest = f"{ran} WHERE (migration_set, name) = (?, ?)"
        if connection.execute(newest, NEWEST).fetchone() is None:
            connection.close()
            message = (
                f"{path}: made by an older monitor; `monitor run --once` brings it "
                "up to date"
            )
            raise StoreError(message, path=str(path))
    connection.row_factory = sqlite3.Row
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_RESULT_BYTES)
    connection.set_authorizer(_authorise)
    if limit_s is not None:
        deadline = time.monotonic() + limit_s
        connection.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
    return connection


ALLOWED = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}
PRAGMAS = {"table_info", "table_xinfo", "index_list", "data_version"}


def _authorise(
    action: int, first: str | None, second: str | None, *_rest: object
) -> int:
    if action in ALLOWED and second != "load_extension":
        return sqlite3.SQLITE_OK
    # FTS5 asks for data_version inside its own queries.
    if action == sqlite3.SQLITE_PRAGMA and first in PRAGMAS:
        return sqlite3.SQLITE_OK
    # Declaring a virtual table asks to update the schema in memory; no write follows.
    if action == sqlite3.SQLITE_UPDATE and first == "sqlite_master":
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def iso(moment: datetime | None) -> str | None:
    """Aware time to the text that is stored."""
    if moment is None:
        return None
    text = moment.astimezone(UTC).isoformat(timespec="seconds")
    return text.replace("+00:00", "Z")


def moment(text: str | None) -> datetime | None:
    """Stored text to aware time."""
    return None if text is None else datetime.fromisoformat(text)
