"""What became of each alert, and its evidence whole; reprints are one source everywhere.

Same conventions as `schema.py`.
"""

from sqlite_utils import Database, Migrations

migrations = Migrations("monitor-outcomes")

# Why nobody was told (`types.Untold`); null: it was told, or waits.
UNTOLD = "ALTER TABLE alerts ADD COLUMN untold TEXT"
EVIDENCE = (
    "fetched_at TEXT",  # null: told before this was kept
    "themes TEXT NOT NULL DEFAULT '[]'",  # JSON list
    "relevance REAL NOT NULL DEFAULT 1",
    "tier INTEGER NOT NULL DEFAULT 2",
    "novelty REAL NOT NULL DEFAULT 1",
    "outlet TEXT NOT NULL DEFAULT ''",  # of a reprint: where it was copied from
)
# As in `schema`, but reprints are one source here too.
COMPANY_DAY = """
-- mentions per company per day with sentiment; reprints are one source
CREATE VIEW company_day AS
SELECT
    m.company,
    c.name,
    date(d.published_at) AS day,
    count(*) AS mentions,
    count(DISTINCT d.id) AS documents,
    count(DISTINCT coalesce(s.outlet, d.source)) AS sources,
    sum(m.label = 'negative') AS negative,
    sum(m.label = 'neutral') AS neutral,
    sum(m.label = 'positive') AS positive,
    round(avg(m.score), 3) AS score
FROM mentions m
JOIN documents d ON d.id = m.document_id AND d.superseded_by IS NULL
JOIN companies c ON c.id = m.company
LEFT JOIN story_documents s ON s.document_id = d.id
GROUP BY m.company, day
"""


@migrations()
def m001_outcomes(db: Database) -> None:
    db.execute(UNTOLD)
    for column in EVIDENCE:
        db.execute(f"ALTER TABLE alert_evidence ADD COLUMN {column}")
    db.execute("DROP VIEW company_day")
    db.execute(COMPANY_DAY)
