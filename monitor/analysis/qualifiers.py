"""How an amount is qualified by the words beside it: up to, at least, about."""

import re

_REACH = 48
_WITHIN = (
    r"(?: (?:an?|the|another|total|total of|additional|combined|further|extra|"
    r"potential|estimated|roughly|about|around|approximately|approx\.?|nearly|almost|"
    r"some|close to|US)){0,3}\s?$"
)
# After a preposition an article begins something else: `a dispute over a $2bn loan`.
_DIRECTLY = (
    r"(?: (?:an? (?=[a-z])|the (?=[a-z]))?(?:another|total of|additional|combined|"
    r"further|extra|potential|estimated|US)){0,2}\s?$"
)
_NOT = r"(?:\b(?:not|never|cannot|without)|n['’]t)(?: to)? "
_UP_TO = (
    rf"(?:\b(?:up to|as much as|as many as|as high as|maximum(?: of)?|max\.?|at most|"
    r"at the most|no (?:more|greater|higher|larger) than|not (?:more|greater) than|"
    r"capped at|cap of|ceiling of|limited to|"
    r"(?<!\bno )(?<!\bnot )(?<!\bnothing )(?:less|fewer|lower|smaller) than)|"
    rf"{_NOT}(?:exceed(?:ing|ed)?|surpass(?:ing|ed)?|top(?:ping)?))"
    rf"{_WITHIN}|"
    rf"(?:\b(?<!\bnot )(?:below|under)|{_NOT}(?:above|over)){_DIRECTLY}|"
    r"(?:최대|최대한|많게는|최고)(?:\s?(?:약|대략|총|연간|연|누적|합계|미화|한화)){0,2}\s?$"
)
_AT_LEAST = (
    r"\b(?:at least|at the least|at a minimum|more than|exceed(?:s|ed|ing)?|upwards of|"
    r"minimum(?: of)?|in excess of|(?:no|not|nothing) (?:less|fewer|lower|smaller) than|"
    r"greater than|surpass(?:es|ed|ing)?|topp(?:ed|ing)|"
    rf"north of){_WITHIN}|"
    rf"\b(?:over|above|not (?:below|under)){_DIRECTLY}|"
    r"(?:최소|최소한|적어도|최저|적게는|못해도|무려)"
    r"(?:\s?(?:약|대략|총|연간|연|누적|합계|미화|한화)){0,2}\s?$"
)
_ABOUT = (
    r"\b(?:approximately|approx\.?|roughly|nearly|almost|circa|an estimated|estimated|"
    r"close to|in the (?:region|neighbou?rhood) of|(?:on|in) the order of|"
    rf"(?:just )?shy of){_WITHIN}|"
    rf"(?:\b(?:about|around|some|near)|~|≈){_DIRECTLY}|"
    r"(?:약|대략|어림잡아|추산|한화|거의|얼추)(?:\s?(?:총|연간|연|누적|합계|미화|한화)){0,2}\s?$"
)
_UP_TO_AFTER = (
    r",?\s?(?:or less|or fewer|or below|or under|at (?:the )?(?:very )?most|"
    r"(?:max|maximum|tops)\b|이하|이내|미만|까지)"
)
_AT_LEAST_AFTER = (
    r",?\s?(?:or more|or above|or greater|or higher|and up|and above|"
    r"\+(?!\s?[\d$€£])|-plus\b|at (?:the )?(?:very )?(?:least|minimum)|minimum\b|"
    r"이상)"
)
_ABOUT_AFTER = (
    r"\s?(?:or so|or thereabouts|안팎|가량|정도|내외|남짓|여\b|쯤|대(?![가-힣])|"
    r"대[로에의를 ])|에?\s?(?:육박|근접|가까운|가까이)"
)
# `10조원을 넘지 않는` is no more, whatever 넘 says.
_NO_MORE = (
    r"(?:을|를|도)?\s?(?:넘지\s?(?:않|못|말)|(?:초과|상회|돌파)하지\s?(?:않|못|말)|"
    r"(?:초과|상회)할 수 없|밑도|밑돌|하회)|에\s?못\s?미치"
)
_EXCEEDED = r"(?:을|를|도|이|가)?\s?(?:넘|초과|돌파|웃도|웃돌|상회)"
# What is compared with is no more than it is: `예상치인 70억달러를 웃돌았다`.
_COMPARED = re.compile(
    r"(?:(?:예상|예상치|전망치|추정치|목표치|컨센서스)\s(?:[가-힣]{1,8}\s)?|"
    r"(?:[치액출록준값]인|였던|이었던)\s)$"
)


def _compiled(
    *patterns: tuple[str, str], flags: int = 0
) -> list[tuple[str, re.Pattern[str]]]:
    return [(name, re.compile(pattern, flags)) for name, pattern in patterns]


_BEFORE = _compiled(
    ("up_to", _UP_TO), ("at_least", _AT_LEAST), ("about", _ABOUT), flags=re.IGNORECASE
)
_AFTER = _compiled(
    ("up_to", _UP_TO_AFTER), ("at_least", _AT_LEAST_AFTER), ("about", _ABOUT_AFTER)
)
_VERBS = _compiled(("up_to", _NO_MORE), ("at_least", _EXCEEDED))


def qualifier_before(text: str, start: int) -> str:
    """`up_to`, `at_least`, `about`, or empty by the words before an amount."""
    before = text[max(0, start - _REACH) : start]
    return next((name for name, p in _BEFORE if p.search(before)), "")


def qualifier_after(text: str, start: int, end: int) -> str:
    """The same by the words after an amount."""
    compared = _COMPARED.search(text[max(0, start - _REACH) : start])
    patterns = _AFTER if compared else _AFTER + _VERBS
    return next((n for n, p in patterns if p.match(text, end, end + _REACH)), "")
