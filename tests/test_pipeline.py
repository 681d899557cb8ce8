"""The stages together: real HTTP, real processes, real model, real mail."""

import asyncio
import random
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.config import Config, default_path, load
from monitor.pipeline import Pipeline
from monitor.stages.report import Report
from monitor.store import queries
from monitor.store.hearings import watch_from
from monitor.store.store import Store
from monitor.types import AlertRule, DigestSpec, Feed
from tests.servers import FeedServer
from tests.smtp import Sink, running

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SHIPPED = load(default_path(), {})

ITEM = """<item><guid>{guid}</guid><title>{title}</title><link>{link}</link>
<description>{text}</description><pubDate>Mon, 02 Mar 2026 0{hour}:00:00 GMT</pubDate></item>"""


def rss(*items: str) -> bytes:
    body = "".join(items)
    return (
        f'<rss version="2.0"><channel><title>T</title>{body}</channel></rss>'.encode()
    )


def item(guid: str, title: str, text: str = "", link: str = "", hour: int = 8) -> str:
    return ITEM.format(guid=guid, title=title, text=text, link=link, hour=hour)


PLUNGE = [
    "Super Micro plunges after it cuts its forecast",
    "Super Micro shares sink as margins fall for a third quarter",
    "슈퍼마이크로, 회계 부정 의혹에 주가 급락",
]


@pytest.fixture
def config(tmp_path: Path, server: FeedServer) -> Config:
    feed = Feed(
        url=server.url("/feed.xml"), title="News", allow_private=True, full_text=False
    )
    rule = AlertRule(
        id="bad-news",
        window=timedelta(days=1),
        min_mentions=3,
        score_below=-0.2,
        cooldown=timedelta(days=1),
    )
    return replace(
        SHIPPED,
        database=tmp_path / "monitor.db",
        contact="tests@example.org",
        feeds=(feed,),
        alerts=(rule,),
        digests=(),
        entities=False,
    )


class World:
    """A database over which passes are run at chosen times."""

    def __init__(self, config: Config):
        self.config = config

    def run(self, at: datetime = NOW, config: Config | None = None) -> Report:
        async def once() -> Report:
            rng = random.Random(0)
            with Store(self.config.database) as store:
                async with Pipeline(
                    config or self.config, store, clock=lambda: at, rng=rng
                ) as pipeline:
                    return await pipeline.run()

        return asyncio.run(once())

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        with Store(self.config.database) as store:
            return [tuple(row) for row in store.rows(sql)]


@pytest.fixture
def world(config: Config) -> World:
    """One in which the feeds have been read before: what is in them now is news."""
    with Store(config.database) as store:
        store.save_watched(
            feeds=config.feeds, companies=config.companies, themes=config.themes
        )
        watch_from(store, config.feeds, at=NOW - timedelta(days=30))
    return World(config)


def test_a_feed_becomes_scored_mentions_and_an_alert_with_its_evidence(world, server):
    items = [item(str(n), title) for n, title in enumerate(PLUNGE)]
    server.serve("/feed.xml", rss(*items), headers={"ETag": '"1"'})
    report = world.run()

    assert (report.entries, report.documents, report.failed_feeds) == (3, 3, [])
    assert (report.mentions, report.unscored) == (3, 0)
    scores = world.ask("SELECT company, label, score < -0.2 FROM mentions")
    assert scores == [("supermicro", "negative", 1)] * 3
    (alert,) = report.alerts
    assert (alert.subject, alert.mentions) == ("supermicro", 3)
    assert {evidence.sentence for evidence in alert.evidence} == set(PLUNGE)


def test_what_a_feed_holds_when_it_is_first_read_is_history(config, server):
    world, later = World(config), NOW + timedelta(hours=2)
    items = [item(str(n), title) for n, title in enumerate(PLUNGE)]
    server.serve("/feed.xml", rss(*items), headers={"ETag": '"1"'})
    first = world.run()
    news = item("4", "Super Micro tumbles on a delayed filing", hour=9)
    server.serve("/feed.xml", rss(*items, news), headers={"ETag": '"2"'})
    second = world.run(later)

    assert (first.documents, first.alerts) == (3, [])
    ((told,),) = ([alert.mentions for alert in second.alerts],)
    assert told == 4


def test_a_second_run_adds_nothing_and_tells_nothing(world, server):
    items = [item(str(n), title) for n, title in enumerate(PLUNGE)]
    server.serve("/feed.xml", rss(*items), headers={"ETag": '"1"'})
    world.run()
    at_once = world.run(NOW + timedelta(seconds=5))
    later = world.run(NOW + timedelta(hours=2))

    assert at_once.polled == 0
    assert (later.polled, later.unchanged) == (1, 1)
    for report in (at_once, later):
        assert (report.entries, report.documents, report.alerts) == (0, 0, [])
    assert [request.path for request in server.requests] == ["/feed.xml"] * 2


