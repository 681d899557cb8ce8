"""Amounts of electric power, energy and money, and numbers of GPUs, in both languages.

Normalised to MW, MWh, the currency's unit and pieces. Not responsible for other
quantities, nor for amounts without a figure (`billions of dollars`, `수십억 달러`).
Our own grammar: no library reads 417억8천만 달러. quantulum3 0.10 has an F1 of 0.90 on
the English and 0.09 on the Korean labelled passages, where ours has 1.00 and 0.99, and
knows neither qualifiers nor GPUs.
"""

import re
from collections.abc import Iterator

from monitor.analysis import amounts, gpus
from monitor.analysis.folding import fold
from monitor.analysis.qualifiers import qualifier
from monitor.types import Quantity

_POWER = {
    "w": 1e-6,
    "watt": 1e-6,
    "와트": 1e-6,
    "kw": 1e-3,
    "㎾": 1e-3,
    "kilowatt": 1e-3,
    "킬로와트": 1e-3,
    "mw": 1.0,
    "㎿": 1.0,
    "megawatt": 1.0,
    "메가와트": 1.0,
    "gw": 1e3,
    "gigawatt": 1e3,
    "기가와트": 1e3,
    "tw": 1e6,
    "terawatt": 1e6,
    "테라와트": 1e6,
}
_ELECTRIC = re.compile(
    rf"(?P<number>{amounts.ANY_NUMBER})"
    rf"(?:(?P<join>\s?(?:-|–|~|to|and)\s?)(?P<second>{amounts.ANY_NUMBER}))?"
    r"(?P<space>[\s-]{0,2})"
    r"(?P<unit>(?:[Kk]ilo|[Mm]ega|[Gg]iga|[Tt]era)?[Ww]atts?|KILOWATTS?|MEGAWATTS?|"
    r"GIGAWATTS?|[KkMGgTt]?W|mw|Mw|Gw|kw|㎾|㎿|(?:킬로|메가|기가|테라)?와트)"
    r"(?P<hours>-?\s?[Hh]ours?|[Hh]rs?\b|[Hh](?![a-z])|시(?!대|장|설|스템|간당))?"
    r"(?P<plus>\s?\+|[ -]plus\b)?"
    r"(?![A-Za-z0-9㎾㎿])"
)
_PEAK = re.compile(
    rf"(?P<number>{amounts.ANY_NUMBER})(?P<space>[\s-]?)"
    r"(?P<unit>[kMG]W)(?:p|e|th|ac|dc|AC|DC)\b"
)


def find(text: str) -> list[Quantity]:
    """All amounts in order; `text[start_char:end_char]` of each is its `text`."""
    folded = fold(text)
    found: list[Quantity] = []
    done = 0
    for reading in sorted(_readings(folded.text), key=lambda r: (r.start, -r.end)):
        if reading.start < done:
            continue
        done = reading.end
        start, end = folded.span(reading.start, reading.end)
        found.append(
            Quantity(
                kind=reading.kind,
                value=reading.value,
                unit=reading.unit,
                normalised=reading.normalised,
                normalised_unit=reading.normalised_unit,
                qualifier=qualifier(
                    folded.text, reading.start, reading.end, plus=reading.plus
                ),
                start_char=start,
                end_char=end,
                text=text[start:end],
            )
        )
    return found


def _readings(text: str) -> Iterator[amounts.Reading]:
    yield from amounts.money(text)
    yield from gpus.counts(text)
    for match in _ELECTRIC.finditer(text):
        yield from _electric(match)
    for match in _PEAK.finditer(text):
        yield _reading(match, match["number"], match.span(), energy=False)


def _electric(match: re.Match[str]) -> Iterator[amounts.Reading]:
    energy = bool(match["hours"])
    if not match["second"]:
        yield _reading(match, match["number"], match.span(), energy=energy)
        return
    # A range is two amounts; the unit belongs to both.
    yield _reading(match, match["number"], match.span("number"), energy=energy)
    rest = (match.start("second"), match.end())
    yield _reading(match, match["second"], rest, energy=energy)


def _reading(
    match: re.Match[str], number: str, span: tuple[int, int], *, energy: bool
) -> amounts.Reading:
    value = amounts.value_of(number)
    written = match["unit"]
    factor = _POWER[written.lower().removesuffix("s")]
    groups = match.groupdict()
    unit = written + ("h" if energy and len(written) <= 2 else "")  # noqa: PLR2004  kW
    if energy and unit == written:
        unit = written + (groups.get("hours") or "")
    return amounts.Reading(
        kind="energy" if energy else "power",
        value=value,
        unit=unit,
        normalised=amounts.tidy(value * factor),
        normalised_unit="MWh" if energy else "MW",
        start=span[0],
        end=span[1],
        plus=bool(groups.get("plus")),
    )
