"""How an amount is qualified by the words beside it: up to, at least, about."""

import re

_REACH = 32
_MORE = r"(?: an?| the)?(?: additional| another| total of| potential)?\s?$"
_UP_TO = (
    r"\b(?:up to|as much as|as many as|as high as|a maximum of|maximum of|max\.?|"
    r"no more than|not more than|less than|below|under|capped at|cap of)"
    rf"{_MORE}|(?:최대|많게는|최고)\s?$"
)
_AT_LEAST = (
    r"\b(?:at least|more than|over|exceed(?:s|ed|ing)?|above|upwards of|minimum of|"
    r"in excess of|not less than|no less than|greater than|surpass(?:es|ed|ing)?|"
    rf"topp(?:ed|ing)|north of){_MORE}|(?:최소|적어도|최저|무려)\s?$"
)
_ABOUT = (
    r"(?:\b(?:about|around|approximately|approx\.?|roughly|nearly|almost|some|circa|"
    r"an estimated|estimated|close to|near|just under|just over|slightly over|"
    rf"slightly under)|~|≈){_MORE}|(?:약|대략|어림잡아|추산|한화|거의)\s?$"
)
_AFTER = (
    ("at_least", r"\s?(?:or more|and up|\+(?!\s?[\d$€£])|-plus\b|이상|넘|초과|돌파|웃도|상회)"),
    ("up_to", r"\s?(?:or less|or fewer|이하|이내|미만|까지)"),
    ("about", r"\s?(?:or so|안팎|가량|정도|내외|여\b|쯤|대(?![가-힣])|대[로에의를 ])"),
)
_BEFORE_COMPILED = [
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (("up_to", _UP_TO), ("at_least", _AT_LEAST), ("about", _ABOUT))
]
_AFTER_COMPILED = [(name, re.compile(p)) for name, p in _AFTER]


def qualifier_before(text: str, start: int) -> str:
    """`up_to`, `at_least`, `about`, or empty by the words before an amount."""
    before = text[max(0, start - _REACH) : start]
    return next((name for name, p in _BEFORE_COMPILED if p.search(before)), "")


def qualifier_after(text: str, start: int, end: int) -> str:  # noqa: ARG001
    """The same by the words after an amount."""
    return next(
        (name for name, p in _AFTER_COMPILED if p.match(text, end, end + _REACH)), ""
    )
