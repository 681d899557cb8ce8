"""What comes before a document's root element: what it is, and whether it is safe.

Does not parse the document itself.
"""

import re
from xml.parsers import expat

from monitor.errors import ParseError
from monitor.sources import plaintext

MAX_PROLOG = 256 * 1024
"""Characters before the root element; real ones have a few hundred."""

_DECLARATION = re.compile(r"<\?xml\b[^>]*>\s*", re.IGNORECASE)
# Everything XML 1.0 does not allow, NUL above all; one of them makes feedparser fall
# back to its slow loose parser.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BLANK = re.compile(r"\A[\s\ufeff]+")
_ROOT = re.compile(r"<([A-Za-z_][\w:.-]*)")
_PAGE = re.compile(r"(?:<!DOCTYPE\s+html\b|<html\b)", re.IGNORECASE)
_FEED = re.compile(r"<(?:rss|feed|rdf:RDF)\b", re.IGNORECASE)
# As binary bytes come out of any character set.
_CONTROL = re.compile("(?:[\x7f-\x9f\ufffd].*?){10}", re.DOTALL)
_TITLE = re.compile(r"<title\b[^>]*>([^<]{1,500})", re.IGNORECASE)
_ENTITY = re.compile(r"<!\s*ENTITY\b", re.IGNORECASE)


def strip(text: str) -> str:
    """`text` from its first tag on, without XML declaration and illegal characters."""
    text = _BLANK.sub("", _FORBIDDEN.sub("", text))
    if match := _DECLARATION.match(text):
        text = text[match.end() :]
    return text.strip()


def refuse_page(text: str, *, url: str) -> None:
    """Raise ParseError if `text` is an HTML page, which feedparser is slow to see."""
    if _is_page(text) and not _FEED.search(text):
        raise ParseError(f"{url}: not a feed, but {looks_like(text)}", url=url)


def refuse_entities(text: str, *, url: str) -> None:
    """Raise ParseError if the DOCTYPE of `text` declares entities.

    They are how a kilobyte becomes a gigabyte, or a local file part of a feed; no feed
    needs them (`&nbsp;` and the like are known without).
    """
    head = text[:MAX_PROLOG]
    bare = _without_comments(head)
    root = _ROOT.search(bare)
    if _ENTITY.search(bare, 0, root.start() if root else len(bare)) or _declares(head):
        raise ParseError(
            f"{url}: refused: its DOCTYPE declares entities, as attacks do "
            "(entity expansion, external entities)",
            url=url,
        )


def _declares(head: str) -> bool:
    """Whether expat, which is to read the document, meets an entity declaration."""
    declared: list[str] = []
    started: list[str] = []
    parser = expat.ParserCreate("utf-8")
    parser.EntityDeclHandler = lambda name, *_: declared.append(name)
    parser.StartElementHandler = lambda name, _: started.append(name)
    data = head.encode("utf-8", "replace")
    try:
        # In steps, so that nothing is expanded after the declarations are seen.
        for start in range(0, len(data), 512):
            parser.Parse(data[start : start + 512], False)  # noqa: FBT003 - its API
            if declared or started:
                break
    except expat.ExpatError:
        pass  # Broken; the text was searched, too.
    return bool(declared)


def looks_like(text: str) -> str:
    """What a document that is no feed seems to be, for a message."""
    if _is_page(text):
        title = _TITLE.search(text[:100_000])
        name = plaintext.shortened(plaintext.line(title[1]), 80) if title else ""
        return f'an HTML page titled "{name}"' if name else "an HTML page"
    if match := _ROOT.match(_start(text)):
        return f"XML or HTML whose first element is <{match[1][:40]}>"
    if _CONTROL.search(text, 0, 200):
        return "binary data"
    start = plaintext.shortened(plaintext.line(text[:200]), 60)
    return f'text that starts "{start}"'


def _is_page(text: str) -> bool:
    return _PAGE.match(_start(text)) is not None


def _start(text: str) -> str:
    return _without_comments(text[:4096]).lstrip()


def _without_comments(text: str) -> str:
    # Not by a pattern: with thousands that are never closed it takes a minute.
    kept, end = [], 0
    while (start := text.find("<!--", end)) >= 0:
        kept.append(text[end:start])
        close = text.find("-->", start + 4)
        if close < 0:
            return "".join(kept)
        end = close + 3
    return "".join(kept) + text[end:]
