"""doctor: whether everything that the monitor stands on is sound, and what waits."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import typer

from monitor.cli.options import DEFAULT_CONFIG, ConfigPath, load_config
from monitor.cli.output import AsJson, print_json, safe
from monitor.cli.recall import duration, percent
from monitor.errors import MonitorError

if TYPE_CHECKING:
    from monitor.config import Config

FIXED = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
"""SQLite versions that mend the loss of commits when two connections checkpoint."""

PATIENCE = timedelta(hours=1)
"""A document that waits longer for its analysis does so because that fails."""

Check = tuple[bool, str, str]
"""Whether it is well, what was looked at, and what was found."""


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Look at the database, the feeds, the SEC and what waits; fails if one is ill."""
    loaded = load_config(config)
    checks = [sqlite_check(), *_database_checks(loaded), sec_check(loaded)]
    if as_json:
        names = ("ok", "what", "found")
        print_json([dict(zip(names, check, strict=True)) for check in checks])
    else:
        for well, what, found in checks:
            print(f"{'ok  ' if well else 'ill '} {what:<9} {safe(found)}")
    if not all(well for well, _, _ in checks):
        raise typer.Exit(1)


def sqlite_check(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> Check:
    """Whether this SQLite may lose commits of a second writer; ours has one."""
    text = ".".join(map(str, version))
    mended = any(version[:2] == fix[:2] and version >= fix for fix in FIXED)
    if mended or version > FIXED[-1]:
        return True, "sqlite", text
    return True, "sqlite", f"{text}; let no other program write to the database"


def sec_check(config: "Config") -> Check:
    """Whether the SEC is asked at all, and answers."""
    from monitor.sources.sec import Standing

    if not any(feed.kind == "edgar" for feed in config.feeds):
        return True, "sec", "no feed of kind: edgar"
    if not config.contact:
        return False, "sec", "not asked: no contact: is set in feeds.yaml"
    rest = Standing().rest(now=datetime.now(UTC))
    if rest is not None:
        until = f"{rest.until:%Y-%m-%d %H:%M} UTC"
        return False, "sec", f"left alone until {until}: {rest.reason}"
    return True, "sec", f"asked as {config.contact}"


def _database_checks(config: "Config") -> list[Check]:
    from monitor.store.connection import explained, open_reader

    path = config.database
    try:
        with closing(open_reader(path)) as connection, explained(path):
            checks = [
                *_feed_checks(connection),
                analysis_check(connection, now=datetime.now(UTC)),
                *_filing_checks(connection),
            ]
    except MonitorError as error:
        return [(False, "database", str(error))]
    return [(True, "database", str(path)), *checks]


def _feed_checks(connection: sqlite3.Connection) -> list[Check]:
    from monitor.store import queries

    rows = queries.feed_health(connection)
    ill = [row for row in rows if row["last_error"] or row["disabled"]]
    total = (not ill, "feeds", f"{len(rows) - len(ill)} of {len(rows)} answer")
    return [
        total,
        *((False, "feed", _words(row, "title", "last_error")) for row in ill),
    ]


def analysis_check(connection: sqlite3.Connection, *, now: datetime) -> Check:
    """Whether documents wait for long; what was put aside was warned of then."""
    from monitor.store import queries

    waiting, oldest, aside = queries.unread(connection)
    if not waiting and not aside:
        return True, "analysis", "nothing waits"
    well = oldest is None or now - oldest < PATIENCE
    since = f" since {oldest:%Y-%m-%d %H:%M} UTC" if oldest else ""
    return well, "analysis", f"{waiting} wait{since}, {aside} put aside"


def _filing_checks(connection: sqlite3.Connection) -> list[Check]:
    from monitor.store import filings

    waiting = [(False, "filing", _waits(row)) for row in filings.waiting(connection)]
    recalls = [
        (row["stored"] == row["listed"], "edgar", _recalled(row))
        for row in filings.recalls(connection)
    ]
    if not recalls:
        recalls = [(True, "edgar", "no audit yet: `monitor edgar audit`")]
    return [*waiting, *recalls]


def _waits(row: sqlite3.Row) -> str:
    name = _words(row, "form", "accession_no", "company")
    return f"{name}: waits after attempt {row['attempts']}: {row['error']}"


def _recalled(row: sqlite3.Row) -> str:
    return (
        f"{row['day']}: recall {percent(row['stored'], row['listed'])}, "
        f"{row['stored']} of {row['listed']} filings since {row['since']}, "
        f"worst delay {duration(row['worst_delay_s'])}"
    )


def _words(row: Any, *names: str) -> str:
    return " ".join(str(row[name]) for name in names if row[name])
