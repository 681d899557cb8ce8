"""What is known of a document that was cut out of a filing, and of its changes."""

from sqlite_utils import Database, Migrations

migrations = Migrations("monitor-filings")

COLUMNS = (
    "item TEXT",  # 2.02, 1A, II.1A; null is a whole text
    "period TEXT",  # ISO date of the period or event reported
    "filing_date TEXT",  # ISO date
    "accepted_at TEXT",  # by EDGAR
    "confidence REAL",  # that it was cut rightly, 0 to 1
)
VIEW = """
-- filings piece by piece: which item or exhibit, where, and how sure the cut is
CREATE VIEW filing_document AS
SELECT
    c.id AS company,
    d.form,
    d.item,
    d.exhibit,
    d.confidence,%s
    d.period,
    d.filing_date,
    d.accepted_at,
    d.title,
    d.url,
    length(d.text) AS characters,
    d.accession_no,
    d.id AS document_id
FROM documents d
LEFT JOIN companies c ON c.cik = d.cik
WHERE d.accession_no IS NOT NULL AND d.superseded_by IS NULL
"""


@migrations()
def m002_filings(db: Database) -> None:
    for column in COLUMNS:
        db.execute(f"ALTER TABLE documents ADD COLUMN {column}")
    db.execute(VIEW % "")


@migrations()
def m002_changes(db: Database) -> None:
    # new, reworded, dropped: of risk factors against the report before.
    db.execute("ALTER TABLE documents ADD COLUMN change TEXT")
    # The section that one was last compared with.
    db.execute("ALTER TABLE documents ADD COLUMN compared_with TEXT")
    db.execute(
        "CREATE INDEX documents_risks ON documents (cik, published_at) "
        "WHERE item IN ('1A', 'II.1A')"
    )
    db.execute("DROP VIEW filing_document")
    db.execute(VIEW % "\n    d.change,")
