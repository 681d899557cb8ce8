"""How near texts are in meaning, in English and Korean alike, by the shipped encoder.

Its embedding was trained to stay near multilingual-e5-small's. Not responsible for what
is done with nearness: themes confirm hits by it, stories join documents.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from monitor.analysis.encoder import Encoder, shipped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def load() -> Callable[[Sequence[str]], "NDArray[np.float32]"]:
    """`embed` with its model in memory; ModelError without one."""
    return partial(embed, encoder=shipped())


def embed(
    texts: Sequence[str], encoder: Encoder | None = None
) -> "NDArray[np.float32]":
    """(len(texts), width), rows of length 1, so that a product is a cosine.

    A text is read as far as the model's window reaches; ModelError without a model.
    """
    encoder = encoder or shipped()
    room = encoder.manifest.max_tokens - 2
    encodings = encoder.tokenise(texts)
    return encoder.embeddings([encoder.framed(found.ids[:room]) for found in encodings])
