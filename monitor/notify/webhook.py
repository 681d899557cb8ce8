"""Webhooks: JSON by POST, signed as Standard Webhooks has it.

https://www.standardwebhooks.com: the signature is an HMAC-SHA256 over id, time and
body, so a receiver checks it with a library of its language, refuses what is old, and
drops what it has seen by `webhook-id`. Does not decide when to try again (`outbox`).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2

from monitor.errors import ChannelError, DeliveryError
from monitor.notify.letter import Letter, identity
from monitor.notify.render import Rendering
from monitor.types import Alert, Channel, Delivery, Digest, MessageKind

PREFIX = "whsec_"
"""Before a secret in base64; one without it is taken as it is written."""

EVENTS = {"alert": "alert.fired", "digest": "digest.ready", "trial": "trial"}

REFUSED = frozenset({400, 413, 415, 422})
"""Replies to this very message: the same bytes will not fare better later."""

Clock = Callable[[], datetime]

# --- composing ------------------------------------------------------------------------


def compose(
    rendering: Rendering,
    about: Alert | Digest | None,
    *,
    kind: MessageKind,
    edition: str,
    channel: Channel,
    now: datetime,
) -> Letter:
    """The request's body: `{"type", "timestamp", "data"}`.

    `data` has every number of the alert or digest, and title and text in the
    channel's language.
    """
    said = {"title": rendering.note.title, "text": rendering.note.text()}
    event = {
        "type": EVENTS[kind],
        "timestamp": _written(now),
        "data": said | _data(about),
    }
    body = json.dumps(event, ensure_ascii=False, default=_written)
    return Letter(
        recipient=channel.id,
        message_id=f"msg_{identity(channel.id, kind, edition)}",
        body=body.encode("utf-8", "replace"),
    )


def _data(about: Alert | Digest | None) -> dict[str, Any]:
    if about is None:
        return {}
    data = asdict(about)
    if isinstance(about, Digest):
        # Not the whole of it: who else gets the digest is nobody's business.
        data["digest"] = about.spec.id
        del data["spec"]
    return data


def _written(value: object) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value)


# --- sending --------------------------------------------------------------------------


class Webhook:
    """Posts deliveries to one address."""

    def __init__(self, channel: Channel, *, clock: Clock | None = None) -> None:
        self.channel = channel
        self.lease = timedelta(seconds=10 * channel.timeout_s)
        self._clock = clock or (lambda: datetime.now(UTC))

    def send(self, delivery: Delivery) -> None:
        """Taken is any 2xx; a redirect is not followed with what is signed."""
        stamp = str(int(self._clock().timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "compute-monitor",
            "webhook-id": delivery.message_id,
            "webhook-timestamp": stamp,
        }
        if self.channel.secret:
            headers["webhook-signature"] = self._signature(delivery, stamp)
        try:
            response = httpx2.post(
                self.channel.url,
                content=delivery.body,
                headers=headers,
                timeout=self.channel.timeout_s,
                follow_redirects=False,
            )
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            why = str(error) or type(error).__name__
            raise ChannelError(
                f"{self._place()}: {why}", recipient=self.channel.id
            ) from error
        if not response.is_success:
            raise self._refused(response)

    def _signature(self, delivery: Delivery, stamp: str) -> str:
        secret = self.channel.secret or ""
        try:
            return sign(secret, delivery.message_id, stamp, delivery.body)
        except ValueError as error:
            message = f"{self._place()}: its secret has no base64 after {PREFIX}"
            raise ChannelError(message, recipient=self.channel.id) from error

    def _refused(self, response: httpx2.Response) -> DeliveryError:
        code = response.status_code
        what = f"{self._place()} answers {code} {response.reason_phrase}".rstrip()
        if code in REFUSED:
            return DeliveryError(what, recipient=self.channel.id, permanent=True)
        if response.is_redirect:
            what += "; a redirect is not followed: set the address it leads to"
        wait = _retry_after(response.headers.get("Retry-After", ""), self._clock())
        return ChannelError(what, recipient=self.channel.id, retry_after_s=wait)

    def _place(self) -> str:
        """Without path and query, where tokens are."""
        return f"webhook {self.channel.id} ({urlsplit(self.channel.url).hostname})"


def sign(secret: str, message_id: str, stamp: str, body: bytes) -> str:
    """`v1,` and the base64 of the HMAC-SHA256 of `id.timestamp.body`."""
    signed = b".".join((message_id.encode(), stamp.encode(), body))
    digest = hmac.new(key(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def key(secret: str) -> bytes:
    """The key of a secret; ValueError where `whsec_` is followed by no base64."""
    if secret.startswith(PREFIX):
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    return secret.encode()


def _retry_after(value: str, now: datetime) -> float | None:
    """Seconds, from a number or a date; None where there is neither."""
    if value.isdecimal():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    # A date without a zone is in UTC, by the rules of mail and of HTTP.
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
