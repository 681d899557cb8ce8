"""When alerts are told: quiet hours over DST, gathering, mutes, acknowledgements."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.errors import StoreError
from monitor.notify.quiet import due, quiet_until
from monitor.notify.rules.silence import acknowledged_until, muted_until
from monitor.notify.rules.stops import stops
from monitor.stages.alerting import rehearse
from monitor.store import alerts, wishes
from monitor.store.connection import iso
from monitor.store.store import Store
from monitor.types import (
    Acknowledgement,
    Alert,
    AlertRule,
    MailServer,
    Mute,
    QuietHours,
)
from tests.builders import NOW
from tests.evidence import alert
from tests.newsroom import Newsroom

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SECOND = timedelta(seconds=1)
NEW_YORK, SEOUL = ZoneInfo("America/New_York"), ZoneInfo("Asia/Seoul")
NIGHT = {"start": time(22), "end": time(7)}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def bounds(zone: ZoneInfo, around: str, **hours) -> tuple[str, str]:
    """Beginning and end, in UTC, of the quiet hours nearest to a moment."""
    night = QuietHours(timezone=zone, **(NIGHT | hours))
    first = utc(around) - 12 * HOUR
    minutes = [first + MINUTE * n for n in range(24 * 60)]
    inside = [at for at in minutes if quiet_until(at, night) is not None]
    ends = {quiet_until(at, night) for at in inside}

    assert inside == [inside[0] + MINUTE * n for n in range(len(inside))]
    assert ends == {inside[-1] + MINUTE}
    return f"{inside[0]:%d %H:%M}", f"{inside[-1] + MINUTE:%d %H:%M}"


@pytest.mark.parametrize(
    ("zone", "around", "night"),
    [
        # Clocks go forward on 8 March 2026 at 2:00, back on 1 November at 2:00.
        (NEW_YORK, "2026-03-07T07:00", ("07 03:00", "07 12:00")),
        (NEW_YORK, "2026-03-08T07:00", ("08 03:00", "08 11:00")),  # eight hours
        (NEW_YORK, "2026-03-09T07:00", ("09 02:00", "09 11:00")),
        (NEW_YORK, "2026-10-31T07:00", ("31 02:00", "31 11:00")),
        (NEW_YORK, "2026-11-01T07:00", ("01 02:00", "01 12:00")),  # ten hours
        (NEW_YORK, "2026-11-02T07:00", ("02 03:00", "02 12:00")),
        # Seoul keeps its clock all year.
        (SEOUL, "2026-03-08T17:00", ("08 13:00", "08 22:00")),
        (SEOUL, "2026-11-01T17:00", ("01 13:00", "01 22:00")),
    ],
)
def test_night_ends_when_the_readers_clock_says_so(zone, around, night):
    assert bounds(zone, around) == night


@pytest.mark.parametrize(
    ("around", "hours", "expected"),
    [
        # 2:30 does not exist on 8 March: it is taken as 3:30, 7:30 UTC.
        (
            "2026-03-08T05:00",
            {"start": time(1), "end": time(2, 30)},
            ("08 06:00", "08 07:30"),
        ),
        # 1:30 comes twice on 1 November: the first ends the night, and it stays so.
        (
            "2026-11-01T05:00",
            {"start": time(0), "end": time(1, 30)},
            ("01 04:00", "01 05:30"),
        ),
    ],
)
def test_hours_that_are_skipped_or_repeated_are_one_stretch(around, hours, expected):
    assert bounds(NEW_YORK, around, **hours) == expected


def test_hours_within_a_day_are_open_at_their_end():
    lunch = QuietHours(start=time(12), end=time(13), timezone=SEOUL)

    assert quiet_until(utc("2026-03-02T02:59:59"), lunch) is None
    assert quiet_until(utc("2026-03-02T03:00"), lunch) == utc("2026-03-02T04:00")
    assert quiet_until(utc("2026-03-02T04:00"), lunch) is None
    assert quiet_until(utc("2026-03-02T03:00"), None) is None


# --- what is told together ------------------------------------------------------------

SEOUL_NIGHT = QuietHours(timezone=SEOUL, **NIGHT)
MIDNIGHT = utc("2026-03-02T15:00")  # in Seoul; the night ends at 22:00 UTC


def raised(name: str, at: datetime, **values) -> Alert:
    return alert(id=name, fired_at=at, **values)


def names(groups: list[list[Alert]]) -> list[list[str]]:
    return [[it.id for it in group] for group in groups]


def test_night_holds_back_all_but_what_is_critical():
    waiting = [
        raised("a", MIDNIGHT),
        raised("b", MIDNIGHT, severity="critical"),
        raised("c", MIDNIGHT + HOUR),
    ]
    dawn = utc("2026-03-02T22:00")

    assert names(due(waiting, now=MIDNIGHT + HOUR, hours=SEOUL_NIGHT)) == [["b"]]
    left = [waiting[0], waiting[2]]
    assert names(due(left, now=dawn - SECOND, hours=SEOUL_NIGHT)) == []
    assert names(due(left, now=dawn, hours=SEOUL_NIGHT)) == [["a", "c"]]


def test_alerts_of_one_time_come_together_and_critical_ones_alone():
    waiting = [
        raised("a", NOW),
        raised("b", NOW + MINUTE),
        raised("c", NOW + MINUTE, severity="critical"),
    ]
    gather = timedelta(minutes=10)

    assert names(due(waiting, now=NOW + MINUTE)) == [["c"], ["a", "b"]]
    assert names(due(waiting, now=NOW + gather - SECOND, gather=gather)) == [["c"]]
    assert names(due(waiting[:2], now=NOW + gather, gather=gather)) == [["a", "b"]]
    assert due([], now=NOW) == []


# --- mutes and acknowledgements -------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "at", "muted"),
    [
        ("vertiv", NOW, True),
        ("rule", NOW, True),
        ("amd", NOW, False),
        ("vertiv", NOW - SECOND, False),
        ("vertiv", NOW + 7 * HOUR - SECOND, True),
        ("vertiv", NOW + 7 * HOUR, False),
    ],
)
def test_mute_is_of_a_company_or_a_rule_for_its_time(target, at, muted):
    mute = Mute(target=target, since=NOW, until=NOW + 7 * HOUR)
    told = alert(rule="rule", subject="vertiv", fired_at=NOW)
    until = muted_until(told, AlertRule(id="rule"), [mute], at=at)

    assert (until == NOW + 7 * HOUR) is muted


@pytest.mark.parametrize(
    ("themes", "topics", "muted"),
    [
        (("ppa",), ("",), True),  # looks at nothing else
        (("ppa", "nuclear"), ("",), False),
        ((), ("ppa",), True),  # a new theme
        ((), ("ppa", "nuclear"), False),
        ((), ("",), False),
    ],
)
def test_mute_of_a_theme_is_of_what_is_about_that_theme_alone(themes, topics, muted):
    mute = Mute(target="ppa", since=NOW, until=NOW + HOUR)
    told = alert(rule="rule", subject="vertiv", fired_at=NOW, topics=topics)
    until = muted_until(told, AlertRule(id="rule", themes=themes), [mute], at=NOW)

    assert (until is not None) is muted


@pytest.mark.parametrize(
    ("after", "topics", "quiet"),
    [
        (timedelta(0), ("",), True),
        (48 * HOUR - SECOND, ("",), True),
        (48 * HOUR, ("",), False),
        (HOUR, ("ppa",), False),
        (HOUR, ("", "ppa"), False),
    ],
)
def test_acknowledged_subject_is_quiet_until_its_window_is_past(after, topics, quiet):
    rule = AlertRule(id="rule", cooldown=HOUR)
    seen = Acknowledgement(
        alert_id="a", rule="rule", by="company", subject="vertiv", topics=("",), at=NOW
    )
    told = alert(rule="rule", subject="vertiv", fired_at=NOW + after, topics=topics)
    until = acknowledged_until(told, rule, [seen], longest_window=48 * HOUR)

    assert (until is not None) is quiet


@pytest.fixture
def news(tmp_path):
    rule = AlertRule(id="any", min_mentions=1, window=HOUR, cooldown=timedelta(0))
    with Store(tmp_path / "monitor.db") as store:
        yield Newsroom(store, [rule], began=NOW - timedelta(days=30))


def heard(news: Newsroom, at: datetime) -> list[str]:
    """Who is told of after a document on two companies."""
    news.publish(at, {"vertiv": 0.1, "amd": 0.1})
    return [it.subject for it in news.run(at)]


def test_muted_company_is_not_told_of_until_the_mute_ends(news):
    wish = wishes.Wishes(news.store.db.conn)
    wish.mute("vertiv", until=NOW + 2 * HOUR, now=NOW)

    assert heard(news, NOW + MINUTE) == ["amd"]
    assert heard(news, NOW + 2 * HOUR) == ["amd", "vertiv"]
    wish.mute("vertiv", until=NOW + 9 * HOUR, now=NOW + 3 * HOUR)
    assert heard(news, NOW + 4 * HOUR) == ["amd"]
    assert wish.unmute("vertiv", now=NOW + 5 * HOUR)
    assert not wish.unmute("vertiv", now=NOW + 5 * HOUR)
    assert heard(news, NOW + 6 * HOUR) == ["amd", "vertiv"]


def test_longer_mute_takes_the_place_of_a_shorter_one(news):
    wish = wishes.Wishes(news.store.db.conn)
    wish.mute("vertiv", until=NOW + 9 * HOUR, now=NOW)
    wish.mute("vertiv", until=NOW + 2 * HOUR, now=NOW + HOUR)

    assert heard(news, NOW + 3 * HOUR) == ["amd", "vertiv"]


def test_acknowledged_alert_is_not_told_again_for_a_window(news):
    heard(news, NOW)
    told = next(it for it in news.raised() if it.subject == "vertiv")
    wish = wishes.Wishes(news.store.db.conn)
    key = wish.acknowledge(told.id[:8], now=NOW + MINUTE)

    assert key == told.id
    assert alerts.states(news.store.db.conn)[key] == "acknowledged"
    assert heard(news, NOW + MINUTE * 2) == ["amd"]
    assert heard(news, NOW + HOUR + MINUTE) == ["amd", "vertiv"]


@pytest.mark.parametrize(("begins", "says"), [("x", "no alert"), ("", "more than one")])
def test_an_id_must_be_of_just_one_alert(news, begins, says):
    heard(news, NOW)

    with pytest.raises(StoreError, match=says):
        wishes.Wishes(news.store.db.conn).acknowledge(begins, now=NOW)


def test_wishes_are_written_beside_a_running_monitor(news):
    with wishes.opened(news.store.path) as wish:  # the store holds its lock
        wish.mute("vertiv", until=NOW + HOUR, now=NOW)

    assert heard(news, NOW + MINUTE) == ["amd"]


# --- through the whole stage ----------------------------------------------------------


def reader(tmp_path, *rules: AlertRule, **settings) -> Iterator[Newsroom]:
    """A newsroom of which one person reads the alerts."""
    mail = MailServer(host="mail.example", sender="monitor@example.org")
    with Store(tmp_path / "monitor.db") as store:
        yield Newsroom(
            store,
            [replace(rule, min_mentions=1, window=HOUR) for rule in rules],
            began=NOW - timedelta(days=30),
            mail=mail,
            **{"alert_recipients": ("me@example.org",)} | settings,
        )


def letters(news: Newsroom) -> int:
    """How many messages were reserved since the day before."""
    sql = "SELECT count(*) FROM deliveries WHERE reserved_at > ?"
    return int(news.store.rows(sql, [iso(NOW - 24 * HOUR)])[0][0])


@pytest.fixture
def sleeper(tmp_path):
    critical = AlertRule(id="now", companies=("dell",), severity="critical")
    yield from reader(
        tmp_path,
        AlertRule(id="any", companies=("amd", "vertiv")),
        critical,
        quiet_hours=SEOUL_NIGHT,
    )


MORNING = utc("2026-03-02T22:00")


def test_what_waits_in_the_night_is_told_once_in_the_morning(sleeper):
    connection = sleeper.store.db.conn
    heard(sleeper, MIDNIGHT)
    asleep = [it.subject for it in alerts.waiting(connection)]
    night = letters(sleeper)
    sleeper.run(MORNING)
    sleeper.run(MORNING + MINUTE)

    assert (asleep, night) == (["amd", "vertiv"], 0)
    assert alerts.waiting(connection) == []
    assert set(alerts.states(connection).values()) == {"told"}
    assert letters(sleeper) == 1


def test_what_is_critical_wakes_people_up(sleeper):
    heard(sleeper, MIDNIGHT)
    sleeper.publish(MIDNIGHT + HOUR, {"dell": -0.9})
    sleeper.run(MIDNIGHT + HOUR)

    waits = [it.subject for it in alerts.waiting(sleeper.store.db.conn)]
    assert (waits, letters(sleeper)) == (["amd", "vertiv"], 1)


def test_what_was_muted_or_seen_while_it_waited_is_not_told(sleeper):
    heard(sleeper, MIDNIGHT)
    wish = wishes.Wishes(sleeper.store.db.conn)
    (seen,) = (it for it in sleeper.raised() if it.subject == "amd")
    wish.acknowledge(seen.id, now=MIDNIGHT + HOUR)
    wish.mute("vertiv", until=MORNING + HOUR, now=MIDNIGHT + HOUR)
    sleeper.run(MORNING)

    states = alerts.states(sleeper.store.db.conn)
    by_company = {it.subject: states[it.id] for it in sleeper.raised()}
    assert by_company == {"dell": "told", "amd": "acknowledged", "vertiv": "muted"}
    assert letters(sleeper) == 0


def test_a_muted_alert_has_no_part_in_the_message_of_the_others(tmp_path):
    rule = AlertRule(id="any", companies=("amd", "dell", "vertiv"))
    for news in reader(tmp_path, rule, quiet_hours=SEOUL_NIGHT):
        heard(news, MIDNIGHT)
        news.publish(MIDNIGHT + HOUR, {"dell": -0.9})
        news.run(MIDNIGHT + HOUR)
        connection = news.store.db.conn
        wish = wishes.Wishes(connection)
        wish.mute("vertiv", until=MORNING + HOUR, now=MIDNIGHT + HOUR)
        news.run(MORNING)
        messages = {
            it.subject: len(alerts.deliveries_of(connection, it.id))
            for it in news.raised()
        }

        assert messages == {"amd": 1, "dell": 1, "vertiv": 0}


def test_alerts_of_ten_minutes_come_in_one_message(tmp_path):
    rule = AlertRule(id="any", companies=("amd", "vertiv"), cooldown=timedelta(0))
    for news in reader(tmp_path, rule, alert_group=10 * MINUTE):
        heard(news, NOW)
        heard(news, NOW + MINUTE)
        before = letters(news)
        news.run(NOW + 10 * MINUTE)

        assert (before, letters(news)) == (0, 1)


@pytest.mark.parametrize(
    ("changed", "state"),
    [({"alert_recipients": ()}, "no recipient"), ({"alerts": ()}, "rule gone")],
)
def test_an_alert_that_nobody_gets_says_why(sleeper, changed, state):
    heard(sleeper, MIDNIGHT)
    sleeper.config = replace(sleeper.config, **changed)
    sleeper.run(MORNING)

    states = alerts.states(sleeper.store.db.conn)
    assert [states[it.id] for it in sleeper.raised()[-2:]] == [state] * 2


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        (["sent"], "told"),
        (["failed", "sent"], "told"),
        (["failed", "pending"], "being sent"),
        (["failed", "failed"], "not taken: 550 no such user"),
    ],
)
def test_what_became_of_an_alert_says_how_far_its_messages_came(
    tmp_path, states, outcome
):
    rule = AlertRule(id="any", companies=("amd",))
    people = tuple(f"{number}@example.org" for number in range(len(states)))
    for news in reader(tmp_path, rule, alert_recipients=people):
        heard(news, NOW)
        connection = news.store.db.conn
        for person, state in zip(people, states, strict=True):
            error = "550 no such user" if state == "failed" else None
            connection.execute(
                "UPDATE deliveries SET state = ?, error = ? WHERE recipient = ?",
                [state, error, person],
            )
        (raised,) = news.raised()
        state = alerts.states(connection)[raised.id]

        assert alerts.outcome(connection, raised.id, state) == outcome


# --- at which gate a rule stopped -----------------------------------------------------


def gate(news: Newsroom, since: datetime) -> str:
    """How far the rule came with Vertiv since a moment."""
    rules, connection = news.config.alerts, news.store.db.conn
    verdicts, history = rehearse(news.config, connection, rules, since=since)
    (stop,) = stops(rules, history, "vertiv", verdicts, since=since)
    return stop.gate


def test_why_not_names_each_silence(tmp_path):
    rule = AlertRule(id="any", cooldown=2 * HOUR)
    for news in reader(tmp_path, rule):
        heard(news, NOW)
        fired = gate(news, NOW - MINUTE)
        heard(news, NOW + HOUR)
        cooling = gate(news, NOW + MINUTE)
        wish = wishes.Wishes(news.store.db.conn)
        (told,) = (it for it in news.raised() if it.subject == "vertiv")
        wish.acknowledge(told.id, now=NOW + HOUR + MINUTE)
        heard(news, NOW + 3 * HOUR)
        seen = gate(news, NOW + 2 * HOUR)
        wish.mute("vertiv", until=NOW + 9 * HOUR, now=NOW + 4 * HOUR)
        heard(news, NOW + 5 * HOUR)
        muted = gate(news, NOW + 4 * HOUR)

        assert (fired, cooling, seen, muted) == (
            "fired",
            "cooldown",
            "acknowledged",
            "muted",
        )
