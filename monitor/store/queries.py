"""Reads: a connection in, types out. Also whatever SQL a user asks.

Every function takes a connection whose rows have names, the writer's or a reader's.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.errors import StoreError, UnknownNameError
from monitor.store.connection import iso, moment
from monitor.store.rows import (
    to_alert,
    to_alert_evidence,
    to_document,
    to_evidence,
)
from monitor.types import Alert, Amount, Document, Evidence

TRIGRAM = 3
"""Characters that the full-text index needs at least; shorter words are scanned."""

EVIDENCE = """
SELECT
    m.id AS mention_id, m.document_id, m.company, m.sentence, m.score, m.label,
    m.relevance, d.title, d.url, d.source, d.language, d.published_at, d.fetched_at,
    d.tier, coalesce(n.novelty, s.novelty, 1.0) AS novelty,
    coalesce(s.outlet, d.source) AS outlet,
    (SELECT group_concat(DISTINCT theme) FROM theme_hits t
     WHERE t.document_id = d.id) AS themes
FROM documents d
JOIN mentions m ON m.document_id = d.id
LEFT JOIN story_documents s ON s.document_id = d.id
LEFT JOIN story_companies n ON n.document_id = d.id AND n.company = m.company
WHERE d.superseded_by IS NULL
"""


def evidence_known(
    connection: sqlite3.Connection, *, since: datetime, until: datetime
) -> list[Evidence]:
    """Mentions in documents that became known in (since, until], oldest first."""
    rows = connection.execute(
        EVIDENCE + "AND d.fetched_at > ? AND d.fetched_at <= ? "
        "ORDER BY d.fetched_at, m.id",
        [iso(since), iso(until)],
    )
    return [to_evidence(row) for row in rows]


def company_evidence(
    connection: sqlite3.Connection, company: str, *, limit: int
) -> list[Evidence]:
    """Latest mentions of a company, newest first."""
    rows = connection.execute(
        EVIDENCE + "AND m.company = ? ORDER BY d.published_at DESC, m.id LIMIT ?",
        [company, limit],
    )
    return [to_evidence(row) for row in rows]


def alerts(
    connection: sqlite3.Connection, *, since: datetime | None = None
) -> list[Alert]:
    """Alerts fired after `since`, newest first, with their evidence."""
    rows = connection.execute(
        "SELECT * FROM alerts WHERE fired_at > ? ORDER BY fired_at DESC, id",
        [iso(since) or ""],
    ).fetchall()
    return [to_alert(row, told_evidence(connection, row["id"])) for row in rows]


def told_evidence(
    connection: sqlite3.Connection, alert_id: str
) -> tuple[Evidence, ...]:
    """What an alert was told with, the strongest first."""
    rows = connection.execute(
        "SELECT * FROM alert_evidence WHERE alert_id = ? ORDER BY position", [alert_id]
    )
    return tuple(to_alert_evidence(row) for row in rows)


def documents_known(
    connection: sqlite3.Connection, *, since: datetime, until: datetime
) -> int:
    """How many documents became known in (since, until]."""
    row = connection.execute(
        "SELECT count(*) FROM documents WHERE superseded_by IS NULL "
        "AND fetched_at > ? AND fetched_at <= ?",
        [iso(since), iso(until)],
    ).fetchone()
    return int(row[0])


def first_known(connection: sqlite3.Connection) -> datetime | None:
    """When the first document became known; None if there is none."""
    row = connection.execute("SELECT min(fetched_at) FROM documents").fetchone()
    return moment(row[0])


def documents(connection: sqlite3.Connection, *, since: datetime) -> Iterator[Document]:
    """Documents published after `since`, newest first."""
    rows = connection.execute(
        "SELECT * FROM documents WHERE superseded_by IS NULL AND published_at > ? "
        "ORDER BY published_at DESC, rowid",
        [iso(since)],
    )
    return map(to_document, rows)


def theme_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """By theme, in how many documents it was found."""
    rows = connection.execute(
        "SELECT t.theme, count(DISTINCT d.id) FROM theme_hits t "
        "JOIN documents d ON d.id = t.document_id AND d.superseded_by IS NULL "
        "GROUP BY t.theme"
    )
    return dict(map(tuple, rows))


def amounts_known(
    connection: sqlite3.Connection, *, since: datetime, until: datetime
) -> list[Amount]:
    """Amounts in sentences that name a company, of documents known in (since, until].

    An amount belongs to the nearest company of its sentence; the largest of a kind
    first.
    """
    rows = connection.execute(
        "SELECT DISTINCT q.text, q.kind, q.normalised, q.normalised_unit AS unit, "
        "m.company, m.sentence, d.url FROM documents d "
        "JOIN quantities q ON q.document_id = d.id "
        "JOIN mentions m ON m.document_id = d.id AND m.company = q.company "
        "AND instr(m.sentence, q.text) "
        "WHERE d.superseded_by IS NULL AND d.fetched_at > ? AND d.fetched_at <= ? "
        "ORDER BY q.kind, q.normalised DESC, m.company",
        [iso(since), iso(until)],
    )
    return [Amount(**dict(row)) for row in rows]


def unread(connection: sqlite3.Connection) -> tuple[int, datetime | None, int]:
    """Documents that wait for analysis, since when, and those that were put aside."""
    row = connection.execute(
        "SELECT count(*) FILTER (WHERE state = 'new') AS waiting, "
        "min(fetched_at) FILTER (WHERE state = 'new') AS oldest, "
        "count(*) FILTER (WHERE state = 'quarantined') AS aside "
        "FROM documents WHERE superseded_by IS NULL AND state <> 'analysed'"
    ).fetchone()
    return row["waiting"], moment(row["oldest"]), row["aside"]


def ill_feeds(
    connection: sqlite3.Connection, *, failures: int = 3
) -> list[tuple[str, str]]:
    """Title and last error of feeds that failed so often in a row, or are gone.

    One that never answered (its address may be wrong) is ill from its first failure.
    """
    rows = connection.execute(
        "SELECT title, last_error FROM feed_health f WHERE failures >= ? OR disabled "
        "OR failures > 0 AND NOT EXISTS (SELECT 1 FROM polls p WHERE p.feed_url = f.url "
        "AND p.outcome IN ('ok', 'not_modified')) ORDER BY title",
        [failures],
    )
    return [(row["title"], row["last_error"] or "gone (410)") for row in rows]


def company_table(
    connection: sqlite3.Connection, *, since: datetime, until: datetime
) -> list[dict[str, Any]]:
    """Per company with mentions in (since, until]: counts, score, themes."""
    rows = connection.execute(
        "SELECT m.company, c.name, c.name_ko, c.role, c.ticker, count(*) AS mentions, "
        "count(DISTINCT d.id) AS documents, "
        "count(DISTINCT coalesce(s.outlet, d.source)) AS sources, "
        "sum(m.label = 'negative') AS negative, sum(m.label = 'neutral') AS neutral, "
        "sum(m.label = 'positive') AS positive, round(avg(m.score), 3) AS score "
        "FROM documents d JOIN mentions m ON m.document_id = d.id "
        "JOIN companies c ON c.id = m.company "
        "LEFT JOIN story_documents s ON s.document_id = d.id "
        "WHERE d.superseded_by IS NULL AND d.published_at > ? AND d.published_at <= ? "
        "GROUP BY m.company ORDER BY mentions DESC, m.company",
        [iso(since), iso(until)],
    )
    return [dict(row) for row in rows]


def company_days(
    connection: sqlite3.Connection, company: str, *, since: datetime
) -> list[dict[str, Any]]:
    """Rows of `company_day` for one company, oldest first."""
    rows = connection.execute(
        "SELECT * FROM company_day WHERE company = ? AND day >= ? ORDER BY day",
        [company, (iso(since) or "")[:10]],
    )
    return [dict(row) for row in rows]


def company_themes(
    connection: sqlite3.Connection, company: str
) -> list[dict[str, Any]]:
    """Rows of `company_theme` for one company, most documents first."""
    rows = connection.execute(
        "SELECT * FROM company_theme WHERE company = ? ORDER BY documents DESC, theme",
        [company],
    )
    return [dict(row) for row in rows]


def find_company(connection: sqlite3.Connection, text: str) -> str | None:
    """Id of the company with this id, ticker or name (English or Korean)."""
    row = connection.execute(
        "SELECT id FROM companies WHERE lower(:text) IN "
        "(lower(id), lower(ticker), lower(name), name_ko) ORDER BY watched DESC",
        {"text": text},
    ).fetchone()
    return None if row is None else str(row["id"])


def known_company(connection: sqlite3.Connection, text: str) -> str:
    """The same; UnknownNameError with what was perhaps meant if there is none."""
    found = find_company(connection, text)
    if found is None:
        watched = connection.execute(
            "SELECT id FROM companies WHERE watched ORDER BY id"
        )
        ids = [str(row["id"]) for row in watched]
        known = company_names(connection)
        raise UnknownNameError("watched company", text, known, listed=ids)
    return found


def company_name(connection: sqlite3.Connection, company: str) -> str:
    """Its name in English and, where known, in Korean."""
    row = connection.execute(
        "SELECT name, name_ko FROM companies WHERE id = ?", [company]
    ).fetchone()
    return both_names(row["name"], row["name_ko"])


def both_names(name: str, korean: str | None) -> str:
    """`Vertiv 버티브`; once where both are the same (`xAI`)."""
    return f"{name} {korean}" if korean and korean != name else name


def company_names(connection: sqlite3.Connection) -> list[str]:
    """Every id, ticker and name by which a company can be asked for."""
    rows = connection.execute("SELECT id, ticker, name, name_ko FROM companies")
    return [value for row in rows for value in row if value]


def feed_health(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Rows of the view, ill feeds first."""
    rows = connection.execute(
        "SELECT * FROM feed_health ORDER BY failures DESC, disabled DESC, title"
    )
    return [dict(row) for row in rows]


