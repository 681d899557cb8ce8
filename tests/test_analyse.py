"""The analysis stage: a bad document or a missing model costs nothing else."""

import asyncio
from collections.abc import Sequence

import pytest

from monitor.analysis import entities
from monitor.config import default_path, load
from monitor.errors import ModelError, WorkerError
from monitor.stages.analyse import AnalyseStage, Analyst, AnalystSetup, Answer
from monitor.stages.report import Report, silent
from monitor.store.documents import Documents
from monitor.store.entries import Entries, Feeds
from monitor.store.store import Store
from monitor.types import Document, FeedState
from tests import builders
from tests.builders import NOW

SHIPPED = load(default_path(), {})
TEXTS = ["Nvidia gains.", "Nvidia sinks.", "deadly", "Nvidia holds."]


class Child:
    """A process that dies of one text, or cannot start at all."""

    def __init__(self, *, starts: bool = True):
        self.starts = starts

    def call(self, documents: Sequence[Document], *, timeout_s: float) -> Answer:
        assert timeout_s > 0
        if not self.starts:
            raise WorkerError("analyst needs over 2048 MB", kind="memory")
        if any(document.text == "deadly" for document in documents):
            raise WorkerError("analyst died", kind="crash")
        analyses = [builders.analysis(document, {}) for document in documents]
        return Answer(analyses=analyses, has_model=True, problems=())


@pytest.fixture
def documents(tmp_path):
    with Store(tmp_path / "monitor.db") as store:
        store.save_watched(feeds=[builders.feed()], companies=[], themes=[])
        state = FeedState(feed_url="https://example.org/feed")
        for number, text in enumerate(TEXTS):
            entry = builders.entry(str(number))
            Feeds(store).save_poll(state, entries=[entry], outcome="ok", now=NOW)
            Entries(store).save_documents(entry, [builders.document(text)])
        yield Documents(store)


def run(documents: Documents, child: Child) -> Report:
    report = Report()
    stage = AnalyseStage(store=documents, worker=child)  # type: ignore[arg-type]
    asyncio.run(stage.run(report, silent, now=NOW))
    return report


def states(documents: Documents) -> dict[str, int]:
    rows = documents.store.rows(
        "SELECT state, count(*) FROM documents GROUP BY state ORDER BY state"
    )
    return dict(map(tuple, rows))


def test_a_document_that_kills_the_process_is_put_aside_alone(documents):
    report = run(documents, Child())

    assert states(documents) == {"analysed": 3, "quarantined": 1}
    assert [error for _, error in report.quarantined] == ["analyst died"]


def test_a_process_that_cannot_start_is_no_document_s_fault(documents):
    report = run(documents, Child(starts=False))

    assert states(documents) == {"new": 4}
    assert report.warnings == ["nothing can be analysed: analyst needs over 2048 MB"]
    assert run(documents, Child()).analysed == 3


def test_without_the_names_model_the_rest_is_read(monkeypatch):
    def missing() -> None:
        raise ModelError("spaCy's English model is not installed", path="model")

    monkeypatch.setattr(entities, "pipeline", missing)
    setup = AnalystSetup(
        companies=SHIPPED.companies, themes=(), model="builtin", entities=True
    )
    analyst = Analyst(setup)
    (analysis,) = analyst([builders.document("Nvidia gains in Paris.")]).analyses

    assert analyst.problems == ["no names: spaCy's English model is not installed"]
    assert [mention.company for mention in analysis.mentions] == ["nvidia"]
    assert analysis.entities == ()
