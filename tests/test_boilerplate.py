"""What is in a text and says nothing."""

from datetime import UTC, datetime

import pytest

from monitor.analysis import boilerplate
from monitor.errors import ParseError
from monitor.sources import filing

WARNING = (
    "This press release contains forward-looking statements within the meaning of the "
    "Private Securities Litigation Reform Act of 1995."
)


def disclaimers(text: str) -> list[str]:
    return [text[start:end].strip() for start, end in boilerplate.disclaimers(text)]


@pytest.mark.parametrize(
    "line",
    [
        WARNING,
        WARNING.upper(),
        "We undertake no obligation to update any of these words.",
        "The company assumes no obligation, and does not intend, to update them.",
        "The safe harbor of the Private Securities Litigation Reform Act applies.",
    ],
)
def test_a_paragraph_that_warns_is_one_wherever_it_stands(line):
    assert disclaimers(f"Title\nRevenue rose.\n{line}\nCosts fell.") == [line]


@pytest.mark.parametrize(
    "heading",
    [
        "Forward-Looking Statements",
        "FORWARD LOOKING STATEMENTS",
        "Cautionary Note Regarding Forward-Looking Statements",
        "Safe Harbor Statement",
    ],
)
def test_what_stands_under_such_a_heading_goes_with_it(heading):
    risks = (
        "Factors include:\n• the loss of a customer;\n• too little power; and\n• war."
    )
    text = f"Title\n{heading}\n{risks}\nAbout Invented Corp\nIt makes machines."

    assert disclaimers(text) == [heading, *risks.splitlines()]


@pytest.mark.parametrize(
    "text",
    [
        "Results may vary materially with the exchange rate of the dollar.",
        "The company has no obligation to pay.",
        "The utility is forward-looking and statements of its chief are bold.",
        "",
    ],
)
def test_what_only_sounds_alike_is_read(text):
    assert disclaimers(f"Title\n{text}") == []


def test_a_heading_does_not_swallow_a_whole_document():
    text = "Forward-Looking Statements\n" + "we make machines and sell them.\n" * 2_000
    last = boilerplate.disclaimers(text)[-1][1]

    assert last < boilerplate.MAX_DISCLAIMER + 100


@pytest.mark.corpus
def test_real_press_releases_have_one_and_are_mostly_something_else(shared):
    root = shared / "corpus" / "filings"
    warned = 0
    for path in [*root.glob("full-submissions/*.txt"), *root.glob("cover-pages/*.txt")]:
        body = path.read_bytes()
        try:
            found = filing.parse_file(
                body, path=path.name, fetched_at=datetime.now(UTC)
            )
        except ParseError:
            continue
        for one in found:
            length = sum(
                end - start for start, end in boilerplate.disclaimers(one.text)
            )
            warned += bool(one.exhibit and length)

            assert length < len(one.text) * 0.6, path.name
    assert warned >= 8
