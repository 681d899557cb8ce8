"""Stages with declared inputs and outputs: one runs again only if an input changed.

Not responsible for what a stage does.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A step of the recipe; folders among `inputs` stand for all files in them."""

    name: str
    inputs: Sequence[Path]
    outputs: Sequence[Path]
    run: Callable[[], None]
    parameters: dict[str, Any] = field(default_factory=dict)


def run_stages(
    stages: Sequence[Stage], *, stamps: Path, report: Callable[[str], None]
) -> None:
    """Run each stage in order unless its stamp fits its inputs and outputs exist."""
    stamps.mkdir(parents=True, exist_ok=True)
    for stage in stages:
        stamp = stamps / f"{stage.name}.stamp"
        mark = fingerprint(stage.inputs, stage.parameters)
        done = stamp.exists() and stamp.read_text("utf-8") == mark
        if done and all(path.exists() for path in stage.outputs):
            report(f"{stage.name}: up to date")
            continue
        report(f"{stage.name}: running")
        stamp.unlink(missing_ok=True)
        stage.run()
        stamp.write_text(mark, "utf-8")


def fingerprint(inputs: Sequence[Path], parameters: dict[str, Any]) -> str:
    """A hash of the inputs' bytes and the parameters; OSError for a missing input."""
    digest = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode())
    for path in inputs:
        files = sorted(p for p in path.rglob("*") if p.is_file())
        for file in files if path.is_dir() else [path]:
            digest.update(file.name.encode() + b"\0")
            with file.open("rb") as content:
                digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()
