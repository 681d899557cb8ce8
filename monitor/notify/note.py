"""What fits on a phone: a title and a few lines, for chats, feeds and services.

Made from the same views as the mail, so it says nothing else, only less. Does not know
how a channel takes it (`push`, `webhook`, `atom`).
"""

from dataclasses import dataclass
from html import escape

from monitor.notify.alert_view import AlertsView, AlertView
from monitor.notify.digest_view import DigestView
from monitor.notify.plain import MAX_URL
from monitor.notify.view import Quote

MAX_TEXT = 900
"""Characters: the strictest services in use (Pushover, some SMS) stop at about 1,000."""

QUOTES = 3
COMPANIES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteLine:
    """A line, and where it leads; an empty `url` is nowhere."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A title and lines."""

    title: str
    lines: tuple[NoteLine, ...] = ()

    def text(self, most: int = MAX_TEXT) -> str:
        """Plain text; the lines that fit, but always the first."""
        shown: list[str] = []
        for line in self.lines:
            added = "\n".join(filter(None, (line.text, line.url)))
            if shown and len("\n".join([*shown, added])) > most:
                break
            shown.append(added[: most + MAX_URL])
        return "\n".join(shown)

    def html(self) -> str:
        """Paragraphs without any style, escaped."""
        return "\n".join(f"<p>{_linked(line)}</p>" for line in self.lines)


def alert_note(view: AlertView) -> Note:
    """The numbers of an alert, then its evidence."""
    lines = [
        NoteLine(text=view.sentence),
        *(_quoted(it) for it in view.quotes[:QUOTES]),
        NoteLine(text=f"{view.facts[0][0]}: {view.facts[0][1]} · {view.period}"),
    ]
    return Note(title=view.subject, lines=tuple(lines))


def alerts_note(view: AlertsView) -> Note:
    """Each alert with its numbers and its first sentence of evidence."""
    lines = [
        line
        for one in view.alerts
        for line in (
            NoteLine(text=f"{one.title}: {one.sentence}"),
            *(_quoted(it) for it in one.quotes[:1]),
        )
    ]
    return Note(title=view.subject, lines=tuple(lines))


def digest_note(view: DigestView) -> Note:
    """What changed most, then how each company stands."""
    lines = [NoteLine(text=view.period)]
    if not view.portraits:
        lines.append(NoteLine(text=view.words("quiet")))
    for mover in view.movers:
        lines.append(NoteLine(text=f"{mover.name} {mover.change} ({mover.span})"))
        if mover.quote:
            lines.append(NoteLine(text=mover.quote.title, url=mover.quote.url))
    if view.portraits:
        shown = view.portraits[:COMPANIES]
        scores = (f"{it.row.name} {it.row.score}" for it in shown)
        lines.append(NoteLine(text=" · ".join(scores)))
    lines.append(NoteLine(text=view.summary))
    return Note(title=view.subject, lines=tuple(lines))


def _quoted(quote: Quote) -> NoteLine:
    sentence = quote.sentence or quote.title
    return NoteLine(text=f"{quote.score} {sentence} ({quote.source})", url=quote.url)


def _linked(line: NoteLine) -> str:
    text = escape(line.text)
    return f'<a href="{escape(line.url)}">{text}</a>' if line.url else text
