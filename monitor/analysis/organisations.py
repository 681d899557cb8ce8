"""Names of organisations: the well-known ones, and what a name's own words say.

What stands around a name in a text is `name_kinds`'s.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from monitor.analysis.sentences import Span

KNOWN = Path(__file__).with_name("organisations.txt")

_LEGAL = (
    r"(?:Inc|INC|Incorporated|Corp|CORP|Corporation|Co|Ltd|LTD|Limited|LLC|LLP|L\.P|LP|"
    r"PLC|plc|Plc|AG|SE|SA|S\.A|NV|N\.V|AB|ASA|Oyj|SpA|S\.p\.A|GmbH|Bhd|Tbk|KK|Pty)"
)
_LEGAL_AFTER = re.compile(rf"(?:[^\S\n]?,)?[^\S\n]{_LEGAL}\b")
_LEGAL_END = re.compile(rf"(?:\s?,)?\s{_LEGAL}\.?$")
# Last words of no person or place.
_HEADS = frozenset(
    "Academy Administration Advisers Advisors Agency Airlines Airways Alliance "
    "Associates Association Authority Bancorp Bank Biosciences Broadcasting Brothers "
    "Bureau Capital Chamber College Commission Committee Communications Companies "
    "Company Congress Consortium Consulting Cooperative Corporation Council "
    "Department Electronics Energy Enterprises Entertainment Equities Exchange "
    "Federation Finance Financial Foods Foundation Fund Funds Group Holding Holdings "
    "Hospital Industries Institute Institution Insurance International Investments "
    "Laboratories Labs League Logistics Management Media Ministry Motor Motors "
    "Networks News Newspapers Organisation Organization Partners Partnership Party "
    "Petroleum Pharma Pharmaceuticals Press Properties Railway Realty Resources "
    "Restaurants Retail Securities Semiconductor Semiconductors Services Society "
    "Software Solutions Stores Studios Systems Technologies Technology Telecom "
    "Therapeutics Trust Union University Utilities Ventures".split()
)
# Capitals that name no organisation: offices, degrees, measures, times, kinds of thing.
_CAPITALS = frozenset(
    "AGM AI AM API ATM B2B B2C BA BPS BST BTU CAGR CAPEX CCTV CDO CEO CET CFA CFO CFP "
    "CIM CIO CMO COO CPA CPI CPU CRM CSR CTO CV DNA DVD EBIT EBITDA EDT EPS ERP ESG "
    "EST ET ETF ETFs EV EVs FAQ FCF FDI FX FY GAAP GDP GHz GMT GNP GPS GPU GPUs GST "
    "HD HIV HR IFRS IP IPO IPOs IQ IT KPI LED LLM LNG M&A MBA MD ML MOU MP MPs MW NAV "
    "NDA NGO NGOs NPA OEM OTC PC PCs PDF PDT PE PEG PHD PIN PM PMI PPP PR PST PSU Q1 "
    "Q2 Q3 Q4 QE R&D REIT REITs ROE ROI RSS SIM SME SMEs SMS SUV SUVs SVP SaaS TV USD "
    "UTC VAT VC VP VPN VR WACC WTI YTD".split()
)
_COUNTRIES = frozenset("U.K. U.S. UK US USA".split())
_GENERIC = frozenset(
    "& Act Appeals Award Big Bill Borrower Business Buyer Chairman Chief Class "
    "Company Contact Corporation Data Director Directors Division Economics Energy "
    "Engineering Equity Executive Facility Finance Firm Friday Holder Image Indenture "
    "Industry Investment Investments Investor Investors Issuer Judge Law Manager "
    "Managing Market Marketing Markets Media Minister Ministers Monday Morning News "
    "Office Officer Photo Plan Policy President Privacy Program Project Purchaser "
    "Radio Registrant Report Research Sales Saturday Security Seller Senior Services "
    "Share Shares Source Stock Stocks Story Sunday Tech Technology Television Terms "
    "Thursday Treasuries Tuesday Vice Video Web Website Wednesday and of the".split()
)
# Where shares are traded, and what measures all of them; in lower case, unspaced.
_MARKETS = frozenset(
    "nyse nysearca nyseamerican newyorkstockexchange amex nasdaq nasdaqgs nasdaqgm "
    "nasdaqcm otc otcqb otcqx otcmkts otcmarkets cboe tsx tsxv asx lse sehk hkex sgx tse "
    "tyo xetra euronext euronextparis epa etr londonstockexchange torontostockexchange "
    "tsxventureexchange hongkongstockexchange tokyostockexchange koreaexchange krx kospi "
    "kosdaq konex kq s&p500 dowjonesindustrialaverage ftse dax cac40 nikkei225 topix "
    "hangseng sensex russell eurostoxx shanghaicomposite "
    "코스피 코스닥 코넥스 나스닥 다우 다우존스 유가증권시장 한국거래소 증권거래소 뉴욕증권거래소 "
    "런던증권거래소 도쿄증권거래소 홍콩증권거래소 닛케이 항셍 뉴욕증시".split()
)
_BETWEEN = re.compile(r"[\s.·-]+")
_MARKET_END = re.compile(
    r"(?:시장|지수|증시|index|composite|stockmarket|(?:global|capital)(?:select)?market|"
    r"\d{2,4})+$"
)
_EMPTY = _GENERIC | _CAPITALS | _COUNTRIES
_NO_BODY = re.compile(
    r"\b(?:Act|Agreement|Award|Bill|Championship|Clause|Conference|Cup|Day|ETF|"
    r"Estimate|Fair|Festival|Forum|Games|Olympics|Pact|Prize|Review|Round|Rule|Summit|"
    r"Survey|Tour|Treaty|Week)s?$"
)
_WORD = re.compile(r"(?<![\w@/.])[^\W\d_]\w*")
_SIGN = re.compile(r"\s*([&'’.!-])\s*|\s+")
_SPACED = {
    None: r"[\s-]",
    "-": r"\s?[\s-]\s?",
    "&": r"\s?&\s?",
    "'": r"\s?['’]",
    ".": r"\.\s?",
    "!": r"\s?!",
}


def known(text: str, start: int, end: int) -> Iterator[Span]:
    """Places of well-known organisations in a sentence, from left to right."""
    last = start
    for word in _WORD.finditer(text, start, end):
        names = _known().get(word[0]) if word.start() >= last else None
        if names and (found := names.match(text, word.start(), end)):
            last = past_legal_form(text, found.end())
            yield found.start(), last


def is_known(name: str) -> bool:
    """Whether it is a well-known organisation's name, whole."""
    word = _WORD.match(name)
    names = _known().get(word[0]) if word else None
    return bool(names and names.fullmatch(name))


