"""Themes of a user's own, by description and examples alone, against labelled sentences.

`own_themes.txt` has twelve of them, with sentences that are of the theme, near to it,
or of something else, in both languages. `python -m tests.eval.own_themes` shows what
other bounds than those of `monitor.analysis.nearness` would give.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from monitor.analysis import centred
from monitor.analysis.nearness import NEAR, NEARLY, Embed, Exemplars
from monitor.types import Theme
from tests.eval.scores import Score

PREFIX = "own_themes"
SET = Path(__file__).with_suffix(".txt")
BOUNDS = [step / 20 for step in range(2, 27)]

_MEANT, _NEAR_TO, _ELSE = "+~-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A sentence of a theme, near to it (`~`) or of something else."""

    theme: str
    kind: str
    text: str

    @property
    def is_meant(self) -> bool:
        return self.kind == _MEANT

    @property
    def language(self) -> str:
        return "ko" if re.search("[가-힣]", self.text) else "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A labelled sentence with its nearness to a theme, its own or another."""

    labelled: Labelled
    theme: str
    nearness: float

    @property
    def is_own(self) -> bool:
        return self.theme == self.labelled.theme


def read(path: Path = SET) -> tuple[list[Theme], list[Labelled]]:
    themes: list[Theme] = []
    labelled: list[Labelled] = []
    for block in path.read_text("utf-8").split("\n[")[1:]:
        head, *lines = block.splitlines()
        name = head.removesuffix("]")
        marked = [(line[0], line[2:]) for line in lines if line]
        (description,) = (text for mark, text in marked if mark == "=")
        examples = tuple(text for mark, text in marked if mark == "*")
        themes.append(
            Theme(
                id=name,
                name={"en": name},
                description=description,
                examples=examples,
            )
        )
        labelled += [
            Labelled(theme=name, kind=mark, text=text)
            for mark, text in marked
            if mark in (_MEANT, _NEAR_TO, _ELSE)
        ]
    return themes, labelled


def measure(embed: Embed = centred.embed) -> dict[str, float]:
    """Every figure by name (`own_themes.precision.ko`), each between 0 and 1."""
    found = compare(embed)
    own = [it for it in found if it.is_own]
    others = [it for it in found if not it.is_own]
    parts = {
        "en": [it for it in own if it.labelled.language == "en"],
        "ko": [it for it in own if it.labelled.language == "ko"],
        "all": own,
    }
    figures = {
        f"{name}.{part}": figure
        for part, chosen in parts.items()
        for name, figure in _figures(chosen).items()
    }
    figures["others_left.all"] = 1 - _share(others, NEAR)
    return {f"{PREFIX}.{name}": round(value, 4) for name, value in figures.items()}


def _figures(chosen: Sequence[Measured]) -> dict[str, float]:
    matches = score(chosen, NEAR)
    return {
        "precision": matches.precision,
        "recall": matches.recall,
        "nearly_recall": score(chosen, NEARLY).recall,
    }


def compare(embed: Embed) -> list[Measured]:
    """Each sentence with its theme, and each that is of a theme with all others too."""
    themes, labelled = read()
    near = Exemplars(themes, embed).compare(it.text for it in labelled)
    return [
        Measured(labelled=it, theme=theme.id, nearness=at.nearness)
        for theme in themes
        for it, at in zip(labelled, near[theme.id], strict=True)
        if at and (it.theme == theme.id or it.is_meant)
    ]


def score(chosen: Iterable[Measured], bound: float) -> Score:
    """Of sentences with their own theme: what a bound takes and leaves."""
    told = [(it.labelled.is_meant, it.nearness >= bound) for it in chosen]
    return Score(
        right=told.count((True, True)),
        extra=told.count((False, True)),
        missing=told.count((True, False)),
    )


def _share(chosen: Sequence[Measured], bound: float) -> float:
    return sum(it.nearness >= bound for it in chosen) / len(chosen)


def _rows(found: Sequence[Measured]) -> Iterator[list[str]]:
    own = [it for it in found if it.is_own]
    others = [it for it in found if not it.is_own]
    kinds = [[it for it in own if it.labelled.kind == kind] for kind in "~-"]
    for bound in BOUNDS:
        it = score(own, bound)
        shares = [_share(chosen, bound) for chosen in (*kinds, others)]
        yield [f"{bound:.2f}", f"{it.precision:.2f}", f"{it.recall:.2f}"] + [
            f"{share:.3f}" for share in shares
        ]


def main() -> None:
    table = Table(
        "bound",
        *("precision", "recall"),
        *("near to it", "something else", "other themes"),
        title="taken from a bound on",
    )
    for row in _rows(compare(centred.embed)):
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
