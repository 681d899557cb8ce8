import calendar
import re
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path

import feedparser
import pytest

from monitor import config, demo
from monitor.demo import SAMPLES, SampleServer
from monitor.errors import ConfigError
from monitor.sources import edgar, filing
from monitor.types import Entry

NOW = datetime(2026, 11, 24, 13, 30, tzinfo=UTC)
FEEDS = (
    "english-news.xml",
    "korean-news.xml",
    "korean-datacenter.xml",
    "energy.atom",
    "press.xml",
    "aggregator.xml",
    "edgar-current.atom",
)
NEWS = FEEDS[:-1]
ACCESSION_NO = "0009999000-26-000001"
SUBMISSION = f"Archives/edgar/data/1868275/000999900026000001/{ACCESSION_NO}.txt"
MARKED = re.compile(r"invented|가상 (기사|보도자료)", re.IGNORECASE)
HANGUL = re.compile("[가-힣]")


@pytest.fixture(scope="module")
def server():
    with SampleServer(now=NOW) as running:
        yield running


def get(server: SampleServer, path: str, **headers: str) -> tuple[int, Message, bytes]:
    address = f"{server.base_url}/{path}"
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - our own
    try:
        with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def entries(server: SampleServer, name: str) -> list[feedparser.FeedParserDict]:
    _, headers, body = get(server, name)
    parsed = feedparser.parse(
        body, response_headers={"content-type": headers["Content-Type"]}
    )
    assert not parsed.bozo, (name, parsed.get("bozo_exception"))
    return list(parsed.entries)


def text_of(entry: feedparser.FeedParserDict) -> str:
    contents = [content.value for content in entry.get("content", ())]
    return str(max(contents, default=entry.summary))


def dated(entry: feedparser.FeedParserDict) -> datetime:
    key = "published_parsed" if "published_parsed" in entry else "updated_parsed"
    return datetime.fromtimestamp(calendar.timegm(entry[key]), UTC)


@pytest.fixture(scope="module")
def items(server):
    """Every item of every feed, with the feed's name."""
    return [(name, entry) for name in FEEDS for entry in entries(server, name)]


# --- what is in them ------------------------------------------------------------------


def test_there_are_some_forty_items_half_of_them_korean(items):
    korean = [entry for _, entry in items if HANGUL.search(entry.title)]

    assert 40 <= len(items) <= 60
    assert 0.4 <= len(korean) / len(items) <= 0.6


@pytest.mark.parametrize("name", NEWS)
def test_every_title_says_that_it_is_invented(server, name):
    titles = [entry.title for entry in entries(server, name)]

    assert titles
    assert [title for title in titles if not MARKED.search(title)] == []


@pytest.mark.parametrize(
    "path", [*sorted(SAMPLES.rglob("*.htm*")), SAMPLES / f"{ACCESSION_NO}.txt"]
)
def test_every_page_says_that_it_is_invented(path):
    charset = "cp949" if b"euc-kr" in path.read_bytes() else "utf-8"

    assert "invented sample" in path.read_bytes().decode(charset).lower()


def test_items_link_to_nothing_but_the_server(server, items):
    elsewhere = [
        entry.link for _, entry in items if not entry.link.startswith(server.base_url)
    ]

    assert elsewhere == []


def test_most_items_are_of_the_last_day_and_all_of_the_last_week(items):
    ages = [NOW - dated(entry) for _, entry in items]

    assert sum(age < timedelta(days=1) for age in ages) > len(ages) / 2
    assert len({age.days for age in ages}) == 6
    assert timedelta(0) < min(ages)
    assert max(ages) < timedelta(days=6)


def test_every_teaser_has_its_page(server):
    teasers = [
        entry.link.removeprefix(f"{server.base_url}/")
        for name in ("english-news.xml", "korean-news.xml")
        for entry in entries(server, name)
        if len(text_of(entry)) < 200
    ]

    assert len(teasers) == 8
    assert {get(server, path)[0] for path in teasers} == {200}


def test_korean_news_is_in_euc_kr(server):
    _, headers, body = get(server, "korean-news.xml")

    assert "charset" not in headers["Content-Type"]
    assert "버티브는 오르고 슈퍼마이크로는 급락" in body.decode("euc-kr")
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")


def test_a_page_that_says_euc_kr_goes_beyond_it():
    body = (SAMPLES / "articles/ko-vertiv.html").read_bytes()

    assert "한설믜 기자" in body.decode("cp949")
    with pytest.raises(UnicodeDecodeError):
        body.decode("euc-kr")