def test_what_a_feed_says_of_two_companies_is_kept_apart(world, server):
    title = "Vertiv soars on record orders while Super Micro plunges on weak guidance"
    server.serve("/feed.xml", rss(item("1", title)))
    world.run()

    rows = world.ask("SELECT company, label FROM mentions ORDER BY company")
    assert rows == [("supermicro", "negative"), ("vertiv", "positive")]


def test_one_feed_that_is_down_does_not_hold_up_the_others(world, server, config):
    server.serve("/feed.xml", rss(item("1", PLUNGE[0])))
    server.serve("/page", b"<html><body>Sign in</body></html>")
    down = [
        replace(config.feeds[0], url=server.url(path), title=path)
        for path in ("/status/500", "/page", "/status/404")
    ]
    report = world.run(config=replace(config, feeds=(*down, *config.feeds)))

    assert report.documents == 1
    assert sorted(title for title, _ in report.failed_feeds) == [
        "/page",
        "/status/404",
        "/status/500",
    ]
    rows = world.ask("SELECT title, failures FROM feeds WHERE last_error IS NOT NULL")
    assert len(rows) == 3


ARTICLE = """<html><head><title>Page</title></head><body><nav>Home News Sport</nav>
<article><h1>Vertiv wins</h1><p>{text}</p></article><footer>Share to Facebook</footer>
</body></html>"""
LONG = (
    "Vertiv said on Monday that it won an order for liquid cooling units for an AI "
    "data center campus of 300 MW in Ohio, its largest so far. The company expects to "
    "deliver the first units in the autumn and raised its forecast for the year. "
    "Analysts had expected a smaller order, and the shares rose in early trading. "
) * 3


@pytest.fixture
def teaser(config: Config, server: FeedServer) -> Config:
    """A feed with a teaser whose page can be fetched."""
    link = server.url("/article")
    server.serve("/feed.xml", rss(item("1", "Vertiv wins", "Vertiv said …", link)))
    return replace(config, feeds=(replace(config.feeds[0], full_text=True),))


def test_a_teaser_is_read_in_full_from_its_page(world, server, teaser):
    server.serve("/article", ARTICLE.format(text=LONG).encode())
    world.run(config=teaser)

    ((text,),) = world.ask("SELECT text FROM documents")
    assert "largest so far" in text
    assert "Share to Facebook" not in text
    assert world.ask("SELECT DISTINCT company FROM mentions") == [("vertiv",)]


def test_a_page_that_is_down_is_tried_again_then_the_feed_has_to_do(
    world, server, teaser
):
    server.serve("/article", b"", status=503)
    reports = [world.run(NOW + timedelta(hours=hours), teaser) for hours in (0, 1, 3)]

    assert [report.postponed for report in reports] == [1, 1, 0]
    assert [report.documents for report in reports] == [0, 0, 1]
    ((text,),) = world.ask("SELECT text FROM documents")
    assert "Vertiv said" in text
    ((note,),) = world.ask("SELECT error FROM entries")
    assert "503" in note


def test_a_page_that_is_gone_is_not_waited_for(world, teaser):
    report = world.run(config=teaser)

    assert (report.documents, report.postponed) == (1, 0)


def test_an_edited_headline_replaces_the_old_one_and_alerts_nobody_again(world, server):
    items = [item(str(n), title) for n, title in enumerate(PLUNGE)]
    server.serve("/feed.xml", rss(*items), headers={"ETag": '"1"'})
    world.run()
    items[0] = item("0", PLUNGE[0] + ", again")
    server.serve("/feed.xml", rss(*items), headers={"ETag": '"2"'})
    report = world.run(NOW + timedelta(hours=25))

    assert (report.entries, report.documents, report.alerts) == (0, 1, [])
    with Store(world.config.database) as store:
        rows = queries.evidence_known(
            store.db.conn, since=NOW - timedelta(days=1), until=NOW
        )
    assert [row.sentence for row in rows if "again" in row.sentence]
    assert len(rows) == 3


def test_without_a_model_mentions_wait_unscored_and_are_scored_later(
    world, server, config, tmp_path
):
    items = [item(str(n), title) for n, title in enumerate(PLUNGE)]
    server.serve("/feed.xml", rss(*items))
    missing = replace(config, model=str(tmp_path / "no-model"))
    first = world.run(config=missing)

    assert (first.mentions, first.unscored, first.alerts) == (3, 3, [])
    assert "no sentiment" in first.warnings[0]
    assert world.ask("SELECT DISTINCT label, score FROM mentions") == [(None, None)]
    second = world.run(NOW + timedelta(minutes=1))
    assert (second.mentions, second.unscored) == (3, 0)
    assert len(second.alerts) == 1


def mailing(config: Config, sink: Sink) -> Config:
    digest = DigestSpec(
        id="morning",
        to=("reader@example.org",),
        at=time(19, 0),
        timezone=ZoneInfo("Asia/Seoul"),  # 10:00 UTC
        language="ko",
    )
    return replace(
        config,
        mail=sink.server,
        alert_recipients=("reader@example.org",),
        digests=(digest,),
    )


