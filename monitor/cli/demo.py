"""demo: the whole product on the samples that ship, without the internet."""

import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.ask import print_companies
from monitor.cli.output import safe, signed
from monitor.cli.work import run_once

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.types import Alert


QUERY = "select company, theme, documents, score from company_theme"


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo is put.")] = Path("demo"),
) -> None:
    """Run everything on invented samples from a local server, and show the results."""
    from datetime import UTC, datetime, timedelta

    from monitor.cli.options import load_config
    from monitor.demo import SampleServer, is_free, write_config
    from monitor.errors import MonitorError
    from monitor.store.connection import open_reader
    from monitor.store.hearings import watch_from
    from monitor.store.store import Store

    started = time.monotonic()
    if not is_free(folder):
        message = f"{folder} holds a monitor of your own; name another with --folder"
        raise MonitorError(message)
    for old in folder.glob("monitor.db*"):
        old.unlink()
    now = datetime.now(UTC)
    with SampleServer(now=now) as server:
        path = write_config(folder, server.base_url)
        config = load_config(path)
        print(f"serving invented samples at {server.base_url}")
        # What a feed holds when it is first read is history, and raises no alert.
        with Store(config.database) as store:
            store.save_watched(
                feeds=config.feeds, companies=config.companies, themes=config.themes
            )
            watch_from(store, config.feeds, at=now - timedelta(days=1))
        report = run_once(config)
    connection = open_reader(config.database)
    print(
        f"{report.polled} feeds, {report.entries} entries, {report.documents} documents "
        f"({report.copies} copies), {report.mentions} scored mentions\n"
    )
    for title, error in report.failed_feeds:
        print(f"feed that fails, as it should: {safe(title)}: {safe(error)}")
    for warning in report.warnings:
        print(f"warning: {safe(warning)}", file=sys.stderr)
    if not report.analysed:
        raise typer.Exit(1)
    print_companies(connection, since=now - timedelta(days=7), as_json=False)
    for alert in report.alerts:
        _print_alert(alert)
    for spec in config.digests:
        print(f"digest    {_preview(config, spec.id, folder)}")
    print(f"\nthe work took {time.monotonic() - started:.1f} s; try next:")
    program = _program()
    for command in (
        f"company vertiv -c {path}",
        f"search 냉각 -c {path}",
        f'query "{QUERY}" -c {path}',
        f"run --once -c {path}    # nothing new, nothing sent twice",
        'analyze "버티브는 오르고 슈퍼마이크로는 급락했다"',
        "init    # a feeds.yaml of your own, with real feeds",
    ):
        print(f"  {program} {command}")


def _program() -> str:
    """How this command can be called again: by name if the shell finds it so."""
    called = Path(sys.argv[0])
    found = shutil.which(called.name)
    on_path = found is not None and Path(found).resolve() == called.resolve()
    return called.name if on_path else str(called)


def _print_alert(alert: "Alert") -> None:
    print(f"alert     {safe(alert.reason)}")
    for item in alert.evidence:
        print(f"          {signed(item.score)} {safe(item.sentence)}")
        print(f"                {safe(item.source)}  {safe(item.url)}")


def _preview(config: "Config", digest: str, folder: Path) -> Path:
    from monitor.cli.tell import preview

    return preview(config, digest, folder / f"digest-{digest}.html")
