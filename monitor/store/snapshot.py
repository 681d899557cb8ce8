"""A copy of a database as it is at this moment, for what must leave no trace."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor.store.connection import explained, open_reader


@contextmanager
def snapshot(path: Path) -> Iterator[Path]:
    """A copy beside the database, gone at the end; none of one that is not there yet.

    Beside it, since it may be large, and a temporary folder is often in memory.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent, prefix=".dry-run-") as folder:
        copy = Path(folder) / path.name
        if path.exists():
            with (
                explained(path),
                closing(open_reader(path)) as original,
                closing(sqlite3.connect(copy)) as new,
            ):
                original.backup(new)
        yield copy
