"""Changes in risk factors: of sentences, of documents, in the database."""

import itertools
import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.analysis.analyzer import Analyzer
from monitor.analysis.changes import Change, compare
from monitor.stages.compare import CompareStage
from monitor.stages.report import Report, silent
from monitor.store.comparisons import Comparisons
from monitor.store.connection import MIGRATIONS_TABLE
from monitor.store.documents import Documents
from monitor.store.entries import Entries, Feeds
from monitor.store.store import Store
from monitor.types import Document, FeedState
from tests import builders
from tests.builders import NOW
from tests.test_analyzer import COMPANIES, THEMES, FakeClassifier

POWER = "We may not obtain enough electric power for the data centers that we build."
WATER = "Droughts may limit the water that cools our data centers in the summer."
EXPORT = "Export controls on our accelerators could close the Chinese market to us."
CLOSED = "Export controls on our accelerators have closed the Chinese market to us."
LAWSUIT = "A former supplier claims that our racks infringe eleven of its patents."


def kinds(before: str, after: str) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in compare(before, after)]


def test_new_reworded_and_dropped_sentences():
    found = compare(f"{POWER} {EXPORT} {LAWSUIT}", f"{WATER} {CLOSED} {POWER}")

    assert found == [
        Change(kind="new", text=WATER),
        Change(kind="reworded", text=CLOSED, before=EXPORT),
        Change(kind="dropped", text=LAWSUIT),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{POWER} {EXPORT}", f"{EXPORT}\n{POWER}"),
        (POWER, POWER.upper()),
        (
            "As of January 26, 2025 we had obligations to our suppliers of chips.",
            "As of January 25, 2026 we had obligations to our suppliers of chips.",
        ),
        (POWER, f"{POWER}\nRisk Factors (continued)\nPage 12"),
        ("", ""),
    ],
    ids=["moved", "capitals", "another year", "headings", "nothing"],
)
def test_what_says_the_same_has_not_changed(before, after):
    assert kinds(before, after) == []


def test_a_number_that_matters_is_a_change():
    before = "One customer accounted for 12% of our revenue of the year."
    after = "One customer accounted for 39% of our revenue of the year."

    assert kinds(before, after) == [("reworded", after)]


def test_each_sentence_is_the_other_wording_of_one_only():
    found = kinds(EXPORT, f"{CLOSED} {CLOSED.replace('Chinese', 'Russian')}")

    assert Counter(kind for kind, _ in found) == {"reworded": 1, "new": 1}


# --- as documents -------------------------------------------------------------------

FILLER = " ".join(
    f"Risk number {word} of many may harm the {word} business that we have."
    for word in itertools.islice(map("".join, itertools.product("abcd", repeat=3)), 40)
)
TITLE = "10-K: INVENTED CORP: Item 1A Risk Factors"


def section(text: str, days: int, **values) -> Document:
    text = f"{TITLE}\n{text} {FILLER}"
    number = f"0000000009-26-{days:06}"
    defaults = {
        "id": number,
        "kind": "filing",
        "form": "10-K",
        "item": "1A",
        "cik": 9,
        "accession_no": number,
        "published_at": NOW + timedelta(days=days),
        "filing_date": f"{NOW + timedelta(days=days):%Y-%m-%d}",
        "confidence": 1.0,
    }
    return builders.document(text, title=TITLE, **defaults | values)


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "monitor.db") as store:
        store.save_watched(feeds=[builders.feed()], companies=COMPANIES, themes=THEMES)
        yield store


def keep(store: Store, *documents: Document) -> None:
    for one in documents:
        entry = builders.entry(one.id)
        state = FeedState(feed_url=entry.feed_url)
        Feeds(store).save_poll(state, entries=[entry], outcome="ok", now=NOW)
        Entries(store).save_documents(entry, [one])


def changed(store: Store) -> dict[str, str]:
    CompareStage(store=Comparisons(store)).run(Report(), silent)
    rows = store.rows(
        "SELECT change, title, text FROM documents "
        "WHERE change IS NOT NULL AND superseded_by IS NULL"
    )
    return {
        row["change"]: row["text"].removeprefix(row["title"] + "\n") for row in rows
    }


def test_a_report_is_compared_with_the_one_before(store):
    keep(store, section(f"{POWER} {EXPORT} {LAWSUIT}", 0))
    assert changed(store) == {}

    keep(store, section(f"{WATER} {CLOSED} {POWER}", 365))
    assert changed(store) == {"new": WATER, "reworded": CLOSED, "dropped": LAWSUIT}

    (row,) = store.rows("SELECT * FROM documents WHERE change = 'new'")
    assert row["title"] == (
        "10-K: INVENTED CORP: New in Risk Factors since 10-K of 2026-03-02"
    )
    assert (row["form"], row["item"], row["cik"]) == ("10-K", "1A", 9)
    assert row["state"] == "new"


