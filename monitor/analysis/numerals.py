"""Numbers as English and Korean write them, and the lower ends of their ranges.

`1,200`, `1,20,000`, `417억8천만`, `2천여억`, and English words (`three hundred`).
"""

import re
from collections.abc import Sequence

from monitor.analysis import number_words

PLAIN = (
    # Also in Indian groups: 1,20,000.
    r"\d{1,2}(?:,\d{2}){1,4},\d{3}(?!\d)(?:\.\d{1,6})?|"
    r"\d{1,3}(?:,\d{3}){1,6}(?:\.\d{1,6})?|\d{1,15}(?:\.\d{1,6})?"
)
_PART = rf"(?:{PLAIN})(?:\s?[경조억만천백십]{{1,2}})"
KOREAN_NUMBER = (
    rf"(?<![\d.,])(?:{_PART}\s?){{0,6}}(?:{PLAIN})(?:\s?[경조억만천백십]{{1,2}})?"
)
# With a space only after 억 and 만, before what has such a letter too: `5조 100MW` is two.
ANY_NUMBER = (
    rf"(?<![\d.,])(?:(?:{PLAIN})[십백천]?[억만]\s(?=[\d,.]{{1,9}}[만천백십])){{0,2}}"
    rf"(?:{PLAIN})(?:[조억만천백십]{{1,2}}(?:{PLAIN})){{0,4}}[조억만천백십]{{0,2}}"
)
_STEP = re.compile(rf"({PLAIN})\s?([경조억만천백십]{{0,2}})")
POWERS = {"경": 1e16, "조": 1e12, "억": 1e8, "만": 1e4, "천": 1e3, "백": 100, "십": 10}
_GROUPS = frozenset("경조억만")
_WITHIN_GROUP = "천백십"

_REACH = 40
_LOWER_END = re.compile(
    rf"(?<![A-Za-z$€£¥₩~-])(?P<number>{KOREAN_NUMBER})"
    r"(?:\s?[~–—-]\s?|(?<=[조억만천])에서\s)\Z"
)
# `by 2026 and 300 MW`, `Unit 3 and 500 MW`: the first is a year, a day, a name.
_BEFORE_YEAR = re.compile(
    r"\b(?:in|by|since|until|till|after|before|during|through|mid|early|late|end of|"
    r"year|FY)[ -]\Z",
    re.IGNORECASE,
)
_BEFORE_LABEL = re.compile(
    r"\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|"
    r"Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|"
    r"[Uu]nits?|[Pp]hases?|[Bb]locks?|[Rr]eactors?|[Bb]uildings?|[Ii]tems?|"
    r"[Ss]ections?|No)\.? \Z"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_LABEL = re.compile(r"\d{1,2}")


def value_of(number: str) -> float:
    """`1,200` is 1200, `417억8천만` is 41780000000, `half a million` is 500000."""
    if number[0].isascii() and number[0].isalpha():
        return tidy(number_words.value_of(number))
    number = number.replace("여", "")
    if number.replace(",", "").replace(".", "").isdigit():
        return tidy(float(number.replace(",", "")))
    total = group = 0.0
    for digits, letters in _STEP.findall(number):
        part = float(digits.replace(",", ""))
        closed = 0.0
        for letter in letters:
            if letter in _GROUPS:
                closed = POWERS[letter]
            else:
                part *= POWERS[letter]
        group += part
        if closed:
            total += group * closed
            group = 0.0
    return tidy(total + group)


def tidy(value: float) -> float:
    """Without the noise of binary fractions: 0.3 * 1e6 is 300000."""
    return float(f"{value:.12g}")


def lower_of(values: Sequence[float], upper: float) -> float:
    """What the first number of a range means: the first of `values` that fits.

    The scale of the second belongs to both (`5 to 6 billion`), unless that makes the
    first far larger (`500,000 to 1 million`).
    """
    return next((value for value in values if value < 10 * upper), values[-1])


def korean_lower(first: str, second: str) -> float:
    """The 30 of `30~40조` is 30조, the 8000 of `8000~1만` is 8000."""
    values = [value_of(first)]
    if first[-1] not in _GROUPS:
        steps = _STEP.findall(second.replace("여", ""))
        for letters in (steps[-1][1], steps[0][1]):
            group = letters.lstrip(_WITHIN_GROUP)
            values.insert(0, value_of(first + group))
            if first[-1].isdigit():
                values.insert(0, value_of(first + letters))
    return lower_of(values, value_of(second))


def lower_before(
    text: str, start: int, second: str
) -> tuple[float, tuple[int, int]] | None:
    """Value and place of the number from which a Korean range runs to `start`."""
    found = _LOWER_END.search(text, max(0, start - _REACH), start)
    if not found:
        return None
    return korean_lower(found["number"], second), found.span("number")


def is_label(text: str, start: int, number: str) -> bool:
    """Whether what stands before the number makes it a year, a day or a name."""
    reach = max(0, start - _REACH)
    if _YEAR.fullmatch(number):
        return bool(_BEFORE_YEAR.search(text, reach, start))
    return bool(_LABEL.fullmatch(number) and _BEFORE_LABEL.search(text, reach, start))
