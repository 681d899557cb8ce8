"""What may stand directly before and after a name in Korean.

Particles and the nouns that are written together with a name (`엔비디아가`,
`구글코리아`, `美이튼사`). Does not analyse morphemes.
"""

import re

DISTINCT = 4
"""Syllables from which a name is hardly part of another word."""

_PARTICLES = (
    "은 는 이 가 을 를 의 에 에서 에게 에는 에도 에선 엔 와 과 도 만 로 으로 로서 로써 로부터 "
    "으로부터 보다 부터 까지 처럼 같은 같이 측 등 뿐 뿐만 라 라고 라는 라며 이라 이라고 이라는 "
    "이라며 랑 이랑 하고 마저 조차 밖에 나 이나 든 며 이며 인 이다 다 였다 이었다 란 이란 께 께서 "
    "들 씩 마다 대로 만큼 이자 이자마자 였던 이던 에만 만의 들의 들이 에게서 한테 이고 고 여서 "
    "이어서 로는 로도 와의 과의 와는 과는 와도 과도 까지도 부터는 이라도 라도 야 이야 요"
).split()
_NOUNS = (
    "사 측 주 칩 향 발 산 용 제 식 판 코리아 재팬 차이나 그룹 본사 주가 주식 회장 대표 사장 부사장 "
    "최고경영자 창업자 창업주 임원 직원 임직원 실적 매출 제품 출신 관련주 관계자 노조 공장 생산 "
    "클라우드 검색 외 급 간 내 대 당 계 표 호 쇼크 효과 훈풍 랠리 급등 급락 강세 약세 상승 하락 "
    "실적발표 목표가 시총 독주 연합 동맹 진영 생태계 공급망 협력사 납품 수주 투자 인수 지분 "
    "데이터센터 서버 반도체 파운드리 메모리 컴퓨터 홀딩스 한국법인 미국법인 지사 연구소 캠퍼스"
).split()


def _longest_first(words: list[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_END = r"(?![가-힣A-Za-z0-9])"
_AFTER = re.compile(
    rf"(?:{_longest_first(_NOUNS)}){{0,2}}(?:{_longest_first(_PARTICLES)}){{0,2}}{_END}"
)
# A name that runs on into these is a subsidiary or another firm.
_OTHER_FIRM = re.compile(
    "서비스|판매|로지|시스템|바이오|뱅크|페이|게임|엔터|모빌리티|증권|생명|화재|카드|캐피탈|"
    "웹툰|파이낸셜|스튜디오|벤처|산업|기술|거래소|연료|스쿨|학원|재단|미디어|헬스|스타일|공대|"
    "버스|인지|휴먼"
)
_REACH = 24


def fit_after(text: str, end: int, *, distinct: bool) -> float:
    """How well a name can end at `end`: 1 at a boundary or particle, 0 not at all."""
    following = text[end : end + _REACH]
    if _AFTER.match(following):
        return 1.0
    if not distinct or not "가" <= following[0] <= "힣" or _OTHER_FIRM.match(following):
        return 0.0
    return 0.75


def fit_before(letter: str, *, distinct: bool) -> float:
    """How well a name can begin after `letter`: pages are often glued together."""
    if not letter or not "가" <= letter <= "힣":
        return 1.0
    return 0.75 if distinct else 0.0


# Only what hardly ever ends a name itself: 도 and 로 end provinces and streets.
_AFTER_CONSONANT = ("은", "을", "이", "으로")
_AFTER_VOWEL = ("는", "를", "가", "와")
_AFTER_ANY = ("에서", "에게", "에", "의")
_SHORTEST_NAME = 2


def without_particle(text: str, start: int, end: int) -> int:
    """Where the name in `start:end` ends once a particle it carries is cut off."""
    for particle in (*_AFTER_CONSONANT, *_AFTER_VOWEL, *_AFTER_ANY):
        stem = end - len(particle)
        if not text.endswith(particle, start, end) or stem - start < _SHORTEST_NAME:
            continue
        closed = is_closed(text[stem - 1])
        if closed is None or (particle in _AFTER_CONSONANT and not closed):
            continue
        if particle in _AFTER_VOWEL and closed:
            continue
        return stem
    return end


def is_closed(letter: str) -> bool | None:
    """Whether a syllable ends in a consonant; None for what is no syllable."""
    return (ord(letter) - ord("가")) % 28 > 0 if "가" <= letter <= "힣" else None
