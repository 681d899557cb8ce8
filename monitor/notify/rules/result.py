"""What a condition is asked, and what it answers: held or not, and by which numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.notify.rules.timeline import Piece, Timeline
from monitor.types import AlertRule, ConditionKind

HOUR = timedelta(hours=1)


# Tens of thousands of scenes and results are made for one rehearsal, and a frozen
# dataclass takes more than twice as long to make.
class Scene(NamedTuple):
    """What a rule sees of one subject at one moment."""

    rule: AlertRule
    subject: str
    timeline: Timeline
    now: datetime
    began: datetime
    """When anything was first heard: before that, silence means nothing."""
    quiet: frozenset[str] = frozenset()
    """Topics that are left out, as they are not to be told now."""

    def read_for(self, length: timedelta) -> "Scene":
        """Without what came from feeds that are not yet read for so long."""
        timeline = self.timeline.read_by(self.now - length)
        return self if timeline is self.timeline else self._replace(timeline=timeline)

    def window(self, length: timedelta) -> list[Piece]:
        """Counted pieces of the window that ends now."""
        found = self.timeline.window(self.now - length, self.now, now=self.now)
        return [item for item in found if item.counted]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Pieces that speak for a condition."""

    pieces: tuple[Piece, ...]
    sign: int = 0
    """Where the strongest evidence is: -1 the worst, 1 the best, 0 either way."""
    quotes: Mapping[str, str] = field(default_factory=dict)
    """By document: the sentence that matters, where the condition knows it."""
    scored: bool = False
    """Whether they speak by their scores, so that a late score is news."""


class Result(NamedTuple):
    """The answer of a condition."""

    kind: ConditionKind
    values: dict[str, float | str | None]
    """What is said of it; empty if it did not hold."""
    groups: tuple[Group, ...] = ()
    """Empty if it did not hold."""
    topic: str = ""
    """What in particular is new, if it is one thing ..."""
    several: tuple[str, ...] = ()
    """... or each of several, which may be told without the others."""
    since: datetime | None = None
    """Since when its topics are new: told since then, they are not told again."""
    start: datetime | None = None
    """Of its window."""
    missing: str = ""
    """In English: what was missing, with numbers."""
    nearness: float = 0.0
    """From 0 to 1: how little was missing."""

    @property
    def held(self) -> bool:
        return bool(self.groups)

    @property
    def topics(self) -> tuple[str, ...]:
        return self.several or (self.topic,)


def hours(length: timedelta) -> float:
    return length / HOUR


def sources(pieces: list[Piece]) -> int:
    """How many distinct sources the pieces come from."""
    return len({item.heard.source for item in pieces})


def too_few(
    pieces: list[Piece], *, min_mentions: int, min_sources: int
) -> tuple[str, float] | None:
    """What is missing to so many documents and sources, and how near that is."""
    count, distinct = len(pieces), sources(pieces)
    if count < min_mentions:
        return f"{count} of {min_mentions} documents", count / min_mentions
    if distinct < min_sources:
        return f"{distinct} of {min_sources} sources", distinct / min_sources
    return None
