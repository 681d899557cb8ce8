"""What is known of one subject, in order of time, and what of it lies in a window.

Every sum is of whole numbers, so that it is the same wherever the history begins.
Does not know rules.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any, Literal, NamedTuple

from monitor.notify.readings import LATE
from monitor.types import Heard, HeardMention

MILLIONTHS = 1_000_000
PROMPT = timedelta(hours=1)
"""What took longer from being fetched to being heard is looked at one by one."""


# Named tuples, as a rehearsal makes them by the hundred thousand (see `types.Heard`).
class Piece(NamedTuple):
    """What one document says of one subject."""

    heard: Heard
    mentions: tuple[HeardMention, ...]
    """Those that a rule lets through, at least one."""
    counted: bool
    """Whether the text is on the subject; a filing's header alone does not count."""
    score: int | None
    """Mean of its scores in millionths; None where none has one."""

    @property
    def document_id(self) -> str:
        return self.heard.document_id

    def known(self, now: datetime) -> bool:
        heard = self.heard
        return heard.heard_at <= now and (heard.until is None or now < heard.until)

    def stale(self, start: datetime) -> bool:
        """Published too long before a window's start to count (see `LATE`)."""
        return self.heard.published_at <= start - LATE


def piece(
    heard: Heard, mentions: Sequence[HeardMention], *, by: Literal["company", "theme"]
) -> Piece:
    """Make a piece of the mentions of one subject in one document.

    A theme is found in the text, also where that names nobody who is watched.
    """
    if len(mentions) == 1:
        (only,) = mentions
        value = None if only.score is None else round(MILLIONTHS * only.score)
        counted = by == "theme" or bool(only.mention_id)
        return Piece(heard=heard, mentions=(only,), counted=counted, score=value)
    scores = [item.score for item in mentions if item.score is not None]
    score = round(MILLIONTHS * sum(scores) / len(scores)) if scores else None
    counted = by == "theme" or any(item.mention_id for item in mentions)
    return Piece(heard=heard, mentions=tuple(mentions), counted=counted, score=score)


class Tally(NamedTuple):
    """How many pieces, how many with a score, and the sum of those in millionths."""

    number: int = 0
    scored: int = 0
    total: int = 0

    @property
    def mean(self) -> float | None:
        return self.total / self.scored / MILLIONTHS if self.scored else None


def tally(pieces: Sequence[Piece]) -> Tally:
    """Count pieces, and add up their scores."""
    scores = [item.score for item in pieces if item.score is not None]
    return Tally(len(pieces), len(scores), sum(scores))


def _first_after(times: Sequence[datetime], moment: datetime, at: int) -> int:
    """`bisect_right`, from a place that is not far before it."""
    while at < len(times) and times[at] <= moment:
        at += 1
    return at


