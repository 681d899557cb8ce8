"""Korean sentences with tagged names, to learn from and to measure on.

KLUE-NER (CC BY-SA 4.0): organisations, persons and places; a fifth is kept out. And
`names_ko.txt`, written for this project: `<삼척:LC>과 <태백:LC>을 잇는 국도`.
"""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from models.recipe.split import HELD_OUT, part_of
from monitor.analysis.korean import is_closed

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


def swapped(sentences: Sequence[Tagged], seed: int) -> list[Tagged]:
    """Each sentence with names once more, with other names of their kinds in it.

    "Mention replacement", Dai and Adel 2020. A name is replaced by one that ends as it
    does, in a vowel, a consonant or no Hangul, so that the particle after it fits.
    """
    rng = random.Random(seed)
    known: dict[tuple[str, bool | None], list[str]] = {}
    for sentence in sentences:
        for start, end, kind in sentence.names:
            name = sentence.text[start:end]
            known.setdefault((kind, is_closed(name[-1])), []).append(name)
    return [_swapped(it, known, rng) for it in sentences if it.names]


def _swapped(
    sentence: Tagged,
    known: Mapping[tuple[str, bool | None], Sequence[str]],
    rng: random.Random,
) -> Tagged:
    text, names, done = "", list[tuple[int, int, str]](), 0
    for start, end, kind in sorted(sentence.names):
        text += sentence.text[done:start]
        name = rng.choice(known[kind, is_closed(sentence.text[end - 1])])
        names.append((len(text), len(text) + len(name), kind))
        text, done = text + name, end
    return replace(sentence, text=text + sentence.text[done:], names=names)


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
