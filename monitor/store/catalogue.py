"""The catalogue of listed companies, in the database.

Does not fetch the lists, nor decide under which names a company is looked for.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.errors import StoreError
from monitor.store.connection import iso
from monitor.store.store import Store
from monitor.types import Listing

_NAMES = (
    "(ticker || ' ' || name || ifnull(json_extract(nullif(known, ''), '$.name'), '') || "
    "ifnull(json_extract(nullif(known, ''), '$.aliases'), ''))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A listing with what feeds.yaml as it ships knows of the company."""

    listing: Listing
    known: str
    """A Company as JSON; empty for most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """One list, as it was loaded last."""

    market: str
    companies: int
    loaded_at: str


class Catalogue:
    """Writes the catalogue."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def replace(
        self,
        listings: Sequence[Listing],
        *,
        known: dict[tuple[str, str], str],
        now: datetime,
    ) -> None:
        """Put these in place of all that was listed on their markets.

        `known` is by market and ticker.
        """
        rows = [
            {
                "market": one.market,
                "ticker": one.ticker,
                "name": one.name,
                "exchange": one.exchange,
                "cik": one.cik,
                "known": known.get((one.market, one.ticker), ""),
                "loaded_at": iso(now),
            }
            for one in listings
        ]
        with self.store.transaction() as connection:
            for market in sorted({one.market for one in listings}):
                connection.execute("DELETE FROM catalogue WHERE market = ?", [market])
            self.store.table("catalogue").insert_all(rows)


def loaded(connection: sqlite3.Connection) -> list[Loaded]:
    """Which lists are there; none in a database of an older monitor."""
    try:
        rows = connection.execute(
            "SELECT market, count(*) AS companies, max(loaded_at) AS loaded_at "
            "FROM catalogue GROUP BY market ORDER BY market DESC"
        ).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return []
        raise StoreError(str(error), path="catalogue") from error
    return [Loaded(**dict(row)) for row in rows]


def every(connection: sqlite3.Connection) -> list[Entry]:
    """The whole catalogue."""
    rows = connection.execute("SELECT * FROM catalogue ORDER BY market DESC, ticker")
    return [_entry(row) for row in rows]


def search(
    connection: sqlite3.Connection, words: str, *, limit: int
) -> list[dict[str, Any]]:
    """Listings with all these words in ticker or names, shortest first."""
    where = " AND ".join([f"{_NAMES} LIKE ? ESCAPE '\\'"] * len(words.split()))
    rows = connection.execute(
        "SELECT ticker, name, exchange, cik, market FROM catalogue "  # noqa: S608 - ours
        f"WHERE {where or '1'} ORDER BY length(name), ticker LIMIT ?",
        [*(f"%{_escaped(word)}%" for word in words.split()), limit],
    )
    return [dict(row) for row in rows]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _entry(row: sqlite3.Row) -> Entry:
    listing = Listing(
        market=row["market"],
        ticker=row["ticker"],
        name=row["name"],
        exchange=row["exchange"],
        cik=row["cik"],
    )
    return Entry(listing=listing, known=row["known"])
