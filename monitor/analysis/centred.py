"""Embeddings less what all news of a language have in common.

The cosines of the encoder lie between 0.9 and 1, and two texts of one language are
nearer than a text and its translation; less the mean of ordinary news, they say more:
on labelled stories the likelihood of what is right rises by a tenth in one language and
a fifth across two.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from monitor.analysis import similarity
from monitor.analysis.nearness import ORDINARY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HANGUL = re.compile("[가-힣]")


def load() -> Callable[[Sequence[str]], "NDArray[np.float32]"]:
    """`embed` with its model in memory; ModelError without one."""
    _centres()
    return embed


def embed(texts: Sequence[str]) -> "NDArray[np.float32]":
    """(len(texts), width), rows of length 1; ModelError without a model."""
    import numpy as np

    if not texts:
        return np.zeros((0, 0), np.float32)
    rows = similarity.embed(texts) - np.stack(
        [_centres()[_is_korean(t)] for t in texts]
    )
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.maximum(lengths, 1e-9)
    return rows


@cache
def _centres() -> "dict[bool, NDArray[np.float32]]":
    """The mean of ordinary news, by whether it is Korean."""
    lines = ORDINARY.read_text("utf-8").splitlines()
    ordinary = [line for line in lines if line and not line.startswith("#")]
    return {
        korean: similarity.embed(
            [line for line in ordinary if _is_korean(line) is korean]
        ).mean(axis=0)
        for korean in (False, True)
    }


def _is_korean(text: str) -> bool:
    return _HANGUL.search(text) is not None
