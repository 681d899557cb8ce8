"""Conditions on the course of sentiment: turn and disagreement."""

from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.notify.rules.result import Group, Result, Scene, hours, sources
from monitor.notify.rules.scope import source_kind
from monitor.notify.rules.timeline import Piece, Timeline
from monitor.types import Disagreement, Turn

USUAL_DISAGREEMENT = 0.2


def turn(condition: Turn, scene: Scene) -> Result:
    """The short mean crosses the long one; see `Turn`."""
    now = scene.now
    short, long = means(condition, scene.timeline, now)
    if short is None or long is None:
        return _no(f"fewer than {condition.min_mentions} scored documents", 0.1)
    side = side_of(condition, short - long)
    if side == 0 or condition.direction not in {"either", "up" if side > 0 else "down"}:
        gap = f"mean {short:+.2f} against {long:+.2f}"
        near = min(1.0, abs(short - long) / (condition.margin or 1.0)) / 2
        return _no(f"{gap}, not beyond it by {condition.margin:g}", near)
    stretch = _stretch(condition, scene, short - long)
    if stretch.since <= now - condition.window:
        return _no("it had turned before", 0.8)
    if stretch.before_at is None or stretch.before_at <= now - condition.baseline:
        return _no("no earlier mean to turn from", 0.5)
    found = scene.window(condition.window)
    values: dict[str, float | str | None] = {
        "hours": hours(condition.window),
        "baseline_hours": hours(condition.baseline),
        "min_mentions": condition.min_mentions,
        "margin": condition.margin,
        "score": short,
        "usual": long,
        "before": stretch.before,
        "mentions": len(found),
        "sources": sources(found),
    }
    group = Group(pieces=tuple(found), sign=side)
    return Result(
        kind="turn",
        values=values,
        groups=(group,),
        topic="up" if side > 0 else "down",
        since=stretch.since,
        start=now - condition.window,
    )


def _no(missing: str, nearness: float) -> Result:
    return Result(kind="turn", values={}, missing=missing, nearness=nearness)


def side_of(condition: Turn, difference: float) -> int:
    """1 or -1 where the short mean is beyond the margin over or under the long, else 0."""
    return (difference > condition.margin) - (difference < -condition.margin)


def means(
    condition: Turn, timeline: Timeline, at: datetime
) -> tuple[float | None, float | None]:
    """Means of window and baseline as they were known at a moment; None if too few."""
    few = condition.min_mentions
    short = timeline.until(at, condition.window)
    if short.scored < few:
        return None, None
    long = timeline.until(at, condition.baseline)
    if long.scored - short.scored < few:
        return None, None
    return short.mean, long.mean


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """How long the short mean has been on its side of the long one."""

    gap: float
    """Short mean less long mean, at the end."""
    since: datetime
    """When first there were enough documents on this side, if within a window."""
    before: float | None = None
    """The gap when last it was not on this side; None if that is not known."""
    before_at: datetime | None = None


def _stretch(condition: Turn, scene: Scene, gap: float) -> _Stretch:
    """The stretch that ends now.

    A crossing counts from when it could be seen, whether or not anything was judged at
    that moment, or told: so none is lost because it came with an edit or in a mute.
    """
    now, moments = scene.now, scene.timeline.moments
    kept: dict[datetime, _Stretch] = scene.timeline.kept.setdefault(condition, {})
    side, found = side_of(condition, gap), _Stretch(gap=gap, since=now)
    index = bisect_left(moments, now)
    while index and moments[index - 1] > now - condition.baseline:
        index -= 1
        at = moments[index]
        before = kept.get(at) or _seen(condition, scene, at)
        if before is None:
            continue
        if side_of(condition, before.gap) != side:
            found = replace(found, before=before.gap, before_at=at)
            break
        found = replace(before, gap=gap)
        if at in kept or at <= now - condition.window:
            break
    kept[now] = found
    return found


def _seen(condition: Turn, scene: Scene, at: datetime) -> _Stretch | None:
    """What was seen at one moment by itself; None if there were too few documents."""
    short, long = means(condition, scene.timeline, at)
    if short is None or long is None:
        return None
    return _Stretch(gap=short - long, since=at)


def disagreement(condition: Disagreement, scene: Scene) -> Result:
    """News on one side, filings on the other; see `Disagreement`."""
    start = scene.now - condition.window
    told, filings_told = (
        scene.timeline.under(kind_of, kind).tally(start, scene.now, now=scene.now)
        for kind in ("news", "filing")
    )
    said, filed = told.mean, filings_told.mean
    sign = apart(condition, said, filed)
    if told.scored < condition.min_mentions or not filings_told.scored or not sign:
        missing = f"{told.scored} of {condition.min_mentions} documents of news"
        if told.scored >= condition.min_mentions:
            missing = "no filing" if filed is None else _means_text(said, filed)
        near = min(1.0, told.scored / condition.min_mentions)
        near /= 2 if filed is None else 1
        return Result(kind="disagreement", values={}, missing=missing, nearness=near)
    found = [item for item in scene.window(condition.window) if item.score is not None]
    groups = tuple(
        Group(
            pieces=tuple(it for it in found if source_kind(it.heard) == kind),
            sign=side,
        )
        for kind, side in (("filing", -sign), ("news", sign))
    )
    values: dict[str, float | str | None] = {
        "hours": hours(condition.window),
        "news": said,
        "filing": filed,
        "mentions": told.scored,
        "filings": filings_told.scored,
        "min_mentions": condition.min_mentions,
    }
    return Result(kind="disagreement", values=values, groups=groups, start=start)


def kind_of(item: Piece) -> tuple[str]:
    return (source_kind(item.heard),)


def _means_text(said: float | None, filed: float | None) -> str:
    return f"news {said or 0:+.2f}, filings {filed or 0:+.2f}: not far enough apart"


def apart(condition: Disagreement, said: float | None, filed: float | None) -> int:
    """1 if the news is good and the filings are bad, -1 the other way round, else 0."""
    if said is None or filed is None:
        return 0
    above, below = condition.news_above, condition.filing_below
    under, over = condition.news_below, condition.filing_above
    if above is below is under is over is None:
        above, below = USUAL_DISAGREEMENT, -USUAL_DISAGREEMENT
    if (above is not None or below is not None) and (
        said > (above or 0.0) and filed < (below or 0.0)
    ):
        return 1
    if (under is not None or over is not None) and (
        said < (under or 0.0) and filed > (over or 0.0)
    ):
        return -1
    return 0
