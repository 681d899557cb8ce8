"""Finds the watched companies in a text by their names and tickers.

spaCy's PhraseMatcher finds candidates; boundaries, case, Korean particles, tickers'
places and words around decide. Knows no company that is not configured.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from monitor.analysis import korean, namesakes
from monitor.analysis.boilerplate import is_boilerplate
from monitor.analysis.folding import Folded, fold
from monitor.analysis.names import HANGUL, PIECE, Form, fits, forms
from monitor.analysis.patterns import PatternSet
from monitor.analysis.tickers import Tickers
from monitor.types import Company, Language

CERTAIN_ENOUGH = 0.5
"""What is found with less confidence is not reported."""

OUTDATED = 0.75
"""Confidence at most in a former name after its last day."""

_OTHER = "\x1f"  # stands for everything that is in no name
_NEAR = 300  # characters on each side in which a context word counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A company named in a text: `text_given[start:end] == text`."""

    company: str
    start: int
    end: int
    text: str
    confidence: float
    """0.5 to 1."""
    reason: str
    """Which rule accepted it, as in `Mention.reason`."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    form: Form
    start: int
    end: int
    confidence: float
    reason: str


class CompanyFinder:
    """Finds companies; made once for a configuration, then usable for any text."""

    def __init__(self, companies: Sequence[Company]) -> None:
        self._forms: dict[int, list[Form]] = defaultdict(list)
        self._vocab = Vocab()
        self._matcher = PhraseMatcher(self._vocab)
        self._known: set[str] = set()
        self._contexts = {c.id: c.context for c in companies if c.context}
        self._wary = {c.id for c in companies if c.context or c.not_in}
        self._tickers = Tickers(companies)
        by_key: dict[tuple[str, ...], list[Form]] = defaultdict(list)
        for form in forms(companies):
            by_key[tuple(piece.lower() for piece in form.pieces)].append(form)
        for number, (key, same) in enumerate(by_key.items()):
            name = f"form {number}"
            self._known.update(key)
            self._matcher.add(name, [Doc(self._vocab, words=list(key))])
            self._forms[self._vocab.strings[name]] = same

    def find(
        self, text: str, language: Language = "en", on: date | None = None
    ) -> list[Match]:
        """All mentions in order; of overlapping names the longest.

        `on` is the day of the text, for names that are a company's for a time.
        """
        folded = fold(text)
        candidates = [*self._named(folded.text, language, on)]
        candidates += self._ticker_candidates(folded.text)
        return [
            _match(candidate, folded, text)
            for candidate in self._judged(_longest(candidates), folded.text)
            if candidate.confidence >= CERTAIN_ENOUGH
        ]

    def _named(
        self, text: str, language: Language, on: date | None
    ) -> Iterator[_Candidate]:
        words, places = self._read(text)
        doc = Doc(self._vocab, words=words)
        for key, first, last in self._matcher(doc):
            span = places[first:last]
            for form in self._forms[key]:
                spoken = form.language in {None, language} and form.is_used(on)
                if spoken and fits(form, text, span):
                    start, end = span[0][0], span[-1][1]
                    confidence, reason = _surroundings(form, text, start, end)
                    if confidence and form.is_outdated(on):
                        confidence = min(confidence, OUTDATED)
                    if confidence:
                        yield _Candidate(form, start, end, confidence, reason)

    def _read(self, text: str) -> tuple[list[str], list[tuple[int, int]]]:
        """Pieces that occur in names, with all that lies between two as one.

        So spaCy sees a few words of a page, its vocabulary never grows, and the time
        is linear whatever the text (its own tokenizer takes 30 s for 20,000 `(`).
        """
        words, places = [], []
        for piece in PIECE.finditer(text):
            word = piece.group().lower()
            if word in self._known:
                words.append(word)
                places.append(piece.span())
            elif word != "-" and (not words or words[-1] != _OTHER):
                words.append(_OTHER)
                places.append(piece.span())
        return words, places

    def _ticker_candidates(self, text: str) -> Iterator[_Candidate]:
        for company, start, end, confidence in self._tickers.find(text):
            form = Form(company, text[start:end], (), (), None)
            yield _Candidate(form, start, end, confidence, "ticker")

    def _judged(self, found: list[_Candidate], text: str) -> Iterator[_Candidate]:
        """Decide the names that are also words or other people's names."""
        sure = {
            c.form.company: text[c.start : c.end]
            for c in reversed(found)
            if c.form.own and _speaks_for_itself(c)
        }
        others = {c.form.company: c for c in reversed(found) if not c.form.own}
        parts = _parts(found)
        for candidate in found:
            company = candidate.form.company
            if not candidate.form.own:
                continue
            if _speaks_for_itself(candidate):
                yield candidate
            elif company in self._wary and namesakes.is_place_or_person(
                text, candidate.start, candidate.end
            ):
                continue
            elif company in sure:
                beside = company in self._wary
                yield (
                    replace(candidate, reason=f"beside: {sure[company]}")
                    if beside
                    else candidate
                )
            elif not self._belongs_to_other(
                candidate, others.get(company), parts[company], text
            ):
                yield from self._in_context(candidate, text)

    def _in_context(self, candidate: _Candidate, text: str) -> Iterator[_Candidate]:
        """The candidate, where its names need no context or one of its words is near.

        Two where the name is a word there too: a constellation of satellites has power.
        """
        if candidate.form.company not in self._contexts:
            yield candidate
            return
        near = text[max(0, candidate.start - _NEAR) : candidate.end + _NEAR]
        is_word = namesakes.is_word_too(candidate.form.written, near)
        if word := self._context_in(candidate, near, at_least=2 if is_word else 1):
            yield replace(candidate, reason=f"context: {word}")

    def _context_in(self, candidate: _Candidate, near: str, *, at_least: int) -> str:
        """The first of the company's context words that are near; empty if too few."""
        context = self._contexts.get(candidate.form.company, ())
        different: dict[str, str] = {}
        for word in _pattern_set(context).each(near, near.lower()):
            different.setdefault(word.lower(), word)
            if len(different) >= at_least:
                return next(iter(different.values()))
        return ""

    def _belongs_to_other(
        self,
        candidate: _Candidate,
        other: _Candidate | None,
        parts: Sequence[int],
        text: str,
    ) -> bool:
        """True after `Meta Power Solutions`: its short form is not Meta Platforms."""
        company, end = candidate.form.company, candidate.end
        if other is not None and _is_short_for(candidate, other):
            return not self._speaks_again(candidate, other, parts, text)
        return company in self._wary and (
            namesakes.goes_on_as_firm(text, end)
            or self._tickers.contradicts(company, text, end)
        )

    def _speaks_again(
        self,
        candidate: _Candidate,
        other: _Candidate,
        parts: Sequence[int],
        text: str,
    ) -> bool:
        """`Amazon's drivers` and `Amazon's AWS` after the Amazon rainforest.

        After another firm, whose business is business too, its own words must say so.
        """
        start, end = candidate.start, candidate.end
        if namesakes.is_thing(text, start, end) or namesakes.goes_on_as_firm(text, end):
            return False
        first, last = namesakes.sentence(text, start, end)
        nearest = bisect_left(parts, first)
        if nearest < len(parts) and parts[nearest] < last:
            return True
        firm = namesakes.is_firm(other.form.written)
        if self._context_in(candidate, text[first:last], at_least=2 if firm else 1):
            return True
        return not firm and namesakes.is_business(text, end)


