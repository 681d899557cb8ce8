"""A filing's entry -> its documents, out of its full submission, fetched once.

A filing is never given up: what cannot be fetched stays queued with the reason, longer
each time up to a day. What it holds no text of, or no parser can read, is read from the
feed's own line, and the entry says so.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.errors import FetchError, MonitorError, ParseError, WorkerError
from monitor.sources import document, edgar
from monitor.sources.http import HttpClient
from monitor.store.entries import Entries
from monitor.types import Document, Entry, Feed

TIMEOUT_S = 60.0
MAX_BYTES = 64 * 1024 * 1024
"""Annual reports with their pictures and data come to 40 MB."""

FIRST_RETRY = timedelta(minutes=2)
"""The archive lags behind the list by seconds, at times by minutes; doubled each time."""

LONGEST_RETRY = timedelta(days=1)

MAX_CUT, MAX_CRASHES = 4, 3
"""So often a submission that ends in its middle, or at which the parser dies, is tried
again; then what there is has to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionBytes:
    """A filing's full submission, for the parsing process."""

    entry: Entry
    body: bytes
    fetched_at: datetime
    source: str
    tier: int


Parse = Callable[[SubmissionBytes, float], Sequence[Document]]
"""Parses within so many seconds; raises MonitorError."""


class FilingReader:
    """Makes the documents of filings."""

    def __init__(self, *, store: Entries, client: HttpClient, parse: Parse) -> None:
        self.store = store
        self.client = client
        self.parse = parse

    async def documents(
        self, entry: Entry, feed: Feed, *, now: datetime
    ) -> tuple[Sequence[Document], str | None]:
        """The documents, and what was missing; raises MonitorError to be tried again."""
        number = edgar.filing_of(entry).accession_no
        known = self.store.documents_of_filing(number)
        if known:  # by an entry of an older version of the database
            return known, None
        body = await self._submission(entry, feed)
        attempts, whole = self.store.attempts(entry), edgar.is_whole(body)
        if not whole and attempts + 1 < MAX_CUT:
            raise _cut_short(entry)
        given = SubmissionBytes(
            entry=entry, body=body, fetched_at=now, source=feed.title, tier=feed.tier
        )
        try:
            found = await asyncio.to_thread(self.parse, given, TIMEOUT_S)
        except ParseError as error:
            if not whole:  # not even its beginning is there
                raise _cut_short(entry) from error
            return [dated(from_feed(entry, feed, now), entry)], str(error)
        except WorkerError as error:
            if attempts + 1 < MAX_CRASHES:
                raise
            return [dated(from_feed(entry, feed, now), entry)], str(error)
        note = None if whole else str(_cut_short(entry))
        return [dated(one, entry) for one in found], note

    async def _submission(self, entry: Entry, feed: Feed) -> bytes:
        response = await self.client.get(
            edgar.submission_url(entry),
            allow_private=feed.allow_private,
            max_bytes=MAX_BYTES,
            accept="text/plain, */*;q=0.8",
            as_sec=True,
        )
        return response.body


def _cut_short(entry: Entry) -> FetchError:
    url = edgar.submission_url(entry)
    return FetchError(
        f"{url}: the submission ends in its middle", url=url, kind="cut_short"
    )


def from_feed(entry: Entry, feed: Feed, now: datetime) -> Document:
    """The document that the feed's own text makes."""
    return document.build(
        entry, feed=feed, title=entry.title, body=entry.summary, fetched_at=now
    )


def dated(found: Document, entry: Entry) -> Document:
    """Known since it was published, if it was looked up later: no news then."""
    if entry.filing is None or entry.filing.origin == "current":
        return found
    return replace(found, fetched_at=min(found.fetched_at, found.published_at))


def retry_after(error: MonitorError, attempts: int) -> timedelta:
    """How long a filing waits for its next attempt, after `attempts` failed ones."""
    wait = min(FIRST_RETRY * (1 << min(attempts, 12)), LONGEST_RETRY)
    asked = error.retry_after_s if isinstance(error, FetchError) else None
    if asked is None:
        return wait
    if is_resting(error):  # nothing was asked of the server
        return timedelta(seconds=asked)
    return max(wait, timedelta(seconds=asked))


def is_resting(error: MonitorError) -> bool:
    """Whether the SEC was not asked, because it refused before."""
    return isinstance(error, FetchError) and error.kind == "resting"
