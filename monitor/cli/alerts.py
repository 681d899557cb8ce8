"""alerts: what fired and why, what would have, and what is not to be told."""

from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.options import DEFAULT_CONFIG, ConfigPath, in_utc, load_config
from monitor.cli.output import AsJson, print_json, print_table, safe, signed
from monitor.errors import ConfigError, MonitorError

if TYPE_CHECKING:
    import sqlite3

    from monitor.config import Config
    from monitor.types import Alert

Since = Annotated[
    str, typer.Option(help="How far back, as 90d or 12h; or a day, as 2026-01-31.")
]


def register(app: typer.Typer) -> None:
    from monitor.cli import rehearsal

    alerts = typer.Typer(help="What fired, and why.", no_args_is_help=True)
    alerts.command("list")(alerts_list)
    alerts.command("explain")(explain)
    alerts.command("why-not")(why_not)
    alerts.command("mute")(mute)
    alerts.command("unmute")(unmute)
    alerts.command("ack")(acknowledge)
    rehearsal.register(alerts)
    app.add_typer(alerts, name="alerts")


def alerts_list(
    config: ConfigPath = DEFAULT_CONFIG,
    days: Annotated[int, typer.Option(help="How many days back.", min=1)] = 30,
    as_json: AsJson = False,
) -> None:
    """List alerts with their numbers and evidence, newest first; and what is muted."""
    from monitor.store import queries, wishes
    from monitor.store.alerts import states
    from monitor.store.connection import open_reader

    now = datetime.now(UTC)
    connection = open_reader(load_config(config).database)
    found = queries.alerts(connection, since=now - timedelta(days=days))
    state = states(connection)
    if as_json:
        print_json([asdict(it) | {"state": state[it.id]} for it in found])
        return
    for alert in found:
        fired = f"{alert.fired_at:%Y-%m-%d %H:%M} UTC"
        print(f"{alert.id[:8]}  {fired}  {alert.rule}  {state[alert.id]}")
        print_alert(alert)
    if not found:
        print(f"no alert in the last {days} days")
    for one in wishes.mutes(connection):
        if one.until > now:
            print(f"muted: {safe(one.target)} until {one.until:%Y-%m-%d %H:%M} UTC")


def print_alert(alert: "Alert", when: str = "") -> None:
    """An alert with its evidence, after `when`."""
    print(f"{when}{safe(alert.reason)}")
    for item in alert.evidence:
        print(f"  {signed(item.score)} {safe(item.sentence)}")
        print(f"        {safe(item.source)}  {safe(item.url)}")


