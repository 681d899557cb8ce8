"""`python -m tests.eval`: how well documents are read, as a table or as JSON."""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Column, Table

from monitor.analysis.analyzer import Analyzer
from monitor.analysis.classifier import HuggingFaceClassifier
from monitor.analysis.encoder import MODEL, default_model_dir
from monitor.analysis.sentiment import (
    SentimentModel,
    SentimentScorer,
)
from monitor.config import load
from monitor.errors import ModelError
from tests.conftest import SHARED
from tests.eval import (
    card,
    gate,
    gold,
    names,
    own,
    own_themes,
    rivals,
    scores,
    sentiment,
    stories,
)

ROOT = Path(__file__).resolve().parents[2]
GOLD = SHARED / "gold" / "gold.jsonl"


def main() -> int:
    options = _options()
    if not options.gold.exists():
        print(f"{options.gold}: no such file; name one with --gold", file=sys.stderr)
        return 2
    try:
        classifiers = [HuggingFaceClassifier(name) for name in options.compare]
    except ModelError as error:
        print(error, file=sys.stderr)
        return 2
    model = sentiment.model() if options.sentiment else None
    if options.sentiment and model is None:
        print("sentiment: no model in models/, not measured", file=sys.stderr)
    figures = passage_figures(options.gold, classifier=model)
    if model and options.held_out:
        figures |= _held_out(model, classifiers, figures, options)
        figures |= names.measure(SHARED)
        figures |= stories.measure(SHARED)
        figures |= own_themes.measure()
    if options.speed:
        report = json.loads(options.speed.read_text("utf-8"))
        card.write("speed", card.speed(report))
    print_figures(figures, as_json=options.json)
    return _judge(figures, options)


def passage_figures(
    path: Path, *, classifier: SentimentScorer | None = None
) -> dict[str, float]:
    """The figures on a file's passages, and on those of ours nothing was made for."""
    ours = evaluate(own.read(SHARED), classifier=classifier)
    return {
        **evaluate(gold.read(path), classifier=classifier),
        **{f"{gate.OWN}{name}": figure for name, figure in ours.items()},
    }


def evaluate(
    passages: list[gold.Passage],
    *,
    classifier: SentimentScorer | None = None,
    config: Path | None = None,
) -> dict[str, float]:
    """Read the passages with the shipped feeds.yaml and measure."""
    watched = load(config or ROOT / "feeds.yaml", os.environ)
    analyzer = Analyzer(
        watched.companies, watched.themes, classifier=classifier, entities=False
    )
    analyses = analyzer.analyze([gold.document(passage) for passage in passages])
    return scores.measure(passages, analyses)


def _held_out(
    model: SentimentModel,
    classifiers: list[HuggingFaceClassifier],
    passages: dict[str, float],
    options: argparse.Namespace,
) -> dict[str, float]:
    """Our model on every set; with --card the others too, and the card's tables."""
    sets, headlines = sentiment.read_sets(SHARED)
    ours = sentiment.results(model, sets, headlines, report=_say)
    if options.card:
        others = [
            sentiment.results(
                each, sets, headlines, languages=each.languages, report=_say
            )
            for each in rivals.rivals(SHARED)
        ] + [sentiment.results(c, sets, headlines, report=_say) for c in classifiers]
        digest = gate.digest(default_model_dir() / MODEL)
        text = card.quality(ours, others, passages=passages, model_sha256=digest)
        card.write("quality", text)
        _say(f"{card.CARD}: tables written")
        if not options.json:
            print(text)
    return dict(sentiment.named(ours))


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


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
    parser.add_argument(
        "--card", action="store_true", help="--held-out, and models/README.md's tables"
    )
    parser.add_argument(
        "--compare",
        action="append",
        default=[],
        metavar="NAME_OR_FOLDER",
        help="with --card: a Hugging Face classifier beside ours; may be repeated",
    )
    parser.add_argument(
        "--speed",
        type=Path,
        metavar="FILE",
        help="JSON of benchmarks.sentiment, for models/README.md",
    )
    parser.add_argument("--update", action="store_true", help="raise the floors")
    parser.add_argument(
        "--allow-regression", action="store_true", help="let --update lower floors"
    )
    options = parser.parse_args()
    if options.compare and not options.card:
        parser.error("--compare is for the card's tables: give --card too")
    options.held_out = options.held_out or options.card
    return options


def print_figures(figures: Mapping[str, float], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(dict(sorted(figures.items())), indent=2))
        return
    passages, sets = {}, {}
    for name, figure in figures.items():
        measure, _, part = name.rpartition(".")
        if measure.startswith(sentiment.PREFIX):
            sets[part, measure.removeprefix(f"{sentiment.PREFIX}.")] = figure
        else:
            passages[measure, part] = figure
    _print_table("passages", passages)
    if sets:
        _print_table("sentiment, held-out sets", sets)


def _print_table(title: str, cells: Mapping[tuple[str, str], float]) -> None:
    columns = list(dict.fromkeys(column for _, column in cells))
    table = Table(*(Column(name, overflow="fold") for name in ("", *columns)))
    table.title = title
    for row in dict.fromkeys(row for row, _ in cells):
        shown = (cells.get((row, column)) for column in columns)
        table.add_row(row, *("" if c is None else f"{c:.3f}" for c in shown))
    Console().print(table)


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
    floors = gate.measurable(
        baseline["floors"], sentiment=options.sentiment, held_out=options.held_out
    )
    failed = gate.failures(figures, floors)
    print("\n".join(failed), end="\n" if failed else "", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
