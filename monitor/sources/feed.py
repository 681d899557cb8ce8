"""RSS, Atom and JSON Feed bytes to entries; feedparser's dictionaries end here.

Meant to run in a worker: hostile XML may take long. Does not fetch anything, nor
sanitise HTML: everything that leaves is plain text and http links.
"""

import io
import re
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import feedparser

from monitor.errors import ParseError
from monitor.sources import charset, entry, jsonfeed, language, plaintext, prolog
from monitor.types import Entry, ParsedFeed

MAX_TTL = timedelta(days=7)
"""More than that between polls would be a feed lost by a typing error."""

_KOREA = timezone(timedelta(hours=9))
_NO_ZONE = re.compile(
    r"\s*\d{4}[-./]\d\d?[-./]\d\d?[ T]+\d\d?:\d\d(:\d\d)?(\.\d+)?\s*$"
)
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SKIP_HOURS = re.compile(
    r"<skipHours>(.{0,2000}?)</skipHours>", re.IGNORECASE | re.DOTALL
)
_SKIP_DAYS = re.compile(r"<skipDays>(.{0,2000}?)</skipDays>", re.IGNORECASE | re.DOTALL)
_FIRST_ENTRY = re.compile(r"<(?:\w{1,20}:)?(?:item|entry)\b", re.IGNORECASE)


def parse(
    body: bytes, *, feed_url: str, content_type: str | None = None, now: datetime
) -> ParsedFeed:
    """The feed in `body`, at most `entry.MAX_ENTRIES` entries; links are absolute.

    `content_type` is the response's header. Dates before 1990 or over a day after
    `now` are None. Raises ParseError, saying what it is, if it is no feed or could
    be an attack (a DOCTYPE that declares entities).
    """
    text = prolog.strip(charset.decode(body, content_type=content_type))
    if not text:
        raise ParseError(f"{feed_url}: the document is empty", url=feed_url)
    if text.startswith(("{", "[")):
        return jsonfeed.parse(text, feed_url=feed_url, now=now)
    prolog.refuse_page(text, url=feed_url)
    prolog.refuse_entities(text, url=feed_url)
    return _parse_xml(text, feed_url, now)


def _parse_xml(text: str, feed_url: str, now: datetime) -> ParsedFeed:
    result = _feedparser(text, feed_url)
    if not result.get("version") and not result["entries"]:
        raise ParseError(
            f"{feed_url}: not a feed, but {prolog.looks_like(text)}", url=feed_url
        )
    feed = result["feed"]
    spoken = language.iso_639_1(_string(feed, "language"))
    korean = spoken == "ko"
    entries = [_entry(raw, feed_url, now, korean=korean) for raw in result["entries"]]
    head = text[: match.start()] if (match := _FIRST_ENTRY.search(text)) else text
    return ParsedFeed(
        title=entry.title(_string(feed, "title")),
        language=spoken,
        entries=entry.identified(entry.newest(entries), feed_url=feed_url),
        ttl=_ttl(feed),
        skip_hours=_skip_hours(head),
        skip_days=_skip_days(head),
    )


def _feedparser(text: str, feed_url: str) -> Any:
    headers = {
        "content-type": "application/xml; charset=utf-8",
        "content-location": feed_url,
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return feedparser.parse(
                # Never bytes alone: feedparser would try them as a file name.
                io.BytesIO(text.encode("utf-8", "replace")),
                response_headers=headers,
                sanitize_html=False,
                resolve_relative_uris=False,
            )
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:
        raise ParseError(
            f"{feed_url}: feedparser cannot read it: {error!r}", url=feed_url
        ) from error


def _entry(raw: Any, feed_url: str, now: datetime, *, korean: bool) -> Entry:
    url = _string(raw, "link")
    return Entry(
        id="",
        feed_url=feed_url,
        guid=plaintext.line(_string(raw, "id")),
        url=entry.link(url, feed_url) if url else "",
        title=entry.title(_string(raw, "title")),
        summary=entry.summary(_texts(raw)),
        published_at=_moment(raw, "published", now, korean=korean)
        or _moment(raw, "created", now, korean=korean),
        updated_at=_moment(raw, "updated", now, korean=korean),
        language=language.iso_639_1(_detail_language(raw)),
    )


def _string(raw: Any, key: str) -> str:
    # Past feedparser's own get(), which warns and answers with other keys' values.
    value = dict.get(raw, key)
    return value if isinstance(value, str) else ""


def _texts(raw: Any) -> Iterator[str]:
    yield _string(raw, "summary")
    for content in dict.get(raw, "content") or ():
        yield _string(content, "value")


def _detail_language(raw: Any) -> str:
    detail = dict.get(raw, "title_detail") or dict.get(raw, "summary_detail")
    return _string(detail, "language") if detail else ""


def _moment(raw: Any, key: str, now: datetime, *, korean: bool) -> datetime | None:
    parsed = dict.get(raw, f"{key}_parsed")
    if not parsed:
        return None
    # Korean newspapers' software writes local time without a zone, which feedparser
    # takes for UTC.
    local = korean and _NO_ZONE.match(_string(raw, key))
    zone = _KOREA if local else UTC
    try:
        year, month, day, hour, minute, second = parsed[:6]
        # Clamped: a leap second is a time, too.
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
    except (ValueError, TypeError, OverflowError):
        return None
    return entry.moment(moment, now=now)


def _ttl(feed: Any) -> timedelta | None:
    """The longer of the feed's `ttl` and update period, None if it has neither."""
    wait = max(_minutes(_string(feed, "ttl")), _period(feed))
    return min(wait, MAX_TTL) if wait else None


def _minutes(text: str) -> timedelta:
    match = re.fullmatch(r"\s*(\d{1,6})\s*", text)
    return timedelta(minutes=int(match[1]) if match else 0)


def _period(feed: Any) -> timedelta:
    period = _PERIODS.get(_string(feed, "sy_updateperiod").strip().lower(), timedelta())
    often = re.fullmatch(r"\s*([1-9]\d?)\s*", _string(feed, "sy_updatefrequency"))
    return period / int(often[1]) if often else period


def _skip_hours(head: str) -> frozenset[int]:
    hours = re.findall(
        r"<hour>\s*(\d{1,2})\s*</hour>", _first(_SKIP_HOURS, head), re.IGNORECASE
    )
    # RSS 0.91 counts from 1 to 24.
    return frozenset(int(hour) % 24 for hour in hours if int(hour) in range(25))


def _skip_days(head: str) -> frozenset[int]:
    days = re.findall(
        r"<day>\s*(\w+)\s*</day>", _first(_SKIP_DAYS, head), re.IGNORECASE
    )
    return frozenset(_DAYS.index(day.lower()) for day in days if day.lower() in _DAYS)


def _first(pattern: re.Pattern[str], text: str) -> str:
    return match[1] if (match := pattern.search(text)) else ""