def _parts(found: Iterable[_Candidate]) -> dict[str, list[int]]:
    """Where subsidiaries of each company are named."""
    parts: dict[str, list[int]] = defaultdict(list)
    for candidate in found:
        if candidate.form.part:
            parts[candidate.form.company].append(candidate.start)
    return parts


def _is_short_for(candidate: _Candidate, other: _Candidate) -> bool:
    """Whether a name may be the short form of a longer one before it.

    Not of one Korean word: 메타버스 is never called 메타, but 아마존강 is 아마존.
    """
    short, long = candidate.form.written.lower(), other.form.written.lower()
    if other.start >= candidate.start or not long.startswith(short):
        return False
    rest = long[len(short) :]
    attached = HANGUL.match(short) and not rest.startswith(" ")
    return not attached or len(rest) == 1


def _surroundings(form: Form, text: str, start: int, end: int) -> tuple[float, str]:
    """Confidence and reason from the characters beside a name; 0 if it is none."""
    hangul = HANGUL.match(text[end - 1])
    before = text[start - 1 : start]
    if not form.own:
        free = not _is_latin(before) and (hangul or not _is_latin(text[end : end + 1]))
        return (1.0, "other") if free else (0.0, "")
    if _is_latin(before) or before in {"_", "@"} or is_boilerplate(text, start, end):
        return 0.0, ""
    if namesakes.is_idiom(text, start, end):
        return 0.0, ""
    distinct = form.is_long or len(form.written) >= korean.DISTINCT
    if hangul or HANGUL.match(text[end : end + 1]):
        right = korean.fit_after(text, end, distinct=distinct)
    else:
        right = 0.0 if _is_latin(text[end : end + 1]) else 1.0
    left = korean.fit_before(before, distinct=distinct)
    confidence = left * right
    if confidence < 1:
        return confidence, "attached"
    return (0.97, "full name") if form.is_long else (0.9, "name")


@cache
def _pattern_set(context: tuple[str, ...]) -> PatternSet:
    """Compiled when first needed: of thousands of companies few need theirs."""
    return PatternSet.written(context)


def _is_latin(letter: str) -> bool:
    return bool(letter) and (
        letter == "_" or (letter.isalnum() and letter < "\u0250") or letter.isdigit()
    )


def _speaks_for_itself(candidate: _Candidate) -> bool:
    return candidate.reason in {"ticker", "full name"}


def _longest(candidates: list[_Candidate]) -> list[_Candidate]:
    kept: list[_Candidate] = []
    done = -1
    for candidate in sorted(candidates, key=_rank):
        if candidate.start >= done:
            kept.append(candidate)
            done = candidate.end
    return kept


def _rank(candidate: _Candidate) -> tuple[int, int, bool, bool, float]:
    """First come first; the longer; a ticker in its place before a name: DELL, AMD."""
    return (
        candidate.start,
        -candidate.end,
        not candidate.form.own,
        candidate.reason != "ticker",
        -candidate.confidence,
    )


def _match(candidate: _Candidate, folded: Folded, text: str) -> Match:
    start, end = folded.span(candidate.start, candidate.end)
    return Match(
        company=candidate.form.company,
        start=start,
        end=end,
        text=text[start:end],
        confidence=candidate.confidence,
        reason=_reason(candidate),
    )


def _reason(candidate: _Candidate) -> str:
    """The rule, or whose name it is besides the company's own."""
    form = candidate.form
    if form.part:
        return f"subsidiary: {form.part.name}"
    if form.former:
        until = f" until {form.former.until}" if form.former.until else ""
        return f"former name: {form.former.name}{until}"
    return candidate.reason