def is_firm(name: str) -> bool:
    """Whether its last word makes it an organisation: Inc, Bank, University."""
    words = name.split()
    return len(words) > 1 and (words[-1] in _HEADS or bool(_LEGAL_END.search(name)))


def is_nothing(name: str) -> bool:
    """No organisation: `data mart`, `CEO`, `Sales`, or an event, law or prize."""
    if not any(map(str.isupper, name)):
        return True
    if is_known(name):
        return False
    return bool(_NO_BODY.search(name)) or all(map(_EMPTY.__contains__, name.split()))


def is_abbreviation(name: str) -> bool:
    """Capitals that name neither an organisation nor a person or place: AI, CEO."""
    return name in _CAPITALS


def is_market(name: str) -> bool:
    """An exchange or an index: it stands beside every company and does nothing."""
    written = _BETWEEN.sub("", name).casefold()
    return bool({written, _MARKET_END.sub("", written)} & _MARKETS)


def short_names(name: str) -> Iterator[str]:
    """What a firm may be called for short: Acme Metal Works LLP -> Acme Metal."""
    short = _LEGAL_END.sub("", name)
    words = short.split()
    if short != name:
        yield short
    for count in range(2, len(words)):
        yield " ".join(words[:count])


def past_legal_form(text: str, end: int) -> int:
    """Where a name that ends here does with its legal form: `, Inc`, ` LLP`."""
    found = _LEGAL_AFTER.match(text, end)
    return found.end() if found else end


@cache
def _known() -> dict[str, re.Pattern[str]]:
    """By the first word of a name: the names that begin with it, longest first."""
    names: dict[str, list[str]] = defaultdict(list)
    for line in KNOWN.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            for name in line.split(", "):
                first = _WORD.match(name)
                names[first[0] if first else name].append(name)
    return {first: _any_of(found) for first, found in names.items()}


def _any_of(names: list[str]) -> re.Pattern[str]:
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(map(_written, longest_first))})(?!\w|\s?@)")


def _written(name: str) -> str:
    """A pattern for a name however its signs are spaced and its quote is drawn."""
    parts, at = [], 0
    for sign in _SIGN.finditer(name):
        parts += [re.escape(name[at : sign.start()]), _SPACED[sign[1]]]
        at = sign.end()
    return "".join(parts) + re.escape(name[at:])
