"""Analysed documents -> their stories: reads the queue, asks, writes what was found.

What is embedded is embedded in the analysing process, where the model is loaded; a
document for which that fails is placed without. Decides nothing (`monitor.stories`).
"""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from monitor.errors import MonitorError
from monitor.stages.analyse import AnalystWorker, Texts
from monitor.stages.report import Progress, Report
from monitor.store.connection import iso, moment
from monitor.store.rows import known
from monitor.store.stories import Queued, Stories
from monitor.stories import copies, fingerprint, words
from monitor.stories.fingerprint import Fingerprint
from monitor.stories.novelty import novelty
from monitor.stories.shelf import WINDOW, Member, Shelf

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH = 64
SPAN = timedelta(days=2)
"""Documents of one batch are no further apart, so that few are held beside them."""

EMBED_TIMEOUT_S = 120.0


class StoryStage:
    """Places documents that were analysed."""

    def __init__(self, *, store: Stories, worker: AnalystWorker) -> None:
        self.store = store
        self.worker = worker
        self._shelf = Shelf()
        self._held: tuple[datetime, datetime] | None = None

    async def run(self, report: Report, progress: Progress, *, now: datetime) -> None:
        self.store.drop_stale()
        done = 0
        while due := self._batch():
            embeddings = await self._embed(due, report)
            self._hold(due[0].document.published_at, due[-1].document.published_at)
            with self.store.store.transaction():
                for queued, embedding in zip(due, embeddings, strict=True):
                    self._place(queued, embedding, now)
            done += len(due)
            progress("stories", done, done + self.store.count_due())

    def _batch(self) -> list[Queued]:
        due = self.store.due(limit=BATCH)
        return [
            it
            for it in due
            if it.document.published_at <= due[0].document.published_at + SPAN
        ]

    async def _embed(
        self, due: Sequence[Queued], report: Report
    ) -> "list[NDArray[np.float32] | None]":
        texts = Texts(texts=tuple(fingerprint.embedded_text(it.document) for it in due))
        try:
            found = await asyncio.to_thread(
                self.worker.call, texts, timeout_s=EMBED_TIMEOUT_S
            )
        except MonitorError as error:
            warning = f"stories are told apart by words alone: {error}"
            if warning not in report.warnings:
                report.warnings.append(warning)
            return [None] * len(due)
        return list(cast("NDArray[np.float32]", found))

    def _hold(self, first: datetime, last: datetime) -> None:
        """Have on the shelf what is near in time to documents from first to last."""
        since, until = first - WINDOW, last + WINDOW
        if self._held and self._held[0] <= since and until <= self._held[1]:
            return
        # The next pass is a while later, and what it finds may be a while older.
        since, until = since - SPAN, until + WINDOW
        rows = self.store.between(since, until)
        self._shelf = Shelf(members(rows))
        self._held = since, until

    def _place(
        self,
        queued: Queued,
        embedding: "NDArray[np.float32] | None",
        now: datetime,
    ) -> None:
        found = _fingerprint(queued, embedding)
        bands = copies.bands(found.signature)
        before = self.store.replaced(found.document_id)
        if before is not None:
            # An edit is where its first version was, and as new as that was.
            place = {key: before[key] for key in _PLACE} | {"reason": "edit"}
            kept = self.store.novelties(before["document_id"])
        else:
            place, kept = self._new_place(found, bands), {}
        self._shelf.add(
            Member(fingerprint=found, story=place["story"], lineage=place["lineage"])
        )
        self.store.save(
            to_row(found, now) | place,
            bands=bands,
            companies=self._novelties(found, place["story"], kept),
        )

    def _new_place(self, found: Fingerprint, bands: Sequence[int]) -> dict[str, Any]:
        alike = self.store.alike(
            link=found.link, content=found.content, filing=found.filing, bands=bands
        )
        placed = self._shelf.place(found, members(alike))
        is_own = placed.lineage == found.document_id
        told = {row["document_id"] for row in self.store.told(placed.story)}
        return {
            "story": placed.story,
            "lineage": placed.lineage,
            "outlet": found.source if is_own else self.store.outlet(placed.lineage),
            "reason": placed.reason,
            "sure": round(placed.sure, 3),
            "earlier": len(told),
            "novelty": round(novelty(len(told)), 4),
        }

    def _novelties(
        self, found: Fingerprint, story: str, kept: dict[str, dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """How new a document is for each of its companies, `kept` as they were."""
        told = self.store.told(story)
        rows = []
        for company in sorted(found.companies):
            before = [row for row in told if row["company"] == company]
            last = self._last(company, found, [row["published_at"] for row in before])
            new = {
                "earlier": len(before),
                "novelty": round(novelty(len(before)), 4),
                "similar_days": last,
            }
            rows.append(
                new
                | kept.get(company, {})
                | {"document_id": found.document_id, "company": company}
            )
        return rows

    def _last(
        self, company: str, found: Fingerprint, in_story: Sequence[str]
    ) -> float | None:
        """Days since something similar of a company; 0 where that came out later."""
        times = [known(text) for text in in_story]
        if under := self.store.last_under(company, found.themes):
            times.append(under)
        if not times or found.published_at is None:
            return None
        days = (found.published_at - max(times)) / timedelta(days=1)
        return round(max(0.0, days), 2)


_PLACE = ("story", "lineage", "outlet", "sure", "earlier", "novelty")


def _fingerprint(
    queued: Queued, embedding: "NDArray[np.float32] | None"
) -> Fingerprint:
    document = queued.document
    return fingerprint.build(
        document,
        language=document.language,
        companies=queued.companies,
        names=queued.names,
        themes=queued.themes,
        amounts=queued.amounts,
        embedding=embedding,
        link=copies.link(document.url),
    )


def to_row(found: Fingerprint, now: datetime) -> dict[str, Any]:
    """A document without its place, as `story_documents` holds it."""
    signature = found.signature
    return {
        "document_id": found.document_id,
        "joined_at": iso(now),
        "published_at": iso(found.published_at),
        "language": found.language,
        "link": found.link,
        "content": found.content,
        "filing": found.filing,
        "is_filing": int(found.is_filing),
        "companies": json.dumps(sorted(found.companies)),
        "themes": json.dumps(sorted(found.themes)),
        "amounts": json.dumps(sorted(found.amounts)),
        "title": found.title,
        "signature": None if signature is None else signature.tobytes(),
        "words": fingerprint.packed(found.words),
        "shared": fingerprint.packed(found.shared),
        "embedding": fingerprint.packed(found.embedding),
    }


def members(rows: Sequence[sqlite3.Row]) -> list[Member]:
    """Documents as the shelf holds them, from how they are stored."""
    import numpy as np

    width = max((len(row["embedding"] or b"") for row in rows), default=0)
    unpacked = {
        name: fingerprint.unpacked([row[name] or b"" for row in rows], size)
        for name, size in (
            ("words", words.WIDTH),
            ("shared", words.WIDTH),
            ("embedding", width),
        )
    }
    return [
        Member(
            fingerprint=Fingerprint(
                document_id=row["document_id"],
                language=row["language"],
                source=row["source"],
                published_at=moment(row["published_at"]),
                link=row["link"],
                content=row["content"],
                signature=np.frombuffer(row["signature"], np.uint32)
                if row["signature"]
                else None,
                words=unpacked["words"][at],
                shared=unpacked["shared"][at],
                embedding=unpacked["embedding"][at] if row["embedding"] else None,
                companies=frozenset(json.loads(row["companies"])),
                themes=frozenset(json.loads(row["themes"])),
                amounts=frozenset(json.loads(row["amounts"])),
                title=row["title"],
                filing=row["filing"],
                is_filing=bool(row["is_filing"]),
            ),
            story=row["story"],
            lineage=row["lineage"],
        )
        for at, row in enumerate(rows)
    ]
