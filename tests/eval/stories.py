"""Stories against labelled tellings: pairwise and B-cubed F1.

A pair is right if both or neither say that it is one event; B-cubed asks of each
telling how much of its story is right, so that large stories weigh less. All tellings
are placed together, in the order of publication. The weights in
`monitor.stories.likeness` were fitted on the tellings whose story's checksum is odd;
`held_out` is of the others alone, though the features were chosen with all in view.
"""

import argparse
import json
import os
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.analysis import centred
from monitor.analysis.analyzer import Analyzer
from monitor.config import load
from monitor.stories import fingerprint
from monitor.stories.fingerprint import Fingerprint
from monitor.stories.likeness import FEATURES, Cosines, Likeness, Weights, features
from monitor.stories.shelf import WINDOW, Shelf
from monitor.types import Document
from tests.conftest import SHARED
from tests.eval.story_sets import Telling, read

PREFIX = "stories"
ROOT = Path(__file__).resolve().parents[2]
Embed = Callable[[Sequence[str]], NDArray[np.float32]]

# What speaks for one event may not count against it, nor the other way round.
AGAINST = frozenset({"rivals", "swapped", "strangers", "others", "odds", "days"})
RIDGE = 0.05
USUAL = 6.0
"""How often two documents on one company and not of one event count: in the news of a
week there are many more such pairs than are labelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A telling, as the stories see it."""

    telling: Telling
    found: Fingerprint

    @property
    def is_fitted_on(self) -> bool:
        return zlib.crc32(self.telling.story.encode()) % 2 == 1


def measure(shared: Path, likeness: Likeness | None = None) -> dict[str, float]:
    """`figures` of all labelled tellings."""
    return figures(tell(shared), likeness or Likeness.learnt())


def figures(told: Sequence[Told], likeness: Likeness) -> dict[str, float]:
    """Every figure by name (`stories.f1.ko`), each between 0 and 1."""
    placed = place(told, likeness)
    held_out = [it for it in told if not it.is_fitted_on]
    cubed = {
        f"{PREFIX}.b3_f1.{part}": round(bcubed(chosen, placed), 4)
        for part, chosen in (
            ("en", [it for it in told if it.telling.language == "en"]),
            ("ko", [it for it in told if it.telling.language == "ko"]),
            ("all", told),
        )
    }
    return cubed | {
        f"{PREFIX}.{name}.{part}": round(value, 4)
        for name, chosen in (("f1", told), ("held_out_f1", held_out))
        for part, value in pairwise(chosen, placed).items()
    }


def tell(shared: Path, embed: Embed = centred.embed) -> list[Told]:
    """All labelled tellings with their fingerprints."""
    tellings = read(shared)
    documents = [_document(it) for it in tellings]
    watched = load(ROOT / "feeds.yaml", os.environ)
    analyzer = Analyzer(watched.companies, watched.themes, entities=False)
    embeddings = embed([fingerprint.embedded_text(it) for it in documents])
    return [
        Told(
            telling=telling,
            found=fingerprint.build(
                document,
                language=telling.language,
                companies={it.company for it in analysis.mentions},
                names={it.text for it in analysis.mentions},
                themes={it.theme for it in analysis.themes},
                amounts={
                    (q.normalised_unit, q.normalised) for q in analysis.quantities
                },
                embedding=embedding,
                link=None,
            ),
        )
        for telling, document, analysis, embedding in zip(
            tellings, documents, analyzer.analyze(documents), embeddings, strict=True
        )
    ]


def _document(telling: Telling) -> Document:
    return Document(
        id=telling.id,
        kind="article",
        url="",
        title=telling.title,
        text=f"{telling.title}\n{telling.text}".strip(),
        language=telling.language,
        published_at=telling.published_at,
        fetched_at=telling.published_at,
    )


def place(told: Sequence[Told], likeness: Likeness) -> dict[str, str]:
    """Telling to story, one after the other."""
    shelf, placed = Shelf(likeness=likeness), {}
    for one in told:
        where = shelf.place(one.found)
        shelf.add(where.member(one.found))
        placed[one.telling.id] = where.story
    return placed


