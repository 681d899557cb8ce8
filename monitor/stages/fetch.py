"""Feeds that are due -> entries in the store.

Each feed fails alone: its error is written with its state, and the others go on.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

from monitor.errors import MonitorError
from monitor.sources import edgar, forms, schedule
from monitor.sources import feed as feeds
from monitor.sources.http import HttpClient, Response
from monitor.stages import current
from monitor.stages.report import Progress, Report
from monitor.store.entries import Feeds
from monitor.types import Entry, Feed, FeedState, ParsedFeed
from monitor.worker import Worker

PARSE_TIMEOUT_S = 20.0
CONCURRENT = 20
"""Feeds fetched at the same time; the client also limits those of one host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedBytes:
    """What the parsing process gets."""

    feed: Feed
    body: bytes
    content_type: str | None
    now: datetime


FeedWorker = Worker[FeedBytes, ParsedFeed]


def parser() -> Callable[[FeedBytes], ParsedFeed]:
    """Make the handler of the parsing process, which may be killed."""
    return parse


def parse(given: FeedBytes) -> ParsedFeed:
    """Bytes to entries."""
    if given.feed.kind == "edgar":
        return edgar.parse_current(given.body, feed_url=given.feed.url)
    return feeds.parse(
        given.body,
        feed_url=given.feed.url,
        content_type=given.content_type,
        now=given.now,
    )


async def read(
    feed: Feed,
    *,
    state: FeedState,
    client: HttpClient,
    worker: FeedWorker,
    now: datetime,
    start: int = 0,
) -> tuple[Response, ParsedFeed | None]:
    """Fetch and parse a feed; None if it is as it was. Raises MonitorError.

    `start` is the row with which a page of EDGAR's list begins.
    """
    url, is_edgar = schedule.effective_url(feed, state), feed.kind == "edgar"
    response = await client.get(
        edgar.page_url(url, start=start),
        # The live list is never taken from a cache, ours least of all.
        etag=None if is_edgar else state.etag,
        last_modified=None if is_edgar else state.last_modified,
        allow_private=feed.allow_private,
        as_sec=is_edgar,
        harmless={HTTPStatus.SERVICE_UNAVAILABLE} if start else (),
    )
    if response.status == HTTPStatus.NOT_MODIFIED:
        return response, None
    given = FeedBytes(
        feed=feed,
        body=response.body,
        content_type=response.headers.get("content-type"),
        now=now,
    )
    parsed = await asyncio.to_thread(worker.call, given, timeout_s=PARSE_TIMEOUT_S)
    return response, parsed


class FetchStage:
    """Polls what is due.

    What a poll consists of is decided by the feed's kind: `_poll_rss` reads one
    document, `_poll_edgar` a list page by page. Another regulator's list (Korea's
    DART) would be a third.
    """

    def __init__(
        self,
        *,
        watched: Sequence[Feed],
        ciks: frozenset[int],
        store: Feeds,
        client: HttpClient,
        worker: FeedWorker,
        rng: random.Random,
    ) -> None:
        self.watched = watched
        self.ciks = ciks
        self.store = store
        self.client = client
        self.worker = worker
        self.rng = rng

    def due(self, *, now: datetime) -> list[tuple[Feed, FeedState]]:
        """Feeds to poll now, with their state."""
        states = self.store.states()
        pairs = [(feed, states[feed.url]) for feed in self.watched]
        return [pair for pair in pairs if schedule.is_due(pair[1], now)]

    def next_poll(self) -> datetime | None:
        """When the next feed is due, by what is stored."""
        states = self.store.states().values()
        times = (state.next_fetch_at for state in states if not state.disabled)
        return min((time for time in times if time is not None), default=None)

    async def run(self, report: Report, progress: Progress, *, now: datetime) -> None:
        due = self.due(now=now)
        slots = asyncio.Semaphore(CONCURRENT)
        done = 0

        async def poll(feed: Feed, state: FeedState) -> None:
            nonlocal done
            async with slots:
                await self._poll(feed, state, report, now)
            done += 1
            progress("feeds", done, len(due))

        await asyncio.gather(*(poll(feed, state) for feed, state in due))

    async def _poll(
        self, feed: Feed, state: FeedState, report: Report, now: datetime
    ) -> None:
        report.polled += 1
        poll = self._poll_edgar if feed.kind == "edgar" else self._poll_rss
        try:
            await poll(feed, state, report, now)
        except MonitorError as error:
            self._failed(feed, state, error, report, now)

    async def _poll_rss(
        self, feed: Feed, state: FeedState, report: Report, now: datetime
    ) -> None:
        response, parsed = await read(
            feed, state=state, client=self.client, worker=self.worker, now=now
        )
        state = self._succeeded(feed, state, response, parsed, now)
        report.unchanged += parsed is None
        report.entries += self.store.save_poll(
            state,
            entries=parsed.entries if parsed else (),
            outcome="ok" if parsed else "not_modified",
            now=now,
        )

    async def _poll_edgar(
        self, feed: Feed, state: FeedState, report: Report, now: datetime
    ) -> None:
        async def page(start: int) -> tuple[Response, ParsedFeed]:
            response, parsed = await read(
                feed,
                state=state,
                client=self.client,
                worker=self.worker,
                now=now,
                start=start,
            )
            return response, parsed or ParsedFeed(title="", language=None, entries=())

        found = await current.read(page, frontier=self.store.frontier(feed.url))
        entries = edgar.merged(found.rows, watched=self.ciks)
        skipped = frozenset(one.id for one in entries if not self.is_read(feed, one))
        if found.error is None:
            state = self._succeeded(feed, state, found.response, None, now)
        else:
            state = self._remembered(feed, state, found.error, report, now)
        if found.gap:
            report.gaps += 1
            report.warnings.append(f"{feed.title}: {found.gap}")
        report.skipped += len(skipped)
        report.entries += self.store.save_poll(
            replace(state, etag=None, last_modified=None),
            entries=entries,
            skipped=skipped,
            newest=None if found.error else found.newest,
            outcome=_kind(found.error) if found.error else "gap" if found.gap else "ok",
            error=str(found.error) if found.error else found.gap,
            now=now,
        )

    def is_read(self, feed: Feed, entry: Entry) -> bool:
        """Whether a filing becomes documents: one that has to do with a watched one."""
        filing = edgar.filing_of(entry)
        is_watched = any(party.cik in self.ciks for party in filing.parties)
        return is_watched and forms.is_among(filing.form, feed.forms)

    def _succeeded(
        self,
        feed: Feed,
        state: FeedState,
        response: Response,
        parsed: ParsedFeed | None,
        now: datetime,
    ) -> FeedState:
        return schedule.after_success(
            feed,
            state,
            status=response.status,
            headers=response.headers,
            parsed=parsed,
            permanent_url=response.permanent_url,
            now=now,
            rng=self.rng,
        )

    def _remembered(
        self,
        feed: Feed,
        state: FeedState,
        error: MonitorError,
        report: Report,
        now: datetime,
    ) -> FeedState:
        report.failed_feeds.append((feed.title, str(error)))
        return schedule.after_failure(feed, state, error, now=now, rng=self.rng)

    def _failed(
        self,
        feed: Feed,
        state: FeedState,
        error: MonitorError,
        report: Report,
        now: datetime,
    ) -> None:
        state = self._remembered(feed, state, error, report, now)
        self.store.save_poll(state, outcome=_kind(error), error=str(error), now=now)


def _kind(error: MonitorError) -> str:
    return str(getattr(error, "kind", type(error).__name__))
