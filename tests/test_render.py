"""What readers see: the same in text and HTML, in both languages, and harmless."""

import re
import string
from dataclasses import replace
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from monitor.notify import render
from monitor.notify.encoding import encoding, size
from monitor.notify.plain import line, link
from monitor.notify.view import Names, names
from monitor.notify.words import PHRASES, Words, signed
from monitor.types import Company, Digest, Theme
from tests.evidence import (
    COMPANIES,
    NOW,
    RULE,
    THEMES,
    alert,
    evidence,
    long_digest,
    sample,
)

LANGUAGES = ("en", "ko")
SEOUL = ZoneInfo("Asia/Seoul")


def digest(language="en", found: Digest | None = None) -> render.Rendering:
    return render.digest(
        sample(language) if found is None else found,
        names(COMPANIES, THEMES, language),
    )


def alert_mail(language="en", told=None, rule=RULE) -> render.Rendering:
    return render.alert(
        alert() if told is None else told,
        rule,
        names(COMPANIES, THEMES, language),
        language=language,
        timezone=SEOUL,
    )


class Page(HTMLParser):
    """What of an HTML mail is seen, linked to, and made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.shown: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("style", "title"):
            self.open.append(tag)
        if label := dict(attrs).get("alt"):
            self.shown.append(label)

    def handle_endtag(self, tag):
        if tag in self.open:
            self.open.remove(tag)

    def handle_data(self, data):
        if not self.open:
            self.shown.append(data)

    def words(self) -> list[str]:
        return re.findall(r"\w[\w.,]*\w|\w", " ".join(self.shown))

    def links(self) -> list[str]:
        return [attrs["href"] or "" for tag, attrs in self.tags if tag == "a"]


def text_words(text: str) -> list[str]:
    return re.findall(r"\w[\w.,]*\w|\w", re.sub(r"https?://\S+", " ", text))


# --- equal content


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mail", [digest, alert_mail])
def test_text_and_html_say_the_same(mail, language):
    rendering = mail(language)
    page = Page(rendering.html)
    # Before the masthead the HTML has the line that mailboxes show as a preview.
    shown = page.words()[len(text_words(rendering.subject)) :]

    assert sorted(shown) == sorted(text_words(rendering.text))
    assert page.links() == re.findall(r"https?://\S+", rendering.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_digest_tells_all_that_it_was_given(language):
    found = sample(language)
    text = digest(language).text

    for company in found.companies:
        for item in company.evidence:
            assert item.sentence.rstrip(".") in text
            assert item.source in text
            assert item.url in text
    assert "1조2000억원" in text
    assert "HTTP 503 from example.org" in text
    assert "128" in text


def test_digest_in_english():
    rendering = digest()

    assert rendering.subject == (
        "Daily digest Tue 24 Nov: Microsoft ▼ −0.75, Vertiv ▲ +0.73, GE Vernova ▲ +0.16"
    )
    assert "Mon 23 Nov 07:30 – Tue 24 Nov 07:30 KST" in rendering.text
    assert "128 documents read · 6 companies in the news" in rendering.text
    assert "Microsoft  ▼ −0.75  (+0.35 → −0.40)" in rendering.text
    assert "Hyperscaler · 3 reports · 3 sources" in rendering.text
    assert "Last 7 days: · · +0.50 (1) · · +0.35 (1) −0.40 (3)" in rendering.text


def test_digest_in_korean_keeps_evidence_in_its_language():
    rendering = digest("ko")

    assert rendering.subject == (
        "데일리 브리핑 11월 24일(화): "
        "마이크로소프트 ▼ −0.75, 버티브 ▲ +0.73, GE 버노바 ▲ +0.16"
    )
    assert "11월 23일(월) 07:30 ~ 11월 24일(화) 07:30 KST" in rendering.text
    assert "하이퍼스케일러 · 보도·공시 3건 · 출처 3곳" in rendering.text
    assert "Residents sued to stop Microsoft's 900 MW campus" in rendering.text
    assert "Dominion Energy" in rendering.text  # it has no Korean name
    assert ("html", {"lang": "ko"}) in Page(rendering.html).tags


def test_evidence_says_its_language():
    tags = Page(digest().html).tags
    languages = {
        attrs["lang"] for tag, attrs in tags if tag == "span" and "lang" in attrs
    }

    assert languages == {"en", "ko"}


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "Nothing new about your companies in this period."),
        ("ko", "이 기간에는 관심 기업에 관한 새로운 소식이 없었습니다."),
    ],
)
def test_nothing_new_is_said_plainly(language, says):
    quiet = replace(sample(language), companies=(), themes=(), alerts=(), amounts=())
    rendering = digest(language, quiet)

    assert says in rendering.text
    assert says in rendering.html
    assert "128" in rendering.text
    assert Words(language)("nothing_new") in rendering.subject


def test_unscored_company_has_a_dash_and_no_zero():
    row = next(
        text
        for text in digest().text.splitlines()
        if text.startswith("Hewlett Packard")
    )

    assert row.endswith("–")
    assert "0.00" not in row
    assert "Hewlett Packard Enterprise  not scored" in digest().text


def test_first_digest_calls_nobody_new():
    found = sample()
    first = tuple(replace(it, previous_score=None) for it in found.companies)

    assert "new\n" in digest().text
    assert "new\n" not in digest(found=replace(found, companies=first)).text


def test_companies_beyond_the_limit_are_named():
    text = digest(found=sample(top=4)).text

    assert "Also in the news: Dominion Energy, Hewlett Packard Enterprise" in text


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", ["and 50 more", "and 50 more"]),
        ("ko", ["그 밖에 50건", "그 밖에 피드 50개"]),
    ],
)
def test_what_is_too_much_to_show_is_counted(language, says):
    found = sample(language)
    many = replace(found, alerts=found.alerts * 60, ill_feeds=found.ill_feeds * 60)

    lines = digest(language, many).text.splitlines()

    assert [it for it in lines if it in says] == says


# --- the alert


@pytest.mark.parametrize(
    ("language", "subject", "sentence", "condition"),
    [
        (
            "en",
            "Alert: Microsoft ▼ −0.40 · 3 reports",
            "3 reports from 3 sources in 24 hours, mean score −0.40.",
            "3 reports from 2 sources or more, mean score below −0.30",
        ),
        (
            "ko",
            "알림: 마이크로소프트 ▼ −0.40 · 보도·공시 3건",
            "출처 3곳에서 보도·공시 3건이 나왔고, 평균 점수는 −0.40입니다.",
            "보도·공시 3건 이상, 출처 2곳 이상, 평균 점수 −0.30 미만",
        ),
    ],
)
def test_alert_says_why(language, subject, sentence, condition):
    rendering = alert_mail(language)

    assert rendering.subject == subject
    assert sentence in rendering.text
    assert condition in rendering.text
    assert "bad-news" in rendering.text
    assert "Residents sued to stop" in rendering.text


def test_alert_without_score_does_not_name_one():
    unscored = replace(alert(), score=None)
    rule = replace(RULE, score_below=None)
    rendering = alert_mail(told=unscored, rule=rule)

    assert rendering.subject == "Alert: Microsoft · 3 reports"
    assert "3 reports from 3 sources in 24 hours." in rendering.text


def test_alert_of_a_theme_has_the_themes_name():
    told = replace(alert(), by="theme", subject="ppa")

    assert "전력 구매 계약" in alert_mail("ko", told).subject


# --- harmless

HOSTILE = (
    "<script>alert(1)</script>",
    "{{7*7}}{% for x in y %}",
    '"><img src=x onerror=alert(1)>',
    "</style><style>*{display:none}",
    "a\r\nBcc: all@example.org\r\n\r\nforged",
    "\x1b[31mred\x07 \u202ereversed\x00",
    "=cmd|' /C calc'!A0",
    "<!--[if mso]>x<![endif]-->",
    "]]>&amp;&#x0a;",
)


def hostile_digest(trick: str) -> Digest:
    found = sample()
    bad = evidence(
        sentence=f"s {trick}",
        title=f"t {trick}",
        source=f"o {trick}",
        url=f"https://example.org/{trick}",
        language='en"><script>',
        themes=(trick,),
    )
    company = replace(
        found.companies[0],
        company="unknown",
        name=f"n {trick}",
        role=trick,
        themes=((trick, 1),),
        evidence=(bad,),
    )
    return replace(
        found,
        companies=(company,),
        themes=((trick, 1, 0.5),),
        alerts=(alert(subject=trick, rule=trick),),
        ill_feeds=((trick, trick),),
    )


@pytest.mark.parametrize("trick", HOSTILE)
def test_text_from_outside_is_inert(trick):
    rendering = digest(found=hostile_digest(trick))
    allowed = {name for name, _ in Page(digest().html).tags}
    page = Page(rendering.html)

    assert {name for name, _ in page.tags} <= allowed
    assert not [
        name for _, attrs in page.tags for name in attrs if name.startswith("on")
    ]
    assert line(f"s {trick}", 280) in " ".join(page.shown)
    assert line(f"s {trick}", 280) in rendering.text
    assert "49" not in rendering.subject + rendering.text
    for part in (rendering.subject, rendering.text, rendering.html):
        assert not set(part) & set("\r\x00\x07\x1b\u202e")
    assert "\n" not in rendering.subject
    assert not re.search(r"^Bcc", rendering.text, re.MULTILINE)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org/a?b=c&d=%20#e", True),
        ("http://example.org:8080/한국", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("file:///etc/passwd", False),
        ("//example.org/", False),
        ("https://", False),
        ("https://example.org/\r\nX: y", False),
        ("https://example.org/ onclick=x", False),
        ('https://example.org/"onclick="x', False),
        ("https://[example", False),
        ("https://example.org/" + "a" * 800, False),
    ],
)
def test_only_safe_web_addresses_are_links(url, shown):
    assert link(url) == (url if shown else "")


def test_long_text_is_cut_with_an_ellipsis():
    assert line("가" * 200, 10) == "가" * 9 + "…"
    assert line("a\n\n b\t c") == "a b c"


# --- HTML that mail clients show


@pytest.mark.parametrize("mail", [digest, alert_mail])
def test_html_loads_nothing_and_runs_nothing(mail):
    page = Page(mail().html)

    assert not {"script", "svg", "link", "iframe", "form", "object"} & {
        tag for tag, _ in page.tags
    }
    assert all(
        (attrs["src"] or "").startswith("cid:") and attrs["alt"]
        for tag, attrs in page.tags
        if tag == "img"
    )
    assert "url(" not in mail().html
    assert "@import" not in mail().html
    assert all(
        attrs["rel"] == "noopener noreferrer" for tag, attrs in page.tags if tag == "a"
    )


def test_styles_are_inlined_and_dark_ones_kept():
    html = digest().html
    classes = {
        name
        for tag, attrs in Page(html).tags
        for name in (attrs.get("class") or "").split()
        if tag in ("td", "p", "div", "span", "h1", "h2", "h3", "th", "table")
    }
    styled = {
        name
        for _, attrs in Page(html).tags
        if attrs.get("style")
        for name in (attrs.get("class") or "").split()
    }
    dark = set(re.findall(r"\.([\w-]+)", html.partition("prefers-color-scheme")[2]))

    assert classes - styled <= {"page", "outer"}
    assert {"sheet", "title", "pos", "neg", "track", "fill-pos", "fill-neg"} <= dark
    assert html.count("<style") == 1
    assert "Noto Sans KR" in html
    assert "max-width:640px" in html


@pytest.mark.parametrize("companies", [12, 60])
def test_html_stays_below_what_mailboxes_cut_off(companies):
    sentence, url = "가나다라 " * 200, "https://example.org/" + "a" * 700
    rendering = digest(found=long_digest(companies, sentence, url, "이름" * 60))

    assert size(rendering.html) + size(rendering.text) <= render.MAX_BYTES
    assert Page(rendering.html).links() == re.findall(r"https?://\S+", rendering.text)


@pytest.mark.parametrize(
    ("sentence", "least"),
    [
        ("Orders for cooling doubled in a quarter, and its backlog reaches 2028.", 35),
        (
            "버티브는 국내 AI 데이터센터 두 곳에 냉각수 분배 장치를 공급한다고 밝혔다.",
            27,
        ),
    ],
)
def test_usual_digest_keeps_its_evidence(sentence, least):
    url = "https://example.org/2026/11/24/some-article-with-a-long-name"
    found = long_digest(12, sentence, url, "마이크로소프트")
    rendering = digest(found=replace(found, alerts=(), ill_feeds=()))

    assert len(Page(rendering.html).links()) >= least


@pytest.mark.parametrize("text", ["plain\n" * 900, "한국어 문장\n" * 900, "=" * 5000])
def test_size_on_the_wire_is_close(text):
    part = EmailMessage(policy=policy.SMTP)
    part.set_content(text, cte=encoding(text))
    sent = len(part.as_bytes().partition(b"\r\n\r\n")[2])

    assert 0.8 * size(text) < sent <= size(text)


# --- charts


@pytest.mark.parametrize(
    ("value", "looks"),
    [
        (None, [("track", 50), ("track mid", 50)]),
        (0.0, [("track", 50), ("track mid", 50)]),
        (0.5, [("track", 50), ("fill-pos mid", 25), ("track", 25)]),
        (-0.5, [("track", 25), ("fill-neg", 25), ("track mid", 50)]),
        (1.0, [("track", 50), ("fill-pos mid", 50)]),
        (-1.0, [("fill-neg", 50), ("track mid", 50)]),
        (0.006, [("track", 50), ("fill-pos mid", 1), ("track", 49)]),
        (7.0, [("track", 50), ("fill-pos mid", 50)]),
    ],
)
def test_bar_goes_left_for_bad_and_right_for_good(value, looks):
    assert [(cell.look, cell.width) for cell in render.bar_cells(value)] == looks


@pytest.mark.parametrize(
    ("value", "bar"),
    [
        (0.3, " " * 10 + "│███       "),
        (-0.3, "       ███│" + " " * 10),
        (None, " " * 10 + "│" + " " * 10),
    ],
)
def test_text_bar_is_as_wide_whatever_its_value(value, bar):
    assert render.text_bar(value) == bar


def test_korean_is_padded_by_its_width():
    assert render.pad("버티브", 10) == "버티브    "
    assert render.pad("Vertiv", 10) == "Vertiv    "


# --- words


@pytest.mark.parametrize("key", PHRASES)
def test_phrase_has_the_same_fields_in_both_languages(key):
    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    english, korean = PHRASES[key]
    forms = english.split("|")

    assert all(fields(form) == fields(korean) for form in forms)
    assert english
    assert korean


@pytest.mark.parametrize(
    ("score", "text"),
    [(0.424, "+0.42"), (-0.17, "−0.17"), (0.0, "0.00"), (-0.004, "0.00"), (None, "–")],
)
def test_score_has_a_sign_and_none_a_dash(score, text):
    assert signed(score) == text


@pytest.mark.parametrize(
    ("length", "english", "korean"),
    [
        (timedelta(minutes=90), "90 minutes", "90분"),
        (timedelta(hours=1), "1 hour", "1시간"),
        (timedelta(hours=24), "24 hours", "24시간"),
        (timedelta(days=7), "7 days", "7일"),
    ],
)
def test_duration_is_in_the_unit_people_use(length, english, korean):
    assert Words("en").duration(length) == english
    assert Words("ko").duration(length) == korean


def test_zone_without_a_name_is_shown_by_its_offset():
    zone = ZoneInfo("America/Sao_Paulo")

    assert Words("en").period(NOW, NOW, zone).endswith("UTC-03")


def test_names_fall_back_to_english_and_to_ids():
    company = Company(id="xai", name="xAI", aliases={"ko": ()})
    themes = [Theme(id="ppa", name={"en": "Power purchase"}), Theme(id="x", name={})]

    assert names([company], themes, "ko") == Names(
        companies={"xai": "xAI"}, themes={"ppa": "Power purchase", "x": "x"}
    )
