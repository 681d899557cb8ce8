"""Alerts and deliveries: decided, recorded, and only then sent.

A row in `deliveries` is reserved before anything is sent, unique by recipient,
channel, kind and edition. Whoever sends claims the row first; between a server's 250
and `mark_sent` lies the only place where one duplicate may arise (RFC 1047), and the
Message-ID stored with the row lets servers drop it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from monitor.store.connection import iso
from monitor.store.rows import alert_row, evidence_row, known
from monitor.store.store import Store, insert_or_ignore
from monitor.types import Alert, Delivery

CLAIM = timedelta(minutes=10)
"""A claimed row whose sender died is sent by the next one after this time."""


class Outbox:
    """Writes of alerts and deliveries."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def record_alerts(
        self,
        alerts: Sequence[Alert],
        deliveries: Sequence[Delivery] = (),
        *,
        now: datetime,
    ) -> int:
        """Write alerts and the reservations of their messages; the number new."""
        with self.store.transaction() as connection:
            new = 0
            for alert in alerts:
                row = alert_row(alert)
                inserted = connection.execute(
                    insert_or_ignore("alerts", row), row
                ).rowcount
                new += inserted
                if inserted:
                    self.store.table("alert_evidence").insert_all(
                        evidence_row(alert, position)
                        for position in range(len(alert.evidence))
                    )
            for delivery in deliveries:
                self.reserve(delivery, now=now)
        return new

    def reserve(self, delivery: Delivery, *, now: datetime) -> bool:
        """Reserve a message; False if it was reserved (and perhaps sent) before."""
        row = {
            "recipient": delivery.recipient,
            "channel": delivery.channel,
            "subject_kind": delivery.subject_kind,
            "edition": delivery.edition,
            "message_id": delivery.message_id,
            "body": delivery.body,
            "reserved_at": iso(now),
            "state": "pending",
            "attempts": 0,
            "next_attempt_at": iso(delivery.next_attempt_at),
        }
        with self.store.transaction() as connection:
            return (
                connection.execute(insert_or_ignore("deliveries", row), row).rowcount
                == 1
            )

    def claim(self, *, now: datetime) -> Delivery | None:
        """Take the next message that is due, so that nobody else sends it."""
        with self.store.transaction() as connection:
            row = connection.execute(
                "UPDATE deliveries SET state = 'sending', attempts = attempts + 1, "
                "next_attempt_at = :claim WHERE id = (SELECT id FROM deliveries "
                "WHERE state IN ('pending', 'sending') AND next_attempt_at <= :now "
                "ORDER BY next_attempt_at, id LIMIT 1) RETURNING *",
                {"now": iso(now), "claim": iso(now + CLAIM)},
            ).fetchone()
        if row is None:
            return None
        return Delivery(
            id=row["id"],
            recipient=row["recipient"],
            channel=row["channel"],
            subject_kind=row["subject_kind"],
            edition=row["edition"],
            message_id=row["message_id"],
            body=row["body"],
            attempts=row["attempts"],
            next_attempt_at=known(row["next_attempt_at"]),
        )

    def mark_sent(self, delivery: Delivery, *, now: datetime) -> None:
        """Write that the server took it."""
        self._mark(delivery, state="sent", sent_at=iso(now), error=None)

    def mark_failed(
        self, delivery: Delivery, error: str, *, retry_at: datetime | None
    ) -> None:
        """Write why it was not taken; None as `retry_at` gives it up."""
        if retry_at is None:
            self._mark(delivery, state="failed", error=error)
        else:
            due = iso(retry_at)
            self._mark(delivery, state="pending", error=error, next_attempt_at=due)

    def _mark(self, delivery: Delivery, **values: Any) -> None:
        with self.store.transaction():
            self.store.table("deliveries").update(delivery.id, values)