def pairwise(told: Sequence[Told], placed: dict[str, str]) -> dict[str, float]:
    """F1 over all pairs: of `en`, of `ko`, `within` a language, `across` two."""
    counts = {part: [0, 0, 0] for part in ("en", "ko", "within", "across")}
    for one, other in combinations((it.telling for it in told), 2):
        same = one.story == other.story
        said = placed[one.id] == placed[other.id]
        parts = (
            ("across",) if one.language != other.language else ("within", one.language)
        )
        for part in parts:
            for at, holds in enumerate((same and said, same, said)):
                counts[part][at] += holds
    return {
        part: 2 * right / (labelled + found) if labelled + found else 0.0
        for part, (right, labelled, found) in counts.items()
    }


def bcubed(told: Sequence[Told], placed: dict[str, str]) -> float:
    """F1 of precision and recall, each the mean over tellings, among these alone."""
    labelled: dict[str, set[str]] = {}
    found: dict[str, set[str]] = {}
    for it in (one.telling for one in told):
        labelled.setdefault(it.story, set()).add(it.id)
        found.setdefault(placed[it.id], set()).add(it.id)
    precision = recall = 0.0
    for it in (one.telling for one in told):
        ours, theirs = found[placed[it.id]], labelled[it.story]
        precision += len(ours & theirs) / len(ours) / len(told)
        recall += len(ours & theirs) / len(theirs) / len(told)
    return 2 * precision * recall / (precision + recall)


def fit(told: Sequence[Told], *, least: float) -> Likeness:
    """The weights from the pairs near in time, without those that are held out."""
    rows: dict[bool, list[tuple[list[float], bool]]] = {True: [], False: []}
    for one, other in combinations(told, 2):
        a, b = one.found, other.found
        same = one.telling.story == other.telling.story
        fitted = one.is_fitted_on or (other.is_fitted_on and not same)
        apart = other.telling.published_at - one.telling.published_at
        if fitted and abs(apart) <= WINDOW:
            is_one_language = a.language == b.language
            rows[is_one_language].append((features(a, b, _cosines(a, b)), same))
    return Likeness(same=_weights(rows[True]), cross=_weights(rows[False]), least=least)


def _cosines(one: Fingerprint, other: Fingerprint) -> Cosines:
    embeddings = one.embedding, other.embedding
    return Cosines(
        embedding=None
        if embeddings[0] is None or embeddings[1] is None
        else float(embeddings[0] @ embeddings[1]),
        words=float(one.words @ other.words),
        shared=float(one.shared @ other.shared),
    )


def _weights(rows: Sequence[tuple[list[float], bool]]) -> Weights:
    """Logistic regression with the sign of each weight given."""
    from scipy.optimize import minimize

    given = np.array([row for row, _ in rows])
    right = np.array([same for _, same in rows], float)
    about_one = given[:, FEATURES.index("companies")] > 0
    count = np.where(about_one & (right == 0), USUAL, 1.0)

    def cost(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total = given @ weights
        slack = count * (1 / (1 + np.exp(-total)) - right)
        size = np.concatenate([[0.0], weights[1:]])
        value = (count * (np.logaddexp(0, total) - right * total)).sum()
        value += RIDGE * (size**2).sum()
        return float(value), given.T @ slack + 2 * RIDGE * size

    bounds: list[tuple[float | None, float | None]] = [
        (None, 0.0) if name in AGAINST else (0.0, None) for name in FEATURES
    ]
    bounds[0] = (None, None)
    found: Any = minimize(
        cost, np.zeros(len(FEATURES)), jac=True, bounds=bounds, method="L-BFGS-B"
    )
    return {
        name: round(float(value), 2)
        for name, value in zip(FEATURES, found.x, strict=True)
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.eval.stories")
    parser.add_argument("--fit", action="store_true", help="print new weights too")
    options = parser.parse_args()
    told = tell(SHARED)
    print(json.dumps(figures(told, Likeness.learnt()), indent=2))
    if not options.fit:
        return
    fitted = fit(told, least=0.5)
    for least in (0.12, 0.15, 0.18, 0.2, 0.25, 0.3, 0.4):
        print(least, json.dumps(figures(told, replace(fitted, least=least))))
    print(f"SAME = {fitted.same}\nCROSS = {fitted.cross}")


if __name__ == "__main__":
    main()
