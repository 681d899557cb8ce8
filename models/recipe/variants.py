"""Variants of labelled English texts, for the teachers to judge: near words put in.

After the data augmentation of TinyBERT (Jiao et al. 2020, section 3.2), which takes near
words by GloVe: here by the teacher's own word embeddings. Near words include opposites
(`weak`, `strong`), so a variant has no label, only the teachers' view of it.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from models.recipe.examples import VARIANTS, Example, is_english

SOURCES: Mapping[str, int] = {
    "sentfin": 2,
    "headlines": 1,
}
"""Variants of each example of a source."""
CHANGED = 0.25
"""Share of the words that are replaced."""
NEIGHBOURS = 12
_SEED = "variants"
_CHUNK = 1_000
_WHOLE_WORD = re.compile(r"[a-z]{3,}")
_WORD = re.compile(r"[A-Za-z]+")

Near = Mapping[str, Sequence[str]]


def near_words(
    embeddings: Tensor, vocabulary: Mapping[str, int]
) -> dict[str, list[str]]:
    """Each whole word of a vocabulary and its nearest by cosine, the nearest first.

    `embeddings` is (pieces, width), in the order of the vocabulary's ids.
    """
    words = sorted(word for word in vocabulary if _WHOLE_WORD.fullmatch(word))
    chosen = embeddings[[vocabulary[word] for word in words]].float()
    chosen = torch.nn.functional.normalize(chosen, dim=-1)
    near = {}
    for at in range(0, len(words), _CHUNK):
        likeness = chosen[at : at + _CHUNK] @ chosen.T
        # Itself is the nearest.
        best = likeness.topk(min(NEIGHBOURS + 1, len(words)), dim=-1).indices[:, 1:]
        for word, row in zip(words[at : at + _CHUNK], best.tolist(), strict=True):
            near[word] = [words[i] for i in row]
    return near


def variants(examples: Sequence[Example], near: Near) -> Iterator[Example]:
    """Variants of the labelled English examples; the same for the same input."""
    for example in examples:
        if example.label is None or not is_english(example.text):
            continue
        for number in range(SOURCES.get(example.source, 0)):
            rng = random.Random(f"{_SEED}/{number}/{example.text}/{example.start}")
            yield _variant(example, near, rng)


def _variant(example: Example, near: Near, rng: random.Random) -> Example:
    """The example with other words around its target, which stays as it is."""
    start, end = example.start, example.end
    if start is None or end is None:
        text = _changed(example.text, near, rng)
    else:
        before = _changed(example.text[:start], near, rng)
        target = example.text[start:end]
        text = before + target + _changed(example.text[end:], near, rng)
        start, end = len(before), len(before) + len(target)
    return replace(
        example,
        source=VARIANTS,
        text=text,
        label=None,
        start=start,
        end=end,
        whole=False,
    )


def _changed(text: str, near: Near, rng: random.Random) -> str:
    def chosen(found: re.Match[str]) -> str:
        word = found[0]
        others = near.get(word.lower())
        if not others or rng.random() >= CHANGED:
            return word
        return _cased_as(word, rng.choice(others))

    return _WORD.sub(chosen, text)


def _cased_as(word: str, other: str) -> str:
    if word.isupper():
        return other.upper()
    return other.capitalize() if word[0].isupper() else other
