"""Names of organisations: their own words, and what a whole text says about them."""

import time
from itertools import pairwise

import pytest

from monitor.analysis import analyzer, entities, organisations, sentences
from monitor.analysis.name_kinds import Mark, agree


def find(text: str) -> list[tuple[str, str]]:
    """Kind and name of each entity, in order."""
    found = entities.find(text, sentences.split(text))
    assert all(text[e.start_char : e.end_char] == e.text for e in found)
    return [(e.label, e.text) for e in found]


def listed() -> list[str]:
    lines = organisations.KNOWN.read_text("utf-8").splitlines()
    return [
        name
        for line in lines
        if line and not line.startswith("#")
        for name in line.split(", ")
    ]


def test_every_listed_name_is_found_whole():
    names = listed()
    missed = [name for name in names if not organisations.is_known(name)]

    assert len(names) > 500
    assert len(names) == len(set(names))
    assert missed == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Shares of Uber and Nikkei rose.", ["Uber", "Nikkei"]),
        ("Wal-Mart, Wal - Mart", ["Wal-Mart", "Wal - Mart"]),
        ("Moody’s and Moody's", ["Moody’s", "Moody's"]),
        ("Goldman Sachs, not Goldmans", ["Goldman Sachs"]),
        ("Amgen Inc and Tesla Motors, Inc.", ["Amgen Inc", "Tesla Motors, Inc"]),
        ("New York Stock\nExchange", ["New York Stock\nExchange"]),
        ("an uber driver who was fed", []),
        ("me@google.com, @Google, Googleplex", []),
    ],
)
def test_well_known_names_in_any_writing(text: str, names: list[str]):
    places = organisations.known(text, 0, len(text))

    assert [text[start:end] for start, end in places] == names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Miller Kaplan LLP", True),
        ("Harlan, Inc.", True),
        ("Ministry of Energy", True),
        ("Lake Shore University", True),
        ("Bank", False),
        ("Tim Cook", False),
    ],
)
def test_a_last_word_may_make_a_firm(name: str, *, expected: bool):
    assert organisations.is_firm(name) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("data mart", True),
        ("CFO", True),
        ("Board of Directors", False),
        ("Sales & Marketing", True),
        ("Dodd-Frank Act", True),
        ("Parliament", False),
        ("World Economic Forum", False),
        ("UN", False),
    ],
)
def test_capitals_that_name_nobody(name: str, *, expected: bool):
    assert organisations.is_nothing(name) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("NYSE", True),
        ("NasdaqGS", True),
        ("Nasdaq Global Select Market", True),
        ("S&P 500", True),
        ("KRX", True),
        ("코스피", True),
        ("코스닥 시장", True),
        ("KOSPI 200", True),
        ("S&P", False),
        ("Nikkei", False),
        ("Marrow Market", False),
        ("하늘시장", False),
    ],
)
def test_markets_are_told_from_firms(name: str, *, expected: bool):
    assert organisations.is_market(name) is expected


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("Quorvex Inc (NASDAQ: QRVX) fell on Nasdaq.", "en", "Quorvex Inc"),
        ("코스닥 상장사 하늘전력이 코스피로 옮긴다.", "ko", ""),
    ],
)
def test_markets_are_not_kept(text: str, language: str, name: str):
    kept = [it.text for it in analyzer.names(text, sentences.split(text), language)]

    assert name in [*kept, ""]
    assert not any(map(organisations.is_market, kept))


def test_short_names_of_a_firm():
    assert list(organisations.short_names("Acme Metal Works, LLC")) == [
        "Acme Metal Works",
        "Acme Metal",
    ]


def test_a_name_is_an_organisation_wherever_it_stands():
    text = (
        "Keller Brandt LLP hired a team in Dallas. Keller Brandt said the office opens "
        "in May. Clients like Keller Brandt."
    )

    assert [it for it in find(text) if "Keller" in it[1]] == [
        ("ORG", "Keller Brandt LLP"),
        ("ORG", "Keller Brandt"),
        ("ORG", "Keller Brandt"),
    ]


def test_the_words_around_a_name_outvote_the_model():
    """`Quorvex` alone is nothing to the model."""
    text = (
        "Quorvex Falls\nShares of Quorvex fell 8%. Analysts at Quorvex had warned. "
        "Quorvex's shareholders meet in May."
    )

    assert find(text).count(("ORG", "Quorvex")) == 3


def test_a_surname_is_its_person():
    text = "Raghuram Rajan cut rates. Mr. Rajan spoke late. Rajan said he was pleased."
    found = find(text)

    assert ("ORG", "Rajan") not in found
    assert found.count(("PERSON", "Rajan")) == 2


def test_an_acronym_in_brackets_is_its_organisation():
    text = (
        "The International Council of Grid Operators (ICGO) met in Rome. "
        "A report by ICGO follows."
    )

    assert find(text).count(("ORG", "ICGO")) == 2


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ford raised prices. We look at Ford's North America results.", "Ford"),
        ("Analysts at Facebook and Google agree.", "Google"),
        (
            "SOURCE International Finance Corporation",
            "International Finance Corporation",
        ),
    ],
)
def test_a_name_ends_where_it_ends(text: str, name: str):
    assert ("ORG", name) in find(text)
    assert not [it for kind, it in find(text) if kind == "ORG" and name in it[:-1]]


def test_abbreviations_are_nobody():
    found = find("AI chips need LNG, the CEO said. The IPO of an AI firm in Texas, US.")

    assert not {"AI", "LNG", "CEO", "IPO"} & {it for _, it in found}
    assert ("PLACE", "US") in found


def test_places_keep_their_kind():
    text = (
        "China's revenue fell. Shares in China rose, and those of Japan in Tokyo too."
    )

    assert {it for it in find(text) if it[0] == "PLACE"} == {
        ("PLACE", "China"),
        ("PLACE", "Japan"),
        ("PLACE", "Tokyo"),
    }


def test_names_do_not_overlap():
    text = (
        "Micron Technology, Inc. (NASDAQ: MU), Samsung Electronics America and "
        "SK hynix Inc. met Bank of America Merrill Lynch's analysts at Dell."
    )
    found = entities.find(text, sentences.split(text))

    assert found
    assert all(a.end_char <= b.start_char for a, b in pairwise(found))


def test_many_names_take_no_time_of_their_own():
    """A list of names, each of which would be looked for everywhere."""
    names = [f"Firm{number} Holdings" for number in range(2_000)]
    text = ". ".join(names)
    marks, at = [], 0
    for name in names:
        marks.append(Mark(at, at + len(name), "PERSON"))
        at += len(name) + 2
    began = time.process_time()
    found = agree(text, [(0, len(text))], marks)

    assert {it.label for it in found} == {"ORG"}
    assert len(found) == len(names)
    assert time.process_time() - began < 5
