"""A message that says only that it arrived: whether a channel works, at once.

Not through the outbox: nothing is recorded, and it may be sent any number of times.
"""

from datetime import datetime

from monitor.config import Config
from monitor.errors import DeliveryError
from monitor.notify import letter, mail, outbox, push, render, webhook
from monitor.notify.note import Note, NoteLine
from monitor.notify.words import Words
from monitor.stages.dispatch import compose
from monitor.types import Channel, Delivery


def message(config: Config, recipient: str, *, now: datetime) -> Delivery:
    """A short message to an address or a channel of the configuration."""
    channel = _channel(config, recipient)
    words = Words(channel.language if channel else config.language)
    text = words("trial_text")
    note = Note(title=words("trial"), lines=(NoteLine(text=text),))
    rendering = render.Rendering(
        subject=note.title, text=f"{text}\n", html=note.html(), note=note
    )
    edition = now.isoformat()
    if channel is not None:
        made = compose(
            rendering, None, kind="trial", edition=edition, channel=channel, now=now
        )
    else:
        made = letter.compose(
            rendering,
            kind="trial",
            edition=edition,
            list_name="trial",
            sender=config.mail.sender if config.mail else "",
            recipient=recipient,
            language=config.language,
            now=now,
        )
    return Delivery(
        id=0,
        recipient=made.recipient,
        channel=channel.kind if channel else "mail",
        subject_kind="alert",
        edition=edition,
        message_id=made.message_id,
        body=made.body,
        attempts=1,
        next_attempt_at=now,
        reserved_at=now,
    )


def send(config: Config, delivery: Delivery) -> None:
    """Hand it on; raises `DeliveryError` where it was not taken."""
    _sender(config, delivery).send(delivery)


def _sender(config: Config, delivery: Delivery) -> outbox.Sender:
    channel = _channel(config, delivery.recipient)
    if channel is None and config.mail is not None:
        return mail.Mailer(config.mail)
    if channel is not None and channel.kind == "webhook":
        return webhook.Webhook(channel)
    if channel is not None and channel.kind == "apprise":
        return push.Push(channel)
    message = "a feed is a file that is read, not a place that is sent to"
    raise DeliveryError(message, recipient=delivery.recipient, permanent=True)


def _channel(config: Config, recipient: str) -> Channel | None:
    return next((it for it in config.channels if it.id == recipient), None)
