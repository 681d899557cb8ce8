"""run: the pipeline, once or as a daemon."""

import asyncio
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.options import DEFAULT_CONFIG, ConfigPath, load_config
from monitor.cli.output import AsJson, print_json, progress, safe

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.stages.report import Report


def register(app: typer.Typer) -> None:
    app.command()(run)


def run(
    once: Annotated[
        bool, typer.Option("--once", help="One pass over what is due, then end.")
    ] = False,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Fetch, read, analyse, alert and send; until stopped, or with --once one pass."""
    loaded = load_config(config)
    for warning in loaded.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if not once:
        asyncio.run(_forever(loaded))
        return
    report = run_once(loaded)
    if as_json:
        print_json(asdict(report))
    else:
        print_report(report)


def run_once(config: "Config") -> "Report":
    """One pass with progress bars."""
    import random
    from datetime import UTC, datetime

    from monitor.pipeline import Pipeline
    from monitor.store.store import Store

    async def one_pass(show: Any) -> "Report":
        clock = lambda: datetime.now(UTC)  # noqa: E731 - one line says it all
        async with Pipeline(config, store, clock=clock, rng=random.Random()) as work:  # noqa: S311 - jitter
            return await work.run(show)

    with Store(config.database) as store, progress() as show:
        return asyncio.run(one_pass(show))


async def _forever(config: "Config") -> None:
    import random
    from datetime import UTC, datetime

    from monitor.daemon import run_forever
    from monitor.pipeline import Pipeline
    from monitor.store.store import Store

    clock = lambda: datetime.now(UTC)  # noqa: E731 - one line says it all
    with Store(config.database) as store:
        async with Pipeline(config, store, clock=clock, rng=random.Random()) as work:  # noqa: S311 - jitter
            print(f"running on {config.database}; Ctrl-C stops", file=sys.stderr)
            await run_forever(work)


def print_report(report: "Report") -> None:
    """What a pass did, and everything that went wrong in it."""
    if report.polled == report.analysed == report.sent == 0 and report.next_poll:
        print(f"nothing is due; the next feed is at {report.next_poll:%H:%M} UTC")
        return
    print(
        f"feeds     {report.polled} polled, {report.unchanged} unchanged, "
        f"{len(report.failed_feeds)} failed"
    )
    print(f"entries   {report.entries} new")
    print(
        f"documents {report.documents} new, {report.copies} copies, "
        f"{report.postponed} to try again later"
    )
    print(
        f"analysis  {report.analysed} documents, {report.mentions} mentions, "
        f"{report.unscored} without a score"
    )
    print(f"alerts    {len(report.alerts)}")
    print(f"mail      {report.sent} sent, {len(report.undelivered)} not taken")
    for alert in report.alerts:
        print(f"! {safe(alert.reason)}")
    problems = [
        *(f"{title}: {error}" for title, error in report.failed_feeds),
        *(f"{url}: put aside: {error}" for url, error in report.quarantined),
        *(f"{recipient}: {error}" for recipient, error in report.undelivered),
        *report.warnings,
    ]
    if report.polled and len(report.failed_feeds) == report.polled:
        problems.append("no feed could be read: is this machine online?")
    for problem in problems:
        print(f"warning: {safe(problem)}", file=sys.stderr)
