"""run: the pipeline, once or as a daemon."""

import random
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import DEFAULT_CONFIG, ConfigPath, declared, load_config
from monitor.cli.output import AsJson, DryRun, print_json, progress, safe
from monitor.stages.report import Progress

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.pipeline import Pipeline
    from monitor.stages.report import Report


def register(app: typer.Typer) -> None:
    app.command()(run)


def run(
    once: Annotated[
        bool, typer.Option("--once", help="One pass over what is due, then end.")
    ] = False,
    dry_run: DryRun = False,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Fetch, read, analyse, alert and send; until stopped, or with --once one pass.

    With --once --dry-run the pass runs on a copy of the database and sends nothing.
    """
    import asyncio

    loaded = declared(load_config(config))
    for warning in loaded.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if dry_run and not once:
        raise typer.BadParameter("--dry-run goes with --once")
    if not once:
        asyncio.run(_forever(loaded))
        return
    report = run_once(loaded, dry_run=dry_run)
    if as_json:
        print_json(asdict(report))
    else:
        print_report(report)
        if dry_run:
            print_messages(report)


def run_once(config: "Config", *, dry_run: bool = False) -> "Report":
    """One pass with progress bars; a dry run is on a copy, and sends nothing."""
    import asyncio

    from monitor.store.snapshot import snapshot

    async def one_pass(config: "Config", show: Progress) -> "Report":
        async with opened(config, dry_run=dry_run) as work:
            return await work.run(show)

    with progress() as show, ExitStack() as stack:
        if dry_run:
            copy = stack.enter_context(snapshot(config.database))
            config = replace(config, database=copy)
        return asyncio.run(one_pass(config, show))


def print_messages(report: "Report") -> None:
    """What a dry run would have sent, and to whom."""
    for channel, recipient, title in report.messages:
        print(f"would send by {channel} to {recipient}: {safe(title)}")
    if not report.messages:
        print("would send nothing")


async def _forever(config: "Config") -> None:
    from monitor.daemon import run_forever

    async with opened(config) as work:
        print(f"running on {config.database}; Ctrl-C stops", file=sys.stderr)
        await run_forever(work)


@asynccontextmanager
async def opened(
    config: "Config", *, dry_run: bool = False
) -> AsyncIterator["Pipeline"]:
    """The pipeline over the configured database, by the real clock."""
    from monitor.pipeline import Pipeline
    from monitor.store.store import Store

    def clock() -> datetime:
        return datetime.now(UTC)

    rng = random.Random()  # noqa: S311 - spreads polls
    with Store(config.database) as store:
        async with Pipeline(
            config, store, clock=clock, rng=rng, dry_run=dry_run
        ) as work:
            yield work


def print_report(report: "Report") -> None:
    """What a pass did, and everything that went wrong in it."""
    done = (report.polled, report.documents, report.copies, report.postponed)
    if any((*done, report.analysed, report.alerts, report.sent)):
        _print_counters(report)
    elif report.next_poll:
        print(f"nothing is due; the next feed is at {report.next_poll:%H:%M} UTC")
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


def _print_counters(report: "Report") -> None:
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
    print(f"messages  {report.sent} sent, {len(report.undelivered)} not taken")
