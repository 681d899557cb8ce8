"""Feeds: every dialect, every charset, every attack; the same as feedparser."""

import contextlib
import io
import json
import time
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.sources import charset, entry, feed
from monitor.types import Entry, ParsedFeed
from monitor.worker import Worker

DATA = Path(__file__).parent / "data" / "feeds"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
URL = "https://feeds.example/news/feed.xml"


def parse(body: bytes | str, content_type: str | None = None) -> ParsedFeed:
    body = body.encode() if isinstance(body, str) else body
    return feed.parse(body, feed_url=URL, content_type=content_type, now=NOW)


def rss(items: str, head: str = "") -> str:
    return f'<rss version="2.0"><channel><title>t</title>{head}{items}</channel></rss>'


def titled(title: str) -> str:
    return rss(f"<item><title>{title}</title></item>")


# --- dialects -----------------------------------------------------------------------


def test_rss():
    parsed = parse((DATA / "full.rss").read_bytes())
    deal, future, bare = parsed.entries

    assert (parsed.title, parsed.language) == ("Invented Compute News", "en")
    assert parsed.ttl == timedelta(minutes=90)
    assert parsed.skip_hours == {0, 7}
    assert parsed.skip_days == {5, 6}
    assert deal.title == "Invented & Sons sign a 500 MW deal"
    assert deal.url == "https://feeds.example/2026/deal"
    assert deal.guid == "deal-1"
    assert deal.summary == "The first paragraph.\nThe second\nand third."
    assert deal.published_at == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    assert (future.published_at, future.summary) == (None, "a < b, and c > d")
    assert (bare.url, bare.guid, bare.published_at) == ("", "", None)
    assert len({one.id for one in parsed.entries}) == 3


def test_atom():
    parsed = parse((DATA / "full.atom").read_bytes())
    first, second, third = parsed.entries

    assert (parsed.title, parsed.language) == ("발명된 전력 소식", "ko")
    assert first.url == "https://atom.example/base/posts/1"
    assert first.summary == "본문 첫 문단.\n둘째 문단."
    assert first.published_at == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    assert first.updated_at == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    assert second.title == "Same id, other link: 1 < 2"
    assert (first.language, second.language) == ("ko", "en")
    assert third.updated_at is None
    assert second.guid == third.guid
    assert second.id != third.id


def test_json_feed():
    parsed = parse((DATA / "full.json").read_bytes())
    first, second, third = parsed.entries

    assert (parsed.title, parsed.language) == ("Invented <JSON> Feed", "ko")
    assert (first.guid, first.url) == ("17", "https://feeds.example/items/17")
    assert first.summary == "HTML & more\nsecond"
    assert first.published_at == datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    assert first.updated_at == datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
    assert first.language == "en"
    assert second.url == "https://elsewhere.example/b"
    assert (second.title, second.published_at) == ("", None)
    assert (third.guid, third.url, third.title) == ("", "", "")


def test_old_doctype_and_html_entities_are_harmless():
    parsed = parse((DATA / "rss091.rss").read_bytes())

    assert [one.title for one in parsed.entries] == ["Café au lait"]


def test_empty_feed_is_a_feed():
    assert parse(rss("")).entries == ()


@pytest.mark.parametrize(
    ("head", "ttl"),
    [
        ("", None),
        ("<ttl>0</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<ttl>60</ttl>", timedelta(hours=1)),
        ("<ttl>999999</ttl>", feed.MAX_TTL),
    ],
)
def test_ttl(head, ttl):
    assert parse(rss("", head)).ttl == ttl


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en-us", "en"),
        ("ko", "ko"),
        ("KO_kr", "ko"),
        ("kr", "ko"),
        ("kor", "ko"),
        ("English", None),
        ("", None),
        ("zh-Hans-CN", "zh"),
    ],
)
def test_language_is_a_two_letter_code(tag, language):
    assert parse(rss("", f"<language>{tag}</language>")).language == language


# --- character sets -----------------------------------------------------------------

KOREAN = (DATA / "korean-cp949.rss").read_bytes()
# Declared as EUC-KR, but its last word is in code page 949 only.
KOREAN_TITLE = "삼성전자, 데이터센터 전력 확보…똠방각하"


