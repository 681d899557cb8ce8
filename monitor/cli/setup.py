"""init, config check|show, feeds list|check."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.options import DEFAULT_CONFIG, ConfigPath, load_config
from monitor.cli.output import AsJson, print_json, print_table, progress
from monitor.errors import ConfigError, MonitorError, StoreError
from monitor.stages.report import Progress
from monitor.types import Feed, FeedState

if TYPE_CHECKING:
    from monitor.config import Config


def register(app: typer.Typer) -> None:
    app.command()(init)
    config = typer.Typer(help="Check or show feeds.yaml.", no_args_is_help=True)
    config.command("check")(config_check)
    config.command("show")(config_show)
    app.add_typer(config, name="config")
    feeds = typer.Typer(help="List the feeds, or try them.", no_args_is_help=True)
    feeds.command("list")(feeds_list)
    feeds.command("check")(feeds_check)
    app.add_typer(feeds, name="feeds")


def init(
    folder: Annotated[Path, typer.Argument(help="Where to put it.")] = Path(),
) -> None:
    """Write a feeds.yaml to start from."""
    from monitor.config import default_path

    target = folder / DEFAULT_CONFIG
    if target.exists():
        raise MonitorError(f"{target} exists already; it was left as it is")
    folder.mkdir(parents=True, exist_ok=True)
    target.write_bytes(default_path().read_bytes())
    print(f"wrote {target}: companies, themes, feeds, alerts and a digest")
    print("next: set `contact` in it (SEC asks for an address), then")
    print("  monitor config check && monitor run --once && monitor company")


def config_check(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Say whether feeds.yaml is right; each problem with file, line and key."""
    try:
        loaded = load_config(config)
    except ConfigError as error:
        if not as_json:
            raise
        print_json({"ok": False, "problems": error.problems})
        raise typer.Exit(1) from error
    if as_json:
        print_json({"ok": True, "problems": [], "warnings": loaded.warnings})
        return
    for warning in loaded.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    print(
        f"{config} is right: {len(loaded.feeds)} feeds, {len(loaded.companies)} "
        f"companies, {len(loaded.themes)} themes, {len(loaded.alerts)} alert rules, "
        f"{len(loaded.digests)} digests"
    )


def config_show(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Print the configuration in effect as JSON, without secrets."""
    from monitor.config import show

    print_json(show(load_config(config)))


def feeds_list(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the feeds with how they are doing."""
    from monitor.store import queries
    from monitor.store.connection import open_reader

    loaded = load_config(config)
    try:
        health = {
            row["url"]: row for row in queries.feed_health(open_reader(loaded.database))
        }
    except StoreError:  # never run yet: the list is as good without
        health = {}
    rows = [
        {
            "title": feed.title,
            "url": feed.url,
            "kind": feed.kind,
            "language": feed.language,
            "tier": feed.tier,
            "entries": health.get(feed.url, {}).get("entries"),
            "last_fetch_at": health.get(feed.url, {}).get("last_fetch_at"),
            "last_error": health.get(feed.url, {}).get("last_error"),
        }
        for feed in loaded.feeds
    ]
    if as_json:
        print_json(rows)
        return
    columns = ("title", "kind", "language", "tier", "entries", "last_fetch_at")
    shown = [[row[column] for column in columns] + [row["last_error"]] for row in rows]
    print_table([*columns, "last error"], shown, title=f"{len(rows)} feeds")


def feeds_check(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Fetch every feed once without storing anything; fails if one fails."""
    import asyncio

    loaded = load_config(config)
    with progress() as show:
        rows = asyncio.run(_check_all(loaded, show))
    bad = [row for row in rows if row["error"]]
    if as_json:
        print_json(rows)
    else:
        shown = [[row["title"], row["entries"], row["error"] or "ok"] for row in rows]
        print_table(["feed", "entries", "result"], shown)
        print(f"{len(rows) - len(bad)} of {len(rows)} feeds answer as they should")
    if bad:
        raise typer.Exit(1)


async def _check_all(config: "Config", show: Progress) -> list[dict[str, Any]]:
    import asyncio

    from monitor.sources.http import HttpClient
    from monitor.stages import fetch
    from monitor.worker import Worker

    done = 0
    with Worker(fetch.parser, name="parser") as worker:
        async with HttpClient(contact=config.contact or "") as client:

            async def check(feed: Feed) -> dict[str, Any]:
                nonlocal done
                state, now = FeedState(feed_url=feed.url), datetime.now(UTC)
                row = {"title": feed.title, "url": feed.url, "entries": 0, "error": ""}
                try:
                    _, parsed = await fetch.read(
                        feed, state=state, client=client, worker=worker, now=now
                    )
                    row["entries"] = len(parsed.entries) if parsed else 0
                except MonitorError as error:
                    row["error"] = str(error)
                done += 1
                show("feeds", done, len(config.feeds))
                return row

            return list(await asyncio.gather(*map(check, config.feeds)))
