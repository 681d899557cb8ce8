"""A finding as a sentence, in English and Korean: its numbers against its baseline.

English forms for one and for many stand as `one|many`. Does not know who reads it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from monitor.notify.words import measured, signed
from monitor.types import Finding

Language = Literal["en", "ko"]

NOUNS: dict[str, tuple[str, str]] = {
    "document": ("{n:,g} document|{n:,g} documents", "보도·공시 {n:,g}건"),
    "news": ("{n:,g} document|{n:,g} documents", "{n:,g}건"),
    "source": ("{n:,g} source|{n:,g} sources", "출처 {n:,g}곳"),
    "window": ("{n:,g} window|{n:,g} windows", "{n:,g}개 구간"),
    "hours": ("{n:g} h|{n:g} h", "{n:g}시간"),
    "days": ("{n:g} day|{n:g} days", "{n:g}일"),
}
SENTENCES: dict[str, tuple[str, str]] = {
    "threshold": (
        "{count} from {sources} in {window} (at least {least} from {least_sources})",
        "최근 {window} 동안 {sources}에서 {count}(기준: {least_sources} 이상, {least} 이상)",
    ),
    "spike": (
        (
            "{count} from {sources} in {window}, usually {usual} (z = {z}, ratio {ratio}, "
            "against {windows} before; fires at {bounds})"
        ),
        (
            "최근 {window} 동안 {sources}에서 {count}, 평소({usual}건)의 {ratio}배, z값 {z}"
            "(이전 {windows}과 비교, 기준: {bounds})"
        ),
    ),
    "turn": (
        (
            "mean score {score} in {window}, {side} its mean of {usual} in {baseline} "
            "by more than {margin}; {count} from {sources}"
        ),
        (
            "최근 {window} 평균 점수 {score}, {baseline} 평균({usual})보다 {margin} 넘게 "
            "{side}, {sources}에서 {count}"
        ),
    ),
    "new_theme": (
        "a theme not there in {baseline}: {what}; {count} from {sources} in {window}",
        "지난 {baseline} 동안 없던 테마: {what}. 최근 {window} 동안 {sources}에서 {count}",
    ),
    "new_name": (
        "a name not there in {baseline}: {what}; {count} from {sources} in {window}",
        "지난 {baseline} 동안 없던 이름: {what}. 최근 {window} 동안 {sources}에서 {count}",
    ),
    "filing": ("filing {form}{items}", "공시 {form}{items}"),
    "keyword": (
        "{count} from {sources} with the words asked for: {any}",
        "지정한 표현({any})이 나온 {count}, {sources}",
    ),
    "quantity": (
        "{amount}, above {above}; {count} from {sources}",
        "{amount}, 기준 {above} 초과, {sources}에서 {count}",
    ),
    "disagreement": (
        "news {news} ({count}), filings {filing} ({filings}), in {window}",
        "최근 {window} 동안 보도 평균 점수 {news}({count}), 공시 평균 점수 {filing}({filings})",
    ),
    # parts
    "mean": ("mean score {score}", "평균 점수 {score}"),
    "below": ("below {bound}", "{bound} 미만"),
    "above": ("above {bound}", "{bound} 초과"),
    "no_score": ("no score", "점수 없음"),
    "over": ("above", "높음"),
    "under": ("below", "낮음"),
    "and": (" and ", ", "),
    "more": ("{what} and {n:g} more", "{what} 외 {n:g}개"),
    "item": (", item {items}", ", 항목 {items}"),
    "z": ("z {bound:g}", "z값 {bound:g} 이상"),
    "ratio": ("ratio {bound:g}", "{bound:g}배 이상"),
}


def reason(subject: str, findings: Sequence[Finding]) -> str:
    """One English sentence with the numbers of every condition that held."""
    return f"{subject}: {'; '.join(say(it, 'en') for it in findings)}."


def say(
    finding: Finding, language: Language, themes: Mapping[str, str] | None = None
) -> str:
    """A finding in words; themes by these names, else by their ids."""
    return _Saying(finding, language, themes or {}).sentence()


class _Saying:
    """One finding in one language."""

    def __init__(
        self, finding: Finding, language: Language, themes: Mapping[str, str]
    ) -> None:
        self.finding = finding
        self.language = language
        self.themes = themes
        self.values = finding.values
        self.column = 1 if language == "ko" else 0

    def sentence(self) -> str:
        said = self._fill(self.finding.kind)
        if self.finding.kind != "threshold":
            return said
        return f"{said}{', ' if self.column else '; '}{self._score()}"

    def _fill(self, key: str) -> str:
        number = self._number
        return SENTENCES[key][self.column].format(
            count=self._noun(self._counted(), number("mentions")),
            sources=self._noun("source", number("sources")),
            least=f"{number('min_mentions'):g}"
            if self.column == 0
            else self._noun("document", number("min_mentions")),
            least_sources=f"{number('min_sources'):g}"
            if self.column == 0
            else self._noun("source", number("min_sources")),
            window=self._length("hours"),
            baseline=self._length("baseline_hours"),
            windows=self._noun("window", number("windows")),
            filings=self._noun("news", number("filings")),
            usual=self._usual(),
            score=self._signed("score"),
            news=self._signed("news"),
            filing=self._signed("filing"),
            z=f"{number('z'):.1f}",
            ratio=f"{number('ratio'):.1f}",
            margin=f"{number('margin'):g}",
            side=self._side(),
            bounds=self._bounds(),
            what=self._what(),
            form=self._text("form"),
            items=self._items(),
            any=self._text("any"),
            amount=self._amount(),
            above=self._measured("above"),
        )

    def _number(self, name: str) -> float:
        value = self.values.get(name)
        return value if isinstance(value, int | float) else 0

    def _text(self, name: str) -> str:
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    def _signed(self, name: str) -> str:
        value = self.values.get(name)
        return signed(value if isinstance(value, int | float) else None)

    def _counted(self) -> str:
        """What is counted: of a disagreement what says which is said already."""
        return "news" if self.finding.kind == "disagreement" else "document"

    def _what(self) -> str:
        """Themes by their names, other things as they are called."""
        found = self._text("what")
        if self.finding.kind == "new_theme":
            found = ", ".join(self.themes.get(it, it) for it in found.split(", "))
        more = self._number("more")
        return self._part("more", what=found, n=more) if more else found

    def _amount(self) -> str:
        """As it was written, and what that is where it is written otherwise."""
        text, plain = self._text("text"), self._measured("largest")
        if text.replace(" ", "") == plain.replace(" ", ""):
            return text
        return f"{text}({plain})" if self.column else f"{text} ({plain})"

    def _measured(self, name: str) -> str:
        return measured(self._number(name), self._text("unit"), self.language)

    def _noun(self, noun: str, number: float) -> str:
        one, _, many = NOUNS[noun][self.column].partition("|")
        return (one if number == 1 or not many else many).format(n=number)

    def _length(self, name: str) -> str:
        number = self._number(name)
        if number > 48 and not number % 24:  # noqa: PLR2004 - two days, in hours
            return self._noun("days", number / 24)
        return self._noun("hours", number)

    def _part(self, key: str, **values: object) -> str:
        return SENTENCES[key][self.column].format(**values)

    def _usual(self) -> str:
        usual = self._number("usual")
        return signed(usual) if self.finding.kind == "turn" else f"{usual:.1f}"

    def _side(self) -> str:
        over = self._number("score") > self._number("usual")
        return self._part("over" if over else "under")

    def _items(self) -> str:
        items = self._text("item")
        return self._part("item", items=items) if items else ""

    def _bounds(self) -> str:
        found = [
            self._part(key, bound=bound)
            for key in ("z", "ratio")
            if (bound := self.values.get(f"min_{key}")) is not None
        ]
        return SENTENCES["and"][self.column].join(found)

    def _score(self) -> str:
        score = self.values.get("score")
        if not isinstance(score, int | float):
            return self._part("no_score")
        below, above = self.values.get("below"), self.values.get("above")
        parts = [self._part("mean", score=signed(score))]
        if isinstance(below, int | float) and score < below:
            parts.append(self._part("below", bound=signed(below)))
        if isinstance(above, int | float) and score > above:
            parts.append(self._part("above", bound=signed(above)))
        return ", ".join(parts)


def sentences(findings: Iterable[Finding], language: Language) -> tuple[str, ...]:
    """Each finding in words."""
    return tuple(say(finding, language) for finding in findings)
