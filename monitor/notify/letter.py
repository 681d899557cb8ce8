"""A mail to the byte: headers, text, HTML and the pictures in it.

A delivery is composed once and stored; what is sent, at the first attempt and at any
later one, are those bytes. Does not send (`mail`), nor know what is told (`render`).
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import blake2b
from typing import Literal
from urllib.parse import quote

from monitor.errors import DeliveryError
from monitor.notify.encoding import encoding
from monitor.notify.mail_headers import POLICY, address, clean, mailbox
from monitor.notify.render import Rendering
from monitor.types import MessageKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message with its address, ready for the outbox."""

    recipient: str
    """The bare address, as it goes into the envelope; or the id of a channel."""
    message_id: str
    body: bytes


def compose(
    rendering: Rendering,
    *,
    kind: MessageKind,
    edition: str,
    list_name: str,
    sender: str,
    recipient: str,
    language: Literal["en", "ko"],
    now: datetime,
) -> Letter:
    """The message to the byte, the same for the same arguments.

    `list_name` names the digest or `alerts` (List-Id, for filters). The Message-ID
    follows from recipient, kind and edition, so a server can drop a repeated one.
    Raises a permanent `DeliveryError` for an address that is not one.
    """
    try:
        (from_name, from_address), (to_name, to_address) = map(
            address, (sender, recipient)
        )
    except ValueError as error:
        raise DeliveryError(
            str(error), recipient=clean(recipient), permanent=True
        ) from error
    domain = from_address.rpartition("@")[2]
    label = _label(list_name)
    unsubscribe = (
        f"mailto:{quote(from_address, safe='@')}?subject=unsubscribe%20{label}"
    )
    message = EmailMessage(policy=POLICY)
    headers = {
        "From": mailbox(from_name, from_address),
        "To": mailbox(to_name, to_address),
        "Subject": clean(rendering.subject),
        "Date": format_datetime(now),
        "Message-ID": message_id(to_address, kind, edition, domain),
        "List-Id": f"<{label}.monitor.{domain}>",
        "List-Unsubscribe": f"<{unsubscribe}>",
        "Auto-Submitted": "auto-generated",
    }
    for name, value in headers.items():
        message[name] = value
    message.set_content(rendering.text, cte=encoding(rendering.text))
    message.add_alternative(
        rendering.html, subtype="html", cte=encoding(rendering.html)
    )
    *_, html = message.iter_parts()
    for picture in rendering.pictures:
        html.add_related(
            picture.png, "image", "png", cid=f"<{picture.cid}>", disposition="inline"
        )
    message["Content-Language"] = language
    _fix_boundaries(message, headers["Message-ID"])
    return Letter(
        recipient=to_address,
        message_id=headers["Message-ID"],
        body=message.as_bytes(),
    )


def message_id(recipient: str, kind: str, edition: str, domain: str) -> str:
    """Stable: the same recipient, kind and edition have the same Message-ID."""
    return f"<{kind}.{identity(recipient, kind, edition)}@{domain}>"


def identity(recipient: str, kind: str, edition: str) -> str:
    """What names a message on any channel: the same whenever it is composed."""
    parts = f"{recipient}\x1f{kind}\x1f{edition}".encode("utf-8", "replace")
    return blake2b(parts, digest_size=12).hexdigest()


def _label(name: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-") or "digest"


def _fix_boundaries(message: EmailMessage, identity: str) -> None:
    """Boundaries that follow from the message, not from chance."""
    for depth, part in enumerate(it for it in message.walk() if it.is_multipart()):
        digest = blake2b(f"{identity}{depth}".encode(), digest_size=16)
        part.set_boundary(f"=_{digest.hexdigest()}")
