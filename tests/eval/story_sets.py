"""Labelled tellings of events: real ones kept without text, and invented ones.

`story_labels.tsv` names rows of the corpus by a hash of their headline; two rows with
one story tell the same event. Labelled by reading: the same decision, announcement or
incident, with reactions to it, is one event; its next step (passed, then vetoed) is
another. `story_events.txt` holds events written for this, in families of like ones.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from models.recipe.corpus import headline_key

HERE = Path(__file__).parent
LABELS = HERE / "story_labels.tsv"
EVENTS = HERE / "story_events.txt"
ARTICLES = Path("corpus") / "articles"
UNDATED = "2026-01-31"
"""A day for the headlines without one, all of about that time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A document with the event that it tells."""

    id: str
    story: str
    language: str
    title: str
    text: str
    published_at: datetime


def read(shared: Path) -> list[Telling]:
    """All tellings, in the order in which they were published.

    Raises ValueError where the corpus does not hold a row that is labelled.
    """
    found = [*_corpus(shared / ARTICLES), *_events()]
    return sorted(found, key=lambda it: it.published_at)


def _corpus(folder: Path) -> Iterator[Telling]:
    with LABELS.open(encoding="utf-8", newline="") as lines:
        labels = list(csv.DictReader(lines, delimiter="\t"))
    rows = {name: _rows(folder / name) for name in {one["file"] for one in labels}}
    for label in labels:
        row = rows[label["file"]].get(label["key"])
        if row is None:
            message = f"{label['file']}: holds no {label['key']}, which is labelled"
            raise ValueError(message)
        title = row["headline"]
        # The English file pairs some headlines with the wrong page.
        text = "" if "-en-" in label["file"] else row.get("opening") or ""
        yield Telling(
            id=f"{label['file']}#{label['key']}",
            story=label["story"],
            language="ko" if re.search("[가-힣]", title) else "en",
            title=title,
            text=text,
            published_at=_moment(row.get("date") or row.get("published") or UNDATED),
        )


def _rows(path: Path) -> dict[str, dict[str, str]]:
    csv.field_size_limit(1 << 24)
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        # The first of a headline that stands twice.
        return {headline_key(row["headline"]): row for row in reversed(list(rows))}


def _moment(text: str) -> datetime:
    for form in (
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d",
        "%B %d, %Y",
        "%b %d, %Y",
        "%B %Y",
        "%Y-%m",
        "%Y",
    ):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise ValueError(f"{text!r} is no date")


def _events() -> Iterator[Telling]:
    story, day = "", datetime.min.replace(tzinfo=UTC)
    for number, line in enumerate(EVENTS.read_text("utf-8").splitlines(), start=1):
        if line.startswith("* "):
            story, date = line[2:].split()
            day = datetime.fromisoformat(date).replace(tzinfo=UTC)
        elif line and line[0] not in "#=":
            language, hours, title, text = line.split(" | ")
            yield Telling(
                id=f"events#{number}",
                story=story,
                language=language,
                title=title,
                text=text,
                published_at=day + timedelta(hours=int(hours)),
            )
