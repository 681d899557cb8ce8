"""Conditions on how many documents there are: threshold and spike."""

from math import sqrt
from statistics import fmean, pstdev

from monitor.notify.rules.result import Group, Result, Scene, hours, sources, too_few
from monitor.notify.rules.timeline import tally
from monitor.types import Spike, Threshold

LEARNING = 7
"""Windows that a baseline has at least: less tells nothing of what is usual."""

USUAL_Z = 3.0


def threshold(condition: Threshold, scene: Scene) -> Result:
    """So many documents and sources, with a mean score beyond a bound."""
    start = scene.now - condition.window
    values: dict[str, float | str | None] = {
        "hours": hours(condition.window),
        "min_mentions": condition.min_mentions,
        "min_sources": condition.min_sources,
        "below": condition.score_below,
        "above": condition.score_above,
    }
    known = scene.timeline.tally(start, scene.now, now=scene.now)
    values |= {"mentions": known.count, "score": known.mean}
    missing, sign = _bound(condition, known.mean)
    if known.count < condition.min_mentions or missing:
        few = f"{known.count} of {condition.min_mentions} documents"
        text = few if known.count < condition.min_mentions else missing
        near = min(1.0, known.count / condition.min_mentions) * (0.5 if missing else 1)
        return Result(kind="threshold", values=values, missing=text, nearness=near)
    found = scene.window(condition.window)
    values["sources"] = sources(found)
    if short := too_few(
        found, min_mentions=condition.min_mentions, min_sources=condition.min_sources
    ):
        return Result(
            kind="threshold", values=values, missing=short[0], nearness=short[1]
        )
    group = Group(pieces=tuple(found), sign=sign)
    return Result(kind="threshold", values=values, groups=(group,), start=start)


def _bound(condition: Threshold, score: float | None) -> tuple[str, int]:
    """What the score misses, empty if nothing; and the side on which it is beyond."""
    below, above = condition.score_below, condition.score_above
    if below is None and above is None:
        return "", 0
    if score is None:
        return "no score", 0
    if below is not None and score < below:
        return "", -1
    if above is not None and score > above:
        return "", 1
    needs = [f"below {below:+.2f}"] if below is not None else []
    needs += [f"above {above:+.2f}"] if above is not None else []
    return f"mean score {score:+.2f}, not {' or '.join(needs)}", 0


def spike(condition: Spike, scene: Scene) -> Result:
    """Many more documents than in the windows before; see `Spike` for the numbers."""
    window, now = condition.window, scene.now
    start = now - window
    known = scene.timeline.tally(start, now, now=now)
    values: dict[str, float | str | None] = {
        "hours": hours(window),
        "mentions": known.count,
        "min_mentions": condition.min_mentions,
        "min_sources": condition.min_sources,
        "score": known.mean,
    }

    def no(missing: str, nearness: float) -> Result:
        return Result(kind="spike", values=values, missing=missing, nearness=nearness)

    if known.count < condition.min_mentions:
        few = f"{known.count} of {condition.min_mentions} documents"
        return no(few, known.count / condition.min_mentions)
    counts = _counts(condition, scene)
    if len(counts) < LEARNING:
        return no(f"{len(counts)} of {LEARNING} windows to compare with", 0.5)
    mean, deviation = fmean(counts), pstdev(counts)
    z = (known.count - mean) / max(deviation, sqrt(mean), 1.0)
    ratio = known.count / max(mean, 1.0)
    least_z = condition.z
    if least_z is None and condition.ratio is None:
        least_z = USUAL_Z
    values |= {
        "usual": mean,
        "deviation": deviation,
        "windows": len(counts),
        "z": z,
        "ratio": ratio,
        "min_z": least_z,
        "min_ratio": condition.ratio,
    }
    if least_z is not None and z < least_z:
        return no(f"z {z:.1f} of {least_z:g}", max(0.0, z / least_z))
    if condition.ratio is not None and ratio < condition.ratio:
        return no(f"ratio {ratio:.1f} of {condition.ratio:g}", ratio / condition.ratio)
    found = scene.window(window)
    values["sources"] = sources(found)
    if short := too_few(
        found, min_mentions=condition.min_mentions, min_sources=condition.min_sources
    ):
        return no(*short)
    sign = 0 if not (total := tally(found).total) else (1 if total > 0 else -1)
    group = Group(pieces=tuple(found), sign=sign)
    return Result(kind="spike", values=values, groups=(group,), start=start)


def _counts(condition: Spike, scene: Scene) -> list[int]:
    """Documents in each whole window of the baseline since anything is heard."""
    counts = []
    end = scene.now - condition.window
    for _ in range(condition.baseline // condition.window):
        start = end - condition.window
        if start < scene.began:
            break
        counts.append(scene.timeline.tally(start, end, now=scene.now).count)
        end = start
    return counts
