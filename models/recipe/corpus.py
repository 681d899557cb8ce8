"""Real headlines and press-release sentences, labelled by reading, kept without text.

`corpus_labels.tsv` names each headline by a hash, each sentence by its place, and its
companies by theirs, so that only who holds the corpus can train on them.
"""

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from monitor.analysis import sentences

Labelled = tuple[str, list[tuple[int, int, str]]]

LABELS = Path(__file__).parent / "corpus_labels.tsv"
_SIGNS = {"-": "negative", "0": "neutral", "+": "positive"}


def labelled_texts(shared: Path) -> Iterator[Labelled]:
    """Yield (headline or sentence, [(start, end, label)]) in the file's order.

    Raises ValueError where the corpus does not hold a text that is labelled.
    """
    with LABELS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    known = {name: texts(shared / name) for name in {row["file"] for row in rows}}
    for row in rows:
        text = known[row["file"]].get(row["key"])
        if text is None:
            raise ValueError(f"{row['file']}: holds no {row['key']}, which is labelled")
        yield text, [_target(mark) for mark in row["marks"].split()]


def _target(mark: str) -> tuple[int, int, str]:
    start, end, sign = mark.split(":")
    return int(start), int(end), _SIGNS[sign]


def texts(path: Path) -> dict[str, str]:
    """The texts of a corpus file by key: headlines of a table, sentences of a release."""
    if path.suffix == ".md":
        return dict(_sentences(path))
    return {headline_key(title): title for title in _headlines(path)}


def headline_key(title: str) -> str:
    """The first 16 hex digits of the headline's sha256."""
    return hashlib.sha256(title.encode()).hexdigest()[:16]


def _sentences(path: Path) -> Iterator[tuple[str, str]]:
    text = path.read_text("utf-8", errors="replace")
    for start, end in sentences.split(text):
        yield str(start), text[start:end].strip()


def _headlines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="") as lines:
        if path.suffix == ".jsonl":
            yield from (json.loads(line)["title"] for line in lines)
            return
        csv.field_size_limit(1 << 24)
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if title := row.get("headline"):
                yield title
