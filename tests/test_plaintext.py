"""HTML fragments to the words that a reader sees, apart where they are seen apart."""

import pytest

from monitor.sources import plaintext


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("<p>An order.<img src=x><a>More</a></p>", "An order. More"),
        ("<td>150</td><td>MW</td>", "150 MW"),
        ("<b>Super</b>micro<br>rises", "Supermicro\nrises"),
        ("<p>한전<span>은</span> 웃었다</p>", "한전은 웃었다"),
        ("a<script>alert(1)</script>b", "ab"),
    ],
)
def test_what_is_seen_apart_stays_apart(fragment, text):
    assert plaintext.from_html(fragment) == text