@pytest.mark.parametrize(
    "body",
    [
        KOREAN,
        KOREAN.replace(b"euc-kr", b"ks_c_5601-1987"),
        KOREAN.replace(b"euc-kr", b"utf-8"),
        KOREAN.replace(b"euc-kr", b"iso-8859-1"),
        KOREAN.replace(b' encoding="euc-kr"', b""),
        KOREAN.decode("cp949").encode(),
        b"\xef\xbb\xbf" + KOREAN.decode("cp949").encode(),
        KOREAN.decode("cp949").encode("utf-16"),
        KOREAN.decode("cp949").encode("utf-16-be"),
        KOREAN.decode("cp949").encode("utf-32-le"),
        b"\r\n \n" + KOREAN,
        b"\x00\x00" + KOREAN.replace(b"<item>", b"\x00<item>\x08"),
    ],
)
@pytest.mark.parametrize(
    "content_type", [None, "text/xml", "text/xml; charset=utf-8", "text/xml; charset=x"]
)
def test_korean_in_every_charset_and_under_any_label(body, content_type):
    found = parse(body, content_type).entries[0]

    assert found.title == KOREAN_TITLE
    assert found.summary == "지어낸 기사입니다."


def test_korean_local_time_is_korean():
    found = parse(KOREAN).entries[0]

    assert found.published_at == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def test_charset_of_the_header_when_the_document_says_nothing():
    found = parse(titled("Привет").encode("cp1251"), "text/xml; charset=windows-1251")

    assert found.entries[0].title == "Привет"


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (titled("Zo\xeb Caf\xe9").encode("latin-1"), "Zoë Café"),
        (
            titled("좋은 소식입니다 X 끝").encode().replace(b"X", b"\xff"),
            "좋은 소식입니다 \ufffd 끝",
        ),
        (
            titled("삼성전자 좋은 소식입니다 X 끝")
            .encode("cp949")
            .replace(b"X", b"\xff"),
            "삼성전자 좋은 소식입니다 \ufffd 끝",
        ),
    ],
)
def test_broken_bytes_cost_only_themselves(body, title):
    assert parse(body).entries[0].title == title


@given(st.binary(max_size=300), st.sampled_from([None, "a/b; charset=euc-kr"]))
def test_any_bytes_decode(body, content_type):
    charset.decode(body, content_type=content_type).encode()


# --- what is refused ----------------------------------------------------------------

BOMB = '<!DOCTYPE r [<!ENTITY a "xxxx"><!ENTITY b "&a;&a;">]>' + titled("&b;")


@pytest.mark.parametrize(
    "document",
    [
        BOMB,
        "<!-- <rss> -->" + BOMB,
        BOMB.replace("<!ENTITY", "<!-- <rss --><!ENTITY", 1),
        BOMB.replace("<!ENTITY", "<?pi <rss ?><!ENTITY", 1),
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + titled("&x;"),
        '<!DOCTYPE r [<!ENTITY % x PUBLIC "p" "http://x.example/">%x;]>' + titled("a"),
        '<!DOCTYPE r [\n<!ENTITY harmless "x">\n]>' + titled("a"),
        "<!DOCTYPE r [" + " " * 1000 + '<!ENTITY a "x">]>' + titled("a"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_declared_entities_are_refused(document, encoding):
    with pytest.raises(ParseError, match="declares entities") as caught:
        parse(('<?xml version="1.0"?>' + document).encode(encoding))

    assert caught.value.url == URL


def test_an_article_about_entities_is_no_attack():
    text = "How <!ENTITY a 'x'> and <!DOCTYPE r [ work"
    parsed = parse(titled(f"<![CDATA[{text}]]>"))

    assert len(parsed.entries) == 1


def test_body_that_names_a_file_is_not_opened():
    with pytest.raises(ParseError, match="not a feed"):
        parse(str(DATA / "full.rss"))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "the document is empty"),
        (" \n\ufeff\0", "the document is empty"),
        (
            "<!doctype html><title>Just a  moment...</title><p>x",
            'an HTML page titled "Just a moment..."',
        ),
        ("\n<!-- x --><HTML><body>", "not a feed, but an HTML page"),
        ("<Error><Code>AccessDenied</Code></Error>", "first element is <Error>"),
        ("Service unavailable", 'text that starts "Service unavailable"'),
        (b"\x1f\x8b\x08" + bytes(range(256)), "binary data"),
        ('{"error": "no"}', "JSON, but not a JSON Feed"),
        ("[1]", "JSON, but not a JSON Feed"),
        ('{"items": [', "broken JSON"),
        ("[" * 100_000, "broken JSON"),
        ('{"items": [' + "9" * 5000 + "]}", "broken JSON"),
    ],
)
def test_what_is_no_feed_says_what_it_is(body, reason):
    with pytest.raises(ParseError, match=r"^https://feeds\.example") as caught:
        parse(body)

    assert reason in str(caught.value)
    assert len(str(caught.value)) < 300


