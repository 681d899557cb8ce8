"""How names sound, so that 할런 is known as Harlan and 콜드웰 as Coldwell.

A sound is the consonants of a word as Korean can write them: r as l, v as b, f as p,
voiced as unvoiced; doubled ones once, no r before another consonant or at the end, and
`A` for a vowel that begins the word.
Only for telling whether two texts name the same: no transcription.
"""

import re
from collections.abc import Iterator

LEAST = 3
"""Sounds: with fewer, too many words sound alike."""

_INITIALS = "k k n t t l m p p s s - C C C k t p h".split()
_FINALS = "- k k k n n n t l k m p l l p l m p p s s N C C k t p -".split()
# Vowels that begin with w: ㅘ ㅙ ㅚ ㅝ ㅞ ㅟ.
_ROUND = frozenset({9, 10, 11, 14, 15, 16})
_FIRST = 0xAC00
_VOWELS, _ENDS = 21, 28
_PARTICLE = re.compile(r"(?:에서|으로|까지|부터|은|는|이|가|을|를|의|에|와|과|도|로)$")

_ENGLISH = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^[kg]n", "n"),
        (r"^wr", "r"),
        (r"r(?=[^aeiouy]|$)", ""),
        (r"nk|nc(?=[aou])", "Nk"),
        (r"ng(?![aeiouy])", "N"),
        (r"sch", "sk"),
        (r"tch|ch|j|dg(?=e)|g(?=[eiy])|z", "C"),
        (r"sh|t(?=ion)|c(?=[eiy])", "s"),
        (r"gh", ""),
        (r"ph|f|v|b", "p"),
        (r"qu", "kw"),
        (r"ck|c|q|g|x", "k"),
        (r"th|d", "t"),
        (r"r", "l"),
        (r"w(?![aeiouy])", ""),
        (r"h(?![aeiouy])", ""),
        (r"^[aeiouy]+", "A"),
        (r"[aeiouy']", ""),
    )
)
_DOUBLE = re.compile(r"(.)\1+")


def bare(word: str) -> str:
    """A Korean word without its particle."""
    return _PARTICLE.sub("", word) if len(word) > _LEAST_SYLLABLES else word


_LEAST_SYLLABLES = 2


def of_korean(word: str) -> Iterator[str]:
    """Sounds of a Korean word, with its last syllables and without those of a particle."""
    for form in dict.fromkeys((word, bare(word))):
        vowel = "A" if form and _is_open(form[0]) else ""
        sound = vowel + _collapsed("".join(map(_syllable, form)))
        if len(sound) >= LEAST:
            yield sound


def _syllable(character: str) -> str:
    at = ord(character) - _FIRST
    initial, rest = divmod(at, _VOWELS * _ENDS)
    vowel, final = divmod(rest, _ENDS)
    glide = "w" if vowel in _ROUND else ""
    return f"{_INITIALS[initial]}{glide}{_FINALS[final]}".replace("-", "")


def _is_open(character: str) -> bool:
    """Whether a syllable begins with a vowel, and not with the glide w."""
    initial, rest = divmod(ord(character) - _FIRST, _VOWELS * _ENDS)
    return _INITIALS[initial] == "-" and rest // _ENDS not in _ROUND


def of_english(word: str) -> str | None:
    """The sound of an English word, None if it is too short to tell."""
    sound = word.lower()
    for pattern, plain in _ENGLISH:
        sound = pattern.sub(plain, sound)
    sound = _collapsed(sound)
    return sound if len(sound) >= LEAST else None


def _collapsed(sound: str) -> str:
    return _DOUBLE.sub(r"\1", sound)
