"""Passages of the corpus that we labelled ourselves, kept without their text.

`passages.jsonl` names a file and a place in it, and holds labels in the gold format. They
were labelled by reading, after the patterns were written on the gold set, so that they
say how the patterns do on what they were not made for.
"""

import csv
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from models.recipe.corpus import headline_key
from tests.eval import gold
from tests.eval.gold import Passage

LABELS = Path(__file__).parent / "passages.jsonl"


def read(shared: Path, labels: Path = LABELS) -> list[Passage]:
    """The passages with their text; KeyError where the corpus does not hold one."""
    with labels.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [gold.passage({**row, **_text(shared, row)}) for row in rows]


def _text(shared: Path, row: dict[str, Any]) -> dict[str, str]:
    path = shared / row["file"]
    if row["key"] is None:
        whole = path.read_text("utf-8", errors="replace")
        return {"title": "", "text": whole[row["start"] : row["end"]].strip()}
    found = _table(path)[row["key"]]
    field = found[row["field"]] if row["field"] else ""
    return {
        "title": found["headline"],
        "text": field[row["start"] : row["end"]].strip(),
    }


@cache
def _table(path: Path) -> dict[str, dict[str, str]]:
    return {headline_key(row["headline"]): row for row in _rows(path)}


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        if path.suffix == ".jsonl":
            yield from map(json.loads, lines)
            return
        csv.field_size_limit(1 << 24)
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
