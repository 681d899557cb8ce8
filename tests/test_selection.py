"""Which alerts, amounts, filings and names a digest on companies and themes takes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.notify import digest
from monitor.types import Amount, Digest, DigestSpec, FilingNews, NameNews
from tests.evidence import COMPANIES, NOW, alert, evidence, spec

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def on(wanted: DigestSpec, **found: Any) -> Digest:
    """The digest of the day before `NOW`."""
    return digest.build(
        wanted,
        edition="e",
        start=NOW - DAY,
        end=NOW,
        evidence=found.pop("evidence", ()),
        companies=COMPANIES,
        **found,
    )


FILING = FilingNews(
    company="vertiv",
    form="8-K",
    items=(),
    title="Filing",
    url="https://example.org/f",
    filed_at=NOW - HOUR,
)
NAME = NameNews(
    name="Northwind",
    documents=2,
    sources=2,
    companies=("vertiv",),
    title="Title",
    url="https://example.org/n",
)


@pytest.mark.parametrize(("themes", "shown"), [(("ppa",), 1), (("nuclear",), 0)])
def test_a_digest_on_a_theme_is_on_nothing_else(themes, shown):
    told = alert([evidence(themes=("ppa",))], subject="vertiv")
    found = on(
        spec(themes=themes),
        alerts=[told, replace(told, by="theme", subject="ppa")],
        filings=[replace(FILING, themes=("ppa",))],
        names=[replace(NAME, themes=("ppa",))],
    )

    assert len(found.alerts) == 2 * shown
    assert (len(found.filings), len(found.names)) == (shown, shown)


@pytest.mark.parametrize(("company", "shown"), [("vertiv", 1), ("microsoft", 0)])
def test_an_alert_by_theme_is_told_where_its_companies_are_wanted(company, shown):
    told = alert([evidence()], by="theme", subject="ppa")

    assert len(on(spec(companies=(company,)), alerts=[told]).alerts) == shown


def amount(value: float, unit: str, kind: str, company: str = "vertiv") -> Amount:
    return Amount(
        text=f"{value:g} {unit}",
        kind=kind,
        normalised=value,
        unit=unit,
        company=company,
        sentence="Sentence.",
        url="https://example.org/1",
    )


def test_amounts_of_each_unit_come_in_turns_and_each_once():
    found = on(
        spec(),
        amounts=[
            amount(4e12, "KRW", "money"),
            amount(4e12, "KRW", "money"),
            amount(1e12, "KRW", "money"),
            amount(5e9, "USD", "money"),
            amount(900, "MW", "power"),
            amount(200, "MW", "power"),
        ],
    )

    assert [it.text for it in found.amounts] == [
        "900 MW",
        "4e+12 KRW",
        "5e+09 USD",
        "200 MW",
        "1e+12 KRW",
    ]
