"""Chats, webhooks and the Atom feed: real requests to a real server, a real file."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import feedparser
import pytest
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook as Receiver
from standardwebhooks import WebhookVerificationError
from werkzeug import Request, Response

from monitor.errors import ChannelError, DeliveryError
from monitor.notify import atom, outbox, push, render, webhook
from monitor.notify.letter import Letter
from monitor.notify.view import names
from monitor.types import Channel, Delivery
from tests.evidence import COMPANIES, NOW, RULE, THEMES, alert, evidence, sample
from tests.test_outbox import MemoryOutbox

# apprise's own import, of what Python 3.13 no longer has
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is:DeprecationWarning")

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SEOUL = ZoneInfo("Asia/Seoul")


def channel(kind: Literal["apprise", "webhook", "atom"], **values: Any) -> Channel:
    return Channel(id="phone", kind=kind, timezone=SEOUL, timeout_s=2.0, **values)


def rendering(language: Literal["en", "ko"] = "en") -> render.Rendering:
    known = names(COMPANIES, THEMES, language)
    return render.alert(alert(), RULE, known, language=language, timezone=SEOUL)


def delivery(letter: Letter, channel: Channel) -> Delivery:
    return Delivery(
        id=1,
        recipient=letter.recipient,
        channel=channel.kind,
        subject_kind="alert",
        edition="a1",
        message_id=letter.message_id,
        body=letter.body,
        attempts=1,
        next_attempt_at=NOW,
        reserved_at=NOW,
    )


# --- webhook


def hook(server: HTTPServer, **values: Any) -> Channel:
    return channel("webhook", url=server.url_for("/hook"), **values)


def post(target: Channel, about=None, clock=None) -> Letter:
    about = about or alert()
    letter = webhook.compose(
        rendering(), about, kind="alert", edition="a1", channel=target, now=NOW
    )
    webhook.Webhook(target, clock=clock).send(delivery(letter, target))
    return letter


def test_webhook_is_signed_so_that_a_receivers_library_verifies_it(httpserver):
    httpserver.expect_request("/hook", method="POST").respond_with_data("ok")
    letter = post(hook(httpserver, secret=SECRET))
    (request, _), *more = httpserver.log
    headers = dict(request.headers)
    event = Receiver(SECRET).verify(request.data.decode(), headers)

    assert more == []
    assert request.headers["webhook-id"] == letter.message_id
    assert event["type"] == "alert.fired"
    assert event["data"]["subject"] == "microsoft"
    assert event["data"]["score"] == pytest.approx(-0.4)
    assert event["data"]["evidence"][0]["url"] == "https://example.org/5"
    assert event["data"]["title"] == "Alert: Microsoft ▼ −0.40 · 3 reports"
    with pytest.raises(WebhookVerificationError):
        Receiver(SECRET).verify(request.data.decode().replace("0.4", "0.5"), headers)


def test_webhook_signs_with_any_secret(httpserver):
    httpserver.expect_request("/hook").respond_with_data("", status=204)
    post(hook(httpserver, secret="correct horse"))
    (request, _) = httpserver.log[0]
    stamp = request.headers["webhook-timestamp"]
    signed = webhook.sign(
        "correct horse", request.headers["webhook-id"], stamp, request.data
    )

    assert request.headers["webhook-signature"] == signed


def test_webhook_does_not_tell_who_else_gets_the_digest(httpserver):
    httpserver.expect_request("/hook").respond_with_data("ok")
    post(hook(httpserver), about=sample("ko", to=("boss@example.org",)))
    event = json.loads(httpserver.log[0][0].data)

    assert "boss@example.org" not in json.dumps(event)
    assert event["data"]["digest"] == "morning"
    assert [it["company"] for it in event["data"]["companies"]][:2] == [
        "microsoft",
        "vertiv",
    ]


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        (301, False),
        (400, True),
        (401, False),
        (404, False),
        (410, False),
        (413, True),
        (422, True),
        (429, False),
        (500, False),
        (503, False),
    ],
)
def test_webhooks_reply_decides_whether_trying_again_is_of_use(
    httpserver, status, permanent
):
    httpserver.expect_request("/hook").respond_with_data("", status=status)
    target = hook(httpserver)
    with pytest.raises(DeliveryError, match=str(status)) as caught:
        post(target)

    assert caught.value.permanent is permanent
    assert isinstance(caught.value, ChannelError) is not permanent
    assert "/hook" not in str(caught.value)  # the path may be a token
    assert len(httpserver.log) == 1


def test_redirect_of_a_webhook_is_not_followed(httpserver):
    away = {"Location": httpserver.url_for("/elsewhere")}
    httpserver.expect_request("/hook").respond_with_data("", 307, away)
    with pytest.raises(ChannelError, match="not followed"):
        post(hook(httpserver))

    assert [request.path for request, _ in httpserver.log] == ["/hook"]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        (format_datetime(NOW + timedelta(minutes=7), usegmt=True), 420),
        (format_datetime(NOW - timedelta(minutes=7), usegmt=True), 0),
        ("soon", None),
        ("", None),
    ],
)
def test_webhook_is_left_alone_as_long_as_it_asks(httpserver, said, seconds):
    headers = {"Retry-After": said}
    httpserver.expect_request("/hook").respond_with_data("", 429, headers)
    with pytest.raises(ChannelError) as caught:
        post(hook(httpserver), clock=lambda: NOW)

    assert caught.value.retry_after_s == seconds


def test_webhook_that_is_gone_waits():
    with pytest.raises(ChannelError, match=r"webhook phone \(127\.0\.0\.1\)"):
        post(channel("webhook", url="http://127.0.0.1:1/secret-canary"))


def test_secret_that_is_no_base64_is_named_and_not_told(httpserver):
    with pytest.raises(ChannelError, match="base64") as caught:
        post(hook(httpserver, secret="whsec_canary!"))

    assert "canary" not in str(caught.value)
    assert httpserver.log == []


# --- apprise


@pytest.fixture
def service(httpserver: HTTPServer) -> HTTPServer:
    """The simplest of apprise's services: JSON by POST."""
    httpserver.expect_request("/token-canary", method="POST").respond_with_data("ok")
    return httpserver


