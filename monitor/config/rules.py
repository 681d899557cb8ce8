"""The section `alerts` of feeds.yaml: rules and their conditions.

Checks each value alone, and that a rule says what it counts.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from monitor import types
from monitor.config import values
from monitor.config.problems import Key, Problem, place_of, suggest
from monitor.config.section import Patterns, Percentage, Section
from monitor.config.yaml_file import YamlFile

Count = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]

AMOUNT = re.compile(
    r"(?P<number>[0-9][0-9,]*(?:\.[0-9]+)?) ?"
    r"(?P<times>thousand|million|billion|trillion|[만억조])? ?"
    r"(?P<unit>[kMGT]Wh?|[A-Z]{3}|원|달러)"
)
TIMES = {
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "만": 1e4,
    "억": 1e8,
    "조": 1e12,
}
POWER = {"k": 1e-3, "M": 1.0, "G": 1e3, "T": 1e6}
MONEY = {"원": "KRW", "달러": "USD"}


def amount(value: Any) -> tuple[float, str]:
    """`100 MW`, `2 billion USD`, `5조 원` to a number and MW, MWh or a currency."""
    found = AMOUNT.fullmatch(values.line(value))
    if not found:
        values.refuse("expected an amount such as 100 MW, 2 billion USD or 5조 원")
    number = float(found["number"].replace(",", "")) * TIMES.get(found["times"], 1.0)
    unit = found["unit"]
    if power := re.fullmatch(r"([kMGT])(Wh?)", unit):
        return number * POWER[power[1]], f"M{power[2]}"
    currency = MONEY.get(unit, unit)
    if currency not in types.CURRENCIES:
        values.refuse(f"no amount is read in {currency}; use USD, EUR, KRW or the like")
    return number, currency


Amount = Annotated[tuple[float, str], BeforeValidator(amount)]


class Threshold(Section):
    """So many documents in a window, with a mean score beyond a bound."""

    window: values.Window | None = None
    min_mentions: Count | None = None
    min_sources: Count | None = None
    score_below: Percentage | None = None
    score_above: Percentage | None = None

    def build(self) -> types.Threshold:
        return types.Threshold(**self.given())


class Spike(Section):
    """Many more documents than usual."""

    window: values.Window | None = None
    baseline: values.Window | None = None
    min_mentions: Count | None = None
    min_sources: Count | None = None
    z: Positive | None = None
    ratio: Positive | None = None

    @model_validator(mode="after")
    def _has_a_past(self) -> Self:
        built = self.build()
        if built.baseline < built.window * types.SPIKE_WINDOWS:
            values.refuse(
                f"expected a baseline of at least {types.SPIKE_WINDOWS} times the window"
            )
        return self

    def build(self) -> types.Spike:
        return types.Spike(**self.given())


class Turn(Section):
    """Sentiment crosses its longer average."""

    window: values.Window | None = None
    baseline: values.Window | None = None
    min_mentions: Count | None = None
    margin: Fraction | None = None
    direction: Literal["up", "down", "either"] | None = None

    def build(self) -> types.Turn:
        return types.Turn(**self.given())


class ThemeAppears(Section):
    """A theme that the company was not spoken of with."""

    window: values.Window | None = None
    baseline: values.Window | None = None
    min_mentions: Count | None = None
    min_sources: Count | None = None

    def build(self) -> types.ThemeAppears:
        return types.ThemeAppears(**self.given())


class NameAppears(Section):
    """A name that was not there."""

    window: values.Window | None = None
    baseline: values.Window | None = None
    labels: tuple[Literal["ORG", "PERSON", "PLACE"], ...] | None = None
    min_mentions: Count | None = None
    min_sources: Count | None = None

    def build(self) -> types.NameAppears:
        return types.NameAppears(**self.given())


ITEM = re.compile(r"(?:item )?([1-9]\.\d\d|(?:I{1,2}\.)?\d{1,2}[A-K]?)", re.IGNORECASE)


def item(value: Any) -> str:
    """`1.01` of an 8-K, `1A` of a 10-K, `II.1A` of a 10-Q; `Item 1.01` too."""
    found = ITEM.fullmatch(" ".join(values.line(value).split()))
    if not found:
        values.refuse('expected an item such as "1.01", "1A" or "II.1A"')
    return found[1].upper()


class FilingMatch(Section):
    """A filing of a form with an item."""

    forms: tuple[values.Form, ...] = ()
    items: tuple[Annotated[str, BeforeValidator(item)], ...] = ()
    window: values.Window | None = None

    def build(self) -> types.FilingMatch:
        return types.FilingMatch(**self.given())


class KeywordMatch(Patterns):
    """A document with a sentence that matches."""

    window: values.Window | None = None

    def build(self) -> types.KeywordMatch:  # type: ignore[override]
        given = self.given()
        window = given.pop("window", None)
        return types.KeywordMatch(patterns=types.Patterns(**given), window=window)


class QuantityAbove(Section):
    """An amount above a bound."""

    above: Amount
    window: values.Window | None = None

    def build(self) -> types.QuantityAbove:
        number, unit = self.above
        return types.QuantityAbove(above=number, unit=unit, window=self.window)


class Disagreement(Section):
    """News and filings contradict each other."""

    window: values.Window | None = None
    news_above: Percentage | None = None
    filing_below: Percentage | None = None
    news_below: Percentage | None = None
    filing_above: Percentage | None = None
    min_mentions: Count | None = None

    def build(self) -> types.Disagreement:
        return types.Disagreement(**self.given())


class Condition(Section):
    """One of these keys."""

    threshold: Threshold | None = None
    spike: Spike | None = None
    turn: Turn | None = None
    new_theme: ThemeAppears | None = None
    new_name: NameAppears | None = None
    filing: FilingMatch | None = None
    keyword: KeywordMatch | None = None
    quantity: QuantityAbove | None = None
    disagreement: Disagreement | None = None

    def build(self) -> types.Condition:
        (condition,) = self.given().values()
        built: types.Condition = condition.build()
        return built


KINDS = tuple(Condition.model_fields)
OWN_THRESHOLD = ("window", "min_mentions", "min_sources", "score_below", "score_above")


class Alert(Section):
    """A rule that decides when to alert."""

    id: values.Id
    window: values.Window | None = None
    min_mentions: Count | None = None
    companies: tuple[values.Line, ...] = ()
    themes: tuple[values.Line, ...] = ()
    by: Literal["company", "theme"] = "company"
    score_below: Percentage | None = None
    score_above: Percentage | None = None
    min_sources: Count = 1
    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()
    roles: tuple[values.Line, ...] = ()
    languages: tuple[values.LanguageCode, ...] = ()
    kinds: tuple[Literal["news", "filing"], ...] = ()
    max_tier: Annotated[int, Field(ge=1, le=3)] = 3
    min_relevance: Fraction = 0.0
    min_novelty: Fraction = 0.0
    severity: Literal["normal", "critical"] = "normal"
    cooldown: values.Pause | None = None

    def build(self) -> types.AlertRule:
        given = self.given()
        for several in ("all", "any"):
            given[several] = tuple(one.build() for one in getattr(self, several))
        return types.AlertRule(**given)


def check(file: YamlFile) -> Iterator[Problem]:
    """Rules that do not say what they count, or say it in two ways."""
    data = file.data if isinstance(file.data, dict) else {}
    alerts = data.get("alerts")
    for index, rule in enumerate(alerts if isinstance(alerts, list) else ()):
        if isinstance(rule, dict):
            yield from _check(file, ("alerts", index), rule)


def _check(file: YamlFile, key: Key, rule: dict[str, Any]) -> Iterator[Problem]:
    def problem(message: str, *below: str | int) -> Problem:
        place = place_of((*key, *below), file.places)
        return Problem(place=place, key=(*key, *below), message=message)

    named = [name for name in ("all", "any") if rule.get(name)]
    for name in ("window", "min_mentions"):
        if not named and rule.get(name) is None:
            yield problem(f'missing key "{name}"')
    for name in OWN_THRESHOLD:
        if named and rule.get(name) is not None:
            message = (
                f"write it under `{named[0]}: [threshold: ...]`, or leave that out"
            )
            yield problem(message, name)
    for several in named:
        for number, one in enumerate(rule[several] if _listed(rule[several]) else ()):
            if isinstance(one, dict):
                yield from _one_kind(problem, several, number, one)
    if rule.get("by") == "theme" and "new_theme" in _kinds(rule):
        yield problem("new_theme is of a company; leave `by: theme` out", "by")


def _one_kind(
    problem: Any, several: str, number: int, one: dict[str, Any]
) -> Iterator[Problem]:
    kinds = [kind for kind in one if kind in KINDS and one[kind] is not None]
    if len(kinds) > 1:
        message = (
            f"{kinds[0]} and {kinds[1]} are two conditions; begin each with a dash"
        )
        yield problem(message, several, number)
    elif not kinds and set(one) <= set(KINDS):
        kind = next(iter(one), "spike")
        message = f"expected a condition such as {kind}: {{}}"
        yield problem(message, several, number)


def _listed(value: Any) -> bool:
    return isinstance(value, list)


def _kinds(rule: dict[str, Any]) -> set[str]:
    found = [*(rule.get("all") or ()), *(rule.get("any") or ())]
    return {kind for one in found if isinstance(one, dict) for kind in one}


def unknown_roles(file: YamlFile, known: set[str]) -> Iterator[Problem]:
    """Roles that no company has."""
    for key, text in file.texts.items():
        if key[:1] == ("alerts",) and key[2:3] == ("roles",) and text not in known:
            yield Problem(
                place=place_of(key, file.places),
                key=key,
                value=file.written[key],
                message=f"no company has this role{suggest(text, known)}",
            )


def shown(rule: dict[str, Any], built: types.AlertRule) -> dict[str, Any]:
    """A rule in plain values as feeds.yaml would say it."""
    for several in ("all", "any"):
        rule[several] = [
            {_kind(condition): _plain(condition, plain)}
            for condition, plain in zip(
                getattr(built, several), rule[several], strict=True
            )
        ]
    if built.all or built.any:
        rule = {key: rule[key] for key in rule if key not in OWN_THRESHOLD}
    return rule


def _kind(condition: types.Condition) -> str:
    return KIND_OF[type(condition)]


KIND_OF: dict[type, str] = {
    types.Threshold: "threshold",
    types.Spike: "spike",
    types.Turn: "turn",
    types.ThemeAppears: "new_theme",
    types.NameAppears: "new_name",
    types.FilingMatch: "filing",
    types.KeywordMatch: "keyword",
    types.QuantityAbove: "quantity",
    types.Disagreement: "disagreement",
}


def _plain(condition: types.Condition, plain: dict[str, Any]) -> dict[str, Any]:
    if isinstance(condition, types.QuantityAbove):
        unit = plain.pop("unit")
        plain["above"] = f"{condition.above:.6f}".rstrip("0").rstrip(".") + f" {unit}"
    if isinstance(condition, types.KeywordMatch):
        plain |= plain.pop("patterns")
    return plain
