"""Alerts and deliveries: decided, recorded, and only then sent.

A row in `deliveries` is reserved before anything is sent, unique by recipient,
channel, kind and edition. Whoever sends claims the row first; between a server's 250
and `mark_sent` lies the only place where one duplicate may arise (RFC 1047), and the
Message-ID stored with the row lets servers drop it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from monitor.store.connection import iso
from monitor.store.rows import alert_row, evidence_row, known
from monitor.store.store import Store, insert_or_ignore
from monitor.types import Alert, ChannelKind, Delivery, Untold


class Outbox:
    """Writes of alerts and deliveries."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def record_alert(self, alert: Alert) -> bool:
        """Write an alert with its evidence; False if it was recorded before.

        Inside `Store.transaction()` it is one with the reservation of its messages.
        """
        row = alert_row(alert)
        with self.store.transaction() as connection:
            sql = insert_or_ignore("alerts", row)
            new = connection.execute(sql, row).rowcount == 1
            if new:
                self.store.table("alert_evidence").insert_all(
                    evidence_row(alert, position)
                    for position in range(len(alert.evidence))
                )
        return new

    def mark_told(self, alerts: Sequence[Alert], *, now: datetime) -> None:
        """Write that the messages of alerts are reserved."""
        self._settle(alerts, None, now)

    def mark_untold(
        self, alerts: Sequence[Alert], untold: Untold, *, now: datetime
    ) -> None:
        """Write that alerts wait no longer, and why nobody gets them."""
        self._settle(alerts, untold, now)

    def _settle(
        self, alerts: Sequence[Alert], untold: Untold | None, now: datetime
    ) -> None:
        with self.store.transaction() as connection:
            connection.executemany(
                "UPDATE alerts SET told_at = ?, untold = ? WHERE id = ?",
                [(iso(now), untold, alert.id) for alert in alerts],
            )

    def is_reserved(
        self,
        *,
        recipient: str,
        channel: ChannelKind,
        subject_kind: Literal["digest", "alert"],
        edition: str,
    ) -> bool:
        """Whether this was reserved before, whatever became of it."""
        return bool(
            self.store.rows(
                "SELECT 1 FROM deliveries WHERE recipient = ? AND channel = ? "
                "AND subject_kind = ? AND edition = ?",
                [recipient, channel, subject_kind, edition],
            )
        )

    def told(self, *, recipient: str, channel: ChannelKind, limit: int) -> list[bytes]:
        """Bodies of what was sent on a channel, the latest first."""
        rows = self.store.rows(
            "SELECT body FROM deliveries WHERE recipient = ? AND channel = ? "
            "AND state = 'sent' ORDER BY reserved_at DESC, id DESC LIMIT ?",
            [recipient, channel, limit],
        )
        return [row["body"] for row in rows]

    def reserve(
        self,
        *,
        recipient: str,
        channel: ChannelKind,
        subject_kind: Literal["digest", "alert"],
        edition: str,
        message_id: str,
        body: bytes,
        now: datetime,
    ) -> bool:
        """Add a delivery due now; False if it is there already, whatever its state."""
        row = {
            "recipient": recipient,
            "channel": channel,
            "subject_kind": subject_kind,
            "edition": edition,
            "message_id": message_id,
            "body": body,
            "reserved_at": iso(now),
            "state": "pending",
            "attempts": 0,
            "next_attempt_at": iso(now),
        }
        with self.store.transaction() as connection:
            sql = insert_or_ignore("deliveries", row)
            return connection.execute(sql, row).rowcount == 1

    def claim(self, *, now: datetime, until: datetime) -> Delivery | None:
        """Take the delivery that is due longest, so that nobody else sends it.

        Counts the attempt; a claim that is never marked (a crash) is due at `until`.
        """
        with self.store.transaction() as connection:
            row = connection.execute(
                "UPDATE deliveries SET state = 'sending', attempts = attempts + 1, "
                "next_attempt_at = :until WHERE id = (SELECT id FROM deliveries "
                "WHERE state IN ('pending', 'sending') AND next_attempt_at <= :now "
                "ORDER BY next_attempt_at, id LIMIT 1) RETURNING *",
                {"now": iso(now), "until": iso(until)},
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
            reserved_at=known(row["reserved_at"]),
            attempts=row["attempts"],
            next_attempt_at=known(row["next_attempt_at"]),
        )

    def mark_sent(self, delivery: Delivery, *, now: datetime) -> None:
        """The server took it: final, also when the claim has run out meanwhile."""
        self._mark(delivery, "id = :id", state="sent", sent_at=iso(now), error=None)

    def mark_failed(
        self, delivery: Delivery, *, error: str, retry_at: datetime | None
    ) -> None:
        """Write why it was not taken; None as `retry_at` gives it up.

        Does nothing unless the row is still claimed by this very attempt.
        """
        state = "failed" if retry_at is None else "pending"
        due = iso(retry_at or delivery.next_attempt_at)
        self._mark(
            delivery,
            "id = :id AND state = 'sending' AND attempts = :attempts",
            state=state,
            error=error,
            next_attempt_at=due,
        )

    def _mark(self, delivery: Delivery, where: str, **values: Any) -> None:
        columns = ", ".join(f"{name} = :{name}" for name in values)
        key = {"id": delivery.id, "attempts": delivery.attempts}
        with self.store.transaction() as connection:
            connection.execute(
                f"UPDATE deliveries SET {columns} WHERE {where}",  # noqa: S608 - our names
                values | key,
            )
