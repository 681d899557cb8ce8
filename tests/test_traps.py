"""Names that are hard to tell from others; and why each mention is believed."""

import unicodedata
from datetime import date

import pytest

from monitor.analysis.companies import CompanyFinder
from monitor.config import default_path, load
from monitor.types import Company, OtherName

WATCHED = load(default_path(), {}).companies
FINDER = CompanyFinder(WATCHED)
TODAY = date(2026, 3, 2)


def found(text: str, language: str = "en", on: date = TODAY) -> list[tuple[str, str]]:
    return [(m.company, m.text) for m in FINDER.find(text, language, on)]


def reasons(text: str, language: str = "en", on: date = TODAY) -> list[str]:
    return [m.reason for m in FINDER.find(text, language, on)]


@pytest.mark.parametrize(
    "text",
    [
        # words that are common
        "Their meta description was stale, and so was the meta tag.",
        "She picked an apple from the Apple Valley orchard.",
        "Apple Hospitality REIT raised its payout.",
        "The oracle of the temple; Oracle Park was full.",
        "Gasoline sold at the Dell Rapids station for $3.",
        "They walked down the dell to the river.",
        "Meta Power Solutions opened a second plant. Meta grew 4%.",
        "The Amazon rainforest lost 3% of its trees. The Amazon is drying.",
        "Amazon fires spread, and Amazon tree loss grew.",
        "Western intel points to a launch. Intel shared by allies agrees.",
        "Micron Solutions reported a loss of $2 million.",
        "A 5 micron filter and a Micron Filter",
        "Eaton Vance launched a fund. Eaton Fire victims sued.",
        "Constellation Brands sells beer; the Starlink Constellation grows",
        "Crusoe Island and Robinson Crusoe",
        # a ticker out of its place
        "We MU, BE happy, D, ALL of us, and wet AMD",
        "Turn it ON and GO. (D) and (BE) in the table",
        "SU and ENR are units of measure",
        "costs $5MU, D$ or $D5",
        # within another word, an address, a button
        "Amazonas, Nvidiaism, Intellect, Applebee's, Oraclean, Metamorphosis",
        "mail press@nvidia.com or see https://blog.google/x?y=amazon",
        "Share to Facebook | Share on Facebook | Tweet",
        "Follow us on Facebook, follow me on Google",
        "Sign in with Apple. Log in with Google",
        "As an Amazon Associate we earn from qualifying purchases.",
    ],
)
def test_english_traps(text: str):
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "메타버스 플랫폼과 메타인지 학습, 메타데이터 관리, 메타세쿼이아 길",
        "델타항공이 올랐다. 델타 변이, 모델 번호, 서울델리",
        "이튼튼병원과 이튼칼리지, 아이튼",
        "애플망고와 애플민트, 애플리케이션, 파인애플",
        "아마존강 유역과 아마존 열대우림, 아마존 원주민",
        "인텔리전스와 인텔리안테크",
        "한전KPS, 한전기술, 한전산업은 다른 회사다",
        "삼성전자서비스와 삼성전자판매",
        "카카오뱅크와 카카오페이, 카카오게임즈",
        "오라클 카드와 가격 오라클",
        "페이스북에 공유하기",
        "구글 뉴스 구독",
        "정부는 MS-DOS를, 다발성경화증(MS)을",
        "카카오 선물 가격과 카카오 원두 수입",
        "테슬라 코일과 니콜라 테슬라",
    ],
)
def test_korean_traps(text: str):
    assert found(text, "ko") == []


@pytest.mark.parametrize(
    ("text", "name", "company"),
    [
        ("Meta's capex", "Meta", "meta"),
        ("Meta said it will build", "Meta", "meta"),
        ("APPLE REPORTS RESULTS", "APPLE", "apple"),
        ("Oracle Corp. and others", "Oracle", "oracle"),
        ("Dell servers", "Dell", "dell"),
        ("Nvidia’s H200", "Nvidia", "nvidia"),
        ("Intel, Inc.", "Intel", "intel"),
        ("non-Nvidia chips", "Nvidia", "nvidia"),
        ("Eaton Corporation plc makes transformers", "Eaton", "eaton"),
        ("Amazon.com, Inc. said", "Amazon.com", "amazon"),
        ("(NasdaqGS:NVDA)", "NVDA", "nvidia"),
        ("KRX: 005930", "005930", "samsung-electronics"),
        ("(NYSE：VRT)", "VRT", "vertiv"),
    ],
)
def test_english_names_in_their_forms(text: str, name: str, company: str):
    assert found(text) == [(company, name)]


@pytest.mark.parametrize(
    ("text", "name", "company"),
    [
        ("Amazon rainforest groups wrote; AWS and Amazon replied.", "Amazon", "amazon"),
        ("Amazonian farmers sued. Amazon's drivers strike.", "Amazon", "amazon"),
        ("The Amazon basin dries up. Amazon said it would help.", "Amazon", "amazon"),
        ("Dell Children buys Dell servers.", "Dell", "dell"),
        (
            "Constellation Brands brews. Constellation restarts a nuclear reactor.",
            "Constellation",
            "constellation",
        ),
        ("델 토로 감독은 델의 노트북을 썼다.", "델", "dell"),
        (
            "아마존 열대우림이 줄었다. 아마존의 클라우드 매출은 늘었다.",
            "아마존",
            "amazon",
        ),
    ],
)
def test_somebody_else_s_name_silences_only_what_may_be_theirs(text, name, company):
    assert (company, name) in found(text, "ko" if "다" in text else "en")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Amazonian farmers sued; the Amazon is burning.", "en"),
        ("The Amazon basin dries up. The Amazon's trees suffer.", "en"),
        ("Meta Power Solutions grew. Meta's shares rose.", "en"),
        ("Constellation Brands brews. Constellation saved power.", "en"),
        ("아마존 강이 마른다. 아마존의 나무가 죽는다.", "ko"),
    ],
)
def test_what_may_be_somebody_else_s_is_left_to_them(text, language):
    assert found(text, language) == []


