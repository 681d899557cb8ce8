"""A digest in the language of its reader: which strings are shown, in which order.

Does not lay anything out (`render`), nor decide what is told (`digest`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from monitor.notify.digest import change
from monitor.notify.listing_view import (
    AlertLine,
    Listed,
    alert_line,
    amount,
    filing,
    new_name,
)
from monitor.notify.picture import Picture, days
from monitor.notify.plain import MAX_NAME, MAX_SENTENCE, MAX_TITLE, line
from monitor.notify.view import (
    Names,
    Quote,
    Row,
    Tone,
    mark,
    quote,
    tone,
)
from monitor.notify.words import Words, signed
from monitor.types import CompanyDigest, Digest, Section

MAX_ALERTS = 10
MAX_FEEDS = 10
MAX_FIGURES = 6
MAX_FILINGS = 10
MAX_OTHERS = 20
MAX_THEMES = 15

MOVED = 0.1
"""A change of a score below this is not worth a headline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """One company in a digest."""

    row: Row
    score: str
    """In words where there is none."""
    counts: str
    labels: str
    themes: str
    days: Picture
    days_label: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """A company whose score changed much, and the sentence that says why."""

    name: str
    tone: Tone
    change: str
    span: str
    """From which score to which."""
    quote: Quote | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestView:
    """A digest in words."""

    words: Words
    subject: str
    kicker: str
    title: str
    period: str
    summary: str
    missed: str
    """How many editions this one makes up for; empty for none."""
    sections: tuple[Section, ...]
    change_label: str
    movers: tuple[Mover, ...]
    portraits: tuple[Portrait, ...]
    others: str
    themes: tuple[Row, ...]
    alerts: tuple[AlertLine, ...]
    more_alerts: str
    """How many are not shown; empty for none. Here and below."""
    figures: tuple[Listed, ...]
    filings: tuple[Listed, ...]
    more_filings: str
    new_names: tuple[Listed, ...]
    ill_feeds: tuple[tuple[str, str], ...]
    more_feeds: str
    footer: tuple[str, ...]


def view_digest(digest: Digest, names: Names, quotes: Sequence[int]) -> DigestView:
    """Put a digest into the language of its reader.

    `quotes` says how many sentences are shown of each company, the first ones first;
    of companies beyond it only the names are.
    """
    spec = digest.spec
    words = Words(spec.language)
    shown = digest.companies[: len(quotes)]
    others = digest.companies[len(shown) :]
    movers = _movers(digest, words, names)
    known = any(it.previous_score is not None for it in digest.companies)
    day = words.day(digest.end, spec.timezone)
    return DigestView(
        words=words,
        subject=f"{words(spec.period)} {day}: {_headline(digest, movers, words)}",
        kicker=f"{words('brand')} · {words(spec.period)}",
        title=words.day(digest.end, spec.timezone, year=True),
        period=words.period(digest.start, digest.end, spec.timezone),
        summary=" · ".join(
            (
                words("read", n=digest.documents),
                words("in_news", n=len(digest.companies)),
            )
        ),
        missed=words("missed", n=digest.missed) if digest.missed else "",
        sections=spec.sections,
        change_label=words(f"change_{spec.period}"),
        movers=movers,
        portraits=tuple(
            _portrait(it, words, names, spec.timezone, quotes=most, known=known)
            for it, most in zip(shown, quotes, strict=False)
        ),
        others=_others([_name(it, names) for it in others], words),
        themes=tuple(_theme(row, words, names) for row in digest.themes[:MAX_THEMES]),
        alerts=tuple(
            alert_line(it, words, names, spec.timezone)
            for it in digest.alerts[:MAX_ALERTS]
        ),
        more_alerts=_more(len(digest.alerts) - MAX_ALERTS, words),
        figures=tuple(amount(it, names) for it in digest.amounts[:MAX_FIGURES]),
        filings=tuple(
            filing(it, words, names, spec.timezone)
            for it in digest.filings[:MAX_FILINGS]
        ),
        more_filings=_more(len(digest.filings) - MAX_FILINGS, words),
        new_names=tuple(new_name(it, words, names) for it in digest.names),
        ill_feeds=tuple(
            (line(title, MAX_TITLE), line(error, MAX_SENTENCE))
            for title, error in digest.ill_feeds[:MAX_FEEDS]
        ),
        more_feeds=_more(len(digest.ill_feeds) - MAX_FEEDS, words, "other_feeds"),
        footer=(
            words("scale"),
            *((words("chart"),) if shown and "companies" in spec.sections else ()),
            words("model"),
            words("why_digest", id=line(spec.id)),
        ),
    )


