"""What is in a text and says nothing: share buttons, logins, addresses, disclaimers."""

import re
from collections.abc import Iterator
from itertools import accumulate

_REACH = 80
_LINK = 500  # characters on each side that an address may have
_PLACES = (
    r"(?:X|Twitter|LinkedIn|Instagram|YouTube|Threads|Reddit|Facebook|Google|Apple|Amazon|"
    r"TikTok|Pinterest|WhatsApp|Telegram|Snapchat|Bluesky|Mastodon|Flipboard|Spotify)"
    r"(?: (?:News|Podcasts?|Music|Play|Discover))?"
)
_BUTTON = re.compile(
    r"(?:\bShare (?:this (?:\w+ )?)?(?:to|on|via)|"
    r"(?:^|[\n|·•.!?>,]\s?)(?i:share|tweet|post|pin|save|e-?mail) (?:this )?(?:to|on|via)|"
    r"\b(?i:follow|like|join|find|connect with) (?:us|me) (?:on|at)|"
    r"\bFollow (?:[\w@.]{1,30} ){1,4}on|"
    r"\b(?i:sign|log)(?: |-)?in (?:with|using|via)|"
    r"\b(?i:preferred source|subscribe) on|"
    r"\b(?i:get it|download it|listen) (?:on|from)(?: the)?)"
    rf"\s(?:{_PLACES}(?:,? (?:and|or|&)|,|/| \|)\s?(?:on )?){{0,5}}$"
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


# --- disclaimers --------------------------------------------------------------------

MAX_DISCLAIMER = 20_000
"""Characters under one heading; the longest lists of risks have half of it."""

_FORWARD = re.compile(
    r"forward[- ]looking (?:statement|information)|"
    r"private securities litigation reform act",
    re.IGNORECASE,
)
_CAUTION = re.compile(
    r"\b(?:no|any) (?:obligation|duty|intention)[^.]{0,60} to (?:update|revise|publicly)",
    re.IGNORECASE,
)
_CAUTION_HEADING = re.compile(
    r"(?=[^.]{1,120}$)[^.]{0,60}(?:forward[- ]looking (?:statement|information)|"
    r"safe[- ]harbou?r|cautionary (?:note|statement|language))",
    re.IGNORECASE,
)
_HEADING = re.compile(r"(?=.{1,90}$)(?:[A-Z0-9#*(“\"].*[^.;:,]|about\b.*)$")
_LIST_ENDS = (" and", " or", ";")


def disclaimers(text: str) -> list[tuple[int, int]]:
    """Spans of the paragraphs that warn of forward-looking statements, in order.

    They name the company beside every bad word there is and mean nothing by it.
    """
    lines = text.splitlines(keepends=True)
    starts = accumulate(map(len, lines), initial=0)
    return list(_disclaimers(zip(starts, lines, strict=False)))


def _disclaimers(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, int]]:
    opened: int | None = None
    for start, ended in lines:
        line = ended.rstrip()
        if _CAUTION_HEADING.match(line):
            opened = start
        elif opened is not None and (
            start - opened > MAX_DISCLAIMER or _is_heading(line)
        ):
            opened = None
        if opened is not None or _FORWARD.search(line) or _CAUTION.search(line):
            yield start, start + len(ended)


def _is_heading(line: str) -> bool:
    return bool(_HEADING.match(line)) and not line.endswith(_LIST_ENDS)
