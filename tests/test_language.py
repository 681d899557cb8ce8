"""Which language a text is in."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.analysis.language import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Nvidia shares rose after the company raised its outlook.", "en"),
        ("엔비디아 주가가 5% 올랐다", "ko"),
        ("SK hynix HBM4, NVIDIA에 독점 공급", "ko"),
        ("AMD·인텔 CPU", "ko"),
        (
            "Samsung (삼성전자) said on Monday that it will build a plant in Texas.",
            "en",
        ),
        ("Der Konzern baut ein neues Rechenzentrum in der Nähe von Frankfurt.", "de"),
        ("Le groupe construit un nouveau centre de données près de Paris.", "fr"),
        ("ソフトバンクがデータセンターを建設する", "ja"),
        ("英伟达宣布推出新芯片", "zh"),
        ("Nvidia", "und"),
        ("12.5%", "und"),
        ("", "und"),
    ],
)
def test_language_of_a_text(text: str, language: str):
    assert detect(text) == language


def test_decomposed_hangul_is_korean():
    assert detect(unicodedata.normalize("NFD", "엔비디아 주가 상승")) == "ko"


def test_addresses_say_nothing_about_the_language():
    assert detect("https://example.com/data-center-news-of-the-day " * 5) == "und"


@given(st.text())
def test_any_text_has_a_language_code(text: str):
    assert 2 <= len(detect(text)) <= 3
