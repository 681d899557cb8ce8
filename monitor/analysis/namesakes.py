"""Whether a short name is somebody else's: a firm, a person, a place that shares it.

`Meta` after Meta Power Solutions is that firm; `Amazon's drivers` after the Amazon
rainforest are the company's. Knows no company; what is configured is `companies`'s.
"""

import re

from monitor.analysis import organisations
from monitor.analysis.sentences import Span

_REACH = 300
"""Characters of a sentence on each side of a name that are looked at."""

_LEGAL = re.compile(
    r",?\s(?:Inc|Corp|Corporation|Company|Co|Ltd|LLC|PLC|plc|AG|SE|S\.A|N\.V|Group|"
    r"Holdings)\b"
)
_FIRM = (
    r"(?:Solutions|Brands|Software|Hospitality|Therapeutics|Pharma\w*|Bio\w+|"
    r"Bancorp|Bank|Realty|Properties|REIT|Mining|Metals|Minerals|Materials|Resources|"
    r"Drilling|Records|Insurance|Airlines|Credit\sUnion|University|School|College|"
    r"Church|Hospital|Partners|Capital|Wealth|Advisors|Logistics|Foods|Farms|Motel|"
    r"Hotel|Hotels|Restaurant|Theatre|Theater|Stadium)\b"
)
_BEFORE_FIRM = re.compile(
    rf"(?!\sand\b)(?:\s(?:[A-Z][\w&'’-]*|&|and|of)){{0,3}}\s{_FIRM}"
)
_FIRM_NAME = re.compile(rf"\s{_FIRM}")
_BEFORE_PLACE = re.compile(
    r"\s(?:County|Township|River|Valley|Bay(?!\sArea)|Beach|Lake|Island|Creek|Canyon|"
    r"Falls|Harbou?r)\b"
)
_AFTER_TITLE = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Sen|Rep|Gov|Sgt|Lt|Capt)\.?|\b(?:Judge|Justice|Senator|"
    r"Governor|Professor|Sheriff|Mayor|Coach|Officer|Detective|Attorney|Captain)"
    r"(?:\s[A-Z][a-z]+)?)\s$"
)
_AFTER_ARTICLE = re.compile(r"\b[Tt]he\s$")
_THEIR = (
    r"(?:shares?|stock|shareholders|investors|board|employees|staff|workers|executives|"
    r"CEO|CFO|chief\sexecutive|spokes(?:man|woman|person)|cloud|data\scent(?:er|re)s?|"
    r"servers?|warehouses?|headquarters)"
)
_BUSINESS = re.compile(
    rf"\s{_THEIR}\b|\s(?:said|says|announced|reported\sthat)\b"
    rf"|['’]s?\s(?:[\w-]+\s){{0,2}}(?:{_THEIR}|earnings|revenues?|sales|profits?|results|"
    r"capex|spending|orders|backlog|customers|drivers|unions?|lawyers|offices?|stores|"
    r"chips?|software|platform|website|subsidiary|unit|division|deals?|contracts?)\b"
    r"|\s?(?:주가|주식|시총|실적|매출|노조|직원|임직원|최고경영자|본사|클라우드|서버|물류센터|데이터 ?센터)"
    r"|의\s?(?:[가-힣A-Za-z]+\s)?(?:주가|주식|시총|실적|매출|영업이익|노조|직원|회장|대표|"
    r"최고경영자|본사|공장|클라우드|서버|노트북|배송|물류센터|데이터 ?센터|투자|인수|수주|계약)"
)
_END = re.compile(r"[.!?。]\s|\n")


def is_firm(name: str) -> bool:
    """Whether its words say that it is a firm: Constellation Brands, no rainforest."""
    return organisations.is_firm(name) or bool(_FIRM_NAME.search(name))


def goes_on_as_firm(text: str, end: int) -> bool:
    """Whether a name that ends here goes on as another firm's."""
    after = text[end : end + 80]
    return bool(_BEFORE_FIRM.match(after)) and not _LEGAL.match(after)


def is_place_or_person(text: str, start: int, end: int) -> bool:
    """Cisco Bay, Judge Eaton."""
    before = text[max(0, start - 40) : start]
    return bool(_BEFORE_PLACE.match(text, end) or _AFTER_TITLE.search(before))


def is_business(text: str, end: int) -> bool:
    """Whether what follows a name is what only a company has or does."""
    return bool(_BUSINESS.match(text, end))


def is_thing(text: str, start: int, end: int) -> bool:
    """`the Amazon`, unless it goes on: `the Amazon cloud`."""
    article = _AFTER_ARTICLE.search(text, max(0, start - 8), start)
    return bool(article) and not is_business(text, end)


def is_idiom(text: str, start: int, end: int) -> bool:
    """Apple-to-apple: a word that is compared with itself."""
    word = text[start:end].lower()
    before = text[max(0, start - 4 - len(word)) : start].lower()
    return (
        before == f"{word}-to-"
        or text[end : end + 4 + len(word)].lower() == f"-to-{word}"
    )


def is_word_too(name: str, near: str) -> bool:
    """Whether a capitalised name is also a word in small letters near it."""
    if not (name.isascii() and name.isalpha() and name[0].isupper()):
        return False
    word = rf"(?<![\w./@-]){name.lower()}s?(?![\w/]|\.\w)"
    return re.search(word, near) is not None


def sentence(text: str, start: int, end: int) -> Span:
    """About the sentence around a place, at most _REACH characters on each side."""
    first = max(0, start - _REACH)
    ends = [found.end() for found in _END.finditer(text, first, start)]
    last = _END.search(text, end, end + _REACH)
    return (
        ends[-1] if ends else first,
        last.start() if last else min(len(text), end + _REACH),
    )
