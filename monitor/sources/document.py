"""Entries and their texts to documents: identity, canonical links, normal form.

Does not fetch or extract; what is read in the text is the analysis's business.
"""

import re
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from monitor.sources import plaintext
from monitor.sources.entry import digest
from monitor.types import Document, Entry, Feed

MAX_TEXT = 1_000_000
"""Characters of a text that are kept: three times a long annual report."""
UNKNOWN = "und"

# Parameters that say where a reader came from, never what is read.
_TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|"
    r"li_fat_id|igshid|igsh|mc_cid|mc_eid|mkt_tok|_hsenc|_hsmi|hsctatracking|ref_src|"
    r"ref_url|cmpid|icid|ncid|s_cid|ftag|smid|guccounter|guce_referrer\w*|srnd|sref|"
    r"vero_id|oly_\w+|_ga|_gl|spm|xtor|at_medium|at_campaign)",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def build(
    entry: Entry,
    *,
    feed: Feed,
    title: str,
    body: str,
    fetched_at: datetime,
    published_at: datetime | None = None,
) -> Document:
    """The article that `entry` announces, with `body` as its text.

    Published when the entry says, else `published_at` (what the page says), else
    `fetched_at`. The language is what the entry or the feed says it is, else `und`.
    """
    title = plaintext.line(title)
    text = with_title(title, body)
    return Document(
        id=document_id(text),
        kind="article",
        url=canonical_url(entry.url),
        title=title,
        text=text,
        language=entry.language or feed.language or UNKNOWN,
        published_at=entry.published_at
        or published_at
        or entry.updated_at
        or fetched_at,
        fetched_at=fetched_at,
        source=feed.title,
        tier=feed.tier,
    )


def with_title(title: str, body: str) -> str:
    r"""`title + "\n" + body` in normal form; a body's own first-line title is dropped."""
    body = plaintext.lines(body)
    first, _, rest = body.partition("\n")
    if title and first == title:
        body = rest
    text = "\n".join(part for part in (title, body) if part)
    return plaintext.shortened(text, MAX_TEXT)


def document_id(text: str) -> str:
    """Hash of a document's text: the same text twice is one document."""
    return digest(plaintext.lines(text))


def canonical_url(url: str) -> str:
    """`url` without tracking parameters, fragment and default port.

    Scheme and host in lower case; the rest, order included, as it is. What cannot be
    parsed is returned unchanged.
    """
    try:
        parts = urlsplit(url.strip())
        host = _host(parts.scheme, parts.hostname or "", parts.port)
    except ValueError:
        return url
    query = "&".join(part for part in parts.query.split("&") if not _is_tracking(part))
    return urlunsplit((parts.scheme, host, parts.path, query, ""))


def _host(scheme: str, name: str, port: int | None) -> str:
    if ":" in name:
        name = f"[{name}]"
    if port is None or port == _DEFAULT_PORTS.get(scheme):
        return name
    return f"{name}:{port}"


def _is_tracking(parameter: str) -> bool:
    return _TRACKING.fullmatch(parameter.partition("=")[0]) is not None
