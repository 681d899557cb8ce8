"""Reads of alerts: those that wait, and what became of each."""

import sqlite3
from typing import Any

from monitor.store.queries import told_evidence
from monitor.store.rows import to_alert
from monitor.types import Alert


def waiting(connection: sqlite3.Connection) -> list[Alert]:
    """Alerts that were raised and not yet told, oldest first, with their evidence."""
    rows = connection.execute(
        "SELECT * FROM alerts WHERE told_at IS NULL ORDER BY fired_at, rowid"
    ).fetchall()
    return [to_alert(row, told_evidence(connection, row["id"])) for row in rows]


def states(connection: sqlite3.Connection) -> dict[str, str]:
    """What became of each alert, by id.

    `acknowledged`, `waits`, `told`, or why nobody was told (`Untold`).
    """
    rows = connection.execute(
        "SELECT id, iif(acknowledged_at IS NOT NULL, 'acknowledged', "
        "iif(told_at IS NULL, 'waits', coalesce(untold, 'told'))) AS state FROM alerts"
    )
    return {row["id"]: row["state"] for row in rows}


def deliveries_of(
    connection: sqlite3.Connection, alert_id: str
) -> list[dict[str, Any]]:
    """The messages that told an alert: recipient, channel, state, error.

    One of several alerts carries another name; it is found by when it was reserved.
    """
    rows = connection.execute(
        "SELECT d.recipient, d.channel, d.state, d.sent_at, d.error "
        "FROM deliveries d JOIN alerts a ON a.id = ? "
        "WHERE d.subject_kind = 'alert' AND (d.edition = a.id OR ("
        "d.reserved_at = a.told_at AND d.edition NOT IN (SELECT id FROM alerts) "
        "AND a.untold IS NULL AND a.severity <> 'critical')) "
        "ORDER BY d.recipient, d.channel",
        [alert_id],
    )
    return [dict(row) for row in rows]


def outcome(connection: sqlite3.Connection, alert_id: str, state: str) -> str:
    """The state of an alert, and of one that was told how far its messages came.

    `told`, `being sent` or, where nobody took any, `not taken` with the last error.
    """
    if state != "told":
        return state
    messages = deliveries_of(connection, alert_id)
    reached = {row["state"] for row in messages}
    if "sent" in reached or not messages:
        return "told"
    if reached != {"failed"}:
        return "being sent"
    return f"not taken: {messages[-1]['error']}"
