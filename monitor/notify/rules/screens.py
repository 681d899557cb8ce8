"""At which moments of a subject a condition may hold: of all at once, and cheaply.

At others it cannot; at these it may still not. Of most moments a rehearsal then need not
ask more. Does not say what was missing.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from monitor.notify.rules.counts import beyond
from monitor.notify.rules.course import apart, kind_of, means, side_of
from monitor.notify.rules.timeline import Timeline
from monitor.types import (
    Condition,
    Disagreement,
    FilingMatch,
    Heard,
    KeywordMatch,
    NameAppears,
    QuantityAbove,
    Spike,
    ThemeAppears,
    Threshold,
    Turn,
)

Moments = frozenset[datetime]


def possible(
    every: Iterable[Condition], some: Iterable[Condition], timeline: Timeline
) -> Moments:
    """Moments at which all of `every` may hold, and one of `some` if there are any."""
    found = frozenset(timeline.moments)
    for condition in every:
        found &= _of(condition, timeline)
    either = [_of(condition, timeline) for condition in some]
    return found & frozenset().union(*either) if either else found


def _of(condition: Condition, timeline: Timeline) -> Moments:
    return frozenset(SCREENS[type(condition)](condition, timeline))


def _threshold(condition: Threshold, timeline: Timeline) -> Iterable[datetime]:
    for at in timeline.moments:
        known = timeline.until(at, condition.window)
        enough = known.number >= condition.min_mentions
        if enough and beyond(condition, known.mean) is not None:
            yield at


def _spike(condition: Spike, timeline: Timeline) -> Iterable[datetime]:
    # What comes from feeds that are hardly read is left out later: that is fewer.
    for at in timeline.moments:
        if timeline.until(at, condition.window).number >= condition.min_mentions:
            yield at


def _turn(condition: Turn, timeline: Timeline) -> Iterable[datetime]:
    for at in timeline.moments:
        short, long = means(condition, timeline, at)
        if short is not None and long is not None and side_of(condition, short - long):
            yield at


def _disagreement(condition: Disagreement, timeline: Timeline) -> Iterable[datetime]:
    news, filings = (
        timeline.under(kind_of, kind).tallies(timeline.moments, condition.window)
        for kind in ("news", "filing")
    )
    for at, told, filed in zip(timeline.moments, news, filings, strict=True):
        enough = told.scored >= condition.min_mentions
        if enough and apart(condition, told.mean, filed.mean):
            yield at


def _new_theme(_: ThemeAppears, timeline: Timeline) -> Iterable[datetime]:
    return _heard(timeline, lambda it: it.themes)


def _new_name(_: NameAppears, timeline: Timeline) -> Iterable[datetime]:
    return _heard(timeline, lambda it: it.names)


def _filing(condition: FilingMatch, timeline: Timeline) -> Iterable[datetime]:
    return _single(condition, timeline, lambda it: it.form)


def _keyword(condition: KeywordMatch, timeline: Timeline) -> Iterable[datetime]:
    return _single(condition, timeline, lambda it: it.keywords)


def _quantity(condition: QuantityAbove, timeline: Timeline) -> Iterable[datetime]:
    def over(heard: Heard) -> bool:
        return any(
            amount.normalised > condition.above and amount.unit == condition.unit
            for amount in heard.amounts
        )

    return _single(condition, timeline, over)


def _single(
    condition: FilingMatch | KeywordMatch | QuantityAbove,
    timeline: Timeline,
    has: Callable[[Heard], Any],
) -> Iterable[datetime]:
    """When a document is heard that may be one; with a window it may also be earlier."""
    if condition.window is not None:
        return timeline.moments
    return _heard(timeline, has)


def _heard(timeline: Timeline, has: Callable[[Heard], Any]) -> Iterable[datetime]:
    return (it.heard.heard_at for it in timeline.pieces if has(it.heard))


SCREENS: Mapping[type, Callable[[Any, Timeline], Iterable[datetime]]] = {
    Threshold: _threshold,
    Spike: _spike,
    Turn: _turn,
    ThemeAppears: _new_theme,
    NameAppears: _new_name,
    FilingMatch: _filing,
    KeywordMatch: _keyword,
    QuantityAbove: _quantity,
    Disagreement: _disagreement,
}
