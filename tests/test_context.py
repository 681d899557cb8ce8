"""What a mention is judged by: its sentence, the neighbours and the title."""

import pytest

from monitor.analysis import context, sentences
from monitor.types import Mention

TITLE = "Regulator opens an inquiry"
BODY = "One here. Two there. Nvidia is named. Four follows. Five ends."


def passage(text: str, name: str, *, title: str = "") -> tuple[str, str]:
    """The passage for the first `name` in `text`, and what stands at its place."""
    spans = sentences.split(text)
    start = text.index(name)
    own = sentences.around(spans, start, start + len(name))
    mention = Mention(
        company="nvidia",
        text=name,
        start_char=start,
        end_char=start + len(name),
        sentence_start=own[0],
        sentence_end=own[1],
        confidence=1.0,
        relevance=1.0,
    )
    found, first, last = context.around(text, mention, spans, title_end=len(title))
    return found, found[first:last]


def test_neighbours_and_title_are_read():
    found, at = passage(f"{TITLE}\n{BODY}", "Nvidia", title=TITLE)

    assert found == f"{TITLE}\nTwo there. Nvidia is named. Four follows."
    assert at == "Nvidia"


def test_without_a_title_the_neighbours_are_enough():
    found, at = passage(BODY, "Nvidia")

    assert found == "Two there. Nvidia is named. Four follows."
    assert at == "Nvidia"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Nvidia rises\nIt sold more. Others sold less.",
            "Nvidia rises\nIt sold more.",
        ),
        ("엔비디아 급등\n더 팔았다. 남은 덜 팔았다.", "엔비디아 급등\n더 팔았다."),
    ],
)
def test_a_title_is_read_with_the_sentence_after_it(text, expected):
    title, _, _ = text.partition("\n")
    found, at = passage(text, title.split()[0], title=title)

    assert found == expected
    assert at == title.split()[0]


def test_a_title_beside_the_mention_is_not_read_twice():
    found, _ = passage(f"{TITLE}\nNvidia is named. More.", "Nvidia", title=TITLE)

    assert found == f"{TITLE}\nNvidia is named. More."


def test_of_an_endless_title_the_beginning_is_read():
    title = "word " * 100
    found, at = passage(f"{title}\n{BODY}", "Nvidia", title=title)

    assert found.startswith(title[: context.TITLE] + "\n")
    assert at == "Nvidia"
