"""Chats and phones through apprise: one address, about a hundred services.

Does not decide when to try again (`outbox`); apprise tells taken from not taken, but
not why in a form that programs read, so what is not taken is always tried again.
"""

import re
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from monitor.errors import ChannelError
from monitor.notify.letter import Letter, identity
from monitor.notify.plain import line
from monitor.notify.render import Rendering
from monitor.types import Channel, Delivery, MessageKind

TOKEN = 6
"""Characters from which a part of the address is taken for a secret."""


def compose(
    rendering: Rendering,
    *,
    kind: MessageKind,
    edition: str,
    channel: Channel,
    now: datetime,  # noqa: ARG001 - as the other channels
) -> Letter:
    """Title, a line break, and the text."""
    note = rendering.note
    return Letter(
        recipient=channel.id,
        message_id=f"msg_{identity(channel.id, kind, edition)}",
        body=f"{line(note.title, 200)}\n{note.text()}".encode("utf-8", "replace"),
    )


class Push:
    """Hands deliveries to the service that an apprise URL names."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        # A long text is sent in parts, each with its own time-outs.
        self.lease = timedelta(seconds=20 * channel.timeout_s)

    def send(self, delivery: Delivery) -> None:
        # Slow to import, and only needed where something is sent.
        from apprise import Apprise, LogCapture, NotifyFormat

        title, _, text = delivery.body.decode().partition("\n")
        service = Apprise()
        with LogCapture() as log:  # type: ignore[no-untyped-call]
            known = service.add(self.channel.url)
            taken = known and service.notify(
                body=text, title=title, body_format=NotifyFormat.TEXT
            )
            said = log.getvalue()
        if not known:
            raise self._error("apprise does not know this kind of address")
        if not taken:
            raise self._error(self._why(said))

    def _error(self, why: str) -> ChannelError:
        return ChannelError(
            f"channel {self.channel.id}: {why}", recipient=self.channel.id
        )

    def _why(self, said: str) -> str:
        """The last lines of apprise's log, without any part of the address."""
        for secret in secrets(self.channel.url):
            said = said.replace(secret, "[redacted]")
        lines = [re.sub(r"^.*?- (\w+) - ", "", it) for it in said.splitlines()]
        return line("; ".join(lines[-2:]), 300) or "the service did not take it"


def secrets(url: str) -> list[str]:
    """What of an address may be a token, the longest first."""
    parts = urlsplit(url)
    words = re.split(r"[/@:?&=]", unquote(f"{parts.netloc}/{parts.path}?{parts.query}"))
    found = {word for word in words if len(word) >= TOKEN and word != parts.hostname}
    return sorted(found, key=len, reverse=True)
