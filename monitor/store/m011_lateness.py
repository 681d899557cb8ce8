"""What is told however late it is heard: what was published since its feed was last read.

Same conventions as `schema.py`.
"""

from sqlite_utils import Database, Migrations

migrations = Migrations("monitor-lateness")

# 1: published since its feed was read before; what was heard earlier is not known to be.
UNREAD = "ALTER TABLE hearings ADD COLUMN unread INTEGER NOT NULL DEFAULT 0"
# When a filing that was skipped at first was queued after all; null: when first seen.
QUEUED = "ALTER TABLE entries ADD COLUMN queued_at TEXT"


@migrations()
def m001_lateness(db: Database) -> None:
    db.execute(UNREAD)
    db.execute(QUEUED)