@pytest.mark.parametrize(
    "sentence",
    ["Vertiv climbs while Super Micro sinks", "버티브는 오르고 슈퍼마이크로는 급락"],
)
def test_a_sentence_has_good_and_bad_news_in_both_languages(items, sentence):
    assert [entry for _, entry in items if sentence in entry.title]


def test_one_text_comes_from_two_feeds(items):
    copies = [
        (name, entry)
        for name, entry in items
        if entry.title.startswith("Super Micro cuts")
    ]

    assert [name for name, _ in copies] == ["english-news.xml", "aggregator.xml"]
    assert len({text_of(entry) for _, entry in copies}) == 1


def test_one_item_comes_again_with_tracking_parameters(items):
    copies = [entry for _, entry in items if entry.title.startswith("Eaton expands")]

    assert len(copies) == 2
    assert len({entry.link for entry in copies}) == 2
    assert len({entry.link.partition("?")[0] for entry in copies}) == 1


@pytest.mark.parametrize("danger", ["=cmd|", "&lt;script&gt;", "{{7*7}}", "&#13;&#10;"])
def test_a_title_is_hostile(server, danger):
    body = get(server, "aggregator.xml")[2].decode()

    assert danger in next(re.finditer("<title>=.*</title>", body))[0]


def test_nothing_is_left_to_fill_in(server):
    bodies = [page.body for page in server.listener.pages.values()]

    assert [body for body in bodies if b"{{" in body.replace(b"{{7*7}}", b"")] == []


# --- the filing -----------------------------------------------------------------------


def filings(server: SampleServer) -> list[Entry]:
    feed_url = f"{server.base_url}/edgar-current.atom"
    body = get(server, "edgar-current.atom")[2]
    return list(edgar.parse_current(body, feed_url=feed_url).entries)


def test_each_filing_is_listed_under_two_roles(server):
    found = [entry.filing for entry in filings(server)]

    assert [
        (one.form, one.accession_no, one.cik, one.role) for one in found if one
    ] == [
        ("8-K", ACCESSION_NO, 1868275, "Filer"),
        ("8-K", ACCESSION_NO, 1168165, "Filer"),
        ("4", "0009999000-26-000002", 9999001, "Reporting"),
        ("4", "0009999000-26-000002", 1674101, "Issuer"),
    ]


def test_the_submission_is_where_its_entry_says(server):
    entry = filings(server)[0]

    url = edgar.submission_url(entry)

    assert url.startswith(f"{server.base_url}/Archives/edgar/data/1868275/")
    assert get(server, url.removeprefix(f"{server.base_url}/"))[0] == 200


def test_the_submission_holds_the_filing_and_its_exhibit(server):
    documents = filing.parse_submission(
        get(server, SUBMISSION)[2],
        entry=filings(server)[0],
        fetched_at=NOW,
        source="EDGAR",
        tier=1,
    )

    exhibit = next(one for one in documents if one.kind == "exhibit")
    assert exhibit.exhibit == "99.1"
    assert "up to 620 MW of carbon-free electricity" in exhibit.text
    items = {item for one in documents for item in one.items}
    assert {"1.01", "9.01"} <= items
    assert "entered into a power purchase agreement" in "".join(
        one.text for one in documents if one.kind == "filing"
    )


# --- the server -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("english-news.xml", "application/rss+xml"),
        ("energy.atom", "application/atom+xml"),
        ("articles/marrow-creek.html", "text/html"),
        ("pile/eaton?utm_source=x", "text/html"),
        (SUBMISSION, "text/plain"),
    ],
)
def test_content_type(server, path, content_type):
    _, headers, body = get(server, path)

    assert headers["Content-Type"] == content_type
    assert headers["Content-Length"] == str(len(body))


@pytest.mark.parametrize("weak", ["", "W/"])
def test_what_is_known_is_not_sent_again(server, weak):
    status, headers, body = get(server, "press.xml")
    known = {"If-None-Match": f'"other", {weak}{headers["ETag"]}'}

    assert status == 200
    assert body
    status, again, body = get(server, "press.xml", **known)
    assert (status, body, again["ETag"]) == (304, b"", headers["ETag"])


