"""The hand-written headlines: their markup, their number and their variety."""

import csv
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from models.recipe.headlines import Headline, labelled, parse

LANGUAGES = ("en", "ko")
LABELS = {"negative", "neutral", "positive"}


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def headlines(language: str) -> list[Headline]:
    return list(labelled("headlines", language))


# --- markup -------------------------------------------------------------------------


def test_markup_gives_text_and_spans() -> None:
    text, spans = parse("[+Veltora] climbs as [-Quillon Grid] warns, [0Dell] flat")

    assert text == "Veltora climbs as Quillon Grid warns, Dell flat"
    assert [(text[start:end], label) for start, end, label in spans] == [
        ("Veltora", "positive"),
        ("Quillon Grid", "negative"),
        ("Dell", "neutral"),
    ]


def test_escaped_brackets_are_text() -> None:
    text, spans = parse(r"\[특징주\] [+가람데이터]가 오른다")

    assert text == "[특징주] 가람데이터가 오른다"
    assert spans == [(6, 11, "positive")]


def test_a_title_is_parted_from_its_text() -> None:
    text, spans = parse("[+Dell] wins ¶ An order for [+Dell].")

    assert text == "Dell wins\nAn order for Dell."
    assert [text[start:end] for start, end, _ in spans] == ["Dell", "Dell"]


@pytest.mark.parametrize(
    "line",
    [
        "nobody is named here",
        "[Veltora] has no sign",
        "[+Veltora never ends",
        "Veltora] was never opened",
        "[+] has no name",
        "[+ Veltora] begins with a blank",
        "[+Veltora ] ends with a blank",
        "[+Vel[-tora]] is nested",
        "[=Veltora] has another sign",
        r"[+Veltora] and a stray \ backslash",
    ],
)
def test_malformed_markup_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"malformed markup|no company"):
        parse(line)


def test_error_names_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "headlines_en.txt").write_text("# title\n\n[+A] wins\n[B] loses\n")
    monkeypatch.setattr("models.recipe.headlines.__file__", tmp_path / "headlines.py")

    with pytest.raises(ValueError, match=r"headlines_en\.txt, line 4: "):
        list(labelled("headlines", "en"))


# --- what was written ---------------------------------------------------------------


def test_there_are_enough(language: str, headlines: list[Headline]) -> None:
    assert len(headlines) >= {"en": 1000, "ko": 1500}[language]


def test_spans_fit_their_text(headlines: list[Headline]) -> None:
    for text, spans in headlines:
        assert text == text.strip()
        ends = [0, *(end for _, end, _ in spans)]
        for (start, end, label), previous in zip(spans, ends, strict=False):
            assert previous <= start < end <= len(text)
            assert label in LABELS


def test_every_label_has_its_share(headlines: list[Headline]) -> None:
    labels = Counter(label for _, spans in headlines for _, _, label in spans)

    shares = {label: labels[label] / labels.total() for label in LABELS}
    assert all(0.20 <= share <= 0.50 for share in shares.values()), shares


def test_many_name_several_companies(headlines: list[Headline]) -> None:
    several = [spans for _, spans in headlines if len(spans) >= 2]
    mixed = [spans for spans in several if len({label for *_, label in spans}) >= 2]

    assert len(several) >= 0.35 * len(headlines)
    assert len(mixed) >= 0.20 * len(headlines)


def test_no_line_is_written_twice(headlines: list[Headline]) -> None:
    words = [re.findall(r"\w+", text.casefold()) for text, _ in headlines]
    assert len({" ".join(line) for line in words}) == len(words)

    sets = [frozenset(line) for line in words]
    twins = [
        (" ".join(a), " ".join(b))
        for a, b in combinations(sets, 2)
        if len(a & b) > 0.8 * len(a | b)
    ]
    assert not twins


def test_each_watched_company_has_every_sign(
    language: str, headlines: list[Headline], shared: Path
) -> None:
    seen: dict[str, set[str]] = {}
    for text, spans in headlines:
        for start, end, label in spans:
            seen.setdefault(text[start:end].casefold(), set()).add(label)

    with (shared / "gold" / "watchlist.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    missing = {
        row["id"]: LABELS - signs
        for row in rows
        if (signs := _signs(row[f"aliases_{language}"], seen)) != LABELS
    }
    assert not missing


def _signs(aliases: str, seen: dict[str, set[str]]) -> set[str]:
    return set().union(
        *(seen.get(name.casefold(), set()) for name in aliases.split(";"))
    )
