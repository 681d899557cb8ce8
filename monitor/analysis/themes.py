"""Finds the watched themes in a document, sentence by sentence.

By their patterns; of a theme with examples, nearness in meaning confirms what those
find and adds what they miss. Does not know any theme itself: what a theme is stands in
feeds.yaml.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from monitor.analysis import nearness, theme_groups
from monitor.analysis.folding import fold
from monitor.analysis.nearness import Embed, Exemplars, Near
from monitor.analysis.patterns import word_starts
from monitor.analysis.sentences import Span
from monitor.analysis.theme_groups import Group, Reading, Sentence
from monitor.types import Language, Theme, ThemeHit

TELLING = 3
"""Words that a sentence without a pattern needs to be compared with examples."""

_FALLBACK: Language = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A sentence in which a theme is found, or nearly is."""

    hit: ThemeHit
    """Its score is the one that it has or, if it does not count, would have."""
    sentence: Span
    counts: bool
    why: str
    """What speaks for it, and what against it."""
    near: Near | None = None
    """To what it is nearest; None if it was not compared."""


_FEW = 20
"""Patterns that are sooner looked for than the words of a text are listed."""


class ThemeTagger:
    """Tags documents; made once for a configuration. regex.error for a bad pattern.

    Examples are used only with `embed`.
    """

    def __init__(self, themes: Sequence[Theme], embed: Embed | None = None) -> None:
        compared = [theme for theme in themes if theme.examples] if embed else []
        self._exemplars = Exemplars(compared, embed) if embed and compared else None
        self._compared = tuple(theme.id for theme in compared)
        self._plain = tuple(theme.id for theme in themes if theme not in compared)
        self._groups: dict[Language, list[Group]] = {}
        for theme in themes:
            for language, several in theme.patterns.items():
                self._groups.setdefault(language, []).extend(
                    Group.of(theme.id, written) for written in several
                )

    def problems(self) -> list[str]:
        """Patterns that took too long and are left out, each with its theme."""
        return [
            f"themes: {group.theme}: {problem}"
            for groups in self._groups.values()
            for group in groups
            for problem in group.problems()
        ]

    def tag(
        self,
        text: str,
        language: Language = _FALLBACK,
        spans: Sequence[Span] | None = None,
    ) -> list[ThemeHit]:
        """Hits in order, one per theme and sentence; 1.0 in the first line, else 0.7.

        Of a theme with examples, that times its certainty (see `nearness`). `spans` are
        the sentences where they are already known.
        """
        likely = self._likely(text, language)
        hits: list[ThemeHit] = []
        if likely:
            for sentence in theme_groups.read(text, spans):
                hits += _hits(likely, text, sentence)
        if self._compared:
            found = self._weighed(self._compared, text, language, spans)
            hits += [candidate.hit for candidate in found if candidate.counts]
        return sorted(hits, key=_place)

    def candidates(
        self,
        text: str,
        language: Language = _FALLBACK,
        spans: Sequence[Span] | None = None,
    ) -> list[Candidate]:
        """What `tag` finds, what it nearly finds, and why; in order."""
        names = (*self._plain, *self._compared)
        found = self._weighed(names, text, language, spans)
        return sorted(found, key=lambda candidate: _place(candidate.hit))

    def _of(self, language: Language) -> list[Group]:
        return self._groups.get(language) or self._groups.get(_FALLBACK, [])

    def _likely(self, text: str, language: Language) -> list[Group]:
        """Groups of themes without examples that may match somewhere in a text.

        Of each only what may.
        """
        lowered = fold(text).text.lower()
        plain = [it for it in self._of(language) if it.theme in self._plain]
        many = sum(len(it.any) for it in plain) > _FEW
        starts = word_starts(lowered) if many else None
        narrowed = (group.narrowed(lowered, starts) for group in plain)
        return [group for group in narrowed if group.any]

    def _weighed(
        self,
        names: Iterable[str],
        text: str,
        language: Language,
        spans: Sequence[Span] | None,
    ) -> Iterator[Candidate]:
        read = list(theme_groups.read(text, spans))
        near = self._exemplars.compare(map(_meaning, read)) if self._exemplars else {}
        for name in names:
            groups = [group for group in self._of(language) if group.theme == name]
            for number, sentence in enumerate(read):
                at = near[name][number] if name in near else None
                if found := _candidate(name, groups, text, sentence, at):
                    yield found


def _place(hit: ThemeHit) -> tuple[int, str]:
    return hit.start_char, hit.theme


def _hits(groups: Iterable[Group], text: str, sentence: Sentence) -> Iterator[ThemeHit]:
    seen = set()
    for group in groups:
        if group.theme in seen:
            continue
        found = group.reading(sentence)
        if found and not found.objection:
            seen.add(group.theme)
            yield sentence.hit(group.theme, text, found.span)


def _meaning(sentence: Sentence) -> str:
    """What is compared with examples: nothing if it is too short to say anything."""
    words = sentence.folded.text.split()
    return " ".join(words) if len(words) >= TELLING else ""


def _candidate(
    theme: str,
    groups: Sequence[Group],
    text: str,
    sentence: Sentence,
    near: Near | None,
) -> Candidate | None:
    reading = _best(groups, sentence)
    against = reading.objection if reading else ""
    value = near.nearness if near else None
    if reading and not against:
        far = value is not None and value < nearness.FAR
        counts, why = (
            not far,
            "pattern, but far from the examples" if far else "pattern",
        )
        worth = 1.0 if value is None else nearness.certainty_of_hit(value)
    elif value is not None and value >= nearness.NEARLY:
        veto = next(filter(None, (it.objection(sentence) for it in groups)), "")
        counts = value >= nearness.NEAR and not veto
        why = f"like an example, but {veto}" if veto else "like an example"
        worth = nearness.certainty_alone(value)
    elif reading:
        counts, why = False, f"pattern, but {against}"
        worth = 1.0 if value is None else nearness.certainty_of_hit(value)
    else:
        return None
    return Candidate(
        hit=sentence.hit(theme, text, reading.span if reading else None, worth),
        sentence=(sentence.start, sentence.end),
        counts=counts,
        why=why,
        near=near,
    )


def _best(groups: Iterable[Group], sentence: Sentence) -> Reading | None:
    """The first reading to which nothing objects, else the first."""
    found = [it for it in (group.reading(sentence) for group in groups) if it]
    return next(chain((it for it in found if not it.objection), found), None)
