"""channels: where alerts and digests go, and whether they arrive."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.options import DEFAULT_CONFIG, ConfigPath, load_config
from monitor.cli.output import AsJson, DryRun, print_json, print_table, safe
from monitor.errors import ConfigError, UnknownNameError

if TYPE_CHECKING:
    from monitor.config import Config


def register(app: typer.Typer) -> None:
    channels = typer.Typer(
        help="Where alerts and digests go: mail, chats, phones, webhooks, a feed.",
        no_args_is_help=True,
    )
    channels.command("list")(channels_list)
    channels.command("test")(channels_test)
    app.add_typer(channels, name="channels")


def channels_list(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List who gets what, how many messages went, wait or were given up, and why."""
    loaded = load_config(config)
    rows = [_row(loaded, recipient) for recipient in _recipients(loaded)]
    if as_json:
        print_json(rows)
        return
    columns = ("recipient", "kind", "gets", "sent", "waiting", "failed", "last_error")
    print_table(columns, [[row[name] for name in columns] for row in rows])


def channels_test(
    recipient: Annotated[str, typer.Argument(help="A channel's id, or an address.")],
    dry_run: DryRun = False,
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Send a short message to one recipient at once; the outbox is not used."""
    from monitor.stages import trial

    loaded = load_config(config)
    channels = {channel.id for channel in loaded.channels}
    if recipient not in channels and (loaded.mail is None or "@" not in recipient):
        if "@" in recipient:
            raise ConfigError([f"{loaded.path}: no mail server is set under `mail`"])
        raise UnknownNameError("channel", recipient, sorted(channels))
    delivery = trial.message(loaded, recipient, now=datetime.now(UTC))
    if dry_run:
        print(safe(delivery.body.decode(), keep="\n"))
        return
    trial.send(loaded, delivery)
    print(f"{recipient}: taken")


def _recipients(config: "Config") -> list[str]:
    named = [
        *config.alert_recipients,
        *(recipient for digest in config.digests for recipient in digest.to),
        *(channel.id for channel in config.channels),
    ]
    return list(dict.fromkeys(named))


def _row(config: "Config", recipient: str) -> dict[str, Any]:
    from monitor.store.deliveries import counts

    kinds = {channel.id: channel.kind for channel in config.channels}
    gets = ["alerts"] if recipient in config.alert_recipients else []
    gets += [digest.id for digest in config.digests if recipient in digest.to]
    return {
        "recipient": recipient,
        "kind": kinds.get(recipient, "mail"),
        "gets": ", ".join(gets) or None,
    } | counts(config.database, recipient)
