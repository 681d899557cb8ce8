"""Real headlines and press-release sentences, labelled by reading, kept without text.

`corpus_labels.tsv` names each headline by a hash, each sentence by its place, a passage
of a release by its beginning and end, and its companies by theirs, so that only who
holds the corpus can train on them.
"""

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from monitor.analysis import sentences
from monitor.analysis.context import TITLE

Labelled = tuple[str, list[tuple[int, int, str]]]

LABELS = Path(__file__).parent / "corpus_labels.tsv"
PASSAGES = Path(__file__).parent / "passage_labels.tsv"
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
        if text is None and "-" in row["key"]:
            text = _passage(shared / row["file"], row["key"])
        if not text:
            raise ValueError(f"{row['file']}: holds no {row['key']}, which is labelled")
        yield text, [_target(mark) for mark in row["marks"].split()]


def labelled_passages(shared: Path) -> Iterator[Labelled]:
    """The same of passages as the monitor gives them to the model, title first.

    `passage_labels.tsv` says whether the title is there, and which part of which column
    of an article follows; of a file that is no table, which part of it.
    """
    with PASSAGES.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    known = {name: _articles(shared / name) for name in {row["file"] for row in rows}}
    for row in rows:
        article = known[row["file"]].get(row["key"])
        if article is None:
            raise ValueError(f"{row['file']}: holds no {row['key']}, which is labelled")
        body = article[row["column"]][int(row["start"]) : int(row["end"])]
        title = article["headline"][:TITLE] if row["title"] else ""
        marks = [_target(mark) for mark in row["marks"].split()]
        yield "\n".join(filter(None, (title, body))), marks


def _articles(path: Path) -> dict[str, dict[str, str]]:
    """The articles of a table by key; a file that is none is one article, its `text`."""
    if path.suffix == ".md":
        return {"": {"text": path.read_text("utf-8", errors="replace")}}
    return {headline_key(it.get("headline") or it["summary"]): it for it in _rows(path)}


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


def _passage(path: Path, key: str) -> str:
    """What stands between the two places of `key`, white space made one blank."""
    start, end = map(int, key.split("-"))
    text = path.read_text("utf-8", errors="replace")
    return " ".join(text[start:end].split())


def _headlines(path: Path) -> Iterator[str]:
    for row in _rows(path):
        if title := row.get("headline") or row.get("title"):
            yield title


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        if path.suffix == ".jsonl":
            yield from map(json.loads, lines)
            return
        csv.field_size_limit(1 << 24)
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
