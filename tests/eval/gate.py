"""Floors below which quality must not fall, kept in baseline.json.

A floor is a measured figure less a margin of one hundredth, so that a rounding does
not stop the work and a real loss does. Raised by `--update`, lowered only on purpose.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

BASELINE = Path(__file__).parent / "baseline.json"
MARGIN = 0.01
ROUNDING = 0.02
"""What a processor may take off the sentiment of some hundred passages.

8-bit numbers round the last bits of floating point up or down, and each kind of
processor has its own: the same weights gave accuracy 0.672 where another gave 0.688.
"""
_SENTIMENT = "sentiment."
_HELD_OUT = ("sentiment.held_out.", "names.", "stories.", "own_themes.")

OWN = "own."
"""Before the figures on our own passages."""

Floors = dict[str, float]


class LoweredError(Exception):
    """An update would lower a floor."""


def digest(path: Path) -> str:
    """Names the passages that floors were measured on."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load(path: Path = BASELINE) -> dict[str, Any]:
    """Read `{"gold_sha256": ..., "floors": {...}}`; empty where there is none yet."""
    if not path.exists():
        return {"gold_sha256": "", "floors": {}}
    loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return loaded


def measurable(floors: Floors, *, sentiment: bool, held_out: bool) -> Floors:
    """The floors of what a run measures: without a model, or without its own sets."""
    return {
        name: floor
        for name, floor in floors.items()
        if (held_out or not name.startswith(_HELD_OUT))
        and (sentiment or not name.removeprefix(OWN).startswith(_SENTIMENT))
    }


def failures(figures: Floors, floors: Floors) -> list[str]:
    """One line per floor that is not held, or no longer measured."""
    lines = []
    for name, floor in floors.items():
        figure = figures.get(name)
        if figure is None:
            lines.append(f"{name}: not measured, floor {floor:.4f}")
        elif figure < floor - rounding(name):
            lines.append(f"{name}: {figure:.4f} is below its floor {floor:.4f}")
    return lines


def rounding(name: str) -> float:
    """What a figure may lack to its floor; nothing where thousands of rows even it out."""
    on_passages = name.removeprefix(OWN).startswith(_SENTIMENT) and (
        not name.startswith(_HELD_OUT) or "gold" in name
    )
    return ROUNDING if on_passages else 0.0


def raised(figures: Floors, floors: Floors, *, allow_regression: bool) -> Floors:
    """Floors for these figures; LoweredError where one falls, unless that is allowed.

    A figure within the margin above its floor leaves the floor as it is, and so does
    one that was not measured this time.
    """
    new = {
        name: round(max(0.0, figure - MARGIN), 4) for name, figure in figures.items()
    }
    if allow_regression:
        return floors | new
    if lowered := failures(figures, {n: f for n, f in floors.items() if n in new}):
        raise LoweredError("\n".join(lowered))
    kept = {name: max(value, floors.get(name, 0.0)) for name, value in new.items()}
    return floors | kept


def save(floors: Floors, gold_sha256: str, path: Path = BASELINE) -> None:
    content = {"gold_sha256": gold_sha256, "floors": dict(sorted(floors.items()))}
    path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
