"""Listed companies, why a mention is believed, whose an amount is; two views on them.

Same conventions as `schema.py`.
"""

from sqlite_utils import Database, Migrations

migrations = Migrations("monitor-catalogue")

STATEMENTS = (
    """
-- listed companies that can be watched by ticker; `monitor companies update`
CREATE TABLE catalogue (
    market TEXT NOT NULL,      -- us, kr
    ticker TEXT NOT NULL,
    name TEXT NOT NULL,        -- as the list has it
    exchange TEXT NOT NULL,    -- empty where the list does not say
    cik INTEGER,
    known TEXT NOT NULL,       -- JSON: names and context of the feeds.yaml that ships
    loaded_at TEXT NOT NULL,
    PRIMARY KEY (market, ticker)
) WITHOUT ROWID
""",
    # The rule that accepted it: ticker, full name, name, attached, context: WORD,
    # subsidiary: NAME, former name: NAME.
    "ALTER TABLE mentions ADD COLUMN reason TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE quantities ADD COLUMN tense TEXT NOT NULL DEFAULT ''",
    # The nearest in its sentence, null where the sentence names none.
    "ALTER TABLE quantities ADD COLUMN company TEXT",
    "ALTER TABLE quantities ADD COLUMN theme TEXT",
    "DROP VIEW company_quantity",
    """
-- amounts with the company that is nearest to them in their sentence
CREATE VIEW company_quantity AS
SELECT
    q.company,
    q.kind,
    q.text,
    q.normalised,
    q.normalised_unit AS unit,
    q.qualifier,
    q.tense,
    q.theme,
    d.published_at,
    d.title,
    d.url
FROM quantities q
JOIN documents d ON d.id = q.document_id AND d.superseded_by IS NULL
WHERE q.company IS NOT NULL
""",
)


UNWATCHED_NAME = """
-- names that stand within 300 characters of a theme and are not watched
CREATE VIEW unwatched_name AS
SELECT
    e.text AS name,
    e.label,
    t.theme,
    count(DISTINCT d.id) AS documents,
    count(DISTINCT d.source) AS sources,
    min(d.published_at) AS first_seen,
    trim(replace(substr(d.text, max(1, e.start_char - 59), 140), char(10), ' '))
        AS evidence,
    d.title,
    d.source,
    d.url
FROM entities e
JOIN documents d ON d.id = e.document_id AND d.superseded_by IS NULL
JOIN theme_hits t ON t.document_id = e.document_id
    AND t.start_char BETWEEN e.start_char - 300 AND e.start_char + 300
WHERE NOT EXISTS (
    SELECT 1 FROM mentions m
    WHERE m.document_id = e.document_id
    AND m.start_char < e.end_char AND m.end_char > e.start_char
)
-- nor MW in 150 MW, which models of names take for one
AND NOT EXISTS (
    SELECT 1 FROM quantities q
    WHERE q.document_id = e.document_id
    AND q.start_char < e.end_char AND q.end_char > e.start_char
)
AND (length(e.text) > 2 OR e.text GLOB '*[^ -~]*')  -- 현대, but not AI
GROUP BY lower(e.text), e.label, t.theme
"""
"""SQLite takes bare columns from the row of `min()`: the first evidence."""


@migrations()
def m001_catalogue(db: Database) -> None:
    for statement in STATEMENTS:
        db.execute(statement)


@migrations()
def m002_unwatched_name(db: Database) -> None:
    db.execute("DROP VIEW IF EXISTS unwatched_name")
    db.execute(UNWATCHED_NAME)
