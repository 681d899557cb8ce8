"""Korean sentences with tagged names, to learn from and to measure on.

KLUE-NER (CC BY-SA 4.0): organisations, persons and places; a fifth is kept out. And
`names_ko.txt`, written for this project: `<삼척:LC>과 <태백:LC>을 잇는 국도`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models.recipe.split import HELD_OUT, part_of

KINDS = ("OG", "PS", "LC")
WRITTEN = Path(__file__).parent / "names_ko.txt"

_NAME = re.compile(rf"<(?P<name>[^<>:]+):(?P<kind>{'|'.join(KINDS)})>")


@dataclass(frozen=True, kw_only=True, slots=True)
class Tagged:
    """A sentence and its names as (start, end, kind) in characters."""

    text: str
    names: list[tuple[int, int, str]]
    held_out: bool


def tagged_sentences(path: Path) -> Iterator[Tagged]:
    """Every sentence of KLUE-NER in the file's order; dates and amounts are left."""
    with path.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            yield Tagged(
                text=row["text"],
                names=[
                    (entity["start"], entity["end"], entity["type"])
                    for entity in row["entities"]
                    if entity["type"] in KINDS
                ],
                held_out=part_of(row["text"]) == HELD_OUT,
            )


def taught_sentences(path: Path) -> list[Tagged]:
    """What the tagger learns from: KLUE-NER without its held-out part, then our own."""
    seen = [sentence for sentence in tagged_sentences(path) if not sentence.held_out]
    return seen + written_sentences()


def written_sentences() -> list[Tagged]:
    """The sentences written for this project."""
    lines = WRITTEN.read_text("utf-8").splitlines()
    return [parse(line) for line in lines if not line.startswith("#")]


def parse(line: str) -> Tagged:
    """A line with its names marked; ValueError where a mark is malformed."""
    text, names, done = "", list[tuple[int, int, str]](), 0
    for mark in _NAME.finditer(line):
        text += line[done : mark.start()]
        names.append((len(text), len(text) + len(mark["name"]), mark["kind"]))
        text, done = text + mark["name"], mark.end()
    text += line[done:]
    if "<" in text or ">" in text:
        raise ValueError(f"malformed mark in {line!r}")
    return Tagged(text=text, names=names, held_out=False)
