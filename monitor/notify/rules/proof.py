"""Up to three sentences for an alert: the strongest of each condition in turn."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, zip_longest

from monitor.notify.readings import distinct
from monitor.notify.rules.result import Group
from monitor.notify.rules.timeline import Piece
from monitor.types import Evidence

EVIDENCE = 3


def strongest(groups: Sequence[Group]) -> tuple[Evidence, ...]:
    """Evidence of distinct documents and sentences, by turns from each group."""
    ranked = [sorted(_quoted(group), key=_rank(group.sign)) for group in groups]
    turns = chain.from_iterable(zip_longest(*ranked))
    return distinct((item for item in turns if item is not None), EVIDENCE)


def _quoted(group: Group) -> Iterable[Evidence]:
    for piece in group.pieces:
        sentence = group.quotes.get(piece.document_id)
        if sentence is None:
            yield from piece.mentions
        else:
            yield _saying(piece, sentence)


def _saying(piece: Piece, sentence: str) -> Evidence:
    """The mention in this sentence; else the sentence as what the document says."""
    for item in piece.mentions:
        if item.sentence == sentence:
            return item
    return replace(piece.mentions[0], sentence=sentence, score=None, label=None)


class _rank:  # noqa: N801 - a key function with a setting
    """Scored before not scored; the hardest pull, then the newest.

    Then by document: its mentions have other numbers once it is analysed again.
    """

    def __init__(self, sign: int) -> None:
        self.sign = sign

    def __call__(self, item: Evidence) -> tuple[bool, float, float, str, int]:
        weight = (item.score or 0.0) * item.relevance * item.novelty
        pull = weight * self.sign if self.sign else abs(weight)
        newest = item.published_at.timestamp()
        place = item.document_id, item.mention_id
        return (item.score is None, -pull, -newest, *place)
