"""Article text out of web pages: what is kept, what is dropped, what is refused."""

import gzip
import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import ParseError
from monitor.sources import plaintext
from monitor.sources.article import Article, extract, is_teaser

DATA = Path(__file__).parent / "data" / "pages"
URL = "https://news.example/2026/plant"
ENGLISH = (DATA / "english.html").read_bytes()
KOREAN = (DATA / "korean-euckr.html").read_bytes()


def test_english_page():
    found = extract(ENGLISH, url=URL)

    assert found.title.startswith("Invented plant to feed a data centre")
    assert "deliver 300 MW to a data centre campus" in found.text
    assert "Sample & Sons called the price “reasonable”" in found.text
    assert found.language == "en"
    assert found.published_at == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    for noise in ("cookies", "tracking", "Markets", "All rights reserved"):
        assert noise not in found.text


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (KOREAN, None),
        (KOREAN, "text/html; charset=utf-8"),
        (KOREAN, "text/html; charset=iso-8859-1"),
        (KOREAN.replace(b"charset=euc-kr", b"x=y"), None),
        (KOREAN.decode("cp949").encode(), "text/html; charset=euc-kr"),
        (b"<?xml version='1.0' encoding='euc-kr'?>" + KOREAN, None),
    ],
)
def test_korean_page_in_any_charset_and_under_any_label(body, content_type):
    found = extract(body, url=URL, content_type=content_type)

    assert found.title == "지어낸 발전소, 데이터센터에 전력 공급"
    assert "2028년부터 300메가와트의 전력을 15년 동안 공급하기로" in found.text
    assert "계통 연결 허가가 아직 나지 않았다는" in found.text
    assert "정치" not in found.text


def test_korean_text_is_korean_and_its_time_too_whatever_the_page_says():
    found = extract(KOREAN, url=URL)

    assert found.language == "ko"
    assert found.published_at == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00" * 1000,
        b"not html at all",
        b"<html><body><div id=app></div><script>load()</script></body></html>",
        b"<html><body><p>Please log in.</p></body></html>",
        bytes(range(256)) * 40,
        b'{"error": "forbidden"}',
    ],
)
def test_page_without_an_article_is_refused(body):
    with pytest.raises(ParseError, match=r"news\.example.*no article text") as caught:
        extract(body, url=URL)

    assert caught.value.url == URL


def test_page_that_is_too_large_is_refused():
    with pytest.raises(ParseError, match="the page has 11 MB"):
        extract(b" " * (11 << 20), url=URL)


def test_text_is_clean():
    body = ENGLISH.replace(b"Sampleton", "Sam\u202epleton\u200b\x07".encode())

    assert "campus in Sampleton from" in extract(body, url=URL).text


@pytest.mark.parametrize(
    ("text", "teaser"),
    [
        ("", True),
        ("Short and complete.", True),
        ("Long. " * 200, False),
        ("문장입니다. " * 200, False),
        ("Long. " * 200 + "and then…", True),
        ("Long. " * 200 + "and then [...]", True),
        ("Long. " * 200 + "Continue reading →", True),
        ("Long. " * 200 + "Read more »", True),
        ("Long. " * 200 + "The post A title appeared first on A site.", True),
        ("문장입니다. " * 200 + "더보기", True),
        ("문장입니다. " * 200 + "기사 전문 보기 >", True),
        ("Wait... " * 200 + "the end.", False),
    ],
)
def test_teaser(text, teaser):
    assert is_teaser(text) is teaser


# --- the corpus ---------------------------------------------------------------------


def tokens(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


def recall_and_precision(found: str, expected: str) -> tuple[float, float]:
    got, wanted = tokens(found), tokens(expected)
    common = (got & wanted).total()
    return common / wanted.total(), common / got.total()


def fundus_text(version: dict[str, Any]) -> str:
    body = version["body"]
    sections = (
        line for one in body["sections"] for line in one["headline"] + one["paragraphs"]
    )
    return "\n".join([*body["summary"], *sections])


def pages(root: Path) -> dict[Path, list[str]]:
    """Pages with the texts expected of them; fundus has one for each layout."""
    expected: dict[Path, list[str]] = {}
    for path in sorted(root.rglob("*.html.gz")):
        answer = path.parent / f"{path.name.split('_')[0]}.expected.json"
        if answer.exists():
            versions = json.loads(answer.read_text("utf-8")).values()
            expected[path] = [fundus_text(one) for one in versions if "body" in one]
    for path in sorted(root.rglob("*.source.html")):
        answer = path.with_name(path.name.replace("source", "expected"))
        expected[path] = [plaintext.from_html(answer.read_text("utf-8"))]
    for path in sorted(root.rglob("*.html")):
        if (answer := path.with_suffix(".txt")).exists():
            expected[path] = [answer.read_text("utf-8")]
    return expected


def read(path: Path) -> Article:
    body = path.read_bytes()
    body = gzip.decompress(body) if path.suffix == ".gz" else body
    return extract(body, url=URL)


@pytest.mark.corpus
def test_text_of_real_pages_is_found(shared):
    """Measured: mean recall 0.987, mean precision 0.970 on 18 pages."""
    expected = pages(shared / "corpus" / "articles" / "pages")
    scores = [
        max(recall_and_precision(read(path).text, text) for text in texts)
        for path, texts in expected.items()
    ]
    recalls, precisions = zip(*scores, strict=True)

    assert len(scores) >= 18
    assert sum(recalls) / len(scores) >= 0.97
    assert sum(precisions) / len(scores) >= 0.95
    assert min(recalls) >= 0.85
    assert min(precisions) >= 0.75


@pytest.mark.corpus
def test_times_of_real_pages_are_found(shared):
    root = shared / "corpus" / "articles" / "pages" / "fundus"
    wrong = []
    for path in sorted(root.glob("*.html.gz")):
        answer = root / f"{path.name.split('_')[0]}.expected.json"
        if answer.exists():
            versions = json.loads(answer.read_text("utf-8")).values()
            times = {
                datetime.fromisoformat(one["publishing_date"])
                for one in versions
                if one.get("publishing_date")
            }
            wrong += [path.name] if read(path).published_at not in times else []

    assert wrong == []
