"""Headlines and passages written and labelled for this project, one a line.

`headlines_*.txt` and `passages_*.txt` mark each company inline with what the line
means for an investor in it: `[+Vertiv] climbs, [-Dell] warns, [0Cisco] unchanged`.
A backslash makes the next bracket plain text, ` ¶ ` parts a title from its text; lines
starting with `#` are comments.
"""

import re
from collections.abc import Iterator
from pathlib import Path

Span = tuple[int, int, str]
Headline = tuple[str, list[Span]]

_SIGNS = {"-": "negative", "0": "neutral", "+": "positive"}
_PIECE = re.compile(
    r"\[(?P<sign>[-0+])(?P<name>[^\s\[\]\\](?:[^\[\]\\]*[^\s\[\]\\])?)\]"
    r"|\\(?P<bracket>[\[\]])"
    r"|(?P<plain>[^\[\]\\]+)"
)


def labelled(kind: str, language: str) -> Iterator[Headline]:
    """Yield (text without markup, [(start, end, label)]) of each line of a file.

    `kind` is `headlines` or `passages`. Offsets are characters of the text. Raises
    ValueError, with the file's name and the line's number, on malformed markup or a
    line without a company.
    """
    path = Path(__file__).parent / f"{kind}_{language}.txt"
    lines = path.read_text("utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            yield parse(line)
        except ValueError as error:
            raise ValueError(f"{path.name}, line {number}: {error}") from error


def parse(line: str) -> Headline:
    """The text of one marked line and its spans; ValueError where it is malformed."""
    line = line.replace(" ¶ ", "\n")
    text, spans, done = "", [], 0
    while done < len(line):
        piece = _PIECE.match(line, done)
        if piece is None:
            raise ValueError(f"malformed markup at {line[done : done + 20]!r}")
        shown = piece["name"] or piece["bracket"] or piece["plain"]
        if piece["name"]:
            spans.append((len(text), len(text) + len(shown), _SIGNS[piece["sign"]]))
        text += shown
        done = piece.end()
    if not spans:
        raise ValueError("no company is marked")
    return text, spans
