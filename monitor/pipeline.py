"""The stages in order, over one store: one pass is `run`.

Fetch and read wait for the network together; analysis and telling follow. Each stage
takes its work from the store, so a pass that was cut off goes on where it stopped.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from datetime import datetime
from typing import Self

from monitor.config import Config
from monitor.sources.http import HttpClient
from monitor.stages import lists
from monitor.stages.analyse import (
    START_TIMEOUT_S,
    AnalyseStage,
    AnalystSetup,
    AnalystWorker,
    analyst,
)
from monitor.stages.audit import AuditStage
from monitor.stages.compare import CompareStage
from monitor.stages.fetch import FetchStage, parser
from monitor.stages.lists import CompanyLists
from monitor.stages.read import ReadStage, reader
from monitor.stages.report import Progress, Report, silent
from monitor.stages.stories import StoryStage
from monitor.stages.tell import TellStage
from monitor.store.comparisons import Comparisons
from monitor.store.documents import Documents
from monitor.store.entries import Entries, Feeds
from monitor.store.filings import Filings
from monitor.store.outbox import Outbox
from monitor.store.store import Store
from monitor.store.stories import Stories
from monitor.worker import Worker

PARSER_MB, ANALYST_MB = 1024, 2048
"""Memory at which a process is stopped: the largest real feeds parse in 200 MB, the
model and spaCy's pipeline take about 600."""

Clock = Callable[[], datetime]


class Pipeline:
    """Everything that a pass needs, opened once and used for every pass."""

    def __init__(
        self,
        config: Config,
        store: Store,
        *,
        clock: Clock,
        rng: random.Random,
        dry_run: bool = False,
    ) -> None:
        """Over a store; a dry run sends nothing, but writes as any other."""
        self.config = config
        self.store = store
        self.clock = clock
        self.rng = rng
        self.dry_run = dry_run
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> Self:
        config, store = self.config, self.store
        store.save_watched(
            feeds=config.feeds, companies=config.companies, themes=config.themes
        )
        client = await self._opened.enter_async_context(
            HttpClient(contact=config.contact or "")
        )
        workers = self._opened.enter_context(ExitStack())
        parse = workers.enter_context(
            Worker(parser, name="parser", memory_mb=PARSER_MB)
        )
        read = workers.enter_context(Worker(reader, name="reader", memory_mb=PARSER_MB))
        setup = AnalystSetup(
            companies=config.companies,
            themes=config.themes,
            model=config.model,
            entities=config.entities,
        )
        analyse: AnalystWorker = workers.enter_context(
            Worker(
                analyst,
                setup,
                name="analyst",
                memory_mb=ANALYST_MB,
                start_timeout_s=START_TIMEOUT_S,
            )
        )
        ciks = frozenset(c.cik for c in config.companies if c.cik is not None)
        self.fetch = FetchStage(
            watched=config.feeds,
            ciks=ciks,
            store=Feeds(store),
            client=client,
            worker=parse,
            rng=self.rng,
        )
        self.read = ReadStage(
            watched={feed.url: feed for feed in config.feeds},
            store=Entries(store),
            client=client,
            worker=read,
            clock=self.clock,
        )
        edgar = lists.edgar_feeds(config.feeds)
        self.lists = CompanyLists(client=client, feed=edgar[0]) if edgar else None
        self.audit = AuditStage(
            lists=self.lists,
            companies=config.companies,
            wanted=lists.forms_of(edgar),
            store=Filings(store),
        )
        self.compare = CompareStage(store=Comparisons(store))
        self.analyse = AnalyseStage(store=Documents(store), worker=analyse)
        self.stories = StoryStage(store=Stories(store), worker=analyse)
        self.tell = TellStage(config=config, outbox=Outbox(store), dry_run=self.dry_run)
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._opened.aclose()

    async def run(self, progress: Progress = silent) -> Report:
        """Do everything that is due now."""
        report = Report()
        with _timed(report, "fetch"):
            await self.fetch.run(report, progress, now=self.clock())
        with _timed(report, "read"):
            await self.read.run(report, progress, now=self.clock())
        with _timed(report, "audit"):
            await self.audit.run(report, now=self.clock())
        with _timed(report, "compare"):
            self.compare.run(report, progress)
        with _timed(report, "analyse"):
            await self.analyse.run(report, progress, now=self.clock())
        with _timed(report, "stories"):
            await self.stories.run(report, progress, now=self.clock())
        with _timed(report, "tell"):
            await self.tell.run(report, now=self.clock())
        report.next_poll = self.fetch.next_poll()
        return report


@contextmanager
def _timed(report: Report, stage: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    report.seconds[stage] = round(time.monotonic() - started, 3)
