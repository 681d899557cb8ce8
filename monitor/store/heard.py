"""Reads: documents as alert rules knew them, with what each kind of rule asks of them.

A connection in, `Heard` out; what no rule asks for is not read. Writing is done by
`hearings`.
"""

import json
import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from monitor.store.connection import iso, moment
from monitor.store.rows import known
from monitor.types import Amount, DocumentKind, Heard, HeardMention, Patterns

EXCERPT = 160
"""Characters on either side of an amount that stands beside no company."""

_GOES_BEFORE = re.compile(r"(?:[A-Za-z\d]|\d[.,])\Z")
_GOES_ON = re.compile(r"[.,]?\d")

HEARD = """
SELECT
    h.heard_at, h.until, h.news, h.scored, h.unread, d.fetched_at, d.published_at,
    NOT EXISTS (
        SELECT 1 FROM hearings e
        WHERE e.document_id = h.document_id AND e.heard_at < h.heard_at
    ),
    d.id, d.kind, d.url, d.title, d.source, d.tier, d.language,
    d.form, d.items, d.accession_no, d.cik,
    coalesce(s.outlet, d.source) AS outlet, coalesce(s.novelty, 1.0) AS novelty
FROM {joined}
LEFT JOIN story_documents s INDEXED BY story_documents_told ON s.document_id = d.id
WHERE h.heard_at > :since
"""
JOINED = "hearings h JOIN documents d ON d.id = h.document_id"
# Takes less than half the time where most documents are wanted.
JOINED_IN_FILE_ORDER = "documents d CROSS JOIN hearings h ON h.document_id = d.id"
WANTS_MOST = """
SELECT count(*) > (SELECT count(*) FROM hearings) / 2
FROM hearings WHERE heard_at > :since
"""
# As if each document had been read the moment it was published.
PUBLISHED = """
SELECT
    d.published_at AS heard_at, NULL, 1, 1, 0, d.published_at, d.published_at, 1,
    d.id, d.kind, d.url, d.title, d.source, d.tier, d.language,
    d.form, d.items, d.accession_no, d.cik,
    coalesce(s.outlet, d.source) AS outlet, coalesce(s.novelty, 1.0) AS novelty
FROM documents d
LEFT JOIN story_documents s INDEXED BY story_documents_told ON s.document_id = d.id
WHERE d.published_at > :since AND d.superseded_by IS NULL AND d.state = 'analysed'
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
# Without `about` nearly all rows are wanted, and a scan is faster than an index.
SCANNED = """
+document_id IN (SELECT document_id FROM hearings WHERE heard_at > :since)
"""
SCANNED_PUBLISHED = """
+document_id IN (SELECT id FROM documents WHERE published_at > :since)
"""
MENTIONS = """
SELECT document_id, id, company, sentence, score, label, relevance FROM mentions
WHERE {wanted} ORDER BY id
"""
# Of most documents the novelty for a company is that of the document.
NOVELTIES = """
SELECT document_id, company, c.novelty
FROM story_companies c
JOIN story_documents s INDEXED BY story_documents_told USING (document_id)
WHERE c.novelty <> s.novelty AND {wanted}
"""
FEEDS = """
SELECT f.title, min((
    SELECT p.at FROM polls p WHERE p.feed_url = f.url AND p.outcome = 'ok'
    ORDER BY p.at LIMIT 1
)) AS began FROM feeds f GROUP BY f.title HAVING began IS NOT NULL
"""
THEMES = "SELECT DISTINCT document_id, theme FROM theme_hits WHERE {wanted}"
NAMES = "SELECT DISTINCT document_id, label, text FROM entities WHERE {wanted}"
AMOUNTS = """
SELECT
    q.document_id, q.text, q.kind, q.normalised, q.normalised_unit, q.company,
    substr(d.text, max(q.start_char - :excerpt, 0) + 1, :excerpt * 2)
FROM quantities q JOIN documents d ON d.id = q.document_id
WHERE {wanted} AND q.normalised_unit IN (SELECT value FROM json_each(:units))
ORDER BY q.rowid
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
    values: dict[str, Any] = {"since": iso(since)}
    most = wish.about is None and connection.execute(WANTS_MOST, values).fetchone()[0]
    joined = JOINED_IN_FILE_ORDER if most else JOINED
    sql = PUBLISHED if as_published else HEARD.format(joined=joined)
    wanted = SCANNED_PUBLISHED if as_published else SCANNED
    if wish.about is not None:
        sql += ABOUT
        wanted = f"document_id IN (SELECT id FROM ({sql}))"  # noqa: S608 - ours
        values["companies"], values["themes"] = (json.dumps([*it]) for it in wish.about)
    feeds = [] if as_published else connection.execute(FEEDS)
    read_since = {title: known(at) for title, at in feeds}
    parts = _Parts(connection, wish, wanted, values, read_since)
    found = [
        parts.heard(row)
        for row in map(_Row._make, _rows(connection, sql, values))
        if wish.nameless or row.cik is not None or row.id in parts.mentions
    ]
    return sorted(found, key=lambda it: (it.heard_at, it.document_id))


