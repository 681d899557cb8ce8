"""The view of names that appear with a theme and are not watched; amounts' companies."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.store.connection import open_reader
from monitor.store.documents import Documents
from monitor.store.entries import Entries, Feeds
from monitor.store.store import Store
from monitor.types import Analysis, Entity, FeedState, Mention, Quantity, ThemeHit
from tests import builders
from tests.builders import NOW

FAR = "The weather was fine. " * 20


def entity(text: str, name: str, label: str = "ORG") -> Entity:
    start = text.index(name)
    return Entity(label=label, start_char=start, end_char=start + len(name), text=name)  # type: ignore[arg-type]


def mention(text: str, name: str) -> Mention:
    start = text.index(name)
    return Mention(
        company="nvidia",
        start_char=start,
        end_char=start + len(name),
        text=name,
        sentence_start=0,
        sentence_end=len(text),
        confidence=0.9,
        relevance=1.0,
        reason="name",
    )


def hit(text: str, words: str = "data center") -> ThemeHit:
    start = text.index(words)
    return ThemeHit(
        theme="gigafactory",
        start_char=start,
        end_char=start + len(words),
        text=words,
        score=0.7,
    )


@pytest.fixture
def rows(tmp_path):
    """Rows of a view after documents were read: (text, source, analysis) each."""
    path = tmp_path / "monitor.db"

    def make(view: str, *read):
        with Store(path) as store:
            store.save_watched(
                feeds=[builders.feed()],
                companies=[builders.company()],
                themes=[builders.theme("gigafactory")],
            )
            state = FeedState(feed_url="https://example.org/feed")
            for number, (text, source, found) in enumerate(read):
                document = builders.document(
                    text, source=source, published_at=NOW + timedelta(days=number)
                )
                entry = builders.entry(str(number))
                Feeds(store).save_poll(state, entries=[entry], outcome="ok", now=NOW)
                Entries(store).save_documents(entry, [document])
                analysis = Analysis(document_id=document.id, language="en", **found)
                Documents(store).save([analysis], now=NOW)
        connection = open_reader(path)
        found = [dict(row) for row in connection.execute(f"SELECT * FROM {view}")]
        connection.close()
        return found

    return make


def test_names_beside_a_theme_with_counts_and_first_evidence(rows):
    first = "DataVolt plans a data center."
    later = "Fans of DataVolt await its data center."
    found = rows(
        "unwatched_name",
        (later, "B", {"entities": (entity(later, "DataVolt"),), "themes": (hit(later),)}),
        (first, "A", {"entities": (entity(first, "DataVolt"),), "themes": (hit(first),)}),
        (
            "In DATAVOLT's data center",
            "A",
            {
                "entities": (entity("In DATAVOLT's", "DATAVOLT"),),
                "themes": (hit("In DATAVOLT's data center"),),
            },
        ),
    )  # fmt: skip

    assert found == [
        {
            "name": "DataVolt",
            "label": "ORG",
            "theme": "gigafactory",
            "documents": 3,
            "sources": 2,
            "first_seen": "2026-03-02T09:00:00Z",
            "evidence": later,
            "title": later,
            "source": "B",
            "url": "https://example.org/1",
        }
    ]


def test_watched_names_and_those_far_from_a_theme_are_left_out(rows):
    watched = "Nvidia Corp builds a data center."
    far = f"Acme grows. {FAR}Others plan a data center."
    plain = "Acme grows."
    found = rows(
        "unwatched_name",
        (
            watched,
            "A",
            {
                "entities": (entity(watched, "Nvidia Corp"),),
                "mentions": (mention(watched, "Nvidia"),),
                "themes": (hit(watched),),
            },
        ),
        (far, "A", {"entities": (entity(far, "Acme"),), "themes": (hit(far),)}),
        (plain, "A", {"entities": (entity(plain, "Acme"),)}),
    )

    assert found == []


def test_names_in_korean_come_through_the_same_view(rows):
    text = "하늘전력은 데이터센터를 짓는다."
    found = rows(
        "unwatched_name",
        (
            text,
            "A",
            {
                "entities": (entity(text, "하늘전력"),),
                "themes": (hit(text, "데이터센터"),),
            },
        ),
    )

    assert [(row["name"], row["evidence"]) for row in found] == [("하늘전력", text)]


def test_an_amount_is_listed_with_its_own_company_only(rows):
    text = "Nvidia needs 150MW."
    start = text.index("150MW")
    amount = Quantity(
        kind="power",
        value=150,
        unit="MW",
        normalised=150,
        normalised_unit="MW",
        qualifier="",
        start_char=start,
        end_char=start + 5,
        text="150MW",
        tense="planned",
        company="nvidia",
        theme="gigafactory",
    )
    found = rows(
        "company_quantity",
        (text, "A", {"mentions": (mention(text, "Nvidia"),), "quantities": (amount,)}),
        ("It costs $5.", "A", {"quantities": (replace(amount, company=None),)}),
    )

    assert [(r["company"], r["text"], r["tense"], r["theme"]) for r in found] == [
        ("nvidia", "150MW", "planned", "gigafactory")
    ]


def test_the_rule_that_accepted_a_mention_is_stored(rows):
    text = "Nvidia grew."
    found = rows("mentions", (text, "A", {"mentions": (mention(text, "Nvidia"),)}))

    assert [(row["reason"], row["confidence"]) for row in found] == [("name", 0.9)]


def test_units_and_two_letters_are_no_names(rows):
    text = "An AI data center of 150 MW in 대전."
    start = text.index("150 MW")
    amount = Quantity(
        kind="power",
        value=150,
        unit="MW",
        normalised=150,
        normalised_unit="MW",
        qualifier="",
        start_char=start,
        end_char=start + 6,
        text="150 MW",
    )
    names = (
        entity(text, "AI", "PLACE"),
        entity(text, "MW"),
        entity(text, "대전", "PLACE"),
    )
    found = rows(
        "unwatched_name",
        (
            text,
            "A",
            {"entities": names, "themes": (hit(text),), "quantities": (amount,)},
        ),
    )

    assert [row["name"] for row in found] == ["대전"]
