"""The message to the byte, and what a real server's replies become."""

import smtplib
import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from typing import Any

import pytest
import trustme
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.errors import DeliveryError
from monitor.notify import letter as letters
from monitor.notify import mail, render
from monitor.notify.mail_headers import clean
from monitor.notify.render import Rendering
from monitor.notify.view import names
from monitor.types import Delivery, MailServer
from tests.evidence import COMPANIES, THEMES, long_digest, sample
from tests.smtp import Sink, running

NOW = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)


def compose(
    subject="Vertiv ▲ +0.73", text="Hello.\n", html="<p>Hello.</p>", **changes: Any
) -> letters.Letter:
    arguments: dict[str, Any] = {
        "kind": "digest",
        "edition": "morning/2026-11-24",
        "list_name": "morning",
        "sender": "Compute Monitor <monitor@example.org>",
        "recipient": "reader@example.org",
        "language": "en",
        "now": NOW,
    } | changes
    rendering = Rendering(subject=subject, text=text, html=html)
    return letters.compose(rendering, **arguments)


def delivery(recipient="reader@example.org") -> Delivery:
    letter = compose(recipient=recipient)
    return Delivery(
        id=1,
        recipient=letter.recipient,
        channel="mail",
        subject_kind="digest",
        edition="morning/2026-11-24",
        message_id=letter.message_id,
        body=letter.body,
        attempts=1,
        next_attempt_at=NOW,
        reserved_at=NOW,
    )


def parsed(letter: letters.Letter):
    return message_from_bytes(letter.body, policy=policy.default)


def subject_as_others_read_it(body: bytes) -> str:
    """By the old parser, which knows nothing of how the message was made."""
    return str(make_header(decode_header(message_from_bytes(body)["Subject"])))


# --- composing


def test_message_says_who_when_and_how_to_stop():
    message = parsed(compose())

    assert message["From"] == "Compute Monitor <monitor@example.org>"
    assert message["To"] == "reader@example.org"
    assert message["Date"].datetime == NOW
    assert message["List-Id"] == "<morning.monitor.example.org>"
    assert message["List-Unsubscribe"] == (
        "<mailto:monitor@example.org?subject=unsubscribe%20morning>"
    )
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "en"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == [
        "text/plain",
        "text/html",
    ]


def test_same_arguments_give_the_same_bytes():
    assert compose() == compose()


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient": "other@example.org"},
        {"edition": "morning/2026-11-25"},
        {"kind": "alert"},
    ],
)
def test_message_id_differs_by_recipient_edition_and_kind(changes):
    assert compose(**changes).message_id != compose().message_id


def test_message_id_does_not_depend_on_time_or_content():
    later = compose(now=NOW.replace(hour=23), text="Corrected.\n")

    assert later.message_id == compose().message_id


@pytest.mark.parametrize("language", ["en", "ko"])
def test_whole_digest_is_a_clean_message(language):
    rendering = render.digest(sample(language), names(COMPANIES, THEMES, language))
    letter = letters.compose(
        rendering,
        kind="digest",
        edition="morning/2026-11-24",
        list_name="morning",
        sender="컴퓨트 모니터 <monitor@example.org>",
        recipient="reader@example.org",
        language=language,
        now=NOW,
    )
    message = parsed(letter)
    plain, related = message.iter_parts()
    shown, *pictures = related.iter_parts()
    text, html = plain.get_content(), shown.get_content()

    assert letter.body.isascii()
    assert len(letter.body) < 100_000
    assert max(map(len, letter.body.split(b"\r\n"))) <= 78
    assert b"\n" not in letter.body.replace(b"\r\n", b"")
    assert not [it for part in message.walk() for it in part.defects]
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        *["image/png"] * len(pictures),
    ]
    assert len(pictures) == 6
    for picture in pictures:
        cid = picture["Content-ID"].strip("<>")
        assert picture.get_content_disposition() == "inline"
        assert picture.get_content().startswith(b"\x89PNG\r\n\x1a\n")
        assert html.count(f'src="cid:{cid}"') == 1
    assert message["From"].addresses[0].display_name == "컴퓨트 모니터"
    assert subject_as_others_read_it(letter.body) == rendering.subject
    assert text.replace("\r\n", "\n") == rendering.text
    assert html.replace("\r\n", "\n").rstrip() == rendering.html.rstrip()


def test_largest_digest_stays_below_100_kb():
    sentence, url = "가나다라 " * 200, "https://example.org/" + "a" * 700
    found = long_digest(60, sentence, url, "이름" * 60)
    rendering = render.digest(found, names(COMPANIES, THEMES, "ko"))

    assert (
        len(compose(rendering.subject, rendering.text, rendering.html).body) < 100_000
    )


hostile = st.text(
    st.characters() | st.sampled_from('\r\n\0\x0b\x1b\u2028 ,:;<>@"=?가나다ABC'),
    max_size=200,
)


@given(hostile)
@example("x\r\nBcc: all@example.org")
@example("데일리 브리핑 11월 24일(화): 버티브 ▲ +0.62, Microsoft ▼ −0.40 and 엔비디아")
@example("=?utf-8?b?7JeU?= =?utf-8?q?a?=")
@example("a" * 150)
def test_no_subject_can_add_a_header_or_lose_a_character(subject):
    letter = compose(subject=subject, recipient="reader@example.org")
    head, _, _ = letter.body.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")

    assert parsed(letter).keys() == parsed(compose()).keys()
    assert max(map(len, lines)) <= 200
    assert not {0, 10, 13} & set(b"".join(lines))
    assert subject_as_others_read_it(letter.body) == clean(subject)


