"""edgar audit: what the SEC lists of each watched company against what is stored."""

import sys
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import typer

from monitor.cli.backfill import Since
from monitor.cli.options import DEFAULT_CONFIG, ConfigPath, contactable, load_config
from monitor.cli.output import AsJson, print_json, print_table, safe
from monitor.errors import StoreLockedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitor.config import Config
    from monitor.stages.audit import Audit
    from monitor.types import Recall

MINUTE, HOUR, DAY = 60, 3600, 86400


def edgar_audit(
    since: Since = None,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Compare what EDGAR lists of each watched company with what is stored.

    Since the day the live list was first read, 30 days at most, if none is given.
    Fails if something is missing. `monitor run` does the same once a day and queues
    what it never saw.
    """
    import asyncio

    loaded = contactable(load_config(config))
    found = asyncio.run(_audit(loaded, since))
    _record(loaded, found)
    if as_json:
        print_json(asdict(found) | {"missing": len(found.missing)})
    else:
        _print(found)
    if found.errors or any(one.misses for one in found.recalls):
        raise typer.Exit(1)


async def _audit(config: "Config", since: date | None) -> "Audit":
    from monitor.sources.http import HttpClient
    from monitor.stages import audit, lists
    from monitor.store import filings
    from monitor.store.connection import open_reader

    now = datetime.now(UTC)
    feeds = lists.edgar_feeds(config.feeds)
    with closing(open_reader(config.database)) as connection:
        start = since or audit.default_since(filings.watched_since(connection), now)
        async with HttpClient(contact=config.contact or "") as client:
            return await audit.audit(
                lists.CompanyLists(client=client, feed=feeds[0]),
                config.companies,
                connection,
                since=start,
                wanted=lists.forms_of(feeds),
            )


def _record(config: "Config", found: "Audit") -> None:
    from monitor.store.filings import Filings
    from monitor.store.store import Store

    try:
        with Store(config.database) as store:
            Filings(store).save_recalls(found.recalls, day=datetime.now(UTC).date())
    except StoreLockedError:
        message = "not recorded: the running monitor records its own once a day"
        print(message, file=sys.stderr)


def _print(found: "Audit") -> None:
    listed = [one for one in found.recalls if one.listed]
    rows = [
        [
            one.company,
            one.listed,
            one.stored,
            percent(one.stored, one.listed),
            duration(one.median_delay_s),
            duration(one.worst_delay_s),
        ]
        for one in listed
    ]
    names = ["company", "listed", "stored", "recall", "median delay", "worst"]
    if rows:
        print_table(names, rows)
    misses = [
        [one.company, miss.form, miss.filing_date, miss.accession_no, miss.reason]
        for one in listed
        for miss in one.misses
    ]
    if misses:
        print_table(["company", "form", "filed", "accession no", "why"], misses)
    print(summary(found.recalls))
    for company, error in found.errors:
        print(f"warning: {company}: {safe(error)}", file=sys.stderr)


def summary(recalls: "Iterable[Recall]") -> str:
    """One line: recall of all companies together."""
    recalls = tuple(recalls)
    listed, stored = (sum(getattr(r, n) for r in recalls) for n in ("listed", "stored"))
    start = f" since {recalls[0].since}" if recalls else ""
    return (
        f"recall {percent(stored, listed)}: {stored} of {listed} filings "
        f"of {len(recalls)} companies{start}"
    )


def percent(part: int, whole: int) -> str:
    """A share that says 100 % of nothing less than all."""
    if whole == 0:
        return "–"
    share = 100 * part / whole
    return "100 %" if part == whole else f"{min(share, 99.9):.1f} %"


def duration(seconds: float | None) -> str:
    """Seconds as people say it: `45 s`, `12 min`, `3.5 h`, `2.0 d`."""
    if seconds is None:
        return "–"
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < HOUR:
        return f"{seconds / MINUTE:.0f} min"
    if seconds < DAY:
        return f"{seconds / HOUR:.1f} h"
    return f"{seconds / DAY:.1f} d"
