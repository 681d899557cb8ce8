"""The parts of a mail as people see them, each string made once for text and HTML.

Both forms of a mail are laid out from these, so their content cannot differ. Does not
lay anything out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo

from monitor.notify.plain import MAX_SENTENCE, line, link
from monitor.notify.words import Words, signed
from monitor.types import Alert, Company, Evidence, Label, Theme

Tone = Literal["pos", "neg", "flat"]
MARKS: dict[Tone, str] = {"pos": "▲", "neg": "▼", "flat": "●"}
"""Beside each colour, for those who do not see it."""

_LABEL_TONE: dict[Label, Tone] = {
    "positive": "pos",
    "negative": "neg",
    "neutral": "flat",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What companies and themes are called in the reader's language, by id."""

    companies: Mapping[str, str] = field(default_factory=dict)
    themes: Mapping[str, str] = field(default_factory=dict)


def names(
    companies: Iterable[Company],
    themes: Iterable[Theme],
    language: Literal["en", "ko"],
) -> Names:
    """Names in a language; a company's is its first alias there, if it has one."""
    return Names(
        companies={
            company.id: next(iter(company.aliases.get(language, ())), company.name)
            if language == "ko"
            else company.name
            for company in companies
        },
        themes={
            theme.id: theme.name.get(language) or theme.name.get("en") or theme.id
            for theme in themes
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A sentence of evidence with its source."""

    tone: Tone
    score: str
    sentence: str
    """Empty where it would only repeat the title."""
    title: str
    source: str
    """Source and time."""
    url: str
    """Empty where it is not a safe link."""
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a table: a name, its score if it has one, and a remark."""

    name: str
    value: float | None = None
    tone: Tone = "flat"
    score: str = ""
    remark: str = ""
    remark_tone: Tone = "flat"


def tone(score: float | None) -> Tone:
    if score is None or signed(score) == "0.00":
        return "flat"
    return "pos" if score > 0 else "neg"


def mark(score: float | None) -> str:
    return MARKS[tone(score)]


def subject(alert: Alert, names: Names) -> str:
    known = names.companies if alert.by == "company" else names.themes
    return line(known.get(alert.subject, alert.subject))


def fired(alert: Alert, words: Words) -> str:
    return words(
        "fired" if alert.score is None else "fired_score",
        count=words("reports", n=alert.mentions),
        sources=words("sources", n=alert.sources),
        window=words.duration(alert.fired_at - alert.window_start),
        score=signed(alert.score),
    )


def quote(item: Evidence, words: Words, zone: ZoneInfo) -> Quote:
    title = line(item.title) or line(item.sentence)
    sentence = line(item.sentence, MAX_SENTENCE)
    repeats = sentence.rstrip(".…") == title.rstrip(".…")
    look = _LABEL_TONE[item.label] if item.label else tone(item.score)
    scored = f"{MARKS[look]} {signed(item.score)}"
    return Quote(
        tone=look,
        score=words("unscored") if item.score is None else scored,
        sentence="" if repeats else sentence,
        title=title,
        source=f"{line(item.source, 60)} · {words.time(item.published_at, zone)}",
        url=link(item.url),
        language=item.language,
    )
