"""`python -m tests.eval`: how well documents are read, as a table or as JSON."""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from monitor.analysis.analyzer import Analyzer
from monitor.analysis.sentiment import SentimentScorer
from monitor.config import load
from tests.conftest import SHARED
from tests.eval import gate, gold, scores, sentiment

ROOT = Path(__file__).resolve().parents[2]
GOLD = SHARED / "gold" / "gold.jsonl"


def main() -> int:
    options = _options()
    if not options.gold.exists():
        print(f"{options.gold}: no such file; name one with --gold", file=sys.stderr)
        return 2
    model = sentiment.model() if options.sentiment else None
    figures = evaluate(options.gold, classifier=model)
    if model and options.held_out:
        figures |= dict(sentiment.held_out(model, SHARED))
    print_figures(figures, as_json=options.json)
    if options.sentiment and model is None:
        print("sentiment: no model in models/, not measured", file=sys.stderr)
    return _judge(figures, options)


def evaluate(
    path: Path, *, classifier: SentimentScorer | None = None, config: Path | None = None
) -> dict[str, float]:
    """Read all passages of a file with the shipped feeds.yaml and measure."""
    watched = load(config or ROOT / "feeds.yaml", os.environ)
    analyzer = Analyzer(
        watched.companies, watched.themes, classifier=classifier, entities=False
    )
    passages = gold.read(path)
    analyses = analyzer.analyze([gold.document(passage) for passage in passages])
    return scores.measure(passages, analyses)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.eval", description=__doc__)
    parser.add_argument("--gold", type=Path, default=GOLD, help="labelled passages")
    parser.add_argument("--json", action="store_true", help="print figures as JSON")
    parser.add_argument(
        "--no-sentiment", dest="sentiment", action="store_false", help="leave it out"
    )
    parser.add_argument(
        "--held-out", action="store_true", help="sentiment on held-out sets (minutes)"
    )
    parser.add_argument("--update", action="store_true", help="raise the floors")
    parser.add_argument(
        "--allow-regression", action="store_true", help="let --update lower floors"
    )
    return parser.parse_args()


def print_figures(figures: Mapping[str, float], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(dict(sorted(figures.items())), indent=2))
        return
    rows: dict[str, dict[str, float]] = {}
    for name, figure in figures.items():
        measure, _, part = name.rpartition(".")
        rows.setdefault(measure, {})[part] = figure
    parts = sorted({part for row in rows.values() for part in row}, key=_all_last)
    table = Table("figure", *parts)
    for measure, row in rows.items():
        table.add_row(measure, *(f"{row[p]:.3f}" if p in row else "" for p in parts))
    Console().print(table)


def _all_last(part: str) -> tuple[bool, str]:
    return part == "all", part


def _judge(figures: dict[str, float], options: argparse.Namespace) -> int:
    """Hold the floors where the file is the one that they were measured on."""
    baseline = gate.load()
    sha = gate.digest(options.gold)
    if options.update:
        try:
            floors = gate.raised(
                figures,
                baseline["floors"],
                allow_regression=options.allow_regression,
            )
        except gate.LoweredError as error:
            print(f"{error}\nnot updated: --allow-regression lowers", file=sys.stderr)
            return 1
        gate.save(floors, sha)
        return 0
    if baseline["gold_sha256"] != sha:
        return 0
    floors = {
        name: floor
        for name, floor in baseline["floors"].items()
        if options.held_out or not name.startswith(sentiment.PREFIX)
    }
    failed = gate.failures(figures, floors)
    print("\n".join(failed), end="\n" if failed else "", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
