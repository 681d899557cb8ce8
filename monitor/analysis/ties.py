"""Ties each amount to the company and the theme that are nearest in its sentence.

Also gives it the tense of its clause. Does not look beyond the sentence: an amount
whose sentence names nobody belongs to nobody.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from monitor.analysis.clauses import Clauses
from monitor.analysis.sentences import Span
from monitor.types import Mention, Quantity, ThemeHit

# In characters: a clause between, and a name that follows instead of leading (`Vistra
# sold 2 GW to Meta`).
_CLAUSE, _FOLLOWING = 100, 20
_Place = tuple[int, int, str]
"""Start, end, id."""


def tied(
    quantities: Iterable[Quantity],
    text: str,
    spans: Sequence[Span],
    *,
    mentions: Iterable[Mention],
    themes: Iterable[ThemeHit],
) -> Iterator[Quantity]:
    """The amounts with tense, company and theme; all offsets index `text`."""
    starts = [start for start, _ in spans]
    companies = _by_sentence(
        ((m.start_char, m.end_char, m.company) for m in mentions), starts
    )
    topics = _by_sentence(((t.start_char, t.end_char, t.theme) for t in themes), starts)
    clauses: dict[int, Clauses] = {}
    for quantity in quantities:
        number = bisect_right(starts, quantity.start_char) - 1
        if number < 0:
            yield quantity
            continue
        start, end = spans[number]
        if number not in clauses:
            clauses[number] = Clauses(text[start:end])
        of = clauses[number]
        yield replace(
            quantity,
            tense=of.tense_at(quantity.start_char - start),
            company=_nearest(quantity, companies[number], of, start),
            theme=_nearest(quantity, topics[number], of, start),
        )


def _by_sentence(
    places: Iterable[_Place], starts: Sequence[int]
) -> dict[int, list[_Place]]:
    found: dict[int, list[_Place]] = defaultdict(list)
    for place in sorted(places):
        found[bisect_right(starts, place[0]) - 1].append(place)
    return found


def _leading(
    quantity: Quantity,
    places: Sequence[_Place],
    number: int,
    clauses: Clauses,
    sentence: int,
) -> list[_Place]:
    """The last place before, up to number `number`, reaching over what is said of it.

    `Vistra, a rival of Talen, sold 2 GW` tells of Vistra.
    """
    if number < 0:
        return []
    amount = quantity.start_char - sentence
    aside = clauses.aside_at(places[number][0] - sentence)
    if aside and aside[1] <= amount:
        head = number
        while head >= 0 and places[head][0] - sentence >= aside[0]:
            head -= 1
        if head >= 0 and clauses.aside_after(places[head][1] - sentence) == aside:
            number = head
    start, end, name = places[number]
    following = clauses.aside_after(end - sentence)
    if following and following[1] <= amount:
        end = sentence + following[1]
    return [(start, end, name)]


def _nearest(
    quantity: Quantity, places: Sequence[_Place], clauses: Clauses, sentence: int
) -> str | None:
    """By characters between; other clauses are far, and what follows is less near."""
    after = bisect_right(places, (quantity.start_char, quantity.end_char, ""))
    near = _leading(quantity, places, after - 1, clauses, sentence)
    near += places[after : after + 1]

    def distance(place: _Place) -> int:
        start, end, _ = place
        first, last = sorted((quantity.start_char, start))
        between = max(quantity.start_char - end, start - quantity.end_char, 0)
        between += _FOLLOWING if start >= quantity.end_char else 0
        return between + _CLAUSE * clauses.between(first - sentence, last - sentence)

    return min(near, key=distance)[2] if near else None
