"""The documents among which a new one finds its story, and the finding.

A document joins the story of its copy, else the one whose tellings are likest, if that
is likely enough; else it begins one. What was placed stays: stories never merge.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from monitor.stories import titles
from monitor.stories.fingerprint import Fingerprint
from monitor.stories.likeness import Cosines, Likeness
from monitor.stories.rows import Rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WINDOW = timedelta(days=5)
"""How far apart two tellings of an event may be; copies may be further."""

NEAR_COPY = 0.6
"""Share of shingles in common from which on a text is a copy."""

LIKELY = 1024
"""Documents whose vectors are multiplied: all of a few days, else the likest roughly."""

CLOSE = 64
"""Documents that are compared in full: those with the likest vectors."""

COUNTED = 3
"""Tellings of a story, the likest, whose mean says whether a new one belongs to it."""

Reason = Literal["first", "filing", "address", "text", "copy", "event"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A document that has its story."""

    fingerprint: Fingerprint
    story: str
    """Id of the document that began it."""
    lineage: str
    """Id of the document that it is a copy of, itself if of none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a document belongs, and why."""

    story: str
    lineage: str
    reason: Reason
    sure: float
    """That it is so, 0 to 1."""

    def member(self, fingerprint: Fingerprint) -> Member:
        return Member(fingerprint=fingerprint, story=self.story, lineage=self.lineage)


class Shelf:
    """Documents by their vectors, companies, addresses and texts."""

    def __init__(
        self, members: Iterable[Member] = (), likeness: Likeness | None = None
    ):
        self._likeness = likeness or Likeness.learnt()
        self._members: list[Member] = []
        self._rows = Rows(self._likeness.vectors)
        self._exact: dict[tuple[str, str], int] = {}
        for member in members:
            self.add(member)

    def __len__(self) -> int:
        return len(self._members)

    def add(self, member: Member) -> None:
        at, found = len(self._members), member.fingerprint
        self._members.append(member)
        self._rows.add(found)
        for key in _keys(found):
            self._exact.setdefault(key, at)

    def place(self, new: Fingerprint, copied: Sequence[Member] = ()) -> Placement:
        """Find the story of a document; `copied` are likely copies from further back."""
        return (
            self._exact_place(new, copied)
            or self._near_copy(new, copied)
            or self._event(new)
            or Placement(
                story=new.document_id,
                lineage=new.document_id,
                reason="first",
                sure=1.0,
            )
        )

    def _exact_place(
        self, new: Fingerprint, copied: Sequence[Member]
    ) -> Placement | None:
        keys = _keys(new)
        for key in keys:
            same = [self._members[self._exact[key]]] if key in self._exact else []
            same += [one for one in copied if key in _keys(one.fingerprint)]
            if same:
                kind = key[0]
                own = kind == "filing"
                return Placement(
                    story=same[0].story,
                    lineage=new.document_id if own else same[0].lineage,
                    reason=kind,  # type: ignore[arg-type]
                    sure=1.0,
                )
        return None

    def _near_copy(
        self, new: Fingerprint, copied: Sequence[Member]
    ) -> Placement | None:
        if new.signature is None:
            return None
        near = [
            (share, self._members[at])
            for at, share in self._rows.copies(new.signature, NEAR_COPY)
        ]
        near += [(_share(new, one.fingerprint), one) for one in copied]
        near = [
            (share, one)
            for share, one in near
            if share >= NEAR_COPY and not _two_events(new, one.fingerprint)
        ]
        if not near:
            return None
        share, likest = max(near, key=lambda it: it[0])
        return Placement(
            story=likest.story, lineage=likest.lineage, reason="copy", sure=share
        )

    def _event(self, new: Fingerprint) -> Placement | None:
        """The story whose likest tellings are like enough."""
        judged = sorted(
            ((one.story, sure, one.lineage) for sure, one in self._judged(new)),
            key=lambda it: (it[0], -it[1]),
        )
        stories = {
            story: _of_story([(sure, lineage) for _, sure, lineage in found])
            for story, found in groupby(judged, key=lambda it: it[0])
        }
        if not stories:
            return None
        story = max(stories, key=lambda key: (stories[key], key))
        if stories[story] < self._likeness.least:
            return None
        return Placement(
            story=story, lineage=new.document_id, reason="event", sure=stories[story]
        )

    def _judged(self, new: Fingerprint) -> list[tuple[float, Member]]:
        """The closest documents of these days with how sure each tells the same."""
        near = self._rows.near(new.published_at, WINDOW)
        rows = self._rows.likeliest(new, near, LIKELY)
        if not len(rows):
            return []
        others = [self._members[at].fingerprint for at in rows]
        cosines = self._rows.cosines(new, rows)
        rough = self._likeness.rough(new, others, cosines)
        found = []
        for at in _highest(rough, CLOSE):
            if _two_filings(new, others[at]):
                continue
            each = Cosines(
                embedding=float(cosines.embedding[at]),
                words=float(cosines.words[at]),
                shared=float(cosines.shared[at]),
            )
            sure = self._likeness.sure(new, others[at], each)
            found.append((sure, self._members[rows[at]]))
        return found


def _of_story(found: Sequence[tuple[float, str]]) -> float:
    """How sure a story is, from its tellings, likest first; copies count as one."""
    by_lineage: dict[str, float] = {}
    for sure, lineage in found:
        by_lineage.setdefault(lineage, sure)
    best = [*by_lineage.values()][:COUNTED]
    return sum(best) / len(best)


def _keys(found: Fingerprint) -> list[tuple[str, str]]:
    keys = [("filing", found.filing), ("address", found.link), ("text", found.content)]
    return [(kind, key) for kind, key in keys if key]


def _two_filings(one: Fingerprint, other: Fingerprint) -> bool:
    """Two filings are two events, however alike their wording."""
    return one.is_filing and other.is_filing and one.filing != other.filing


def _two_events(one: Fingerprint, other: Fingerprint) -> bool:
    """What is no copy, however much of its text is the same: a template filled anew."""
    same = one.language == other.language
    swapped = same and titles.is_swapped(one.title, other.title)
    return swapped or _two_filings(one, other)


def _share(one: Fingerprint, other: Fingerprint) -> float:
    if one.signature is None or other.signature is None:
        return 0.0
    return float((one.signature == other.signature).mean())


def _highest(values: "NDArray[np.float64]", count: int) -> list[int]:
    import numpy as np

    if len(values) <= count:
        return list(range(len(values)))
    return [int(at) for at in np.argpartition(values, -count)[-count:]]
