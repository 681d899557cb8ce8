"""Up to three sentences for an alert: the strongest of each condition in turn."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, zip_longest

from monitor.notify.readings import distinct
from monitor.notify.rules.result import Group
from monitor.notify.rules.timeline import Piece
from monitor.types import Evidence, Heard, HeardMention

EVIDENCE = 3

Said = tuple[Heard, HeardMention]


def strongest(groups: Sequence[Group]) -> tuple[Evidence, ...]:
    """Evidence of distinct documents and sentences, by turns from each group."""
    ranked = [sorted(_quoted(group), key=_rank(group.sign)) for group in groups]
    turns = chain.from_iterable(zip_longest(*ranked))
    return distinct((_evidence(*said) for said in turns if said), EVIDENCE)


def _evidence(heard: Heard, mention: HeardMention) -> Evidence:
    return Evidence(
        mention_id=mention.mention_id,
        document_id=heard.document_id,
        company=mention.company,
        sentence=mention.sentence,
        score=mention.score,
        label=mention.label,
        title=heard.title,
        url=heard.url,
        source=heard.feed,
        language=heard.language,
        published_at=heard.published_at,
        fetched_at=heard.fetched_at,
        themes=heard.themes,
        relevance=mention.relevance,
        tier=heard.tier,
        novelty=mention.novelty,
        outlet=heard.source,
    )


def _quoted(group: Group) -> Iterable[Said]:
    for piece in group.pieces:
        sentence = group.quotes.get(piece.document_id)
        if sentence is None:
            yield from ((piece.heard, mention) for mention in piece.mentions)
        else:
            yield piece.heard, _saying(piece, sentence)


def _saying(piece: Piece, sentence: str) -> HeardMention:
    """The mention in this sentence; else the sentence as what the document says."""
    for item in piece.mentions:
        if item.sentence == sentence:
            return item
    return piece.mentions[0]._replace(sentence=sentence, score=None, label=None)


def _rank(sign: int) -> Callable[[Said], tuple[bool, float, float, str, int]]:
    """Scored before not scored; the hardest pull, then the newest.

    Then by document: its mentions have other numbers once it is analysed again.
    """

    def rank(said: Said) -> tuple[bool, float, float, str, int]:
        heard, item = said
        weight = (item.score or 0.0) * item.relevance * item.novelty
        pull = weight * sign if sign else abs(weight)
        newest = heard.published_at.timestamp()
        place = heard.document_id, item.mention_id
        return (item.score is None, -pull, -newest, *place)

    return rank
