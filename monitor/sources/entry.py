"""What makes an entry an Entry in every feed format: identity, links, texts, dates.

Knows no format; feed.py and jsonfeed.py read those.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

from monitor.sources import plaintext
from monitor.types import Entry

MAX_TITLE = 1_000
MAX_SUMMARY = 200_000
MAX_ENTRIES = 5_000
"""Entries of one feed document that are kept, the newest."""

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)
"""Clocks and time zones are off by hours; more is a mistake or an attempt to stay on
top."""


def title(text: str) -> str:
    """A title as plain text in one line."""
    # Ten megabytes of title are not worth reading to their end.
    text = plaintext.from_either(text[: 20 * MAX_TITLE])
    return plaintext.shortened(plaintext.line(text), MAX_TITLE)


def summary(texts: Iterable[str]) -> str:
    """The longest of `texts`, as plain text."""
    plain = (plaintext.from_either(text) for text in texts)
    return plaintext.shortened(max(plain, key=len, default=""), MAX_SUMMARY)


def link(url: str | None, base: str) -> str:
    """`url` made absolute; empty unless it is http or https."""
    try:
        absolute = urljoin(base, plaintext.clean(url or "").strip())
        parts = urlsplit(absolute)
    except ValueError:
        return ""
    return absolute if parts.scheme in ("http", "https") and parts.netloc else ""


def moment(value: datetime | None, *, now: datetime) -> datetime | None:
    """`value` in UTC; None if it is before 1990 or over a day in the future."""
    try:
        moment = value.astimezone(UTC) if value else None
    except (OverflowError, ValueError):
        return None
    return moment if moment and _EARLIEST <= moment <= now + _AHEAD else None


def identified(entries: Sequence[Entry], *, feed_url: str) -> tuple[Entry, ...]:
    """`entries` with their ids: hashes of the feed and of what names the entry.

    That is the first of guid, link, title and summary that there is; where different
    entries of the document share it, as many of the next as tell them apart.
    """
    names = [_names(entry) for entry in entries]
    lengths = dict.fromkeys(names, 1)
    for length in range(1, max(map(len, names), default=0)):
        shared = Counter(name[:length] for name in lengths)
        for name in lengths:
            if shared[name[:length]] > 1:
                lengths[name] = length + 1
    return tuple(
        replace(entry, id=digest(feed_url, *name[: lengths[name]]))
        for entry, name in zip(entries, names, strict=True)
    )


def _names(entry: Entry) -> tuple[str, ...]:
    names = (entry.guid, entry.url, entry.title, entry.summary)
    first = next((i for i, name in enumerate(names) if name), 0)
    # Its place is part of a name: a guid is not the same as an equal link.
    return (f"{first} {names[first]}", *names[first + 1 :])


def newest(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The `MAX_ENTRIES` newest in their order; undated ones count as oldest."""
    if len(entries) <= MAX_ENTRIES:
        return tuple(entries)
    by_age = sorted(
        range(len(entries)), key=lambda i: _age_key(entries[i]), reverse=True
    )
    return tuple(entries[i] for i in sorted(by_age[:MAX_ENTRIES]))


def _age_key(entry: Entry) -> datetime:
    return entry.published_at or entry.updated_at or _EARLIEST


def digest(*parts: str) -> str:
    """128 bits of SHA-256 over `parts`, in hexadecimal."""
    # Lengths keep ("ab", "c") and ("a", "bc") apart.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
