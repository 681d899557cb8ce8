"""Each kind of alert rule over stored history: when it fires, when it just does not."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.store import wishes
from monitor.store.store import Store
from monitor.types import (
    Alert,
    AlertRule,
    Condition,
    Disagreement,
    FilingMatch,
    KeywordMatch,
    NameAppears,
    Patterns,
    QuantityAbove,
    Spike,
    ThemeAppears,
    Threshold,
    Turn,
)
from tests.builders import NOW
from tests.newsroom import Newsroom

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEGAN = NOW - 60 * DAY
WORDS = KeywordMatch(patterns=Patterns(any=("Report",)))


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Callable[..., Newsroom]]:
    stores: list[Store] = []

    def make(*conditions: Condition, **values) -> Newsroom:
        stores.append(Store(tmp_path / f"{len(stores)}.db"))
        given = {"id": "rule", "all": conditions, "companies": ("vertiv",)} | values
        return Newsroom(stores[-1], [AlertRule(**given)], began=BEGAN)

    yield make
    for store in stores:
        store.close()


def told(news: Newsroom, at=NOW) -> list[Alert]:
    """What a pass raises, if rehearsal says the same of all passes so far."""
    raised = news.run(at)
    news.check(BEGAN - DAY)
    return raised


def every_day(news: Newsroom, score: float = 0.2, *, days: int = 28) -> None:
    """A document on each of the days before the last one, each with its pass."""
    for number in range(days, 0, -1):
        at = NOW - number * DAY - HOUR
        news.publish(at, {"vertiv": score}, source=f"Daily {number}")
        news.run(at)


# --- threshold ------------------------------------------------------------------------


@pytest.mark.parametrize(("scores", "fires"), [((-0.4, -0.4), 1), ((-0.4, -0.2), 0)])
def test_threshold_fires_below_its_bound_and_just_not_above(newsroom, scores, fires):
    news = newsroom(Threshold(window=DAY, min_mentions=2, score_below=-0.3))
    for score in scores:
        news.publish(NOW, {"vertiv": score})

    assert len(told(news)) == fires


@pytest.mark.parametrize(
    ("restriction", "fires"), [({}, 1), ({"roles": ("chips",)}, 0)]
)
def test_by_theme_what_names_nobody_counts_too(newsroom, restriction, fires):
    least = Threshold(window=DAY, min_mentions=3, min_sources=3)
    rule = {"by": "theme", "companies": ()} | restriction
    news = newsroom(least, **rule)
    for scores in ({}, {}, {"amd": 0.5}):
        news.publish(NOW, scores, ("ppa",))
    alerts = told(news)

    assert [(it.subject, it.mentions, it.score) for it in alerts] == [
        ("ppa", 3, 0.5)
    ] * fires


# --- spike ----------------------------------------------------------------------------

SPIKE = Spike(window=DAY, baseline=28 * DAY, min_mentions=3, min_sources=2, z=4.0)


@pytest.mark.parametrize(("documents", "fires"), [(5, 1), (4, 0)])
def test_spike_fires_at_its_z_and_just_not_below(newsroom, documents, fires):
    news = newsroom(SPIKE)
    every_day(news)  # one a day: mean 1, so that z = n - 1
    for _ in range(documents):
        news.publish(NOW, {"vertiv": 0.1})
    alerts = told(news)

    assert len(alerts) == fires
    if fires:
        values = alerts[0].findings[0].values
        assert (values["usual"], values["z"], values["windows"]) == (1.0, 4.0, 28)
        assert "5 documents from 5 sources in 24 h, usually 1.0" in alerts[0].reason


@pytest.mark.parametrize(("ratio", "fires"), [(5.0, 1), (5.1, 0)])
def test_spike_by_ratio_fires_at_its_bound(newsroom, ratio, fires):
    news = newsroom(Spike(window=DAY, baseline=28 * DAY, min_mentions=3, ratio=ratio))
    every_day(news)
    for _ in range(5):
        news.publish(NOW, {"vertiv": 0.1})

    assert len(told(news)) == fires


def test_spike_from_one_source_is_none(newsroom):
    news = newsroom(SPIKE)
    every_day(news)
    for _ in range(9):
        news.publish(NOW, {"vertiv": 0.1}, source="Loud")

    assert told(news) == []


def test_spike_of_a_theme_is_of_all_that_is_on_it(newsroom):
    news = newsroom(SPIKE, by="theme", companies=())
    for number in range(28, 0, -1):
        at = NOW - number * DAY - HOUR
        news.publish(at, {}, ("ppa",))
        news.run(at)
    for _ in range(5):
        news.publish(NOW, {}, ("ppa",))
    (alert,) = told(news)

    assert (alert.subject, alert.findings[0].values["usual"]) == ("ppa", 1.0)


def test_spike_needs_a_past_to_compare_with(newsroom):
    young = newsroom(SPIKE)
    at = BEGAN + 5 * DAY
    for _ in range(9):
        young.publish(at, {"vertiv": 0.1})

    assert told(young, at) == []


def test_a_new_feed_is_no_spike_while_it_is_new_nor_after(newsroom):
    news = newsroom(SPIKE)
    every_day(news)
    for title in ("One", "Two"):
        news.add_feed(title, NOW - HOUR)
    alerts = []
    for number in range(12):
        at = NOW + number * DAY
        for title in ("One", "One", "One", "Two", "Two", "Old"):
            news.publish(at, {"vertiv": 0.2}, source=title)
        alerts += told(news, at)
    at += DAY
    for number in range(18):
        news.publish(at, {"vertiv": 0.2}, source=("One", "Two", "Old")[number % 3])
    (burst,) = told(news, at)

    assert alerts == []
    values = burst.findings[0].values
    assert (values["mentions"], values["windows"]) == (18, 28)
    assert values["usual"] == pytest.approx(6.0)


def test_a_spike_of_known_feeds_is_told_without_the_new_one(newsroom):
    news = newsroom(SPIKE)
    every_day(news)
    news.add_feed("New", NOW - HOUR)
    for title in ("New", "New", "A", "B", "C", "D", "E"):
        news.publish(NOW, {"vertiv": 0.1}, source=title)
    (alert,) = told(news)

    assert (alert.mentions, alert.sources) == (5, 5)


# --- turn -----------------------------------------------------------------------------

TURN = Turn(window=3 * DAY, baseline=28 * DAY, min_mentions=2, margin=0.2)


@pytest.mark.parametrize(("score", "fires"), [(-0.9, 1), (0.1, 0)])
def test_turn_fires_when_the_short_mean_crosses_the_long_one(newsroom, score, fires):
    news = newsroom(TURN)
    every_day(news, 0.4)
    for _ in range(3):
        news.publish(NOW, {"vertiv": score})
    alerts = told(news)

    assert len(alerts) == fires
    if fires:
        values = alerts[0].findings[0].values
        assert values["score"] == pytest.approx((2 * 0.4 + 3 * -0.9) / 5)
        assert values["usual"] == pytest.approx((27 * 0.4 + 3 * -0.9) / 30)


def test_what_has_turned_does_not_turn_again(newsroom):
    news = newsroom(TURN, cooldown=timedelta(0))
    every_day(news, 0.4)
    for _ in range(3):
        news.publish(NOW, {"vertiv": -0.9})
    first = told(news)
    news.publish(NOW + HOUR, {"vertiv": -0.9})

    assert len(first) == 1
    assert told(news, NOW + HOUR) == []


def turns(news: Newsroom, days: float, score: float) -> list[str]:
    """Which turns a pass tells after three documents with a score."""
    at = NOW + days * DAY
    for _ in range(3):
        news.publish(at, {"vertiv": score})
    return [topic for it in told(news, at) for topic in it.topics]


@pytest.mark.parametrize(("days", "found"), [(1, ["down"]), (4, [])])
def test_turn_in_a_mute_is_told_once_that_ends_while_it_is_recent(
    newsroom, days, found
):
    news = newsroom(TURN, cooldown=timedelta(0))
    every_day(news, 0.4)
    wish = wishes.Wishes(news.store.db.conn)
    wish.mute("vertiv", until=NOW + days * DAY, now=NOW - HOUR)

    assert turns(news, 0, -0.9) == []
    assert turns(news, 0.5, -0.9) == []
    assert turns(news, days, -0.9) == found
    assert turns(news, days + 0.5, -0.9) == []


def test_turn_that_comes_with_an_edit_is_told_with_the_next_news(newsroom):
    news = newsroom(TURN)
    every_day(news, 0.4)
    for name in "abc":
        news.publish(NOW - DAY, {"vertiv": 0.4}, entry_id=name)
    before = told(news, NOW - DAY)
    for name in "abc":
        news.publish(NOW, {"vertiv": -0.9}, entry_id=name)
    edited = told(news)

    assert (before, edited) == ([], [])
    assert turns(news, 0.1, -0.9) == ["down"]


def test_turn_back_is_told_in_the_cooldown_of_the_turn(newsroom):
    news = newsroom(TURN, cooldown=10 * DAY)
    every_day(news, 0.4)

    assert turns(news, 0, -0.9) == ["down"]
    assert turns(news, 4, 0.9) == ["up"]
    assert turns(news, 8, -0.9) == []
    assert turns(news, 10, -0.9) == ["down"]


def test_turn_the_other_way_is_not_asked_for(newsroom):
    up = Turn(window=3 * DAY, baseline=28 * DAY, min_mentions=2, direction="up")
    news = newsroom(up)
    every_day(news, 0.4)
    for _ in range(3):
        news.publish(NOW, {"vertiv": -0.9})

    assert told(news) == []


# --- new theme, new name --------------------------------------------------------------


@pytest.mark.parametrize(("age", "fires"), [(90 * DAY, 1), (89 * DAY, 0)])
def test_theme_is_new_if_it_was_not_there_in_the_baseline(newsroom, age, fires):
    news = newsroom(ThemeAppears(window=DAY, baseline=90 * DAY))
    before = NOW - age
    news.publish(before, {"vertiv": 0.1}, ("nuclear",))
    news.run(before)
    news.publish(NOW, {"vertiv": 0.1}, ("nuclear",))
    alerts = told(news)

    assert [it.topics for it in alerts] == [("nuclear",)] * fires


def test_theme_of_another_company_is_not_its_own(newsroom):
    news = newsroom(ThemeAppears(), companies=())
    news.publish(NOW - DAY, {"amd": 0.1}, ("nuclear",))
    news.run(NOW - DAY)
    news.publish(NOW, {"vertiv": 0.1}, ("nuclear",))

    assert [(it.subject, it.topics) for it in told(news)] == [("vertiv", ("nuclear",))]


def test_theme_that_two_must_have_is_not_new_by_one(newsroom):
    news = newsroom(ThemeAppears(min_mentions=2, min_sources=2))
    news.publish(NOW, {"vertiv": 0.1}, ("ppa",))
    alone = told(news)
    news.publish(NOW + HOUR, {"vertiv": 0.1}, ("ppa",))

    assert alone == []
    assert [it.topics for it in told(news, NOW + HOUR)] == [("ppa",)]


def test_in_the_first_week_nothing_is_new(newsroom):
    news = newsroom(ThemeAppears())
    at = BEGAN + 7 * DAY - timedelta(seconds=1)
    news.publish(at, {"vertiv": 0.1}, ("nuclear",))
    early = told(news, at)
    news.publish(at + HOUR, {"vertiv": 0.1}, ("ppa",))

    assert early == []
    assert [it.topics for it in told(news, at + HOUR)] == [("ppa",)]


@pytest.mark.parametrize(("name", "fires"), [("Fluidstack", 1), ("CRUSOE  Energy", 0)])
def test_name_is_new_with_a_theme_if_it_was_not_there(newsroom, name, fires):
    new = NameAppears(window=DAY, baseline=90 * DAY)
    news = newsroom(new, by="theme", themes=("gigafactory",), companies=())
    before = NOW - 40 * DAY
    news.publish(before, {}, ("gigafactory",), names=("Crusoe Energy",))
    news.run(before)
    news.publish(NOW, {}, ("gigafactory",), names=(name,))
    alerts = told(news)

    assert [it.subject for it in alerts] == ["gigafactory"] * fires
    if fires:
        assert "a name not there in 90 days: Fluidstack" in alerts[0].reason


def test_what_a_new_feed_brings_is_new_when_another_has_it(newsroom):
    news = newsroom(ThemeAppears(window=DAY, baseline=90 * DAY))
    news.add_feed("New", NOW)
    found = []
    for days, source, theme in (
        (1, "New", "ppa"),
        (3, "Old", "ppa"),
        (7, "New", "ppa"),
        (8, "New", "nuclear"),
    ):
        at = NOW + days * DAY
        news.publish(at, {"vertiv": 0.1}, (theme,), source=source)
        found.append([it.topics for it in told(news, at)])

    assert found == [[], [("ppa",)], [], [("nuclear",)]]


def newcomers(news: Newsroom, hours: int, *names: str) -> list[tuple[str, ...]]:
    """Of which names a pass tells after a document with these."""
    at = NOW + hours * HOUR
    news.publish(at, {}, ("gigafactory",), names=names)
    return [it.topics for it in told(news, at)]


def test_what_was_told_is_not_told_again_beside_what_is_new(newsroom):
    news = newsroom(
        NameAppears(window=2 * DAY), by="theme", companies=(), cooldown=12 * HOUR
    )

    assert newcomers(news, 0, "Crusoe") == [("crusoe",)]
    assert newcomers(news, 1, "Crusoe", "Fluidstack") == [("fluidstack",)]
    (alert,) = news.raised()[1:]
    assert (alert.mentions, "Crusoe" in alert.reason) == (1, False)
    assert newcomers(news, 20, "Crusoe", "Fluidstack") == []
    assert newcomers(news, 21, "Nscale", "Crusoe") == [("nscale",)]


def test_of_many_new_names_three_are_said_and_all_are_told(newsroom):
    news = newsroom(NameAppears(window=2 * DAY), by="theme", companies=())
    news.publish(NOW, {}, ("gigafactory",), names=("Zenith",))
    ((*told_of,),) = newcomers(
        news, 0, "Alfa, Inc.", "Beta", "Ceres", "Delta", "Zenith"
    )
    (alert,) = news.raised()

    assert told_of == ["zenith", "alfa, inc.", "beta", "ceres", "delta"]
    assert "Zenith, Alfa, Inc., Beta and 2 more; 2 documents" in alert.reason
    assert alert.findings[0].values["others"] == "Ceres, Delta"
    assert newcomers(news, 30, "Delta", "Beta") == []


def test_a_muted_theme_is_told_when_the_mute_ends_and_the_other_at_once(newsroom):
    news = newsroom(ThemeAppears(window=2 * DAY))
    wish = wishes.Wishes(news.store.db.conn)
    wish.mute("ppa", until=NOW + 3 * HOUR, now=NOW - HOUR)
    found = []
    for hours in (0, 1, 4):
        at = NOW + hours * HOUR
        news.publish(at, {"vertiv": 0.1}, ("nuclear", "ppa"))
        found.append([it.topics for it in told(news, at)])

    assert found == [[("nuclear",)], [], [("ppa",)]]


def test_of_any_each_condition_has_topics_of_its_own(newsroom):
    news = newsroom(all=(), any=(ThemeAppears(), QuantityAbove(above=100)))
    found = []
    for hours, (theme, megawatts) in enumerate(
        [("ppa", None), ("ppa", 200), ("ppa", 200), ("nuclear", 200)]
    ):
        at = NOW + hours * HOUR
        news.publish(at, {"vertiv": 0.1}, (theme,), megawatts=megawatts)
        found.append([it.topics for it in told(news, at)])

    assert found == [[("ppa",)], [("200 MW",)], [], [("nuclear",)]]


def test_name_with_another_theme_is_not_asked_for(newsroom):
    news = newsroom(NameAppears(), by="theme", themes=("gigafactory",), companies=())
    news.publish(NOW, {}, ("ppa",), names=("Fluidstack",))

    assert told(news) == []


# --- filing, keyword, quantity --------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "items", "fires"),
    [
        ("8-K", ("1.01",), 1),
        ("8-K/A", ("1.01",), 1),  # amendments too
        ("8-K", ("9.01",), 0),
        ("10-Q", ("1.01",), 0),
    ],
)
def test_filing_needs_form_and_item(newsroom, form, items, fires):
    news = newsroom(FilingMatch(forms=("8-K",), items=("1.01", "2.03")))
    news.publish(
        NOW,
        {"vertiv": 0.1},
        kind="filing",
        form=form,
        items=items,
        cik=1674101,
        accession_no="0001674101-26-000001",
    )
    alerts = told(news)

    assert [it.topics for it in alerts] == [("0001674101-26-000001",)] * fires


def test_filing_that_does_not_name_its_company_is_still_its_filing(newsroom):
    news = newsroom(FilingMatch(forms=("8-K",)))
    news.publish(
        NOW, {}, kind="filing", form="8-K", cik=1674101, accession_no="a", title="8-K"
    )
    (alert,) = told(news)

    assert (alert.subject, alert.evidence[0].sentence) == ("vertiv", "8-K")


@pytest.mark.parametrize(("rule", "fires"), [({}, 0), ({"by": "theme"}, 1)])
def test_filing_of_another_that_names_a_company_is_not_its_filing(
    newsroom, rule, fires
):
    news = newsroom(FilingMatch(forms=("8-K",)), **rule)
    news.publish(NOW, {"vertiv": 0.1}, ("ppa",), kind="filing", form="8-K", cik=99)

    assert len(told(news)) == fires


@pytest.mark.parametrize(
    ("text", "language", "fires"),
    [
        ("The county adopts a moratorium on data centers.", "en", 1),
        ("The county adopts a plan for data centers.", "en", 0),
        ("군의회가 데이터센터 인허가를 유예했다.", "ko", 1),
        ("군의회가 데이터센터 인허가를 승인했다.", "ko", 0),
    ],
)
def test_keyword_is_found_in_both_languages(newsroom, text, language, fires):
    patterns = Patterns(
        any=("moratori*", "유예"), all=("data center", "데이터센터"), none=("lifted",)
    )
    news = newsroom(KeywordMatch(patterns=patterns))
    news.publish(
        NOW,
        {"vertiv": 0.1},
        text=f"Vertiv is named here.\n{text}",
        language=language,
    )
    alerts = told(news)

    assert [it.evidence[0].sentence for it in alerts] == [text] * fires


@pytest.mark.parametrize(("megawatts", "fires"), [(100.5, 1), (100, 0)])
def test_quantity_must_be_above_its_bound(newsroom, megawatts, fires):
    news = newsroom(QuantityAbove(above=100, unit="MW"))
    news.publish(NOW, {"vertiv": 0.1}, megawatts=megawatts)
    alerts = told(news)

    assert [it.topics for it in alerts] == [("100.5 MW",)] * fires
    if fires:
        assert "100.5 MW" in alerts[0].evidence[0].sentence


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ("Vertiv will cool 5 to 10 GW of new halls.", 1),
        ("버티브가 총700MW 규모의 냉각 설비를 공급한다.", 1),
        ("버티브가 공급할 설비는 1,700MW가 아니라 500MW다.\n도시는 700MW를 쓴다.", 1),
        ("도시는 700MW를 쓴다.\n버티브는 500MW를 식힌다.", 0),
        ("The state plans 5 to 10 GW of halls.\nVertiv rose 5% on Tuesday.", 0),
        ("The state plans 5 GW of halls.\nVertiv cools 0.5 GW, it says.", 0),
    ],
)
def test_an_amount_belongs_to_who_is_named_beside_it(newsroom, text, fires):
    news = newsroom(QuantityAbove(above=600, unit="MW"))
    news.read(f"Power\n{text}", NOW)

    assert len(told(news)) == fires


def test_same_deal_is_told_once_and_a_larger_one_again(newsroom):
    news = newsroom(QuantityAbove(above=100, unit="MW"))
    deals = []
    for hours, megawatts in enumerate((300, 300, 500)):
        at = NOW + hours * HOUR
        news.publish(at, {"vertiv": 0.1}, megawatts=megawatts)
        deals.append([it.topics for it in told(news, at)])

    assert deals == [[("300 MW",)], [], [("500 MW",)]]


# --- disagreement ---------------------------------------------------------------------


@pytest.mark.parametrize(("filed", "fires"), [(-0.21, 1), (-0.2, 0)])
def test_good_news_against_a_bad_filing(newsroom, filed, fires):
    news = newsroom(Disagreement())
    for _ in range(2):
        news.publish(NOW - DAY, {"vertiv": 0.6})
    news.run(NOW - DAY)
    news.publish(NOW, {"vertiv": filed}, kind="exhibit", form="8-K")
    alerts = told(news)

    assert len(alerts) == fires
    if fires:
        assert [it.score for it in alerts[0].evidence[:2]] == [filed, 0.6]


def test_bad_news_against_a_good_filing_only_if_asked_for(newsroom):
    for condition, fires in (
        (Disagreement(), 0),
        (Disagreement(news_below=-0.2, filing_above=0.2), 1),
    ):
        news = newsroom(condition)
        for _ in range(2):
            news.publish(NOW, {"vertiv": -0.6})
        news.publish(NOW, {"vertiv": 0.6}, kind="filing", form="8-K")

        assert len(told(news)) == fires


# --- together, and restricted ---------------------------------------------------------

MANY = Threshold(window=DAY, min_mentions=2)
LARGE = QuantityAbove(above=100, unit="MW")


@pytest.mark.parametrize(
    ("every", "some", "megawatts", "fires"),
    [
        ((MANY, LARGE), (), 200, 1),
        ((MANY, LARGE), (), 50, 0),
        ((), (MANY, LARGE), 50, 1),
        ((MANY,), (LARGE, FilingMatch()), 200, 1),
        ((MANY,), (FilingMatch(),), 200, 0),
    ],
)
def test_all_must_hold_and_one_of_any(newsroom, every, some, megawatts, fires):
    news = newsroom(all=every, any=some)
    news.publish(NOW, {"vertiv": 0.1})
    news.publish(NOW, {"vertiv": 0.1}, megawatts=megawatts)

    assert len(told(news)) == fires


def test_a_window_lets_conditions_come_one_after_the_other(newsroom):
    for window, fires in ((None, 0), (2 * DAY, 1)):
        news = newsroom(
            QuantityAbove(above=100, window=window), FilingMatch(window=window)
        )
        news.publish(NOW - DAY, {"vertiv": 0.1}, kind="filing", form="8-K", cik=1674101)
        news.run(NOW - DAY)
        news.publish(NOW, {"vertiv": 0.1}, megawatts=200)

        assert len(told(news)) == fires


@pytest.mark.parametrize(
    ("restriction", "values"),
    [
        ({"roles": ("cooling",)}, {"scores": {"amd": 0.1}}),
        ({"themes": ("ppa",)}, {"themes": ("nuclear",)}),
        ({"languages": ("en",)}, {"language": "ko"}),
        ({"kinds": ("news",)}, {"kind": "filing"}),
        ({"max_tier": 1}, {"tier": 2}),
    ],
)
def test_a_restriction_counts_what_meets_it_and_nothing_else(
    newsroom, restriction, values
):
    news = newsroom(Threshold(min_mentions=1), companies=(), **restriction)
    fitting = {"themes": ("ppa",), "tier": 1, "scores": {"vertiv": 0.1}}
    news.publish(NOW, **(fitting | values))
    outside = told(news)
    news.publish(NOW + HOUR, **fitting)

    assert outside == []
    assert [it.mentions for it in told(news, NOW + HOUR)] == [1]


@pytest.mark.parametrize(("least", "fires"), [(0.5, 1), (0.51, 0)])
def test_a_mention_in_passing_is_not_counted(newsroom, least, fires):
    news = newsroom(Threshold(min_mentions=1), min_relevance=least)
    news.publish(NOW, {"vertiv": 0.1})  # the relevance of all that is built is 0.5

    assert len(told(news)) == fires


# --- gates ----------------------------------------------------------------------------


def test_what_was_there_when_its_feed_was_first_read_is_a_baseline(tmp_path):
    rule = AlertRule(id="any", min_mentions=1)
    with Store(tmp_path / "monitor.db") as store:
        news = Newsroom(store, [rule], began=BEGAN)
        store.db.execute("DELETE FROM polls")
        news.publish(NOW, {"vertiv": 0.1})
        first = told(news)
        news.publish(NOW + HOUR, {"vertiv": 0.1})
        (later,) = told(news, NOW + HOUR)

    assert first == []
    assert later.mentions == 2


def test_an_edit_of_an_edit_that_was_never_read_is_no_news(newsroom):
    news = newsroom(Threshold(window=DAY, min_mentions=2))
    news.publish(NOW, {"vertiv": 0.1}, entry_id="edited")
    news.run(NOW)
    later = [NOW + HOUR, NOW + 2 * HOUR]
    news.publish(later[0], {"vertiv": 0.1}, entry_id="edited", analysed=False)
    news.run(later[0])
    news.publish(later[1], {"vertiv": 0.1}, entry_id="edited")

    assert told(news, later[1]) == []
    heard = news.store.rows(
        "SELECT news, until IS NULL FROM hearings ORDER BY heard_at"
    )
    assert [tuple(row) for row in heard[-2:]] == [(1, 0), (0, 1)]


def test_an_edit_that_one_of_two_feeds_has_shown_is_no_news(newsroom):
    news = newsroom(KeywordMatch(patterns=Patterns(any=("Vertiv",))), cooldown=HOUR)
    for number, (entry, text) in enumerate(
        [
            ("here", "Vertiv builds."),
            ("there", "Vertiv builds."),
            ("here", "Vertiv builds more."),
            ("there", "Vertiv built more."),
            ("here", "Vertiv builds most."),
            ("late", "Vertiv builds."),
        ]
    ):
        at = NOW + number * HOUR
        news.publish(at, {"vertiv": 0.1}, entry_id=entry, text=text, id=text)
        news.run(at)
    at = NOW + 6 * HOUR
    news.publish(at, {"vertiv": 0.1}, text="Vertiv ends.", id="other")

    assert [it.mentions for it in news.raised()] == [1]
    assert [it.mentions for it in told(news, at)] == [1]
    current = news.store.rows(
        "SELECT id FROM documents WHERE superseded_by IS NULL AND id LIKE 'Vertiv%'"
    )
    assert [row["id"] for row in current] == ["Vertiv builds most."]
    news.check(BEGAN)


def test_an_edit_is_no_news_and_counts_as_it_now_reads(newsroom):
    news = newsroom(Threshold(window=DAY, min_mentions=2, score_below=-0.3))
    news.publish(NOW, {"vertiv": 0.9}, entry_id="edited")
    news.publish(NOW, {"vertiv": -0.5})
    before = told(news)
    news.publish(NOW + HOUR, {"vertiv": -0.5}, entry_id="edited")
    edit = told(news, NOW + HOUR)
    news.publish(NOW + 2 * HOUR, {"vertiv": -0.5})
    after = told(news, NOW + 2 * HOUR)

    assert (before, edit) == ([], [])
    assert [it.mentions for it in after] == [3]


def scored_later(news: Newsroom, **found: Any) -> list[list[Alert]]:
    """What two documents raise, the second while its rule cools down, then scored."""
    given: dict[str, Any] = {"scores": {"vertiv": -0.5}} | found
    keys = ("scores", "themes", "names", "megawatts")
    parts = {key: given.pop(key) for key in keys if key in given}
    raised, unscored = [], []
    for at in (NOW, NOW + HOUR / 2):
        unscored.append(news.publish(at, **parts, scored=False, **given))
        raised.append(told(news, at))
    for document in unscored:
        news.analyse(document, **parts, at=NOW + 2 * HOUR)
    return [*raised, told(news, NOW + 2 * HOUR)]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (WORDS, {}),
        (replace(WORDS, window=DAY), {}),
        (FilingMatch(), {"form": "8-K", "accession_no": "1", "cik": 1674101}),
        (QuantityAbove(above=100), {"megawatts": 200.0}),
        (ThemeAppears(), {"themes": ("ppa",)}),
        (NameAppears(), {"names": ("Crusoe",)}),
        (Threshold(window=DAY, min_mentions=1), {}),
    ],
    ids=["keyword", "window", "filing", "quantity", "theme", "name", "count"],
)
def test_a_late_score_is_no_news_to_who_asks_for_none(newsroom, condition, found):
    raised = scored_later(newsroom(condition, cooldown=HOUR), **found)

    assert [len(it) for it in raised] == [1, 0, 0]


@pytest.mark.parametrize(
    ("score", "fires"), [(-0.5, 1), (0.5, 0)], ids=["below", "above"]
)
def test_a_late_score_is_news_to_who_asks_for_it(newsroom, score, fires):
    bad = Threshold(window=DAY, min_mentions=1, score_below=-0.3)
    given = {"scores": {"vertiv": score}}
    both = scored_later(newsroom(WORDS, bad, cooldown=HOUR), **given)
    either = scored_later(newsroom(all=(), any=(WORDS, bad), cooldown=HOUR), **given)

    assert [len(it) for it in both] == [0, 0, fires]
    assert [len(it) for it in either] == [1, 0, fires]
