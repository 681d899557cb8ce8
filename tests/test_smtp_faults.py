"""Every fault of a mail server, on the real outbox: who got what, how often.

Three recipients; the fault at the first pass, a server that is well at the second,
after all waits, and a third pass that must find nothing left to do.
"""

import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import trustme

from monitor.notify.mail import Mailer
from monitor.notify.outbox import drain
from monitor.store.outbox import Outbox
from monitor.store.store import Store
from monitor.types import MailServer
from tests.smtp import Sink, running
from tests.test_outbox import NOW, THREE, reserve

HOUR = timedelta(hours=1)
A, B, C = THREE


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong, and what must come of it."""

    sink: Callable[[], Sink] = Sink
    server: Callable[[MailServer], MailServer] = lambda server: server
    says: str = ""
    first: tuple[str, ...] = ()
    """Who has the message after the first pass."""
    lost: tuple[str, ...] = ()
    """Who will never have it."""
    seen_twice: tuple[str, ...] = ()
    """Whose message the server saw whole twice, having taken it once at most."""
    connections: int = 3
    """At the first pass."""


def closed(server: MailServer) -> MailServer:
    return replace(server, port=1)


def encrypted(server: MailServer) -> MailServer:
    return replace(server, security="starttls")


def locked(server: MailServer) -> MailServer:
    return replace(server, username="me", password="wrong")


def hasty(server: MailServer) -> MailServer:
    return replace(server, timeout_s=1.0)


def untrusted() -> Sink:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    return Sink(security="starttls", tls=context)


def refusing(reply: str) -> Fault:
    """One of three gets this reply, which is for now."""
    return Fault(
        sink=lambda: Sink(rcpt_replies={B: reply}), says=reply[:3], first=(A, C)
    )


FAULTS = {
    "refused": Fault(server=closed, says="refuses the connection", connections=0),
    "hang": Fault(
        sink=lambda: Sink(greeting_delay_s=30),
        server=hasty,
        says="does not answer within 1 s",
        connections=1,
    ),
    "no STARTTLS": Fault(server=encrypted, says="no STARTTLS", connections=1),
    "bad certificate": Fault(
        sink=untrusted, says="certificate is not valid", connections=1
    ),
    "535": Fault(
        sink=lambda: Sink(password="right"), server=locked, says="535", connections=1
    ),
    "421": refusing("421 closing"),
    "450": refusing("450 greylisted"),
    "451": refusing("451 try again"),
    "452": refusing("452 full"),
    "550 for one of three": replace(refusing("550 no such user"), lost=(B,)),
    "451 after DATA": Fault(
        sink=lambda: Sink(data_replies=["451 later"]),
        says="451",
        first=(B, C),
        seen_twice=(A,),
    ),
    "550 after DATA": Fault(
        sink=lambda: Sink(data_replies=["550 looks like spam"]),
        says="550",
        first=(B, C),
        lost=(A,),
    ),
    "two later, one never": Fault(
        sink=lambda: Sink(
            rcpt_replies={A: "450 greylisted", B: "550 no such user", C: "452 full"}
        ),
        says=" ",
        lost=(B,),
    ),
    "drop after DATA": Fault(
        sink=lambda: Sink(data_replies=["drop"]),
        says="closed the connection",
        first=(B, C),
        seen_twice=(A,),
    ),
    "slow 250": Fault(sink=lambda: Sink(data_delay_s=1.5), server=hasty, first=THREE),
}


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    with Store(tmp_path / "monitor.db") as store:
        yield store


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_fault_of_the_mail_server_loses_and_repeats_nothing(store, fault):
    outbox = Outbox(store)
    assert reserve(outbox, *THREE) == [True] * 3
    rows = store.rows("SELECT recipient, message_id FROM deliveries")
    identities = {row["recipient"]: row["message_id"] for row in rows}

    with running(fault.sink()) as sink:
        first = drain(outbox, {"mail": Mailer(fault.server(sink.server))}, now=NOW)
        connections = sink.connections
        seen = [recipient for recipient, _ in sink.seen]
    failed = {it.delivery.recipient: it.error for it in first if it.error}

    assert len(first) == 3
    assert connections == fault.connections
    assert [recipient for recipient, _ in sink.taken] == list(fault.first)
    assert set(failed) == set(THREE) - set(fault.first)
    assert all(fault.says in error for error in failed.values())

    with running(Sink()) as well:
        mailer = {"mail": Mailer(well.server)}
        second = drain(outbox, mailer, now=NOW + HOUR)
        third = drain(outbox, mailer, now=NOW + 100 * HOUR)
    got = Counter(recipient for recipient, _ in (*sink.taken, *well.taken))
    seen += [recipient for recipient, _ in well.seen]

    assert got == Counter(set(THREE) - set(fault.lost))
    waited = set(THREE) - set(fault.first) - set(fault.lost)
    assert {it.delivery.recipient for it in second} == waited
    assert third == []
    assert tuple(it for it in THREE if seen.count(it) == 2) == fault.seen_twice
    sent = {
        to: message["Message-ID"]
        for box in (sink, well)
        for (to, _), message in zip(box.taken, box.messages(), strict=True)
    }
    assert sent == {to: identities[to] for to in got}
    states = store.rows("SELECT recipient, state, error FROM deliveries ORDER BY id")
    assert [row["recipient"] for row in states] == list(THREE)
    assert {row["recipient"] for row in states if row["state"] == "failed"} == set(
        fault.lost
    )
    for row in states:
        assert (row["error"] is None) is (row["state"] == "sent")


def test_death_between_the_servers_250_and_the_mark_repeats_one_message(store):
    outbox = Outbox(store)
    reserve(outbox, *THREE)

    class Died(Exception):  # noqa: N818 - it is not an error of ours
        pass

    def die(*_args: object, **_values: object) -> None:
        raise Died

    with running(Sink()) as sink:
        mailer = {"mail": Mailer(sink.server)}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(outbox, "mark_sent", die)
            with pytest.raises(Died):
                drain(outbox, mailer, now=NOW)
        drain(outbox, mailer, now=NOW + HOUR)
        drain(outbox, mailer, now=NOW + 2 * HOUR)
    got = Counter(recipient for recipient, _ in sink.taken)
    identities = {message["Message-ID"] for message in sink.messages()}

    assert got == {A: 2, B: 1, C: 1}
    assert len(identities) == 3