def chat(server: HTTPServer, path: str = "token-canary") -> Channel:
    return channel("apprise", url=f"json://127.0.0.1:{server.port}/{path}")


def tell(target: Channel, language: Literal["en", "ko"] = "en") -> None:
    letter = push.compose(
        rendering(language), kind="alert", edition="a1", channel=target, now=NOW
    )
    push.Push(target).send(delivery(letter, target))


@pytest.mark.parametrize(
    ("language", "title", "sentence"),
    [
        ("en", "Alert: Microsoft ▼ −0.40 · 3 reports", "3 reports from 3 sources"),
        ("ko", "알림: 마이크로소프트 ▼ −0.40 · 보도·공시 3건", "평균 점수는 −0.40"),
    ],
)
def test_chat_gets_title_numbers_evidence_and_links(service, language, title, sentence):
    tell(chat(service), language)
    ((request, _),) = service.log
    said = json.loads(request.data)

    assert said["title"] == title
    assert sentence in said["message"]
    assert "Residents sued to stop" in said["message"]
    assert "https://example.org/5" in said["message"]
    assert len(said["message"]) <= 900


def test_chat_that_refuses_is_tried_again_and_its_address_is_not_told(httpserver):
    httpserver.expect_request("/token-canary").respond_with_data("", status=401)
    with pytest.raises(ChannelError, match="phone") as caught:
        tell(chat(httpserver))

    assert not caught.value.permanent
    assert "canary" not in str(caught.value)
    assert len(httpserver.log) == 1


def test_address_that_apprise_does_not_know_says_so():
    with pytest.raises(ChannelError, match="does not know"):
        tell(channel("apprise", url="nosuchservice://token"))


def test_long_evidence_leaves_whole_lines_out():
    items = [
        evidence(mention_id=n, sentence=f"{n} " + "긴 문장 " * 60) for n in range(9)
    ]
    known = names(COMPANIES, THEMES, "ko")
    made = render.alert(alert(items), RULE, known, language="ko", timezone=SEOUL)
    text = made.note.text()

    assert len(text) <= 900
    assert all(
        line in {it.text for it in made.note.lines} or line.startswith("http")
        for line in text.splitlines()
    )


# --- Atom


def write(target: Channel, told: list[bytes], edition: str, now=NOW) -> None:
    letter = atom.compose(
        rendering(target.language),
        kind="alert",
        edition=edition,
        channel=target,
        now=now,
    )
    sent = replace(delivery(letter, target), reserved_at=now)
    atom.AtomFile(target, lambda: told).send(sent)
    told.insert(0, letter.body)


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "Compute Monitor: alerts"), ("ko", "컴퓨트 모니터 알림")],
)
def test_feed_reads_as_atom_with_evidence_and_links(tmp_path, language, title):
    target = channel(
        "atom",
        path=tmp_path / "feed" / "alerts.xml",
        link="https://example.org/alerts.xml",
        language=language,
    )
    told: list[bytes] = []
    write(target, told, "a1")
    write(target, told, "a2", NOW + timedelta(hours=1))
    read = feedparser.parse((tmp_path / "feed" / "alerts.xml").read_bytes())

    assert (read.bozo, read.version) == (False, "atom10")
    assert read.feed.title == title
    assert read.feed.language == language
    assert read.feed.updated == "2026-11-23T23:30:00Z"
    first, second = read.entries
    assert first.updated == "2026-11-23T23:30:00Z"
    assert first.id != second.id
    assert first.link == "https://example.org/5"
    assert "Residents sued to stop" in first.content[0].value
    assert first.content[0].type == "text/html"


