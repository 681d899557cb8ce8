"""Documents -> analyses, in a process that may be killed and started again."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.errors import ModelError, MonitorError, WorkerError
from monitor.stages.report import Progress, Report
from monitor.store.documents import Documents
from monitor.types import Analysis, Company, Document, Theme
from monitor.worker import Worker

BATCH = 16
START_TIMEOUT_S = 120.0
"""Loading spaCy and the model, on a slow disk."""

DOCUMENT_TIMEOUT_S = 30.0


AnalystWorker = Worker[Sequence[Document], tuple[list[Analysis], str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalystSetup:
    """What the analysing process is started with."""

    companies: tuple[Company, ...]
    themes: tuple[Theme, ...]
    model: str
    entities: bool


def analyst(setup: AnalystSetup) -> "Analyst":
    """Make the handler of the analysing process."""
    return Analyst(setup)


class Analyst:
    """Documents to analyses; without a usable model they stay unscored."""

    def __init__(self, setup: AnalystSetup) -> None:
        from monitor.analysis import scorer
        from monitor.analysis.analyzer import Analyzer

        self.problem: str | None = None
        try:
            classifier = scorer.load(setup.model)
        except ModelError as error:
            self.problem, classifier = str(error), None
        self.analyzer = Analyzer(
            setup.companies,
            setup.themes,
            classifier=classifier,
            entities=setup.entities,
        )

    def __call__(
        self, documents: Sequence[Document]
    ) -> tuple[list[Analysis], str | None]:
        """Analyse; an empty sequence only asks whether there is a model."""
        return self.analyzer.analyze(documents), self.problem


class AnalyseStage:
    """Analyses documents that are due."""

    def __init__(self, *, store: Documents, worker: AnalystWorker) -> None:
        self.store = store
        self.worker = worker

    async def run(self, report: Report, progress: Progress, *, now: datetime) -> None:
        if not (self.store.count_due() or self.store.count_unscored()):
            return
        await self._start(report)
        done = 0
        while due := self.store.due(limit=BATCH):
            for documents in self._batches(due):
                await self._analyse(documents, report, now)
            done += len(due)
            progress("analysis", done, done + self.store.count_due())

    async def _start(self, report: Report) -> None:
        """Load the model; what was stored without one is scored if it is there."""
        try:
            _, problem = await self._call((), START_TIMEOUT_S)
        except WorkerError as error:
            problem = str(error)
        if problem is None:
            self.store.requeue_unscored()
        else:
            report.warnings.append(f"no sentiment: {problem}")

    async def _call(
        self, documents: Sequence[Document], timeout_s: float
    ) -> tuple[list[Analysis], str | None]:
        return await asyncio.to_thread(self.worker.call, documents, timeout_s=timeout_s)

    def _batches(self, due: Sequence[Document]) -> list[Sequence[Document]]:
        """Together first; what failed before goes alone, to find the culprit."""
        fresh = [document for document in due if not self.store.attempts(document)]
        again = [document for document in due if self.store.attempts(document)]
        alone: list[Sequence[Document]] = [[document] for document in again]
        return [fresh, *alone] if fresh else alone

    async def _analyse(
        self, documents: Sequence[Document], report: Report, now: datetime
    ) -> None:
        timeout_s = DOCUMENT_TIMEOUT_S * len(documents)
        try:
            analyses, _ = await self._call(documents, timeout_s)
        except MonitorError as error:
            self._failed(documents, error, report)
            return
        self.store.save(analyses, now=now)
        mentions = [mention for found in analyses for mention in found.mentions]
        scores = [mention.sentiment and mention.sentiment.score for mention in mentions]
        report.analysed += len(analyses)
        report.mentions += len(mentions)
        report.unscored += scores.count(None)

    def _failed(
        self, documents: Sequence[Document], error: MonitorError, report: Report
    ) -> None:
        for document in documents:
            if self.store.fail(document, str(error)):
                report.quarantined.append((document.url, str(error)))