def _rows(
    connection: sqlite3.Connection, sql: str, values: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """Rows as plain tuples, all at once: there are hundreds of thousands."""
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor.execute(sql, values).fetchall()


class _Row(NamedTuple):
    """The columns of `HEARD` and `PUBLISHED`."""

    heard_at: str
    until: str | None
    news: int
    scored: int
    unread: int
    fetched_at: str
    published_at: str
    first: int
    id: str
    kind: DocumentKind
    url: str
    title: str
    source: str
    tier: int
    language: str
    form: str | None
    items: str | None
    accession_no: str | None
    cik: int | None
    outlet: str
    novelty: float


class _Parts:
    """What belongs to documents, by their ids."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        wish: Wish,
        wanted: str,
        values: dict[str, Any],
        read_since: Mapping[str, datetime],
    ) -> None:
        self.wish = wish
        self.read_since = read_since

        def ask(query: str, **more: Any) -> dict[str, list[tuple[Any, ...]]]:
            found: dict[str, list[tuple[Any, ...]]] = {}
            for row in _rows(connection, query.format(wanted=wanted), values | more):
                found.setdefault(row[0], []).append(row)
            return found

        self.mentions = ask(MENTIONS)
        self.themes = {
            key: tuple(sorted(theme for _, theme in rows))
            for key, rows in ask(THEMES).items()
        }
        self.novelties = {
            (key, company): float(novelty)
            for key, rows in ask(NOVELTIES).items()
            for _, company, novelty in rows
        }
        self.names = ask(NAMES) if wish.names else {}
        units = json.dumps(sorted(wish.units))
        self.amounts = ask(AMOUNTS, units=units, excerpt=EXCERPT) if wish.units else {}
        watched = connection.execute("SELECT cik, id FROM companies WHERE cik NOT NULL")
        self.filers = {row["cik"]: row["id"] for row in watched}

    def heard(self, row: _Row) -> Heard:
        mentions = tuple(self._mentions(row))
        return Heard(
            document_id=row.id,
            kind=row.kind,
            title=row.title,
            url=row.url,
            feed=row.source,
            source=row.outlet,
            tier=row.tier,
            language=row.language,
            published_at=known(row.published_at),
            fetched_at=known(row.fetched_at),
            heard_at=known(row.heard_at),
            until=moment(row.until),
            news=bool(row.news),
            first=bool(row.first),
            unread=bool(row.unread),
            mentions=mentions,
            themes=self.themes.get(row.id, ()),
            form=row.form,
            items=tuple(json.loads(row.items or "[]")) if row.form else (),
            accession_no=row.accession_no,
            filer=self._filer(row),
            names=tuple(sorted(it[1:] for it in self.names.get(row.id, ()))),
            amounts=tuple(self._amounts(row.id, mentions)) if self.amounts else (),
            keywords=self.wish.keywords.get(row.id, ()),
            read_since=self.read_since.get(row.source),
        )

    def _filer(self, row: _Row) -> str:
        return "" if row.cik is None else self.filers.get(row.cik, "")

    def _mentions(self, row: _Row) -> Iterator[HeardMention]:
        """Mentions; and, as number 0, whom only the header names, or nobody."""
        key, found, filer = row.id, self.mentions.get(row.id, []), self._filer(row)
        for _, number, company, sentence, score, label, relevance in found:
            yield HeardMention(
                number,
                company,
                sentence,
                score if row.scored else None,
                label if row.scored else None,
                relevance,
                self.novelties.get((key, company), row.novelty),
            )
        if not found or (filer and all(it[2] != filer for it in found)):
            novelty = self.novelties.get((key, filer), row.novelty)
            yield HeardMention(0, filer, row.title, novelty=novelty)

    def _amounts(self, key: str, mentions: Iterable[HeardMention]) -> Iterator[Amount]:
        """Amounts with the companies of their sentences; or with none."""
        for _, text, kind, normalised, unit, owner, excerpt in self.amounts.get(
            key, ()
        ):
            beside = _beside(text, owner, mentions)
            for company, sentence in (beside or {"": _line(excerpt, text)}).items():
                yield Amount(
                    text=text,
                    kind=kind,
                    normalised=normalised,
                    unit=unit,
                    company=company,
                    sentence=sentence,
                    url="",
                )


def _beside(
    text: str, owner: str | None, mentions: Iterable[HeardMention]
) -> dict[str, str]:
    """The companies of the sentences that hold an amount, each with its sentence.

    Those sentences name its nearest company, `owner`; `5` of a range is in many others,
    and an amount without owner stands where nobody is named.
    """
    holding = [it for it in mentions if it.mention_id and _stands(text, it.sentence)]
    its = {it.sentence for it in holding if it.company == owner}
    return {it.company: it.sentence for it in holding if it.sentence in its}


def _stands(text: str, sentence: str) -> bool:
    """Whether a sentence holds an amount that is not part of a longer number or word."""
    # Compiling an expression for each of thousands of amounts takes far longer.
    at = sentence.find(text)
    while at >= 0:
        end = at + len(text)
        if not (
            _GOES_BEFORE.search(sentence, max(0, at - 2), at)
            or _GOES_ON.match(sentence, end)
        ):
            return True
        at = sentence.find(text, at + 1)
    return False


def _line(excerpt: str, text: str) -> str:
    """The line around an amount."""
    before, _, after = excerpt.partition(text)
    return before.rpartition("\n")[2] + text + after.partition("\n")[0]


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
