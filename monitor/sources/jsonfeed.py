"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/) to entries.

Lenient as readers are: numbers for ids, other types ignored. Other JSON is refused.
"""

import json
from datetime import UTC, datetime
from typing import Any

from monitor.errors import ParseError
from monitor.sources import entry, language
from monitor.types import Entry, ParsedFeed

Item = dict[str, Any]


def parse(text: str, *, feed_url: str, now: datetime) -> ParsedFeed:
    """The feed in `text`; raises ParseError if it is none."""
    feed = _feed(text, feed_url)
    items = [item for item in feed["items"] if isinstance(item, dict)]
    entries = entry.newest([_entry(item, feed_url, now) for item in items])
    return ParsedFeed(
        title=entry.title(_text(feed, "title")),
        language=language.iso_639_1(_text(feed, "language")),
        entries=entry.identified(entries, feed_url=feed_url),
    )


def _feed(text: str, feed_url: str) -> Item:
    try:
        feed = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"{feed_url}: broken JSON: {error}", url=feed_url) from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise ParseError(
            f"{feed_url}: JSON, but not a JSON Feed: it has no list of `items`",
            url=feed_url,
        )
    return feed


def _entry(item: Item, feed_url: str, now: datetime) -> Entry:
    url = _text(item, "url") or _text(item, "external_url")
    texts = [_text(item, key) for key in ("content_html", "content_text", "summary")]
    return Entry(
        id="",
        feed_url=feed_url,
        guid=_text(item, "id"),
        url=entry.link(url, feed_url) if url else "",
        title=entry.title(_text(item, "title")),
        summary=entry.summary(texts),
        published_at=_moment(_text(item, "date_published"), now),
        updated_at=_moment(_text(item, "date_modified"), now),
        language=language.iso_639_1(_text(item, "language")),
    )


def _text(item: Item, key: str) -> str:
    value = item.get(key)
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, (str, int, float)) else ""


def _moment(text: str, now: datetime) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return entry.moment(moment, now=now)
