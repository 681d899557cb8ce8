"""Conditions on single documents: filing, keyword, quantity.

They look at what is new at the moment, or at a window where they are given one.
"""

from collections.abc import Iterable
from datetime import timedelta

from monitor.notify.rules.result import Group, Result, Scene, hours, sources
from monitor.notify.rules.timeline import Piece
from monitor.notify.words import measured
from monitor.sources.forms import is_among
from monitor.types import Amount, FilingMatch, KeywordMatch, QuantityAbove

RECENT = timedelta(hours=24)
"""Without a window: published at most so long (and `readings.LATE`) before."""

Values = dict[str, float | str | None]


def filing(condition: FilingMatch, scene: Scene) -> Result:
    """A filing of the subject's own, of one of the forms with one of the items.

    By theme it may be anybody's. Who is only named in one is what other kinds look at.
    """
    values: Values = {
        "forms": ", ".join(condition.forms),
        "items": ", ".join(condition.items),
    }
    found = [
        item
        for item in _pieces(scene, condition.window)
        if item.heard.form
        and (scene.rule.by == "theme" or item.heard.filer == scene.subject)
        and is_among(item.heard.form, condition.forms)
        and (not condition.items or set(condition.items) & set(item.heard.items))
    ]
    if not found:
        return Result(kind="filing", values=values, missing="no such filing")
    numbers = sorted({item.heard.accession_no or "" for item in found})
    forms = sorted({item.heard.form for item in found if item.heard.form})
    items = sorted({one for item in found for one in item.heard.items})
    values |= {"form": ", ".join(forms), "item": ", ".join(items)}
    return Result(
        kind="filing",
        values=values | _numbers(condition.window, found),
        groups=(Group(pieces=tuple(found)),),
        topic=", ".join(numbers),
        start=scene.now - (condition.window or RECENT),
    )


def keyword(condition: KeywordMatch, scene: Scene) -> Result:
    """A document with a sentence that matches."""
    patterns = condition.patterns
    values: Values = {"any": ", ".join(patterns.any), "all": ", ".join(patterns.all)}
    pieces = _pieces(scene, condition.window)
    quotes = {
        item.document_id: sentence
        for item in pieces
        for matched, sentence in item.heard.keywords
        if matched == patterns
    }
    found = [item for item in pieces if item.document_id in quotes]
    if not found:
        return Result(kind="keyword", values=values, missing="no such words")
    return Result(
        kind="keyword",
        values=values | _numbers(condition.window, found),
        groups=(Group(pieces=tuple(found), quotes=quotes),),
        start=scene.now - (condition.window or RECENT),
    )


def quantity(condition: QuantityAbove, scene: Scene) -> Result:
    """An amount above the bound, in a sentence that names the subject."""
    values: Values = {"above": condition.above, "unit": condition.unit}
    pieces = _pieces(scene, condition.window)
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
        most = max((amount.normalised for amount in amounts.values()), default=None)
        missing = (
            f"at most {measured(most, condition.unit, 'en')}" if most else "no amount"
        )
        near = min(1.0, (most or 0) / condition.above) if condition.above else 0.0
        return Result(
            kind="quantity",
            values=values | {"largest": most},
            missing=missing,
            nearness=near,
        )
    found = [item for item in pieces if item.document_id in over]
    top = max(over.values(), key=lambda amount: (amount.normalised, amount.text))
    values |= {"largest": top.normalised, "text": top.text}
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


def _pieces(scene: Scene, window: timedelta | None) -> list[Piece]:
    """What is looked at: the window, or what is news at this moment."""
    now = scene.now
    if window is not None:
        return scene.timeline.window(now - window, now, now=now)
    return [item for item in scene.timeline.new(now) if not item.stale(now - RECENT)]


def _numbers(window: timedelta | None, found: list[Piece]) -> Values:
    return {
        "hours": hours(window) if window is not None else None,
        "mentions": len(found),
        "sources": sources(found),
    }
