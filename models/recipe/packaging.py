"""Writes the model folder's manifest: what it is, whose, and the hash of each file."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from models.recipe.examples import LABELS, Example

NAME = "monitor-sentiment"
LICENCE = "CC-BY-SA-4.0"

BASE = {
    "name": "intfloat/multilingual-e5-small",
    "licence": "MIT",
    "url": "https://huggingface.co/intfloat/multilingual-e5-small",
}
TRAINING_DATA = {
    "sentfin": {
        "name": "SEntFiN 1.0",
        "licence": "MIT",
        "url": "https://github.com/pyRis/SEntFiN",
    },
    "korfin": {
        "name": "KorFin-ASC, reduced to sentences",
        "licence": "CC-BY-SA-4.0",
        "url": "https://huggingface.co/datasets/amphora/korfin-asc",
    },
    "headlines": {
        "name": "headlines written for this project",
        "licence": "MIT",
        "url": "models/recipe/headlines_en.txt",
    },
    "sentences": {
        "name": "sentence patterns written for this project",
        "licence": "MIT",
        "url": "models/recipe/sentences_en.txt, models/recipe/sentences_ko.txt",
    },
}
FILES = ("model.onnx", "tokenizer.json")


def write_manifest(
    folder: Path,
    *,
    version: str,
    created: date,
    max_tokens: int,
    settings: dict[str, Any],
    trained_on: Sequence[Example],
    base_source: str,
) -> None:
    """Describe the files in `folder`; figures are added by `add_figures`."""
    counts = Counter(example.source for example in trained_on)
    manifest = {
        "name": NAME,
        "version": version,
        "created": created.isoformat(),
        "licence": LICENCE,
        "languages": ["en", "ko"],
        "labels": list(LABELS),
        "max_tokens": max_tokens,
        "base_model": {**BASE, "read_from": base_source},
        "training_data": [
            {**TRAINING_DATA[source], "rows": rows} for source, rows in counts.items()
        ],
        "settings": settings,
        "files": {name: _entry(folder / name) for name in FILES},
    }
    _write(folder, manifest)


def add_figures(folder: Path, figures: dict[str, dict[str, Any]]) -> None:
    """Put what `evaluation` measured on this very folder into its manifest."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    _write(folder, {**manifest, "figures": figures})


def _entry(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _write(folder: Path, manifest: dict[str, Any]) -> None:
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    (folder / "manifest.json").write_text(text, "utf-8")
