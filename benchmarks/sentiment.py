"""How fast, how large and how steady the sentiment model is.

Scores the same mentions, in one run and by turns, with the shipped model, with a
BERT-base classifier of random weights in transformers (fp32, batches of 32; needs the
extra `torch`) and with the fp32 twin of the shipped model where --fp32 names it.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import contenders, soak
from benchmarks.contenders import Contender
from benchmarks.mentions import endless
from models.recipe.evaluation import LabelledSet, labelled_sets, measure
from monitor.analysis.encoder import MANIFEST, default_model_dir, read_manifest
from monitor.analysis.sentiment import (
    Item,
    SentimentModel,
    SentimentScorer,
)
from monitor.errors import ModelError

SHIPPED, TWIN, BERT = "shipped", "fp32_twin", "bert_base"
NAMES = {
    SHIPPED: "shipped model (int8)",
    TWIN: "its fp32 twin in ONNX Runtime",
    BERT: "BERT-base in transformers (fp32)",
}
SHORTEST, LONGEST = 20, 60
"""Tokens of a sentence that is raced."""

_SOAK = 200_000
_QUALITY_SETS = ("sentfin", "korfin")
Report = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    try:
        report = measured(options)
    except (contenders.NoTorchError, ModelError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        print_report(report)
    return 0


def measured(options: argparse.Namespace) -> Report:
    """Everything that was asked for; the soak first, while torch is not loaded."""
    folder: Path = options.model
    model = SentimentModel(folder, threads=options.threads)
    report: Report = {"model": model.name, "machine": _machine(options.threads)}
    report["size_bytes"] = _sizes(folder)
    if options.soak:
        report["soak"] = _soaked(model, options.soak)
    with TemporaryDirectory() as place:
        twin = options.fp32 and contenders.fp32_twin(
            folder, options.fp32, Path(place), threads=options.threads
        )
        report |= _raced(model, twin, options)
        if twin and options.shared:
            sets = labelled_sets(options.shared)
            chosen = [s for s in sets if s.name in _QUALITY_SETS]
            report["quality"] = quality(model, twin, chosen, report["ratios"][TWIN])
    return report


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.sentiment", description=__doc__
    )
    add = parser.add_argument
    add("--model", type=Path, default=default_model_dir(), help="model folder")
    add("--fp32", type=Path, help="its model.fp32.onnx, from the recipe's work folder")
    add("--no-bert", dest="bert", action="store_false", help="leave BERT out")
    add("--count", type=int, default=256, help="sentences that are raced")
    add("--rounds", type=int, default=3, help="the best of so many rounds counts")
    add("--threads", type=int, default=os.cpu_count() or 1, help="of each model")
    add("--shared", type=Path, help="with data/: what int8 costs against --fp32")
    add(
        "--soak",
        type=int,
        nargs="?",
        const=_SOAK,
        metavar="N",
        help=f"push N mentions ({_SOAK:,}) through first",
    )
    add("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    if options.shared and not options.fp32:
        parser.error("--shared compares with the twin: give --fp32 too")
    return options


def _raced(
    model: SentimentModel, twin: SentimentModel | None, options: argparse.Namespace
) -> Report:
    items, counts = raced_mentions(options.model, options.count)
    runners: dict[str, Contender] = {SHIPPED: model.score}
    if twin:
        runners[TWIN] = twin.score
    if options.bert:
        runners[BERT] = contenders.bert_base(counts, threads=options.threads)
    rates = race(runners, items, rounds=options.rounds)
    return {
        "sentences": {
            "count": len(items),
            "tokens": {
                "least": min(counts),
                "mean": round(sum(counts) / len(counts), 1),
                "most": max(counts),
            },
        },
        "mentions_per_s": {name: round(rate, 1) for name, rate in rates.items()},
        "ratios": {
            name: round(rates[SHIPPED] / rate, 2)
            for name, rate in rates.items()
            if name != SHIPPED
        },
    }


def raced_mentions(folder: Path, count: int) -> tuple[list[Item], list[int]]:
    """`count` mentions of SHORTEST to LONGEST tokens, and their tokens."""
    several = list(islice(endless(), 2 * count))
    tokens = contenders.token_counts(folder, several)
    fitting = [
        (item, n)
        for item, n in zip(several, tokens, strict=True)
        if SHORTEST <= n <= LONGEST
    ]
    items, counts = zip(*fitting[:count], strict=True)
    return list(items), list(counts)


def race(
    runners: Mapping[str, Contender], items: Sequence[Item], *, rounds: int
) -> dict[str, float]:
    """Mentions per second of each in its best round; they run by turns."""
    best = dict.fromkeys(runners, float("inf"))
    for _ in range(rounds):
        for name, run in runners.items():
            started = time.perf_counter()
            run(items)
            best[name] = min(best[name], time.perf_counter() - started)
    return {name: len(items) / seconds for name, seconds in best.items()}


def quality(
    model: SentimentScorer,
    twin: SentimentScorer,
    sets: Sequence[LabelledSet],
    times_as_fast: float,
) -> Report:
    """What int8 costs in accuracy, in points as a mean of the sets.

    `times_as_fast_per_point_lost` is None where nothing was lost.
    """
    accuracy = {
        name: {s.name: measure(scorer, s).accuracy for s in sets}
        for name, scorer in ((SHIPPED, model), (TWIN, twin))
    }
    gaps = [accuracy[TWIN][s.name] - accuracy[SHIPPED][s.name] for s in sets]
    lost = round(100 * sum(gaps) / len(gaps), 2)
    per_point = round(times_as_fast / lost, 2) if lost > 0 else None
    return {
        "accuracy": accuracy,
        "points_lost": lost,
        "times_as_fast_per_point_lost": per_point,
    }


def _soaked(model: SentimentModel, count: int) -> Report:
    def say(reading: soak.Reading) -> None:
        line = f"{reading.mentions:>9,} mentions  {reading.resident_mb:8.1f} MB"
        print(line, file=sys.stderr, flush=True)

    readings = soak.soak(model, endless(), count, report=say)
    return {
        "mentions": count,
        "growth_mb": soak.growth_mb(readings),
        "readings": [asdict(reading) for reading in readings],
    }


def _sizes(folder: Path) -> dict[str, int]:
    names = [*read_manifest(folder).files, MANIFEST]
    sizes = {name: (folder / name).stat().st_size for name in names}
    return {**sizes, "total": sum(sizes.values())}


def _machine(threads: int) -> dict[str, Any]:
    return {
        "processor": _processor(),
        "threads": threads,
        "python": platform.python_version(),
        "onnxruntime": version("onnxruntime"),
        "transformers": version("transformers"),
    }


def _processor() -> str:
    """What the system calls its processor; on Linux the model, elsewhere the kind."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    named = (line.split(":", 1)[1] for line in lines if line.startswith("model name"))
    return next(named, platform.machine()).strip()


def print_report(report: Report) -> None:
    tokens = report["sentences"]["tokens"]
    table = Table(
        "", "mentions per second", "shipped is faster by", title=report["model"]
    )
    for name, rate in report["mentions_per_s"].items():
        ratio = report["ratios"].get(name)
        table.add_row(NAMES[name], f"{rate:.1f}", f"{ratio:.1f} times" if ratio else "")
    console = Console()
    console.print(table)
    console.print(
        f"{report['sentences']['count']} sentences of {tokens['least']} to "
        f"{tokens['most']} tokens, {report['machine']['threads']} threads, "
        f"{report['machine']['processor']}"
    )
    console.print(f"shipped files: {report['size_bytes']['total'] / 1e6:.1f} MB")
    if quality := report.get("quality"):
        console.print(f"accuracy: {quality['accuracy']}")
        console.print(f"points lost to int8: {quality['points_lost']}")
    soaked = report.get("soak")
    if soaked and soaked["growth_mb"] is not None:
        console.print(
            f"{soaked['mentions']:,} mentions: memory grew by {soaked['growth_mb']} MB "
            f"after the first {soak.SETTLED:,}"
        )


if __name__ == "__main__":
    sys.exit(main())
