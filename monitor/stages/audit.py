"""What EDGAR lists of each watched company against what is stored: recall and delay.

Once a day, and after a reading of the live list that may have missed some. What was
never seen is queued, so that a miss is late and not lost.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from monitor.errors import MonitorError
from monitor.sources import company_filings
from monitor.sources.company_filings import Listed
from monitor.stages.lists import CompanyLists
from monitor.stages.report import Report
from monitor.store import filings
from monitor.store.filings import Filings, Stored
from monitor.types import Company, Entry, Miss, Recall

AT_MOST = timedelta(days=30)
"""How far back the daily audit looks."""

PAUSE = timedelta(hours=1)
"""Before an audit for which no list came is tried again."""

BEFORE = "filed before the monitor began to watch; `monitor backfill` reads it"
UNSEEN = "was not in the live list when it was read"
SKIPPED = "seen, but its company or form was not watched then"
QUEUED = "queued, not read yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The result for all companies."""

    recalls: tuple[Recall, ...]
    missing: tuple[Entry, ...]
    """Never seen, or skipped."""
    errors: tuple[tuple[str, str], ...]
    """Company id and why its list could not be read."""


async def audit(
    lists: CompanyLists,
    companies: Sequence[Company],
    connection: sqlite3.Connection,
    *,
    since: date,
    wanted: Sequence[str],
) -> Audit:
    """Compare every company that has a CIK."""
    watched_since = filings.watched_since(connection)
    recalls: list[Recall] = []
    missing: list[Entry] = []
    errors: list[tuple[str, str]] = []

    async def one(company: Company, cik: int) -> None:
        try:
            found, listed = await lists.read(cik, since=since, wanted=wanted)
        except MonitorError as error:
            errors.append((company.id, str(error)))
            return
        known = filings.known(connection, [row.accession_no for row in listed])
        recalls.append(
            recall(
                company.id, cik, listed, known, since=since, watched_since=watched_since
            )
        )
        missing.extend(
            company_filings.entry(row, found, feed=lists.feed)
            for row in listed
            if is_missing(known.get(row.accession_no))
        )

    await asyncio.gather(*(one(it, it.cik) for it in companies if it.cik is not None))
    return Audit(
        recalls=tuple(sorted(recalls, key=lambda it: it.company)),
        missing=tuple(missing),
        errors=tuple(sorted(errors)),
    )


def recall(
    company: str,
    cik: int,
    listed: Sequence[Listed],
    known: dict[str, Stored],
    *,
    since: date,
    watched_since: datetime | None,
) -> Recall:
    """The recall of one company. Pure."""
    misses = [
        Miss(
            accession_no=row.accession_no,
            form=row.form,
            filing_date=row.filing_date.isoformat(),
            reason=why,
        )
        for row in listed
        if (why := reason(row, known.get(row.accession_no), watched_since)) is not None
    ]
    delays = [
        delay
        for it in known.values()
        if (delay := delay_s(it, watched_since)) is not None
    ]
    return Recall(
        company=company,
        cik=cik,
        since=since,
        listed=len(listed),
        stored=len(listed) - len(misses),
        median_delay_s=median(delays) if delays else None,
        worst_delay_s=max(delays, default=None),
        misses=tuple(misses),
    )


def reason(
    row: Listed, stored: Stored | None, watched_since: datetime | None
) -> str | None:
    """Why a listed filing is not stored, None if it is."""
    if stored is None:
        is_old = watched_since is None or row.filing_date < watched_since.date()
        return BEFORE if is_old else UNSEEN
    if stored.state == "done":
        return None
    if stored.state == "skipped":
        return SKIPPED
    if stored.error is None:
        return QUEUED
    return f"waits after attempt {stored.attempts}: {stored.error}"


def default_since(watched_since: datetime | None, now: datetime) -> date:
    """From which filing date on is compared: since the live list is read, at most."""
    earliest = (now - AT_MOST).date()
    return max(watched_since.date(), earliest) if watched_since else earliest


def is_missing(stored: Stored | None) -> bool:
    """Whether a filing is to be queued."""
    return stored is None or stored.state == "skipped"


def delay_s(stored: Stored, watched_since: datetime | None) -> float | None:
    """Seconds from acceptance to stored; None where it was not seen live.

    What was accepted before the live list was first read could not be.
    """
    if stored.state != "done" or stored.origin != "current":
        return None
    if stored.accepted_at is None or stored.done_at is None:
        return None
    if watched_since is None or stored.accepted_at < watched_since:
        return None
    # A filing can be dated later than it was accepted, and clocks differ.
    return max(0.0, (stored.done_at - stored.accepted_at).total_seconds())


class AuditStage:
    """The daily audit of a running monitor."""

    def __init__(
        self,
        *,
        lists: CompanyLists | None,
        companies: Sequence[Company],
        wanted: Sequence[str],
        store: Filings,
    ) -> None:
        self.lists = lists
        self.companies = companies
        self.wanted = wanted
        self.store = store
        self._not_before: datetime | None = None

    def since(self, now: datetime) -> date | None:
        """From which filing date on it compares; None before the list was ever read."""
        watched_since = filings.watched_since(self.store.connection)
        return default_since(watched_since, now) if watched_since else None

    def is_due(self, since: date, now: datetime) -> bool:
        """Whether it is to run: not on the first day, then once a day."""
        if self._not_before is not None and now < self._not_before:
            return False
        return since < now.date() and not self.store.has_recall(now.date(), since)

    async def run(self, report: Report, *, now: datetime) -> None:
        since = self.since(now)
        if self.lists is None or since is None:
            return
        if not (report.gaps or self.is_due(since, now)):
            return
        found = await audit(
            self.lists,
            self.companies,
            self.store.connection,
            since=since,
            wanted=self.wanted,
        )
        self._not_before = now + PAUSE
        if found.errors:
            company, error = found.errors[0]
            more = f" and {len(found.errors) - 1} more" if len(found.errors) > 1 else ""
            report.warnings.append(f"EDGAR's list of {company}{more}: {error}")
        self.store.save_recalls(found.recalls, day=now.date())
        queued = self.store.queue(found.missing, now=now)
        if queued:
            report.warnings.append(
                f"EDGAR: {queued} filings were missed and are queued; "
                "`monitor edgar audit` lists them"
            )
