"""Problems of feeds.yaml as a person reads them: place, key, what would be right.

Does not decide what is wrong; the other modules of this package do.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitor.errors import nearest

Key = tuple[str | int, ...]
"""Where a value stands: `("feeds", 3, "interval")`."""

LONGEST_QUOTE = 60


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """Line and column, both from 1."""

    line: int
    column: int


START = Place(line=1, column=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong (or, as a warning, doubtful)."""

    place: Place
    message: str
    key: Key = ()
    value: str | None = None
    """The value as written in the file, never what the environment put in."""

    def __str__(self) -> str:
        parts = [f"{self.place.line}:{self.place.column}", name(self.key)]
        if self.value is not None:
            parts[1] += f": {quote(self.value)}"
        return ": ".join(part for part in (*parts, self.message) if part)


def name(key: Key) -> str:
    """Write a key as people do: `feeds[3].interval`."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part if part.isprintable() else quote(part)}"
    return text.removeprefix(".")


def quote(text: str) -> str:
    """Put a value in quotes, short and without characters that steer a terminal."""
    if len(text) > LONGEST_QUOTE:
        text = text[: LONGEST_QUOTE - 1] + "…"
    return json.dumps(text, ensure_ascii=not text.isprintable())


def suggest(word: str, known: Iterable[str]) -> str:
    """End of a message about an unknown word: `; did you mean "interval"?`."""
    near = nearest(word, known)
    return f"; did you mean {quote(near)}?" if near else ""


def listed(problems: Iterable[Problem], *, file: str) -> list[str]:
    """Write problems as `feeds.yaml:12:5: ...`, in the order of the file."""
    ordered = sorted(problems, key=lambda problem: problem.place)
    return list(dict.fromkeys(f"{file}:{problem}" for problem in ordered))


def place_of(key: Key, places: Mapping[Key, Place]) -> Place:
    """Find where a key stands, or the nearest thing around it that is written."""
    while key and key not in places:
        key = key[:-1]
    return places.get(key, START)