class Timeline:
    """Pieces of one subject; windows are open at their start, closed at their end.

    A window holds what became known in it, and was not published more than `LATE`
    before it: what is older is history that a new feed brought along.
    """

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self.pieces = sorted(
            pieces,
            key=lambda it: (it.heard.fetched_at, it.document_id, it.heard.heard_at),
        )
        self.times = [item.heard.fetched_at for item in self.pieces]
        self._by: dict[Callable[[Piece], Iterable[Hashable]], dict[Hashable, Timeline]]
        self._by = {}
        self.kept: dict[Hashable, Any] = {}
        """What a condition keeps from one moment for the next."""
        self._read: dict[int, Timeline] = {}
        self._until: dict[timedelta, dict[datetime, Tally]] = {}

    def window(self, start: datetime, end: datetime, *, now: datetime) -> list[Piece]:
        """What is known `now` of (start, end], in order."""
        return [
            item
            for item in self._between(start, end)
            if item.known(now) and not item.stale(start)
        ]

    def has(self, start: datetime, end: datetime, *, now: datetime) -> bool:
        """Whether `window` has anything."""
        low, high = bisect_right(self.times, start), bisect_right(self.times, end)
        for index in range(low, high):
            item = self.pieces[index]
            if item.known(now) and not item.stale(start):
                return True
        return False

    def plain(self, start: datetime, end: datetime, *, now: datetime) -> int | None:
        """The count of (start, end], however it is cut into windows.

        None if that depends on the windows, or on what is known when.
        """
        low, high = bisect_right(self.times, start), bisect_right(self.times, end)
        if high > self._settled(now) or self._odd_between(low, high):
            return None
        return self._sums[0][high] - self._sums[0][low]

    def counts(
        self, end: datetime, length: timedelta, number: int, *, now: datetime
    ) -> list[int]:
        """How many `tally` counts in each of so many windows, the latest first."""
        edges = [bisect_right(self.times, end - length * i) for i in range(number + 1)]
        if edges[0] > self._settled(now) or self._odd_between(edges[-1], edges[0]):
            return [
                self.tally(end - length * (i + 1), end - length * i, now=now).number
                for i in range(number)
            ]
        sums = self._sums[0]
        return [sums[high] - sums[low] for high, low in pairwise(edges)]

    def new(self, now: datetime) -> list[Piece]:
        """What is news at this very moment."""
        return [item for item in self._heard.get(now, ()) if item.heard.news]

    def tally(self, start: datetime, end: datetime, *, now: datetime) -> Tally:
        """The tally of the counted pieces of `window`, without going through them."""
        low, end_at = bisect_right(self.times, start), bisect_right(self.times, end)
        high = max(low, min(end_at, self._settled(now)))
        single = self.pieces[high:end_at]
        single += [self.pieces[index] for index in self._odd_between(low, high)]
        counts, scored, totals = self._sums
        number, with_score, total = (
            counts[high] - counts[low],
            scored[high] - scored[low],
            totals[high] - totals[low],
        )
        for item in single:
            if item.counted and item.known(now) and not item.stale(start):
                number += 1
                if item.score is not None:
                    with_score += 1
                    total += item.score
        return Tally(number, with_score, total)

    def until(self, moment: datetime, length: timedelta) -> Tally:
        """The tally of so long before a moment, as it was known then.

        Those of all its moments are made at once, and kept.
        """
        found = self._until.get(length)
        if found is None:
            tallies = self.tallies(self.moments, length)
            found = dict(zip(self.moments, tallies, strict=True))
            self._until[length] = found
        return found.get(moment) or self.tally(moment - length, moment, now=moment)

    def tallies(
        self, moments: Iterable[datetime], length: timedelta
    ) -> Iterator[Tally]:
        """The tally of so long before each of these moments, in order of time."""
        times, known_by, odd = self.times, self._known_by, self._odd
        counts, scored, totals = self._sums
        low = end = settled = 0
        for now in moments:
            start = now - length
            low = _first_after(times, start, low)
            end = _first_after(times, now, end)
            settled = _first_after(known_by, now, settled)
            if settled < end or (odd and self._odd_between(low, end)):
                yield self.tally(start, now, now=now)
            else:
                yield Tally(
                    counts[end] - counts[low],
                    scored[end] - scored[low],
                    totals[end] - totals[low],
                )

    def under(
        self, keys: Callable[[Piece], Iterable[Hashable]], key: Hashable
    ) -> "Timeline":
        """The pieces that have a key, such as a theme."""
        if keys not in self._by:
            found: dict[Hashable, list[Piece]] = {}
            for item in self.pieces:
                for one in set(keys(item)):
                    found.setdefault(one, []).append(item)
            self._by[keys] = {one: Timeline(items) for one, items in found.items()}
        return self._by[keys].get(key) or Timeline(())

    def read_by(self, moment: datetime) -> "Timeline":
        """The pieces that came from feeds that had been read by then."""
        number = bisect_right(self.feeds, moment)
        if number == len(self.feeds):
            return self
        if number not in self._read:
            young = set(self.feeds[number:])
            self._read[number] = Timeline(
                item for item in self.pieces if item.heard.read_since not in young
            )
        return self._read[number]

    @cached_property
    def feeds(self) -> list[datetime]:
        """When the feeds of its pieces were first read, in order."""
        found = {item.heard.read_since for item in self.pieces}
        return sorted(since for since in found if since is not None)

    @cached_property
    def moments(self) -> list[datetime]:
        """When something of it was heard, each once, in order."""
        return sorted(self._heard)

    @cached_property
    def _heard(self) -> dict[datetime, list[Piece]]:
        found: dict[datetime, list[Piece]] = {}
        for item in self.pieces:
            found.setdefault(item.heard.heard_at, []).append(item)
        return found

    def _between(self, start: datetime, end: datetime) -> list[Piece]:
        return self.pieces[
            bisect_right(self.times, start) : bisect_right(self.times, end)
        ]

    def _settled(self, now: datetime) -> int:
        """How many of the first are known `now`, but for odd ones."""
        return bisect_right(self._known_by, now)

    @cached_property
    def _known_by(self) -> list[datetime]:
        """By when each and all before it were known, but for odd ones."""
        odd = set(self._odd)
        known = (
            item.heard.fetched_at if index in odd else item.heard.heard_at
            for index, item in enumerate(self.pieces)
        )
        return list(accumulate(known, max))

    def _odd_between(self, low: int, high: int) -> list[int]:
        odd = self._odd
        return odd and odd[bisect_left(odd, low) : bisect_left(odd, high)]

    @cached_property
    def _odd(self) -> list[int]:
        """Those whose place in a window depends on more than when they were known."""
        return [
            index
            for index, item in enumerate(self.pieces)
            if item.heard.until is not None
            or item.heard.heard_at > item.heard.fetched_at + PROMPT
            or item.heard.published_at <= item.heard.fetched_at - LATE
        ]

    @cached_property
    def _sums(self) -> tuple[list[int], list[int], list[int]]:
        """Sums over all before an index, of those that are counted and not odd."""
        odd = set(self._odd)
        plain = [
            item if item.counted and index not in odd else None
            for index, item in enumerate(self.pieces)
        ]
        scores = [item.score if item else None for item in plain]
        return (
            list(accumulate((item is not None for item in plain), initial=0)),
            list(accumulate((score is not None for score in scores), initial=0)),
            list(accumulate((score or 0 for score in scores), initial=0)),
        )