def search(
    connection: sqlite3.Connection, words: str, *, limit: int
) -> list[dict[str, Any]]:
    """Documents that contain every word (any substring counts), newest first."""
    parts = words.split()
    indexed = [part for part in parts if len(part) >= TRIGRAM]
    scanned = [part for part in parts if len(part) < TRIGRAM]
    where = ["superseded_by IS NULL"]
    values: list[Any] = []
    if indexed:
        match = " ".join('"' + part.replace('"', '""') + '"' for part in indexed)
        where.append(
            "d.rowid IN (SELECT rowid FROM documents_fts WHERE documents_fts MATCH ?)"
        )
        values.append(match)
    for part in scanned:
        where.append("instr(lower(d.text), lower(?))")
        values.append(part)
    sql = (
        "SELECT d.published_at, d.title, d.source, d.url, d.language, d.id "
        "FROM documents d WHERE " + " AND ".join(where) + " "
        "ORDER BY d.published_at DESC LIMIT ?"
    )
    rows = connection.execute(sql, [*values, limit])
    return [dict(row) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Rows of a user's query; `truncated` if there were more."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    truncated: bool


def ask(
    connection: sqlite3.Connection,
    sql: str,
    parameters: Sequence[str] = (),
    *,
    limit: int,
) -> Result:
    """Run a user's SQL on a reader; what is wrong with it is a `StoreError`."""
    try:
        cursor = connection.execute(sql, parameters)
        rows = [tuple(row) for row in _up_to(cursor, limit + 1)]
    except (sqlite3.Error, sqlite3.Warning, UnicodeError) as error:
        raise StoreError(_plain(error), path="query") from error
    columns = tuple(column[0] for column in cursor.description or ())
    return Result(columns=columns, rows=rows[:limit], truncated=len(rows) > limit)


def _up_to(cursor: sqlite3.Cursor, limit: int) -> Iterator[sqlite3.Row]:
    for _ in range(limit):
        row = cursor.fetchone()
        if row is None:
            return
        yield row


def _plain(error: Exception) -> str:
    text = str(error)
    if "interrupted" in text:
        return "the query took too long and was stopped; narrow it or raise --timeout"
    if "not authorized" in text or "authorization denied" in text:
        return "only reading is allowed here: SELECT from tables and views"
    if "no such table" in text or "no such column" in text:
        return f"{text}; `monitor query` without SQL lists tables and columns"
    return text


def tables(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Tables and views that a person would ask, with their columns."""
    names = connection.execute(
        "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') "
        "AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_%' ESCAPE '\\' "
        "AND name NOT LIKE 'documents_fts_%' ORDER BY type DESC, name"
    ).fetchall()
    found = []
    for name, kind in names:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
        found.append({"name": name, "type": kind, "columns": columns})
    return found
