"""A web page's HTML to the title and text of the article on it.

Wraps trafilatura; meant to run in a worker, since hostile pages can hang it. Does not
fetch, and does not decide whether the page is worth fetching beyond `is_teaser`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

import trafilatura

from monitor.errors import ParseError
from monitor.sources import charset, entry, language, plaintext

MAX_PAGE = 10 << 20
"""Bytes of a page that are read at most; real ones have 0.1 to 3 MB."""
MIN_TEXT = 60
"""Characters under which there is no article, but a notice or an empty page."""
TEASER_LENGTH = 600
"""A text shorter than this is a teaser: feeds with full text rarely have less."""

_CUT = re.compile(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|&hellip;)\W*$"
    r"|(?:continue reading|read more|read the full (?:story|article)|full story|"
    r"keep reading|the post .{1,300} appeared first on .{1,100}|"
    r"더\s*보기|더\s*읽기|전문\s*보기|기사\s*(?:전문|원문|더)\s*보기|계속\s*읽기|자세히\s*보기)"
    r"[\W→»›>]*$",
    re.IGNORECASE | re.DOTALL,
)
_LANG = re.compile(r"<html\b[^>]*?\blang\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_META = re.compile(r"<meta\b[^>]{0,2000}>", re.IGNORECASE)
_META_PUBLISHED = re.compile(
    r"(?:property|name|itemprop)\s*=\s*[\"']?"
    r"(?:article:published_time|og:published_time|datePublished)\b",
    re.IGNORECASE,
)
_CONTENT = re.compile(r"content\s*=\s*[\"']([^\"']{8,40})[\"']", re.IGNORECASE)
_JSON_PUBLISHED = re.compile(r"\"datePublished\"\s*:\s*\"([^\"]{8,40})\"")
_XML = re.compile(r"\s*<\?xml\b[^>]*>")
_HANGUL = re.compile("[가-힣]")
_LETTER = re.compile(r"[^\W\d_]")
_KOREA = timezone(timedelta(hours=9))


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What a page says; `published_at` is midnight UTC where only the day is known."""

    title: str
    text: str
    language: str | None = None
    published_at: datetime | None = None


def extract(body: bytes, *, url: str, content_type: str | None = None) -> Article:
    """The article in a page; raises ParseError where there is none to be read."""
    if len(body) > MAX_PAGE:
        size = f"{len(body) >> 20} MB, more than {MAX_PAGE >> 20}"
        raise ParseError(f"{url}: the page has {size}", url=url)
    html = charset.decode(body, content_type=content_type)
    html = _XML.sub("", html.replace("\x00", ""), count=1)
    found = _trafilatura(html, url)
    text = plaintext.lines(found.text or "") if found else ""
    if len(text) < MIN_TEXT:
        raise ParseError(
            f"{url}: no article text on the page ({len(body):,} bytes); it may need "
            "JavaScript, a login or a consent",
            url=url,
        )
    spoken = _language(text, html)
    return Article(
        title=entry.title(found.title or ""),
        text=text,
        language=spoken,
        published_at=_published(html, found.date, korean=_is_korean(spoken, url)),
    )


def is_teaser(text: str) -> bool:
    """Whether a feed's text is only the start of an article.

    It is if it is shorter than `TEASER_LENGTH` or ends as cut texts do: an ellipsis,
    "Continue reading", 더보기.
    """
    return len(text) < TEASER_LENGTH or _CUT.search(text[-500:]) is not None


def _trafilatura(html: str, url: str) -> Any:
    try:
        return trafilatura.bare_extraction(
            html,
            url=url,
            include_comments=False,
            include_tables=True,
            with_metadata=True,
        )
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:
        raise ParseError(
            f"{url}: trafilatura cannot read it: {error!r}", url=url
        ) from error


def _language(text: str, html: str) -> str | None:
    # Korean sites copy templates that say lang="en".
    if 3 * len(_HANGUL.findall(text)) > len(_LETTER.findall(text)):
        return "ko"
    match = _LANG.search(html, 0, 20_000)
    return language.iso_639_1(match[1]) if match else None


def _is_korean(spoken: str | None, url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    return spoken == "ko" or host.endswith(".kr")


def _published(html: str, day: str | None, *, korean: bool) -> datetime | None:
    for text in (*_stated(html), day or ""):
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            continue
        if moment.tzinfo is None:
            # A time without zone is the newspaper's own; a mere day has no zone.
            local = korean and text != day
            moment = moment.replace(tzinfo=_KOREA if local else UTC)
        return moment.astimezone(UTC)
    return None


def _stated(html: str) -> list[str]:
    """Times of publication in metadata, the surest first."""
    tags = (tag for tag in _META.findall(html) if _META_PUBLISHED.search(tag))
    contents = (_CONTENT.search(tag) for tag in tags)
    return [match[1] for match in contents if match] + _JSON_PUBLISHED.findall(html)[:1]