def test_alerts_and_digests_are_mailed_once(world, server, config):
    items = [item(str(n), title) for n, title in enumerate(PLUNGE)]
    server.serve("/feed.xml", rss(*items), headers={"ETag": '"1"'})
    with running(Sink()) as sink:
        mailed = mailing(config, sink)
        sent = [
            world.run(NOW + timedelta(minutes=minutes), mailed).sent
            for minutes in (0, 30, 61, 90)
        ]
        messages = sink.messages()

    assert sent == [1, 0, 1, 0]
    alert, digest = messages
    body = digest.get_body(("plain",))
    assert body is not None
    assert "슈퍼마이크로" in body.get_content()
    assert "Super Micro" in str(alert["Subject"])


def test_a_dead_mail_server_loses_nothing(world, server, config):
    items = [item(str(n), title) for n, title in enumerate(PLUNGE)]
    server.serve("/feed.xml", rss(*items))
    with running(Sink()) as sink:
        dead = mailing(config, sink)
    dead_report = world.run(NOW, dead)
    with running(Sink()) as sink:
        alive = mailing(config, sink)
        report = world.run(NOW + timedelta(minutes=10), alive)

    assert (dead_report.sent, len(dead_report.alerts)) == (0, 1)
    assert "refuses the connection" in dead_report.undelivered[0][1]
    assert (report.sent, len(report.alerts)) == (1, 0)


ATOM = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Latest Filings</title>{entries}</feed>"""
FILED = """<entry><title>8-K - {company} ({cik:010d}) (Filer)</title>
<link rel="alternate" type="text/html"
 href="{base}/Archives/edgar/data/{cik}/000000000026000001/0000000000-26-00000{n}-index.htm"/>
<summary type="html">&lt;b&gt;Filed:&lt;/b&gt; 2026-03-02 &lt;b&gt;AccNo:&lt;/b&gt;
 0000000000-26-00000{n} &lt;b&gt;Size:&lt;/b&gt; 200 KB</summary>
<updated>2026-03-02T03:00:00-05:00</updated>
<category scheme="https://www.sec.gov/" label="form type" term="8-K"/>
<id>urn:tag:sec.gov,2008:accession-number=0000000000-26-00000{n}</id></entry>"""
SUBMISSION = """<SEC-DOCUMENT>0000000000-26-000001.txt : 20260302
<SEC-HEADER>
ACCESSION NUMBER:		0000000000-26-000001
CONFORMED SUBMISSION TYPE:	8-K
ITEM INFORMATION:		Entry into a Material Definitive Agreement
FILER:
	COMPANY DATA:
		COMPANY CONFORMED NAME:			VERTIV HOLDINGS CO
		CENTRAL INDEX KEY:			0001674101
</SEC-HEADER>
<DOCUMENT>
<TYPE>8-K
<SEQUENCE>1
<FILENAME>form.htm
<TEXT>
<html><body><p>Item 1.01 Entry into a Material Definitive Agreement. Vertiv signed a
supply agreement.</p></body></html>
</TEXT>
</DOCUMENT>
<DOCUMENT>
<TYPE>EX-99.1
<SEQUENCE>2
<FILENAME>ex991.htm
<TEXT>
<html><body><p>Vertiv reports record orders for liquid cooling and raises its
forecast.</p></body></html>
</TEXT>
</DOCUMENT>
</SEC-DOCUMENT>"""


def test_a_filing_that_is_not_there_yet_is_waited_for(world, server, config):
    entry = FILED.format(company="Vertiv", cik=1674101, n=1, base=server.url(""))
    server.serve("/current", ATOM.format(entries=entry).encode("latin-1"))
    feed = replace(config.feeds[0], url=server.url("/current"), kind="edgar")
    filings = replace(config, feeds=(feed,))
    early = world.run(config=filings)
    name = "/Archives/edgar/data/1674101/0000000000-26-000001.txt"
    server.serve(name, SUBMISSION.encode())
    later = world.run(NOW + timedelta(hours=1), filings)

    assert (early.postponed, early.documents) == (1, 0)
    assert (later.postponed, later.documents) == (0, 2)


def test_a_filing_of_a_watched_company_is_read_and_others_are_only_listed(
    world, server, config
):
    base = server.url("")
    entries = [
        FILED.format(company="Vertiv Holdings Co", cik=1674101, n=1, base=base),
        FILED.format(company="Somebody Else Inc", cik=42, n=2, base=base),
    ]
    server.serve("/current", ATOM.format(entries="".join(entries)).encode("latin-1"))
    name = "/Archives/edgar/data/1674101/0000000000-26-000001.txt"
    server.serve(name, SUBMISSION.encode())
    feed = replace(
        config.feeds[0], url=server.url("/current"), kind="edgar", forms=("8-K",)
    )
    report = world.run(config=replace(config, feeds=(feed,)))

    assert (report.entries, report.skipped, report.documents) == (2, 1, 2)
    rows = world.ask("SELECT kind, form, exhibit FROM documents ORDER BY kind")
    assert rows == [("exhibit", "8-K", "99.1"), ("filing", "8-K", None)]
    assert [path for path in server.paths() if "/current" not in path] == [name]
    assert ("vertiv", "positive") in world.ask("SELECT company, label FROM mentions")
