"""Tickers in a ticker's place: `(NASDAQ: NVDA)`, `$NVDA`, `(NVDA)`, `(005930)`, `005930.KS`.

Nowhere else: MU, BE and D are words too. An exchange that is named must be the
company's, for SU is Schneider in Paris and Suncor in New York.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from monitor.types import Company

Found = tuple[str, int, int, float]
"""Company id, start, end, confidence."""

_UNITED_STATES = "us"
_EXCHANGES = {
    _UNITED_STATES: "nasdaq nasdaqgs nasdaqgm nasdaqcm nyse nyseamerican nysearca amex",
    "kr": "kospi kosdaq krx kse ks kq",
    "jp": "tokyo tse tyo tsejpx",
    "fr": "euronextparis euronext epa par enxtpa",
    "de": "xetra etr fra frankfurt fwb fse",
}
_US = r"[A-Z]{1,5}(?:[.-][A-Z]{1,2})?"  # BRK.B too; lists write BRK-B
_KR = r"\d{6}|\d{4}[A-Z]\d"
_MARKET_OF = {name: m for m, names in _EXCHANGES.items() for name in names.split()}
_WITH_EXCHANGE = re.compile(
    r"\b([A-Z][A-Za-z]{1,9}(?: [A-Z][A-Za-z]{2,8})?)\s?[:：]\s?"
    rf"\$?({_KR}|{_US}|\d{{4,6}})\b"
)
_CASHTAG = re.compile(rf"(?<![\w$])\$({_US})\b(?!\.?\d)")
_IN_BRACKETS = re.compile(
    rf"[(\[（<〈]\s?([A-Z]{{3,5}}(?:[.-][A-Z])?|{_KR})\s?(?:[)\]）>〉,;/]|\.K[SQ]\b)"
)
_AS_CODE = re.compile(
    rf"(?:\b(?i:KOSPI|KOSDAQ|KRX)\s|(?:코스피|코스닥|종목\s?코드)\s?[:：]?\s?)({_KR})\b"
    rf"|(?<![\w.])({_KR})(?=\.K[SQ]\b)"
)
_FOLLOWING = re.compile(
    r"(?:,?\s[A-Z][A-Za-z.]{1,14}){0,2}\s\((?i:NASDAQ|NYSE(?: American)?|OTC\w{0,3})\s?:\s?"
    r"([A-Z]{1,5})\b"
)
_AS_NOUN = re.compile(r"\b([A-Z]{4,5})(?= (?:stock|shares)\b)")


class Tickers:
    """Finds tickers of these companies."""

    def __init__(self, companies: Iterable[Company]) -> None:
        self._by_ticker: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._in_states: dict[str, set[str]] = {}
        for company in companies:
            if company.ticker:
                market = _market(company.exchange or "")
                ticker = company.ticker.upper().replace(".", "-")
                self._by_ticker[ticker].append((company.id, market))
                if market == _UNITED_STATES:
                    names = {n for names in company.aliases.values() for n in names}
                    self._in_states[company.id] = {company.ticker, *names}

    def contradicts(self, company: str, text: str, end: int) -> bool:
        """True for `Intel Inc. (OTC: AIMV)`: what follows is somebody else's ticker."""
        match = _FOLLOWING.match(text, end)
        own = self._in_states.get(company)
        return bool(match and own and match[1] not in own)

    def find(self, text: str) -> Iterator[Found]:
        """Yield all of them; the same place may come twice."""
        for match in _WITH_EXCHANGE.finditer(text):
            # Of `Corp Nasdaq` the last word is the exchange, of `Euronext Paris` both.
            markets = {_market(match[1]), _market(match[1].split()[-1])}
            yield from self._at(match, 2, markets, 1.0)
        for match in _CASHTAG.finditer(text):
            yield from self._at(match, 1, {_UNITED_STATES}, 0.9)
        for match in _IN_BRACKETS.finditer(text):
            yield from self._at(match, 1, {_UNITED_STATES, "kr"}, 0.9)
        for match in _AS_CODE.finditer(text):
            yield from self._at(match, 1 if match[1] else 2, {"kr"}, 1.0)
        for match in _AS_NOUN.finditer(text):
            yield from self._at(match, 1, {_UNITED_STATES}, 0.9)

    def _at(
        self, match: re.Match[str], group: int, markets: set[str], confidence: float
    ) -> Iterator[Found]:
        ticker = match[group].replace(".", "-")
        for company, market in self._by_ticker.get(ticker, ()):
            if market in markets:
                yield company, *match.span(group), confidence


def _market(exchange: str) -> str:
    name = re.sub(r"[\s.]", "", exchange).lower()
    return _MARKET_OF.get(name, name)
