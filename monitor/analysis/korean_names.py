"""Organisations, people and places in Korean text, by the shipped encoder's tags.

The tags mark tokens; a particle that a token carries along (`시는` of 원주시는) is cut off
again here. Not responsible for English: see `entities`.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from monitor.analysis import korean
from monitor.analysis.decoding import likeliest
from monitor.analysis.encoder import Encoder, shipped
from monitor.analysis.sentences import Span
from monitor.types import Entity

_KINDS: dict[str, Literal["ORG", "PERSON", "PLACE"]] = {
    "OG": "ORG",
    "PS": "PERSON",
    "LC": "PLACE",
}
_FARTHEST = 50_000
"""Characters of a document that are looked at, as in English."""


def find(
    text: str, spans: Iterable[Span], encoder: Encoder | None = None
) -> list[Entity]:
    """Entities in these sentences of a Korean text, in order; ModelError without model.

    A sentence is read as far as the model's window reaches.
    """
    encoder = encoder or shipped()
    if not encoder.manifest.tags:
        return []
    near = [(start, end) for start, end in spans if end <= _FARTHEST]
    encodings = encoder.tokenise([text[start:end] for start, end in near])
    room = encoder.manifest.max_tokens - 2
    names = encoder.manifest.tags
    scores = encoder.tag_scores(
        [encoder.framed(found.ids[:room]) for found in encodings]
    )
    return [
        Entity(
            label=_KINDS[kind], start_char=first, end_char=last, text=text[first:last]
        )
        for (start, _), encoding, row in zip(near, encodings, scores, strict=True)
        for kind, a, b in runs(names, likeliest(row, names), encoding.offsets)
        for first, last in _trimmed(text, start + a, start + b)
    ]


def runs(
    names: Sequence[str], tags: Sequence[int], offsets: Sequence[Span]
) -> Iterator[tuple[str, int, int]]:
    """(kind, start, end) of each run of tags; an `I-` without its `B-` begins one."""
    kind, start, end = "", 0, 0
    for tag, (a, b) in zip(tags, offsets, strict=False):
        mark, _, found = names[tag].partition("-")
        if kind and (mark != "I" or found != kind):
            yield kind, start, end
            kind = ""
        if found:
            start = start if kind else a
            kind, end = found, b
    if kind:
        yield kind, start, end


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    """The span without white space around it and without a particle at its end."""
    while start < end and text[start].isspace():
        start += 1
    end = start + len(text[start:end].rstrip())
    if start < end:
        yield start, korean.without_particle(text, start, end)
