"""Which language a text is in.

Korean by its letters, everything else by py3langid. Does not look at mixed documents
part by part.
"""

import re
from functools import cache
from typing import TYPE_CHECKING

from monitor.types import Language

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

UNKNOWN: Language = "und"

_SAMPLE = 1_000
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f가-힣]")
_KANA = re.compile("[\u3040-\u30ff]")
_HAN = re.compile("[\u4e00-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")
_NOISE = re.compile(r"(?:https?://|www\.)[^\s]{0,2000}|[\w.+-]{1,64}@[\w.-]{1,128}")
# Of the letters: an English brand name every second word leaves a Korean headline
# above it, a Korean name in an English text stays below.
_KOREAN_SHARE = 0.2
_MIN_LETTERS = 12
_MIN_WORDS = 3
_LATIN_LIKELY = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "fi", "pl")


def detect(text: str) -> Language:
    """ISO 639-1 code, or `und` where there is too little text to tell."""
    sample = _NOISE.sub(" ", text[:_SAMPLE])
    letters = len(_LETTER.findall(sample))
    hangul = len(_HANGUL.findall(sample))
    if hangul and hangul >= _KOREAN_SHARE * letters:
        return "ko"
    if _KANA.search(sample):
        return "ja"
    if len(_HAN.findall(sample)) > letters / 2:
        return "zh"
    if letters < _MIN_LETTERS or len(sample.split()) < _MIN_WORDS:
        return UNKNOWN
    return str(_identifier().classify(sample)[0])


@cache
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    # Of its 97 languages these are what financial news comes in: without this,
    # capitals and names turn English headlines into Latin or Luxembourgish.
    identifier.set_languages([*_LATIN_LIKELY, "ja", "zh", "ru", "ar", "tr", "cs"])
    return identifier
