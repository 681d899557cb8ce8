"""How new a telling is, after RavenPack's event novelty.

RavenPack gives the first telling of an event 100, and those that follow within a day
75, 56, 42, 32, 24, 18, ...: three quarters of the one before. Ours is that from 1
down, for a company in a story, for as long as the story goes on: the hundredth telling
is no news on the second day either.
"""

KEPT = 0.75


def novelty(earlier: int) -> float:
    """Of a document before which so many told the story of the company.

    >>> [round(novelty(n), 2) for n in range(4)]
    [1.0, 0.75, 0.56, 0.42]
    """
    return float(KEPT**earlier)
