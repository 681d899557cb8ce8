"""Tags as a sequence: the best path among all that are allowed."""

from itertools import pairwise, product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.analysis.decoding import likeliest

NAMES = ("O", "B-OG", "I-OG", "B-PS", "I-PS")
LOGITS = st.floats(-5, 5, width=32)


def is_sequence(path):
    tags = ["O", *(NAMES[i] for i in path)]
    return all(
        not later.startswith("I-") or earlier[2:] == later[2:]
        for earlier, later in pairwise(tags)
    )


@settings(max_examples=60)
@given(st.lists(st.lists(LOGITS, min_size=5, max_size=5), min_size=1, max_size=4))
def test_no_allowed_path_is_better(rows):
    scores = np.array(rows, np.float32)

    found = likeliest(scores, NAMES)

    def total(path):
        return sum(float(scores[at, tag]) for at, tag in enumerate(path))

    paths = product(range(len(NAMES)), repeat=len(rows))
    best = max(total(path) for path in paths if is_sequence(path))
    assert is_sequence(found)
    assert abs(total(found) - best) < 1e-4


def test_a_name_keeps_its_kind_where_one_token_wavers():
    begins, wavers = [0, 4, 0, 1, 0], [0, 0, 2, 0, 2.5]

    found = likeliest(np.array([begins, wavers], np.float32), NAMES)

    assert [NAMES[i] for i in found] == ["B-OG", "I-OG"]


def test_nothing_gives_nothing():
    assert likeliest(np.zeros((0, 5), np.float32), NAMES) == []
