"""Alerts per day as columns: for a terminal in characters, for a file as SVG.

Does not count anything (`rehearsal`).
"""

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from monitor.notify.rehearsal import Rehearsal
from monitor.notify.words import Words

EIGHTHS = " ▁▂▃▄▅▆▇█"
ROWS = 5
WIDTH, HEIGHT = 720, 150
"""Of the drawing in the SVG, in its units; labels come around it."""

Days = Sequence[tuple[date, int]]


def terminal(days: Days, *, columns: int = 80) -> str:
    """Columns of block characters over an axis with its first and last day.

    Several days share a column where there is not room for each; the axis says so.
    """
    room = max(10, columns - 6)
    span = -(-len(days) // room) or 1
    sums = [
        sum(count for _, count in days[start : start + span])
        for start in range(0, len(days), span)
    ]
    most = max(sums, default=0)
    wide = max(1, min(4, room // len(sums)))
    lines = []
    for row in range(ROWS, 0, -1):
        label = f"{most:>4} " if row == ROWS and most else " " * 5
        blocks = (_block(it, most, row) * max(1, wide - 1) for it in sums)
        lines.append((label + "".join(it.ljust(wide) for it in blocks)).rstrip())
    first, last = days[0][0].isoformat(), days[-1][0].isoformat()
    gap = " " * max(1, len(sums) * wide - len(first) - len(last))
    each = f"  each column {span} days" if span > 1 else ""
    lines += [f"   0 {'─' * len(sums) * wide}", f"     {first}{gap}{last}{each}"]
    return "\n".join(lines)


def _block(count: int, most: int, row: int) -> str:
    """The part of a column that lies in a row, 1 being the lowest."""
    eighths = round(count / most * ROWS * 8) if most else 0
    if count and not eighths:
        eighths = 1
    return EIGHTHS[min(8, max(0, eighths - (row - 1) * 8))]


def svg(found: Rehearsal, *, language: Literal["en", "ko"]) -> str:
    """The same as a picture that stands for itself: title, axis, days, numbers."""
    words = Words(language)
    most = max((count for _, count in found.days), default=0)
    step = WIDTH / len(found.days)
    bars = [
        {
            "x": round(index * step + step * 0.1, 2),
            "width": round(step * 0.8, 2),
            "height": round(HEIGHT * count / most, 2),
            "title": f"{day.isoformat()}: {words('alert_count', n=count)}",
        }
        for index, (day, count) in enumerate(found.days)
        if count
    ]
    last = len(found.days) - 1
    ticks = [
        {
            "x": round((index + 0.5) * step, 2),
            "text": found.days[index][0].isoformat(),
            "anchor": {0: "start", last: "end"}.get(index, "middle"),
        }
        for index in sorted({0, last // 2, last})
    ]
    total = words("alert_count", n=len(found.alerts))
    return _template().render(
        language=language,
        title=words("alerts_per_day", rule=found.rule),
        summary=words("in_days", count=total, n=len(found.days)),
        bars=bars,
        ticks=ticks,
        most=most,
        half=most / 2 if most and most % 2 == 0 else None,
        width=WIDTH,
        height=HEIGHT,
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("alerts_per_day.svg")
