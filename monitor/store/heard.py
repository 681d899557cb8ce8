"""Reads: documents as alert rules knew them, with what each kind of rule asks of them.

A connection in, `Heard` out; what no rule asks for is not read. Writing is done by
`hearings`.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from monitor.store.connection import iso, moment
from monitor.store.rows import known
from monitor.types import Amount, Evidence, Heard, Patterns

EXCERPT = 160
"""Characters on either side of an amount that stands beside no company."""

HEARD = """
SELECT
    h.heard_at, h.until, h.news, h.scored, d.fetched_at, d.published_at,
    d.id, d.kind, d.url, d.title, d.source, d.tier, d.language,
    d.form, d.items, d.accession_no, d.cik
FROM hearings h JOIN documents d ON d.id = h.document_id
WHERE h.heard_at > :since
"""
# As if each document had been read the moment it was published.
PUBLISHED = """
SELECT
    d.published_at AS heard_at, NULL AS until, 1 AS news, 1 AS scored,
    d.published_at AS fetched_at, d.published_at,
    d.id, d.kind, d.url, d.title, d.source, d.tier, d.language,
    d.form, d.items, d.accession_no, d.cik
FROM documents d
WHERE d.published_at > :since AND d.superseded_by IS NULL AND d.state = 'analysed'
"""
NAMED = """
AND (d.cik IS NOT NULL OR EXISTS (SELECT 1 FROM mentions m WHERE m.document_id = d.id))
"""
ABOUT = """
AND d.id IN (
    SELECT document_id FROM mentions
    WHERE company IN (SELECT value FROM json_each(:companies))
    UNION SELECT document_id FROM theme_hits
    WHERE theme IN (SELECT value FROM json_each(:themes))
    UNION SELECT id FROM documents WHERE cik IN (
        SELECT cik FROM companies WHERE id IN (SELECT value FROM json_each(:companies))
    )
)
"""
MENTIONS = """
SELECT m.document_id, m.id, m.company, m.sentence, m.score, m.label, m.relevance
FROM mentions m WHERE m.document_id IN (SELECT id FROM wanted) ORDER BY m.document_id, m.id
"""
THEMES = """
SELECT DISTINCT document_id, theme FROM theme_hits
WHERE document_id IN (SELECT id FROM wanted) ORDER BY document_id, theme
"""
NAMES = """
SELECT DISTINCT document_id, label, text FROM entities
WHERE document_id IN (SELECT id FROM wanted) ORDER BY document_id, text, label
"""
AMOUNTS = """
SELECT
    q.document_id, q.text, q.kind, q.normalised, q.normalised_unit AS unit,
    substr(d.text, max(q.start_char - :excerpt, 0) + 1, :excerpt * 2) AS excerpt