# --- texts --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("  two\n lines ", "two lines"),
        ("AT&amp;amp;T &amp;#8212; R&amp;D", "AT&T — R&D"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Deal", "Deal"),
        ("if a &lt; b and c &gt; d", "if a < b and c > d"),
        ("{{7*7}} =cmd|x", "{{7*7}} =cmd|x"),
        ("a\u202egnp.exe\u2066b\u200b\u00ad", "agnp.exeb"),
        ("a&#x0D;&#x0A;Bcc: x", "a Bcc: x"),
        ("\u1109\u1161\u11b7\u1109\u1165\u11bc", "삼성"),
    ],
)
def test_titles_are_plain_text(raw, title):
    assert parse(titled(raw)).entries[0].title == title


def test_lengths_are_capped():
    item = f"<item><title>{'t' * 3_000}</title><description>{'d' * 300_000}"
    found = parse(rss(item + "</description></item>")).entries[0]

    assert len(found.title) == entry.MAX_TITLE
    assert len(found.summary) == entry.MAX_SUMMARY
    assert found.title.endswith("t…")


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("http://", ""),
        ("http://[broken", ""),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("?id=1", "https://feeds.example/news/feed.xml?id=1"),
        ("https://한국.example/뉴스?a=1&amp;b=2", "https://한국.example/뉴스?a=1&b=2"),
    ],
)
def test_links_are_http_and_absolute(link, url):
    parsed = parse(rss(f"<item><title>x</title><link>{link}</link></item>"))

    assert parsed.entries[0].url == url


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "Mon, 01 Jan 0001 00:00:00 GMT",
        "Mon, 01 Jan 1900 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 -1200",
        "Thu, 26 Nov 2026 00:00:00 GMT",
        "99999999999999",
    ],
)
def test_dates_that_cannot_be_are_none(date):
    parsed = parse(rss(f"<item><title>x</title><pubDate>{date}</pubDate></item>"))

    assert parsed.entries[0].published_at is None


def test_newest_entries_are_kept_in_order():
    days = range(entry.MAX_ENTRIES + 10)
    items = "".join(
        f"<item><title>{day}</title><guid>{day}</guid><pubDate>"
        f"{(NOW - timedelta(minutes=day)).isoformat()}</pubDate></item>"
        for day in reversed(days)
    )
    parsed = parse(rss(items))

    assert len(parsed.entries) == entry.MAX_ENTRIES
    assert parsed.entries[0].title == str(entry.MAX_ENTRIES - 1)
    assert parsed.entries[-1].title == "0"


# --- ids ----------------------------------------------------------------------------

NAMES = st.text("ab1", max_size=3)


@st.composite
def entries(draw) -> list[Entry]:
    fields = ("guid", "url", "title", "summary")
    rows = draw(st.lists(st.tuples(*[NAMES] * 4), max_size=8))
    return [
        Entry(id="", feed_url=URL, **dict(zip(fields, row, strict=True)))
        for row in rows
    ]


@given(entries(), st.randoms())
@settings(max_examples=200)
def test_ids_tell_entries_apart_whatever_their_order(items, random):
    shuffled = random.sample(items, len(items))
    by_id = {
        one.id: (one.guid, one.url, one.title, one.summary)
        for one in entry.identified(items, feed_url=URL)
    }

    assert set(by_id) == {one.id for one in entry.identified(shuffled, feed_url=URL)}
    assert len(by_id) == len({(e.guid, e.url, e.title, e.summary) for e in items})


