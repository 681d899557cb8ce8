"""What an alert is about in particular, topic by topic: each has a silence of its own.

A topic is a theme, a name, a filing, an amount; of conditions that must hold together
it is theirs together. Does not know what was told (`silence`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from monitor.notify.rules.result import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One of the topics of an alert."""

    parts: tuple[str, ...]
    """What each of its conditions calls it."""
    since: datetime | None
    """What was told of it since then was the same; None if only cooldowns say that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The conditions of a rule that hold."""

    every: Sequence[Result] = ()
    some: Sequence[Result] = ()
    """Of `any`: each by itself is enough, and has topics of its own."""

    @property
    def results(self) -> list[Result]:
        return [*self.every, *self.some]

    def topics(self) -> dict[str, Topic]:
        """By name; that of what is about the subject as such is empty."""
        found: dict[str, Topic] = {}
        for together in [(*self.every, it) for it in self.some] or [(*self.every,)]:
            since = max((it.since for it in together if it.since), default=None)
            for parts in product(*(it.topics for it in together)):
                name = "; ".join(filter(None, parts))
                found.setdefault(name, Topic(parts=parts, since=since))
        return found
