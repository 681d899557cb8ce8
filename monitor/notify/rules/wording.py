"""A finding as a sentence, in English and Korean: its numbers against its baseline.

English forms for one and for many stand as `one|many`. Does not know who reads it.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from monitor.types import Finding

Language = Literal["en", "ko"]

NOUNS: dict[str, tuple[str, str]] = {
    "document": ("{n:,g} document|{n:,g} documents", "문서 {n:,g}건"),
    "source": ("{n:,g} source|{n:,g} sources", "출처 {n:,g}곳"),
    "window": ("{n:,g} window|{n:,g} windows", "{n:,g}개 구간"),
    "hours": ("{n:g} h|{n:g} h", "{n:g}시간"),
    "days": ("{n:g} day|{n:g} days", "{n:g}일"),
}
SENTENCES: dict[str, tuple[str, str]] = {
    "threshold": (
        "{count} from {sources} in {window} (at least {least} from {least_sources})",
        "최근 {window} 동안 {sources}에서 {count} (기준: {least_sources}, {least} 이상)",
    ),
    "spike": (
        (
            "{count} from {sources} in {window}, usually {usual} (z = {z}, ratio {ratio}, "
            "against {windows} before; fires at {bounds})"
        ),
        (
            "최근 {window} 동안 {sources}에서 {count}, 평소 {usual}건 (z = {z}, {ratio}배, "
            "이전 {windows}과 비교; 기준: {bounds})"
        ),
    ),
    "turn": (
        (
            "mean score {score} in {window}, {side} its mean of {usual} in {baseline} "
            "by more than {margin}; {count} from {sources}"
        ),
        (
            "최근 {window} 평균 점수 {score}, {baseline} 평균 {usual} 대비 {margin} 넘게 "
            "{side}; {sources}에서 {count}"
        ),
    ),
    "new_theme": (
        "a theme not there in {baseline}: {what}; {count} from {sources} in {window}",
        "지난 {baseline} 동안 없던 테마: {what}; 최근 {window} 동안 {sources}에서 {count}",
    ),
    "new_name": (
        "a name not there in {baseline}: {what}; {count} from {sources} in {window}",
        "지난 {baseline} 동안 없던 이름: {what}; 최근 {window} 동안 {sources}에서 {count}",
    ),
    "filing": ("filing {form}{items}", "공시 {form}{items}"),
    "keyword": (
        "{count} from {sources} with the words asked for: {any}",
        "지정한 표현({any})이 나온 {count}, {sources}",
    ),
    "quantity": (
        "{text} ({largest} {unit}), above {above} {unit}; {count} from {sources}",
        "{text} ({largest} {unit}), 기준 {above} {unit} 초과; {sources}에서 {count}",
    ),
    "disagreement": (
        "news {news} ({count}), filings {filing} ({filings}), in {window}",
        "최근 {window} 동안 보도 {news} ({count}), 공시 {filing} ({filings})",
    ),
    # parts
    "mean": ("mean score {score}", "평균 점수 {score}"),
    "below": ("below {bound}", "{bound} 미만"),
    "above": ("above {bound}", "{bound} 초과"),
    "no_score": ("no score", "점수 없음"),
    "over": ("above", "상회"),
    "under": ("below", "하회"),
    "and": (" and ", ", "),
    "item": (", item {items}", ", 항목 {items}"),
    "z": ("z {bound:g}", "z {bound:g}"),
    "ratio": ("ratio {bound:g}", "{bound:g}배"),
}


def reason(subject: str, findings: Sequence[Finding]) -> str:
    """One English sentence with the numbers of every condition that held."""
    return f"{subject}: {'; '.join(say(it, 'en') for it in findings)}."


def say(finding: Finding, language: Language) -> str:
    """A finding in words; numbers as they were measured."""
    return _Saying(finding, language).sentence()


class _Saying:
    """One finding in one language."""

    def __init__(self, finding: Finding, language: Language) -> None:
        self.finding = finding
        self.values = finding.values
        self.column = 1 if language == "ko" else 0

    def sentence(self) -> str:
        parts = [self._fill(self.finding.kind)]
        if self.finding.kind == "threshold":
            parts.append(self._score())
        return "; ".join(parts)

    def _fill(self, key: str) -> str:
        number = self._number
        return SENTENCES[key][self.column].format(
            count=self._noun("document", number("mentions")),
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
            filings=self._noun("document", number("filings")),
            usual=self._usual(),
            score=_signed(self.values.get("score")),
            news=_signed(self.values.get("news")),
            filing=_signed(self.values.get("filing")),
            z=f"{number('z'):.1f}",
            ratio=f"{number('ratio'):.1f}",
            margin=f"{number('margin'):g}",
            side=self._side(),
            bounds=self._bounds(),
            what=self._text("what"),
            form=self._text("form"),
            items=self._items(),
            any=self._text("any"),
            text=self._text("text"),
            largest=f"{number('largest'):,g}",
            above=f"{number('above'):,g}",
            unit=self._text("unit"),
        )

    def _number(self, name: str) -> float:
        value = self.values.get(name)
        return value if isinstance(value, int | float) else 0

    def _text(self, name: str) -> str:
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

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
        return f"{usual:+.2f}" if self.finding.kind == "turn" else f"{usual:.1f}"

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
        parts = [self._part("mean", score=_signed(score))]
        if isinstance(below, int | float) and score < below:
            parts.append(self._part("below", bound=_signed(below)))
        if isinstance(above, int | float) and score > above:
            parts.append(self._part("above", bound=_signed(above)))
        return ", ".join(parts)


def _signed(score: object) -> str:
    return f"{score:+.2f}" if isinstance(score, int | float) else "–"


def sentences(findings: Iterable[Finding], language: Language) -> tuple[str, ...]:
    """Each finding in words."""
    return tuple(say(finding, language) for finding in findings)
