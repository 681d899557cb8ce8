"""Conditions on single documents: filing, keyword, quantity.

They look at what is new at the moment, or at a window where they are given one; and at
what is only now heard, however late, if nobody read its feed meanwhile.
"""

from collections.abc import Iterable
from datetime import timedelta

from monitor.notify.rules.result import Group, Result, Scene, hours, sources
from monitor.notify.rules.timeline import Piece
from monitor.notify.words import measured
from monitor.sources.forms import is_among
from monitor.types import (
    Amount,
    ConditionKind,
    FilingMatch,
    KeywordMatch,
    QuantityAbove,
)

RECENT = timedelta(hours=24)
"""Without a window: published at most so long (and `readings.LATE`) before."""

TOO_OLD = 0.99
"""How near a condition comes that only age keeps from holding."""

Values = dict[str, float | str | None]


def filing(condition: FilingMatch, scene: Scene) -> Result:
    """A filing of the subject's own, of one of the forms with one of the items.

    By theme it may be anybody's. Who is only named in one is what other kinds look at.
    """
    pieces, old = _pieces(scene, condition.window)
    found = [item for item in pieces if _fits(item, condition, scene)]
    if not found:
        old = [item for item in old if _fits(item, condition, scene)]
        return _none("filing", "no such filing", old=old)
    numbers = sorted({item.heard.accession_no or "" for item in found})
    forms = sorted({item.heard.form for item in found if item.heard.form})
    items = sorted({one for item in found for one in item.heard.items})
    values: Values = {
        "forms": ", ".join(condition.forms),
        "items": ", ".join(condition.items),
        "form": ", ".join(forms),
        "item": ", ".join(items),
    }
    return Result(
        kind="filing",
        values=values | _numbers(condition.window, found),
        groups=(Group(pieces=tuple(found)),),
        topic=", ".join(numbers),
        start=scene.now - (condition.window or RECENT),
    )


def _fits(item: Piece, condition: FilingMatch, scene: Scene) -> bool:
    heard = item.heard
    return (
        bool(heard.form)
        and (scene.rule.by == "theme" or heard.filer == scene.subject)
        and is_among(heard.form or "", condition.forms)
        and (not condition.items or bool(set(condition.items) & set(heard.items)))
    )


def keyword(condition: KeywordMatch, scene: Scene) -> Result:
    """A document with a sentence that matches."""
    patterns = condition.patterns
    pieces, old = _pieces(scene, condition.window)
    quotes = {
        item.document_id: sentence
        for item in pieces + old
        for matched, sentence in item.heard.keywords
        if matched == patterns
    }
    found = [item for item in pieces if item.document_id in quotes]
    if not found:
        old = [item for item in old if item.document_id in quotes]
        return _none("keyword", "no such words", old=old)
    values: Values = {"any": ", ".join(patterns.any), "all": ", ".join(patterns.all)}
    return Result(
        kind="keyword",
        values=values | _numbers(condition.window, found),
        groups=(Group(pieces=tuple(found), quotes=quotes),),
        start=scene.now - (condition.window or RECENT),
    )


def quantity(condition: QuantityAbove, scene: Scene) -> Result:
    """An amount above the bound, in a sentence that names the subject."""
    pieces, old = _pieces(scene, condition.window)
    amounts = {
        item.document_id: largest
        for item in pieces
        if (largest := _largest(item, condition, scene)) is not None
    }
    over = {
        key: amount
        for key, amount in amounts.items()
        if amount.normalised > condition.above
    }
    if not over:
        old = [
            item
            for item in old
            if (largest := _largest(item, condition, scene)) is not None
            and largest.normalised > condition.above
        ]
        most = max((amount.normalised for amount in amounts.values()), default=None)
        missing = (
            f"at most {measured(most, condition.unit, 'en')}" if most else "no amount"
        )
        near = min(1.0, (most or 0) / condition.above) if condition.above else 0.0
        return _none("quantity", missing, nearness=near, old=old)
    found = [item for item in pieces if item.document_id in over]
    top = max(over.values(), key=lambda amount: (amount.normalised, amount.text))
    values: Values = {
        "above": condition.above,
        "unit": condition.unit,
        "largest": top.normalised,
        "text": top.text,
    }
    return Result(
        kind="quantity",
        values=values | _numbers(condition.window, found),
        groups=(
            Group(
                pieces=tuple(found),
                quotes={key: amount.sentence for key, amount in over.items()},
            ),
        ),
        # The same figure is the same deal, told by the next outlet.
        topic=f"{top.normalised:g} {condition.unit}",
        start=scene.now - (condition.window or RECENT),
    )


def _largest(item: Piece, condition: QuantityAbove, scene: Scene) -> Amount | None:
    found: Iterable[Amount] = (
        amount
        for amount in item.heard.amounts
        if amount.unit == condition.unit
        and (scene.rule.by == "theme" or amount.company == scene.subject)
    )
    return max(found, key=lambda amount: (amount.normalised, amount.text), default=None)


def _pieces(scene: Scene, window: timedelta | None) -> tuple[list[Piece], list[Piece]]:
    """What is looked at: the window, or what is news at this moment; and what is late.

    Also what of this moment's news is left out because it is too old.
    """
    now, new = scene.now, scene.timeline.new(scene.now)
    if window is not None:
        pieces = scene.timeline.window(now - window, now, now=now)
    else:
        pieces = [item for item in new if not item.stale(now - RECENT)]
    taken = {item.document_id for item in pieces}
    rest = [item for item in new if item.document_id not in taken]
    late = [item for item in rest if item.heard.unread and item.heard.first]
    return pieces + late, [item for item in rest if not item.heard.unread]


def _none(
    kind: ConditionKind,
    missing: str,
    *,
    nearness: float = 0.0,
    old: list[Piece],
) -> Result:
    """The answer where nothing was found, or only what is too `old`."""
    if old:
        latest = max(item.heard.published_at for item in old)
        missing = f"too old: of {latest:%Y-%m-%d %H:%M} UTC, heard only now"
        nearness = TOO_OLD
    return Result(kind=kind, values={}, missing=missing, nearness=nearness)


def _numbers(window: timedelta | None, found: list[Piece]) -> Values:
    return {
        "hours": hours(window) if window is not None else None,
        "mentions": len(found),
        "sources": sources(found),
    }
