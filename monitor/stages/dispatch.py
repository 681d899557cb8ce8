"""What is told -> rows in the outbox, one for each recipient and channel -> sent.

A recipient in feeds.yaml is a mail address or the id of a channel. Does not decide
what is told (`tell`).
"""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from email import message_from_bytes, policy
from hashlib import blake2b
from threading import Event
from typing import Literal
from xml.sax.saxutils import unescape
from zoneinfo import ZoneInfo

from monitor.config import Config
from monitor.notify import atom, letter, mail, outbox, push, render, view, webhook
from monitor.stages.report import Report
from monitor.store.outbox import Outbox
from monitor.types import (
    Alert,
    AlertRule,
    Channel,
    ChannelKind,
    Delivery,
    Digest,
    MessageKind,
)

Kind = Literal["digest", "alert"]


class Dispatch:
    """The outbox of one configuration."""

    def __init__(
        self, *, config: Config, outbox: Outbox, dry_run: bool = False
    ) -> None:
        self.config = config
        self.outbox = outbox
        self.dry_run = dry_run
        self.channels = {channel.id: channel for channel in config.channels}

    # --- reserving

    def alerts(self, together: Sequence[Alert], *, now: datetime) -> int:
        """Reserve alerts for everyone who gets them; how many messages are new.

        People get them in one message, programs one by one. Their rules must be in
        feeds.yaml still.
        """
        rules = {rule.id: rule for rule in self.config.alerts}
        told = [(it, rules[it.rule]) for it in together]
        recipients = self.reachable(self.config.alert_recipients)
        return sum(self._alerts(told, recipient, now) for recipient in recipients)

    def _alerts(
        self,
        told: Sequence[tuple[Alert, AlertRule]],
        recipient: str,
        now: datetime,
    ) -> int:
        config, channel = self.config, self.channels.get(recipient)
        # Nobody sets a time zone for alerts by mail: the digest's is the reader's.
        usual = next((spec.timezone for spec in config.digests), ZoneInfo("UTC"))
        language = channel.language if channel else config.language
        names = view.names(config.companies, config.themes, language)
        one_by_one = channel is not None and channel.kind in {"webhook", "atom"}
        messages = [[it] for it in told] if one_by_one else [list(told)]
        return sum(
            self._reserve(
                render.alerts(
                    message,
                    names,
                    language=language,
                    timezone=channel.timezone if channel else usual,
                ),
                message[0][0],
                kind="alert",
                edition=_edition([alert for alert, _ in message]),
                list_name="alerts",
                recipient=recipient,
                language=language,
                now=now,
            )
            for message in messages
        )

    def digest(
        self, found: Digest, *, edition: str, recipients: Sequence[str], now: datetime
    ) -> int:
        """Reserve a digest, in its own language on every channel."""
        spec, config = found.spec, self.config
        names = view.names(config.companies, config.themes, spec.language)
        rendering = render.digest(found, names)
        return sum(
            self._reserve(
                rendering,
                found,
                kind="digest",
                edition=edition,
                list_name=spec.id,
                recipient=recipient,
                language=spec.language,
                now=now,
            )
            for recipient in self.reachable(recipients)
        )

    def reachable(self, recipients: Sequence[str]) -> list[str]:
        """Those that there is a way to: channels, and addresses if mail is set up."""
        mailing = self.config.mail is not None
        return [
            it for it in recipients if it in self.channels or (mailing and "@" in it)
        ]

    def waiting(
        self, recipients: Sequence[str], *, kind: Kind, edition: str
    ) -> list[str]:
        """Those for whom this was not reserved yet."""
        return [
            recipient
            for recipient in self.reachable(recipients)
            if not self.outbox.is_reserved(
                recipient=recipient,
                channel=self._kind(recipient),
                subject_kind=kind,
                edition=edition,
            )
        ]

    def _kind(self, recipient: str) -> ChannelKind:
        channel = self.channels.get(recipient)
        return channel.kind if channel else "mail"

    def _reserve(
        self,
        rendering: render.Rendering,
        about: Alert | Digest,
        *,
        kind: Kind,
        edition: str,
        list_name: str,
        recipient: str,
        language: Literal["en", "ko"],
        now: datetime,
    ) -> bool:
        channel = self.channels.get(recipient)
        if channel is not None:
            made = compose(
                rendering, about, kind=kind, edition=edition, channel=channel, now=now
            )
        elif self.config.mail is not None:
            made = letter.compose(
                rendering,
                kind=kind,
                edition=edition,
                list_name=list_name,
                sender=self.config.mail.sender,
                recipient=recipient,
                language=language,
                now=now,
            )
        else:
            return False
        return self.outbox.reserve(
            recipient=made.recipient,
            channel=self._kind(recipient),
            subject_kind=kind,
            edition=edition,
            message_id=made.message_id,
            body=made.body,
            now=now,
        )

    # --- sending

    def senders(self) -> dict[str, outbox.Sender]:
        """Who sends what, by `outbox.place`; in a dry run nobody does."""
        if self.dry_run:
            places = [*self.channels, *(["mail"] if self.config.mail else [])]
            return dict.fromkeys(places, outbox.Nobody())
        found: dict[str, outbox.Sender] = {
            channel.id: self.sender(channel) for channel in self.channels.values()
        }
        if self.config.mail is not None:
            found["mail"] = mail.Mailer(self.config.mail)
        return found

    def sender(self, channel: Channel) -> outbox.Sender:
        if channel.kind == "webhook":
            return webhook.Webhook(channel)
        if channel.kind == "apprise":
            return push.Push(channel)
        return atom.AtomFile(
            channel,
            lambda: self.outbox.told(
                recipient=channel.id, channel="atom", limit=atom.MAX_ENTRIES
            ),
        )

    async def deliver(self, report: Report, *, now: datetime) -> None:
        """Send what is due in the outbox."""
        senders = self.senders()
        if not senders:
            return
        for sender in senders.values():
            if isinstance(sender, atom.AtomFile):
                sender.begin(now)
        stop = Event()
        sending = asyncio.create_task(
            asyncio.to_thread(outbox.drain, self.outbox, senders, now=now, stop=stop)
        )
        try:
            attempts = await asyncio.shield(sending)
        except asyncio.CancelledError:
            stop.set()
            # A message that the server has taken must be marked before we end.
            await sending
            raise
        sent = [attempt.delivery for attempt in attempts if attempt.error is None]
        report.sent += len(sent)
        report.messages += [(it.channel, it.recipient, title(it)) for it in sent]
        report.undelivered += [
            (attempt.delivery.recipient, attempt.error)
            for attempt in attempts
            if attempt.error is not None
        ]


