"""When an alert fires, when it just does not, and what it says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.notify.readings import LATE
from monitor.notify.rules import History, decide
from monitor.types import Alert, AlertRule, Evidence
from tests.evidence import NOW, alert, evidence, heard

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
BEGAN = NOW - timedelta(days=365)
RULE = AlertRule(
    id="bad-news",
    window=24 * HOUR,
    min_mentions=3,
    min_sources=2,
    score_below=-0.3,
    cooldown=12 * HOUR,
)


def mentions(*scores: float | None, **changes) -> list[Evidence]:
    """A mention of Vertiv in a document and source of its own for each score."""
    return [
        evidence(mention_id=number, score=score, **changes)
        for number, score in enumerate(scores, start=1)
    ]


THREE = mentions(-0.5, -0.4, -0.6)


def fired(found, rule=RULE, past=(), now=NOW) -> list[Alert]:
    history = History(heard=heard(found, now), began=BEGAN)
    return decide([rule], history, past, now=now)


def subjects(found, rule=RULE) -> list[str]:
    return [it.subject for it in fired(found, rule)]


def test_alert_carries_its_numbers():
    (told,) = fired(THREE)

    assert (told.rule, told.subject, told.by) == ("bad-news", "vertiv", "company")
    assert (told.mentions, told.sources) == (3, 3)
    assert told.score == pytest.approx(-0.5)
    assert (told.window_start, told.fired_at) == (NOW - 24 * HOUR, NOW)
    assert told.reason == (
        "vertiv: 3 documents from 3 sources in 24 h (at least 3 from 2); "
        "mean score −0.50, below −0.30."
    )


def test_one_document_too_few_does_not_fire():
    assert fired(THREE)
    assert not fired(THREE[:2])


def test_document_counts_once_however_often_it_names_the_company():
    repeated = [replace(it, document_id="d1") for it in THREE]

    assert not fired(repeated)
    assert not fired([*THREE[:2], replace(THREE[0], mention_id=9)])


def test_repeated_mentions_do_not_outvote_other_documents():
    loud = [
        replace(it, document_id="d9", source="Loud") for it in mentions(*[1.0] * 10)
    ]
    (told,) = fired([*mentions(-0.9, -0.8, -1.0), *loud])

    assert told.mentions == 4
    assert told.score == pytest.approx((-2.7 + 1.0) / 4)


@pytest.mark.parametrize(
    ("sources", "fires"), [(("A", "B", "A"), True), (("A", "A", "A"), False)]
)
def test_sources_must_be_distinct(sources, fires):
    found = [
        replace(it, source=source) for it, source in zip(THREE, sources, strict=True)
    ]

    assert bool(fired(found)) is fires


@pytest.mark.parametrize(
    ("scores", "fires"),
    [
        ((-0.31, -0.31, -0.31), True),
        ((-0.3, -0.3, -0.3), False),
        ((0.9, -0.9, -0.9), False),
    ],
)
def test_mean_score_must_be_below_the_threshold(scores, fires):
    assert bool(fired(mentions(*scores))) is fires


@pytest.mark.parametrize(
    ("scores", "fires"), [((0.51, 0.51, 0.51), True), ((0.5, 0.5, 0.5), False)]
)
def test_mean_score_must_be_above_the_threshold(scores, fires):
    rule = replace(RULE, score_below=None, score_above=0.5)

    assert bool(fired(mentions(*scores), rule)) is fires


@pytest.mark.parametrize(("score", "fires"), [(-0.9, True), (0.0, False), (0.9, True)])
def test_two_thresholds_fire_on_either_side(score, fires):
    rule = replace(RULE, score_above=0.5)

    assert bool(fired(mentions(score, score, score), rule)) is fires


def test_without_threshold_the_count_decides():
    (told,) = fired(mentions(0.1, None, 0.3), replace(RULE, score_below=None))

    assert told.score == pytest.approx(0.2)


def test_missing_score_is_not_zero():
    (told,) = fired(mentions(-0.31, None, None))

    assert told.mentions == 3
    assert told.score == pytest.approx(-0.31)


def test_threshold_does_not_fire_without_any_score():
    unscored = mentions(None, None, None)
    above = replace(RULE, score_below=None, score_above=-0.9)

    assert not fired(unscored)
    assert not fired(unscored, above)
    assert fired(unscored, replace(RULE, score_below=None))[0].score is None


@pytest.mark.parametrize(
    ("age", "fires"),
    [
        (timedelta(), True),
        (24 * HOUR - SECOND, True),
        (24 * HOUR, False),
        (-SECOND, False),
    ],
)
def test_window_is_open_at_its_start_and_closed_at_its_end(age, fires):
    found = mentions(-0.5, -0.5, -0.5, fetched_at=NOW - age)

    assert bool(fired(found)) is fires


@pytest.mark.parametrize(("age", "fires"), [(LATE - SECOND, True), (LATE, False)])
def test_old_news_that_is_only_now_known_does_not_count(age, fires):
    old = [replace(it, published_at=NOW - 24 * HOUR - age) for it in THREE]

    assert bool(fired(old)) is fires


def test_each_company_is_judged_alone():
    other = [replace(it, company="amd") for it in THREE]

    assert subjects([*THREE[:2], *other[2:]]) == []
    assert subjects([*THREE, *other]) == ["amd", "vertiv"]
    assert subjects([*THREE, *other], replace(RULE, companies=("amd",))) == ["amd"]


def test_only_documents_with_a_theme_count():
    rule = replace(RULE, themes=("ppa", "nuclear"))
    themed = [replace(it, themes=("ppa", "grid")) for it in THREE]

    assert fired(themed, rule)
    assert not fired([*themed[:2], THREE[2]], rule)


@pytest.mark.parametrize(("novelty", "fires"), [(0.5, True), (0.49, False)])
def test_what_is_told_again_does_not_count_where_novelty_is_asked_for(novelty, fires):
    again = [replace(it, novelty=novelty) for it in THREE]

    assert bool(fired(again, replace(RULE, min_novelty=0.5))) is fires
    assert fired(again)


def test_themes_count_documents_whichever_company_they_name():
    rule = replace(RULE, by="theme", themes=("ppa",))
    found = [
        replace(it, company=company, themes=("ppa", "grid"))
        for it, company in zip(THREE, ("amd", "dell", "vertiv"), strict=True)
    ]
    both = replace(found[0], company="dell", mention_id=9)
    (told,) = fired([*found, both], rule)

    assert (told.subject, told.by, told.mentions) == ("ppa", "theme", 3)
    assert not fired([*found[:2], both], rule)
    assert subjects(found, replace(rule, themes=())) == ["grid", "ppa"]


def test_same_data_give_the_same_id():
    assert fired(THREE)[0].id == fired(list(reversed(THREE)))[0].id
    assert fired(THREE)[0].id == fired(THREE, now=NOW + HOUR)[0].id
    assert len(fired(THREE)[0].id) == 24


def test_id_differs_by_rule_subject_and_newest_document():
    newer = evidence(mention_id=4, fetched_at=NOW - HOUR / 2)
    ids = {
        fired(THREE)[0].id,
        fired(THREE, replace(RULE, id="other"))[0].id,
        fired([replace(it, company="amd") for it in THREE])[0].id,
        fired([*THREE, newer])[0].id,
    }

    assert len(ids) == 4


def test_id_outlives_a_new_analysis():
    again = [replace(it, mention_id=it.mention_id + 100) for it in THREE]

    assert fired(again)[0].id == fired(THREE)[0].id


@pytest.mark.parametrize(
    ("age", "fires"), [(12 * HOUR - SECOND, False), (12 * HOUR, True)]
)
def test_cooldown_keeps_silent_about_the_same_subject(age, fires):
    past = [alert(rule="bad-news", subject="vertiv", fired_at=NOW - age)]

    assert bool(fired(THREE, past=past)) is fires


@pytest.mark.parametrize(
    "changes", [{"rule": "other"}, {"subject": "amd"}, {"by": "theme"}]
)
def test_cooldown_is_of_one_rule_and_subject(changes):
    past = [alert(**({"rule": "bad-news", "subject": "vertiv"} | changes))]

    assert fired(THREE, past=past)


def test_nothing_new_after_the_cooldown_is_not_told_again():
    (first,) = fired(THREE)
    newer = evidence(mention_id=4, fetched_at=NOW + 12 * HOUR)
    later = NOW + 13 * HOUR

    assert not fired(THREE, past=[first], now=later)
    assert fired([*THREE, newer], past=[first], now=later)


def test_evidence_is_strongest_in_the_direction_of_the_rule():
    found = mentions(-0.9, 0.8, -0.5, -0.7, -0.6)
    found[0] = replace(found[0], relevance=0.1)
    (told,) = fired(found)

    assert [it.score for it in told.evidence] == [-0.7, -0.6, -0.5]


def test_evidence_without_direction_is_strongest_either_way():
    rule = replace(RULE, score_below=None)
    (told,) = fired(mentions(0.1, -0.8, 0.9, None, 0.2), rule)

    assert [it.score for it in told.evidence] == [0.9, -0.8, 0.2]


def test_evidence_comes_from_distinct_documents_and_sentences():
    found = [
        *mentions(-0.5, -0.6, -0.7),
        evidence(mention_id=4, document_id="d3", score=-0.9),
        evidence(mention_id=5, score=-0.8, sentence="SENTENCE 3, about Vertiv!"),
    ]
    (told,) = fired(found)

    assert [it.mention_id for it in told.evidence] == [4, 5, 2]


def test_rules_fire_in_their_order():
    rules = [replace(RULE, id="z"), replace(RULE, id="a")]
    both = decide(rules, History(heard=heard(THREE), began=BEGAN), [], now=NOW)

    assert [it.rule for it in both] == ["z", "a"]
