"""What is compared of a document: a Fingerprint, made once and kept.

Vectors are rows of length 1 and come back from `packed` nearly as they went in: a
cosine of two moves by less than 0.01.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from monitor.stories import copies, titles, words
from monitor.types import Document, Language

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_STEPS = 127
_TITLE = 100
"""Characters that stand for the title where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fingerprint:
    """All that the stories know of a document."""

    document_id: str
    language: Language
    source: str
    """The outlet; empty where it is not known."""
    published_at: datetime | None
    """None: as if at any time."""
    link: str | None
    content: str
    signature: "NDArray[np.uint32] | None"
    words: "NDArray[np.float32]"
    shared: "NDArray[np.float32]"
    """Of what both languages share: see `words`."""
    title: str
    """Without its outlet and the names of companies."""
    embedding: "NDArray[np.float32] | None"
    """None where no model gives one."""
    companies: frozenset[str]
    themes: frozenset[str]
    amounts: frozenset[str]
    filing: str | None = None
    """The accession number: all documents of a filing are one event."""
    is_filing: bool = False
    """A filing's own text, which is written by a template."""


def build(
    document: Document,
    *,
    language: Language,
    companies: Iterable[str],
    names: Iterable[str],
    themes: Iterable[str],
    amounts: Iterable[tuple[str, float]],
    embedding: "NDArray[np.float32] | None",
    link: str | None,
    dated: bool = True,
) -> Fingerprint:
    """The fingerprint of a document with what was read in it.

    `names` are the companies as they stand in the text: they count as companies, not as
    words. `amounts` are units and values, normalised; `embedding` is of `embedded_text`,
    `link` from `copies.link`.
    """
    title, lead = parts(document)
    title = titles.headline(title)
    # The longest first: Super Micro Computer before Super Micro.
    for name in sorted(names, key=len, reverse=True):
        title, lead = title.replace(name, " "), lead.replace(name, " ")
    return Fingerprint(
        document_id=document.id,
        language=language,
        source=document.source,
        published_at=document.published_at if dated else None,
        link=None if document.accession_no else link,
        content=copies.content(document.text),
        signature=copies.signature(document.text),
        words=words.vector(title, lead, shared=False),
        shared=words.vector(title, lead, shared=True),
        title=title or lead[:_TITLE],
        embedding=embedding,
        companies=frozenset(companies),
        themes=frozenset(themes),
        # To two digits: 1.92 GW and 1,920 MW are one, 32 and 38 billion are not.
        amounts=frozenset(f"{unit}:{value:.2g}" for unit, value in amounts),
        filing=document.accession_no,
        is_filing=document.kind == "filing",
    )


def parts(document: Document) -> tuple[str, str]:
    """Title and the beginning of what follows it."""
    title = document.title
    if title and document.text.startswith(title):
        body = document.text[len(title) :]
    else:
        body = document.text
    return title, body[: words.LEAD]


def embedded_text(document: Document) -> str:
    """What is embedded of a document: title and beginning."""
    title, lead = parts(document)
    return f"{titles.headline(title)}\n{lead.strip()}".strip()


def packed(row: "NDArray[np.float32] | None") -> bytes | None:
    """A row as a byte for each place."""
    if row is None:
        return None
    import numpy as np

    highest = float(np.abs(row).max(initial=0.0)) or 1.0
    steps: NDArray[np.int8] = np.rint(row / highest * _STEPS).astype(np.int8)
    return steps.tobytes()


def unpacked(blobs: Sequence[bytes], width: int) -> "NDArray[np.float32]":
    """(len(blobs), width), rows of length 1; zero for what is empty or of another width."""
    import numpy as np

    rows = np.zeros((len(blobs), width), np.float32)
    for at, blob in enumerate(blobs):
        if len(blob) == width:
            rows[at] = np.frombuffer(blob, np.int8)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.maximum(lengths, 1.0)
    return rows
