"""What one document says of one subject: the unit that rules and digests count.

A document that names a company ten times is one reading with the mean of its scores,
so that a long article does not outvote ten short ones. Does not decide what is told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.types import Evidence

LATE = timedelta(hours=24)
"""How long before a window's start a document may be published and still count.

Feeds that give a date without a time, or in an unnamed zone, are off by up to a day;
what is older than that is history that a new feed brought along, not news.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that one document says of one subject."""

    document_id: str
    score: float | None
    """Mean of its scored mentions; None where none has a score."""
    relevance: float
    """The highest of its mentions."""
    mentions: tuple[Evidence, ...]

    @property
    def outlet(self) -> str:
        return self.mentions[0].outlet or self.mentions[0].source

    @property
    def fetched_at(self) -> datetime:
        return min(mention.fetched_at for mention in self.mentions)


def fresh(evidence: Evidence, start: datetime, end: datetime) -> bool:
    """Whether it became known in (start, end] and was news then (see `LATE`)."""
    known = start < evidence.fetched_at <= end
    return known and evidence.published_at > start - LATE


def readings(evidence: Iterable[Evidence]) -> list[Reading]:
    """Group the mentions of one subject by document, in the order of their ids."""
    by_document: dict[str, list[Evidence]] = {}
    for item in evidence:
        by_document.setdefault(item.document_id, []).append(item)
    return [_reading(key, items) for key, items in sorted(by_document.items())]


def mean(scores: Iterable[float | None]) -> float | None:
    """Mean of the scores that exist; None, never 0, where none does."""
    known = [score for score in scores if score is not None]
    return sum(known) / len(known) if known else None


def sources(found: Iterable[Reading]) -> int:
    """How many independent sources the readings come from: reprints are one."""
    return len({reading.outlet for reading in found})


def distinct(evidence: Iterable[Evidence], most: int) -> tuple[Evidence, ...]:
    """The first `most` that differ in document and in sentence.

    A reprint under another id carries the same sentence and would say nothing new.
    """
    taken: list[Evidence] = []
    seen: set[str] = set()
    for item in evidence:
        words = "".join(filter(str.isalnum, item.sentence.casefold()))
        if item.document_id in seen or words in seen:
            continue
        seen |= {item.document_id, words}
        taken.append(item)
        if len(taken) == most:
            break
    return tuple(taken)


def _reading(document_id: str, items: list[Evidence]) -> Reading:
    return Reading(
        document_id=document_id,
        score=mean(item.score for item in items),
        relevance=max(item.relevance for item in items),
        mentions=tuple(items),
    )
