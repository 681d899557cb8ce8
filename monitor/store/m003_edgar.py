"""Who has to do with a filing, how far the live list was read, and daily recall.

Same conventions as `schema.py`.
"""

from sqlite_utils import Database, Migrations

migrations = Migrations("monitor-edgar")

STATEMENTS = (
    # How a filing became known: current (the live list), list (the company's own).
    "ALTER TABLE entries ADD COLUMN origin TEXT NOT NULL DEFAULT 'current'",
    "ALTER TABLE entries ADD COLUMN done_at TEXT",
    """
-- issuer, filer and reporting owner of a filing; one may have two roles
CREATE TABLE filing_parties (
    accession_no TEXT NOT NULL,
    cik INTEGER NOT NULL,
    role TEXT NOT NULL,        -- as in the live list; empty in a company's own list
    name TEXT NOT NULL,
    PRIMARY KEY (accession_no, cik, role)
) WITHOUT ROWID
""",
    "CREATE INDEX filing_parties_cik ON filing_parties (cik)",
    """
-- the newest filings of the live list when it was last read to a known one
CREATE TABLE edgar_frontiers (
    feed_url TEXT PRIMARY KEY REFERENCES feeds (url),
    first_read_at TEXT NOT NULL,
    read_at TEXT NOT NULL,
    accession_nos TEXT NOT NULL -- JSON list
) WITHOUT ROWID
""",
    """
-- what EDGAR lists of a watched company against what is stored, as of a day
CREATE TABLE edgar_recalls (
    day TEXT NOT NULL,
    cik INTEGER NOT NULL,
    company TEXT NOT NULL,     -- its id in feeds.yaml
    since TEXT NOT NULL,       -- filing date from which on was compared
    listed INTEGER NOT NULL,
    stored INTEGER NOT NULL,
    median_delay_s REAL,       -- from acceptance to stored; of live filings only
    worst_delay_s REAL,
    misses TEXT NOT NULL,      -- JSON list: accession_no, form, filing_date, reason
    PRIMARY KEY (day, since, cik)
) WITHOUT ROWID
""",
    """
-- recall of each day, all companies together
CREATE VIEW edgar_recall AS
SELECT
    day,
    since,
    count(*) AS companies,
    sum(listed) AS listed,
    sum(stored) AS stored,
    round(1.0 * sum(stored) / nullif(sum(listed), 0), 4) AS recall,
    max(worst_delay_s) AS worst_delay_s
FROM edgar_recalls
GROUP BY day, since
""",
)


@migrations()
def m003_edgar(db: Database) -> None:
    for statement in STATEMENTS:
        db.execute(statement)
