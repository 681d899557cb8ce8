"""Amounts of money as English and Korean write them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from monitor.analysis import number_words
from monitor.analysis.literals import Prefiltered
from monitor.analysis.numerals import (
    KOREAN_NUMBER,
    PLAIN,
    POWERS,
    is_label,
    lower_before,
    lower_of,
    tidy,
    value_of,
)
from monitor.types import CURRENCIES

_SCALES = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "mm": 1e6,
    "mil": 1e6,
    "mln": 1e6,
    "million": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "bil": 1e9,
    "bln": 1e9,
    "billion": 1e9,
    "t": 1e12,
    "tn": 1e12,
    "tr": 1e12,
    "trn": 1e12,
    "trln": 1e12,
    "trillion": 1e12,
    "lakh": 1e5,
    "lakhs": 1e5,
    "cr": 1e7,
    "crore": 1e7,
    "crores": 1e7,
    "lakh crore": 1e12,
}
_SCALE = (
    r"(?i:thousand|million|billion|trillion|mn|mm|mln|mil|bn|bln|bil|tn|trn|trln|tr|"
    r"lakh crore|lakhs?|crores?|cr|[kmbt])"
)
_SYMBOLS = {
    "US$": "USD",
    "C$": "CAD",
    "CA$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "NT$": "TWD",
    "S$": "SGD",
    "R$": "BRL",
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "₩": "KRW",
    "¥": "JPY",
    "₹": "INR",
    "RS": "INR",
    "RS.": "INR",
}
_CODES = (*CURRENCIES, "RMB")
_WORDS = {
    "dollar": "USD",
    "euro": "EUR",
    "pound": "GBP",
    "won": "KRW",
    "yen": "JPY",
    "yuan": "CNY",
    "rupee": "INR",
    "rmb": "CNY",
}
_REACH = 100
_KOREAN = {
    "달러": "USD",
    "불": "USD",
    "유로": "EUR",
    "원": "KRW",
    "엔": "JPY",
    "위안": "CNY",
    "파운드": "GBP",
}
_SYMBOL = r"(?:(?:US|CA?|AU?|NZ|HK|NT|S|R)?\$|[€£₩¥₹]|(?-i:Rs\.?))"
_CODE = rf"(?:{'|'.join(_CODES)})"
_NUMBER = rf"(?:{PLAIN})"
_TO = r"(?:\s?(?:[-–—~]|and|or)\s?|-?\s?to[\s-]?)"
_EARLY = rf"(?:(?P<early>\+|[ -]plus|-odd)(?=[\s-]?{_SCALE}\b))?"
_PLUS = r"(?:(?P<plus>\+|[ -]plus\b)(?!\s?[\d$€£₩¥₹]))?"


def _range(symbol: str) -> str:
    """The second number of a range, whose scale belongs to both."""
    return (
        rf"(?:(?P<join>{_TO})(?:(?P<other>{symbol})\s?)?(?P<second>{_NUMBER})"
        rf"(?=\+?[\s-]?{_SCALE}\b|\s?[조억만]))?{_EARLY}"
    )


_BY_SYMBOL = re.compile(
    rf"(?<![A-Za-z$])(?P<symbol>{_SYMBOL})\s?(?P<number>{_NUMBER}){_range(_SYMBOL)}"
    rf"(?:[\s-]?(?P<scale>{_SCALE})(?![A-Za-z0-9])|(?P<korean>\s?[조억만]))?"
    rf"{_PLUS}(?:\s(?:USD|CAD|dollars|DOLLARS)\b)?",
    re.IGNORECASE,
)
_BY_CODE = Prefiltered(
    rf"(?<![A-Za-z$])(?P<symbol>{_CODE})\s?(?P<number>{_NUMBER}){_range(_CODE)}"
    rf"(?:[\s-]?(?P<scale>{_SCALE})(?![A-Za-z0-9]))?{_PLUS}"
)
_CURRENCY = (
    r"(?:U\.?S\.? )?dollars?|euros?|pounds?(?: sterling)?|won|yen|yuan|rupees?|RMB|"
    rf"{_CODE}"
)
_BY_WORD = re.compile(
    rf"(?<![\d.,$€£₩¥₹])(?P<number>{_NUMBER})"
    rf"(?:(?P<join>{_TO})(?P<second>{_NUMBER})(?=\+?[\s-]?{_SCALE}\b))?{_EARLY}"
    rf"(?:[\s-]?(?P<scale>{_SCALE}))?[\s-](?P<symbol>{_CURRENCY})(?![A-Za-z])",
    re.IGNORECASE,
)
_IN_WORDS = re.compile(
    rf"{number_words.RANGE}(?P<symbol>{_CURRENCY})(?![A-Za-z])", re.IGNORECASE
)
# Pounds of uranium are sold by the million too.
_WEIGHT = re.compile(
    r"\b(?:uranium|U3O8|yellowcake|lbs?|copper|lithium|nickel|cobalt|steel|alumini?um|"
    r"ores?|concentrates?|carbon|CO2|emissions?|emit\w*|pollut\w+|nitrogen|chemicals?|"
    r"waste|thrust|payloads?|cargo|freight|weigh\w*|weights?|ton(?:ne)?s?|mined|"
    r"pounds per)\b",
    re.IGNORECASE,
)
_OF_SOMETHING = re.compile(
    r"\sof\s(?!(?:[a-z]+\s)?(?:investments?|funding|capital|debts?|equity|revenues?|cash|"
    r"loans?|sales|profits?|spending|savings|costs?|orders?|contracts?|loss(?:es)?|"
    r"bonds?|grants?|money|support|subsid(?:y|ies))\b)"
)
_SOME = r"(?:(?P<some>여)\s?[경조억만천백십]{1,2})?"
_BY_KOREAN = Prefiltered(
    rf"(?P<number>{KOREAN_NUMBER}{_SOME})(?P<space>\s?)(?:(?P<odd>여)\s?)?"
    r"(?:미국\s?|미\s?)?"
    r"(?P<symbol>달러|불(?=[\s(,.)])|유로(?!존|파)|"
    r"원(?![자유전료격천칙인내생래고단리피심룸칩년숭])|엔(?![가-힣]|\w)|엔(?=[의으을이에])|"
    r"위안|파운드(?!리))"
)
# Headlines leave the won out: `42조 규모`, `164억 변압기`.
_BARE = Prefiltered(
    rf"(?P<number>(?<![\d.,$€£¥])(?:{_NUMBER}\s?[조억])(?:\s?{_NUMBER}\s?[억만])?)"
    r"(?=\s?(?:[가-힣]{1,5}\s)?(?:규모|투자|수주|공급|계약|들여|투입|어치)|\s(?:회사|기업)|['’]\s회사)"
)


Qualifier = Literal["", "at_least", "about"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An amount in a text, before its qualifier is known."""

    kind: Literal["power", "energy", "money", "gpus"]
    value: float
    unit: str
    normalised: float
    normalised_unit: str
    start: int
    end: int
    stated: Qualifier = ""
    """Its qualifier, where that is written into the number: `500+`, `70여`."""


