"""How results look: tables for people, JSON and CSV for programs."""

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any
from unicodedata import category

import typer

from monitor.stages.report import Progress, silent

OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Send and record nothing; say what would be.")
]


def fail(error: Exception, *, code: int, title: str = "error: ") -> int:
    """Print an expected failure on stderr; gives the exit code back."""
    text = safe(str(error), keep="\n")
    print(f"{title}{text}", file=sys.stderr)
    return code


def safe(text: str, keep: str = "") -> str:
    """Text from outside without what a terminal would obey.

    Control characters and direction overrides become spaces or go.
    """
    return "".join(
        character if character in keep or _is_inert(character) else " "
        for character in text
    )


def _is_inert(character: str) -> bool:
    """Not a control (Cc), a direction override (Cf, but not joiners), a surrogate."""
    return category(character) not in {"Cc", "Cs"} and character not in OVERRIDES


def print_json(data: Any) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2, default=_plain))


def print_jsonl(row: dict[str, Any]) -> None:
    print(json.dumps(row, ensure_ascii=False, default=_plain), flush=False)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """CSV; text that a spreadsheet would run as a formula gets an apostrophe."""
    writer = csv.writer(sys.stdout)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return value


WIDEST_NAME = 24
"""Columns that what a row is named by may take before it is folded too."""


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = ""
) -> None:
    """A table as wide as the terminal; numbers to the right."""
    from rich import box
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = [list(row) for row in rows]
    table = Table(box=box.SIMPLE_HEAD, title=title or None, title_justify="left")
    for index, column in enumerate(columns):
        values = [row[index] for row in rows if row[index] is not None]
        numbers = bool(values) and all(isinstance(v, int | float) for v in values)
        width = max((cell_len(_shown(value)) for value in values), default=0)
        table.add_column(
            column,
            justify="right" if numbers else "left",
            # Folded: rich would cut off what has no spaces and is wider than its column.
            overflow="fold",
            # What a row is named by stays whole, to be copied.
            no_wrap=index == 0 and width <= WIDEST_NAME,
        )
    for row in rows:
        table.add_row(*(Text(_shown(value)) for value in row))
    Console().print(table)


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.2f}" if abs(value) < 1000 else f"{value:,.0f}"  # noqa: PLR2004
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return safe(str(value))


def signed(score: float | None) -> str:
    """A score with its sign, so that no colour is needed to read it."""
    return "–" if score is None else f"{score:+.2f}"


def bar(score: float | None, *, width: int = 5) -> str:
    """A bar from the middle: left is negative, right is positive."""
    if score is None:
        return " " * width + "·" + " " * width
    size = round(abs(score) * width)
    left = "█" * size if score < 0 else ""
    right = "█" * size if score > 0 else ""
    return left.rjust(width) + "│" + right.ljust(width)


@contextmanager
def progress() -> Iterator[Progress]:
    """Progress bars on stderr; nothing when it is not a terminal."""
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description:<9}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def update(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield update
