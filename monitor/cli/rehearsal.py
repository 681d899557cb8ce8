"""alerts test: what a rule would have told, replayed over stored history."""

import gc
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from monitor.cli.alerts import Since, moment, print_alert
from monitor.cli.options import DEFAULT_CONFIG, ConfigPath, load_config
from monitor.cli.output import AsJson, print_json
from monitor.errors import MonitorError, UnknownNameError

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.notify.rehearsal import Rehearsal
    from monitor.types import AlertRule

SHOWN = 20
"""Alerts of a rehearsal that are printed with their evidence; --json has them all."""

AsPublished = Annotated[
    bool,
    typer.Option(
        "--as-published",
        help="Take documents as heard when they were published: for history that was "
        "loaded afterwards.",
    ),
]


def register(alerts: typer.Typer) -> None:
    alerts.command("test")(rehearse)


def rehearse(
    rule: Annotated[
        str, typer.Argument(help="A rule's id, or a file with `alerts:` to try.")
    ],
    since: Since = "90d",
    chart: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it as SVG too.")
    ] = None,
    as_published: AsPublished = False,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Replay stored history and show what a rule would have told, and when.

    Nothing is stored or sent. What it tells is what `monitor run` would have told,
    had the rule been in feeds.yaml.
    """
    from monitor.notify.rehearsal import rehearsal
    from monitor.stages.alerting import rehearse as replay
    from monitor.store.connection import open_reader

    # What is read lives to the end, and looking through it for garbage on the way
    # takes a quarter of the time.
    gc.disable()
    loaded = load_config(config)
    asked = chosen(loaded, rule)
    now, start = datetime.now(UTC), moment(since)
    connection = open_reader(loaded.database)
    verdicts, history = replay(
        loaded,
        connection,
        asked,
        since=start,
        as_published=as_published,
        reasons=False,
    )
    zone = next((spec.timezone for spec in loaded.digests), ZoneInfo("UTC"))
    found = [
        rehearsal(it.id, verdicts, since=start, until=now, timezone=zone)
        for it in asked
    ]
    if chart is not None:
        _write_chart(chart, found, loaded)
    if as_json:
        print_json([asdict(it) for it in found])
        return
    if not any(start < it.heard_at for it in history.heard):
        print("nothing was heard in this time; try --as-published, or a longer --since")
    for one in found:
        _print_rehearsal(one)
    if chart is not None:
        print(f"chart      {chart}")


def chosen(config: "Config", rule: str) -> "tuple[AlertRule, ...]":
    """The rule of this id, or the rules of this file."""
    by_id = {it.id: it for it in config.alerts}
    if rule in by_id:
        return (by_id[rule],)
    if Path(rule).is_file():
        from monitor.config import rule_file

        return rule_file.load(Path(rule), config)
    raise UnknownNameError("rule and no file", rule, by_id)


def _write_chart(path: Path, found: "list[Rehearsal]", config: "Config") -> None:
    from monitor.notify import chart

    if len(found) > 1:
        message = f"--chart {path}: a chart is of one rule; the file has {len(found)}"
        raise MonitorError(message)
    if path.suffix != ".svg":
        message = f"--chart {path}: a chart is an SVG; let its name end in .svg"
        raise MonitorError(message)
    try:
        path.write_text(chart.svg(found[0], language=config.language), "utf-8")
    except OSError as error:
        raise MonitorError(f"--chart {path}: {error.strerror}") from error


def _print_rehearsal(found: "Rehearsal") -> None:
    import shutil

    from monitor.notify import chart

    days = sum(count > 0 for _, count in found.days)
    print(
        f"{found.rule}: {_many(len(found.alerts), 'alert')} on {_many(days, 'day')} of "
        f"{len(found.days)}, about {_many(found.subjects, 'subject')}; asked "
        f"{found.judged:,} times"
    )
    if found.held_back:
        held = ", ".join(f"{gate} {count}" for gate, count in found.held_back)
        print(f"held back: {held}")
    if found.alerts:
        columns = shutil.get_terminal_size().columns
        print(chart.terminal(found.days, columns=columns))
    for alert in found.alerts[-SHOWN:]:
        print_alert(alert, f"{alert.fired_at:%Y-%m-%d %H:%M} UTC  ")
    if len(found.alerts) > SHOWN:
        print(f"the latest {SHOWN} of {len(found.alerts)}; --json has all of them")


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
