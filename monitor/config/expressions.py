"""Whether a person's regular expression can be used, and in bounded time.

Tries it on texts that make repetitions inside repetitions explode. What still takes
long on some other text is stopped where it is used.
"""

import re
import warnings
from collections.abc import Iterator

import regex

LIMIT_S = 0.1
"""Processor time for one text, as when documents are read."""

_LONGEST = 1_500  # characters of the longest sentence
_REPEATED = re.compile(r"(?<!\\)(?:[*+]|\{\d*,\d*\})")
_REPEATED_GROUP = re.compile(r"(?<!\\)\)(?:[*+]|\{\d*,\d*\})")
_SPECIAL = re.compile(r"\(\?(?:[:=!]|<[=!]|P?<\w+>)|[][(){}|*+?^$\\]|\{[\d,]*\}")
_STANDS_FOR = {r"\w": "a1", r"\d": "1", r"\s": " ", r"\.": ".", r"\b": ""}
_MOST = 8  # letters and words of it that are tried


def problem(expression: str) -> str:
    """What is wrong with it, empty if nothing is; re.error if it is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            compiled = regex.compile(expression, regex.IGNORECASE)
        except regex.error:
            re.compile(expression)  # says better what is wrong with most
            raise
    if compiled.search(""):
        return "matches even where there is no text"
    if _REPEATED_GROUP.search(expression) or len(_REPEATED.findall(expression)) > 1:
        for text in _hard_texts(expression):
            try:
                compiled.search(text, timeout=LIMIT_S)
            except TimeoutError:
                return (
                    f"takes more than {LIMIT_S:g} s on a text such as "
                    f"{text[:8]}…; simplify what repeats inside a repetition"
                )
    return ""


def _hard_texts(expression: str) -> Iterator[str]:
    """Its own letters over and over, then something that lets no match be."""
    written = expression
    for special, letter in _STANDS_FOR.items():
        written = written.replace(special, letter)
    written = _SPECIAL.sub("|", re.sub(r"\\[a-zA-Z]", "", written))
    end = "\x01" + written.replace("|", "")
    letters = [*dict.fromkeys(filter(str.isalnum, written))][:_MOST]
    words = [*dict.fromkeys(re.findall(r"[\w ]+", written))][:_MOST]
    for unit in dict.fromkeys((*letters, *words, "".join(words), "a ", "a1")):
        yield (unit * _LONGEST)[: _LONGEST - len(end)] + end
