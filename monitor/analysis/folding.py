"""Text in the form in which it is matched, with the way back to the original.

Composes decomposed Hangul, narrows full-width letters and drops invisible characters.
Does not change case, and leaves every other compatibility character as it is (`™` is
no `TM`).
"""

import re
import unicodedata
from dataclasses import dataclass

_INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_UNCOMMON = re.compile(
    # Conjoining jamo, combining marks, invisible, full width, styled letters.
    rf"[\u0300-\u036f\u1100-\u11ff\u20d0-\u20ff{_INVISIBLE}\uff01-\uffee"
    "\U0001d400-\U0001d7ff]"
)
_REMOVED = re.compile(f"[{_INVISIBLE}]")
_CLUSTER = re.compile(
    r"[\u1100-\u115f][\u1160-\u11a7]?[\u11a8-\u11ff]?|.[\u0300-\u036f]{0,16}", re.DOTALL
)
_NARROWED = ("<wide>", "<narrow>", "<font>")


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` to match on; `span` leads back to the original."""

    text: str
    starts: tuple[int, ...] | None = None
    """Original start of each character; None where nothing was changed."""
    ends: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Original characters behind `start:end`, which must not be empty."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """Fold a text; the usual text comes back as it is, at the price of one search."""
    if text.isascii() or not _UNCOMMON.search(text):
        return Folded(text)
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for cluster in _CLUSTER.finditer(text):
        for letter in _folded_cluster(cluster.group()):
            letters.append(letter)
            starts.append(cluster.start())
            ends.append(cluster.end())
    return Folded("".join(letters), tuple(starts), tuple(ends))


def _folded_cluster(cluster: str) -> str:
    if len(cluster) == 1:
        if cluster.isascii():
            return cluster
        if _REMOVED.match(cluster):
            return ""
        if unicodedata.decomposition(cluster).startswith(_NARROWED):
            return unicodedata.normalize("NFKC", cluster)
        return cluster
    return unicodedata.normalize("NFC", cluster)
