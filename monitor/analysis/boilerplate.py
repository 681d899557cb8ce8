"""Names in what pages carry around their text: share buttons, logins, addresses."""

import re

_REACH = 40
_LINK = 200  # characters of an address that are looked at
_BEFORE = re.compile(
    r"(?:\b(?:shared?|sharing|tweet|post|pin|print|save|e-?mail)\b[\w ,|/·-]{0,20}"
    r"\b(?:to|on|via|with)|"
    r"\b(?:follow|like|join|find|connect with|subscribe to)\s(?:us|me|our\s\w+)\s"
    r"(?:\w+\s)?(?:on|at|via|by)|"
    r"\b(?:sign|log)(?:ged)?[ -]?(?:in|up)\s(?:with|via|using)|"
    r"\b(?:source|us|follow) on|"
    r"\b(?:get it|download(?: it)?|available|listen) (?:on|from|at)(?: the)?|"
    r"\bas an|\bpowered by)"
    r"(?:\s[\w ,/|·&-]{1,24}?(?:,|\bor\b|\band\b|/|\|))?\s?$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\s?(?:Play\b(?! \w+ing)|News\b(?! (?:Initiative|Showcase))|Associate\b|"
    r"reCAPTCHA|Analytics\b|Maps\b|공유|로그인|뉴스 구독|채널 추가|구독하기|뉴스스탠드)"
)
_ASSOCIATE = re.compile(r"\bas an\s?$", re.IGNORECASE)
_STORES = re.compile(r"\b(?:get it|download(?: it)?|listen)\s\w+(?: the)?\s?$", re.I)


def is_boilerplate(text: str, start: int, end: int) -> bool:
    """True for a name in an address, a button, or a shop's notice."""
    if _in_address(text, start, end):
        return True
    before = text[max(0, start - _REACH) : start].rpartition("\n")[2]
    after = text[end : end + _REACH]
    if _ASSOCIATE.search(before):
        return after.lstrip().startswith("Associate")
    if re.match(r"\s?(?:공유|로그인|뉴스 구독|채널 추가|구독하기|뉴스스탠드)", after):
        return True
    return bool(_BEFORE.search(before)) and not _is_business(before, after)


def _is_business(before: str, after: str) -> bool:
    """`powered by Nvidia chips` says something about Nvidia, a button does not."""
    plain = re.match(r"\s?(?:[.,|/·\n]|$|and\b|or\b)", after)
    product = _AFTER.match(after)
    worded = re.search(r"\b(?:powered by|available \w+)\s?$", before, re.IGNORECASE)
    return bool(worded) or not (plain or product)


def _in_address(text: str, start: int, end: int) -> bool:
    """Within a URL or a mail address: only the word around it is looked at."""
    left = text[max(0, start - _LINK) : start]
    left = left[len(left.rstrip()) :] if left != left.rstrip() else _last_word(left)
    right = re.match(r"\S{0,200}", text[end:])
    word = left + text[start:end] + (right.group() if right else "")
    if "." not in word and "@" not in word:
        return False
    return bool(re.search(r"://|^\W{0,2}www\.|\w@\w", word))


def _last_word(text: str) -> str:
    found = re.search(r"\S{1,200}$", text)
    return found.group() if found else ""