@given(st.text(min_size=1), st.text(), st.text(), st.text())
def test_id_is_that_of_the_guid_while_the_rest_changes(guid, url, title, other):
    first, second = (
        entry.identified(
            [Entry(id="", feed_url=URL, guid=guid, url=url, title=text, summary=text)],
            feed_url=URL,
        )[0]
        for text in (title, other)
    )

    assert first.id == second.id
    assert entry.identified([first], feed_url="other")[0].id != first.id


def test_items_without_guid_and_link_in_common_are_told_apart_by_title():
    item = "<item><title>{}</title><link>https://x.example/news</link></item>"
    parsed = parse(rss(item.format("one") + item.format("two")))

    assert len({one.id for one in parsed.entries}) == 2


# --- attacks on time ----------------------------------------------------------------


@pytest.mark.parametrize(
    "document",
    [
        rss("<item><title>x</title></item>" + "<a>" * 30_000),
        titled("x" * 10_000_000),
        titled("&amp;" * 100_000),
        rss("<item><description>" + "&lt;div&gt;" * 100_000 + "</description></item>"),
        rss("<item><description>" + "&lt;!--" * 100_000 + "</description></item>"),
        "<!--" * 100_000,
        "<!DOCTYPE " + "[" * 100_000,
        rss("", "<skipHours>" * 10_000),
        "\0" * 1_000_000 + titled("x"),
    ],
    ids=range(9),
)
def test_hostile_documents_take_little_time(document):
    start = time.process_time()
    with contextlib.suppress(ParseError):
        parse(document)

    assert time.process_time() - start < 5


# --- the corpus ---------------------------------------------------------------------


def feed_files(folder: Path) -> list[Path]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in files if path.name != "MANIFEST.tsv"]


def reference(body: bytes) -> list[tuple[str, str]] | None:
    """Titles and links as feedparser has them, None where it sees no feed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        headers = {"content-location": URL, "content-type": "application/xml"}
        found = feedparser.parse(io.BytesIO(body), response_headers=headers)
    if not found.get("version") and not found.entries:
        return None
    pairs = ((dict.get(e, "title", ""), dict.get(e, "link")) for e in found.entries)
    return [
        (entry.title(t), entry.link(link, URL) if link else "") for t, link in pairs
    ]


def json_items(body: bytes) -> int | None:
    try:
        return len(json.loads(body.decode("utf-8-sig"))["items"])
    except (ValueError, KeyError, TypeError):
        return None


@pytest.mark.corpus
@pytest.mark.slow
def test_real_feeds_are_read_as_feedparser_reads_them(shared):
    root = shared / "corpus" / "feeds"
    wrong = []
    seen = {"feed": 0, "json": 0, "none": 0}
    for path in feed_files(root):
        name, body = str(path.relative_to(root)), path.read_bytes()
        expected = reference(body)
        count = json_items(body)
        try:
            found = [(one.title, one.url) for one in parse(body).entries]
        except ParseError:
            seen["none"] += 1
            wrong += [name] if expected is not None or count is not None else []
            continue
        if count is not None:
            seen["json"] += 1
            wrong += [name] if len(found) != count else []
        else:
            seen["feed"] += 1
            wrong += [name] if found != expected else []

    assert wrong == []
    assert seen["feed"] > 300
    assert seen["json"] > 5
    assert seen["none"] > 5


def parser():
    """What the worker of the next test runs."""
    return parse_in_worker


def parse_in_worker(body: bytes) -> int:
    return len(parse(body).entries)


@pytest.mark.corpus
def test_hostile_feeds_are_read_or_refused_in_time(shared):
    files = feed_files(shared / "corpus" / "feeds-hostile")
    with Worker(parser, memory_mb=512, max_tasks=10_000) as worker:
        counts = []
        for path in files:
            try:
                counts.append(worker.call(path.read_bytes(), timeout_s=5))
            except ParseError:
                counts.append(-1)

    assert len(counts) == len(files) > 2_500
    # 145 of 2,773 hold no feed or declare entities.
    assert counts.count(-1) < 160