def _edition(alerts: Sequence[Alert]) -> str:
    """Names a message of alerts: the id of the only one, or of all together."""
    if len(alerts) == 1:
        return alerts[0].id
    ids = "\x1f".join(alert.id for alert in alerts)
    return blake2b(ids.encode(), digest_size=12).hexdigest()


def title(delivery: Delivery) -> str:
    """What a message says first, on whichever channel."""
    if delivery.channel == "mail":
        message = message_from_bytes(delivery.body, policy=policy.default)
        return str(message["Subject"])
    if delivery.channel == "webhook":
        return str(json.loads(delivery.body)["data"]["title"])
    text = delivery.body.decode()
    if delivery.channel == "atom":
        return unescape(text.partition("<title>")[2].partition("</title>")[0])
    return text.partition("\n")[0]


def compose(
    rendering: render.Rendering,
    about: Alert | Digest | None,
    *,
    kind: MessageKind,
    edition: str,
    channel: Channel,
    now: datetime,
) -> letter.Letter:
    """The message as a channel takes it."""
    if channel.kind == "webhook":
        return webhook.compose(
            rendering, about, kind=kind, edition=edition, channel=channel, now=now
        )
    make = push.compose if channel.kind == "apprise" else atom.compose
    return make(rendering, kind=kind, edition=edition, channel=channel, now=now)
