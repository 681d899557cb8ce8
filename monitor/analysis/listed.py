"""How texts name a listed company, from the one name that its list has.

`TAIWAN SEMICONDUCTOR MANUFACTURING CO LTD` is Taiwan Semiconductor Manufacturing; a
name that is also a word (Target, 대상) needs words around it that speak of a company.
Does not know names that no list has: Google for Alphabet, 엔비디아 for NVIDIA.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from monitor.analysis.ordinary import is_ordinary
from monitor.types import Company, Listing

CONTEXT = (
    "data center*",
    *"stock* shares earnings revenue* profit* quarter* dividend* investor* analyst* "
    "company company's CEO AI datacenter* cloud deal* Inc Corp Nasdaq NYSE IPO guidance "
    "acquisition* acquire* "
    "주가 주식 실적 매출 영업이익 특징주 코스피 코스닥 공시 수주 상장 기업 증권 시총".split(),
)
"""One of these must be near a listed name that is also a word."""

_LEGAL = re.compile(
    r"(?:,|\s)+(?:the|inc|incorporated|corp|corporation|co|company|ltd|limited|llc|lp|"
    r"l\.p|plc|ag|se|sa|s\.a|nv|n\.v|ab|asa|oyj|spa|s\.p\.a|bhd|tbk|ads|adr|"
    r"&\s?co)\.?(?:\s*\([^)]{1,20}\))?$",
    re.IGNORECASE,
)
_STATE = re.compile(r"\s*[/\\][A-Z. ]{1,12}[/\\]?$")
_HOLDING = re.compile(r"\s(?:Holdings?|Group)$", re.IGNORECASE)
_DOT_COM = re.compile(r"[. ]com$", re.IGNORECASE)
_HANGUL = re.compile("[가-힣]")
_SMALL = frozenset("of and the for in on at de du la le van von".split())
_SECTORS = frozenset(
    "technology technologies networks network energy platforms systems electric power "
    "electronics semiconductor semiconductors software industries materials "
    "communications pharmaceuticals therapeutics biosciences computer robotics".split()
)
_FEW = 3  # listed names that may share a first word
_SHORT_WORD = 3  # letters of English names, syllables of Korean ones
_FIRM = ("㈜{0}", "(주){0}", "주식회사 {0}", "{0}㈜", "{0}(주)", "{0}그룹", "{0} 주가")


def company(listing: Listing, others: "Names") -> Company:
    """A company to watch; `others` are the names that may contain its own."""
    name = usual_name(listing)
    aliases = _aliases(name, others)
    short = min((name, *aliases), key=len)
    longer = others.longer_than(short)
    return Company(
        id=listing.ticker.lower(),
        name=name,
        aliases={"ko" if listing.market == "kr" else "en": aliases} if aliases else {},
        ticker=listing.ticker,
        exchange=listing.exchange or listing.market.upper(),
        cik=listing.cik,
        context=_context(name, short),
        not_in=tuple(one for one in longer if one not in {name, *aliases}),
    )


def usual_name(listing: Listing) -> str:
    """Without what makes it legal, and not in capitals throughout."""
    name = _STATE.sub("", listing.name)
    while (shorter := _LEGAL.sub("", name)) != name and shorter.strip():
        name = shorter
    name = name.strip(" ,.&") or listing.name
    if listing.market == "us" and name.isupper():
        alone = " " not in name and len(name) <= _SHORT_WORD + 1
        name = name if alone else " ".join(map(_capitalised, name.split()))
    return _DOT_COM.sub(".com", name)


def _capitalised(word: str) -> str:
    """`SEMICONDUCTOR` as in a sentence; `IBM` and `AT&T` stay."""
    if word.lower() in _SMALL:
        return word.lower()
    is_word = word.isupper() and word.isalpha() and re.search("[AEIOUY]", word)
    return word.capitalize() if is_word and word.isascii() else word


def _aliases(name: str, others: "Names") -> tuple[str, ...]:
    found = [name.removesuffix(".com")]
    short = _HOLDING.sub("", name)
    if " " in short or not _is_word(short):
        found.append(short)
    first, _, last = short.rpartition(" ")
    distinct = len(first) > _SHORT_WORD and others.beginning_with(first) <= _FEW
    if distinct and last.lower() in _SECTORS:
        found.append(first)
    return tuple(one for one in dict.fromkeys(found) if one != name)


def _context(name: str, short: str) -> tuple[str, ...]:
    syllables = len(_HANGUL.findall(short))
    if 0 < len(short) == syllables < _SHORT_WORD:
        return tuple(form.format(short) for form in _FIRM)
    if " " in name and _is_word(short):
        return (name,)  # Micron alone, where Micron Technology is near
    is_first = " " in name and " " not in short
    return CONTEXT if is_first or _is_word(short) else ()


def _is_word(name: str) -> bool:
    """Whether it may well be something else than this company."""
    if " " in name:
        return False
    if len(name) <= _SHORT_WORD:
        return True
    return name.isascii() and name.isalpha() and is_ordinary(name)


class Names:
    """All names of a list, to find those that contain another one."""

    def __init__(self, names: Iterable[str]) -> None:
        self._sorted: Sequence[tuple[str, str]] = sorted(
            {(name.lower(), name) for name in names}
        )

    def beginning_with(self, word: str) -> int:
        """How many have it as their first word."""
        start = word.lower() + " "
        first = bisect_left(self._sorted, (start, ""))
        return bisect_left(self._sorted, (start + "\uffff", "")) - first

    def longer_than(self, name: str) -> tuple[str, ...]:
        """Those that begin with it and go on: Apple Hospitality REIT after Apple."""
        start = name.lower()
        found = []
        for at in range(bisect_left(self._sorted, (start, "")), len(self._sorted)):
            lowered, longer = self._sorted[at]
            if not lowered.startswith(start):
                break
            rest = lowered[len(start) :]
            if rest.startswith(" ") or _HANGUL.match(rest):
                found.append(longer)
        return tuple(found)
