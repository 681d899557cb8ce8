"""Companies' own lists of filings: what is missing of them, and how it is queued.

Backfill reads what was filed before anybody watched; the audit holds what is listed
against what is stored.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from monitor.errors import ConfigError
from monitor.sources import company_filings, forms
from monitor.sources.company_filings import CompanyFilings, Listed
from monitor.sources.http import HttpClient
from monitor.store import filings
from monitor.types import Company, Entry, Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a backfill of a company has to do."""

    company: Company
    listed: tuple[Listed, ...]
    missing: tuple[Entry, ...]
    """Not known yet, or skipped when it was."""
    stored: int
    waiting: int
    """Queued before, and not read yet."""
    missing_bytes: int


class CompanyLists:
    """Fetches the lists of companies, from the server of a feed of filings."""

    def __init__(self, *, client: HttpClient, feed: Feed) -> None:
        self.client = client
        self.feed = feed

    async def read(
        self, cik: int, *, since: date, wanted: Sequence[str]
    ) -> tuple[CompanyFilings, tuple[Listed, ...]]:
        """The list, and what of it was filed since then on one of these forms.

        Files with older filings are fetched as far as they reach. Raises MonitorError.
        """
        url = company_filings.url_of(cik, feed_url=self.feed.url)
        company = company_filings.parse(await self._get(url), url=url)
        rows = list(company.filings)
        for file in company.overflow:
            if file.last >= since:
                body = await self._get(file.url)
                rows += company_filings.parse_overflow(body, url=file.url)
        found = {
            row.accession_no: row
            for row in rows
            if row.filing_date >= since and forms.is_among(row.form, wanted)
        }
        return company, tuple(found.values())

    async def _get(self, url: str) -> bytes:
        response = await self.client.get(
            url,
            allow_private=self.feed.allow_private,
            max_bytes=company_filings.MAX_BYTES,
            accept="application/json",
            as_sec=True,
        )
        return response.body


def edgar_feeds(feeds: Sequence[Feed]) -> tuple[Feed, ...]:
    """The feeds of filings."""
    return tuple(feed for feed in feeds if feed.kind == "edgar")


def forms_of(feeds: Sequence[Feed]) -> tuple[str, ...]:
    """The forms that any of these feeds reads; empty is all."""
    if any(not feed.forms for feed in feeds):
        return ()
    return tuple(dict.fromkeys(form for feed in feeds for form in feed.forms))


async def plan(
    lists: CompanyLists,
    connection: sqlite3.Connection,
    company: Company,
    *,
    since: date,
    wanted: Sequence[str],
) -> Plan:
    """What is listed of a company and not stored. Raises MonitorError."""
    if company.cik is None:
        raise ConfigError([f"companies: {company.id} has no cik: the SEC lists by it"])
    found, listed = await lists.read(company.cik, since=since, wanted=wanted)
    known = filings.known(connection, [row.accession_no for row in listed])
    states = {number: row.state for number, row in known.items()}
    missing = [
        row for row in listed if states.get(row.accession_no, "skipped") == "skipped"
    ]
    return Plan(
        company=company,
        listed=listed,
        # The newest first would do as well; the oldest first tells the story in order.
        missing=tuple(
            company_filings.entry(row, found, feed=lists.feed)
            for row in sorted(missing, key=lambda row: row.filing_date)
        ),
        stored=sum(state == "done" for state in states.values()),
        waiting=sum(state == "new" for state in states.values()),
        missing_bytes=sum(row.size for row in missing),
    )
