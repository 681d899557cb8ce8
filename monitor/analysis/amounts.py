"""Numbers as English and Korean write them, and the amounts of money they make."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_PLAIN = r"\d{1,3}(?:,\d{3}){1,6}(?:\.\d{1,6})?|\d{1,15}(?:\.\d{1,6})?"
_PART = rf"(?:{_PLAIN})(?:\s?[경조억만천백십]{{1,2}})"
KOREAN_NUMBER = (
    rf"(?<![\d.,])(?:{_PART}\s?){{0,6}}(?:{_PLAIN})(?:\s?[경조억만천백십]{{1,2}})?"
)
ANY_NUMBER = rf"(?<![\d.,])(?:{_PLAIN}|(?:{_PLAIN})[천만](?:{_PLAIN})?)"
_STEP = re.compile(rf"({_PLAIN})\s?([경조억만천백십]{{0,2}})")
_POWERS = {"경": 1e16, "조": 1e12, "억": 1e8, "만": 1e4, "천": 1e3, "백": 100, "십": 10}
_GROUPS = frozenset("경조억만")

_SCALES = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "mm": 1e6,
    "mil": 1e6,
    "million": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "bil": 1e9,
    "billion": 1e9,
    "t": 1e12,
    "tn": 1e12,
    "tr": 1e12,
    "trn": 1e12,
    "trillion": 1e12,
}
_SCALE = r"(?:thousand|million|billion|trillion|mn|mm|mil|bn|bil|tn|trn|tr|[kmbt])"
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
}
_CODES = (
    "USD EUR GBP KRW JPY CNY RMB CAD AUD NZD HKD TWD SGD INR CHF SEK NOK DKK BRL AED SAR"
).split()
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
_KOREAN = {
    "달러": "USD",
    "불": "USD",
    "유로": "EUR",
    "원": "KRW",
    "엔": "JPY",
    "위안": "CNY",
    "파운드": "GBP",
}
CURRENCIES = frozenset({*_CODES, *_SYMBOLS.values(), *_WORDS.values()}) - {"RMB"}
"""Codes that amounts of money come in."""
_SYMBOL = r"(?:(?:US|CA?|AU?|NZ|HK|NT|S|R)?\$|[€£₩¥₹])"
_NUMBER = rf"(?:{_PLAIN})"
_TO = r"\s?(?:-|–|—|~|to|and)\s?"
_BY_SYMBOL = re.compile(
    rf"(?<![A-Za-z$])(?P<symbol>{_SYMBOL})\s?(?P<number>{_NUMBER})"
    rf"(?:(?P<join>{_TO})(?P<second>{_NUMBER})(?=[\s-]?{_SCALE}\b))?"
    rf"(?:[\s-]?(?P<scale>{_SCALE})(?![A-Za-z0-9])|(?P<korean>\s?[조억만]))?"
    r"(?P<plus>\+|[ -]plus\b)?(?:\s(?:USD|CAD|dollars|DOLLARS)\b)?",
    re.IGNORECASE,
)
_BY_CODE = re.compile(
    rf"(?<![A-Za-z$])(?P<symbol>{'|'.join(_CODES)})\s?(?P<number>{_NUMBER})"
    rf"(?:(?P<join>{_TO})(?P<second>{_NUMBER})(?=[\s-]?{_SCALE}\b))?"
    rf"(?:[\s-]?(?P<scale>{_SCALE})(?![A-Za-z0-9]))?(?P<plus>\+|[ -]plus\b)?"
)
_BY_WORD = re.compile(
    rf"(?<![\d.,$€£₩¥])(?P<number>{_NUMBER})"
    rf"(?:(?P<join>{_TO})(?P<second>{_NUMBER})(?=[\s-]?{_SCALE}\b))?"
    rf"(?:[\s-]?(?P<scale>{_SCALE}))?[\s-]"
    rf"(?P<symbol>(?:U\.?S\.? )?dollars?|euros?|pounds? sterling|won|yen|yuan|rupees?|"
    rf"RMB|{'|'.join(_CODES)})(?![A-Za-z])",
    re.IGNORECASE,
)
_BY_KOREAN = re.compile(
    rf"(?P<number>{KOREAN_NUMBER})(?P<space>\s?)(?:미국\s?|미\s?)?"
    r"(?P<symbol>달러|불(?=[\s(,.)])|유로(?!존|파)|"
    r"원(?![자유전료격천칙인내생래고단리피심룸칩년숭])|엔(?![가-힣]|\w)|엔(?=[의으을이에])|"
    r"위안|파운드(?!리))"
)
# Headlines leave the won out: `42조 규모`, `164억 변압기`.
_BARE = re.compile(
    rf"(?P<number>(?<![\d.,$€£¥])(?:{_NUMBER}\s?[조억])(?:\s?{_NUMBER}\s?[억만])?)"
    r"(?=\s?(?:[가-힣]{1,5}\s)?(?:규모|투자|수주|공급|계약|들여|투입|어치)|\s(?:회사|기업)|['’]\s회사)"
)


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
    plus: bool = False


def value_of(number: str) -> float:
    """`1,200` is 1200, `417억8천만` is 41780000000."""
    if number.replace(",", "").replace(".", "").isdigit():
        return tidy(float(number.replace(",", "")))
    total = group = 0.0
    for digits, letters in _STEP.findall(number):
        part = float(digits.replace(",", ""))
        closed = 0.0
        for letter in letters:
            if letter in _GROUPS:
                closed = _POWERS[letter]
            else:
                part *= _POWERS[letter]
        group += part
        if closed:
            total += group * closed
            group = 0.0
    return tidy(total + group)


def tidy(value: float) -> float:
    """Without the noise of binary fractions: 0.3 * 1e6 is 300000."""
    return float(f"{value:.12g}")


def money(text: str) -> Iterator[Reading]:
    """Yield amounts of money; the same place may come twice, the longest is meant."""
    for pattern in (_BY_SYMBOL, _BY_CODE, _BY_WORD):
        for match in pattern.finditer(text):
            yield from _scaled(match)
    for match in _BY_KOREAN.finditer(text):
        yield _money(match, match["number"], 1.0, match.span())
    for match in _BARE.finditer(text):
        yield _money(match, match["number"], 1.0, match.span())


def _scaled(match: re.Match[str]) -> Iterator[Reading]:
    groups = match.groupdict()
    factor = _SCALES[match["scale"].lower()] if match["scale"] else 1.0
    if groups.get("korean"):
        factor = _POWERS[match["korean"].strip()]
    if not match["second"]:
        yield _money(match, match["number"], factor, match.span())
        return
    yield _money(match, match["number"], factor, (match.start(), match.end("number")))
    rest = (match.start("second"), match.end())
    yield _money(match, match["second"], factor, rest)


def _money(
    match: re.Match[str], number: str, factor: float, span: tuple[int, int]
) -> Reading:
    value = value_of(number)
    groups = match.groupdict()
    currency = _currency(groups.get("symbol") or "원")
    return Reading(
        kind="money",
        value=tidy(value * factor),
        unit=currency,
        normalised=tidy(value * factor),
        normalised_unit=currency,
        start=span[0],
        end=span[1],
        plus=bool(groups.get("plus")),
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
