"""Documents in, analyses out."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.analysis.analyzer import Analyzer
from monitor.types import Company, Patterns, Sentiment, Theme
from tests import builders

COMPANIES = (
    Company(
        id="nvidia",
        name="Nvidia",
        aliases={"ko": ("엔비디아",)},
        ticker="NVDA",
        exchange="Nasdaq",
    ),
    Company(id="amd", name="AMD", aliases={}),
)
THEMES = (
    Theme(
        id="sites",
        name={"en": "Sites"},
        patterns={"en": (Patterns(any=("data center",)),)},
    ),
)


class FakeClassifier:
    """Remembers what it was asked; the score is the target's place."""

    name = "fake 1"

    def __init__(self) -> None:
        self.calls: list[list[tuple[str, int | None, int | None]]] = []

    def score(
        self, items: Sequence[tuple[str, int | None, int | None]]
    ) -> list[Sentiment]:
        self.calls.append(list(items))
        return [builders.sentiment((start or 0) / 100) for _, start, _ in items]


def analyzer(classifier: FakeClassifier | None = None) -> Analyzer:
    return Analyzer(COMPANIES, THEMES, classifier=classifier, entities=False)


def test_everything_is_read():
    text = "Nvidia backs a 150MW data center\nAMD does not."
    (found,) = analyzer().analyze([builders.document(text)])

    assert [(m.company, m.text) for m in found.mentions] == [
        ("nvidia", "Nvidia"),
        ("amd", "AMD"),
    ]
    assert [hit.text for hit in found.themes] == ["data center"]
    assert [q.normalised for q in found.quantities] == [150.0]
    assert found.mentions[0].relevance > found.mentions[1].relevance
    assert (found.language, found.model, found.entities) == ("en", "", ())


def test_without_a_classifier_sentiment_is_none():
    (found,) = analyzer().analyze([builders.document("Nvidia gains.")])

    assert found.mentions[0].sentiment is None


def test_all_mentions_of_all_documents_go_in_one_call():
    classifier = FakeClassifier()
    documents = [
        builders.document("Title\nNvidia beats AMD. Nvidia gains."),
        builders.document("No company here."),
        builders.document("AMD falls."),
    ]
    found = analyzer(classifier).analyze(documents)

    assert classifier.calls == [
        [
            ("Title\nNvidia beats AMD. Nvidia gains.", 6, 12),
            ("Title\nNvidia beats AMD. Nvidia gains.", 19, 22),
            ("Title\nNvidia beats AMD. Nvidia gains.", 24, 30),
            ("AMD falls.", 0, 3),
        ]
    ]
    scores = [m.sentiment.score for a in found for m in a.mentions if m.sentiment]
    assert scores == [0.06, 0.19, 0.24, 0.0]
    assert {a.model for a in found} == {"fake 1"}


def test_no_mention_no_call():
    classifier = FakeClassifier()
    analyzer(classifier).analyze([builders.document("Nothing.")])

    assert classifier.calls == []


@pytest.mark.parametrize(
    ("text", "said", "language"),
    [
        ("엔비디아가 올랐다", "en", "ko"),
        ("Nvidia shares rose sharply on Monday morning.", "ko", "en"),
        ("Nvidia", "fr", "fr"),
        ("Nvidia", "und", "und"),
        ("Die Aktie von Nvidia ist am Montag stark gestiegen.", "und", "de"),
    ],
)
def test_language(text: str, said: str, language: str):
    (found,) = analyzer().analyze([builders.document(text, language=said)])

    assert found.language == language


def test_names_are_found_in_both_languages_and_in_no_other():
    reader = Analyzer(COMPANIES, THEMES, entities=True)
    documents = [
        builders.document("Microsoft met Tim Cook in Texas yesterday."),
        builders.document("삼성전자 한종희 부회장이 텍사스에서 만났다.", language="ko"),
        builders.document("Der Vorstand traf Tim Cook in Texas.", language="de"),
    ]
    english, korean, german = reader.analyze(documents)

    assert "Texas" in {entity.text for entity in english.entities}
    assert {"한종희", "텍사스"} <= {entity.text for entity in korean.entities}
    for entity in korean.entities:
        assert documents[1].text[entity.start_char : entity.end_char] == entity.text
    assert german.entities == ()


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(["Nvidia", "엔비디아가", "AMD", "150MW ", ". ", "\n"])
        | st.text(max_size=5)
    ).map("".join)
)
def test_offsets_are_of_the_document(text: str):
    (found,) = analyzer().analyze([builders.document(text or " ")])
    for mention in found.mentions:
        assert text[mention.start_char : mention.end_char] == mention.text
        assert mention.sentence_start <= mention.start_char
        assert mention.end_char <= mention.sentence_end <= len(text)


def test_a_disclaimer_names_a_company_and_is_not_scored():
    text = (
        "Nvidia sold more\nNvidia had its best quarter.\nForward-Looking Statements\n"
        "Nvidia may fail, be sued or lose everything;\nAMD may win.\nAbout Nvidia\n"
        "Nvidia makes chips."
    )
    classifier = FakeClassifier()
    (found,) = analyzer(classifier).analyze([builders.document(text)])
    scored = {(m.text, m.start_char) for m in found.mentions if m.sentiment}
    kept = [m.text for m in found.mentions]

    assert kept == ["Nvidia", "Nvidia", "Nvidia", "AMD", "Nvidia", "Nvidia"]
    assert len(scored) == len(classifier.calls[0]) == 4
    assert not any(
        text.index("Nvidia may") <= at < text.index("About") for _, at in scored
    )
