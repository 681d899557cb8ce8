"""Short ways to say a noun in a test: only what matters is named."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from monitor.types import (
    Analysis,
    Company,
    Document,
    Entry,
    Feed,
    Filing,
    Mention,
    Sentiment,
    Theme,
    ThemeHit,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def feed(url: str = "https://example.org/feed", **values: Any) -> Feed:
    return Feed(**{"url": url, "title": "Example News"} | values)


def company(company_id: str = "nvidia", **values: Any) -> Company:
    return Company(**{"id": company_id, "name": company_id.title()} | values)


def theme(theme_id: str = "ppa") -> Theme:
    return Theme(id=theme_id, name={"en": theme_id, "ko": theme_id})


def entry(guid: str = "1", **values: Any) -> Entry:
    defaults: dict[str, Any] = {
        "id": f"entry-{guid}",
        "feed_url": "https://example.org/feed",
        "guid": guid,
        "url": f"https://example.org/{guid}",
        "title": f"Title {guid}",
        "summary": "A summary.",
        "published_at": NOW,
    }
    return Entry(**defaults | values)


def filing(**values: Any) -> Filing:
    defaults: dict[str, Any] = {
        "accession_no": "0001045810-26-000001",
        "form": "8-K",
        "cik": 1045810,
        "company": "NVIDIA CORP",
    }
    return Filing(**defaults | values)


def document(text: str = "Nvidia gains.", **values: Any) -> Document:
    defaults: dict[str, Any] = {
        "id": hashlib.sha256(text.encode()).hexdigest()[:16],
        "kind": "article",
        "url": "https://example.org/1",
        "title": text.split("\n", maxsplit=1)[0],
        "text": text,
        "language": "en",
        "published_at": NOW,
        "fetched_at": NOW,
        "source": "Example News",
    }
    return Document(**defaults | values)


def sentiment(score: float | None) -> Sentiment:
    if score is None:
        return Sentiment(
            label=None, negative=None, neutral=None, positive=None, score=None
        )
    positive, negative = max(score, 0.0), max(-score, 0.0)
    neutral = 1 - positive - negative
    label = "positive" if score > 0.5 else "negative" if score < -0.5 else "neutral"
    return Sentiment(
        label=label,  # type: ignore[arg-type]
        negative=negative,
        neutral=neutral,
        positive=positive,
        score=score,
        model="test 1",
    )


def analysis(
    of: Document,
    scores: dict[str, float | None],
    themes: tuple[str, ...] = (),
    **values: Any,
) -> Analysis:
    """One mention per company over the first word, with the given score."""
    end = of.text.find(" ")
    mentions = tuple(
        Mention(
            company=company_id,
            start_char=0,
            end_char=end,
            text=of.text[:end],
            sentence_start=0,
            sentence_end=len(of.text),
            confidence=1.0,
            relevance=0.5,
            sentiment=sentiment(score),
        )
        for company_id, score in scores.items()
    )
    hits = tuple(
        ThemeHit(theme=name, start_char=0, end_char=end, text=of.text[:end], score=1.0)
        for name in themes
    )
    defaults: dict[str, Any] = {
        "document_id": of.id,
        "language": of.language,
        "mentions": mentions,
        "themes": hits,
        "model": "test 1",
    }
    return Analysis(**defaults | values)
