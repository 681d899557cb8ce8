"""What delivery remembers besides the outbox: which time each digest has covered.

Same conventions as `schema.py`.
"""

from sqlite_utils import Database, Migrations

migrations = Migrations("monitor-delivery")

STATEMENTS = (
    """
-- digests that were made; the next one begins where the last one ended
CREATE TABLE digest_periods (
    digest TEXT NOT NULL,      -- id in feeds.yaml
    edition TEXT NOT NULL,     -- 2026-11-24 or 2026-W48
    start TEXT NOT NULL,
    end TEXT NOT NULL,
    missed INTEGER NOT NULL,   -- editions before it that it covers too
    PRIMARY KEY (digest, edition)
) WITHOUT ROWID
""",
    # Whether a name was ever read before.
    "CREATE INDEX entities_text ON entities (text)",
    "CREATE INDEX deliveries_told ON deliveries (recipient, channel, reserved_at)",
)


TOLD = """
-- documents of the last days that were read when a digest's last edition was made
CREATE TABLE digest_documents (
    digest TEXT NOT NULL,
    document_id TEXT NOT NULL,
    PRIMARY KEY (digest, document_id)
) WITHOUT ROWID
"""


@migrations()
def m001_delivery(db: Database) -> None:
    for statement in STATEMENTS:
        db.execute(statement)


@migrations()
def m002_told(db: Database) -> None:
    db.execute(TOLD)
