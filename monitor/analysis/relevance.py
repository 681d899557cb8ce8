"""How much a document is about a company, 0 to 1.

    prominence = 0.45 if named in the title, else 0.25 if in the first fifth, else 0
               + 0.25 * (1 - position of the first mention, as a share of the text)
               + 0.30 * share of all mentions of companies that are of this one
    relevance  = prominence * 3 / max(3, companies named)

A headline about one company alone is 1.0; the tenth name of a round-up is near 0. The
weights are ours, chosen so that these cases come out in this order; no labelled set
of relevance was at hand to fit them on.
"""

from collections.abc import Sequence

_TITLE, _LEAD, _POSITION, _SHARE = 0.45, 0.25, 0.25, 0.30
_FIRST_PART = 0.2
_CROWD = 3


def relevance(
    places: Sequence[tuple[str, int]], *, length: int, title_end: int
) -> dict[str, float]:
    """Relevance by company from (company, start) of each mention, in any order."""
    first: dict[str, int] = {}
    count: dict[str, int] = {}
    for company, start in places:
        first[company] = min(start, first.get(company, start))
        count[company] = count.get(company, 0) + 1
    crowd = _CROWD / max(_CROWD, len(first))
    return {
        company: round(
            crowd
            * (
                _place(start, length, title_end)
                + _POSITION * (1 - start / max(1, length))
                + _SHARE * count[company] / len(places)
            ),
            4,
        )
        for company, start in first.items()
    }


def _place(start: int, length: int, title_end: int) -> float:
    if start < title_end:
        return _TITLE
    return _LEAD if start < _FIRST_PART * length else 0.0
