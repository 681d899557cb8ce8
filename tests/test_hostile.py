"""Any text at all: offsets are right, nothing crashes, the time is bounded."""

import json
import random
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from monitor.analysis.analyzer import MOST, Analyzer
from monitor.cli import app
from monitor.config import default_path, load
from monitor.types import Analysis, Entity, Mention, Quantity, ThemeHit
from tests.builders import document
from tests.pace import slowness

CONFIG = load(default_path(), {})
ANALYZER = Analyzer(CONFIG.companies, CONFIG.themes, entities=False)
NAMED = Analyzer(CONFIG.companies, CONFIG.themes, entities=True)

WORDS = [
    *"Nvidia 엔비디아 SK하이닉스 Meta 메타 Dell 델 AWS Facebook xAI (NASDAQ:NVDA) $NVDA 한전은".split(),
    *"data center|데이터센터|power purchase agreement|전력구매계약|liquid cooling".split(
        "|"
    ),
    *"150MW|up to 1.2 GW|1조2000억원|$2.5bn|25억 달러|100,000 GPUs|GPU 10만장|31GW 이상".split(
        "|"
    ),
]
CONTROLS = ["\x00", "\x07", "\x1b[2J", "\x7f", "\x85", "\u2028", "\ufeff", "\ufffe"]
MARKS = ["\u202e", "\u2066", "\u2069", "\u200f", "\u200b", "\u00ad", "\u0301", "\u20dd"]
WRITINGS = [
    "ＮＶＩＤＩＡ",
    "\u1112\u1161\u11ab",
    "ﾊﾝ",
    "𝐍𝐯𝐢𝐝𝐢𝐚",
    "Ⅻ",
    "🏳️‍🌈",
    "नि",
    "\ud7a3",
    "١٥٠MW",
]
MARKUP = [
    "<div>",
    "</p>",
    "<![CDATA[",
    "]]>",
    "&amp;",
    "&#x202e;",
    "{{7*7}}",
    "<!--",
    "%s",
]
PIECES = [*WORDS, *CONTROLS, *MARKS, *WRITINGS, *MARKUP, " ", "\n", ". ", ", ", "(", "$"]  # fmt: skip
LETTERS = st.characters(codec="utf-8")
TEXTS = st.lists(st.sampled_from(PIECES) | LETTERS).map("".join) | st.text(LETTERS)


def check_offsets(text: str, analysis: Analysis):
    """Every span is what is stored of it, in the text as given."""
    spans: list[Mention | ThemeHit | Quantity | Entity] = [*analysis.mentions]
    spans += [*analysis.themes, *analysis.quantities, *analysis.entities]
    for found in spans:
        assert text[found.start_char : found.end_char] == found.text != ""
    for mention in analysis.mentions:
        assert mention.sentence_start <= mention.start_char
        assert mention.end_char <= mention.sentence_end <= len(text)
        assert 0 < mention.confidence <= 1
        assert 0 <= mention.relevance <= 1
        assert mention.reason


@pytest.mark.parametrize("language", ["en", "ko", "und"])
@settings(max_examples=150)
@example("")
@example("\u202eNvidia\u202c\x00엔비디아가 \u1112\u1161\u11abMW １５０ＭＷ")
@given(text=TEXTS)
def test_offsets_are_of_the_text_as_given(language: str, text: str):
    (analysis,) = ANALYZER.analyze([document(text, language=language)])

    check_offsets(text, analysis)


@settings(max_examples=50)
@given(text=TEXTS)
def test_offsets_of_names_are_of_the_text_as_given(text: str):
    (analysis,) = NAMED.analyze([document(f"Shares rose in the west. {text}")])

    check_offsets(f"Shares rose in the west. {text}", analysis)


# --- through `monitor analyze` --------------------------------------------------------


Row = dict[str, Any]


def hostile(count: int) -> Iterator[str]:
    """Strings from a seed: pieces at random, repeated, nested; halves of pairs too."""
    rng = random.Random(417)
    for number in range(count):
        kind = number % 4
        if kind == 0:
            yield "".join(rng.choices(PIECES, k=rng.randrange(24)))
        elif kind == 1:
            yield rng.choice(PIECES) * rng.randrange(60)
        elif kind == 2:
            depth = rng.randrange(60)
            inner = "".join(rng.choices(WORDS, k=3))
            yield "<b><i>(" * depth + inner + ")</i></b>" * depth
        else:
            yield "".join(
                chr(rng.randrange(0x110000)) for _ in range(rng.randrange(60))
            )


def analyse(tmp_path, monkeypatch, texts: list[str]) -> list[Row]:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "texts.jsonl"
    rows = ({"id": str(i), "text": text} for i, text in enumerate(texts))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    result = CliRunner().invoke(app, ["analyze", "--jsonl", str(path)])

    assert result.exception is None, result.exception
    return [json.loads(line) for line in result.stdout.split("\n") if line]


def check_answers(texts: list[str], rows: list[Row]):
    assert [row["id"] for row in rows] == [str(i) for i in range(len(texts))]
    for written, row in zip(texts, rows, strict=True):
        text = re.sub("[\ud800-\udfff]", "\ufffd", written)
        for mention in row["mentions"]:
            assert text[mention["start_char"] : mention["end_char"]] == mention["text"]
        for hit in (*row["themes"], *row["quantities"], *row["entities"]):
            assert 0 <= hit["start_char"] < hit["end_char"] <= len(text)


def test_a_line_that_is_nested_too_deeply_is_skipped(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.jsonl").write_text("[" * 100_000 + '\n{"text": "Nvidia"}\n')
    result = CliRunner().invoke(app, ["analyze", "--jsonl", "x.jsonl"])

    assert "1 lines of x.jsonl could not be read" in str(result.exception)
    assert json.loads(result.stdout)["mentions"][0]["text"] == "Nvidia"


def test_hostile_strings_through_analyze(tmp_path, monkeypatch):
    texts = list(hostile(200))
    check_answers(texts, analyse(tmp_path, monkeypatch, texts))


@pytest.mark.slow
def test_ten_thousand_hostile_strings_through_analyze(tmp_path, monkeypatch):
    texts = list(hostile(10_000))
    started = time.process_time()
    check_answers(texts, analyse(tmp_path, monkeypatch, texts))

    assert time.process_time() - started < 600 * slowness()


ENDLESS = [
    *"a ( 가 \u202e \x00 \u0301 <div> 1, Nvidia. 엔비디아 https://a.b/ \u1112\u1161".split(" "),
    *["a ", "Nvidia ", "1MW ", "$1 ", "GPU 1만장 ", "data center ", "Meta Power Solutions "],
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("unit", ENDLESS, ids=ascii)
def test_a_line_of_a_megabyte_takes_bounded_time(tmp_path, monkeypatch, unit: str):
    text = (unit * (1_000_000 // len(unit) + 1))[:1_000_000]
    started = time.process_time()
    rows = analyse(tmp_path, monkeypatch, [text])

    assert time.process_time() - started < 60 * slowness()
    check_answers([text], rows)
    assert all(
        len(rows[0][key]) <= MOST for key in ("mentions", "themes", "quantities")
    )


def test_of_one_name_repeated_a_bounded_number_is_kept():
    text = "Nvidia. " * (MOST + 10)
    (analysis,) = ANALYZER.analyze([document(text)])

    assert len(analysis.mentions) == MOST
    assert analysis.mentions[-1].text == "Nvidia"
