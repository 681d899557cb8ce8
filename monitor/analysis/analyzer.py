"""Reads documents: the order of the steps, nothing of what is in them.

Pure but for the models, each loaded once and only when first needed.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress

from monitor.analysis import (
    boilerplate,
    context,
    entities,
    korean_names,
    language,
    organisations,
    quantities,
    sentences,
    ties,
)
from monitor.analysis.companies import CompanyFinder, Match
from monitor.analysis.nearness import Embed
from monitor.analysis.relevance import relevance
from monitor.analysis.sentiment import SentimentScorer
from monitor.analysis.themes import ThemeTagger
from monitor.types import (
    Analysis,
    Company,
    Document,
    Entity,
    Language,
    Mention,
    Theme,
)

MOST = 3_000
"""Mentions, theme hits and amounts that are kept of a document, the first of each:
enough for every real one, where a page of one repeated name would never end."""

_SCORED_EACH = 4


class Analyzer:
    """Reads documents against one configuration of companies and themes.

    Examples of themes are used only with `embed`.
    """

    def __init__(
        self,
        companies: Sequence[Company],
        themes: Sequence[Theme],
        *,
        classifier: SentimentScorer | None = None,
        entities: bool = True,
        embed: Embed | None = None,
    ) -> None:
        self._companies = CompanyFinder(companies)
        self._themes = ThemeTagger(themes, embed)
        self._classifier = classifier
        self._entities = entities

    def problems(self) -> list[str]:
        """What had to be left out of the configuration while documents were read."""
        return self._themes.problems()

    def analyze(self, documents: Sequence[Document]) -> list[Analysis]:
        """One Analysis per document, in order; their mentions are scored together.

        Without a classifier the sentiment of every mention is None, and always in a
        disclaimer of forward-looking statements and in what a report says no longer.
        """
        spans = [sentences.split(document.text) for document in documents]
        read = [self._read(*pair) for pair in zip(documents, spans, strict=True)]
        return self._scored(documents, spans, read)

    def _read(self, document: Document, spans: list[sentences.Span]) -> Analysis:
        text = document.text
        language = language_of(document)
        found = self._companies.find(text, language, document.published_at.date())
        mentions = _mentions(found, text, spans)[:MOST]
        themes = self._themes.tag(text, language, spans)[:MOST]
        amounts = quantities.find(text)[:MOST]
        tied = ties.tied(amounts, text, spans, mentions=mentions, themes=themes)
        return Analysis(
            document_id=document.id,
            language=language,
            mentions=tuple(mentions),
            themes=tuple(themes),
            quantities=tuple(tied),
            entities=tuple(names(text, spans, language)) if self._entities else (),
            model=self._classifier.name if self._classifier else "",
        )

    def _scored(
        self,
        documents: Sequence[Document],
        spans: Sequence[list[sentences.Span]],
        read: list[Analysis],
    ) -> list[Analysis]:
        if self._classifier is None:
            return read
        meant = [
            list(compress(analysis.mentions, _is_meant(document, analysis.mentions)))
            for document, analysis in zip(documents, read, strict=True)
        ]
        stand_ins = [_stand_ins(mentions) for mentions in meant]
        scored = [[*dict.fromkeys(of.values())] for of in stand_ins]
        items = [
            context.around(document.text, mention, own, title_end=title_end(document))
            for document, own, mentions in zip(documents, spans, scored, strict=True)
            for mention in mentions
        ]
        results = iter(self._classifier.score(items) if items else ())
        sentiments = [{m: next(results) for m in mentions} for mentions in scored]
        return [
            replace(
                analysis,
                mentions=tuple(
                    replace(mention, sentiment=by_mention[of[mention]])
                    if mention in of
                    else mention
                    for mention in analysis.mentions
                ),
            )
            for analysis, of, by_mention in zip(
                read, stand_ins, sentiments, strict=True
            )
        ]


def names(
    text: str, spans: Sequence[sentences.Span], language: Language
) -> list[Entity]:
    """Names beyond the watch list; none in other languages than English and Korean.

    Nor exchanges and indices, which say where shares are traded.
    """
    if language == "ko":
        found = korean_names.find(text, spans)
    else:
        found = entities.find(text, spans) if language in entities.LANGUAGES else []
    return [name for name in found if not organisations.is_market(name.text)]


def title_end(document: Document) -> int:
    """Where the title ends in a document's text, 0 for a text without title."""
    titled = document.title and document.text.startswith(f"{document.title}\n")
    return len(document.title) if titled else 0


def language_of(document: Document) -> Language:
    """Korean where the letters say so, else what the document says, else a guess."""
    found = language.detect(document.text)
    if found == "ko" or document.language in {language.UNKNOWN, "ko", ""}:
        return found if found != language.UNKNOWN else document.language or found
    return document.language


def _mentions(
    matches: list[Match], text: str, spans: list[sentences.Span]
) -> list[Mention]:
    title_ends = max(0, text.find("\n"))
    relevant = relevance(
        [(match.company, match.start) for match in matches],
        length=len(text),
        title_end=title_ends,
    )
    return [
        Mention(
            company=match.company,
            start_char=match.start,
            end_char=match.end,
            text=match.text,
            sentence_start=start,
            sentence_end=end,
            confidence=match.confidence,
            reason=match.reason,
            relevance=relevant[match.company],
        )
        for match in matches
        for start, end in [sentences.around(spans, match.start, match.end)]
    ]


def _stand_ins(mentions: Sequence[Mention]) -> dict[Mention, Mention]:
    """Which mention is scored for each: itself, as a rule.

    From the fifth of a company in a sentence on it is the fourth: they are all alike.
    """
    several: dict[tuple[int, str], list[Mention]] = {}
    found = {}
    for mention in mentions:
        same = several.setdefault((mention.sentence_start, mention.company), [])
        if len(same) < _SCORED_EACH:
            same.append(mention)
        found[mention] = same[-1]
    return found


def _is_meant(document: Document, mentions: Sequence[Mention]) -> list[bool]:
    """Whether each of `mentions` is said still, and outside of all disclaimers."""
    spans = boilerplate.disclaimers(document.text) if mentions else []
    return [
        document.change != "dropped"
        and not any(start <= mention.start_char < end for start, end in spans)
        for mention in mentions
    ]
