"""Amounts of electric power, energy and money, and numbers of GPUs, in both languages.

Normalised to MW, MWh, the currency's unit and pieces. Not responsible for other
quantities, nor for amounts that say no number (`billions of dollars`, `수십억 달러`).
Our own grammar: no library reads 417억8천만 달러. quantulum3 0.10 has an F1 of 0.90 on
the English and 0.09 on the Korean labelled passages, where ours has 1.00 and 0.99, and
knows neither qualifiers nor GPUs.
"""

import re
from collections.abc import Iterator

from monitor.analysis import amounts, gpus, number_words, numerals
from monitor.analysis.folding import fold
from monitor.analysis.literals import Prefiltered
from monitor.analysis.qualifiers import qualifier_after, qualifier_before
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
_UNIT = (
    r"(?P<unit>(?:[Kk]ilo|[Mm]ega|[Gg]iga|[Tt]era)?[Ww]atts?|KILOWATTS?|MEGAWATTS?|"
    r"GIGAWATTS?|[KkMGgTt]?W|mw|Mw|Gw|kw|㎾|㎿|(?:킬로|메가|기가|테라)?와트)"
)
_HOURS = r"(?P<hours>-?\s?[Hh]ours?|[Hh]rs?\b|[Hh](?![a-z])|시(?!대|장|설|스템|간당))?"
_SCALES = {
    "thousand": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "million": 1e6,
    "bn": 1e9,
    "billion": 1e9,
    "trillion": 1e12,
}
_SCALE = r"(?P<scale>thousand|million|billion|trillion|bn|mn|m(?=\s[kMGT]Wh))"
_ELECTRIC = re.compile(
    rf"(?<![$€£¥₩₹])(?P<number>{numerals.ANY_NUMBER})"
    r"(?:(?P<join>\s?(?:-|–|—|~|to|and|or)\s?)"
    rf"(?P<second>{numerals.ANY_NUMBER}))?"
    rf"(?P<early>\+|[ -]plus(?=[ -])|-odd|\s?여)?(?:[\s-]?{_SCALE})?"
    rf"(?P<space>[\s-]{{0,2}}){_UNIT}{_HOURS}"
    r"(?:(?P<plus>\s?\+|[ -]plus\b)(?!\s?[\d$€£]))?"
    r"(?![A-Za-z0-9㎾㎿])"
)
_PEAK = Prefiltered(
    rf"(?P<number>{numerals.ANY_NUMBER})(?P<early>\+)?(?P<space>[\s-]?)"
    r"(?P<unit>[kMG]W)(?:p|e|th|ac|dc|AC|DC)\b"
)
_IN_WORDS = Prefiltered(
    rf"{number_words.RANGE}(?P<unit>(?:kilo|mega|giga|tera)watts?|[kMGT]W)"
    r"(?P<hours>[ -]?hours?|h)?(?![A-Za-z0-9]|-(?:scale|class|sized?)\b)",
    re.IGNORECASE,
)
# A dot in the middle is a British point; between Korean numbers it is an `and`.
_MIDDLE_DOT = re.compile(r"(?<![\d.,·])(\d{1,3})[·∙⋅](?=\d{1,2}(?![\d·]))")
_HANGUL = re.compile("[가-힣]")
_ALIKE = str.maketrans({"∼": "~", "〜": "~", "‐": "-", "‑": "-"})
_RANGE = re.compile(r"\s?~\s?")


def find(text: str) -> list[Quantity]:
    """All amounts in order; `text[start_char:end_char]` of each is its `text`."""
    folded = fold(text)
    matched = _matched(folded.text)
    found: list[Quantity] = []
    done = 0
    for reading in sorted(_readings(matched), key=lambda r: (r.start, -r.end)):
        if reading.start < done:
            continue
        # The tilde of a range is no `about`.
        ranged = bool(done and _RANGE.fullmatch(matched, done, reading.start))
        known = "" if ranged else qualifier_before(matched, reading.start)
        known = known or reading.stated
        known = known or qualifier_after(matched, reading.start, reading.end)
        done = reading.end
        start, end = folded.span(reading.start, reading.end)
        found.append(
            Quantity(
                kind=reading.kind,
                value=reading.value,
                unit=reading.unit,
                normalised=reading.normalised,
                normalised_unit=reading.normalised_unit,
                qualifier=known,
                start_char=start,
                end_char=end,
                text=text[start:end],
            )
        )
    return found


def _matched(text: str) -> str:
    """The text with one letter for those that mean the same, each at its place."""
    text = text if text.isascii() else text.translate(_ALIKE)
    return text if _HANGUL.search(text) else _MIDDLE_DOT.sub(r"\1.", text)


def _readings(text: str) -> Iterator[amounts.Reading]:
    yield from amounts.money(text)
    yield from gpus.counts(text)
    for match in _ELECTRIC.finditer(text):
        yield from _electric(match)
    for match in _IN_WORDS.finditer(text):
        unit = match["unit"] + (match["hours"] or "")
        number = match["second"] or match["number"]
        if number_words.is_amount(number, match["space"], unit):
            yield from _in_words(match)
    for match in _PEAK.finditer(text):
        value = numerals.value_of(match["number"])
        yield _reading(match, value, match.span(), energy=False)


def _electric(match: re.Match[str]) -> Iterator[amounts.Reading]:
    energy = bool(match["hours"])
    scale = _SCALES[match["scale"]] if match["scale"] else 1.0
    value = numerals.value_of(match["number"])
    if not match["second"]:
        yield _reading(match, value * scale, match.span(), energy=energy)
        return
    # A range is two amounts; the unit belongs to both.
    upper = numerals.value_of(match["second"]) * scale
    if not numerals.is_label(match.string, match.start(), match["number"]):
        lower = numerals.korean_lower(match["number"], match["second"])
        lower = numerals.lower_of((lower * scale, lower), upper)
        yield _reading(match, lower, match.span("number"), energy=energy)
    yield _reading(match, upper, (match.start("second"), match.end()), energy=energy)


def _in_words(match: re.Match[str]) -> Iterator[amounts.Reading]:
    number, second, energy = match["number"], match["second"], bool(match["hours"])
    if not second:
        value = numerals.value_of(number)
        yield _reading(match, value, match.span(), energy=energy)
        return
    upper = numerals.value_of(second)
    lower = numerals.lower_of(number_words.lower_ends(number, second), upper)
    yield _reading(match, lower, match.span("number"), energy=energy)
    yield _reading(match, upper, (match.start("second"), match.end()), energy=energy)


def _reading(
    match: re.Match[str], value: float, span: tuple[int, int], *, energy: bool
) -> amounts.Reading:
    written = match["unit"]
    factor = _POWER[written.lower().removesuffix("s")]
    groups = match.groupdict()
    unit = written + ("h" if energy and len(written) <= 2 else "")  # noqa: PLR2004  kW
    if energy and unit == written:
        unit = written + (groups.get("hours") or "")
    return amounts.Reading(
        kind="energy" if energy else "power",
        value=numerals.tidy(value),
        unit=unit,
        normalised=numerals.tidy(value * factor),
        normalised_unit="MWh" if energy else "MW",
        start=span[0],
        end=span[1],
        stated=amounts.stated(match) if span[1] == match.end() else "",
    )
