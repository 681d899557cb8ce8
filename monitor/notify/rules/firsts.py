"""Conditions on what was never there before: a theme of a company, a name.

In the first `WATCHED` of a database nothing is new, because everything is. Likewise of a
feed: what it brings until then is left out.
"""

from collections.abc import Callable, Hashable, Iterable
from datetime import timedelta

from monitor.notify.rules.result import Group, Result, Scene, hours, sources, too_few
from monitor.notify.rules.timeline import Piece
from monitor.types import ConditionKind, NameAppears, ThemeAppears

WATCHED = timedelta(days=7)
MAX_NAMED = 3
"""Names or themes that an alert says, those in most documents; others it counts."""

Keys = Callable[[Piece], Iterable[Hashable]]


def new_theme(condition: ThemeAppears, scene: Scene) -> Result:
    """Themes in the window that the whole baseline before it did not have."""
    wanted = set(scene.rule.themes)

    def present(item: Piece) -> list[str]:
        themes = item.heard.themes if item.counted else ()
        return [theme for theme in themes if not wanted or theme in wanted]

    return _first("new_theme", condition, scene, present, keys=_themes)


def new_name(condition: NameAppears, scene: Scene) -> Result:
    """Names in the window that the whole baseline before it did not have."""

    def present(item: Piece) -> list[str]:
        names = item.heard.names if item.counted else ()
        return [text for label, text in names if label in condition.labels]

    return _first("new_name", condition, scene, present, keys=_names, key=_folded)


def _themes(item: Piece) -> Iterable[Hashable]:
    return item.heard.themes if item.counted else ()


def _names(item: Piece) -> Iterable[Hashable]:
    return [_folded(text) for _, text in item.heard.names] if item.counted else ()


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _first(
    kind: ConditionKind,
    condition: ThemeAppears | NameAppears,
    scene: Scene,
    present: Callable[[Piece], list[str]],
    *,
    keys: Keys,
    key: Callable[[str], str] = str,
) -> Result:
    scene, start = scene.read_for(WATCHED), scene.now - condition.window

    def no(missing: str, nearness: float) -> Result:
        return Result(kind=kind, values={}, missing=missing, nearness=nearness)

    if scene.now - scene.began < WATCHED:
        return no("watched for less than a week", 0.1)
    # Only what is news at this moment can have made something new, or enough.
    written = {
        key(text): text
        for item in scene.timeline.new(scene.now)
        for text in present(item)
        if key(text) not in scene.quiet
    }
    new = {
        one: scene.timeline.under(keys, one).window(start, scene.now, now=scene.now)
        for one in sorted(written)
        if not _seen(scene, keys, one, condition)
    }
    if not new:
        return no("nothing that was not there before", 0.2)
    short = {
        one: too_few(
            pieces,
            min_mentions=condition.min_mentions,
            min_sources=condition.min_sources,
        )
        for one, pieces in new.items()
    }
    topics = sorted(
        (one for one in new if short[one] is None),
        key=lambda one: (-len(new[one]), one),
    )
    if not topics:
        first = next(iter(new))
        text, near = short[first] or ("", 0.0)
        return no(f"{written[first]}: {text}", near)
    pieces = list(
        {item.document_id: item for one in topics for item in new[one]}.values()
    )
    values: dict[str, float | str | None] = {
        "hours": hours(condition.window),
        "baseline_hours": hours(condition.baseline),
        "min_mentions": condition.min_mentions,
        "min_sources": condition.min_sources,
        "what": ", ".join(written[one] for one in topics[:MAX_NAMED]),
        "mentions": len(pieces),
        "sources": sources(pieces),
    }
    if others := topics[MAX_NAMED:]:
        values |= {
            "more": len(others),
            "others": ", ".join(written[one] for one in others),
        }
    group = Group(pieces=tuple(pieces), quotes=_quotes(pieces, topics, kind))
    return Result(
        kind=kind,
        values=values,
        groups=(group,),
        several=tuple(topics),
        since=start,
        start=start,
    )


def _seen(
    scene: Scene, keys: Keys, key: str, condition: ThemeAppears | NameAppears
) -> bool:
    """Whether it was known before the window."""
    return scene.timeline.under(keys, key).has(
        scene.now - condition.baseline,
        scene.now - condition.window,
        now=scene.now,
    )


def _quotes(
    pieces: list[Piece], topics: list[str], kind: ConditionKind
) -> dict[str, str]:
    """The sentences that have the name; a theme is shown by the usual evidence."""
    if kind == "new_theme":
        return {}
    return {
        item.document_id: mention.sentence
        for item in pieces
        for mention in reversed(item.mentions)
        if any(one in _folded(mention.sentence) for one in topics)
    }