@given(hostile)
@example("=?utf-8?q?x=0d=0aBcc:all?= <reader@example.org>")
@example("reader@example.org\r\nBcc: all@example.org")
@example("reader@example.org, all@example.org")
@example("reader@example.org>\r\nRCPT TO:<all@example.org")
def test_no_address_can_add_a_recipient(recipient):
    try:
        letter = compose(recipient=recipient)
    except DeliveryError:
        return
    message = parsed(letter)

    assert message.keys() == parsed(compose()).keys()
    assert [it.addr_spec for it in message["To"].addresses] == [letter.recipient]
    assert not set(letter.recipient) & set("\r\n<> ,")


@given(hostile)
def test_no_list_name_can_add_a_header(name):
    assert parsed(compose(list_name=name)).keys() == parsed(compose()).keys()


def test_international_domain_is_written_in_ascii():
    assert compose(recipient="reader@한국.kr").recipient == "reader@xn--3e0b707e.kr"


# --- sending


def test_accepted_message_arrives_as_composed():
    with running(Sink()) as sink:
        mail.send(sink.server, delivery())

    assert sink.taken == [("reader@example.org", delivery().body)]


@pytest.mark.parametrize(
    ("sink", "permanent", "says"),
    [
        (Sink(rcpt_replies={"reader@example.org": "550 no such user"}), True, "550"),
        (Sink(rcpt_replies={"reader@example.org": "450 greylisted"}), False, "450"),
        (Sink(rcpt_replies={"reader@example.org": "452 too many"}), False, "452"),
        (Sink(rcpt_replies={"reader@example.org": "530 log in"}), False, "530"),
        (Sink(data_replies=["554 no thanks"]), True, "554 no thanks"),
        (Sink(data_replies=["451 try later"]), False, "451"),
        (Sink(data_replies=["421 closing"]), False, "421"),
        (Sink(data_replies=["drop"]), False, "closed the connection"),
        (Sink(mail_reply="552 too large"), True, "552"),
        (Sink(mail_reply="553 not yours"), False, "check mail.sender"),
        (Sink(mail_reply="421 closing"), False, "421"),
        (Sink(greeting_delay_s=5.0), False, "does not answer within 0.5 s"),
        (Sink(data_delay_s=5.0), False, "does not answer"),
    ],
)
def test_reply_decides_whether_trying_again_is_of_use(sink, permanent, says):
    with running(sink), pytest.raises(DeliveryError, match=says) as caught:
        mail.send(replace(sink.server, timeout_s=0.5), delivery())

    assert caught.value.permanent is permanent
    assert sink.taken == []


def test_slow_acceptance_is_waited_for():
    with running(Sink(data_delay_s=1.0)) as sink:
        mail.send(replace(sink.server, timeout_s=0.5), delivery())

    assert len(sink.taken) == 1


def test_refused_connection_says_what_to_check():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        server = MailServer(
            host="127.0.0.1",
            port=unused.getsockname()[1],
            security="none",
            sender="monitor@example.org",
        )
        with pytest.raises(mail.ServerError, match=r"check mail\.host and mail\.port"):
            mail.send(server, delivery())


def test_missing_starttls_is_not_sent_in_the_clear():
    with running(Sink()) as sink:
        server = replace(sink.server, security="starttls")
        with pytest.raises(mail.ServerError, match="offers no STARTTLS"):
            mail.send(server, delivery())

    assert sink.seen == []


def test_tls_spoken_to_a_plain_port_says_which_setting():
    setting = pytest.raises(mail.ServerError, match=r"mail\.security is tls")
    with running(Sink()) as sink, setting:
        mail.send(replace(sink.server, security="tls"), delivery())


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def context(authority) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(made)
    return made


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encrypted_session_logs_in_and_sends(
    security, authority, context, tmp_path, monkeypatch
):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with running(Sink(security=security, tls=context, password="right")) as sink:
        mail.send(replace(sink.server, username="me", password="right"), delivery())

    assert len(sink.taken) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_certificate_of_an_unknown_authority_is_refused(security, context):
    refused = pytest.raises(mail.ServerError, match="certificate is not valid")
    with running(Sink(security=security, tls=context)) as sink, refused:
        mail.send(sink.server, delivery())

    assert sink.seen == []


def test_wrong_password_says_so_without_telling_it():
    with running(Sink(password="right")) as sink:
        server = replace(sink.server, username="me", password="wrong-canary")
        with pytest.raises(mail.ServerError, match="refuses the login") as caught:
            mail.send(server, delivery())

    assert "535" in str(caught.value)
    assert "canary" not in str(caught.value)
    assert sink.seen == []


def test_password_that_no_login_can_carry_is_not_told():
    with running(Sink(password="right")) as sink:
        server = replace(sink.server, username="me", password="비밀")
        with pytest.raises(mail.ServerError, match="characters") as caught:
            mail.send(server, delivery())

    assert "비" not in str(caught.value)


def test_password_is_not_sent_unencrypted_to_another_machine():
    server = MailServer(
        host="mail.example.org",
        security="none",
        username="me",
        password="secret",
        sender="monitor@example.org",
    )

    with pytest.raises(mail.ServerError, match="not sent unencrypted"):
        mail.send(server, delivery())


def test_sender_that_is_no_address_keeps_the_mail():
    with running(Sink()) as sink, pytest.raises(mail.ServerError, match="not a mail"):
        mail.send(replace(sink.server, sender=""), delivery())


def test_failing_farewell_after_acceptance_is_no_failure(monkeypatch):
    monkeypatch.setattr(smtplib.SMTP, "quit", _lost)
    with running(Sink()) as sink:
        mail.send(sink.server, delivery())

    assert len(sink.taken) == 1


def _lost(_smtp):
    raise smtplib.SMTPServerDisconnected
