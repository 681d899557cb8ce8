"""Titles without what outlets put around them, the names in them, and their templates.

Names are guessed: words that are rare in news. Not responsible for vectors: see `words`.
"""

import re
from difflib import SequenceMatcher
from functools import lru_cache

from monitor.stories import sounds, words

TEMPLATE = 0.6
"""Share of words in common from which on two titles are one template."""

_TITLE_CASE = 0.6
_RARE, _RARE_CAPITAL = 6.0, 4.5
_LEAST_LETTERS = 3
_LEAST_STEM = 2

# What outlets put around a headline: their name, its kind, which version it is.
_OUTLET = re.compile(r"(?<=\S) +[|»–—-] +(?:[^\s|»]+ +){0,6}[^\s|»]+ *$")
_KIND = re.compile(
    r"\[[^\]]{1,20}\]|\((?:종합|속보|영상|[1-9]보|종합[1-9]보)\)|^>+"
    r"|^(?:sponsored|opinion|photos?|watch|video|update|breaking)\s*:",
    re.IGNORECASE,
)
_LEAST_HEADLINE = 12
"""Characters that are left at least: what is shorter was no outlet's name."""


def headline(title: str) -> str:
    """A title without what its outlet put around it.

    >>> headline("[단독] Hyperion grows to four gigawatts | NBC Louisiana")
    'Hyperion grows to four gigawatts'
    """
    bare = _KIND.sub(" ", title)
    while (shorter := _OUTLET.sub("", bare)) != bare:
        if len(shorter.strip()) < _LEAST_HEADLINE:
            break
        bare = shorter
    return " ".join(bare.split()) or title


@lru_cache(maxsize=4096)
def names(title: str) -> frozenset[str]:
    """The names in an English title, guessed: rare words with a capital letter."""
    tokens = words.tokens(title)
    least = _least(tokens)
    return frozenset(
        token.lower()[: words.STEM] for token in tokens if _is_name(token, least)
    )


@lru_cache(maxsize=4096)
def shared_names(title: str) -> frozenset[str]:
    """The same of a title in either language, by their sounds where they have one."""
    tokens, found = words.tokens(title), set()
    least = _least(tokens)
    for token in tokens:
        if token[0].isascii() and _is_name(token, least):
            found.add(sounds.of_english(token) or token.lower()[: words.STEM])
        elif "가" <= token[0] <= "힣" and _mean_rarity(token) >= _RARE:
            found |= set(sounds.of_korean(token))
    return frozenset(found)


def is_swapped(one: str, other: str) -> bool:
    """Whether two titles are one template with another name in it.

    Most words of both are the same in the same order, but in the place of a name of one
    there is another in the other. In Korean only what the title begins with is taken
    for a name, since what is rare there is as often a verb.

    >>> is_swapped("Harlan County bans it", "Odell County bans it")
    True
    """
    (ours, our_stems), (theirs, their_stems) = _title(one), _title(other)
    matcher = SequenceMatcher(a=our_stems, b=their_stems, autojunk=False)
    # The first two are quick and never below the third.
    bounds = matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio
    return all(bound() >= TEMPLATE for bound in bounds) and any(
        _is_swap(ours[a:b], theirs[c:d], ours, theirs)
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind == "replace" and (a == c == 0 or ours[a].isascii())
    )


@lru_cache(maxsize=4096)
def _title(title: str) -> tuple[list[str], list[str]]:
    """The words of a title, and their stems."""
    tokens = words.tokens(title)
    return tokens, [_stem(token) for token in tokens]


def _is_swap(
    one: list[str], other: list[str], ours: list[str], theirs: list[str]
) -> bool:
    """Whether there is a name in both that the other title does not have elsewhere."""
    return _is_foreign(one, _least(ours), theirs) and _is_foreign(
        other, _least(theirs), ours
    )


def _is_foreign(part: list[str], least: float, title: list[str]) -> bool:
    whole = " ".join(map(_stem, title))
    return any(
        _is_rare(token, least) and _stem(token)[:_LEAST_STEM] not in whole
        for token in part
    )


def _stem(token: str) -> str:
    return token.lower()[: words.STEM] if token.isascii() else sounds.bare(token)


def _least(tokens: list[str]) -> float:
    """How rare a capitalised word must be to be a name: more where nearly all are."""
    latin = [it for it in tokens if it.isascii() and not it[0].isdigit()]
    capital = sum(it[0].isupper() for it in latin)
    return _RARE if capital > _TITLE_CASE * len(latin) else _RARE_CAPITAL


def _is_name(token: str, least: float) -> bool:
    return (
        token[0].isupper()
        and len(token) >= _LEAST_LETTERS
        and words.rarity(token.lower()[: words.STEM]) >= least
    )


def _is_rare(token: str, least: float) -> bool:
    if token.isascii():
        return _is_name(token, least)
    return "가" <= token[0] <= "힣" and _mean_rarity(token) >= _RARE_CAPITAL


def _mean_rarity(word: str) -> float:
    """Of the pairs of syllables of a Korean word, its particle aside."""
    pairs = list(words.word_terms(sounds.bare(word)))
    return sum(map(words.rarity, pairs)) / len(pairs) if pairs else 0.0
