"""What a digest lists besides companies, in words: amounts, filings, names, alerts.

Does not lay anything out (`render`), nor decide what is told (`digest`).
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from monitor.notify.plain import MAX_NAME, MAX_SENTENCE, line, link
from monitor.notify.view import Names, Tone, fired, subject, tone
from monitor.notify.words import Words
from monitor.types import Alert, Amount, FilingNews, NameNews


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLine:
    """An alert in a digest."""

    name: str
    tone: Tone
    fired: str
    sentence: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One thing: what it is, whose, and a sentence or title that leads to it."""

    text: str
    name: str
    sentence: str
    url: str


def alert_line(alert: Alert, words: Words, names: Names, zone: ZoneInfo) -> AlertLine:
    return AlertLine(
        name=subject(alert, names),
        tone=tone(alert.score),
        fired=words.time(alert.fired_at, zone),
        sentence=fired(alert, words),
        rule=f"{words('rule')} {line(alert.rule)}",
    )


def amount(amount: Amount, names: Names) -> Listed:
    return Listed(
        text=line(amount.text, 60),
        name=company(amount.company, names),
        sentence=line(amount.sentence, MAX_SENTENCE),
        url=link(amount.url),
    )


def filing(filing: FilingNews, words: Words, names: Names, zone: ZoneInfo) -> Listed:
    items = ", ".join(line(item, 10) for item in filing.items[:6])
    form = line(filing.form, 20)
    kind = f"{form} · {words('items', items=items)}" if items else form
    return Listed(
        text=company(filing.company, names),
        name=f"{kind} · {words.time(filing.filed_at, zone)}",
        sentence=line(filing.title),
        url=link(filing.url),
    )


def new_name(name: NameNews, words: Words, names: Names) -> Listed:
    beside = ", ".join(company(it, names) for it in name.companies[:3])
    counted = (words("reports", n=name.documents), words("sources", n=name.sources))
    return Listed(
        text=line(name.name, MAX_NAME),
        name=" · ".join((*counted, words("beside", companies=beside))),
        sentence=line(name.title),
        url=link(name.url),
    )


def company(company_id: str, names: Names) -> str:
    return line(names.companies.get(company_id, company_id), MAX_NAME)
