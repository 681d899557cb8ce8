"""Stored history made by hand: documents at chosen times, and the passes over them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.analysis.analyzer import Analyzer
from monitor.config import Config
from monitor.stages.alerting import rehearse
from monitor.stages.report import Report
from monitor.stages.tell import TellStage
from monitor.store import queries
from monitor.store.documents import Documents
from monitor.store.entries import Entries, Feeds
from monitor.store.hearings import watch_from
from monitor.store.outbox import Outbox
from monitor.store.store import Store
from monitor.types import (
    Alert,
    AlertRule,
    Document,
    Entity,
    FeedState,
    Quantity,
)
from tests import builders

FEED = builders.feed()
COMPANIES = (
    builders.company(
        "vertiv",
        role="cooling",
        cik=1674101,
        ticker="VRT",
        aliases={"ko": ("버티브",)},
    ),
    builders.company("amd", role="chips"),
    builders.company("dell", role="servers"),
)
THEMES = tuple(builders.theme(name) for name in ("ppa", "nuclear", "gigafactory"))


class Newsroom:
    """A store in which documents appear, and over which passes are made."""

    def __init__(
        self,
        store: Store,
        rules: Sequence[AlertRule],
        *,
        began: datetime,
        **settings: Any,
    ) -> None:
        self.store = store
        self.config = Config(
            path=Path("feeds.yaml"),
            database=store.path,
            feeds=(FEED,),
            companies=COMPANIES,
            themes=THEMES,
            alerts=tuple(rules),
            **settings,
        )
        self.count = 0
        store.save_watched(feeds=[FEED], companies=COMPANIES, themes=THEMES)
        watch_from(store, [FEED], at=began - timedelta(seconds=1))
        self.publish(began, {"dell": 0.0})
        self.run(began)

    def add_feed(self, title: str, at: datetime) -> None:
        """From now on a source of this title is a feed, first read at a moment."""
        made = builders.feed(f"https://example.org/{title}", title=title)
        watched = (*self.config.feeds, made)
        self.config = replace(self.config, feeds=watched)
        self.store.save_watched(feeds=watched, companies=COMPANIES, themes=THEMES)
        watch_from(self.store, [made], at=at)

    def publish(
        self,
        at: datetime,
        scores: dict[str, float | None],
        themes: tuple[str, ...] = (),
        *,
        entry_id: str = "",
        text: str = "",
        names: tuple[str, ...] = (),
        megawatts: float | None = None,
        scored: bool = True,
        analysed: bool = True,
        **values: Any,
    ) -> Document:
        """Store a document that becomes known at a moment; same entry is an edit."""
        self.count += 1
        entry = builders.entry(entry_id or str(self.count), published_at=at)
        text = text or f"Report {self.count} of {' and '.join(scores) or 'nobody'}."
        if megawatts is not None:
            text = f"{text[:-1]} with {megawatts:g} MW."
        document = builders.document(
            text,
            **{
                "published_at": at,
                "fetched_at": at,
                "source": f"Source {self.count}",
                "id": f"doc-{self.count}",
                "url": f"https://example.org/{self.count}",
            }
            | values,
        )
        state = FeedState(feed_url=FEED.url)
        Feeds(self.store).save_poll(state, entries=[entry], outcome="ok", now=at)
        Entries(self.store).save_documents(entry, [document])
        if analysed:
            self.analyse(
                document, scores, themes, names, megawatts, scored=scored, at=at
            )
        return document

    def analyse(
        self,
        document: Document,
        scores: dict[str, float | None],
        themes: tuple[str, ...] = (),
        names: tuple[str, ...] = (),
        megawatts: float | None = None,
        *,
        scored: bool = True,
        at: datetime,
    ) -> None:
        """Store what was read in a document."""
        given = scores if scored else dict.fromkeys(scores)
        entities = tuple(
            Entity(label="ORG", start_char=0, end_char=1, text=name) for name in names
        )
        power = f"{megawatts:g} MW" if megawatts is not None else ""
        start = document.text.find(power)
        quantities = (
            Quantity(
                kind="power",
                value=megawatts or 0.0,
                unit="MW",
                normalised=megawatts or 0.0,
                normalised_unit="MW",
                qualifier="",
                start_char=start,
                end_char=start + len(power),
                text=power,
                company=next(iter(scores), None),
            ),
        )
        result = builders.analysis(
            document,
            given,
            themes,
            entities=entities,
            quantities=quantities if power else (),
            model="test 1" if scored else "",
        )
        Documents(self.store).save([result], now=at)

    def read(self, text: str, at: datetime) -> None:
        """Store a document as it is really read, but for its scores."""
        document = self.publish(at, {}, text=text)
        watched = Analyzer(self.config.companies, self.config.themes, entities=False)
        (found,) = watched.analyze([document])
        Documents(self.store).save([replace(found, model="test 1")], now=at)

    def run(self, at: datetime) -> list[Alert]:
        """One pass, which sends nothing: what it raises."""
        report = Report()
        outbox = Outbox(self.store)
        stage = TellStage(config=self.config, outbox=outbox, dry_run=True)
        asyncio.run(stage.run(report, now=at))
        return report.alerts

    def raised(self) -> list[Alert]:
        """All that passes raised, oldest first."""
        rows = self.store.rows("SELECT id FROM alerts ORDER BY rowid")
        by_id = {it.id: it for it in queries.alerts(self.store.db.conn)}
        return [by_id[row["id"]] for row in rows]

    def check(self, since: datetime) -> None:
        """Rehearsal says of all passes so far just what they did."""
        now_told, then_told = self.rehearsed(since), self.raised()

        assert [gist(it) for it in now_told] == [gist(it) for it in then_told]

    def rehearsed(self, since: datetime) -> list[Alert]:
        """What rehearsal says that the rules would have raised since then."""
        full, quick = (
            rehearse(
                self.config,
                self.store.db.conn,
                self.config.alerts,
                since=since,
                reasons=reasons,
            )[0]
            for reasons in (True, False)
        )
        gates = [(it.rule, it.subject, it.at, it.gate) for it in full]
        assert [(it.rule, it.subject, it.at, it.gate) for it in quick] == gates
        alerts = [it.alert for it in full if it.alert]
        assert [it.alert for it in quick if it.alert] == alerts
        return alerts


def gist(alert: Alert) -> tuple[Any, ...]:
    """All that is stored of an alert; of its evidence what people see."""
    seen = [(it.document_id, it.sentence, it.score, it.url) for it in alert.evidence]
    return (
        alert.id,
        alert.rule,
        alert.by,
        alert.subject,
        alert.topics,
        alert.fired_at,
        alert.window_start,
        alert.mentions,
        alert.sources,
        alert.score,
        alert.severity,
        alert.reason,
        alert.findings,
        seen,
    )
