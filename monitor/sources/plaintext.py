"""HTML fragments and raw strings from outside to plain text that is safe to show.

Plain means: no markup, entities resolved, no control or direction-changing characters,
no lone surrogates, Hangul composed. Does not find the article in a page.
"""

import html
import re
import unicodedata

from selectolax.lexbor import LexborHTMLParser

MAX_FRAGMENT = 1_000_000
"""Characters of a fragment that are read at most."""

# Control characters, soft hyphens, zero-width spaces and bidirectional controls hide
# or reorder what a reader sees; lone surrogates cannot be stored as UTF-8.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f\x80-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_NOT_TEXT = ["script", "style", "template", "noscript", "iframe", "object", "svg"]
_HIDDEN = '[hidden], [style*="display:none"], [style*="display: none"]'
_BLOCK = re.compile(
    r"(?=</?(?:address|article|aside|blockquote|br|dd|div|dl|dt|figcaption|figure|"
    r"footer|h[1-6]|header|hr|li|main|nav|ol|p|pre|section|table|tr|ul)\b)",
    re.IGNORECASE,
)
_APART = re.compile(r"(?=<(?:/?t[dh]|img)\b)", re.IGNORECASE)
"""What is seen as a gap, not as a line of its own."""
_ANY_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_CODE = re.compile(r"<(/?)(?:script|style)\b[^<>]*>", re.IGNORECASE)
# Tags that nest; the others end by themselves or at the next of their kind.
_NESTING = re.compile(
    r"<(/?)(?!(?:area|base|br|col|dd|dt|embed|hr|img|input|li|link|meta|option|p|param"
    r"|source|t[dhr]|tbody|track|wbr)\b)[a-zA-Z](?:[^<>]*[^<>/])?>",
    re.IGNORECASE,
)
_MAX_DEPTH = 1000
# As feedparser decides it: a closing tag, or one of those that need none.
_MARKUP = re.compile(
    r"</[a-z][a-z0-9]*\s*>|<(?:br|hr|img|p|wbr)\b[^<]*>|<!--|<!\[CDATA\[",
    re.IGNORECASE,
)


def from_html(fragment: str, *, limit: int = MAX_FRAGMENT) -> str:
    """The text of HTML, a line for each block or table row; empty lines dropped.

    Reads `limit` characters of `fragment` at most.
    """
    folded = " ".join(fragment[:limit].split())
    marked = _APART.sub(" ", _BLOCK.sub("\n", folded))
    if _is_deep(marked):
        # The parser takes the square of the depth: 24 s for 100,000 nested <div>.
        return lines(html.unescape(_ANY_TAG.sub("", without(marked, _CODE))))
    tree = LexborHTMLParser(marked)
    tree.strip_tags(_NOT_TEXT)
    for node in tree.css(_HIDDEN):
        node.decompose()
    return lines(tree.body.text() if tree.body else "")


def without(text: str, tags: re.Pattern[str]) -> str:
    """`text` less what stands between opening and closing `tags` (group 1: `/`)."""
    kept, position, inside = [], 0, False
    for tag in tags.finditer(text):
        if not inside:
            kept.append(text[position : tag.start()])
        position, inside = tag.end(), not tag[1]
    return "".join(kept) + ("" if inside else text[position:])


def from_either(text: str) -> str:
    """The text of what may be HTML, escaped text or plain text, told by its looks."""
    if _MARKUP.search(text):
        return from_html(text)
    return lines(html.unescape(text))


def lines(text: str) -> str:
    """Plain text with each line trimmed and folded, empty lines dropped."""
    folded = (_fold(line) for line in clean(text).splitlines())
    return "\n".join(line for line in folded if line)


def line(text: str) -> str:
    """Plain text in one line, every run of white space one space."""
    return _fold(clean(text))


def clean(text: str) -> str:
    """`text` in NFC without control, direction and zero-width characters."""
    return unicodedata.normalize("NFC", _UNWANTED.sub("", text))


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters of `text`, an ellipsis last where it was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _is_deep(fragment: str) -> bool:
    depth = 0
    for tag in _NESTING.finditer(fragment):
        depth += -1 if tag[1] else 1
        if depth > _MAX_DEPTH:
            return True
    return False


def _fold(text: str) -> str:
    return " ".join(text.split())
