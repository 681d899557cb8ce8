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
        "url": "models/recipe/headlines_en.txt, models/recipe/headlines_ko.txt",
    },
    "passages": {
        "name": "passages written for this project",
        "licence": "MIT",
        "url": "models/recipe/passages_en.txt, models/recipe/passages_ko.txt",
    },
    "sentences": {
        "name": "sentence patterns written for this project",
        "licence": "MIT",
        "url": "models/recipe/sentences_en.txt, models/recipe/sentences_ko.txt",
    },
    "corpus": {
        "name": "public headlines and press releases, labelled for this project",
        "licence": "labels MIT; the headlines are their outlets', not shipped",
        "url": "models/recipe/corpus_labels.tsv",
    },
    "newsmtsc": {
        "name": "NewsMTSC, its targets without its labels, seen by the teacher",
        "licence": "MIT",
        "url": "https://github.com/fhamborg/NewsMTSC",
    },
    "filings": {
        "name": "sentences of 8-K and 10-K filings, seen by the teacher",
        "licence": "public records",
        "url": "https://www.sec.gov/edgar",
    },
    "releases": {
        "name": "sentences of press releases, seen by the teacher",
        "licence": "CC0-1.0",
        "url": "https://github.com/Newsworthyai/press-release-archive",
    },
    "titles": {
        "name": "public headlines, seen by the teacher",
        "licence": "their outlets', not shipped",
        "url": "models/README.md",
    },
}
NAMES_DATA = {
    "name": "KLUE-NER 1.1, development part",
    "licence": "CC-BY-SA-4.0",
    "url": "https://github.com/KLUE-benchmark/KLUE",
}
WRITTEN_NAMES_DATA = {
    "name": "sentences with names written for this project, for the tagger",
    "licence": "MIT",
    "url": "models/recipe/names_ko.txt",
}
TEACHER = {
    "name": "sentence-transformers/all-mpnet-base-v2",
    "licence": "Apache-2.0",
    "url": "https://huggingface.co/sentence-transformers/all-mpnet-base-v2",
}
FILES = ("model.onnx", "tokenizer.json")


def write_manifest(
    folder: Path,
    *,
    version: str,
    created: date,
    max_tokens: int,
    abstain_below: float,
    tags: Sequence[str],
    settings: dict[str, Any],
    trained_on: Sequence[Example],
    names: int,
    written_names: int,
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
        "abstain_below": abstain_below,
        "tags": list(tags),
        "base_model": {**BASE, "read_from": base_source},
        "teacher": TEACHER,
        "training_data": [
            *(
                {**TRAINING_DATA[source], "rows": rows}
                for source, rows in counts.items()
            ),
            {**NAMES_DATA, "rows": names},
            {**WRITTEN_NAMES_DATA, "rows": written_names},
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
