"""What an expression needs is in every text that it matches."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.analysis import amounts, gpus, patterns, quantities
from monitor.analysis.literals import Prefiltered, is_possible, needed
from monitor.analysis.patterns import PatternSet, word_starts
from monitor.config import default_path, load

# These are other letters' lower and upper case only to an expression.
LETTERS = st.characters(
    max_codepoint=0xD7A3, exclude_characters="ſİıK", exclude_categories=["Cs"]
)
EXPRESSIONS = [
    "abc",
    "ab?c",
    "(?:ab|cd)e?f",
    "a(?:bc){0,3}de",
    "a(?:bc){2,3}de",
    "a(?:bc)+?de",
    "[xyz]{2}ab[^c]de",
    r"\bfoo(?=.*bar)\w* baz",
    r"(?<=foo) bar(?! qux)",
    "(?i:ABC)d|(?P<name>ef)(?P=name)",
    "(?>ab|a)c",
    "a++bc",
    "(?:|ab)cd",
    "(?:(?:ab|c.d)ef|gh)",
    "㎿|메가 ?와트",
    "[ㄱ-힣]{2}전력",
]
SHIPPED = sorted(
    {
        written[3:]
        for theme in load(default_path(), {}).themes
        for several in theme.patterns.values()
        for group in several
        for written in (*group.any, *group.all, *group.none)
        if written.startswith("re:")
    }
)


@pytest.mark.parametrize("expression", EXPRESSIONS)
@settings(max_examples=15)
@given(data=st.data())
def test_what_matches_has_what_is_needed(expression, data):
    matching = st.from_regex(re.compile(expression, re.IGNORECASE), alphabet=LETTERS)
    text = data.draw(matching)

    assert is_possible(needed(expression), text.lower()), needed(expression)


def test_each_pattern_that_ships_needs_something():
    assert all(map(needed, SHIPPED))


# What looks ahead is matched by next to nothing that is drawn by chance.
@pytest.mark.slow
@pytest.mark.parametrize("expression", [it for it in SHIPPED if "(?=" not in it])
@settings(max_examples=2, deadline=None)
@given(data=st.data())
def test_what_patterns_that_ship_match_has_what_they_need(expression, data):
    text = data.draw(
        st.from_regex(re.compile(expression, re.IGNORECASE), alphabet=LETTERS)
    )

    assert is_possible(needed(expression), text.lower()), needed(expression)


@pytest.mark.parametrize(
    ("expression", "known"),
    [
        ("abc", (("abc",),)),
        ("ab?cd", (("abcd", "acd"),)),
        ("(?:sue[sd]?|court).{0,30}fab ?s", (("court", "sue"), ("fab s", "fabs"))),
        (r"\d{1,3} ?MW", (("mw",),)),
        (r"\d\w+", ()),
        # Of two alternatives one says nothing.
        (r"power|\d+", ()),
        ("(?:power)?", ()),
        # Greek and micro signs are one letter where case is ignored.
        ("\\d ?(?:μm|µm)", ()),
        # `abc` contains `ab`.
        ("(?:ab|abc)x?", (("ab",),)),
    ],
)
def test_what_is_needed(expression, known):
    assert needed(expression) == known


@pytest.mark.parametrize(
    "expression",
    [
        "(?:foo){e<=1}",  # fuzzy
        "[[:alpha:]]foo",
        r"\p{Hangul}foo",
        "(?|(a)foo|(b)foo)",
        "[a-z--[aeiou]]foo",
        "foo(",
    ],
)
def test_of_what_only_another_library_can_read_nothing_is_known(expression):
    assert needed(expression) == ()


@pytest.mark.parametrize(
    "module", [amounts, gpus, quantities], ids=lambda it: it.__name__
)
def test_every_prefiltered_expression_needs_something(module):
    found = [it for it in vars(module).values() if isinstance(it, Prefiltered)]

    assert found
    assert all(it._needed for it in found)


def test_a_prefiltered_expression_finds_what_the_plain_one_finds():
    expression = r"(?P<number>\d+) ?(?:GPUs?|장)"
    text = "100 GPUs, 20 gpu, 3장"
    found = [it.group() for it in Prefiltered(expression).finditer(text)]

    assert found == [it.group() for it in re.finditer(expression, text)] != []
    assert not list(Prefiltered(expression).finditer("100 chips"))


@given(st.text(alphabet="abc DATA-center전력구매", max_size=40))
def test_narrowed_patterns_find_the_same(text):
    several = PatternSet.written(
        ["data center", "ab*", "c", "전력 구매", "re:b[ac]+ d", "re:c{2}", "a"]
    )
    lowered = text.lower()

    for starts in (word_starts(lowered), None):
        narrowed = several.narrowed(lowered, starts)
        assert narrowed.search(text, lowered) == several.search(text, lowered)
        assert list(narrowed.each(text, lowered)) == list(several.each(text, lowered))


def test_a_pattern_that_cannot_match_is_not_run(monkeypatch):
    ran = []
    monkeypatch.setattr(
        patterns.Pattern, "search", lambda self, _: ran.append(self.written)
    )
    several = PatternSet.written(["re:foo (?:bar|baz) ?qux", "power plant"])

    assert several.search("foo bar quux", "foo bar quux") is None
    assert not ran