def stated(match: re.Match[str]) -> Qualifier:
    """The qualifier that is written into a number."""
    groups = match.groupdict()
    if groups.get("some") or groups.get("odd"):
        return "about"
    within = groups.get("early") or groups.get("plus") or ""
    if within.strip() in {"-odd", "여"}:
        return "about"
    return "at_least" if within else ""


def money(text: str) -> Iterator[Reading]:
    """Yield amounts of money; the same place may come twice, the longest is meant."""
    for pattern in (_BY_SYMBOL, _BY_CODE, _BY_WORD):
        for match in pattern.finditer(text):
            if not _is_weight(match, match["scale"]):
                yield from _scaled(match)
    if "llion" in text.lower():
        for match in filter(_is_sum, _IN_WORDS.finditer(text)):
            yield from _in_words(match)
    for pattern in (_BY_KOREAN, _BARE):
        for match in pattern.finditer(text):
            yield from _korean(match)


def _scaled(match: re.Match[str]) -> Iterator[Reading]:
    groups = match.groupdict()
    factor = _SCALES[match["scale"].lower()] if match["scale"] else 1.0
    if groups.get("korean"):
        factor = POWERS[match["korean"].strip()]
    value = value_of(match["number"])
    symbol = match["symbol"]
    if not match["second"]:
        yield _money(match, value * factor, symbol, match.span())
        return
    upper = value_of(match["second"]) * factor
    other = groups.get("other") or ""
    if not other or (other == "$" and symbol.endswith("$")):
        other = symbol
    if not is_label(match.string, match.start(), match["number"]):
        lower = lower_of((value * factor, value), upper)
        yield _money(match, lower, symbol, (match.start(), match.end("number")))
    start = match.start("other") if groups.get("other") else match.start("second")
    yield _money(match, upper, other, (start, match.end()))


def _in_words(match: re.Match[str]) -> Iterator[Reading]:
    number, second, symbol = match["number"], match["second"], match["symbol"]
    if not second:
        yield _money(match, value_of(number), symbol, match.span())
        return
    upper = value_of(second)
    lower = lower_of(number_words.lower_ends(number, second), upper)
    yield _money(match, lower, symbol, match.span("number"))
    yield _money(match, upper, symbol, (match.start("second"), match.end()))


def _korean(match: re.Match[str]) -> Iterator[Reading]:
    symbol = match.groupdict().get("symbol") or "원"
    lower = lower_before(match.string, match.start(), match["number"])
    if lower:
        yield _money(match, lower[0], symbol, lower[1])
    yield _money(match, value_of(match["number"]), symbol, match.span())


def _is_sum(match: re.Match[str]) -> bool:
    """Whether words make a sum: `two won` is what two did."""
    number = match["second"] or match["number"]
    return (
        "llion" in number.lower()
        and number_words.is_amount(number, match["space"], match["symbol"])
        and not _is_weight(match, "million")
    )


def _is_weight(match: re.Match[str], scale: str | None) -> bool:
    """Whether pounds are none of money; small sums of pounds are never told apart."""
    if match["symbol"].lower() not in {"pound", "pounds"}:
        return False
    text, end = match.string, match.end()
    near = text[max(0, match.start() - _REACH) : end + _REACH]
    return bool(not scale or _OF_SOMETHING.match(text, end) or _WEIGHT.search(near))


def _money(
    match: re.Match[str], value: float, symbol: str, span: tuple[int, int]
) -> Reading:
    currency = _currency(symbol)
    return Reading(
        kind="money",
        value=tidy(value),
        unit=currency,
        normalised=tidy(value),
        normalised_unit=currency,
        start=span[0],
        end=span[1],
        stated=stated(match) if span[1] == match.end() else "",
    )


def _currency(symbol: str) -> str:
    upper = symbol.upper()
    if upper in _SYMBOLS:
        return _SYMBOLS[upper]
    if upper in _CODES:
        return "CNY" if upper == "RMB" else upper
    if symbol in _KOREAN:
        return _KOREAN[symbol]
    word = symbol.lower().split()[0] if "sterling" in symbol.lower() else symbol.lower()
    return _WORDS[word.split()[-1].rstrip("s") if word != "rmb" else word]
