"""When each document was heard by the alert rules, and what people asked of alerts.

Same conventions as `schema.py`. Triggers fill the queue, so that whoever writes
documents need not know of alerts.
"""

from sqlite_utils import Database, Migrations

migrations = Migrations("monitor-alerts")

STATEMENTS = (
    """
-- documents that were analysed or replaced since alerts were last decided
CREATE TABLE hearing_queue (
    document_id TEXT PRIMARY KEY
) WITHOUT ROWID
""",
    """
-- from when to when a document was known as it was then; rehearsal reads it back
CREATE TABLE hearings (
    document_id TEXT NOT NULL REFERENCES documents (id),
    heard_at TEXT NOT NULL,    -- the moment at which alerts were decided with it
    until TEXT,                -- null: still so; else it was edited, or scored later
    news INTEGER NOT NULL,     -- 0: an edit, or in its feed when that was first read
    scored INTEGER NOT NULL,   -- 0: without a sentiment model until then
    PRIMARY KEY (document_id, heard_at)
) WITHOUT ROWID
""",
    "CREATE INDEX hearings_at ON hearings (heard_at)",
    """
CREATE TRIGGER documents_analysed AFTER UPDATE OF state ON documents
WHEN new.state = 'analysed' BEGIN
    INSERT OR IGNORE INTO hearing_queue VALUES (new.id);
END
""",
    """
CREATE TRIGGER documents_stored AFTER INSERT ON documents
WHEN new.state = 'analysed' BEGIN
    INSERT OR IGNORE INTO hearing_queue VALUES (new.id);
END
""",
    """
CREATE TRIGGER documents_replaced AFTER UPDATE OF superseded_by ON documents
WHEN new.superseded_by IS NOT old.superseded_by BEGIN
    INSERT OR IGNORE INTO hearing_queue VALUES (new.id);
END
""",
    """
-- nothing is told of a company, theme or rule for a while
CREATE TABLE mutes (
    target TEXT NOT NULL,      -- company, theme or rule id
    since TEXT NOT NULL,
    until TEXT NOT NULL,
    PRIMARY KEY (target, since)
) WITHOUT ROWID
""",
)
COLUMNS = (
    "topic TEXT NOT NULL DEFAULT ''",  # what in particular is new
    "severity TEXT NOT NULL DEFAULT 'normal'",  # normal, critical
    "findings TEXT NOT NULL DEFAULT '[]'",  # JSON: conditions with their numbers
    "told_at TEXT",  # when its messages were reserved; null: it waits
    "acknowledged_at TEXT",
)
# What was stored before alerts kept hearings was heard when it was fetched.
STORED = """
INSERT INTO hearings (document_id, heard_at, until, news, scored)
SELECT id, fetched_at, NULL, 1, coalesce(model, '') <> '' FROM documents
WHERE state = 'analysed' AND superseded_by IS NULL
"""


@migrations()
def m004_alerts(db: Database) -> None:
    for statement in STATEMENTS:
        db.execute(statement)
    for column in COLUMNS:
        db.execute(f"ALTER TABLE alerts ADD COLUMN {column}")
    db.execute("UPDATE alerts SET told_at = fired_at")
    db.execute("CREATE INDEX alerts_waiting ON alerts (fired_at) WHERE told_at IS NULL")
    db.execute(STORED)