def explain(
    alert_id: Annotated[str, typer.Argument(help="Its id, or how that begins.")],
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Explain an alert: its rule, what it measured, its evidence, what became of it."""
    from monitor.notify.rules.wording import sentences
    from monitor.store import queries, wishes
    from monitor.store.alerts import deliveries_of, states
    from monitor.store.connection import open_reader

    loaded = load_config(config)
    connection = open_reader(loaded.database)
    key = wishes.find(connection, alert_id)
    alert = next(it for it in queries.alerts(connection) if it.id == key)
    state = states(connection)[key]
    deliveries = deliveries_of(connection, key)
    if as_json:
        print_json(asdict(alert) | {"state": state, "deliveries": deliveries})
        return
    print(
        f"{alert.rule} about {safe(alert.subject)}, {alert.fired_at:%Y-%m-%d %H:%M} UTC"
    )
    print(f"id         {alert.id}")
    print(f"rule       {_said(loaded, alert.rule)}")
    for sentence in sentences(alert.findings, "en") or (alert.reason,):
        print(f"found      {safe(sentence)}")
    for finding in alert.findings:
        measured = ", ".join(f"{k} {_number(v)}" for k, v in finding.values.items())
        print(f"measured   {finding.kind}: {safe(measured)}")
    print(f"state      {state}")
    for row in deliveries:
        error = f": {row['error']}" if row["error"] else ""
        print(f"message    {safe(row['recipient'])} {row['state']}{safe(error)}")
    for item in alert.evidence:
        print(f"evidence   {signed(item.score)} {safe(item.sentence)}")
        print(f"           {item.published_at:%Y-%m-%d} {safe(item.source)}")
        print(f"           {safe(item.url)}")


def _said(config: "Config", rule_id: str) -> str:
    """The rule as feeds.yaml has it now, without what is not set."""
    from monitor.config import show

    rule = next((it for it in show(config)["alerts"] if it["id"] == rule_id), None)
    if rule is None:
        return f"{rule_id}, no longer in {config.path.name}"
    return ", ".join(f"{key}: {_yaml(value)}" for key, value in rule.items() if value)


def _yaml(value: Any) -> str:
    if isinstance(value, dict):
        inner = (f"{k}: {_yaml(v)}" for k, v in value.items() if v not in (None, []))
        return f"{{{', '.join(inner)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_yaml, value))}]"
    return str(value)


def _number(value: float | str | None) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return "none" if value is None else str(value)


def why_not(
    company: Annotated[str, typer.Option(help="Id, ticker or name, 엔비디아 too.")],
    since: Since = "7d",
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Say for each rule how far it came with a company, and at which gate it stopped.

    Also what became of the alerts that were raised: told, waiting (quiet hours,
    grouping), muted or acknowledged meanwhile, without recipient, not taken.
    """
    from monitor.notify.rules.stops import stops
    from monitor.stages.alerting import rehearse
    from monitor.store import queries
    from monitor.store.connection import open_reader
    from monitor.store.hearings import heard_of

    loaded = load_config(config)
    start = moment(since)
    connection = open_reader(loaded.database)
    subject = queries.known_company(connection, company)
    heard = heard_of(connection, subject, since=start)
    if not loaded.alerts:
        raise ConfigError([f"{loaded.path}: no rule is configured under `alerts`"])
    verdicts, history = rehearse(loaded, connection, loaded.alerts, since=start)
    found = stops(loaded.alerts, history, subject, verdicts, since=start)
    became = _became(connection, subject, start)
    if as_json:
        rules = [asdict(it) | {"became": became.get(it.rule, {})} for it in found]
        print_json({"company": subject, **heard, "rules": rules})
        return
    print(
        f"{subject} since {start:%Y-%m-%d %H:%M} UTC: {heard['news']} documents that are "
        f"news, {heard['history']} that are not (edits, or there when a feed was first "
        f"read), {heard['waiting']} that wait for analysis, {heard['aside']} put aside"
    )
    rows = [
        [it.rule, it.judged, it.fired, it.gate, it.at, it.missing or "–"]
        for it in found
    ]
    print_table(["rule", "asked", "fired", "furthest gate", "at", "missing"], rows)
    for rule, outcomes in became.items():
        counted = ", ".join(f"{safe(it)} ({n})" for it, n in outcomes.items())
        print(f"what became of {rule}: {counted}")


def _became(
    connection: "sqlite3.Connection", company: str, since: datetime
) -> dict[str, dict[str, int]]:
    """By rule, what became of its alerts about a company and how often."""
    from monitor.store import queries
    from monitor.store.alerts import outcome, states

    state = states(connection)
    found: dict[str, Counter[str]] = {}
    for alert in queries.alerts(connection, since=since):
        if company in {alert.subject, *(it.company for it in alert.evidence)}:
            said = outcome(connection, alert.id, state[alert.id])
            found.setdefault(alert.rule, Counter())[said] += 1
    return {rule: dict(counts.most_common()) for rule, counts in found.items()}


def moment(text: str) -> datetime:
    """`90d` ago, or `2026-01-31`, in UTC unless it says otherwise; else MonitorError."""
    from monitor.config.values import duration

    now = datetime.now(UTC)
    try:
        return now - duration(timedelta(), timedelta(days=36_600))(text)
    except ValueError:
        pass
    try:
        start = in_utc(text)
    except ValueError as error:
        message = f"--since {text!r}: expected 90d, 12h, or a day such as 2026-01-31"
        raise MonitorError(message) from error
    if start > now:
        raise MonitorError(f"--since {text!r}: expected a day that has begun")
    return start


def mute(
    target: Annotated[str, typer.Argument(help="A company, a theme or a rule.")],
    length: Annotated[str, typer.Option("--for", help="As 12h, 7d or 2w.")] = "7d",
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Tell nothing about a company, a theme or a rule for a while.

    Muting a theme silences what is about it alone: alerts on the theme itself, on its
    first appearance with a company, and rules that look at no other theme.
    """
    from monitor.config.values import duration
    from monitor.store import wishes

    try:
        until = datetime.now(UTC) + duration(timedelta(minutes=1), timedelta(days=366))(
            length
        )
    except ValueError as error:
        raise MonitorError(f"--for {length!r}: {error}") from error
    loaded = load_config(config)
    with wishes.opened(loaded.database) as wish:
        key = _target(loaded, wish.connection, target)
        wish.mute(key, until=until, now=datetime.now(UTC))
    print(f"{key} is muted until {until:%Y-%m-%d %H:%M} UTC")


def unmute(
    target: Annotated[str, typer.Argument(help="What was muted.")],
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """End a mute."""
    from monitor.store import wishes

    loaded = load_config(config)
    with wishes.opened(loaded.database) as wish:
        key = _target(loaded, wish.connection, target)
        ended = wish.unmute(key, now=datetime.now(UTC))
    print(f"{key} is no longer muted" if ended else f"{key} was not muted")


def _target(config: "Config", connection: Any, text: str) -> str:
    """The id of a rule, a theme or a company by any of its names."""
    from monitor.store import queries

    ids = {rule.id for rule in config.alerts} | {theme.id for theme in config.themes}
    return text if text in ids else queries.known_company(connection, text)


def acknowledge(
    alert_id: Annotated[str, typer.Argument(help="Its id, or how that begins.")],
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Mark an alert as seen: its rule is quiet on its subject for a while.

    That is for the rule's cooldown or its longest window, whichever is longer.
    """
    from monitor.store import wishes

    with wishes.opened(load_config(config).database) as wish:
        key = wish.acknowledge(alert_id, now=datetime.now(UTC))
    print(f"{key} is acknowledged")
