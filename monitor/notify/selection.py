"""Which alerts, amounts, filings and names belong into a digest, and in which order.

Pure. Does not decide the period, nor what is said of companies (`digest`).
"""

import itertools
from collections.abc import Collection, Iterable

from monitor.types import Alert, Amount, DigestSpec, Evidence, FilingNews, NameNews

KINDS = ("power", "money", "gpus", "energy")
"""Of amounts, in the order in which they are shown."""


def is_on(spec: DigestSpec, item: Evidence | FilingNews | NameNews) -> bool:
    """Whether it is on a theme of the digest's; on any, if that names none."""
    return not spec.themes or not set(spec.themes).isdisjoint(item.themes)


def concerns(spec: DigestSpec, alert: Alert, wanted: Collection[str]) -> bool:
    """Whether an alert is on a company and a theme that the digest is on."""
    companies = {alert.subject}
    themes = {theme for item in alert.evidence for theme in item.themes}
    if alert.by == "theme":
        companies = {item.company for item in alert.evidence}
        themes = {alert.subject}
    everyone = alert.by == "theme" and not spec.companies
    return (everyone or not companies.isdisjoint(wanted)) and (
        not spec.themes or not themes.isdisjoint(spec.themes)
    )


def in_turns(amounts: Iterable[Amount]) -> tuple[Amount, ...]:
    """The largest of each unit, then the second of each; nothing twice.

    Won and megawatts cannot be compared, and one of them would fill all places.
    """
    by_unit: dict[tuple[int, str], list[Amount]] = {}
    seen = set()
    for amount in amounts:
        said = (amount.company, amount.unit, amount.normalised)
        if said not in seen:
            order = KINDS.index(amount.kind) if amount.kind in KINDS else len(KINDS)
            by_unit.setdefault((order, amount.unit), []).append(amount)
        seen.add(said)
    turns = itertools.zip_longest(*(by_unit[unit] for unit in sorted(by_unit)))
    return tuple(amount for turn in turns for amount in turn if amount is not None)
