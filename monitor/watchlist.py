"""feeds.yaml with every company named: those given by ticker come from the catalogue.

What feeds.yaml as it ships knows of a company (its Korean name, what else its name
means) goes before the lists of the exchanges, which have one name each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from monitor import config as configuration
from monitor.config import Config
from monitor.errors import ConfigError
from monitor.types import Company

if TYPE_CHECKING:
    from monitor.analysis.listed import Names
    from monitor.store.catalogue import Entry, Loaded

LISTS = {"us": "the SEC's list", "kr": "the Korea Exchange's list"}
_MARKETS = {"Nasdaq": "us", "NYSE": "us", "KOSPI": "kr", "KOSDAQ": "kr"}


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """Read feeds.yaml; ConfigError also for a ticker that the catalogue lacks."""
    config = configuration.load(path, environ)
    return complete(config) if config.by_ticker else config


def complete(config: Config) -> Config:
    """Name the companies that are given by ticker alone."""
    from monitor.analysis.listed import Names, usual_name

    entries, loaded = _catalogue(config.database)
    names = Names(usual_name(entry.listing) for entry in entries.values())
    problems = [
        f"{place}: {_unknown(ticker, entries, loaded)}"
        for company, place in config.by_ticker.items()
        for ticker in [_ticker(config, company)]
        if ticker not in entries
    ]
    if problems:
        raise ConfigError(problems)
    companies = tuple(
        company
        if company.name
        else completed(company, entries[_ticker(config, company.id)], names)
        for company in config.companies
    )
    return replace(config, companies=companies, by_ticker={})


def completed(company: Company, entry: Entry, names: Names) -> Company:
    """A company with what feeds.yaml says, what ships, and what the list says."""
    from monitor.analysis import listed

    found = listed.company(entry.listing, names)
    if entry.known:
        found = _json().validate_json(entry.known)
    both = {**found.aliases, **company.aliases}
    return replace(
        found,
        id=company.id,
        aliases={
            language: (
                *found.aliases.get(language, ()),
                *company.aliases.get(language, ()),
            )
            for language in both
        },
        role=company.role or found.role,
        context=company.context or found.context,
        not_in=(*found.not_in, *company.not_in),
        subsidiaries=(*found.subsidiaries, *company.subsidiaries),
        former_names=(*found.former_names, *company.former_names),
    )


def known(companies: Sequence[Company]) -> dict[tuple[str, str], str]:
    """Companies of a watch list as the catalogue keeps them, by market and ticker."""
    return {
        (_MARKETS[company.exchange], company.ticker): _json()
        .dump_json(company)
        .decode()
        for company in companies
        if company.ticker and company.exchange in _MARKETS
    }


@cache
def _json() -> TypeAdapter[Company]:
    """Made when needed: it takes longer than most commands may."""
    return TypeAdapter(Company)


def _ticker(config: Config, company_id: str) -> str:
    (ticker,) = (c.ticker for c in config.companies if c.id == company_id)
    return (ticker or "").upper().replace(".", "-")


def _catalogue(database: Path) -> tuple[dict[str, Entry], list[Loaded]]:
    """Entries by ticker; none where nothing was ever loaded."""
    from monitor.store import catalogue
    from monitor.store.connection import open_reader

    if not database.exists():
        return {}, []
    with closing(open_reader(database)) as connection:
        loaded = catalogue.loaded(connection)
        entries = catalogue.every(connection) if loaded else []
    return {entry.listing.ticker: entry for entry in entries}, loaded


def _unknown(ticker: str, entries: Mapping[str, Entry], loaded: list[Loaded]) -> str:
    """Why a ticker is not known, and what to do about it."""
    market = "kr" if ticker[:1].isdigit() else "us"
    of = next((one for one in loaded if one.market == market), None)
    if of is None:
        option = " --krx FILE" if market == "kr" else ""
        return (
            f"{LISTS[market]} has not been loaded; run `monitor companies "
            f"update{option}`, or give id and name here"
        )
    from difflib import get_close_matches

    near = get_close_matches(ticker, [*entries], n=1)
    hint = (
        f"; did you mean {near[0]} ({entries[near[0]].listing.name})?" if near else ""
    )
    return (
        f"not in {LISTS[market]} of {of.loaded_at[:10]} ({of.companies:,} companies)"
        f"{hint or '; `monitor companies find NAME` looks for one'}"
    )
