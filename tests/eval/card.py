"""The generated tables of the model card, and their places in it.

Not responsible for measuring.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.eval.sentiment import Judged, Results

CARD = Path(__file__).resolve().parents[2] / "models" / "README.md"

_LABELS = ("negative", "neutral", "positive")
_TITLES = {
    "sentfin": "SEntFiN, held-out fifth",
    "sentfin, mixed signs": "… its headlines with mixed signs",
    "korfin": "KorFin, held-out fifth",
    "finentity": "FinEntity, span given",
    "phrasebank": "Financial PhraseBank",
    "phrasebank, all agree": "… all annotators agree",
    "phrasebank in Korean": "… its Korean translation",
    "gold, en, toward companies": "our labelled passages, English",
    "gold, ko, toward companies": "our labelled passages, Korean",
}
_RACED = {
    "shipped": "this model, int8",
    "fp32_twin": "its fp32 twin in ONNX Runtime",
    "bert_base": "BERT-base in `transformers`, fp32, batches of 32",
}


class MissingMarkerError(Exception):
    """The card has no place for a generated part."""


def quality(
    ours: Results,
    others: Sequence[Results],
    *,
    passages: Mapping[str, float],
    model_sha256: str,
) -> str:
    """Every table of quality; `passages` holds the figures of `scores.measure`."""
    parts = [
        f"Measured on {ours.name}, `model.onnx` sha256 `{model_sha256[:12]}…`.",
        _by_set(ours),
        "The monitor on our whole passages, per company (all its mentions together):",
        _passages(passages),
        "Accuracy / macro-F1 on the same rows in the same run:",
        _beside(ours, others),
        "SemEval-2017 headlines, official cosine with the labelled scores:",
        _headlines([ours, *others]),
        "The confusion: rows answered negative / neutral / positive / not at all.",
        _confusion(ours),
    ]
    return "\n\n".join(parts)


def speed(report: Mapping[str, Any]) -> str:
    """What `benchmarks.sentiment --json` measured."""
    machine, sentences = report["machine"], report["sentences"]
    tokens = sentences["tokens"]
    rows = [
        (_RACED[name], f"{rate:.0f}", _times(report["ratios"].get(name)))
        for name, rate in report["mentions_per_s"].items()
    ]
    setting = (
        f"Measured on {report['model']}: {sentences['count']} English and Korean "
        f"sentences of {tokens['least']} to {tokens['most']} tokens (mean "
        f"{tokens['mean']}), {machine['threads']} threads of {machine['processor']}, "
        f"ONNX Runtime {machine['onnxruntime']}, transformers "
        f"{machine['transformers']}."
    )
    table = _table(("", "mentions per second", "this model is faster by"), rows)
    return f"{setting}\n\n{table}\n\n{_kept(report)}"


def write(part: str, text: str, path: Path = CARD) -> None:
    """Put `text` between the markers of `part`; MissingMarkerError without them."""
    begin, end = f"<!-- {part}: begin -->", f"<!-- {part}: end -->"
    whole = path.read_text("utf-8")
    before, found, rest = whole.partition(begin)
    _, also_found, after = rest.partition(end)
    if not found or not also_found:
        raise MissingMarkerError(f"{path}: has no {begin} … {end}")
    path.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", "utf-8")


def _by_set(ours: Results) -> str:
    head = (
        "set",
        "language",
        "rows",
        "accuracy",
        "macro-F1",
        "negatives' F1",
        "calibration error",
        "answered",
        "accuracy of answers",
    )
    rows = [
        (
            title(one),
            one.language,
            f"{one.figures.rows:,}",
            f"{one.figures.accuracy:.3f}",
            f"{one.figures.macro_f1:.3f}",
            f"{one.figures.f1['negative']:.3f}",
            f"{one.figures.calibration_error:.3f}",
            f"{one.coverage:.3f}",
            f"{one.accuracy_of_answers:.3f}",
        )
        for one in ours.judged
    ]
    return _table(head, rows)


def _passages(figures: Mapping[str, float]) -> str:
    measures = {
        "accuracy": "accuracy of answers",
        "macro_f1": "macro-F1",
        "negative_f1": "negatives' F1",
        "coverage": "answered",
    }
    rows = [
        (language, *(_shown(figures.get(f"sentiment.{m}.{part}")) for m in measures))
        for part, language in (("en", "English"), ("ko", "Korean"), ("all", "both"))
    ]
    return _table(("passages", *measures.values()), rows)


def _beside(ours: Results, others: Sequence[Results]) -> str:
    columns = [{one.name: one for one in each.judged} for each in others]
    rows = [
        (title(one), _pair(one), *(_pair(column.get(one.name)) for column in columns))
        for one in ours.judged
    ]
    return _table(("set", ours.name, *(each.name for each in others)), rows)


def _headlines(each: Sequence[Results]) -> str:
    rows = [
        (one.name, f"{like.cosine:.3f}", f"{like.answered:,} of {like.rows:,}")
        for one in each
        if (like := one.headlines)
    ]
    return _table(("", "cosine", "answered"), rows)


def _confusion(ours: Results) -> str:
    rows = [
        (
            title(one),
            *(
                " / ".join(f"{row.get(given, 0):,}" for given in (*_LABELS, "none"))
                for row in map(one.confusion.__getitem__, _LABELS)
            ),
        )
        for one in ours.judged
    ]
    return _table(("set", *(f"labelled {label}" for label in _LABELS)), rows)


def _kept(report: Mapping[str, Any]) -> str:
    lines = [f"- The shipped files are {report['size_bytes']['total'] / 1e6:.1f} MB."]
    if quality := report.get("quality"):
        lost = quality["points_lost"]
        sets = " and ".join(quality["accuracy"]["shipped"])
        lines.append(
            f"- int8 loses {lost:.2f} points of accuracy against fp32 (mean of {sets})."
        )
    soak = report.get("soak")
    if soak and soak["growth_mb"] is not None:
        lines.append(
            f"- {soak['mentions']:,} mentions through one process: resident memory "
            f"grew by {soak['growth_mb']} MB at most after the first 20,000."
        )
    return "\n".join(lines)


def title(one: Judged) -> str:
    return _TITLES.get(one.name, one.name)


def _pair(one: Judged | None) -> str:
    return f"{one.figures.accuracy:.3f} / {one.figures.macro_f1:.3f}" if one else ""


def _shown(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.3f}"


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.1f} times"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|")
