"""Sentences written for this project, filled with company names.

`sentences_en.txt` and `sentences_ko.txt` hold a sentence a line with slots that say
what it means for each company. The fillings depend on the line alone.
"""

import random
import re
from collections.abc import Iterator
from pathlib import Path

FILLINGS = 5

Target = tuple[int, int, str]
Written = tuple[str, list[Target]]

_SIGNS = {"-": "negative", "0": "neutral", "+": "positive"}
_SLOT = re.compile(
    r"\{(?:(?P<sign>[-0+])(?P<name>[a-z])(?:\|(?P<closed>\w+)/(?P<open>\w+))?|#)\}"
)

_COMMON = ["AMD", "TSMC", "HPE", "xAI", "AWS", "SKT", "QTS", "GST", "IBM", "ASML"]
_NAMES = {
    "en": [
        *_COMMON,
        *"Nvidia;Intel;Broadcom;Micron;Samsung Electronics;SK hynix;Super Micro".split(
            ";"
        ),
        *"Dell;Cisco;Arista;Vertiv;Eaton;Schneider Electric;GE Vernova;Oklo".split(";"),
        *"Bloom Energy;NextEra Energy;Constellation;Vistra;Talen;Microsoft".split(";"),
        *"Amazon;Google;Meta;Oracle;OpenAI;Anthropic;CoreWeave;Nebius".split(";"),
        *"Applied Digital;Equinix;Digital Realty;SoftBank;Tesla;Apple;Naver".split(";"),
        *"Halden Grid;Corvane;Tessaly Power;Norrvik Cooling;Bramwell Compute".split(
            ";"
        ),
        *"Ostrava Networks;Pinecrest Data;Quillon;Veltora;Marrow Semiconductor".split(
            ";"
        ),
    ],
    "ko": [
        *_COMMON,
        *"엔비디아;인텔;브로드컴;마이크론;삼성전자;SK하이닉스;슈퍼마이크로;델".split(
            ";"
        ),
        *"시스코;아리스타;버티브;이튼;슈나이더 일렉트릭;GE버노바;블룸에너지".split(";"),
        *"LS일렉트릭;HD현대일렉트릭;효성중공업;두산에너빌리티;한국전력;오클로".split(
            ";"
        ),
        *"마이크로소프트;아마존;구글;메타;애플;오라클;테슬라;오픈AI;앤트로픽".split(
            ";"
        ),
        *"코어위브;네비우스;소프트뱅크;네이버;카카오;SK텔레콤;삼성SDS;LG전자".split(
            ";"
        ),
        *"한빛냉각;다온전력;새롬반도체;누리그리드;가람데이터;미래서버텍".split(";"),
        *"동해에너지솔루션;온새미로;해솔네트웍스;우리클라우드".split(";"),
    ],
}


def written_sentences() -> Iterator[Written]:
    """Yield (text, [(start, end, label)]): each sentence, filled FILLINGS times."""
    for language in ("en", "ko"):
        path = Path(__file__).parent / f"sentences_{language}.txt"
        for line in path.read_text("utf-8").splitlines():
            if line and not line.startswith("#"):
                rng = random.Random(line)
                for _ in range(FILLINGS):
                    yield fill(line, _NAMES[language], rng)


def fill(line: str, names: list[str], rng: random.Random) -> Written:
    """Put names, numbers and particles into the slots of `line`."""
    letters = sorted({m["name"] for m in _SLOT.finditer(line) if m["name"]})
    chosen = dict(zip(letters, rng.sample(names, len(letters)), strict=True))
    text, targets, done = "", [], 0
    for slot in _SLOT.finditer(line):
        text += line[done : slot.start()]
        done = slot.end()
        if slot["name"] is None:
            text += str(rng.choice((2, 3, 5, 8, 12, 20, 35, 60, 150, 400, 850)))
            continue
        name = chosen[slot["name"]]
        targets.append((len(text), len(text) + len(name), _SIGNS[slot["sign"]]))
        text += name + _particle(name, slot["closed"], slot["open"])
    return text + line[done:], targets


def _particle(name: str, closed: str | None, after_vowel: str | None) -> str:
    """The form of a Korean particle that fits the last sound of `name`."""
    if closed is None or after_vowel is None:
        return ""
    final = _final_consonant(name[-1])
    if closed == "으로" and final == "ㄹ":
        return after_vowel
    return closed if final else after_vowel


def _final_consonant(letter: str) -> str:
    """Of a syllable, or of a Latin letter or digit as Koreans read it; "" if none."""
    if "가" <= letter <= "힣":
        index = (ord(letter) - ord("가")) % 28
        return "ㄹ" if index == 8 else "ㄱ" if index else ""
    return {"L": "ㄹ", "R": "ㄹ", "M": "ㅁ", "N": "ㄴ", "1": "ㄹ", "3": "ㅁ"}.get(
        letter.upper(), ""
    )
