"""Each delivery once: reserve, claim, send, mark, against a real mail server."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from monitor.notify import outbox as outboxes
from monitor.notify.mail import Mailer
from monitor.notify.outbox import Attempt, Outbox, next_attempt
from monitor.types import Delivery, MailServer
from tests.smtp import Sink, running
from tests.test_mail import compose

NOW = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
THREE = ("a@example.org", "b@example.org", "c@example.org")


@dataclass(kw_only=True)
class Row:
    delivery: Delivery
    state: str = "pending"
    error: str | None = None


@dataclass
class MemoryOutbox:
    """A working outbox without a database."""

    rows: dict[tuple[str, str, str, str], Row] = field(default_factory=dict)

    def reserve(
        self, *, recipient, channel, subject_kind, edition, message_id, body, now
    ) -> bool:
        key = (recipient, channel, subject_kind, edition)
        if key in self.rows:
            return False
        self.rows[key] = Row(
            delivery=Delivery(
                id=len(self.rows) + 1,
                recipient=recipient,
                channel=channel,
                subject_kind=subject_kind,
                edition=edition,
                message_id=message_id,
                body=body,
                attempts=0,
                next_attempt_at=now,
                reserved_at=now,
            )
        )
        return True

    def claim(self, *, now, until) -> Delivery | None:
        due = [
            row
            for row in self.rows.values()
            if row.state in ("pending", "sending")
            and row.delivery.next_attempt_at <= now
        ]
        if not due:
            return None
        row = min(due, key=lambda it: (it.delivery.next_attempt_at, it.delivery.id))
        row.state = "sending"
        row.delivery = replace(
            row.delivery, attempts=row.delivery.attempts + 1, next_attempt_at=until
        )
        return row.delivery

    def mark_sent(self, delivery, *, now) -> None:  # noqa: ARG002 - the protocol's
        self._row(delivery).state = "sent"

    def mark_failed(self, delivery, *, error, retry_at) -> None:
        row = self._row(delivery)
        if (row.state, row.delivery.attempts) != ("sending", delivery.attempts):
            return
        row.state, row.error = ("failed" if retry_at is None else "pending"), error
        if retry_at is not None:
            row.delivery = replace(row.delivery, next_attempt_at=retry_at)

    def _row(self, delivery: Delivery) -> Row:
        return next(it for it in self.rows.values() if it.delivery.id == delivery.id)

    def states(self) -> dict[str, str]:
        return {row.delivery.recipient: row.state for row in self.rows.values()}


def reserve(outbox: Outbox, *recipients: str, now: datetime = NOW) -> list[bool]:
    letters = [compose(recipient=recipient) for recipient in recipients]
    return [
        outbox.reserve(
            recipient=letter.recipient,
            channel="mail",
            subject_kind="digest",
            edition="morning/2026-11-24",
            message_id=letter.message_id,
            body=letter.body,
            now=now,
        )
        for letter in letters
    ]


def drain(outbox: Outbox, server: MailServer, *, now: datetime) -> list[Attempt]:
    return outboxes.drain(outbox, {"mail": Mailer(server)}, now=now)


def outbox_contract(make: Callable[[], Outbox]) -> None:
    """What every outbox must hold; `make` gives an empty one each time."""
    _reserves_once(make())
    _claims_once_until_the_lease_ends(make())
    _retries_when_due(make())
    _gives_up(make())
    _late_failure_changes_nothing(make())
    _sent_is_final(make())


def _claim(outbox: Outbox, now: datetime = NOW) -> Delivery | None:
    return outbox.claim(now=now, until=now + HOUR)


def _reserves_once(outbox: Outbox) -> None:
    assert reserve(outbox, *THREE) == [True, True, True]
    assert reserve(outbox, *THREE, now=NOW + HOUR) == [False, False, False]


def _claims_once_until_the_lease_ends(outbox: Outbox) -> None:
    reserve(outbox, *THREE)
    claimed = [_claim(outbox) for _ in range(4)]

    assert [it and it.recipient for it in claimed] == [*THREE, None]
    assert claimed[0] is not None
    letter = compose(recipient=THREE[0])
    assert (claimed[0].body, claimed[0].message_id) == (letter.body, letter.message_id)
    assert (claimed[0].attempts, claimed[0].reserved_at) == (1, NOW)
    assert _claim(outbox, NOW + HOUR - SECOND) is None
    again = _claim(outbox, NOW + HOUR)
    assert again is not None
    assert (again.id, again.attempts, again.body) == (claimed[0].id, 2, letter.body)


def _retries_when_due(outbox: Outbox) -> None:
    reserve(outbox, THREE[0])
    first = _claim(outbox)
    assert first is not None
    outbox.mark_failed(first, error="450 later", retry_at=NOW + MINUTE)

    assert _claim(outbox, NOW + MINUTE - SECOND) is None
    second = _claim(outbox, NOW + MINUTE)
    assert second is not None
    assert (second.attempts, second.body) == (2, first.body)
    assert second.message_id == first.message_id


def _gives_up(outbox: Outbox) -> None:
    reserve(outbox, THREE[0])
    first = _claim(outbox)
    assert first is not None
    outbox.mark_failed(first, error="550 no such user", retry_at=None)

    assert _claim(outbox, NOW + 1000 * HOUR) is None
    assert reserve(outbox, THREE[0]) == [False]


def _late_failure_changes_nothing(outbox: Outbox) -> None:
    reserve(outbox, THREE[0])
    first = _claim(outbox)
    second = _claim(outbox, NOW + HOUR)
    assert first is not None
    assert second is not None
    outbox.mark_failed(first, error="timed out", retry_at=NOW)

    assert _claim(outbox, NOW + HOUR) is None
    outbox.mark_sent(second, now=NOW + HOUR)
    outbox.mark_failed(second, error="timed out", retry_at=NOW)
    assert _claim(outbox, NOW + 10 * HOUR) is None


def _sent_is_final(outbox: Outbox) -> None:
    reserve(outbox, THREE[0])
    first = _claim(outbox)
    second = _claim(outbox, NOW + HOUR)
    assert first is not None
    assert second is not None
    outbox.mark_sent(first, now=NOW + HOUR)
    outbox.mark_failed(second, error="550 duplicate", retry_at=NOW + HOUR)

    assert _claim(outbox, NOW + 10 * HOUR) is None


def test_memory_outbox_keeps_the_contract():
    outbox_contract(MemoryOutbox)


def test_each_recipient_gets_one_message_and_a_second_pass_sends_none():
    outbox = MemoryOutbox()
    reserve(outbox, *THREE)
    with running(Sink()) as sink:
        first = drain(outbox, sink.server, now=NOW)
        reserve(outbox, *THREE)
        second = drain(outbox, sink.server, now=NOW + HOUR)

    assert [attempt.error for attempt in first] == [None, None, None]
    assert second == []
    assert [recipient for recipient, _ in sink.taken] == list(THREE)
    assert outbox.states() == dict.fromkeys(THREE, "sent")


def test_permanent_refusal_of_one_drops_that_one_and_says_so():
    outbox = MemoryOutbox()
    reserve(outbox, *THREE)
    with running(Sink(rcpt_replies={THREE[1]: "550 no such user"})) as sink:
        attempts = drain(outbox, sink.server, now=NOW)
        later = drain(outbox, sink.server, now=NOW + 24 * HOUR)

    assert later == []
    assert [recipient for recipient, _ in sink.taken] == [THREE[0], THREE[2]]
    assert outbox.states() == dict(zip(THREE, ("sent", "failed", "sent"), strict=True))
    assert "550 no such user" in (attempts[1].error or "")
    assert attempts[1].retry_at is None


@pytest.mark.parametrize(
    "reply", ["421 closing", "450 greylisted", "451 later", "452 full"]
)
def test_temporary_refusal_retries_only_the_unsent_with_the_same_bytes(reply):
    outbox = MemoryOutbox()
    reserve(outbox, *THREE)
    with running(Sink(rcpt_replies={THREE[1]: reply})) as sink:
        first = drain(outbox, sink.server, now=NOW)
        sink.rcpt_replies.clear()
        early = drain(outbox, sink.server, now=NOW + MINUTE / 2)
        due = drain(outbox, sink.server, now=NOW + 2 * MINUTE)

    assert reply[:3] in (first[1].error or "")
    assert early == []
    assert [attempt.delivery.recipient for attempt in due] == [THREE[1]]
    assert [recipient for recipient, _ in sink.taken] == [THREE[0], THREE[2], THREE[1]]
    letter = compose(recipient=THREE[1])
    assert sink.taken[2][1] == letter.body
    assert sink.messages()[2]["Message-ID"] == letter.message_id


def test_connection_dropped_after_the_message_repeats_the_message_id():
    outbox = MemoryOutbox()
    reserve(outbox, THREE[0])
    with running(Sink(data_replies=["drop"])) as sink:
        drain(outbox, sink.server, now=NOW)
        drain(outbox, sink.server, now=NOW + 2 * MINUTE)

    assert len(sink.taken) == 1
    assert len(sink.seen) == 2
    assert sink.seen[0] == sink.seen[1]


def test_unusable_server_is_asked_once_and_all_wait():
    outbox = MemoryOutbox()
    reserve(outbox, *THREE)
    with running(Sink()) as sink:
        server = replace(sink.server, security="starttls")
        attempts = drain(outbox, server, now=NOW)

        assert sink.connections == 1
        assert ["STARTTLS" in (attempt.error or "") for attempt in attempts] == [
            True
        ] * 3
        assert outbox.states() == dict.fromkeys(THREE, "pending")
        drain(outbox, sink.server, now=NOW + 2 * MINUTE)

    assert sorted(recipient for recipient, _ in sink.taken) == list(THREE)


def test_refused_login_is_tried_once_and_the_mail_waits():
    outbox = MemoryOutbox()
    reserve(outbox, *THREE)
    with running(Sink(password="right")) as sink:
        server = replace(sink.server, username="me", password="wrong")
        attempts = drain(outbox, server, now=NOW)

    assert sink.connections == 1
    assert sink.seen == []
    assert all("535" in (attempt.error or "") for attempt in attempts)
    assert outbox.states() == dict.fromkeys(THREE, "pending")


def test_refused_connection_waits():
    outbox = MemoryOutbox()
    reserve(outbox, THREE[0])
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        server = MailServer(
            host="127.0.0.1", port=port, security="none", sender="m@example.org"
        )
        attempts = drain(outbox, server, now=NOW)

    assert "refuses the connection" in (attempts[0].error or "")
    assert outbox.states() == {THREE[0]: "pending"}


def test_server_that_hangs_is_waited_for_once():
    outbox = MemoryOutbox()
    reserve(outbox, *THREE)
    with running(Sink(greeting_delay_s=5.0)) as sink:
        attempts = drain(outbox, replace(sink.server, timeout_s=0.3), now=NOW)

    assert len(attempts) == 3
    assert sink.connections == 1


def test_two_that_drain_at_once_send_once():
    outbox = MemoryOutbox()
    reserve(outbox, *THREE)
    taken = outbox.claim(now=NOW, until=NOW + HOUR)
    with running(Sink()) as sink:
        drain(outbox, sink.server, now=NOW)

    assert taken is not None
    assert [recipient for recipient, _ in sink.taken] == list(THREE[1:])


@dataclass(kw_only=True)
class Postman:
    """Takes every letter, and does something else then."""

    then: Callable[[], object]
    taken: list[str] = field(default_factory=list)
    lease: timedelta = HOUR

    def send(self, delivery: Delivery) -> None:
        self.taken.append(delivery.recipient)
        self.then()


def test_what_comes_due_meanwhile_is_left_to_the_next_time():
    outbox = MemoryOutbox()
    reserve(outbox, THREE[0])
    soon = NOW + timedelta(microseconds=1)
    postman = Postman(then=lambda: reserve(outbox, THREE[1], now=soon))
    first = outboxes.drain(outbox, {"mail": postman}, now=NOW)
    second = outboxes.drain(outbox, {"mail": postman}, now=NOW + MINUTE)

    assert [it.delivery.recipient for it in first] == [THREE[0]]
    assert [it.delivery.recipient for it in second] == [THREE[1]]


def test_a_signal_lets_the_letter_in_hand_be_finished_and_no_other_begun():
    outbox = MemoryOutbox()
    reserve(outbox, *THREE)
    stop = Event()
    postman = Postman(then=stop.set)
    outboxes.drain(outbox, {"mail": postman}, now=NOW, stop=stop)

    assert postman.taken == [THREE[0]]
    assert outbox.states() == dict(
        zip(THREE, ("sent", "pending", "pending"), strict=True)
    )
    outboxes.drain(outbox, {"mail": postman}, now=NOW)
    assert postman.taken == list(THREE)


def test_crash_before_the_mark_sends_the_same_message_again():
    outbox = MemoryOutbox()
    reserve(outbox, THREE[0])
    outbox.claim(now=NOW, until=NOW + HOUR)
    with running(Sink()) as sink:
        assert drain(outbox, sink.server, now=NOW + HOUR / 2) == []
        drain(outbox, sink.server, now=NOW + HOUR)

    assert sink.taken == [(THREE[0], compose(recipient=THREE[0]).body)]


def due(attempts: int, age: timedelta = timedelta()) -> timedelta | None:
    outbox = MemoryOutbox()
    reserve(outbox, THREE[0], now=NOW - age)
    row = next(iter(outbox.rows.values()))
    at = next_attempt(replace(row.delivery, attempts=attempts), NOW)
    return None if at is None else at - NOW


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 2), (3, 4), (9, 256), (10, 360), (99, 360)]
)
def test_wait_doubles_up_to_six_hours(attempts, minutes):
    assert due(attempts) == minutes * MINUTE


@pytest.mark.parametrize(
    ("age", "gives_up"), [(72 * HOUR - SECOND, False), (72 * HOUR, True)]
)
def test_gives_up_after_three_days(age, gives_up):
    assert (due(12, age) is None) is gives_up
