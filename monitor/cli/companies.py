"""companies update|find: the catalogue of listed companies."""

import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.ask import Limit
from monitor.cli.options import DEFAULT_CONFIG, ConfigPath
from monitor.cli.output import AsJson, print_json, print_table
from monitor.errors import MonitorError
from monitor.sources.listings import SEC_URL
from monitor.types import Listing

if TYPE_CHECKING:
    from monitor.config import Config


def register(app: typer.Typer) -> None:
    companies = typer.Typer(
        help="The catalogue of listed companies.", no_args_is_help=True
    )
    companies.command("update")(update)
    companies.command("find")(find)
    app.add_typer(companies, name="companies")


def update(
    sec: Annotated[
        str, typer.Option(metavar="URL|FILE", help="The SEC's company_tickers.json.")
    ] = SEC_URL,
    krx: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The Korea Exchange's list, a CSV."),
    ] = None,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Load the lists of listed companies, to watch any of them by ticker alone."""
    from monitor import watchlist
    from monitor.config import default_path, load
    from monitor.sources import listings
    from monitor.store import catalogue
    from monitor.store.connection import open_reader
    from monitor.store.store import Store

    # Not load_config(): that one asks the catalogue.
    loaded = load(config, os.environ)
    found = listings.read_sec(_sec_list(sec, loaded), url=sec)
    if krx is not None:
        found += listings.read_krx(_bytes(krx), path=str(krx))
    known = watchlist.known(load(default_path(), {}).companies)
    with Store(loaded.database) as store:
        catalogue.Catalogue(store).replace(found, known=known, now=datetime.now(UTC))
    with closing(open_reader(loaded.database)) as connection:
        rows = catalogue.loaded(connection)
    if as_json:
        print_json([{"market": r.market, "companies": r.companies} for r in rows])
        return
    for row in rows:
        print(f"{row.companies:,} companies in {watchlist.LISTS[row.market]}")
    _print_advice(found)


def _print_advice(found: list[Listing]) -> None:
    tickers = {one.market: one.ticker for one in reversed(found)}
    example = " or ".join(f"`- ticker: {tickers[m]}`" for m in sorted(tickers)[::-1])
    print(f"watch one in feeds.yaml by its ticker alone: {example}")


def find(
    words: Annotated[list[str], typer.Argument(help="Words of a name, or a ticker.")],
    config: ConfigPath = DEFAULT_CONFIG,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Find a listed company and its ticker."""
    from monitor.config import load
    from monitor.store import catalogue
    from monitor.store.connection import open_reader

    with closing(open_reader(load(config, os.environ).database)) as connection:
        if not catalogue.loaded(connection):
            raise MonitorError("no list is loaded; run `monitor companies update`")
        rows = catalogue.search(connection, " ".join(words), limit=limit)
    if as_json:
        print_json(rows)
        return
    shown = [[row["ticker"], row["name"], row["exchange"] or "SEC"] for row in rows]
    print_table(["ticker", "name", "list"], shown)


def _sec_list(place: str, config: "Config") -> bytes:
    import asyncio

    if "://" not in place:
        return _bytes(Path(place))
    return asyncio.run(_fetched(place, config))


async def _fetched(url: str, config: "Config") -> bytes:
    from monitor.sources.http import HttpClient
    from monitor.sources.listings import MAX_BYTES

    async with HttpClient(contact=config.contact or "") as client:
        response = await client.get(
            url,
            accept="application/json",
            max_bytes=MAX_BYTES,
            # Typed by the user, so a mirror in one's own network is meant.
            allow_private=url != SEC_URL,
        )
    return response.body


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise MonitorError(f"{path}: {error.strerror}") from error
