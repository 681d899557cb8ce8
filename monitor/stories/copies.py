"""Copies: the same address, the same text, nearly the same text.

Nothing here says that two texts tell the same event otherwise: see `likeness`.
"""

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PERMUTATIONS = 128
BANDS = 16
"""Of eight rows: a copy by 0.8 shares one at 95 %, one by 0.5 at 6 %."""

SHINGLE = 5
"""Characters: about a word in English, two in Korean."""

MOST_TEXT = 20_000
"""Characters that are compared; whoever reprints more, reprints these too."""

LEAST_TEXT = 120
"""Characters: shorter ones share a template too easily, so only equal ones are copies."""

_AMP_HOST = re.compile(r"^(?:amp|m|mobile|www)\.")
_AMP_PATH = re.compile(r"(?:/amp|\.amp(?=\.html?$|$)|/amp(?=/))(?=/?$|/|\.)")
_AMP_PARAMETER = re.compile(
    r"(?:^|&)(?:amp|outputType=amp|output=amp)(?:=1|=true|=)?(?=&|$)"
)
_NOT_TEXT = re.compile(r"[\W_]+")
_AGGREGATORS = frozenset({"news.google.com"})


def link(url: str) -> str | None:
    """What two addresses of one article share; None where that cannot be told.

    The address comes without tracking parameters. AMP, mobile and plain pages are the
    same; a home page is no article; a redirect of Google News stays what it is.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = parts.hostname or ""
    if host in _AGGREGATORS:
        return url
    path = _AMP_PATH.sub("", parts.path).rstrip("/")
    if host.endswith(".cdn.ampproject.org"):
        return _unwrapped(path, parts.query)
    query = _AMP_PARAMETER.sub("", parts.query).strip("&")
    if not host or not (path or query):
        return None
    while (plain := _AMP_HOST.sub("", host)) != host:
        host = plain
    return f"{host}{path}?{query}" if query else f"{host}{path}"


def _unwrapped(path: str, query: str) -> str | None:
    """The page behind Google's AMP cache: /c/s/example.org/path."""
    inner = re.sub(r"^/[a-z](?:/s)?/", "", path)
    return link(f"https://{inner}?{query}" if query else f"https://{inner}")


def content(text: str) -> str:
    """Hash of the letters and digits alone: blanks, dashes and quotes differ by feed."""
    return hashlib.sha256(letters(text).encode()).hexdigest()[:32]


def letters(text: str) -> str:
    return _NOT_TEXT.sub(" ", text.casefold()).strip()


def signature(text: str) -> "NDArray[np.uint32] | None":
    """(PERMUTATIONS,): as many places of two agree as their shingles overlap.

    None for a text too short to have copies.
    """
    plain = letters(text[:MOST_TEXT])
    if len(plain) < LEAST_TEXT:
        return None
    import numpy as np
    from datasketch import MinHash

    shingles = {plain[at : at + SHINGLE] for at in range(len(plain) - SHINGLE + 1)}
    sketch = MinHash(num_perm=PERMUTATIONS)
    sketch.update_batch([shingle.encode() for shingle in shingles])
    return np.asarray(sketch.hashvalues, dtype=np.uint32)


def bands(found: "NDArray[np.uint32] | None") -> list[int]:
    """Numbers of which near copies share at least one; signed, of 64 bits."""
    if found is None:
        return []
    rows = found.reshape(BANDS, -1)
    return [
        int.from_bytes(
            hashlib.blake2b(row.tobytes(), digest_size=8, salt=bytes([at])).digest(),
            "big",
            signed=True,
        )
        for at, row in enumerate(rows)
    ]