def test_what_is_known_of_another_day_is_sent_again(server):
    stale = get(server, "press.xml")[1]["ETag"]

    with SampleServer(now=NOW + timedelta(days=1)) as tomorrow:
        status, headers, _ = get(tomorrow, "press.xml", **{"If-None-Match": stale})

    assert status == 200
    assert headers["ETag"] != stale


@pytest.mark.parametrize(
    "path", ["closed.xml", "pile/eaton", "feeds.yaml", "../demo.py", ""]
)
def test_nothing_else_is_there(server, path):
    status, _, body = get(server, path)

    assert status == 404
    assert b"Invented sample" in body


def test_the_server_ends_with_its_block():
    with SampleServer(now=NOW) as running:
        port = running.listener.server_port

    with SampleServer(now=NOW, port=port) as again:
        assert again.base_url == running.base_url
        assert get(again, "press.xml")[0] == 200
    with pytest.raises(urllib.error.URLError):
        get(again, "press.xml")


def test_an_unknown_way_of_writing_times_is_refused():
    with pytest.raises(KeyError, match="martian"):
        demo.fill(b"{{hours_ago:1|martian}}", base_url="", now=NOW)


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("{{base}}/a", "http://x/a"),
        ("{{hours_ago:1|rfc822}}", "Tue, 24 Nov 2026 12:30:00 +0000"),
        ("{{hours_ago:0|kst}}", "Tue, 24 Nov 2026 22:30:00 +0900"),
        ("{{hours_ago:14|iso}}", "2026-11-23T23:30:00+00:00"),
        ("{{hours_ago:14|date}}", "2026-11-23"),
        ("{{hours_ago:14|long}}", "November 23, 2026"),
        ("{{hours_ago:14|compact}}", "20261123"),
        ("{{hours_ago:14|stamp}}", "20261123233000"),
        ("{{7*7}}", "{{7*7}}"),
    ],
)
def test_fill(template, filled):
    assert filled == demo.fill(template.encode(), base_url="http://x", now=NOW).decode()


# --- the configuration ----------------------------------------------------------------


def test_config_reads_the_samples_and_keeps_what_ships(server, tmp_path: Path):
    shipped = config.load(config.default_path(), {})

    path = demo.write_config(tmp_path / "demo", server.base_url)

    found = config.load(path, {})
    served = {f"{server.base_url}/{name}" for name in FEEDS}
    assert {feed.url for feed in found.feeds} - served == {
        f"{server.base_url}/closed.xml"
    }
    assert served < {feed.url for feed in found.feeds}
    assert all(feed.allow_private for feed in found.feeds)
    assert (found.companies, found.themes, found.alerts) == (
        shipped.companies,
        shipped.themes,
        shipped.alerts,
    )
    assert [digest.language for digest in found.digests] == ["en", "ko"]
    assert found.contact == "demo@example.org"
    assert found.database == tmp_path / "demo" / "monitor.db"


def test_config_sends_nothing_and_raises_no_doubt(server, tmp_path: Path):
    found = config.load(demo.write_config(tmp_path, server.base_url), {})

    assert found.mail is None
    assert found.alert_recipients == ()
    assert not any(digest.to for digest in found.digests)
    assert found.warnings == ()


def test_config_into_a_file_is_refused(tmp_path: Path):
    (tmp_path / "demo").write_text("in the way")

    with pytest.raises(OSError, match="exists"):
        demo.write_config(tmp_path / "demo", "http://127.0.0.1:1")


def test_configuration_replaces_whole_sections_with_their_comments():
    shipped = (
        "# All about feeds.yaml\n\n# Who reads\ncontact: a@b.kr\n\n# Feeds\nfeeds:\n"
        "# first\n- url: x\n  # inner\n\n- url: y\n\n# Firms\ncompanies:\n  # one\n"
        "  - id: z\n\n# Mail\nmail:\n  host: h\n# the end\n"
    )

    text = demo.configuration(shipped, "contact: demo@example.org\nfeeds: []\n")

    assert text == (
        "contact: demo@example.org\nfeeds: []\n\n# Firms\ncompanies:\n  # one\n"
        "  - id: z\n"
    )


def test_a_typo_in_what_ships_is_not_hidden(tmp_path: Path):
    path = tmp_path / "feeds.yaml"
    own = (SAMPLES / "feeds.yaml").read_text("utf-8").replace("{{base}}", "http://x.kr")
    path.write_text(demo.configuration("compannies: []\n", own), "utf-8")

    with pytest.raises(ConfigError, match="compannies"):
        config.load(path, {})
