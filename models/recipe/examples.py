"""Labelled rows -> training examples: a text, perhaps a target's span, a label.

SEntFiN (MIT), KorFin-ASC (CC BY-SA 4.0), what was written for this project and the
headlines that were labelled for it by reading (`corpus`) are read. Which rows are kept
out is `split`'s decision; texts without labels are `unlabelled`'s.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.recipe.corpus import labelled_texts
from models.recipe.headlines import labelled
from models.recipe.sentences import written_sentences
from models.recipe.split import TRAIN, part_of

LANGUAGES = ("en", "ko")
WRITTEN = ("headlines", "passages")
MENTIONS = 2  # of one company in one passage, so that a long one does not count more

LABELS = ("negative", "neutral", "positive")

# What may follow a Korean name inside the same word: particles, or nothing.
_PARTICLE = r"(?:은|는|이|가|을|를|의|에|와|과|도|로|으로|에서|에게|만|측|그룹)?"
_SHORTEST_NAME = 3
_HANGUL = re.compile(r"[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """One row: `start` and `end` are characters of `text`, None for all of it.

    `whole` says that the label also holds for the text as a whole. Without a label
    only a teacher's view of it is learnt.
    """

    source: str
    part: str
    text: str
    label: str | None = None
    start: int | None = None
    end: int | None = None
    whole: bool = False


def is_english(text: str) -> bool:
    """Whether an English teacher can read it: nothing in Hangul."""
    return not _HANGUL.search(text)


def find_target(text: str, name: str) -> tuple[int, int] | None:
    """The first place of `name` as a word, else anywhere, case ignored last."""
    patterns = (rf"(?<!\w){re.escape(name)}(?!\w)", re.escape(name))
    for flags in (0, re.IGNORECASE):
        for pattern in patterns:
            if found := re.search(pattern, text, flags):
                return found.span()
    return None


def sentfin_examples(path: Path) -> Iterator[Example]:
    """One example per entity of a headline; entities that cannot be found are left."""
    for row in _rows(path):
        title, entities = row["title"], row["entities"]
        whole = len(set(entities.values())) == 1
        for name, label in entities.items():
            if span := find_target(title, name):
                yield Example(
                    source="sentfin",
                    part=part_of(title),
                    text=title,
                    label=label,
                    start=span[0],
                    end=span[1],
                    whole=whole,
                )


def korfin_examples(path: Path, names: Path) -> Iterator[Example]:
    """One example per sentence; its only listed company, if there is one, is marked."""
    listed = _listed_names(names)
    for row in _rows(path):
        sentence = row["sentence"]
        spans = list(listed.finditer(sentence))
        span = spans[0].span("name") if len(spans) == 1 else (None, None)
        yield Example(
            source="korfin",
            part=part_of(sentence),
            text=sentence,
            label=row["label"],
            start=span[0],
            end=span[1],
            whole=True,
        )


def own_examples() -> Iterator[Example]:
    """One example per company of the lines written for this project."""
    for kind in WRITTEN:
        for language in LANGUAGES:
            for text, targets in labelled(kind, language):
                yield from _written(kind, text, targets)
    for text, targets in written_sentences():
        yield from _written("sentences", text, targets)


def corpus_examples(shared: Path) -> Iterator[Example]:
    """One example per company of the corpus texts that were labelled by reading."""
    for text, targets in labelled_texts(shared):
        yield from _written("corpus", text, targets)


def _written(
    source: str, text: str, targets: Sequence[tuple[int, int, str]]
) -> list[Example]:
    whole = len({label for _, _, label in targets}) == 1
    seen = Counter[str]()
    return [
        Example(
            source=source,
            part=TRAIN,
            text=text,
            label=label,
            start=start,
            end=end,
            whole=whole,
        )
        for start, end, label in targets
        if _counted(seen, text[start:end]) <= MENTIONS
    ]


def _counted(seen: Counter[str], name: str) -> int:
    seen[name] += 1
    return seen[name]


def all_examples(shared: Path) -> list[Example]:
    """Every labelled example, in a fixed order."""
    data = shared / "data"
    return [
        *sentfin_examples(data / "sentfin" / "sentfin.jsonl"),
        *korfin_examples(
            data / "korfin_sentences" / "korfin_sentences.jsonl",
            data / "companies_krx" / "krx_listed_desc.csv",
        ),
        *own_examples(),
        *corpus_examples(shared),
    ]


def _rows(path: Path) -> Iterator[dict]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _listed_names(path: Path) -> re.Pattern[str]:
    with path.open(encoding="utf-8", newline="") as lines:
        names = {row["Name"] for row in csv.DictReader(lines)}
    longest_first = sorted(
        (name for name in names if len(name) >= _SHORTEST_NAME),
        key=lambda name: (-len(name), name),
    )
    choices = "|".join(map(re.escape, longest_first))
    return re.compile(rf"(?<!\w)(?P<name>{choices}){_PARTICLE}(?!\w)")
