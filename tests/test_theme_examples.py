"""Themes with examples: what nearness in meaning confirms, drops and adds."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from monitor.analysis import nearness
from monitor.analysis.analyzer import Analyzer
from monitor.analysis.nearness import FAR, NEAR, NEARLY, SAME
from monitor.analysis.themes import Candidate, ThemeTagger
from monitor.types import Patterns, Theme
from tests import builders

ORDINARY = nearness._ordinary()
EXAMPLE = "A utility installs giant batteries"
OTHER = "한전이 대형 배터리를 설치한다"


class Embedder:
    """Gives each text the nearness to all examples that it is said to have, else 0.

    Ordinary news has cosines of -0.1 and 0.1: a tenth of one is a deviation.
    """

    def __init__(self, **near: float) -> None:
        self.calls: list[list[str]] = []
        self.cosines = {text: (-1) ** i / 10 for i, text in enumerate(ORDINARY)}
        news = {
            korean: self([it for it in ORDINARY if nearness._is_korean(it) is korean])
            for korean in (False, True)
        }
        step = nearness._unit(news) / 10
        self.cosines |= {f"A {word} is news.": n * step for word, n in near.items()}
        self.cosines |= {EXAMPLE: 1.0, OTHER: 1.0, "Storage.": 1.0}
        self.calls.clear()

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls.append(list(texts))
        cosines = np.array([self.cosines.get(text, 0.0) for text in texts])
        return np.stack([cosines, np.sqrt(1 - cosines**2)], axis=1).astype(np.float32)


def theme(**patterns: tuple[str, ...]) -> Theme:
    return Theme(
        id="t",
        name={"en": "T"},
        description="Storage.",
        patterns={"en": (Patterns(**patterns),)} if patterns else {},
        examples=(EXAMPLE, OTHER),
    )


def candidates(text: str, embed: Embedder, of: Theme) -> list[Candidate]:
    return ThemeTagger([of], embed).candidates(f"Title\n{text}")


# --- what it is worth -----------------------------------------------------------------


def test_the_bounds_are_in_order():
    assert 0 < FAR < NEARLY < NEAR < SAME


def test_ordinary_news_is_of_both_languages_alike_and_says_each_thing_once():
    korean = [text for text in ORDINARY if nearness._is_korean(text)]

    assert len(korean) * 2 == len(ORDINARY) == len(set(ORDINARY)) >= 80


@given(st.floats(-20, 20), st.floats(-20, 20))
def test_what_is_nearer_is_never_worth_less(one: float, other: float):
    low, high = sorted((one, other))
    for worth in (nearness.certainty_of_hit, nearness.certainty_alone):
        assert 0 <= worth(low) <= worth(high) <= 1
    assert nearness.certainty_alone(low) <= nearness.certainty_of_hit(low)


@pytest.mark.parametrize(
    ("near", "counts", "score", "why"),
    [
        (SAME, True, 0.7, "pattern"),
        (NEAR + 0.01, True, 0.7, "pattern"),
        ((FAR + NEAR) / 2, True, 0.525, "pattern"),
        (FAR + 0.01, True, 0.35, "pattern"),
        (FAR - 0.01, False, 0.35, "pattern, but far from the examples"),
    ],
)
def test_nearness_confirms_what_a_pattern_found(near, counts, score, why):
    (found,) = candidates(
        "A battery is news.", Embedder(battery=near), theme(any=("battery",))
    )

    assert (found.counts, found.why, found.hit.text) == (counts, why, "battery")
    assert found.hit.score == pytest.approx(score, abs=0.01)


@pytest.mark.parametrize(
    ("near", "counts", "score"),
    [
        (SAME, True, 0.7),
        ((NEAR + SAME) / 2, True, 0.525),
        (NEAR + 0.01, True, 0.35),
        (NEAR - 0.01, False, 0.35),
    ],
)
def test_nearness_adds_what_no_pattern_found(near, counts, score):
    (found,) = candidates("A cell is news.", Embedder(cell=near), theme())

    assert (found.counts, found.hit.text) == (counts, "A cell is news.")
    assert found.hit.score == pytest.approx(score, abs=0.01)
    assert found.why == "like an example"
    assert found.near
    assert found.near.nearness == pytest.approx(near, abs=0.01)


def test_a_title_is_worth_more_here_too():
    text = "A cell is news.\nA cell is news."
    hits = ThemeTagger([theme()], Embedder(cell=SAME)).tag(text)

    assert [hit.score for hit in hits] == pytest.approx([1.0, 0.7], abs=1e-3)


def test_far_from_everything_is_no_candidate():
    assert not candidates("A cell is news.", Embedder(cell=NEARLY - 0.01), theme())


# --- with patterns that object --------------------------------------------------------


def test_what_none_forbids_is_not_added_however_near():
    patterns = theme(any=("battery",), none=("cell",))
    (found,) = candidates("A cell is news.", Embedder(cell=SAME), patterns)

    assert not found.counts
    assert found.why == 'like an example, but `none` forbids "cell"'


def test_a_pattern_that_lacks_a_word_of_all_counts_if_it_is_near():
    patterns = theme(any=("cell",), all=("grid",))
    (near,) = candidates("A cell is news.", Embedder(cell=NEAR + 0.01), patterns)
    (far,) = candidates("A cell is news.", Embedder(cell=FAR), patterns)

    assert (near.counts, near.why, near.hit.text) == (True, "like an example", "cell")
    assert (far.counts, far.why) == (False, "pattern, but nothing of `all` is there")


@pytest.mark.parametrize(
    ("text", "counts", "why"),
    [
        ("A cell on the grid.", True, "pattern"),
        ("A cell.", False, "pattern, but nothing of `all` is there"),
        ("A prison cell, a grid.", False, 'pattern, but `none` forbids "prison"'),
    ],
)
def test_near_misses_of_patterns_alone_say_why(text, counts, why):
    patterns = Patterns(any=("cell",), all=("grid",), none=("prison",))
    plain = Theme(id="t", name={"en": "T"}, patterns={"en": (patterns,)})
    (found,) = ThemeTagger([plain]).candidates(f"Title\n{text}")

    assert (found.counts, found.why, found.hit.score) == (counts, why, 0.7)
    assert found.near is None


def test_one_group_that_matches_is_enough():
    groups = (Patterns(any=("cell",), none=("prison",)), Patterns(any=("prison",)))
    plain = Theme(id="t", name={"en": "T"}, patterns={"en": groups})
    (found,) = ThemeTagger([plain]).candidates("A prison cell")

    assert (found.counts, found.hit.text) == (True, "prison")


# --- what it costs --------------------------------------------------------------------


def test_a_theme_without_examples_is_never_compared():
    embed = Embedder()
    plain = Theme(id="t", name={"en": "T"}, patterns={"en": (Patterns(any=("a",)),)})
    tagger = ThemeTagger([plain], embed)

    assert tagger.tag("A cell is news.")
    assert embed.calls == []


def test_a_document_is_embedded_once_for_all_themes_and_each_sentence_once():
    embed = Embedder(cell=SAME)
    themes = [theme(), Theme(id="u", name={}, examples=(OTHER,))]
    tagger = ThemeTagger(themes, embed)
    embed.calls.clear()
    hits = tagger.tag("Title\nA cell is news. A cell is news. A dog is not.")

    assert embed.calls == [["A cell is news.", "A dog is not."]]
    assert [hit.theme for hit in hits] == ["t", "u", "t", "u"]


def test_of_a_document_without_end_a_bounded_number_is_embedded():
    embed = Embedder()
    tagger = ThemeTagger([theme(any=("battery",))], embed)
    text = " ".join(f"Number {n} is here." for n in range(nearness.MOST + 50))
    hits = tagger.tag(f"{text} A battery is news.")

    assert len(embed.calls[-1]) == nearness.MOST
    assert [hit.text for hit in hits] == ["battery"]


def test_without_a_model_patterns_work_as_ever():
    (hit,) = ThemeTagger([theme(any=("battery",))]).tag("A battery is news.")

    assert (hit.text, hit.score) == ("battery", 1.0)


def test_the_analyser_compares_with_examples_too():
    reader = Analyzer((), [theme()], entities=False, embed=Embedder(cell=SAME))
    (found,) = reader.analyze([builders.document("Title\nA cell is news.")])

    assert [(hit.theme, hit.text) for hit in found.themes] == [("t", "A cell is news.")]


# --- offsets --------------------------------------------------------------------------

PIECES = [
    "battery ",
    "cell ",
    "grid ",
    ". ",
    "\n",
    "배터리를 ",
    "\u1112\u1161\u11ab",
    "\u200b",
]


class Lottery:
    """Embeddings that mean nothing, the same ones for the same text."""

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        angles = [sum(map(ord, text)) % 70 / 100 for text in texts]
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


THEMES = [
    theme(any=("battery",), all=("grid",), none=("배터리",)),
    Theme(id="plain", name={}, patterns={"en": (Patterns(any=("cell",)),)}),
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4)).map("".join))
def test_offsets_are_of_the_text_and_what_counts_is_what_is_tagged(text: str):
    tagger = ThemeTagger(THEMES, Lottery())
    found = tagger.candidates(text)

    assert tagger.tag(text) == [one.hit for one in found if one.counts]
    for one in found:
        hit, (first, last) = one.hit, one.sentence
        assert text[hit.start_char : hit.end_char] == hit.text != ""
        assert first <= hit.start_char < hit.end_char <= last
        assert 0 <= hit.score <= 1
