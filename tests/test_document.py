"""Documents: canonical links, ids by content, normal form of the text."""

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sources.document import (
    MAX_TEXT,
    build,
    canonical_url,
    document_id,
    with_title,
)
from monitor.types import Entry, Feed

NOW = datetime(2026, 11, 24, tzinfo=UTC)
EARLIER = datetime(2026, 11, 20, tzinfo=UTC)
FEED = Feed(url="https://f.example/rss", title="Invented News", language="ko", tier=3)


def entry(**fields: object) -> Entry:
    given = {
        "id": "i",
        "feed_url": FEED.url,
        "guid": "g",
        "url": "https://n.example/1?utm_source=rss#top",
        "title": "A title",
        "summary": "s",
    }
    return Entry(**(given | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://N.Example:443/A?b=2&a=1", "https://n.example/A?b=2&a=1"),
        ("http://n.example:80/", "http://n.example/"),
        ("http://n.example:8080/x", "http://n.example:8080/x"),
        (
            "https://n.example/1?utm_source=a&id=7&UTM_medium=b",
            "https://n.example/1?id=7",
        ),
        ("https://n.example/1?fbclid=x&gclid=y", "https://n.example/1"),
        ("https://n.example/1#part", "https://n.example/1"),
        ("https://n.example/v?id=1&ref=home", "https://n.example/v?id=1&ref=home"),
        ("https://n.example/?utm_source", "https://n.example/"),
        ("https://n.example/a;b?x=&&y", "https://n.example/a;b?x=&&y"),
        ("http://[2001:DB8::1]:80/x", "http://[2001:db8::1]/x"),
        ("http://n.example:port/", "http://n.example:port/"),
        ("", ""),
    ],
)
def test_canonical_url(url, canonical):
    assert canonical_url(url) == canonical


@given(st.from_regex(r"https?://[a-z]{1,5}\.example(:\d{1,4})?/[a-z?&=#_:]{0,20}"))
def test_canonical_url_is_canonical_already(url):
    assert canonical_url(canonical_url(url)) == canonical_url(url)


def test_build():
    built = build(
        entry(), feed=FEED, title=" A \n title", body="One.\n\n  Two.", fetched_at=NOW
    )

    assert built.text == "A title\nOne.\nTwo."
    assert built.title == "A title"
    assert built.id == document_id("A title\nOne.\nTwo.")
    assert built.url == "https://n.example/1"
    assert (built.source, built.tier, built.kind) == ("Invented News", 3, "article")
    assert built.language == "ko"
    assert built.published_at == built.fetched_at == NOW


@pytest.mark.parametrize(
    ("of_entry", "of_page", "expected"),
    [(EARLIER, NOW, EARLIER), (None, EARLIER, EARLIER), (None, None, NOW)],
)
def test_time_of_publication(of_entry, of_page, expected):
    built = build(
        entry(published_at=of_entry),
        feed=FEED,
        title="t",
        body="b",
        fetched_at=NOW,
        published_at=of_page,
    )

    assert built.published_at == expected


@pytest.mark.parametrize(
    ("of_entry", "of_feed", "expected"),
    [("en", "ko", "en"), (None, "ko", "ko"), (None, None, "und")],
)
def test_language(of_entry, of_feed, expected):
    feed = Feed(url="u", title="t", language=of_feed)
    built = build(
        entry(language=of_entry), feed=feed, title="t", body="b", fetched_at=NOW
    )

    assert built.language == expected


@pytest.mark.parametrize(
    ("title", "body", "text"),
    [
        ("T", "T\nB", "T\nB"),
        ("", "B", "B"),
        ("T", "", "T"),
        ("T", " \n ", "T"),
        ("", "", ""),
        ("T", "a\u202eb\x00\tc", "T\nab c"),
    ],
)
def test_with_title(title, body, text):
    assert with_title(title, body) == text


def test_decomposed_hangul_is_composed_so_that_names_match():
    decomposed = unicodedata.normalize("NFD", "삼성전자가 올랐다")

    assert decomposed != "삼성전자가 올랐다"
    built = build(entry(), feed=FEED, title=decomposed, body=decomposed, fetched_at=NOW)
    assert built.text == built.title == "삼성전자가 올랐다"


def test_text_has_a_limit():
    assert len(with_title("T", "x" * (MAX_TEXT + 5))) == MAX_TEXT


@given(st.text())
def test_id_is_stable_under_white_space_and_normal_form(text):
    spaced = "\n\n" + text.replace(" ", "  ") + " \n"

    assert document_id(spaced) == document_id(text)
    assert document_id(unicodedata.normalize("NFD", text)) == document_id(text)


@given(st.text("ab", max_size=4), st.text("ab", max_size=4))
def test_different_texts_have_different_ids(first, second):
    assert (document_id(first) == document_id(second)) == (first == second)
