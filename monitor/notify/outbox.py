"""Sends what is reserved in the outbox: each delivery once, until it is taken.

Reserve, claim, send, mark. A row is reserved before anything is sent, and nothing is
sent without a claim, so neither a second process nor a restart tells anything twice.
Between the server's 250 and our mark lies the only gap: a crash there sends the same
bytes with the same Message-ID again (RFC 1047). Does not compose messages (`mail`).
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from monitor.errors import DeliveryError
from monitor.notify import mail
from monitor.types import Delivery, MailServer

FIRST_RETRY = timedelta(minutes=1)
LAST_RETRY = timedelta(hours=6)
GIVE_UP_AFTER = timedelta(days=3)
LEASE_FACTOR = 40
"""For how many timeouts a claim holds: one delivery takes some 25 at the worst."""


class Outbox(Protocol):
    """Where deliveries wait; `outbox_contract` of the tests says what must hold."""

    def reserve(
        self,
        *,
        recipient: str,
        channel: Literal["mail"],
        subject_kind: Literal["digest", "alert"],
        edition: str,
        message_id: str,
        body: bytes,
        now: datetime,
    ) -> bool:
        """Add a delivery due now; False if it is there already, whatever its state."""
        ...

    def claim(self, *, now: datetime, until: datetime) -> Delivery | None:
        """Take the delivery that is due longest, if any, in one transaction.

        Counts the attempt and keeps everyone else from claiming it before `until`;
        a claim that was never marked (a crash) is due again then.
        """
        ...

    def mark_sent(self, delivery: Delivery, *, now: datetime) -> None:
        """It was taken: final, also when the claim has run out meanwhile."""
        ...

    def mark_failed(
        self, delivery: Delivery, *, error: str, retry_at: datetime | None
    ) -> None:
        """It was not taken: due again at `retry_at`, given up if that is None.

        Does nothing unless the row is still claimed by this very attempt.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What became of one delivery."""

    delivery: Delivery
    error: str | None = None
    """None: sent."""
    retry_at: datetime | None = None
    """With an error: when it is tried again; None is never."""


def drain(outbox: Outbox, server: MailServer, *, now: datetime) -> list[Attempt]:
    """Try everything that is due once; what fails does not hold up the rest.

    A server that cannot be used is asked once: all that is due then waits.
    """
    started = time.monotonic()

    def moment() -> datetime:
        return now + timedelta(seconds=time.monotonic() - started)

    lease = timedelta(seconds=LEASE_FACTOR * server.timeout_s)
    attempts: list[Attempt] = []
    error: DeliveryError | None = None
    while (delivery := outbox.claim(now=moment(), until=moment() + lease)) is not None:
        if not isinstance(error, mail.ServerError):
            error = _send(server, delivery)
        attempts.append(_mark(outbox, delivery, error, moment()))
    return attempts


def next_attempt(delivery: Delivery, now: datetime) -> datetime | None:
    """After 1, 2, 4 ... minutes, at most 6 hours; None 3 days after it was reserved."""
    if now - delivery.reserved_at >= GIVE_UP_AFTER:
        return None
    doubled = FIRST_RETRY * float(2 ** min(delivery.attempts - 1, 10))
    return now + min(doubled, LAST_RETRY)


def _send(server: MailServer, delivery: Delivery) -> DeliveryError | None:
    try:
        mail.send(server, delivery)
    except DeliveryError as error:
        return error
    return None


def _mark(
    outbox: Outbox, delivery: Delivery, error: DeliveryError | None, now: datetime
) -> Attempt:
    if error is None:
        outbox.mark_sent(delivery, now=now)
        return Attempt(delivery=delivery)
    retry_at = None if error.permanent else next_attempt(delivery, now)
    outbox.mark_failed(delivery, error=str(error), retry_at=retry_at)
    return Attempt(delivery=delivery, error=str(error), retry_at=retry_at)
