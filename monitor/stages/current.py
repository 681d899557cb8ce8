"""EDGAR's live list, read page by page until a filing that is known.

New filings push the others down while it is read: pages overlap then, and nothing falls
between them. "Known" is what the list held when it was last read to its end; what a
reading that broke off has brought does not count, or the rest of it would be lost.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

from monitor.errors import FetchError, MonitorError
from monitor.sources import edgar
from monitor.sources.http import Response
from monitor.types import Entry, ParsedFeed

MAX_PAGES = 80
"""The list ends after about 5,100 rows, a day and a half."""

Page = Callable[[int], Awaitable[tuple[Response, ParsedFeed]]]
"""Fetches the page that begins with a row; raises MonitorError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reading of the list brought."""

    response: Response
    """Of the first page."""
    rows: tuple[Entry, ...]
    newest: tuple[str, ...]
    """Accession numbers of the first page: where the next reading may end."""
    error: MonitorError | None = None
    """Why it broke off."""
    gap: str | None = None
    """Why what came since the last reading may not be all."""


async def read(page: Page, *, frontier: frozenset[str]) -> Reading:
    """Read the list down to one of `frontier`; without one, to its end.

    The end is a page that is not there, or has nothing new; a short one can be anywhere.
    Raises MonitorError if not even the first page came.
    """
    response, first = await page(0)
    rows = {entry.id: entry for entry in first.entries}
    start, last = 0, first
    error: MonitorError | None = None
    pages, has_ended = 1, not rows
    while not (has_ended or error or _numbers(last) & frontier):
        before, start = start, start + last.rows
        try:
            _, last = await page(start)
        except MonitorError as failure:
            has_ended = await _is_end(page, failure, before)
            error = None if has_ended else failure
            continue
        new = {entry.id: entry for entry in last.entries if entry.id not in rows}
        pages += 1
        has_ended = not new or pages == MAX_PAGES
        rows |= new
    return Reading(
        response=response,
        rows=tuple(rows.values()),
        # An empty list is one that is being made anew: what was known stays known.
        newest=tuple(sorted(_numbers(first) or frontier)),
        error=error,
        gap=_gap(len(rows)) if rows and has_ended and frontier else None,
    )


async def _is_end(page: Page, failure: MonitorError, before: int) -> bool:
    """Whether a page is not there because the list has ended.

    EDGAR answers 503 past its end, and 503 when it is down; then the page before does
    not come either.
    """
    if not isinstance(failure, FetchError):
        return False
    if failure.status != HTTPStatus.SERVICE_UNAVAILABLE:
        return False
    try:
        await page(before)
    except MonitorError:
        return False
    return True


def _numbers(parsed: ParsedFeed) -> frozenset[str]:
    return frozenset(edgar.filing_of(entry).accession_no for entry in parsed.entries)


def _gap(rows: int) -> str:
    return (
        f"the list ended after {rows} rows before a filing that was known: some may "
        "have been missed; the next audit looks them up"
    )
