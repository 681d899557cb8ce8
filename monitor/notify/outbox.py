"""Sends what is reserved in the outbox: each delivery once, until it is taken.

Reserve, claim, send, mark. A row is reserved before anything is sent, and nothing is
sent without a claim, so neither a second process nor a restart tells anything twice.
Between the server's 250 and our mark lies the only gap: a crash there sends the same
bytes with the same Message-ID again (RFC 1047). Does not compose messages, nor know
how a channel speaks (`mail`, `webhook`, `push`, `atom`).
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Literal, Protocol

from monitor.errors import ChannelError, DeliveryError
from monitor.types import ChannelKind, Delivery

FIRST_RETRY = timedelta(minutes=1)
LAST_RETRY = timedelta(hours=6)
GIVE_UP_AFTER = timedelta(days=3)
LONGEST_WAIT = timedelta(days=1)
"""A server that asks for more time than this is asked again after it."""


class Outbox(Protocol):
    """Where deliveries wait; `outbox_contract` of the tests says what must hold."""

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


class Sender(Protocol):
    """A channel: hands a message on, once for each call."""

    lease: timedelta
    """For how long a claim must hold: longer than one delivery takes at the worst."""

    def send(self, delivery: Delivery) -> None:
        """Return when it was taken.

        Raises `DeliveryError`; a `ChannelError` where no other would be taken either.
        """
        ...


class Nobody:
    """Takes everything and sends nothing: for dry runs, on a copy of the database."""

    lease = FIRST_RETRY

    def send(self, delivery: Delivery) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What became of one delivery."""

    delivery: Delivery
    error: str | None = None
    """None: sent."""
    retry_at: datetime | None = None
    """With an error: when it is tried again; None is never."""


def drain(
    outbox: Outbox,
    senders: Mapping[str, Sender],
    *,
    now: datetime,
    stop: Event | None = None,
) -> list[Attempt]:
    """Try everything that is due `now` once; what fails does not hold up the rest.

    `senders` are by `place`. A channel that cannot be used is asked once: all that is
    due on it then waits, as does what is for a channel that is not configured now.
    What comes due meanwhile is left to the next time, and after `stop` all the rest.
    """
    stop = stop or Event()
    started = time.monotonic()

    def moment() -> datetime:
        return now + timedelta(seconds=time.monotonic() - started)

    lease = max((sender.lease for sender in senders.values()), default=FIRST_RETRY)
    attempts: list[Attempt] = []
    down: dict[str, ChannelError] = {}
    while not stop.is_set():
        delivery = outbox.claim(now=now, until=moment() + lease)
        if delivery is None:
            break
        where = place(delivery)
        error = down.get(where) or _send(senders.get(where), delivery)
        if isinstance(error, ChannelError):
            down[where] = error
        attempts.append(_mark(outbox, delivery, error, moment()))
    return attempts


def place(delivery: Delivery) -> str:
    """What sends it: `mail` for every address, else the channel's id."""
    return "mail" if delivery.channel == "mail" else delivery.recipient


def next_attempt(
    delivery: Delivery, now: datetime, *, retry_after_s: float | None = None
) -> datetime | None:
    """After 1, 2, 4 ... minutes, at most 6 hours; None 3 days after it was reserved.

    Never earlier than the server asks for, up to a day.
    """
    if now - delivery.reserved_at >= GIVE_UP_AFTER:
        return None
    doubled = FIRST_RETRY * float(2 ** min(delivery.attempts - 1, 10))
    asked = timedelta(seconds=min(retry_after_s or 0, LONGEST_WAIT.total_seconds()))
    return now + max(min(doubled, LAST_RETRY), asked)


def _send(sender: Sender | None, delivery: Delivery) -> DeliveryError | None:
    if sender is None:
        message = f"{delivery.channel}: {place(delivery)} is not configured any more"
        return ChannelError(message, recipient=delivery.recipient)
    try:
        sender.send(delivery)
    except DeliveryError as error:
        return error
    return None


def _mark(
    outbox: Outbox, delivery: Delivery, error: DeliveryError | None, now: datetime
) -> Attempt:
    if error is None:
        outbox.mark_sent(delivery, now=now)
        return Attempt(delivery=delivery)
    retry_at = next_attempt(delivery, now, retry_after_s=error.retry_after_s)
    if error.permanent:
        retry_at = None
    outbox.mark_failed(delivery, error=str(error), retry_at=retry_at)
    return Attempt(delivery=delivery, error=str(error), retry_at=retry_at)
