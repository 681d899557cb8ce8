"""Lays digests and alerts out as mail: plain text and HTML with the same content.

HTML for mail clients: tables, inlined styles, a fluid column of at most 640 pixels,
dark colours by media query; no script, nothing loaded, pictures only from the mail. Text from outside is data to the templates, never a template.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Literal
from unicodedata import east_asian_width
from zoneinfo import ZoneInfo

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from monitor.notify.alert_view import AlertsView, AlertView, view_alert, view_alerts
from monitor.notify.digest_view import DigestView, view_digest
from monitor.notify.encoding import size
from monitor.notify.note import Note, alert_note, alerts_note, digest_note
from monitor.notify.picture import Picture
from monitor.notify.view import Names, tone
from monitor.types import Alert, AlertRule, Digest

MAX_BYTES = 98_000
"""Of text, HTML and pictures on the wire: mailboxes cut a message off at about 100 kB."""

LEADING = 4
"""How many companies keep their evidence longest where not all of it fits."""

# Sentences for each leading company and for each other one, and the companies shown.
_SIZES = (
    *(
        (lead, rest, None)
        for lead, rest in ((3, 3), (3, 2), (2, 2), (3, 1), (2, 1), (1, 1))
    ),
    *((1, 1, most) for most in (12, 8, 4, 1)),
)

# Sentences for each of several alerts, and how many of them are shown.
_STORMS = ((3, None), (2, None), (1, None), (1, 40), (0, 40), (0, 20), (0, 5))

HALF = 50
"""Percent of a bar on either side of its middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """A mail, before it is addressed."""

    subject: str
    text: str
    html: str
    pictures: tuple[Picture, ...] = ()
    """What the HTML shows by `cid:`."""
    note: Note = field(default_factory=lambda: Note(title=""))
    """What of it fits on a phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A piece of a bar; `width` in percent."""

    look: str
    width: int


def digest(digest: Digest, names: Names) -> Rendering:
    """Text and HTML of a digest, in the language that it was configured with.

    What would make it larger than `MAX_BYTES` is left out of both forms: first
    evidence, then the companies that matter least, which are then only named.
    """
    top = digest.spec.top
    for lead, rest, most in _SIZES:
        shown = top if most is None else min(top, most)
        quotes = [lead] * LEADING + [rest] * max(0, shown - LEADING)
        rendering = _render("digest", view_digest(digest, names, quotes[:shown]))
        if _bytes(rendering) <= MAX_BYTES:
            break
    return rendering


def _bytes(rendering: Rendering) -> int:
    """On the wire, about: each picture has some 200 bytes of headers."""
    drawn = sum(len(it.png) * 78 // 57 + 230 for it in rendering.pictures)
    return size(rendering.html) + size(rendering.text) + drawn


def page(rendering: Rendering) -> str:
    """The HTML with its pictures inside, to be looked at without a mail."""
    html = rendering.html
    for picture in rendering.pictures:
        data = f"data:image/png;base64,{b64encode(picture.png).decode()}"
        html = html.replace(f"cid:{picture.cid}", data)
    return html


def alert(
    alert: Alert,
    rule: AlertRule,
    names: Names,
    *,
    language: Literal["en", "ko"] = "en",
    timezone: ZoneInfo | None = None,
) -> Rendering:
    """Text and HTML of an alert; `rule` is the one that fired. UTC by default."""
    view = view_alert(
        alert, rule, names, language=language, timezone=timezone or ZoneInfo("UTC")
    )
    return _render("alert", view)


def alerts(
    told: Sequence[tuple[Alert, AlertRule]],
    names: Names,
    *,
    language: Literal["en", "ko"],
    timezone: ZoneInfo,
) -> Rendering:
    """Text and HTML of several alerts in one message; of one, as `alert`.

    What would make it too large for mailboxes is left out of both forms: evidence,
    then alerts, which are then only counted (`monitor alerts list` has all of them).
    """
    views = [
        view_alert(alert, rule, names, language=language, timezone=timezone)
        for alert, rule in told
    ]
    if len(views) == 1:
        return _render("alert", views[0])
    rules = [rule.id for _, rule in told]
    for quotes, most in _STORMS:
        shown = [replace(view, quotes=view.quotes[:quotes]) for view in views]
        rendering = _render("alerts", view_alerts(shown, rules, most=most))
        if size(rendering.html) + size(rendering.text) <= MAX_BYTES:
            break
    return rendering


def bar_cells(value: float | None) -> list[Cell]:
    """A bar from the middle to the left or right, `HALF` percent at a score of 1."""
    look = f"fill-{tone(value)}"
    length = 0
    if value is not None and tone(value) != "flat":
        length = max(1, round(HALF * min(abs(value), 1.0)))
    left, right = (length, 0) if tone(value) == "neg" else (0, length)
    before = [Cell(look="track", width=HALF - left), Cell(look=look, width=left)]
    after = [Cell(look=look, width=right), Cell(look="track", width=HALF - right)]
    first, *rest = [cell for cell in after if cell.width]
    middle = Cell(look=f"{first.look} mid", width=first.width)
    return [*(cell for cell in before if cell.width), middle, *rest]


def text_bar(value: float | None) -> str:
    """`          │███       `: 21 characters, as `bar_cells`."""
    length = round(10 * min(abs(value or 0.0), 1.0))
    filled = "█" * length
    left, right = (filled, "") if value and value < 0 else ("", filled)
    return f"{left:>10}│{right:<10}"


def width(text: str) -> int:
    """Columns that the text takes in a fixed-width font."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def pad(text: str, columns: int) -> str:
    return text + " " * max(0, columns - width(text))


def _note(view: DigestView | AlertView | AlertsView) -> Note:
    if isinstance(view, AlertView):
        return alert_note(view)
    return alerts_note(view) if isinstance(view, AlertsView) else digest_note(view)


def _render(name: str, view: DigestView | AlertView | AlertsView) -> Rendering:
    templates = _templates()
    portraits = view.portraits if isinstance(view, DigestView) else ()
    html = templates.get_template(f"{name}.html").render(view=view)
    text = templates.get_template(f"{name}.txt").render(view=view)
    return Rendering(
        subject=view.subject,
        note=_note(view),
        text=re.sub(r"\n{3,}", "\n\n", text).strip() + "\n",
        html=_STYLE.sub(_tight, _inliner().inline(_LAYOUT.sub("\n", html))),
        pictures=tuple(it.days for it in portraits if f"cid:{it.days.cid}" in html),
    )


_LAYOUT = re.compile(r"\n\s*")
_STYLE = re.compile(r'style="[^"]*"')


def _tight(style: re.Match[str]) -> str:
    """The same without the spaces that the inliner puts, a tenth of the whole."""
    return re.sub(r"([:;,]) ", r"\1", style[0])


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "bar_cells": bar_cells,
        "pad": pad,
        "text_bar": text_bar,
        "width": width,
    }
    return environment


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False)