def _name(company: CompanyDigest, names: Names) -> str:
    return line(names.companies.get(company.company, company.name), MAX_NAME)


def _others(found: Sequence[str], words: Words) -> str:
    shown, left = ", ".join(found[:MAX_OTHERS]), len(found) - MAX_OTHERS
    return f"{shown} {words('and_more_companies', n=left)}" if left > 0 else shown


def _more(count: int, words: Words, phrase: str = "others") -> str:
    return words(phrase, n=count) if count > 0 else ""


def _headline(digest: Digest, movers: Sequence[Mover], words: Words) -> str:
    if movers:
        return ", ".join(f"{it.name} {it.change}" for it in movers)
    if digest.companies:
        return words("in_news", n=len(digest.companies))
    return words("nothing_new")


def _movers(digest: Digest, words: Words, names: Names) -> tuple[Mover, ...]:
    moved = [
        (delta, it)
        for it in digest.companies
        if (delta := change(it)) is not None and abs(delta) >= MOVED
    ]
    return tuple(
        Mover(
            name=_name(it, names),
            tone=tone(delta),
            change=f"{mark(delta)} {signed(delta)}",
            span=f"{signed(it.previous_score)} → {signed(it.score)}",
            quote=_why(it, delta, words, digest.spec.timezone),
        )
        for delta, it in moved[:3]
    )


def _why(
    company: CompanyDigest, delta: float, words: Words, zone: ZoneInfo
) -> Quote | None:
    """The best evidence in the direction of the change."""
    for item in company.evidence:
        if item.score is not None and item.score * delta > 0:
            return quote(item, words, zone)
    return None


def _portrait(
    company: CompanyDigest,
    words: Words,
    names: Names,
    zone: ZoneInfo,
    *,
    quotes: int,
    known: bool,
) -> Portrait:
    counted = (
        words.role(line(company.role)),
        words("reports", n=company.documents),
        words("sources", n=company.sources),
    )
    return Portrait(
        row=Row(
            name=_name(company, names),
            value=company.score,
            tone=tone(company.score),
            score=signed(company.score),
            remark=_moved(company, words, known=known),
            remark_tone=tone(change(company)),
        ),
        score=words("unscored") if company.score is None else signed(company.score),
        counts=" · ".join(filter(None, counted)),
        labels=_labels(company, words),
        themes=", ".join(
            f"{line(names.themes.get(theme, theme))}\u00a0{n}"
            for theme, n in company.themes[:4]
        ),
        days=days(
            company.daily,
            company.daily_mentions,
            cid=f"{company.company}.days@monitor",
            alt=" ".join(map(_day, company.daily, company.daily_mentions)),
        ),
        days_label=words("days", n=len(company.daily)),
        quotes=tuple(quote(it, words, zone) for it in company.evidence[:quotes]),
    )


def _day(score: float | None, count: int) -> str:
    """`+0.50 (3)`: the score and how many documents; a dot where there was nothing."""
    if not count:
        return "·"
    return f"{signed(score)} ({count})"


def _labels(company: CompanyDigest, words: Words) -> str:
    """How many mentions have which label; nothing where none was scored."""
    counts = {
        "negative": company.negative,
        "neutral": company.neutral,
        "positive": company.positive,
    }
    rest = ", ".join(words(key, n=count) for key, count in counts.items() if count)
    return words("labels", n=company.mentions, rest=rest) if rest else ""


def _moved(company: CompanyDigest, words: Words, *, known: bool) -> str:
    """The change; "new" only where other companies have a past (`known`)."""
    delta = change(company)
    if delta is None:
        new = known and company.score is not None and company.previous_score is None
        return words("new" if new else "none")
    return "=" if tone(delta) == "flat" else f"{mark(delta)} {signed(delta)}"


def _theme(row: tuple[str, int, float | None], words: Words, names: Names) -> Row:
    theme, count, score = row
    return Row(
        name=line(names.themes.get(theme, theme)),
        value=score,
        tone=tone(score),
        score=signed(score),
        remark=words("reports", n=count),
    )
