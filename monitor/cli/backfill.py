"""backfill: filings from before anybody watched, out of the companies' own lists."""

import sys
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.options import DEFAULT_CONFIG, ConfigPath, contactable, load_config
from monitor.cli.output import AsJson, print_json, progress, safe
from monitor.errors import ConfigError, UnknownNameError

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.pipeline import Pipeline
    from monitor.stages.lists import Plan
    from monitor.stages.report import Progress, Report
    from monitor.types import Company

MB = 1024 * 1024


def register(app: typer.Typer) -> None:
    app.command()(backfill)


def day(text: str) -> date:
    """A date as people type it: 2023-01-01."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no date such as 2023-01-01") from error


Since = Annotated[
    date | None,
    typer.Option(parser=day, metavar="DATE", help="Filed on this day or later."),
]


def backfill(
    company: Annotated[
        list[str], typer.Option(help="Its id, ticker or name; more than once.")
    ],
    since: Since = None,
    only_forms: Annotated[
        str, typer.Option("--forms", help="8-K,10-K; else those of feeds.yaml.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what there is to do.")
    ] = False,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Read the filings of companies since a day; a year, if none is given.

    Stopped, it goes on where it was; what is stored is not read again. Old filings are
    no news: they alert nobody.
    """
    import asyncio

    from monitor.sources import forms

    loaded = contactable(load_config(config))
    chosen = [named(loaded, name) for name in company]
    start = since or datetime.now(UTC).date() - timedelta(days=365)
    wanted = tuple(forms.named(form) for form in only_forms.split(",") if form.strip())
    with progress() as show:
        result = asyncio.run(
            _backfill(loaded, chosen, start, wanted, show, dry_run=dry_run)
        )
    if as_json:
        print_json(result)
        return
    if dry_run:
        return
    print(
        f"{result['documents']} documents from {result['read']} filings, "
        f"{result['mentions']} mentions"
    )
    for number, error in result["waiting"]:
        print(f"warning: {number} waits: {safe(error)}", file=sys.stderr)


def named(config: "Config", name: str) -> "Company":
    """The watched company of that id, ticker or name."""
    names: dict[str, tuple[str, Company]] = {}
    for one in config.companies:
        aliases = (alias for of in one.aliases.values() for alias in of)
        for other in filter(None, (one.id, one.ticker, one.name, *aliases)):
            names.setdefault(other.casefold(), (other, one))
    if name.casefold() in names:
        return names[name.casefold()][1]
    tickers = [one.ticker or one.id for one in config.companies]
    known = [other for other, _ in names.values()]
    raise UnknownNameError("watched company", name, known, listed=tickers)


async def _backfill(
    config: "Config",
    companies: list["Company"],
    since: date,
    wanted: tuple[str, ...],
    show: "Progress",
    *,
    dry_run: bool,
) -> dict[str, Any]:
    from monitor.cli.work import opened
    from monitor.stages import lists
    from monitor.stages.report import Report

    async with opened(config) as work:
        if work.lists is None:  # contactable() has seen to it
            raise ConfigError(["no feed of kind: edgar"])
        forms = wanted or lists.forms_of(lists.edgar_feeds(config.feeds))
        plans = [
            await lists.plan(
                work.lists, work.store.db.conn, one, since=since, wanted=forms
            )
            for one in companies
        ]
        for plan in plans:
            print(_told(plan, since, forms), file=sys.stderr)
        report = Report()
        if not dry_run:
            await _read(work, plans, report, show)
        return _result(work, plans, report, since)


async def _read(
    work: "Pipeline", plans: list["Plan"], report: "Report", show: "Progress"
) -> None:
    from monitor.store.filings import Filings

    def filings(stage: str, done: int, total: int) -> None:
        show("filings" if stage == "articles" else stage, done, total)

    now = work.clock()
    for plan in plans:
        Filings(work.store).queue(plan.missing, now=now)
    await work.read.run(report, filings, now=now)
    await work.analyse.run(report, filings, now=work.clock())


def _told(plan: "Plan", since: date, forms: tuple[str, ...]) -> str:
    """What there is to do, with what it costs at the SEC's pace at least."""
    from monitor.sources.sec import REQUESTS_PER_S

    to_read = len(plan.missing)
    seconds = -(-to_read // REQUESTS_PER_S)
    return (
        f"{plan.company.name}: {len(plan.listed)} filings since {since} "
        f"({', '.join(forms) or 'all forms'}); {plan.stored} stored, "
        f"{plan.waiting} waiting, {to_read} to read "
        f"({plan.missing_bytes / MB:.0f} MB, {seconds} s at least)"
    )


def _result(
    work: "Pipeline", plans: list["Plan"], report: "Report", since: date
) -> dict[str, Any]:
    from monitor.store import filings

    listed = [row.accession_no for plan in plans for row in plan.listed]
    known = filings.known(work.store.db.conn, listed)
    to_read = {it.filing.accession_no for p in plans for it in p.missing if it.filing}
    return {
        "companies": [plan.company.id for plan in plans],
        "since": since.isoformat(),
        "listed": len(listed),
        "stored": sum(it.state == "done" for it in known.values()),
        "read": sum(known[n].state == "done" for n in to_read if n in known),
        "documents": report.documents,
        "mentions": report.mentions,
        "waiting": [
            (it.accession_no, it.error or "queued")
            for it in known.values()
            if it.state == "new"
        ],
    }
