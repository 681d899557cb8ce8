"""Documents -> analyses, in a process that may be killed and started again."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar, cast, overload

from monitor.errors import ModelError, MonitorError
from monitor.stages.report import Progress, Report
from monitor.store.documents import Documents
from monitor.types import Analysis, Company, Document, Theme
from monitor.worker import Worker

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH = 16
START_TIMEOUT_S = 120.0
"""Loading spaCy and the model, on a slow disk."""

DOCUMENT_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalystSetup:
    """What the analysing process is started with."""

    companies: tuple[Company, ...]
    themes: tuple[Theme, ...]
    model: str
    entities: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the analysing process gives back."""

    analyses: list[Analysis]
    has_model: bool
    """Whether mentions are scored."""
    problems: tuple[str, ...]
    """What had to be left out, and what to do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Texts of which embeddings are asked, in place of analyses."""

    texts: tuple[str, ...]


AnalystWorker = Worker[Sequence[Document] | Texts, "Answer | NDArray[np.float32]"]
Loaded = TypeVar("Loaded")


def analyst(setup: AnalystSetup) -> "Analyst":
    """Make the handler of the analysing process."""
    return Analyst(setup)


class Analyst:
    """Documents to analyses; what no model can be loaded for is left out."""

    def __init__(self, setup: AnalystSetup) -> None:
        from monitor.analysis import centred, entities, scorer
        from monitor.analysis.analyzer import Analyzer

        self.problems: list[str] = []
        self.classifier = self._load("sentiment", lambda: scorer.load(setup.model))
        named = setup.entities and self._load("names", entities.pipeline) is not None
        compared = any(theme.examples for theme in setup.themes)
        embed = self._load("examples of themes", centred.load) if compared else None
        self.analyzer = Analyzer(
            setup.companies,
            setup.themes,
            classifier=self.classifier,
            entities=named,
            embed=embed,
        )

    def _load(self, what: str, load: Callable[[], Loaded]) -> Loaded | None:
        try:
            return load()
        except ModelError as error:
            self.problems.append(f"no {what}: {error}")
            return None

    @overload
    def __call__(self, given: Sequence[Document]) -> Answer: ...
    @overload
    def __call__(self, given: Texts) -> "NDArray[np.float32]": ...
    def __call__(
        self, given: Sequence[Document] | Texts
    ) -> "Answer | NDArray[np.float32]":
        """Analyse; an empty sequence only asks what is there to do it with.

        Of texts give the centred embeddings; ModelError without a model.
        """
        if isinstance(given, Texts):
            from monitor.analysis import centred

            return centred.embed(given.texts)
        analyses = self.analyzer.analyze(given)
        return Answer(
            analyses=analyses,
            has_model=self.classifier is not None,
            problems=(*self.problems, *self.analyzer.problems()),
        )


class AnalyseStage:
    """Analyses documents that are due."""

    def __init__(self, *, store: Documents, worker: AnalystWorker) -> None:
        self.store = store
        self.worker = worker

    async def run(self, report: Report, progress: Progress, *, now: datetime) -> None:
        if not (self.store.count_due() or self.store.count_unscored()):
            return
        if not await self._start(report):
            return
        done = 0
        # Together first; what failed so goes alone, to find the culprit.
        while due := self.store.due(limit=BATCH) or self.store.due_again(limit=1):
            await self._analyse(due, report, now)
            done += len(due)
            progress("analysis", done, done + self.store.count_due())

    async def _start(self, report: Report) -> bool:
        """Load the models; what was stored unscored is scored if it now can be.

        False if the process itself cannot start: no fault of any document.
        """
        try:
            answer = await self._call((), START_TIMEOUT_S)
        except MonitorError as error:
            report.warnings.append(f"nothing can be analysed: {error}")
            return False
        report.warnings.extend(answer.problems)
        if answer.has_model:
            self.store.requeue_unscored()
        return True

    async def _call(self, documents: Sequence[Document], timeout_s: float) -> Answer:
        answer = await asyncio.to_thread(
            self.worker.call, documents, timeout_s=timeout_s
        )
        return cast("Answer", answer)

    async def _analyse(
        self, documents: Sequence[Document], report: Report, now: datetime
    ) -> None:
        try:
            answer = await self._call(documents, DOCUMENT_TIMEOUT_S * len(documents))
        except MonitorError as error:
            self._failed(documents, error, report)
            return
        self.store.save(answer.analyses, now=now)
        new = (one for one in answer.problems if one not in report.warnings)
        report.warnings.extend(new)
        mentions = [mention for one in answer.analyses for mention in one.mentions]
        scores = [mention.sentiment and mention.sentiment.score for mention in mentions]
        report.analysed += len(answer.analyses)
        report.mentions += len(mentions)
        report.unscored += scores.count(None)

    def _failed(
        self, documents: Sequence[Document], error: MonitorError, report: Report
    ) -> None:
        for document in documents:
            if self.store.fail(document, str(error)):
                report.quarantined.append((document.url, str(error)))