FROM quantities q JOIN documents d ON d.id = q.document_id
WHERE q.document_id IN (SELECT id FROM wanted)
AND q.normalised_unit IN (SELECT value FROM json_each(:units))
ORDER BY q.document_id, q.start_char
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What rules ask of documents, besides who is named and how."""

    nameless: bool = False
    """Also documents that name no watched company."""
    names: bool = False
    units: frozenset[str] = frozenset()
    """Of amounts."""
    about: tuple[Collection[str], Collection[str]] | None = None
    """Only documents on one of these companies or themes."""
    keywords: Mapping[str, tuple[tuple[Patterns, str], ...]] = field(
        default_factory=dict
    )
    """What matched in documents, by id: found by whoever can match."""


def heard(
    connection: sqlite3.Connection,
    wish: Wish,
    *,
    since: datetime,
    as_published: bool = False,
) -> list[Heard]:
    """Documents heard after `since`, oldest first.

    `as_published` takes each as heard when it was published: for history that was
    loaded afterwards.
    """
    sql = PUBLISHED if as_published else HEARD
    values: dict[str, Any] = {"since": iso(since)}
    if not wish.nameless:
        sql += NAMED
    if wish.about is not None:
        sql += ABOUT
        values["companies"], values["themes"] = (json.dumps([*it]) for it in wish.about)
    rows = connection.execute(f"{sql} ORDER BY heard_at, d.id", values).fetchall()
    parts = _Parts(connection, wish, sql, values)
    return [parts.heard(row) for row in rows]


class _Parts:
    """What belongs to documents, by their ids."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        wish: Wish,
        sql: str,
        values: dict[str, Any],
    ) -> None:
        self.wish = wish

        def ask(query: str, **more: Any) -> dict[str, list[sqlite3.Row]]:
            wanted = f"WITH wanted AS (SELECT DISTINCT id FROM ({sql}))"  # noqa: S608 - ours
            rows = connection.execute(wanted + query, values | more)
            return {
                key: list(group)
                for key, group in groupby(rows, key=itemgetter("document_id"))
            }

        self.mentions = ask(MENTIONS)
        self.themes = {
            key: tuple(row["theme"] for row in rows)
            for key, rows in ask(THEMES).items()
        }
        self.names = ask(NAMES) if wish.names else {}
        units = json.dumps(sorted(wish.units))
        self.amounts = ask(AMOUNTS, units=units, excerpt=EXCERPT) if wish.units else {}
        watched = connection.execute("SELECT cik, id FROM companies WHERE cik NOT NULL")
        self.filers = {row["cik"]: row["id"] for row in watched}

    def heard(self, row: sqlite3.Row) -> Heard:
        key = row["id"]
        published_at, fetched_at = known(row["published_at"]), known(row["fetched_at"])
        themes = self.themes.get(key, ())
        mentions = tuple(self._evidence(row, published_at, fetched_at, themes))
        names = self.names.get(key, ())
        return Heard(
            document_id=key,
            kind=row["kind"],
            source=row["source"],
            tier=row["tier"],
            language=row["language"],
            published_at=published_at,
            fetched_at=fetched_at,
            heard_at=known(row["heard_at"]),
            until=moment(row["until"]),
            news=bool(row["news"]),
            mentions=mentions,
            themes=themes,
            form=row["form"],
            items=tuple(json.loads(row["items"])) if row["items"] else (),
            accession_no=row["accession_no"],
            names=tuple((it["label"], it["text"]) for it in names),
            amounts=tuple(self._amounts(key, mentions)),
            keywords=self.wish.keywords.get(key, ()),
        )

    def _evidence(
        self,
        row: sqlite3.Row,
        published_at: datetime,
        fetched_at: datetime,
        themes: tuple[str, ...],
    ) -> Iterator[Evidence]:
        """Mentions; and, as number 0, whom only the header names, or nobody."""
        found = self.mentions.get(row["id"], [])
        filer = self.filers.get(row["cik"], "")
        lines: list[Mapping[str, Any]] = [dict(it) for it in found]
        if not found or (filer and all(it["company"] != filer for it in found)):
            lines.append(
                {"id": 0, "company": filer, "sentence": row["title"], "relevance": 1.0}
            )
        for line in lines:
            yield Evidence(
                mention_id=line["id"],
                document_id=row["id"],
                company=line["company"],
                sentence=line["sentence"],
                score=line.get("score") if row["scored"] else None,
                label=line.get("label") if row["scored"] else None,
                title=row["title"],
                url=row["url"],
                source=row["source"],
                language=row["language"],
                published_at=published_at,
                fetched_at=fetched_at,
                themes=themes,
                relevance=line["relevance"],
                tier=row["tier"],
            )

    def _amounts(self, key: str, mentions: Iterable[Evidence]) -> Iterator[Amount]:
        """Amounts with the companies of their sentences; or with none."""
        for row in self.amounts.get(key, ()):
            beside = {
                item.company: item.sentence
                for item in mentions
                if item.mention_id and row["text"] in item.sentence
            }
            for company, sentence in (beside or {"": _sentence(row)}).items():
                yield Amount(
                    text=row["text"],
                    kind=row["kind"],
                    normalised=row["normalised"],
                    unit=row["unit"],
                    company=company,
                    sentence=sentence,
                    url="",
                )


def _sentence(row: sqlite3.Row) -> str:
    """The line around an amount."""
    before, _, after = row["excerpt"].partition(row["text"])
    found: str = row["text"]
    return str(before).rpartition("\n")[2] + found + str(after).partition("\n")[0]


def named_at(connection: sqlite3.Connection, at: datetime) -> tuple[set[str], set[str]]:
    """Companies and themes of what is news at a moment."""
    companies = connection.execute(
        "SELECT m.company FROM hearings h JOIN mentions m "
        "ON m.document_id = h.document_id WHERE h.heard_at = :at AND h.news "
        "UNION SELECT c.id FROM hearings h JOIN documents d ON d.id = h.document_id "
        "JOIN companies c ON c.cik = d.cik WHERE h.heard_at = :at AND h.news",
        {"at": iso(at)},
    )
    themes = connection.execute(
        "SELECT DISTINCT t.theme FROM hearings h JOIN theme_hits t "
        "ON t.document_id = h.document_id WHERE h.heard_at = ? AND h.news",
        [iso(at)],
    )
    return {row[0] for row in companies}, {row[0] for row in themes}
