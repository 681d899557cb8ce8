"""Entries -> documents: the article's page, the filing's parts, or the feed's text.

What cannot be fetched now is tried again later; an article that cannot be fetched at
all is read from the feed's own text, and the entry keeps the reason. Filings are the
business of `filings`; another regulator's would be another such reader.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from monitor.errors import FetchError, MonitorError
from monitor.sources import article, document, filing
from monitor.sources.article import Article
from monitor.sources.http import HttpClient
from monitor.stages import filings
from monitor.stages.filings import FilingReader, SubmissionBytes, from_feed
from monitor.stages.report import Progress, Report
from monitor.store.entries import Entries
from monitor.types import Document, Entry, Feed
from monitor.worker import Worker

EXTRACT_TIMEOUT_S = 20.0
BATCH = 64
MAX_ATTEMPTS = 3
"""After so many failures in passing, the feed's own text has to do."""

FIRST_RETRY = timedelta(minutes=15)
"""Doubled at each attempt."""

TEMPORARY = {"timeout", "dns", "refused", "reset", "protocol"}
TEMPORARY_STATUS = {408, 425, 429}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBytes:
    """An article's page, for the parsing process."""

    url: str
    body: bytes
    content_type: str | None


Read = Article | tuple[Document, ...]
"""What becomes of a page, or of a submission."""


def reader() -> Callable[[PageBytes | SubmissionBytes], Read]:
    """Make the handler of the reading process, which may be killed."""
    return read


def read(given: PageBytes | SubmissionBytes) -> Read:
    """Bytes to text."""
    if isinstance(given, PageBytes):
        return article.extract(
            given.body, url=given.url, content_type=given.content_type
        )
    return filing.parse_submission(
        given.body,
        entry=given.entry,
        fetched_at=given.fetched_at,
        source=given.source,
        tier=given.tier,
    )


class ReadStage:
    """Makes the documents of entries that are due."""

    def __init__(
        self,
        *,
        watched: Mapping[str, Feed],
        store: Entries,
        client: HttpClient,
        worker: Worker[PageBytes | SubmissionBytes, Read],
        clock: Callable[[], datetime],
    ) -> None:
        self.watched = watched
        self.store = store
        self.client = client
        self.worker = worker
        self.clock = clock
        self.filings = FilingReader(store=store, client=client, parse=self._submission)

    async def run(self, report: Report, progress: Progress, *, now: datetime) -> None:
        done = 0
        while due := self.store.due(limit=BATCH, now=now):
            await asyncio.gather(*(self._read(entry, report, now) for entry in due))
            done += len(due)
            progress("articles", done, done + self.store.count_due(now=now))

    async def _read(self, entry: Entry, report: Report, now: datetime) -> None:
        feed = self.watched.get(entry.feed_url)
        if feed is None:  # taken out of feeds.yaml before it was read
            self.store.save_documents(entry, [], note="its feed is no longer watched")
            return
        try:
            documents, note = await self._documents(entry, feed, now)
        except MonitorError as error:
            if self._postponed(entry, error, now):
                report.postponed += 1
                return
            documents, note = [from_feed(entry, feed, now)], str(error)
        new = self.store.save_documents(entry, documents, note=note, now=self.clock())
        report.documents += new
        report.copies += new == 0

    def _postponed(self, entry: Entry, error: MonitorError, now: datetime) -> bool:
        """Put off what is worth another attempt; whether it was."""
        attempts = self.store.attempts(entry)
        if entry.filing is not None:
            until = now + filings.retry_after(error, attempts)
            asked = not filings.is_resting(error)
            self.store.postpone(entry, str(error), until=until, attempts=int(asked))
            return True
        if attempts + 1 >= most_attempts(error):
            return False
        until = now + retry_after(error, attempts)
        self.store.postpone(entry, str(error), until=until)
        return True

    async def _documents(
        self, entry: Entry, feed: Feed, now: datetime
    ) -> tuple[Sequence[Document], str | None]:
        if entry.filing is not None:
            return await self.filings.documents(entry, feed, now=now)
        if not (feed.full_text and entry.url and article.is_teaser(entry.summary)):
            return [from_feed(entry, feed, now)], None
        page = await self._page(entry, feed)
        if len(page.text) <= len(entry.summary):
            return [from_feed(entry, feed, now)], "the page has no more than the feed"
        built = document.build(
            entry,
            feed=feed,
            title=entry.title or page.title,
            body=page.text,
            fetched_at=now,
            published_at=page.published_at,
        )
        return [built], None

    async def _page(self, entry: Entry, feed: Feed) -> Article:
        response = await self.client.get(entry.url, allow_private=feed.allow_private)
        given = PageBytes(
            url=response.url,
            body=response.body,
            content_type=response.headers.get("content-type"),
        )
        return cast("Article", await self._parse(given, EXTRACT_TIMEOUT_S))

    async def _parse(self, given: PageBytes, timeout_s: float) -> Read:
        return await asyncio.to_thread(self.worker.call, given, timeout_s=timeout_s)

    def _submission(
        self, given: SubmissionBytes, timeout_s: float
    ) -> Sequence[Document]:
        read = self.worker.call(given, timeout_s=timeout_s)
        return cast("tuple[Document, ...]", read)


def most_attempts(error: MonitorError) -> int:
    """How often to try an article in all before the feed's own text has to do."""
    return MAX_ATTEMPTS if isinstance(error, FetchError) and is_temporary(error) else 1


def is_temporary(error: FetchError) -> bool:
    """Whether trying again later may help."""
    if error.status is not None:
        return error.status >= 500 or error.status in TEMPORARY_STATUS  # noqa: PLR2004 - server errors
    return error.kind in TEMPORARY


def retry_after(error: MonitorError, attempts: int) -> timedelta:
    """How long to wait, never less than the server asked for."""
    wait = FIRST_RETRY * (1 << attempts)
    asked = error.retry_after_s if isinstance(error, FetchError) else None
    return wait if asked is None else max(wait, timedelta(seconds=asked))
