"""Names in what pages carry around their text: share buttons, logins, addresses."""

import re

_REACH = 80
_LINK = 500  # characters on each side that an address may have
_PLACES = (
    r"(?:X|Twitter|LinkedIn|Instagram|YouTube|Threads|Reddit|Facebook|Google|Apple)"
)
_BUTTON = re.compile(
    r"(?:\bShare (?:this (?:\w+ )?)?(?:to|on|via)|"
    r"(?:^|[\n|·•.!?>,]\s?)(?i:share|tweet|post|pin|save|e-?mail) (?:this )?(?:to|on|via)|"
    r"\b(?i:follow|like|join|find|connect with) (?:us|me) (?:on|at)|"
    r"\bFollow (?:[\w@.]{1,30} ){1,4}on|"
    r"\b(?i:sign|log)(?: |-)?in (?:with|using|via)|"
    r"\b(?i:preferred source|subscribe) on|"
    r"\b(?i:get it|download it|listen) (?:on|from)(?: the)?|"
    r"\b(?i:as an))"
    rf"\s(?:{_PLACES}(?:,| and| or| &|/| \|)\s?(?:on )?){{0,5}}$"
)
_AS_AN = re.compile(r"\b(?i:as an)\s$")
_ASSOCIATE = re.compile(r" Associates?\b")
_PROFILE = re.compile(r"\s?:\s?(?:https?:|www\.|@|\w{2,20}\.com/)")
_KOREAN_BUTTON = re.compile(
    r"\s?(?:에서 구독|으로 공유|로 공유|에 공유하기|공유하기|로그인|뉴스 ?구독|채널 추가|뉴스스탠드)"
)
_ADDRESS = re.compile(r"://|^\W{0,2}www\.|\w@\w")


def is_boilerplate(text: str, start: int, end: int) -> bool:
    """True for a name in an address, a button, or a shop's notice."""
    if _in_address(text, start, end):
        return True
    if _KOREAN_BUTTON.match(text, end) or _PROFILE.match(text, end):
        return True
    before = text[max(0, start - _REACH) : start]
    if _AS_AN.search(before):
        return bool(_ASSOCIATE.match(text, end))
    return bool(_BUTTON.search(before))


def _in_address(text: str, start: int, end: int) -> bool:
    """Within a URL or a mail address: only the word around it is looked at."""
    before = text[max(0, start - _LINK) : start]
    left = before.split()[-1] if before and not before[-1].isspace() else ""
    after = text[end : end + _LINK]
    right = after.split()[0] if after and not after[0].isspace() else ""
    return bool(_ADDRESS.search(left + text[start:end] + right))
