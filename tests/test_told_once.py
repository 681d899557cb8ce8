"""Whatever happens in whatever order: nothing is told twice, and nothing left out."""

import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from monitor.config import Config
from monitor.notify.readings import LATE
from monitor.stages.report import Report
from monitor.stages.tell import TellStage
from monitor.store.documents import Documents
from monitor.store.entries import Entries, Feeds
from monitor.store.outbox import Outbox
from monitor.store.rows import known
from monitor.store.store import Store
from monitor.types import (
    AlertRule,
    Channel,
    DigestSpec,
    Document,
    Entry,
    FeedState,
)
from tests.builders import analysis, company, document, entry, feed
from tests.smtp import Sink, running

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
READER = "reader@example.org"
COMPANIES = ("vertiv", "xai", "nvidia")
SPRING, AUTUMN = (
    datetime(2026, 3, 6, 12, 30, tzinfo=UTC),
    datetime(2026, 10, 30, 12, 30, tzinfo=UTC),
)
"""Two days before the clocks change in New York."""

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
"""A disk would be waited for at each of thousands of commits."""


class Died(Exception):  # noqa: N818 - it is not an error of ours
    """Stands for a process that is killed."""


class World:
    """A database, a mail server, a web service, and a clock that only tests move."""

    def __init__(
        self, folder: Path, server: HTTPServer, sink: Sink, zone: str, now: datetime
    ) -> None:
        self.now, self.path = now, folder / "monitor.db"
        self.sink, self.reply = sink, 200
        self.got: list[tuple[str, dict[str, Any]]] = []
        self.deaths, self.slow = 0, False
        self.unread: list[tuple[Document, str]] = []
        server.clear()
        server.expect_request("/hook").respond_with_handler(self._answer)
        self.config = Config(
            path=folder / "feeds.yaml",
            database=self.path,
            companies=tuple(map(company, COMPANIES)),
            alerts=(
                AlertRule(id="any", window=HOUR, min_mentions=1, cooldown=timedelta()),
            ),
            alert_recipients=(READER, "desk"),
            digests=(
                DigestSpec(
                    id="morning",
                    to=(READER, "desk"),
                    at=time(7),
                    timezone=ZoneInfo(zone),
                ),
            ),
            channels=(Channel(id="desk", kind="webhook", url=server.url_for("/hook")),),
            mail=sink.server,
        )
        self.store = Store(self.path)
        self.watch()

    def _answer(self, request: Request) -> Response:
        if self.reply == 200:
            name = request.headers["webhook-id"]
            self.got.append((name, json.loads(request.data)))
        return Response(status=self.reply)

    def watch(self) -> None:
        self.store.save_watched(
            feeds=[feed()], companies=self.config.companies, themes=()
        )

    def restart(self) -> None:
        self.store.close()
        self.store = Store(self.path)

    def publish(self, item: Entry, text: str, about: str, at: datetime) -> Document:
        """What fetching, reading and analysis leave in the database."""
        state = FeedState(feed_url=feed().url)
        Feeds(self.store).save_poll(state, entries=[item], outcome="ok", now=self.now)
        made = document(text, fetched_at=self.now, published_at=at)
        Entries(self.store).save_documents(item, [made])
        self.unread.append((made, about))
        if not self.slow:
            self.read()
        return made

    def read(self) -> None:
        found = [analysis(made, {about: -0.6}) for made, about in self.unread]
        Documents(self.store).save(found, now=self.now)
        self.unread.clear()

    def run(self, dies_in: str = "") -> None:
        outbox = Outbox(self.store)
        if dies_in:

            def die(*_args: object, **_values: object) -> None:
                raise Died

            setattr(outbox, dies_in, die)
        stage = TellStage(config=self.config, outbox=outbox)
        try:
            asyncio.run(stage.run(Report(), now=self.now))
        except Died:
            self.deaths += 1
            self.restart()

    def repair(self) -> None:
        """Let the servers take everything again."""
        self.reply = 200
        self.sink.data_replies.clear()

    def settle(self) -> None:
        """Everything works again, for long enough that all is told."""
        self.read()
        self.repair()
        for _ in range(11):
            self.now += 7 * HOUR
            self.run()

    def told(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        return [(name, it) for name, it in self.got if it["type"] == kind]

    def digests(self) -> dict[str, dict[str, Any]]:
        """By edition, each once."""
        return {
            it["data"]["edition"]: it["data"] for _, it in self.told("digest.ready")
        }


class Telling(RuleBasedStateMachine):
    """Runs, edits, copies, refusals, deaths, restarts and pauses in any order."""

    server: ClassVar[HTTPServer]
    sink: ClassVar[Sink]

    @initialize(
        zone=st.sampled_from(["Asia/Seoul", "America/New_York"]),
        start=st.sampled_from([SPRING, AUTUMN]),
    )
    def begin(self, zone: str, start: datetime) -> None:
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        self.sink.taken.clear()
        self.sink.seen.clear()
        self.world = World(Path(self.folder.name), self.server, self.sink, zone, start)
        self.published: dict[str, tuple[Entry, str, str]] = {}
        self.count: Counter[str] = Counter()
        self.unheard: dict[str, tuple[Document, str]] = {}
        self.due: list[tuple[str, datetime]] = []
        # What was in a feed when it was first read is no news; a first digest is.
        self.world.publish(entry("0"), "Old news.", "nvidia", start - 9 * DAY)
        for _ in range(3):
            self.world.run()
            self.last_run = self.last_good = self.world.now
            self.world.now += 13 * HOUR

    @rule(about=st.sampled_from(COMPANIES), late=st.floats(0, 1))
    def publish(self, about: str, late: float) -> None:
        """Something new; read late at most since the monitor last ran."""
        number = str(len(self.published) + 1)
        at = self.world.now - late * (self.world.now - self.last_run)
        text = f"Story {number} about {about}."
        item = entry(number, published_at=at)
        made = self.world.publish(item, text, about, at)
        self.published[number] = (item, text, about)
        self.unheard[number] = (made, about)
        self.count[about] += 1

    @precondition(lambda self: self.published)
    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        """Of one that others may carry as it was."""
        number = data.draw(st.sampled_from(sorted(self.published)))
        item, text, about = self.published[number]
        text, item = text + " Corrected.", replace(item, summary=text)
        self.world.publish(item, text, about, self.world.now)
        self.published[number] = (item, text, about)
        self.unheard.pop(number, None)

    @precondition(lambda self: self.published)
    @rule(data=st.data())
    def copy(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.published)))
        _, text, about = self.published[number]
        again = entry(f"copy of {number}", published_at=self.world.now)
        again = replace(again, summary=text)
        self.world.publish(again, text, about, self.world.now)

    @rule(slow=st.booleans())
    def analysis_is_slow(self, slow: bool) -> None:  # noqa: FBT001 - by name
        """Held up while it is slow, though never for longer than a day."""
        if not slow:
            self.world.read()
        self.world.slow = slow

    @rule(hours=st.integers(1, 12) | st.integers(24, 79))
    def pass_time(self, hours: int) -> None:
        # A digest makes up for a week at most: twice this, as a run shortly before
        # the hour of the next one leaves it to that.
        if self.world.now + hours * HOUR - self.last_run < 80 * HOUR:
            self.world.now += hours * HOUR
        if hours > 12:
            self.world.read()
            self.world.slow = False

    def hear(self) -> None:
        """Note whom the pass that comes now has to raise an alert about."""
        unread = {made.id for made, _ in self.world.unread}
        for number, (made, about) in list(self.unheard.items()):
            if made.id not in unread:
                del self.unheard[number]
                recent = made.published_at > self.world.now - HOUR - LATE
                if recent and self.world.now - made.fetched_at < HOUR:
                    self.due.append((about, self.world.now))

    @rule()
    def run_pass(self) -> None:
        self.hear()
        self.world.repair()
        self.world.run()
        self.last_run = self.last_good = self.world.now

    # What is refused for three days is given up, as written.
    @precondition(lambda self: self.world.now - self.last_good < 2 * DAY)
    @rule(
        web=st.sampled_from([200, 429, 500, 503]),
        mail=st.sampled_from(["450 later", "421 closing", "drop"]),
    )
    def run_refused(self, web: int, mail: str) -> None:
        self.world.reply = web
        self.sink.data_replies[:] = [mail]
        self.hear()
        self.world.run()
        self.last_run = self.world.now

    @rule(
        step=st.sampled_from(
            ["record_alert", "mark_told", "reserve", "claim", "mark_sent"]
        )
    )
    def die(self, step: str) -> None:
        self.world.repair()
        self.unheard.clear()  # before or after they were heard, who knows
        self.world.run(dies_in=step)
        self.last_run = self.world.now  # what is new was fetched before it died

    @rule()
    def restart(self) -> None:
        self.world.restart()

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.world.settle()
        try:
            self.check()
        finally:
            self.world.store.close()
            self.folder.cleanup()

    def check(self) -> None:
        world = self.world
        digests = world.digests()
        counted: Counter[str] = Counter()
        for data in digests.values():
            for it in data["companies"]:
                counted[it["company"]] += it["documents"]
        assert counted == self.count

        for kind in ("digest.ready", "alert.fired"):
            names = [name for name, _ in world.told(kind)]
            assert len(names) - len(set(names)) <= world.deaths
        told = {it["data"]["id"] for _, it in world.told("alert.fired")}
        recorded = world.store.rows("SELECT id, subject, fired_at FROM alerts")
        assert told == {row["id"] for row in recorded}
        raised = {(row["subject"], known(row["fired_at"])) for row in recorded}
        for about, at in self.due:
            # Two passes at one moment are a second apart.
            assert any(
                subject == about and at <= fired < at + MINUTE
                for subject, fired in raised
            )
        fresh = {it["data"]["subject"] for _, it in world.told("alert.fired")}
        assert fresh <= set(self.count)

        letters = [it["Message-ID"] for it in self.sink.messages()]
        assert len(letters) - len(set(letters)) <= world.deaths
        sent = [it for it in set(letters) if it.startswith("<digest.")]
        assert len(sent) == len(digests)
        unsent = world.store.rows("SELECT * FROM deliveries WHERE state != 'sent'")
        assert unsent == []


