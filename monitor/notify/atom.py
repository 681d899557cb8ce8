"""An Atom feed (RFC 4287) of what was told, as a file for any reader or web server.

The whole file is written anew for each entry, from what the outbox holds, and takes
the old one's place at once: a reader never sees half of it, and writing the same entry
again changes nothing.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr

from monitor.errors import ChannelError
from monitor.notify.letter import Letter, identity
from monitor.notify.render import Rendering
from monitor.notify.words import Words
from monitor.types import Channel, Delivery, MessageKind

MAX_ENTRIES = 100

NAMESPACE = uuid5(NAMESPACE_URL, "https://www.w3.org/2005/Atom#compute-monitor")


def compose(
    rendering: Rendering,
    *,
    kind: MessageKind,
    edition: str,
    channel: Channel,
    now: datetime,
) -> Letter:
    """One `<entry>`; its id follows from channel, kind and edition."""
    name = identity(channel.id, kind, edition)
    note = rendering.note
    links = [line.url for line in note.lines if line.url]
    first = f"<link href={quoteattr(links[0])}/>" if links else ""
    entry = (
        f"<entry><id>{_urn(name)}</id><title>{escape(note.title)}</title>"
        f"<updated>{_rfc3339(now)}</updated>{first}<category term={quoteattr(kind)}/>"
        f'<content type="html">{escape(note.html())}</content></entry>'
    )
    return Letter(
        recipient=channel.id,
        message_id=_urn(name),
        body=entry.encode("utf-8", "replace"),
    )


class AtomFile:
    """A feed in a file; `told` gives the entries so far, the latest first."""

    lease = timedelta(minutes=5)

    def __init__(self, channel: Channel, told: Callable[[], Sequence[bytes]]) -> None:
        self.channel = channel
        self._told = told

    def send(self, delivery: Delivery) -> None:
        self._write([delivery.body, *self._told()], delivery.reserved_at)

    def begin(self, now: datetime) -> None:
        """Write the feed if there is no file, so that one can subscribe at once."""
        if not self._path.exists():
            self._write(self._told(), now)

    @property
    def _path(self) -> Path:
        return self.channel.path or Path(f"{self.channel.id}.xml")

    def _write(self, entries: Sequence[bytes], now: datetime) -> None:
        unique = list(dict.fromkeys(entries))[:MAX_ENTRIES]
        content = b"\n".join([self._head(now), *unique, b"</feed>\n"])
        try:
            _replace(self._path, content)
        except OSError as error:
            message = f"{self._path}: {error.strerror}; check its folder"
            raise ChannelError(message, recipient=self.channel.id) from error

    def _head(self, now: datetime) -> bytes:
        words = Words(self.channel.language)
        link = self.channel.link
        itself = f"<link rel='self' href={quoteattr(link)}/>" if link else ""
        head = (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            '<feed xmlns="http://www.w3.org/2005/Atom" '
            f'xml:lang="{self.channel.language}">'
            f"<id>{_urn(link or self.channel.id)}</id>"
            f"<title>{escape(words('feed_title'))}</title>"
            f"<updated>{_rfc3339(now)}</updated>{itself}"
            f"<author><name>{escape(words('brand'))}</name></author>"
        )
        return head.encode()


def _replace(path: Path, content: bytes) -> None:
    """Write beside the file, then rename: whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".atom-", delete=False) as new:
        try:
            new.write(content)
            new.flush()
            os.fsync(new.fileno())
            # Made readable by its owner alone; a feed is for readers.
            os.fchmod(new.fileno(), 0o644)
            os.replace(new.name, path)  # noqa: PTH105 - a name, not a Path
        except BaseException:
            with suppress(OSError):
                os.unlink(new.name)  # noqa: PTH108 - likewise
            raise


def _urn(name: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE, name)}"


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