def wordings(store: Store) -> list[tuple[str, str]]:
    rows = store.rows("SELECT before, after FROM risk_wording ORDER BY filing_date")
    return [(row["before"], row["after"]) for row in rows]


def test_what_a_reworded_sentence_was_can_be_read(store):
    keep(store, section(f"{POWER} {EXPORT} {LAWSUIT}", 0))
    keep(store, section(f"{WATER} {CLOSED} {POWER}", 365))
    changed(store)

    assert wordings(store) == [(EXPORT, CLOSED)]


def test_wordings_of_another_report_before_replace_those_found(store):
    keep(store, section(f"{EXPORT} {POWER}", 0), section(CLOSED, 730))
    changed(store)
    between = EXPORT.replace("could", "may soon")
    keep(store, section(f"{between} {POWER}", 365))
    changed(store)

    assert wordings(store) == [(EXPORT, between), (between, CLOSED)]


def test_what_was_compared_before_wordings_were_kept_is_compared_again(tmp_path):
    path = tmp_path / "old.db"
    with Store(path) as store:
        store.save_watched(feeds=[builders.feed()], companies=COMPANIES, themes=THEMES)
        keep(store, section(EXPORT, 0), section(CLOSED, 365))
        first = changed(store)
        with store.transaction() as connection:
            connection.execute("DROP VIEW risk_wording")
            connection.execute("DROP TABLE rewordings")
            connection.execute(
                f"DELETE FROM {MIGRATIONS_TABLE} WHERE migration_set = ?",
                ["monitor-wording"],
            )
    with Store(path) as store:
        assert changed(store) == first
        assert wordings(store) == [(EXPORT, CLOSED)]
        assert len(store.rows("SELECT id FROM documents")) == 3


def test_comparing_again_adds_nothing(store):
    keep(store, section(POWER, 0), section(WATER, 365))
    first = changed(store)
    report = Report()
    CompareStage(store=Comparisons(store)).run(report, silent)

    assert report.documents == 0
    assert changed(store) == first


def test_an_older_report_that_comes_later_replaces_what_was_found(store):
    keep(store, section(POWER, 0), section(f"{POWER} {WATER} {EXPORT}", 730))
    assert changed(store)["new"] == f"{WATER}\n{EXPORT}"

    keep(store, section(f"{POWER} {WATER}", 365))
    changed(store)
    rows = store.rows(
        "SELECT text FROM documents WHERE change = 'new' AND superseded_by IS NULL "
        "ORDER BY published_at"
    )
    assert [row["text"].partition("\n")[2] for row in rows] == [WATER, EXPORT]


@pytest.mark.parametrize(
    "other",
    [
        section(WATER, 365, cik=10),
        section(WATER, 365, item="1"),
        replace(section(WATER, 365), text=f"{TITLE}\n{WATER}"),
    ],
    ids=["another company", "another item", "no more than that nothing changed"],
)
def test_what_is_not_compared(store, other):
    keep(store, section(POWER, 0), other)

    assert changed(store) == {}


def test_a_quarter_tells_what_is_new_and_a_year_is_compared_with_a_year(store):
    year = POWER + FILLER.replace("Risk", "Fear") + FILLER.replace("Risk", "Doubt")
    quarter = section(WATER, 90, form="10-Q", item="II.1A")
    keep(store, section(year, 0), quarter, section(year, 365))

    assert changed(store) == {"new": WATER}


def test_what_was_dropped_is_analysed_without_sentiment(store):
    keep(store, section("Nvidia may sue us over all of our very own chips.", 0))
    keep(store, section("AMD may refuse to sell us the chips that we do need.", 365))
    changed(store)
    due = [one for one in Documents(store).due(limit=10) if one.change]
    analyses = Analyzer(
        COMPANIES, THEMES, classifier=FakeClassifier(), entities=False
    ).analyze(due)
    scored = {
        one.change: [(m.company, m.sentiment is not None) for m in analysis.mentions]
        for one, analysis in zip(due, analyses, strict=True)
    }

    assert scored == {"new": [("amd", True)], "dropped": [("nvidia", False)]}


@pytest.mark.corpus
def test_changes_of_real_risk_factors(shared):
    path = shared / "data" / "sec_10k_parts" / "sec_10k_parts.jsonl"
    rows = map(json.loads, path.read_text("utf-8").splitlines())
    reports = sorted(
        (row["company"], row["filing_date"], row["items"]["1A"]) for row in rows
    )
    pairs = [
        (before, after)
        for (company, _, before), (same, _, after) in itertools.pairwise(reports)
        if company == same
    ]
    for before, after in pairs:
        counts = Counter(one.kind for one in compare(before, after))
        back = Counter(one.kind for one in compare(after, before))

        assert compare(after, after) == []
        assert (counts["new"], counts["dropped"]) == (back["dropped"], back["new"])
        assert counts["reworded"] == back["reworded"] > 5
        assert counts.total() < 250
    assert len(pairs) == 5
