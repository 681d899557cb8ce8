"""Which documents tell one event: copies, tellings in two languages, and what is not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.stories import copies, fingerprint, sounds, titles, words
from monitor.stories.fingerprint import Fingerprint
from monitor.stories.novelty import novelty
from monitor.stories.shelf import LIKELY, WINDOW, Placement, Shelf
from tests import builders
from tests.builders import NOW

RELEASE = (
    "Coldwell Thermal said on Tuesday that it will double the output of cold plates at "
    "its plant in Dayton, where two hundred people work. The expansion costs 40 million "
    "dollars and is to end next spring. Demand from builders of data centers has grown "
    "faster than the company had planned, its chief executive said, and customers now "
    "order a year ahead. A second site in Europe is being looked for."
)
KOREAN = (
    "버티브가 액체냉각 업체 콜드웰을 12억달러에 인수하기로 했다고 6일 밝혔다. 콜드웰은 "
    "데이터센터 서버에 붙이는 콜드플레이트와 냉각수 펌프를 만드는 회사로, 직원은 200명이다. "
    "버티브는 인수로 액체냉각 제품을 넓히고 내년 매출을 10% 늘릴 계획이라고 설명했다. "
    "거래는 올해 안에 끝난다."
)


def mark(text: str, **values: Any) -> Fingerprint:
    """The fingerprint of a text whose first line is its title."""
    read = {"companies", "names", "themes", "amounts", "embedding"}
    given = {key: values.pop(key) for key in list(values) if key in read}
    document = builders.document(text, **values)
    defaults: dict[str, Any] = dict.fromkeys(read - {"embedding"}, ())
    return fingerprint.build(
        document,
        language=document.language,
        link=copies.link(document.url),
        **defaults | {"embedding": None} | given,
    )


def place(*found: Fingerprint) -> list[Placement]:
    """One after the other."""
    shelf, placed = Shelf(), []
    for one in found:
        placed.append(shelf.place(one))
        shelf.add(placed[-1].member(one))
    return placed


# --- copies


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a/b", "http://www.example.org/a/b/"),
        ("https://example.org/a/b", "https://m.example.org/a/b"),
        ("https://example.org/a/b", "https://amp.example.org/a/b"),
        ("https://example.org/a/b", "https://example.org/a/b/amp"),
        ("https://example.org/a/b", "https://example.org/amp/a/b"),
        ("https://example.org/a/b.html", "https://example.org/a/b.amp.html"),
        ("https://example.org/a?id=7", "https://example.org/a?id=7&outputType=amp"),
        ("https://example.org/a/b", "https://example.org/a/b?amp=1"),
        (
            "https://example.org/a/b",
            "https://example-org.cdn.ampproject.org/c/s/example.org/a/b",
        ),
    ],
)
def test_pages_of_one_article_have_one_link(one, other):
    assert copies.link(one) == copies.link(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a?id=7", "https://example.org/a?id=8"),
        ("https://example.org/champion", "https://example.org/ch"),
        ("https://example.org/lamp/a", "https://example.org/l/a"),
        (
            "https://news.google.com/rss/articles/A",
            "https://news.google.com/rss/articles/B",
        ),
    ],
)
def test_pages_of_two_articles_have_two(one, other):
    assert copies.link(one) != copies.link(other)


@pytest.mark.parametrize(
    "url", ["https://example.org/", "https://example.org", "", "http://["]
)
def test_what_is_no_article_has_no_link(url):
    assert copies.link(url) is None


def test_a_redirect_of_google_news_is_left_as_it_is():
    url = "https://news.google.com/rss/articles/CBMiX2h0?oc=5"

    assert copies.link(url) == url


def test_blanks_dashes_and_quotes_make_no_other_text():
    assert copies.content("“Vertiv” rises —\n 8 %") == copies.content(
        '"Vertiv" rises - 8%'
    )


@pytest.mark.parametrize("text", [RELEASE, KOREAN], ids=["en", "ko"])
def test_a_reprint_with_a_line_before_and_without_the_end_is_a_copy(text):
    reprint = f"(Wire) - {text[:-40]} Reporting by the desk."
    first, second = place(
        mark(f"Coldwell grows\n{text}", url="https://a.example/1"),
        mark(f"Coldwell to grow\n{reprint}", url="https://b.example/9"),
    )

    assert second.reason == "copy"
    assert (second.story, second.lineage) == (first.story, first.lineage)


def test_a_template_filled_with_another_name_is_no_copy():
    """Monthly news of county after county, and calls to investors of firm after firm."""
    first, second = (
        mark(
            f"{name} to double output of cold plates\n{RELEASE}",
            id=name,
            url=f"https://a.example/{len(name)}",
        )
        for name in ("Arden Thermal", "Pellworm Cooling")
    )
    again = mark(
        f"{first.title} | Daily Post\n{RELEASE} More follows.", id="again", url=""
    )

    assert [it.story for it in place(first, second, again)] == [
        "Arden Thermal",
        "Pellworm Cooling",
        "Arden Thermal",
    ]


@pytest.mark.parametrize("text", [RELEASE, KOREAN], ids=["en", "ko"])
def test_another_text_of_the_same_length_is_no_copy(text):
    other = " ".join(reversed(text.split()))

    one, two = copies.signature(text), copies.signature(other)

    assert one is not None
    assert two is not None
    assert (one == two).mean() < 0.5


def test_near_copies_share_a_band_and_others_do_not():
    bands = [
        set(copies.bands(copies.signature(text)))
        for text in (RELEASE, RELEASE.replace("Tuesday", "Wednesday"), KOREAN)
    ]

    assert bands[0] & bands[1]
    assert not bands[0] & bands[2]


def test_a_short_text_has_no_near_copies():
    assert copies.signature("Porter County pauses data centers for a year") is None
    assert copies.bands(None) == []


def test_the_same_address_is_the_same_story_though_the_text_was_rewritten():
    first, second = place(
        mark("Old words\nOf one thing.", url="https://a.example/1"),
        mark("New heading\nOf it again.", url="https://www.a.example/1?amp=1"),
    )

    assert (second.story, second.reason) == (first.story, "address")


# --- the same event, told otherwise


def embedding(*values: float) -> Any:
    row = np.zeros(8, np.float32)
    row[: len(values)] = values
    return row / np.linalg.norm(row)


def test_a_telling_in_the_other_language_joins_by_company_amount_and_name():
    english = mark(
        "Vertiv to buy liquid cooling firm Coldwell for $1.2 billion",
        companies=["vertiv"],
        names=["Vertiv"],
        themes=["liquid_cooling"],
        amounts=[("USD", 1.2e9)],
        embedding=embedding(1, 0.2),
    )
    korean = mark(
        "버티브, 액체냉각 업체 콜드웰 12억달러에 인수",
        language="ko",
        url="https://ko.example/2",
        published_at=NOW + timedelta(hours=5),
        companies=["vertiv"],
        names=["버티브"],
        themes=["liquid_cooling"],
        amounts=[("USD", 1.2e9)],
        embedding=embedding(1, 0.4),
    )

    first, second = place(english, korean)

    assert (second.story, second.reason) == (first.story, "event")
    assert second.lineage != first.lineage


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Harlan County pauses new data centers for a year",
            "Odell County pauses new data centers for a year",
        ),
        (
            "Porter Township passes one-year data center moratorium",
            "Missoula County passes one-year data center moratorium",
        ),
        (
            "할런 카운티, 데이터센터 신규 허가 1년 중단",
            "먼로 카운티, 데이터센터 신규 허가 1년 중단",
        ),
    ],
)
def test_the_same_template_about_another_place_is_another_story(one, other):
    first, second = place(
        mark(one, embedding=embedding(1, 0.1), themes=["regulation"]),
        mark(
            other,
            url="https://b.example/2",
            embedding=embedding(1, 0.2),
            themes=["regulation"],
        ),
    )

    assert second.reason == "first"
    assert second.story != first.story


def test_what_is_too_far_apart_in_time_is_another_story():
    title = "Vertiv to buy liquid cooling firm Coldwell for $1.2 billion"
    later = f"{title} in cash"

    apart = [
        place(
            mark(title),
            mark(later, url="https://b.example/2", published_at=NOW + distance),
        )[1].reason
        for distance in (timedelta(hours=1), WINDOW + timedelta(hours=1))
    ]

    assert apart == ["event", "first"]


def test_all_documents_of_a_filing_are_one_story_and_two_filings_are_two():
    boilerplate = f"Item 9.01\n{RELEASE}"
    url = "https://www.sec.gov/a/1"
    first, exhibit, other = place(
        mark(boilerplate, kind="filing", url=url, accession_no="1", form="8-K"),
        mark(
            f"EX-99.1\n{KOREAN}", kind="exhibit", url=url, accession_no="1", form="8-K"
        ),
        mark(f"{boilerplate} x", kind="filing", url=url, accession_no="2", form="8-K"),
    )

    assert (exhibit.story, exhibit.reason) == (first.story, "filing")
    assert exhibit.lineage != first.lineage
    assert other.reason == "first"


def test_a_copy_from_further_back_than_is_held_is_known():
    old = mark(f"Coldwell grows\n{RELEASE}", url="https://a.example/1")
    new = mark(f"Coldwell to grow\n{RELEASE}", url="https://b.example/2")
    (first,) = place(old)

    found = Shelf().place(new, [first.member(old)])

    assert (found.story, found.reason) == (first.story, "copy")


def test_copies_of_one_text_do_not_outvote_a_telling_of_its_own():
    """Three reprints are one voice: the mean is over lineages."""
    from monitor.stories.shelf import _of_story

    assert _of_story([(0.9, "a"), (0.1, "b"), (0.1, "b"), (0.1, "b")]) == 0.5


def test_among_thousands_the_likeliest_are_found_by_their_sketch():
    """More than are multiplied: those that a sketch leaves out are not like the new."""
    chance = np.random.default_rng(0)

    def vector(width: int) -> np.ndarray[Any, np.dtype[np.float32]]:
        drawn = chance.normal(size=width).astype(np.float32)
        return drawn / np.float32(np.linalg.norm(drawn))

    wanted = mark(
        "Coldwell doubles output of cold plates in Dayton",
        url="https://a.example/1",
        embedding=vector(64),
    )
    shelf = Shelf()
    shelf.add(shelf.place(wanted).member(wanted))
    for number in range(2 * LIKELY):
        other = replace(
            wanted,
            document_id=f"other{number}",
            content=str(number),
            link=None,
            title=f"Report {number}",
            words=vector(words.WIDTH),
            shared=vector(words.WIDTH),
            embedding=vector(64),
        )
        shelf.add(
            Placement(
                story=other.document_id,
                lineage=other.document_id,
                reason="first",
                sure=1.0,
            ).member(other)
        )
    told = mark(
        "Cold plates: Coldwell doubles Dayton output", url="https://b.example/1"
    )

    found = shelf.place(replace(told, embedding=wanted.embedding))

    assert (found.story, found.reason) == (wanted.document_id, "event")


@given(st.lists(st.text(max_size=60), max_size=8))
def test_any_texts_are_placed_in_stories_that_began(texts):
    found = [mark(f"{text}\n{number}") for number, text in enumerate(texts)]

    placed = place(*found)

    ids = [one.document_id for one in found]
    for number, one in enumerate(placed):
        assert one.story in ids[: number + 1]
        assert 0.0 <= one.sure <= 1.0


# --- words and sounds


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ("할런", "Harlan"),
        ("오델", "Odell"),
        ("콜드웰", "Coldwell"),
        ("애빌린", "Abilene"),
        ("체스터필드", "Chesterfield"),
        ("서스쿼해나", "Susquehanna"),
        ("버지니아", "Virginia"),
        ("셸비", "Shelby"),
        ("콘스텔레이션", "Constellation"),
        ("리지백랜드가", "Ridgebackland"),
        ("멤피스에서", "Memphis"),
    ],
)
def test_a_name_sounds_alike_in_both_scripts(korean, english):
    assert sounds.of_english(english) in set(sounds.of_korean(korean))


@pytest.mark.parametrize(
    ("korean", "english"), [("할런", "Odell"), ("콜드웰", "Norring")]
)
def test_other_names_sound_otherwise(korean, english):
    assert sounds.of_english(english) not in set(sounds.of_korean(korean))


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        (
            "Americans Oppose Local AI Data Centers | Talk Radio 105 . 9",
            "Americans Oppose Local AI Data Centers",
        ),
        (
            "New York puts a pause on data centers – NBC New York",
            "New York puts a pause on data centers",
        ),
        ("[단독] SK하이닉스, HBM4 양산 시작(종합2보)", "SK하이닉스, HBM4 양산 시작"),
        (
            "Sponsored: How data centers can be good neighbors",
            "How data centers can be good neighbors",
        ),
        ("AI - a primer", "AI - a primer"),
        ("Coca-Cola wins", "Coca-Cola wins"),
        ("[속보]", "[속보]"),
    ],
)
def test_a_headline_is_bared_of_what_its_outlet_put_around_it(title, bare):
    assert titles.headline(title) == bare


def test_words_of_a_template_count_less_than_a_name():
    assert words.rarity("center") < words.rarity("morato") < words.rarity("harlan")


def test_what_both_languages_call_the_same_is_found_in_both():
    english = words.vector("Transformer order for a nuclear plant", "", shared=True)
    korean = words.vector("원전 변압기 수주", "", shared=True)
    other = words.vector("휴대전화 신제품 공개", "", shared=True)

    assert english @ korean > 0.4
    assert english @ korean > english @ other + 0.3


def test_packing_hardly_moves_a_vector():
    rows = np.random.default_rng(0).normal(size=(20, 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)

    back = fingerprint.unpacked([fingerprint.packed(row) or b"" for row in rows], 384)

    assert (back * rows).sum(axis=1) == pytest.approx(1.0, abs=0.001)
    assert fingerprint.unpacked([b""], 384).sum() == 0


def test_amounts_agree_to_two_digits():
    found = mark("x", amounts=[("MW", 1920.0), ("USD", 3.2e10)]).amounts

    assert found & mark("y", amounts=[("MW", 1900.0)]).amounts
    assert not found & mark("z", amounts=[("USD", 3.8e10), ("MW", 1700.0)]).amounts


def test_novelty_decays_as_it_does_at_ravenpack():
    assert [round(100 * novelty(n)) for n in range(10)] == [
        100,
        75,
        56,
        42,
        32,
        24,
        18,
        13,
        10,
        8,
    ]
