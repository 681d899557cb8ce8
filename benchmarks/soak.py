"""Pushes many mentions through one process and watches its resident memory."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from monitor.analysis.sentiment import Item, SentimentScorer

STEP = 10_000
SETTLED = 20_000
"""Mentions after which memory must no longer grow: all shapes have been seen."""

_CALL = 500  # mentions of one call: a batch of documents
_STATM = Path("/proc/self/statm")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """Resident memory after so many mentions, in millions of bytes."""

    mentions: int
    resident_mb: float


def soak(
    scorer: SentimentScorer,
    mentions: Iterator[Item],
    count: int,
    *,
    report: Callable[[Reading], None],
    step: int = STEP,
) -> list[Reading]:
    """Score `count` mentions; one Reading each `step`, reported as it is taken."""
    readings, done = [], 0
    while done < count:
        chosen = list(islice(mentions, min(_CALL, step - done % step, count - done)))
        scorer.score(chosen)
        done += len(chosen)
        if done % step == 0 or done == count:
            readings.append(Reading(mentions=done, resident_mb=resident_mb()))
            report(readings[-1])
    return readings


def growth_mb(readings: list[Reading], settled: int = SETTLED) -> float | None:
    """The highest reading less that at `settled`; None if it took fewer mentions."""
    after = [r.resident_mb for r in readings if r.mentions >= settled]
    return round(max(after) - after[0], 1) if after[1:] else None


def resident_mb() -> float:
    """Resident memory of this process now; OSError where the system has no /proc."""
    pages = int(_STATM.read_text("ascii").split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)
