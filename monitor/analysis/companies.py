"""Finds the watched companies in a text by their names and tickers.

spaCy's PhraseMatcher finds candidates; boundaries, case, Korean particles, tickers'
places and words around decide. Knows no company that is not configured.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from monitor.analysis import korean
from monitor.analysis.boilerplate import is_boilerplate
from monitor.analysis.folding import Folded, fold
from monitor.analysis.patterns import PatternSet
from monitor.analysis.tickers import Tickers
from monitor.types import Company, Language

CERTAIN_ENOUGH = 0.5
"""What is found with less confidence is not reported."""

_PIECE = re.compile(r"[가-힣]|[^\W\d_가-힣]+|\d+|\S")
_OTHER = "\x1f"  # stands for everything that is in no name
_HANGUL = re.compile("[가-힣]")
_NEAR = 300  # characters on each side in which a context word counts
_LEGAL = re.compile(
    r",?\s(?:Inc|Corp|Corporation|Company|Co|Ltd|LLC|PLC|plc|AG|SE|S\.A|N\.V|Group|"
    r"Holdings)\b"
)
_OTHER_FIRM = re.compile(
    r"(?:\s(?:[A-Z][\w&'’-]*|&|and|of)){0,3}\s"
    r"(?:Solutions|Brands|Software|Hospitality|Therapeutics|Pharma\w*|Bio\w+|"
    r"Bancorp|Bank|Realty|Properties|REIT|Mining|Metals|Minerals|Resources|Drilling|"
    r"Records|Insurance|Airlines|Credit\sUnion|University|School|College|Church|"
    r"Hospital|Partners|Capital|Wealth|Advisors|Logistics|Foods|Farms|Motel|Hotel|"
    r"Hotels|Restaurant|Theatre|Theater|Stadium|County|Township|River|Valley)\b"
)
_BEFORE_PERSON = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Sen|Rep|Gov|Sgt|Lt|Capt)\.?|\b(?:Judge|Justice|Senator|"
    r"Governor|Professor|Sheriff|Mayor|Coach|Officer|Detective|Attorney|Captain)"
    r"(?:\s[A-Z][a-z]+)?)\s$"
)


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
    """Why it is believed: `ticker`, `full name`, `name`, `context`, `attached`."""


@dataclass(frozen=True, slots=True)
class _Form:
    """A name as configured; without a company, a longer name of somebody else."""

    company: str
    written: str
    pieces: tuple[str, ...]
    gaps: tuple[str, ...]
    language: Language | None
    own: bool = True

    @property
    def is_long(self) -> bool:
        """Two words, or four syllables: no other thing is called that."""
        syllables = sum(1 for piece in self.pieces if _HANGUL.match(piece))
        words = len(self.written.split())
        return words > 1 or syllables >= korean.DISTINCT or self.mixed

    @property
    def mixed(self) -> bool:
        """Latin and Hangul letters in one name: SK하이닉스, 오픈AI, 삼성SDS."""
        return len({bool(_HANGUL.match(piece)) for piece in self.pieces}) > 1


@dataclass(frozen=True, slots=True)
class _Candidate:
    form: _Form
    start: int
    end: int
    confidence: float
    reason: str


class CompanyFinder:
    """Finds companies; made once for a configuration, then usable for any text."""

    def __init__(self, companies: Sequence[Company]) -> None:
        self._forms: dict[int, list[_Form]] = defaultdict(list)
        self._vocab = Vocab()
        self._matcher = PhraseMatcher(self._vocab)
        self._known: set[str] = set()
        self._contexts = {c.id: PatternSet(c.context) for c in companies if c.context}
        self._wary = {c.id for c in companies if c.context or c.not_in}
        self._tickers = Tickers(companies)
        by_key: dict[tuple[str, ...], list[_Form]] = defaultdict(list)
        for form in _forms(companies):
            by_key[tuple(piece.lower() for piece in form.pieces)].append(form)
        for number, (key, forms) in enumerate(by_key.items()):
            name = f"form {number}"
            self._known.update(key)
            self._matcher.add(name, [Doc(self._vocab, words=list(key))])
            self._forms[self._vocab.strings[name]] = forms

    def find(self, text: str, language: Language = "en") -> list[Match]:
        """All mentions in order; of overlapping names the longest."""
        folded = fold(text)
        candidates = [*self._named(folded.text, language)]
        candidates += self._ticker_candidates(folded.text)
        return [
            _match(candidate, folded, text)
            for candidate in self._judged(_longest(candidates), folded.text)
            if candidate.confidence >= CERTAIN_ENOUGH
        ]

    def _named(self, text: str, language: Language) -> Iterator[_Candidate]:
        words, places = self._read(text)
        doc = Doc(self._vocab, words=words)
        for key, first, last in self._matcher(doc):
            span = places[first:last]
            for form in self._forms[key]:
                if form.language in {None, language} and _fits(form, text, span):
                    start, end = span[0][0], span[-1][1]
                    confidence, reason = _surroundings(form, text, start, end)
                    if confidence:
                        yield _Candidate(form, start, end, confidence, reason)

    def _read(self, text: str) -> tuple[list[str], list[tuple[int, int]]]:
        """Pieces that occur in names, with all that lies between two as one.

        So spaCy sees a few words of a page, its vocabulary never grows, and the time
        is linear whatever the text (its own tokenizer takes 30 s for 20,000 `(`).
        """
        words, places = [], []
        for piece in _PIECE.finditer(text):
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
            form = _Form(company, text[start:end], (), (), None)
            yield _Candidate(form, start, end, confidence, "ticker")

    def _judged(self, found: list[_Candidate], text: str) -> Iterator[_Candidate]:
        """Decide the names that are also words or other people's names."""
        sure = {c.form.company for c in found if c.form.own and _speaks_for_itself(c)}
        others = {c.form.company: c for c in reversed(found) if not c.form.own}
        for candidate in found:
            company = candidate.form.company
            if not candidate.form.own:
                continue
            if company in sure or _speaks_for_itself(candidate):
                yield candidate
            elif self._in_context(candidate, text) and not self._belongs_to_other(
                candidate, others.get(company), text
            ):
                yield candidate

    def _in_context(self, candidate: _Candidate, text: str) -> bool:
        """True too for a company whose names need no context."""
        context = self._contexts.get(candidate.form.company)
        near = text[max(0, candidate.start - _NEAR) : candidate.end + _NEAR]
        return context is None or context.found(near, near.lower())

    def _belongs_to_other(
        self, candidate: _Candidate, other: _Candidate | None, text: str
    ) -> bool:
        """True after `Meta Power Solutions`: its short form is not Meta Platforms."""
        if other is not None and other.start < candidate.start:
            return other.form.written.lower().startswith(candidate.form.written.lower())
        if candidate.form.company not in self._wary:
            return False
        after = text[candidate.end : candidate.end + 80]
        before = text[max(0, candidate.start - 40) : candidate.start]
        named = bool(_OTHER_FIRM.match(after)) and not _LEGAL.match(after)
        return named or bool(_BEFORE_PERSON.search(before))


