"""Reads of the outbox: how delivery goes for a recipient."""

from contextlib import closing
from pathlib import Path
from typing import Any

from monitor.store.connection import open_reader

COUNTS = """
SELECT
    count(*) FILTER (WHERE state = 'sent') AS sent,
    count(*) FILTER (WHERE state IN ('pending', 'sending')) AS waiting,
    count(*) FILTER (WHERE state = 'failed') AS failed,
    (SELECT error FROM deliveries WHERE recipient = :recipient AND error IS NOT NULL
     ORDER BY id DESC LIMIT 1) AS last_error
FROM deliveries WHERE recipient = :recipient
"""


def counts(path: Path, recipient: str) -> dict[str, Any]:
    """How many messages were sent, wait, were given up; and the latest error.

    Nothing was sent from a database that is not there yet.
    """
    if not path.exists():
        return {"sent": 0, "waiting": 0, "failed": 0, "last_error": None}
    with closing(open_reader(path)) as connection:
        row = connection.execute(COUNTS, {"recipient": recipient}).fetchone()
    return dict(row)
