"""A person's regular expressions: what can be used, and that nothing hangs."""

import re
import time

import pytest
import regex

from monitor.config import expressions
from monitor.config import load as load_config
from monitor.errors import ConfigError
from monitor.stages.analyse import Analyst, AnalystSetup
from monitor.types import Patterns, Theme
from tests.builders import document


@pytest.mark.parametrize(
    "expression",
    [
        r"(?:a|a)*b",
        r"(\w|\d|_)+\.$",
        r"(?:가|가)+나",
        r"(?:data|center|d|a|t)+!x",
        r"(x+|x)+(x+|x)+(x+|x)+y",
    ],
)
def test_a_repetition_that_explodes_is_refused(expression: str):
    started = time.process_time()

    assert "takes more than 0.1 s" in expressions.problem(expression)
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    "expression",
    [
        r"purchas\w+ (?:all |the |of )*(?:energy|power)",
        r"\b[0-9.,]{1,12} ?(?:MW|GW)\b[^.]{0,40}data ?center",
        r"(?:\w+\s){1,20}MW",
        r"\p{Hangul}+ 전력",
        r"데이터 ?센터.{0,30}(?:조 ?원|억 ?달러).*투자",
    ],
)
def test_usual_expressions_are_allowed(expression: str):
    assert expressions.problem(expression) == ""


@pytest.mark.parametrize("expression", ["(", "[", "a**", "(?z)"])
def test_what_is_no_expression_is_an_error(expression: str):
    with pytest.raises((re.error, regex.error)):
        expressions.problem(expression)


def test_the_file_is_refused_with_the_place(tmp_path):
    path = tmp_path / "feeds.yaml"
    path.write_text(
        "feeds: [{url: https://example.com/feed, title: x}]\n"
        "themes: [{id: t, name: {en: T}, patterns: {en: [{any: ['re:(?:a|a)*b']}]}}]\n"
    )

    with pytest.raises(
        ConfigError, match=r"feeds\.yaml:2:\d+: themes\[0\].*takes more"
    ):
        load_config(path, {})


def test_the_analysing_process_tells_of_what_it_left_out():
    patterns = Patterns(any=("re:(?:a|a)*b",))
    theme = Theme(id="t", name={"en": "T"}, patterns={"en": (patterns,)})
    analyst = Analyst(
        AnalystSetup(companies=(), themes=(theme,), model="builtin", entities=False)
    )
    answer = analyst([document("a" * 60 + "!b")])

    assert answer.analyses[0].themes == ()
    assert any("took more than 0.1 s" in problem for problem in answer.problems)
