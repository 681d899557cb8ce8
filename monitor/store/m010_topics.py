"""Each theme or name that an alert speaks of is a topic of its own, each turn one too.

Same conventions as `schema.py`.
"""

from sqlite_utils import Database, Migrations

migrations = Migrations("monitor-topics")

STATEMENTS = (
    "ALTER TABLE alerts RENAME COLUMN topic TO topics",  # JSON list
    "UPDATE alerts SET topics = json_array(topics)",
    # Themes and names were joined until then.
    """
UPDATE alerts SET topics = replace(topics, ', ', '","')
WHERE json_array_length(findings) = 1
AND json_extract(findings, '$[0].kind') IN ('new_theme', 'new_name')
""",
    """
UPDATE alerts SET topics = iif(
    json_extract(findings, '$[0].values.score')
    > json_extract(findings, '$[0].values.usual'), '["up"]', '["down"]')
WHERE json_array_length(findings) = 1
AND json_extract(findings, '$[0].kind') = 'turn'
""",
)


@migrations()
def m001_topics(db: Database) -> None:
    for statement in STATEMENTS:
        db.execute(statement)