def _forms(companies: Iterable[Company]) -> Iterator[_Form]:
    for company in companies:
        names = [("en", company.name)]
        names += [(of, name) for of, names in company.aliases.items() for name in names]
        for language, name in dict.fromkeys((n, of) for of, n in names):
            yield _form(company.id, language, _scope(language, name))
        for name in company.not_in:
            yield _form(company.id, name, None, own=False)


def _scope(name: str, language: Language) -> Language | None:
    """None for every language: English names, and any name in Hangul."""
    return None if language == "en" or _HANGUL.search(name) else language


def _form(
    company: str, name: str, language: Language | None, *, own: bool = True
) -> _Form:
    pieces = [p for p in _PIECE.finditer(name) if p.group() != "-"]
    gaps = [name[a.end() : b.start()] for a, b in pairwise(pieces)]
    return _Form(
        company, name, tuple(p.group() for p in pieces), tuple(gaps), language, own
    )


def _fits(form: _Form, text: str, places: list[tuple[int, int]]) -> bool:
    """Same letters were found; now spaces and capitals."""
    written = [text[start:end] for start, end in places]
    gaps = [text[a[1] : b[0]] for a, b in pairwise(places)]
    spaced = zip(gaps, form.gaps, pairwise(written), strict=True)
    if not all(_gap_fits(gap, expected, *sides) for gap, expected, sides in spaced):
        return False
    if not form.own:
        return True
    return all(_case_fits(a, b) for a, b in zip(written, form.pieces, strict=True))


def _gap_fits(gap: str, expected: str, before: str, after: str) -> bool:
    hangul = bool(_HANGUL.match(before)), bool(_HANGUL.match(after))
    if expected:
        return gap in {" ", "-", "\n", "\u00a0", "  "} or (not gap and any(hangul))
    return not gap or (gap == " " and hangul[0] != hangul[1])


def _case_fits(found: str, expected: str) -> bool:
    """Lower case in the configuration fits any case; capitals must be there."""
    if expected.islower() or not expected.isascii():
        return True
    if expected.isupper() and len(expected) <= 5:  # noqa: PLR2004  AMD is no Amd
        return found == expected
    if expected[0].islower():
        return found == expected
    return found[0].isupper()


def _surroundings(form: _Form, text: str, start: int, end: int) -> tuple[float, str]:
    """Confidence and reason from the characters beside a name; 0 if it is none."""
    hangul = _HANGUL.match(text[end - 1])
    before = text[start - 1 : start]
    if not form.own:
        free = not _is_latin(before) and (hangul or not _is_latin(text[end : end + 1]))
        return (1.0, "other") if free else (0.0, "")
    if _is_latin(before) or before in {"_", "@"} or is_boilerplate(text, start, end):
        return 0.0, ""
    distinct = form.is_long or len(form.written) >= korean.DISTINCT
    if hangul or _HANGUL.match(text[end : end + 1]):
        right = korean.fit_after(text, end, distinct=distinct)
    else:
        right = 0.0 if _is_latin(text[end : end + 1]) else 1.0
    left = korean.fit_before(before, distinct=distinct)
    confidence = left * right
    if confidence < 1:
        return confidence, "attached"
    return (0.97, "full name") if form.is_long else (0.9, "name")


def _is_latin(letter: str) -> bool:
    return bool(letter) and (
        letter == "_" or (letter.isalnum() and letter < "\u0250") or letter.isdigit()
    )


def _speaks_for_itself(candidate: _Candidate) -> bool:
    return candidate.reason in {"ticker", "full name"}


def _longest(candidates: list[_Candidate]) -> list[_Candidate]:
    kept: list[_Candidate] = []
    done = -1
    for candidate in sorted(candidates, key=lambda c: (c.start, -c.end, c.form.own)):
        if candidate.start >= done:
            kept.append(candidate)
            done = candidate.end
    return kept


def _match(candidate: _Candidate, folded: Folded, text: str) -> Match:
    start, end = folded.span(candidate.start, candidate.end)
    return Match(
        company=candidate.form.company,
        start=start,
        end=end,
        text=text[start:end],
        confidence=candidate.confidence,
        reason=candidate.reason,
    )
