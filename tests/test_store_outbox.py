"""The outbox in the database: the contract, and alerts recorded with their messages."""

import asyncio
from datetime import timedelta
from itertools import count
from threading import Event

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from monitor.config import Config
from monitor.stages.dispatch import Dispatch
from monitor.stages.report import Report
from monitor.store import queries
from monitor.store.outbox import Outbox
from monitor.store.store import Store
from monitor.types import Alert, Channel, Evidence
from tests.builders import NOW
from tests.test_outbox import outbox_contract


def test_the_store_keeps_the_contract(tmp_path):
    stores: list[Store] = []
    numbers = count()

    def make() -> Outbox:
        stores.append(Store(tmp_path / f"{next(numbers)}.db"))
        return Outbox(stores[-1])

    outbox_contract(make)
    for store in stores:
        store.close()


def alert() -> Alert:
    evidence = Evidence(
        mention_id=0,
        document_id="d",
        company="xai",
        sentence="xAI turbines are opposed.",
        score=-0.8,
        label="negative",
        title="Turbines",
        url="https://example.org/1",
        source="Example News",
        language="en",
        published_at=NOW,
        fetched_at=NOW,
    )
    return Alert(
        id="a1",
        rule="burst",
        subject="xai",
        by="company",
        fired_at=NOW,
        window_start=NOW - timedelta(days=1),
        mentions=4,
        sources=2,
        score=-0.7,
        reason="4 mentions of xai",
        evidence=(evidence,),
    )


def test_an_alert_is_recorded_once_and_comes_back_as_it_was_told(tmp_path):
    with Store(tmp_path / "monitor.db") as store:
        outbox = Outbox(store)
        recorded = [outbox.record_alert(alert()) for _ in range(2)]

        assert recorded == [True, False]
        assert queries.alerts(store.db.conn) == [alert()]


def test_an_alert_whose_message_cannot_be_reserved_is_not_recorded(tmp_path):
    with Store(tmp_path / "monitor.db") as store:

        def record_and_die() -> None:
            with store.transaction():
                Outbox(store).record_alert(alert())
                raise RuntimeError("the process died here")

        with pytest.raises(RuntimeError, match="died"):
            record_and_die()
        assert queries.alerts(store.db.conn) == []


def test_a_pass_that_is_dropped_sends_one_letter_to_its_end_and_no_other(
    tmp_path, httpserver: HTTPServer
):
    begun, got = Event(), list[str]()

    def answer(request: Request) -> Response:
        begun.set()
        got.append(request.headers["webhook-id"])
        return Response()

    httpserver.expect_request("/hook").respond_with_handler(answer)
    desk = Channel(id="desk", kind="webhook", url=httpserver.url_for("/hook"))
    with Store(tmp_path / "monitor.db") as store:
        config = Config(
            path=tmp_path / "feeds.yaml", database=store.path, channels=(desk,)
        )
        dispatch = Dispatch(config=config, outbox=Outbox(store))
        for number in range(50):
            dispatch.outbox.reserve(
                recipient="desk",
                channel="webhook",
                subject_kind="alert",
                edition=str(number),
                message_id=f"<{number}@example.org>",
                body=b'{"data": {"title": "x"}}',
                now=NOW,
            )

        async def dropped() -> None:
            task = asyncio.create_task(dispatch.deliver(Report(), now=NOW))
            await asyncio.to_thread(begun.wait)
            task.cancel()
            await asyncio.wait({task})

        asyncio.run(dropped())
        states = store.rows("SELECT state, attempts FROM deliveries ORDER BY id")
        sent = sum(row["state"] == "sent" for row in states)
        early = len(got)
        asyncio.run(dispatch.deliver(Report(), now=NOW))

    assert sent == early < 50
    assert {tuple(row) for row in states[sent:]} == {("pending", 0)}
    assert len(got) == len(set(got)) == 50
