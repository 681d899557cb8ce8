"""Numbers of GPUs in English and Korean: `200,000-GPU cluster`, `GPU 26만장`.

GPUs by that name and by model (H100, GB200, MI300X, Blackwell). Not TPUs, chips in
general or servers, and no numbers in words (`tens of thousands`, `수만 장`).
"""

import re
from collections.abc import Iterator

from monitor.analysis import amounts, numerals
from monitor.analysis.literals import Prefiltered

_MODEL = (
    r"(?:[HAB][12348]00|H20|GB[2-9]00|V100|L40S?|MI\d{3}X?|Blackwell|Hopper)"
    r"(?:-?NVL\d{1,3}| Ultra)?"
)
_NOUN = (
    r"(?:GPUs?|graphics (?:processing units?|processors?|cards?|chips?)|"
    rf"{_MODEL}s?(?: (?:super)?chips?| accelerators?| cards?| units?)?)"
)
_WORD = (
    r"(?:of|its|their|the|new|more|additional|latest|advanced|high-end|powerful|"
    r"next-generation|liquid-cooled|data|center|or|and|(?!GPU)[A-Z][\w'’.-]{1,20})"
)
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}
_ENGLISH = Prefiltered(
    rf"(?<![\w$€£#-])(?P<number>{numerals.ANY_NUMBER})"
    rf"(?:(?P<join>\s?(?:-|–|to)\s?)(?P<second>{numerals.ANY_NUMBER}))?"
    r"(?:\s?(?P<scale>[kK]|[mM](?=[\s-])|thousand|million)(?![\w]))?"
    r"(?P<plus>\+|[ -]plus\b)?"
    rf"(?P<gap>[ \n\u00a0-]|\s?[x×]\s?)(?:{_WORD}\s){{0,6}}{_NOUN}(?!\w)"
)
_OTHER_THING = re.compile(
    r"(?:[\s-]NVL\d{1,3})?[\s-](?:racks?|servers?|systems?|nodes?|instances?|boards?|pods?|trays?)\b"
)
# A model's number, a year, a price's neighbour: `RTX 5090 GPUs`, `in 2025 Nvidia GPUs`.
_NO_COUNT = re.compile(
    r"(?:RTX|GTX|RX|GeForce|Radeon|Instinct|Tesla|Arc|Quadro|PRO)\s$"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_KOREAN_NOUN = (
    r"(?:GPU|그래픽\s?처리\s?장치|그래픽카드|블랙웰|호퍼|"
    r"[HAB][12348]00|H20|GB[2-9]00|MI\d{3}X?)"
)
_HOW = r"(?:약|최대|최소|총|무려|모두|각각|추가로|적어도|연간|누적|많게는|대략)"
_COUNTER = r"(?:여\s?)?\s?(?:장|개|대|기)(?![가-힣]?[월년선통기간국]|표|비|\s?(?:강국|기업|그룹|과제|분야|국가))"
_AFTER_NOUN = Prefiltered(
    rf"{_KOREAN_NOUN}(?:\s?\([^()]{{1,20}}\))?(?:를|을|는|은|가|이|만|도)?\s?"
    rf"(?:{_HOW}\s?){{0,2}}"
    rf"(?P<counted>(?P<number>{numerals.KOREAN_NUMBER})\s?{_COUNTER})"
)
_BEFORE_NOUN = Prefiltered(
    rf"(?<![\w$€£])(?P<counted>(?P<number>{numerals.KOREAN_NUMBER})(?:\s?{_COUNTER}|(?<=[만천백])))"
    r"(?:\s?(?:이상|이하|가량|정도|규모|안팎))?(?:의|에 달하는|에 이르는)?\s?"
    rf"(?:(?:엔비디아|AMD|최신|첨단|고성능|차세대|AI|인공지능)(?:의)?\s?){{0,3}}{_KOREAN_NOUN}"
)


def counts(text: str) -> Iterator[amounts.Reading]:
    """Yield them; the same place may come twice, the longest is meant."""
    for match in _ENGLISH.finditer(text):
        yield from _english(match)
    for pattern in (_AFTER_NOUN, _BEFORE_NOUN):
        for match in pattern.finditer(text):
            value = numerals.value_of(match["number"])
            if value and value.is_integer():
                yield _reading(match, value, match.span("counted"))


def _english(match: re.Match[str]) -> Iterator[amounts.Reading]:
    before = match.string[max(0, match.start() - 9) : match.start()]
    bare = not match["scale"] and not match["second"]
    if _NO_COUNT.search(before) or (bare and _YEAR.fullmatch(match["number"])):
        return
    # `1,000 GPU servers` are servers, an `8-GPU server` has eight.
    if match["gap"] != "-" and _OTHER_THING.match(match.string, match.end()):
        return
    factor = _SCALES[match["scale"].lower()] if match["scale"] else 1.0
    first = numerals.tidy(numerals.value_of(match["number"]) * factor)
    if not match["second"]:
        yield _reading(match, first, match.span())
        return
    second = numerals.tidy(numerals.value_of(match["second"]) * factor)
    yield _reading(match, first, match.span("number"))
    yield _reading(match, second, (match.start("second"), match.end()))


def _reading(
    match: re.Match[str], value: float, span: tuple[int, int]
) -> amounts.Reading:
    return amounts.Reading(
        kind="gpus",
        value=value,
        unit="GPU",
        normalised=value,
        normalised_unit="GPU",
        start=span[0],
        end=span[1],
        stated=amounts.stated(match),
    )