def test_a_place_or_person_is_none_beside_the_full_name_either():
    text = "Cisco Bay and Mr. Dell. Cisco Systems and Dell Technologies rose."

    assert [name for _, name in found(text)] == ["Cisco Systems", "Dell Technologies"]


@pytest.mark.parametrize(
    "particle",
    "은 는 이 가 을 를 의 에 와 과 도 만 로 에서 에게 까지 보다 처럼".split(),
)
@pytest.mark.parametrize(
    ("name", "company"),
    [
        ("엔비디아", "nvidia"),
        ("SK하이닉스", "sk-hynix"),
        ("한전", "kepco"),
        ("메타", "meta"),
    ],
)
def test_korean_particles(name: str, company: str, particle: str):
    assert found(f"어제 {name}{particle} 발표했다", "ko") == [(company, name)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("엔비디아發 훈풍", "엔비디아"),
        ("엔비디아향 매출", "엔비디아"),
        ("엔비디아·AMD 협력", "엔비디아"),
        ("‘엔비디아’의", "엔비디아"),
        ("엔비디아칩 수출", "엔비디아"),
        ("反엔비디아 연합", "엔비디아"),
        ("ＮＶＩＤＩＡ가 올랐다", "ＮＶＩＤＩＡ"),
        (unicodedata.normalize("NFD", "엔비디아가"), unicodedata.normalize("NFD", "엔비디아")),
    ],
)  # fmt: skip
def test_korean_compounds_and_writings(text: str, name: str):
    assert ("nvidia", name) in found(text, "ko")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("(NASDAQ: NVDA) rose", "ticker"),
        ("Super Micro Computer rose", "full name"),
        ("Nvidia rose", "name"),
        ("Dell sells servers", "context: servers"),
        ("Eaton builds transformers", "context: transformers"),
        ("AWS grew", "subsidiary: Amazon Web Services"),
        ("Google grew", "subsidiary: Google"),
        ("Facebook grew", "former name: Facebook until 2021-10-28"),
    ],
)
def test_each_mention_says_why(text: str, reason: str):
    assert reason in reasons(text)


def test_a_short_name_is_believed_beside_the_full_one():
    assert reasons("Dell Technologies grew. Dell") == [
        "full name",
        "beside: Dell Technologies",
    ]


def test_more_certain_rules_give_more_confidence():
    texts = ["(NASDAQ: NVDA)", "Super Micro Computer", "Nvidia", "Dell sells servers"]
    confidences = [FINDER.find(text, "en", TODAY)[0].confidence for text in texts]

    assert confidences == sorted(confidences, reverse=True)
    assert all(0.5 <= one <= 1 for one in confidences)


# --- subsidiaries and former names ----------------------------------------------------

ACME = Company(
    id="acme",
    name="Acme",
    subsidiaries=(
        OtherName(
            name="Widgetron",
            aliases={"ko": ("위젯트론",)},
            since=date(2024, 1, 1),
            until=date(2025, 12, 31),
        ),
    ),
    former_names=(
        OtherName(name="Ajax Works", since=date(2010, 1, 1), until=date(2020, 6, 30)),
    ),
)
ACME_FINDER = CompanyFinder([ACME])


@pytest.mark.parametrize(
    ("on", "counts"),
    [
        (date(2023, 12, 31), False),
        (date(2024, 1, 1), True),
        (date(2025, 12, 31), True),
        (date(2026, 1, 1), False),
        (None, True),
    ],
)
@pytest.mark.parametrize(
    ("text", "language"), [("Widgetron grew", "en"), ("위젯트론이 성장했다", "ko")]
)
def test_a_subsidiary_is_the_company_s_between_its_days(text, language, on, counts):
    matches = ACME_FINDER.find(text, language, on)

    assert [m.company for m in matches] == (["acme"] if counts else [])
    assert all(m.reason == "subsidiary: Widgetron" for m in matches)


@pytest.mark.parametrize(
    ("on", "confidence"),
    [
        (date(2009, 1, 1), None),
        (date(2020, 6, 30), 0.97),
        (date(2020, 7, 1), 0.75),
        (None, 0.97),
    ],
)
def test_a_former_name_is_less_certain_after_its_last_day(on, confidence):
    matches = ACME_FINDER.find("Ajax Works grew", "en", on)

    assert [m.confidence for m in matches] == ([confidence] if confidence else [])


def test_the_longer_name_wins_over_a_subsidiary_s():
    finder = CompanyFinder([ACME, Company(id="other", name="Widgetron Foods")])

    assert [m.company for m in finder.find("Widgetron Foods grew")] == ["other"]


@pytest.mark.parametrize("name", ["DataVolt", "Crusoe", "xAI", "OpenAI", "Anthropic"])
def test_private_companies_are_found_like_others(name: str):
    (company,) = {c for c, _ in found(f"{name} raised $2bn")}

    assert next(c.ticker for c in WATCHED if c.id == company) is None
