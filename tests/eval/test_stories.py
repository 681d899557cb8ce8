"""Stories on the labelled tellings: floors, and what the set promises."""

from pathlib import Path

import pytest

from monitor.stories.likeness import LEAST, Likeness
from tests.eval import gate, stories
from tests.eval.story_sets import read


@pytest.fixture(scope="module")
def told(shared: Path) -> list[stories.Told]:
    return stories.tell(shared)


@pytest.mark.corpus
@pytest.mark.slow
def test_stories_are_told_apart_as_well_as_was_promised(told: list[stories.Told]):
    floors = {
        name: floor
        for name, floor in gate.load()["floors"].items()
        if name.startswith(f"{stories.PREFIX}.")
    }

    figures = stories.figures(told, Likeness.learnt())

    assert min(figures[f"stories.f1.{part}"] for part in ("en", "ko", "within")) >= 0.9
    assert figures["stories.f1.across"] >= 0.8
    assert gate.failures(figures, floors) == []


@pytest.mark.corpus
@pytest.mark.slow
def test_the_weights_that_ship_are_what_the_fit_gives(told: list[stories.Told]):
    fitted = stories.fit(told, least=LEAST)

    learnt = Likeness.learnt()
    for ours, theirs in ((learnt.same, fitted.same), (learnt.cross, fitted.cross)):
        # Kinds of processors round 8-bit embeddings differently: 5.15 where another has 5.33.
        assert ours == pytest.approx(theirs, rel=0.05, abs=0.15)


@pytest.mark.corpus
def test_there_are_pairs_enough_in_each_language_and_across(shared: Path):
    told = [(it.story, it.language) for it in read(shared)]

    pairs = [
        {language, other}
        for at, (story, language) in enumerate(told)
        for same, other in told[:at]
        if same == story
    ]

    assert pairs.count({"en"}) > 100
    assert pairs.count({"ko"}) > 200
    assert pairs.count({"en", "ko"}) > 100
