"""Risk factors -> documents of what is new, reworded and dropped in them.

They are analysed like any other; of what was dropped no sentiment is read.
"""

from collections.abc import Iterator
from dataclasses import replace

from monitor.analysis import changes
from monitor.sources import document, plaintext
from monitor.sources.entry import digest
from monitor.stages.report import Progress, Report
from monitor.store.comparisons import Changed, Comparisons
from monitor.types import ChangeKind, Document

BATCH = 8

PARTIAL = 0.5
"""A section shorter than this share of the one before tells changes alone; what it does
not repeat was not dropped."""

KINDS: tuple[ChangeKind, ...] = ("new", "reworded", "dropped")


class CompareStage:
    """Compares risk factors with those of the report before."""

    def __init__(self, *, store: Comparisons) -> None:
        self.store = store

    def run(self, report: Report, progress: Progress) -> None:
        done = 0
        while due := self.store.due(limit=BATCH):
            for before, after in due:
                found = list(compare(before, after))
                report.documents += self.store.save(before, after, found)
            done += len(due)
            progress("changes", done, done)


def compare(before: Document, after: Document) -> Iterator[Changed]:
    """A document for each kind of change there is, a line for each sentence."""
    found = changes.compare(before.text, after.text)
    partial = len(after.text) < PARTIAL * len(before.text)
    for kind in KINDS:
        chosen = [
            change
            for change in found
            if change.kind == kind and not (partial and kind == "dropped")
        ]
        if chosen:
            lines = [plaintext.line(change.text) for change in chosen]
            earlier = [plaintext.line(change.before) for change in chosen]
            wordings = zip(earlier, lines, strict=True) if kind == "reworded" else ()
            yield _document(kind, lines, before, after), tuple(wordings)


def _document(
    kind: ChangeKind, lines: list[str], before: Document, after: Document
) -> Document:
    since = before.filing_date or f"{before.published_at:%Y-%m-%d}"
    whose = after.title.rpartition(": ")[0]
    title = (
        f"{whose}: {kind.capitalize()} in Risk Factors since {before.form} of {since}"
    )
    text = document.with_title(title, "\n".join(lines))
    return replace(
        after,
        id=digest(after.id, before.id, kind),
        title=title,
        text=text,
        change=kind,
        confidence=min(before.confidence or 0.0, after.confidence or 0.0),
    )