def test_entry_that_is_written_again_is_there_once(tmp_path):
    target = channel("atom", path=tmp_path / "alerts.xml")
    told: list[bytes] = []
    write(target, told, "a1")
    before = (tmp_path / "alerts.xml").read_bytes()
    write(target, told, "a1")

    assert (tmp_path / "alerts.xml").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["alerts.xml"]


def test_feed_keeps_the_last_hundred(tmp_path):
    target = channel("atom", path=tmp_path / "alerts.xml")
    told: list[bytes] = []
    for number in range(atom.MAX_ENTRIES + 5):
        write(target, told, f"a{number}", NOW + timedelta(minutes=number))
    read = feedparser.parse((tmp_path / "alerts.xml").read_bytes())

    assert len(read.entries) == atom.MAX_ENTRIES
    assert read.entries[0].updated == "2026-11-24T00:14:00Z"


def test_one_can_subscribe_before_the_first_alert(tmp_path):
    target = channel("atom", path=tmp_path / "alerts.xml")
    atom.AtomFile(target, list).begin(NOW)
    read = feedparser.parse((tmp_path / "alerts.xml").read_bytes())

    assert (read.bozo, read.version, read.entries) == (False, "atom10", [])


@pytest.mark.parametrize(
    "trick", ["<script>alert(1)</script>", "]]>&amp;", "\x00\x0b\ufffe\uffff", '"><x']
)
def test_text_from_outside_is_inert_in_the_feed(tmp_path, trick):
    target = channel("atom", path=tmp_path / "alerts.xml")
    known = names(COMPANIES, THEMES, "en")
    told = alert([evidence(sentence=f"s {trick}", title=f"t {trick}", source=trick)])
    made = render.alert(told, RULE, known, language="en", timezone=SEOUL)
    letter = atom.compose(made, kind="alert", edition="a1", channel=target, now=NOW)
    atom.AtomFile(target, list).send(delivery(letter, target))
    read = feedparser.parse((tmp_path / "alerts.xml").read_bytes(), sanitize_html=False)

    assert not read.bozo
    assert "<script>" not in read.entries[0].content[0].value


def test_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    target = channel("atom", path=tmp_path / "file" / "alerts.xml")
    with pytest.raises(ChannelError, match=r"alerts\.xml"):
        write(target, [], "a1")


# --- through the outbox


def test_channel_that_is_down_is_asked_once_and_does_not_hold_up_the_others(
    httpserver, tmp_path
):
    replies = iter([503, 200, 200])

    def answer(_request: Request) -> Response:
        return Response(status=next(replies), headers={"Retry-After": "600"})

    httpserver.expect_request("/hook").respond_with_handler(answer)
    target = hook(httpserver, secret=SECRET)
    file = channel("atom", path=tmp_path / "alerts.xml")
    file = replace(file, id="file")
    rows = MemoryOutbox()
    for edition in ("a1", "a2"):
        for letter, kind in (
            (
                webhook.compose(
                    rendering(),
                    alert(),
                    kind="alert",
                    edition=edition,
                    channel=target,
                    now=NOW,
                ),
                "webhook",
            ),
            (
                atom.compose(
                    rendering(), kind="alert", edition=edition, channel=file, now=NOW
                ),
                "atom",
            ),
        ):
            rows.reserve(
                recipient=letter.recipient,
                channel=kind,
                subject_kind="alert",
                edition=edition,
                message_id=letter.message_id,
                body=letter.body,
                now=NOW,
            )
    senders: dict[str, outbox.Sender] = {
        "phone": webhook.Webhook(target),
        "file": atom.AtomFile(file, list),
    }
    outbox.drain(rows, senders, now=NOW)
    asked = len(httpserver.log)
    early = outbox.drain(rows, senders, now=NOW + timedelta(seconds=599))
    outbox.drain(rows, senders, now=NOW + timedelta(seconds=602))

    assert asked == 1
    assert early == []
    assert rows.states() == {"phone": "sent", "file": "sent"}
    ids = [request.headers["webhook-id"] for request, _ in httpserver.log]
    assert len(ids) == 3
    assert len(set(ids[1:])) == 2


def test_what_is_for_a_channel_that_is_gone_waits():
    target = channel("webhook", url="http://127.0.0.1:1/")
    rows = MemoryOutbox()
    letter = webhook.compose(
        rendering(), alert(), kind="alert", edition="a1", channel=target, now=NOW
    )
    rows.reserve(
        recipient="phone",
        channel="webhook",
        subject_kind="alert",
        edition="a1",
        message_id=letter.message_id,
        body=letter.body,
        now=NOW,
    )
    (attempt,) = outbox.drain(rows, {}, now=datetime(2026, 11, 24, tzinfo=UTC))

    assert "not configured" in (attempt.error or "")
    assert attempt.retry_at is not None
