"""English numbers in words: `two`, `three hundred`, `half a`, `two and a half billion`.

Only what says how many: not `hundreds`, `a few` or `several hundred`.
"""

import re

_ONES = dict(
    zip(
        "one two three four five six seven eight nine ten eleven twelve thirteen "
        "fourteen fifteen sixteen seventeen eighteen nineteen".split(),
        range(1, 20),
        strict=True,
    )
)
_TENS = dict(
    zip(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(),
        range(20, 100, 10),
        strict=True,
    )
)
_SMALL = _ONES | _TENS
_TIMES = {
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
}
_ONE = f"(?:{'|'.join(sorted(_ONES, key=len, reverse=True))})"
_BELOW_100 = rf"(?:(?:{'|'.join(_TENS)})(?:[ -]{_ONE})?|{_ONE})"
_BELOW_1000 = rf"(?:(?:{_BELOW_100}|an?)[ -]hundred(?:[ -](?:and[ -])?{_BELOW_100})?|{_BELOW_100})"
_SCALE = r"(?:thousand|million|billion|trillion)"
_PART = (
    r"(?:[ -]and[ -]a[ -](?:half|quarter)|[ -]point(?:[ -](?:zero|" + _ONE + r")){1,3})"
)
_FRACTION = r"(?:half(?:[ -]an?)?|(?:a|three)[ -]quarters?[ -]of[ -]an?)"
# A rate (`for every one megawatt`) and the tail of a longer number are no amounts.
_START = (
    rf"(?<![\w.,$€£-])(?=(?:half|an?|{'|'.join(_SMALL)})[ -])(?<!point )(?<!hundred )(?<!every )(?<!each )(?<!per )"
    r"(?<!first )(?<!second )(?<!last )(?<!latter )(?<!other )"
)
_SINGULAR = re.compile(r"(?:dollar|euro|pound|rupee|watt|hour)$", re.IGNORECASE)
NUMBER = (
    rf"(?:{_FRACTION}(?:[ -]{_SCALE})?|an?[ ]{_SCALE}|"
    rf"(?:{_BELOW_1000}[ -]{_SCALE}[ -](?:and[ -])?){{0,2}}"
    rf"{_BELOW_1000}{_PART}?(?:[ -]{_SCALE})?)"
)
RANGE = (
    rf"{_START}(?P<number>{NUMBER})"
    rf"(?:[ -](?:to|or|and)[ -](?P<second>{NUMBER}))?(?P<space>[ -])"
)
"""One number or two, up to what is counted."""


def value_of(words: str) -> float:
    """`two and a half million` is 2500000."""
    total = current = 0.0
    decimal = 0.0
    for word in re.split(r"[ -]", words.lower()):
        if word == "point":
            decimal = 1.0
        elif decimal and word not in _TIMES:
            decimal /= 10
            current += decimal * _SMALL.get(word, 0)
        elif word in _SMALL:
            current += _SMALL[word]
        elif word == "half":
            current += 0.5
        elif word.startswith("quarter"):
            current = (current if word == "quarters" else 0) * 0.25 or current + 0.25
        elif word == "hundred":
            current = (current or 1.0) * _TIMES[word]
        elif word in _TIMES:
            total += (current or 1.0) * _TIMES[word]
            current = decimal = 0.0
    return total + current


def lower_ends(first: str, second: str) -> list[float]:
    """What the first of two may mean: the 2 of `two to three hundred` is 200."""
    last = re.split(r"[ -]", second.lower())
    value, times = value_of(first), 1.0
    values = [value]
    while last and last[-1] in _TIMES:
        times *= _TIMES[last.pop()]
        values.insert(0, value * times)
    return values


def is_amount(number: str, space: str, unit: str) -> bool:
    """Whether what is counted is the unit.

    It is not in `two billion-dollar deals` and `three gigawatt campuses`, nor is any
    number in `a billion-dollar deal`.
    """
    if not _SINGULAR.search(unit):
        return True
    if space == "-":
        return " " not in number
    mantissa = value_of(number)
    while mantissa >= 1_000:  # noqa: PLR2004  the next scale
        mantissa /= 1_000
    indefinite = re.match(r"an? (?!quarter)", number, re.IGNORECASE)
    return not indefinite and not 2 <= mantissa <= 12  # noqa: PLR2004  counted in words
