"""Text and links from outside, made harmless for mail, terminal and header.

Does not escape for HTML: the templates do.
"""

import re
from urllib.parse import urlsplit

MAX_SENTENCE = 280
MAX_TITLE = 120
MAX_NAME = 60
MAX_URL = 800

# Controls, line and paragraph separators, and what turns the writing direction or
# hides: a title must not forge a line of the text form or drive a terminal.
_UNSEEN = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    r"\ud800-\udfff]+"
)


def line(text: str, most: int = MAX_TITLE) -> str:
    """Text from outside as one line of at most so many visible characters."""
    plain = _UNSEEN.sub(" ", text).strip()
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "…"


def link(url: str) -> str:
    """The URL if it is an absolute http(s) one that is safe to show, else empty."""
    if len(url) > MAX_URL or _UNSEEN.search(url) or re.search(r"[<>\"'`\\{}|^]", url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname else ""
