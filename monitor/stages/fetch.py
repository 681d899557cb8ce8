"""Feeds that are due -> entries in the store.

Each feed fails alone: its error is written with its state, and the others go on.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from monitor.errors import MonitorError
from monitor.sources import edgar, schedule
from monitor.sources import feed as feeds
from monitor.sources.http import HttpClient, Response
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
) -> tuple[Response, ParsedFeed | None]:
    """Fetch and parse a feed; None if it is as it was. Raises MonitorError."""
    response = await client.get(
        schedule.effective_url(feed, state),
        etag=state.etag,
        last_modified=state.last_modified,
        allow_private=feed.allow_private,
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
    """Polls what is due."""

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
        try:
            response, parsed = await read(
                feed, state=state, client=self.client, worker=self.worker, now=now
            )
        except MonitorError as error:
            self._failed(feed, state, error, report, now)
            return
        entries = parsed.entries if parsed else ()
        skipped = frozenset(e.id for e in entries if not self.is_read(feed, e))
        state = schedule.after_success(
            feed,
            state,
            status=response.status,
            headers=response.headers,
            parsed=parsed,
            permanent_url=response.permanent_url,
            now=now,
            rng=self.rng,
        )
        outcome = "ok" if parsed else "not_modified"
        report.unchanged += parsed is None
        report.skipped += len(skipped)
        report.entries += self.store.save_poll(
            state, entries=entries, skipped=skipped, outcome=outcome, now=now
        )

    def is_read(self, feed: Feed, entry: Entry) -> bool:
        """Whether an entry becomes documents: a filing only if it is watched."""
        if entry.filing is None:
            return True
        wanted = not feed.forms or entry.filing.form in feed.forms
        return wanted and entry.filing.cik in self.ciks

    def _failed(
        self,
        feed: Feed,
        state: FeedState,
        error: MonitorError,
        report: Report,
        now: datetime,
    ) -> None:
        state = schedule.after_failure(feed, state, error, now=now, rng=self.rng)
        kind = getattr(error, "kind", type(error).__name__)
        report.failed_feeds.append((feed.title, str(error)))
        self.store.save_poll(state, outcome=kind, error=str(error), now=now)