def test_in_any_order_each_item_is_told_once_on_each_channel(httpserver):
    with running(Sink()) as sink:
        Telling.server, Telling.sink = httpserver, sink
        run_state_machine_as_test(
            Telling,
            settings=settings(
                max_examples=30,
                stateful_step_count=25,
                # A failing run is read as it is: to shorten it takes minutes.
                phases=[Phase.reuse, Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )


# --- clocks


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running(Sink()) as sink:
        yield sink


def periods(world: World) -> list[tuple[str, str, str, int]]:
    rows = world.store.rows("SELECT * FROM digest_periods ORDER BY end")
    return [(it["edition"], it["start"], it["end"], it["missed"]) for it in rows]


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Seoul", "UTC"])
@pytest.mark.parametrize("start", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_each_day_is_sent_once_at_the_readers_seven(
    tmp_path, httpserver, sink, zone, start
):
    world = World(tmp_path, httpserver, sink, zone, start)
    published = []
    for hours in range(5 * 24 + 2):
        if hours % 6 == 0:
            text = f"Story {hours} about xai."
            world.publish(entry(str(hours)), text, "xai", world.now)
            published.append(world.now)
        world.run()
        world.now += HOUR
    local = [
        it["Date"].datetime.astimezone(ZoneInfo(zone))
        for it in sink.messages()
        if it["List-Id"].startswith("<morning.")
    ]
    made = periods(world)
    told = sum(
        it["documents"] for data in world.digests().values() for it in data["companies"]
    )
    last = datetime.fromisoformat(made[-1][2])

    assert len(local) == len(made) == 5
    assert {moment.hour for moment in local} == {7}
    assert [moment.date().isoformat() for moment in local] == [it[0] for it in made]
    assert [it[2] for it in made[:-1]] == [it[1] for it in made[1:]]
    assert told == len([moment for moment in published if moment <= last])
    world.store.close()


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Seoul"])
@pytest.mark.parametrize("start", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_three_days_of_downtime_are_one_digest_that_says_so(
    tmp_path, httpserver, sink, zone, start
):
    world = World(tmp_path, httpserver, sink, zone, start)
    world.publish(entry("0"), "Story 0 about xai.", "xai", start)
    for _ in range(25):
        world.run()
        world.now += HOUR
    world.now += 3 * DAY
    # Fetched at last, and published in the middle of it.
    world.publish(entry("1"), "Story 1 about xai.", "xai", world.now - 40 * HOUR)
    for _ in range(48):
        world.run()
        world.now += HOUR
    made = periods(world)
    told = [
        (it["data"]["edition"], it["data"]["missed"], len(it["data"]["companies"]))
        for _, it in world.told("digest.ready")
    ]

    assert [missed for _, missed, _ in told] == [0, 2, 0, 0]
    assert [count for _, _, count in told] == [1, 1, 0, 0]
    assert len({edition for edition, _, _ in told}) == len(told) == len(made)
    assert [it[2] for it in made[:-1]] == [it[1] for it in made[1:]]
    letters = [it for it in sink.messages() if it["List-Id"].startswith("<morning.")]
    assert len(letters) == len(told)
    assert "missed while the monitor was not" in letters[1].as_string()
    world.store.close()


def test_two_runs_at_the_same_moment_send_once(tmp_path, httpserver, sink):
    world = World(tmp_path, httpserver, sink, "UTC", SPRING)
    world.publish(entry("0"), "Story 0 about xai.", "xai", SPRING)
    world.now += DAY
    for _ in range(3):
        world.run()
        world.restart()

    assert len(world.told("digest.ready")) == 1
    assert len({it["Message-ID"] for it in sink.messages()}) == len(sink.taken)
    world.store.close()
