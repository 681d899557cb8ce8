"""Conditions on how many documents there are: threshold and spike."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from typing import Literal

from monitor.notify.rules.result import Group, Result, Scene, hours, sources, too_few
from monitor.notify.rules.timeline import Piece
from monitor.types import SPIKE_WINDOWS, Spike, Threshold

USUAL_Z = 3.0


def threshold(condition: Threshold, scene: Scene) -> Result:
    """So many documents and sources, with a mean score beyond a bound."""
    least = condition.min_mentions
    known = scene.timeline.until(scene.now, condition.window)
    if known.number < least:
        few = f"{known.number} of {least} documents"
        return _no("threshold", few, known.number / least)
    sign = beyond(condition, known.mean)
    if sign is None:
        return _no("threshold", _not_beyond(condition, known.mean), 0.5)
    found = scene.window(condition.window)
    if short := too_few(found, min_mentions=least, min_sources=condition.min_sources):
        return _no("threshold", *short)
    values: dict[str, float | str | None] = {
        "hours": hours(condition.window),
        "mentions": len(found),
        "sources": sources(found),
        "score": known.mean,
        "min_mentions": least,
        "min_sources": condition.min_sources,
        "below": condition.score_below,
        "above": condition.score_above,
    }
    group = Group(pieces=tuple(found), sign=sign)
    start = scene.now - condition.window
    return Result(kind="threshold", values=values, groups=(group,), start=start)


def _no(kind: Literal["threshold", "spike"], missing: str, nearness: float) -> Result:
    return Result(kind=kind, values={}, missing=missing, nearness=nearness)


def beyond(condition: Threshold, score: float | None) -> int | None:
    """On which side a mean score is beyond its bound; 0 without one, None if it is not."""
    below, above = condition.score_below, condition.score_above
    if below is None and above is None:
        return 0
    if score is not None and below is not None and score < below:
        return -1
    if score is not None and above is not None and score > above:
        return 1
    return None


def _not_beyond(condition: Threshold, score: float | None) -> str:
    below, above = condition.score_below, condition.score_above
    if score is None:
        return "no score"
    needs = [f"below {below:+.2f}"] if below is not None else []
    needs += [f"above {above:+.2f}"] if above is not None else []
    return f"mean score {score:+.2f}, not {' or '.join(needs)}"


def spike(condition: Spike, scene: Scene) -> Result:
    """Many more documents than in the windows before; see `Spike` for the numbers."""
    window, now = condition.window, scene.now
    scene = scene.read_for(window * (SPIKE_WINDOWS + 1))
    start, least = now - window, condition.min_mentions
    known = scene.timeline.until(now, window)
    if known.number < least:
        few = f"{known.number} of {least} documents"
        return _no("spike", few, known.number / least)
    windows = _windows(condition, scene)
    if windows < SPIKE_WINDOWS:
        return _no(
            "spike", f"{windows} of {SPIKE_WINDOWS} windows to compare with", 0.5
        )
    # Most often the mean alone shows that it is nothing unusual.
    total = None
    if not _joined(scene, start - window * windows):
        total = scene.timeline.plain(start - window * windows, start, now=now)
    if total is not None and (least_z := _least_z(condition)) is not None:
        highest = _z(known.number, total / windows)
        if highest < least_z:
            text = f"z at most {highest:.1f} of {least_z:g}"
            return _no("spike", text, max(0.0, highest / least_z))
    usual = _usual(condition, scene, windows, known.number)
    missing, nearness = _too_usual(condition, usual)
    if missing:
        return _no("spike", missing, nearness)
    found = scene.window(window)
    if short := too_few(found, min_mentions=least, min_sources=condition.min_sources):
        return _no("spike", *short)
    values: dict[str, float | str | None] = {
        "hours": hours(window),
        "mentions": len(found),
        "sources": sources(found),
        "score": known.mean,
        "min_mentions": least,
        "min_sources": condition.min_sources,
        "usual": usual.mean,
        "deviation": usual.deviation,
        "windows": windows,
        "z": usual.z,
        "ratio": usual.ratio,
        "min_z": _least_z(condition),
        "min_ratio": condition.ratio,
    }
    sign = (known.total > 0) - (known.total < 0)
    group = Group(pieces=tuple(found), sign=sign)
    return Result(kind="spike", values=values, groups=(group,), start=start)


@dataclass(frozen=True, slots=True)
class _Usual:
    """A count against those of the windows before it."""

    mean: float
    deviation: float
    z: float
    ratio: float


def _usual(condition: Spike, scene: Scene, windows: int, count: int) -> _Usual:
    counts = _counts(condition.window, scene, windows)
    mean = sum(counts) / windows
    deviation = sqrt(sum((it - mean) ** 2 for it in counts) / windows)
    return _Usual(
        mean=mean,
        deviation=deviation,
        z=_z(count, mean, deviation),
        ratio=count / max(mean, 1.0),
    )


def _counts(window: timedelta, scene: Scene, windows: int) -> list[float]:
    """How many documents each window has, the latest first."""
    end, now = scene.now - window, scene.now
    counts: list[float] = [*scene.timeline.counts(end, window, windows, now=now)]
    for since in _joined(scene, end - window * windows):
        feed = scene.timeline.under(_read_since, since)
        own = feed.counts(end, window, windows, now=now)
        covered = (end - since) // window
        usual = sum(own[:covered]) / covered
        for index in range(covered, windows):
            counts[index] += usual - own[index]
    return counts


def _joined(scene: Scene, start: datetime) -> list[datetime]:
    """When feeds were first read that were so only after the start of a baseline."""
    feeds = scene.timeline.feeds
    return feeds[bisect_right(feeds, start) :]


def _read_since(item: Piece) -> tuple[datetime | None]:
    return (item.heard.read_since,)


def _z(count: int, mean: float, deviation: float = 0.0) -> float:
    return (count - mean) / max(deviation, sqrt(mean), 1.0)


def _least_z(condition: Spike) -> float | None:
    return USUAL_Z if condition.z is condition.ratio is None else condition.z


def _too_usual(condition: Spike, usual: _Usual) -> tuple[str, float]:
    """What z or ratio misses, empty if nothing; and how near it comes."""
    least = _least_z(condition)
    if least is not None and usual.z < least:
        return f"z {usual.z:.1f} of {least:g}", max(0.0, usual.z / least)
    if condition.ratio is not None and usual.ratio < condition.ratio:
        missing = f"ratio {usual.ratio:.1f} of {condition.ratio:g}"
        return missing, usual.ratio / condition.ratio
    return "", 1.0


def _windows(condition: Spike, scene: Scene) -> int:
    """Whole windows of the baseline since anything is heard."""
    heard = scene.now - condition.window - scene.began
    return max(0, min(condition.baseline, heard) // condition.window)
