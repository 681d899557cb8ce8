"""What a mention is judged by: its sentence with its neighbours, under the title.

A reader knows what a company is in for from the headline and the sentence before, not
from the mention's sentence alone. Does not judge.
"""

from collections.abc import Sequence

from monitor.analysis.sentences import Span
from monitor.types import Mention

TITLE = 160
"""Characters of a title that are kept; longer ones say it at their beginning."""

NEIGHBOURS = 1
"""Sentences before and after the mention's own."""


def around(
    text: str, mention: Mention, spans: Sequence[Span], *, title_end: int
) -> tuple[str, int, int]:
    """The passage that a mention is judged by, and the mention's place in it.

    `spans` are the document's sentences, of which the title is the first; `title_end`
    is 0 where there is no title.
    """
    first, last = _near(spans, mention.sentence_start, mention.sentence_end)
    title = text[: min(title_end, TITLE)]
    if not title or first <= title_end:
        return text[first:last], mention.start_char - first, mention.end_char - first
    shift = len(title) + 1 - first
    passage = f"{title}\n{text[first:last]}"
    return passage, mention.start_char + shift, mention.end_char + shift


def _near(spans: Sequence[Span], start: int, end: int) -> Span:
    """From the sentence before `start` to the one after `end`."""
    own = [i for i, (a, b) in enumerate(spans) if a < end and b > start]
    if not own:
        return start, end
    first = max(0, own[0] - NEIGHBOURS)
    last = min(len(spans) - 1, own[-1] + NEIGHBOURS)
    return min(start, spans[first][0]), max(end, spans[last][1])
