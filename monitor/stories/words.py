"""The words by which two tellings of an event are known, as vectors.

Two of them: of the words, for texts of one language; of what both languages share
(names by their sound, Latin words, numbers), for texts of two. A product of two vectors
is a cosine. What a word weighs is how rare it is in news (`common.tsv`), so that the
words of a template count little and the name in it much.
"""

import re
import zlib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from monitor.stories import sounds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WIDTH = 256
"""Places that words are hashed to; 60 of them meet by chance at a cosine of 0.06."""

LEAD = 600
"""Characters after the title that count: what happened stands first in news."""

LEAD_WEIGHT = 0.25
STEM = 6
"""Letters of an English word that are compared: `approv` of approves and approval."""

_TOKEN = re.compile(
    r"(?:[A-Za-z]\.){2,}|[A-Za-z][A-Za-z0-9&]*|\d[\d,]*(?:\.\d+)?|[가-힣]+|[一-鿿]+"
)
# One character for a country, as Korean headlines have it.
_HANJA = {
    "美": "미국",
    "中": "중국",
    "日": "일본",
    "韓": "한국",
    "英": "영국",
    "獨": "독일",
    "佛": "프랑스",
    "北": "북한",
    "弗": "달러",
    "證": "증권",
}
_HANJA_TABLE = str.maketrans(_HANJA)
_YEARS = range(2000, 2040)
_SHORT = 2


def word_terms(text: str) -> Iterator[str]:
    """Stems of English words, pairs of Korean syllables, numbers."""
    for token in tokens(text):
        if token[0].isdigit():
            yield from _number(token)
        elif "가" <= token[0] <= "힣":
            yield from (token[at : at + 2] for at in range(len(token) - 1))
        elif len(token) > 1:
            yield token.lower()[:STEM]


def shared_terms(text: str) -> Iterator[str]:
    """What a telling in the other language has too: sounds, Latin words, numbers."""
    for token in tokens(text):
        if token[0].isdigit():
            yield from _number(token)
        elif "가" <= token[0] <= "힣":
            yield from _meanings(token)
            yield from (f"~{sound}" for sound in sounds.of_korean(token))
        else:
            yield from _glossary()[0].get(token.lower(), ())
            if token[0].isupper() and len(token) > 1:
                yield token.lower()[:STEM]
                if sound := sounds.of_english(token):
                    yield f"~{sound}"


def _meanings(word: str) -> Iterator[str]:
    """What the glossary knows in a Korean word, the longest at each place."""
    known = _glossary()[1]
    at = 0
    while at < len(word):
        for end in range(min(len(word), at + _LONGEST), at, -1):
            if found := known.get(word[at:end]):
                # A single syllable means it only where it stands alone.
                if end - at > 1 or len(word) == 1:
                    yield from found
                at = end - 1
                break
        at += 1


def vector(title: str, lead: str, *, shared: bool) -> "NDArray[np.float32]":
    """(WIDTH,), of length 1, or all zero for a text without words."""
    import numpy as np

    terms = shared_terms if shared else word_terms
    weights: dict[str, float] = {}
    for text, weight in ((lead, LEAD_WEIGHT), (title, 1.0)):
        for term in terms(text):
            weights[term] = max(weights.get(term, 0.0), weight)
    found = np.zeros(WIDTH, np.float32)
    for term, weight in weights.items():
        place = zlib.crc32(term.encode())
        sign = 1.0 if place & 0x80000000 else -1.0
        found[place % WIDTH] += sign * weight * rarity(term)
    length = float(np.linalg.norm(found))
    return found / length if length else found


def rarity(term: str) -> float:
    """How much a term says: about 0 for the commonest, 8 for one not on the list."""
    return _common().get(term, _RAREST)


_RAREST = 8.0


@cache
def _common() -> dict[str, float]:
    """Rarity of common terms: the logarithm of documents per document with it."""
    return {term: float(value) for term, value in _table("common.tsv")}


_LONGEST = 6
Meanings = dict[str, tuple[str, ...]]


@cache
def _glossary() -> tuple[Meanings, Meanings]:
    """English words and Korean ones to what they mean: the number of their line."""
    english: dict[str, tuple[str, ...]] = {}
    korean: dict[str, tuple[str, ...]] = {}
    for number, (ours, theirs) in enumerate(_table("glossary.tsv")):
        for word in ours.split():
            english[word] = (*english.get(word, ()), f"={number}")
        for word in theirs.split():
            korean[word] = (*korean.get(word, ()), f"={number}")
    return english, korean


def _table(name: str) -> Iterator[list[str]]:
    text = resources.files("monitor.stories").joinpath(name).read_text("utf-8")
    return (line.split("\t") for line in text.splitlines() if line[:1] != "#")


def tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.translate(_HANJA_TABLE))


def _number(token: str) -> Iterator[str]:
    """A number that says something: not a digit, not a year."""
    plain = token.replace(",", "").rstrip(".")
    if len(plain) >= _SHORT and not (plain.isdigit() and int(plain) in _YEARS):
        yield f"#{plain}"
