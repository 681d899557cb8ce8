"""What of a subject lies in a window, for all moments at once and one by one."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.notify.rules.timeline import Timeline, piece, tally
from tests.evidence import NOW, evidence, heard

HOUR = timedelta(hours=1)
# Few different ones, so that many are the same or lie on the edge of a window.
hours = st.integers(0, 12).map(lambda count: count * HOUR)
documents = st.fixed_dictionaries(
    {
        "fetched": hours,
        "delay": st.sampled_from([0 * HOUR, HOUR / 2, HOUR, 5 * HOUR]),
        "age": st.sampled_from([0 * HOUR, HOUR, 24 * HOUR, 96 * HOUR]),
        "ends": st.none() | hours,
        "score": st.none() | st.integers(-9, 9).map(lambda tenths: tenths / 10),
        "counted": st.sampled_from([True, True, False]),
    }
)


def timeline(several) -> Timeline:
    pieces = []
    for number, one in enumerate(several):
        fetched = NOW + one["fetched"]
        known = fetched + one["delay"]
        until = None if one["ends"] is None else known + one["ends"]
        mention = evidence(mention_id=number + 1, score=one["score"])
        (document,) = heard(
            [mention],
            known,
            fetched_at=fetched,
            published_at=fetched - one["age"],
            until=until,
        )
        found = piece(document, document.mentions, by="company")
        pieces.append(found._replace(counted=one["counted"]))
    return Timeline(pieces)


@given(several=st.lists(documents, max_size=20), length=hours)
def test_tallies_of_all_moments_are_those_of_their_windows(several, length):
    known = timeline(several)

    for now in [*known.moments, NOW + 7 * HOUR / 3]:
        window = known.window(now - length, now, now=now)
        assert known.until(now, length) == tally([it for it in window if it.counted])
