"""Named entities against labelled sets: KLUE-NER's held-out fifth and FiNER-ORD.

A name counts as right with its exact characters and its kind. The tagger saw four
fifths of KLUE-NER; nothing was trained on FiNER-ORD.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from models.recipe.names import tagged_sentences
from monitor.analysis import entities, korean_names, sentences
from monitor.types import Entity
from tests.eval.scores import Score, compare

PREFIX = "names"
_KLUE = {"OG": "ORG", "PS": "PERSON", "LC": "PLACE"}

Name = tuple[int, int, str]


def measure(shared: Path) -> dict[str, float]:
    """Every figure by name (`names.f1.ko`), each between 0 and 1."""
    korean = list(_korean(shared / "data" / "klue_ner" / "klue_ner.jsonl"))
    kinds = {kind: _only(korean, kind) for kind in sorted(_KLUE.values())}
    english = _only(list(_english(shared / "data" / "finer_ord")), "ORG")
    figures = {
        f"{PREFIX}.f1.ko": compare(korean).f1,
        **{f"{PREFIX}.{k.lower()}_f1.ko": score.f1 for k, score in kinds.items()},
        f"{PREFIX}.org_f1.en": english.f1,
    }
    return {name: round(figure, 4) for name, figure in figures.items()}


def _only(pairs: list[tuple[set[Name], set[Name]]], kind: str) -> Score:
    return compare(
        ({n for n in found if n[2] == kind}, {n for n in right if n[2] == kind})
        for found, right in pairs
    )


def _korean(path: Path) -> Iterator[tuple[set[Name], set[Name]]]:
    for sentence in tagged_sentences(path):
        if sentence.held_out:
            found = korean_names.find(sentence.text, sentences.split(sentence.text))
            right = {(a, b, _KLUE[kind]) for a, b, kind in sentence.names}
            yield _names(found), right


def _english(folder: Path) -> Iterator[tuple[set[Name], set[Name]]]:
    with (folder / "finer_ord.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            text, right = tagged_text(row["tokens"], row["tags"])
            yield _names(entities.find(text, sentences.split(text))), right


def _names(found: list[Entity]) -> set[Name]:
    return {(name.start_char, name.end_char, name.label) for name in found}


def tagged_text(tokens: list[str], tags: list[str]) -> tuple[str, set[Name]]:
    """Tokens with BIO tags -> their text with blanks between, and its names."""
    names: list[Name] = []
    at = 0
    for token, tag in zip(tokens, tags, strict=True):
        mark, _, kind = tag.partition("-")
        end = at + len(token)
        if mark == "I" and names:
            start, _, last = names.pop()
            names.append((start, end, last))
        elif mark == "B":
            names.append((at, end, {"PER": "PERSON", "LOC": "PLACE"}.get(kind, kind)))
        at = end + 1
    return " ".join(tokens), set(names)
