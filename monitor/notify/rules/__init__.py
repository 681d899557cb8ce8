"""Alert rules: decides which fire at a moment, from what is known and what was told.

Pure, and the same for what happens now and for what would have happened: `replay`
goes through moments at which something was heard, and the live path is the replay of
one moment. Does not read the store, put alerts into a reader's language, or send them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal, NamedTuple

from monitor.notify.rules import (
    counts,
    course,
    firsts,
    matches,
    scope,
    screens,
    silence,
)
from monitor.notify.rules.drafts import draft, finished
from monitor.notify.rules.result import Result, Scene
from monitor.notify.rules.silence import Past
from monitor.notify.rules.timeline import Piece, Timeline, piece
from monitor.notify.rules.topics import Held
from monitor.types import (
    Acknowledgement,
    Alert,
    AlertRule,
    Condition,
    Disagreement,
    FilingMatch,
    Heard,
    HeardMention,
    KeywordMatch,
    Mute,
    NameAppears,
    QuantityAbove,
    Spike,
    ThemeAppears,
    Threshold,
    Turn,
)

Gate = Literal["condition", "told", "cooldown", "acknowledged", "muted", "fired"]
GATES: tuple[Gate, ...] = (
    "condition",
    "told",
    "cooldown",
    "acknowledged",
    "muted",
    "fired",
)
"""In the order in which an alert has to pass them."""

KINDS: Mapping[type, Callable[..., Result]] = {
    Threshold: counts.threshold,
    Spike: counts.spike,
    Turn: course.turn,
    ThemeAppears: firsts.new_theme,
    NameAppears: firsts.new_name,
    FilingMatch: matches.filing,
    KeywordMatch: matches.keyword,
    QuantityAbove: matches.quantity,
    Disagreement: course.disagreement,
}


class Verdict(NamedTuple):
    """What became of one rule and subject at one moment, and at which gate."""

    rule: AlertRule
    subject: str
    at: datetime
    gate: Gate
    missing: str = ""
    """In English, why it went no further."""
    nearness: float = 1.0
    """From 0 to 1: how little was missing, where the condition did not hold."""
    alert: Alert | None = None
    """The alert that fired, if one did."""


@dataclass(frozen=True, kw_only=True)
class History:
    """All that was heard, and what people asked for."""

    heard: Sequence[Heard]
    began: datetime
    """When anything was first heard, however far back `heard` reaches."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """Of companies, by id."""
    mutes: Sequence[Mute] = ()
    acknowledgements: Sequence[Acknowledgement] = ()

    @cached_property
    def moments(self) -> list[datetime]:
        """When something was heard that may raise an alert, each once, in order."""
        return sorted({item.heard_at for item in self.heard if item.news})


def decide(
    rules: Sequence[AlertRule],
    history: History,
    past: Iterable[Alert],
    *,
    now: datetime,
) -> list[Alert]:
    """The alerts to raise, by rule in the order given and then by subject.

    Only subjects of which something was heard at this very moment are judged.
    `history` must reach back as far as `lookback` of each rule, `past` as far as the
    longest cooldown or window.
    """
    told = Past(past)
    verdicts = replay(rules, history, told, moments=[now])
    return [it.alert for it in verdicts if it.alert]


def replay(
    rules: Sequence[AlertRule],
    history: History,
    past: Past,
    *,
    moments: Iterable[datetime],
    reasons: bool = True,
) -> Iterator[Verdict]:
    """Judge every rule at each moment, in order; what fires is added to `past`.

    Without `reasons` most verdicts do not say what was missing, which takes far less
    time over many moments.
    """
    watches = [Watch(rule, history) for rule in rules]
    for now in moments:
        for watch in watches:
            for subject in watch.subjects(now):
                if not reasons and not watch.may_fire(subject, now=now):
                    yield Verdict(watch.rule, subject, now, "condition")
                    continue
                verdict = watch.judge(subject, past, now=now)
                if verdict.alert:
                    past.add(verdict.alert)
                yield verdict


def lookback(rule: AlertRule) -> timedelta:
    """How far back a rule looks."""
    spans = [timedelta(days=2)]
    for condition in conditions(rule):
        window = condition.window or timedelta()
        # A turn is judged again at moments that lie one baseline back.
        baseline = getattr(condition, "baseline", timedelta())
        spans.append(window + baseline * (2 if isinstance(condition, Turn) else 1))
    return max(spans)


def conditions(rule: AlertRule) -> tuple[Condition, ...]:
    """All conditions of a rule; its own threshold where it names none."""
    return rule.all + rule.any or (_own_threshold(rule),)


def asks_for_score(condition: Condition) -> bool:
    """Whether a score that comes late can change the answer."""
    if isinstance(condition, Threshold):
        return not (condition.score_below is condition.score_above is None)
    return isinstance(condition, Turn | Disagreement)


def _own_threshold(rule: AlertRule) -> Threshold:
    return Threshold(
        window=rule.window,
        min_mentions=rule.min_mentions,
        min_sources=rule.min_sources,
        score_below=rule.score_below,
        score_above=rule.score_above,
    )


NOTHING = Held()


class Watch:
    """One rule over a history."""

    def __init__(self, rule: AlertRule, history: History) -> None:
        self.rule = rule
        self.history = history
        self._every = rule.all or (() if rule.any else (_own_threshold(rule),))
        windows = [it.window for it in conditions(rule) if it.window is not None]
        self._longest = max(windows, default=timedelta())
        self._checks = scope.restrictions(rule, history.roles)
        pieces: dict[str, list[Piece]] = {}
        self._subjects: dict[datetime, set[str]] = {}
        for heard in map(self._as_asked, history.heard):
            for subject, mentions in self._own(heard).items():
                found = piece(heard, mentions, by=rule.by)
                pieces.setdefault(subject, []).append(found)
                if heard.news:
                    self._subjects.setdefault(heard.heard_at, set()).add(subject)
        self._timelines = {key: Timeline(items) for key, items in pieces.items()}
        self._possible: dict[str, screens.Moments] = {}

    def _as_asked(self, heard: Heard) -> Heard:
        """A document, whose late score is no news if the rule asks for none."""
        if heard.first or any(map(asks_for_score, conditions(self.rule))):
            return heard
        return heard._replace(news=False)

    def _own(self, heard: Heard) -> dict[str, list[HeardMention]]:
        """What the rule lets through of a document, by subject."""
        found: dict[str, list[HeardMention]] = {}
        checks = self._checks
        for item in heard.mentions:
            if not checks or scope.excluded(checks, heard, item) is None:
                for subject in scope.subjects(self.rule, heard, item):
                    found.setdefault(subject, []).append(item)
        return found

    def subjects(self, now: datetime) -> list[str]:
        """Those of which there is news at this very moment."""
        return sorted(self._subjects.get(now, ()))

    def may_fire(self, subject: str, *, now: datetime) -> bool:
        """False only where its conditions cannot hold."""
        if subject not in self._possible:
            self._possible[subject] = screens.possible(
                self._every, self.rule.any, self._timelines[subject]
            )
        return now in self._possible[subject]

    def judge(self, subject: str, past: Past, *, now: datetime) -> Verdict:
        """Put a subject through the gates."""
        timeline = self._timelines[subject]
        scene = Scene(self.rule, subject, timeline, now, self.history.began)
        held, missing, nearness = self._holds(scene)
        if missing:
            return Verdict(self.rule, subject, now, "condition", missing, nearness)
        alert = draft(scene, held)
        if alert is None:
            missing = "it held before what is new now"
            return Verdict(self.rule, subject, now, "condition", missing, nearness)
        gate, missing, told = self._let_through(scene, held, alert, past)
        return Verdict(self.rule, subject, now, gate, missing, nearness, told)

    def _holds(self, scene: Scene) -> tuple[Held, str, float]:
        """Results if the rule holds; else none, and what is missing."""
        every = [_ask(it, scene) for it in self._every]
        failed = [it for it in every if not it.held]
        if failed:
            nearest = max(failed, key=lambda it: it.nearness)
            near = (len(every) - len(failed) + nearest.nearness) / len(every)
            return NOTHING, _named(failed), near
        some = [_ask(it, scene) for it in self.rule.any]
        held = [it for it in some if it.held and not scene.quiet.issuperset(it.topics)]
        if some and not held:
            nearest = max(some, key=lambda it: it.nearness)
            return NOTHING, _named([nearest]), nearest.nearness
        return Held(every=every, some=held), "", 1.0

    def _let_through(
        self, scene: Scene, held: Held, alert: Alert, past: Past
    ) -> tuple[Gate, str, Alert | None]:
        """How far an alert comes; if with some of its topics alone, then with those.

        The alert, with what is said of it, if it comes through.
        """
        topics = held.topics()
        gates = {
            name: self._gate(replace(alert, topics=(name,)), past, since=it.since)
            for name, it in topics.items()
        }
        stopped = [it for it in gates.values() if it[0] != "fired"]
        if not stopped:
            return "fired", "", finished(scene, held, alert)
        gate, missing = max(stopped, key=lambda it: GATES.index(it[0]))
        new = [name for name, it in gates.items() if it[0] == "fired"]
        if not new:
            return gate, missing, None
        parts = frozenset(part for it in topics.values() for part in it.parts)
        kept = {part for name in new for part in topics[name].parts}
        scene = scene._replace(quiet=parts - kept)
        held = self._holds(scene)[0]
        rest = draft(scene, held)
        if rest is None or past.told(rest):
            return gate, missing, None
        return "fired", "", finished(scene, held, replace(rest, topics=tuple(new)))

    def _gate(
        self, alert: Alert, past: Past, *, since: datetime | None
    ) -> tuple[Gate, str]:
        """How far an alert comes, and until when it is kept from being raised."""
        if past.told(alert, since=since):
            return "told", "nothing new since it was told"
        history = self.history
        acknowledged = silence.acknowledged_until(
            alert, self.rule, history.acknowledgements, longest_window=self._longest
        )
        muted = silence.muted_until(alert, self.rule, history.mutes, at=alert.fired_at)
        gates: tuple[tuple[Gate, datetime | None], ...] = (
            ("cooldown", past.cooling_until(alert, self.rule.cooldown)),
            ("acknowledged", acknowledged),
            ("muted", muted),
        )
        for gate, until in gates:
            if until is not None:
                return gate, f"until {until:%Y-%m-%d %H:%M} UTC"
        return "fired", ""


def _ask(condition: Condition, scene: Scene) -> Result:
    result = KINDS[type(condition)](condition, scene)
    if not result.held or not asks_for_score(condition):
        return result
    scored = tuple(replace(group, scored=True) for group in result.groups)
    return result._replace(groups=scored)


def _named(results: Sequence[Result]) -> str:
    return "; ".join(f"{it.kind}: {it.missing}" for it in results)
