"""What a reworded risk said before: each sentence with its earlier wording, and a view.

Same conventions as `schema.py`.
"""

from sqlite_utils import Database, Migrations

migrations = Migrations("monitor-wording")

STATEMENTS = (
    """
-- sentences of documents whose change is reworded, as they were in the report before
CREATE TABLE rewordings (
    document_id TEXT NOT NULL REFERENCES documents (id),
    number INTEGER NOT NULL,   -- in the order of the document, from 1
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    PRIMARY KEY (document_id, number)
) WITHOUT ROWID
""",
    """
-- risks that a company tells in other words than in its report before
CREATE VIEW risk_wording AS
SELECT
    c.id AS company,
    d.form,
    d.filing_date,
    r.number,
    r.before,
    r.after,
    d.title,
    d.url,
    d.accession_no,
    d.id AS document_id
FROM rewordings r
JOIN documents d ON d.id = r.document_id AND d.superseded_by IS NULL
LEFT JOIN companies c ON c.cik = d.cik
""",
    # Compared before wordings were kept: once more, which finds the same documents.
    """
UPDATE documents SET compared_with = NULL
WHERE compared_with IS NOT NULL AND EXISTS (
    SELECT 1 FROM documents c
    WHERE c.change = 'reworded' AND c.cik = documents.cik
    AND c.item = documents.item AND c.accession_no = documents.accession_no
)
""",
)


@migrations()
def m001_wording(db: Database) -> None:
    for statement in STATEMENTS:
        db.execute(statement)
