"""Examples -> rows of token ids, as an epoch sees them, in padded batches.

Disguises are drawn from the epoch's own chance. Not responsible for the loop.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import torch
from tokenizers import Tokenizer
from torch import Tensor

from models.recipe.examples import LABELS, Example
from models.recipe.names import Tagged
from models.recipe.network import TAGS
from models.recipe.vocabulary import PAD_ID

Probabilities = tuple[float, float, float]
NO_TAG = -100
"""For tokens that no tag is known of: the frame."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What a run depends on besides its data; `learning_rate` is the peak.

    `teacher_share` is how much of a labelled row's goal is the teacher's view;
    `rounded_epochs` are the last ones, in which training sees int8's rounding.
    """

    seed: int = 20260
    epochs: int = 4
    batch: int = 64
    max_tokens: int = 128
    learning_rate: float = 1.5e-4
    head_rate: float = 5e-4
    weight_decay: float = 0.01
    warmup: float = 0.1
    label_smoothing: float = 0.05
    teacher_share: float = 0.5
    mask_target: float = 0.3
    drop_target: float = 0.2
    join_other: float = 0.15
    rounded_epochs: int = 2
    tag_weight: float = 0.3
    embedding_weight: float = 0.5
    threads: int = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A text as token ids; `target` holds the positions of the target.

    `goal` is what the probabilities of the labels should be, `tags` the index of each
    token's tag, `anchor` the row of the text's embedding by the base model; None or
    empty where the text teaches no such thing.
    """

    ids: list[int]
    target: list[int] = field(default_factory=list)
    goal: Probabilities | None = None
    whole: bool = False
    tags: list[int] = field(default_factory=list)
    anchor: int | None = None


def encode(
    tokenizer: Tokenizer,
    examples: Sequence[Example],
    goals: Sequence[Probabilities],
    limit: int,
) -> list[Row]:
    """Tokenise; texts beyond `limit` tokens are cut, rows whose target is cut left.

    A row's anchor is its example's place.
    """
    rows = []
    encodings = tokenizer.encode_batch([e.text for e in examples])
    for i, (example, goal, encoding) in enumerate(
        zip(examples, goals, encodings, strict=True)
    ):
        ids = encoding.ids
        if len(ids) > limit:
            ids = [*ids[: limit - 1], ids[-1]]
        target = _covered(example, encoding.offsets[1 : len(ids) - 1])
        if example.start is not None and not target and not example.whole:
            continue
        rows.append(
            Row(
                ids=ids,
                target=target,
                goal=goal,
                whole=example.whole,
                anchor=i,
            )
        )
    return rows


def goal_of(
    example: Example, view: Probabilities | None, settings: Settings
) -> Probabilities:
    """The label smoothed, mixed with a teacher's view; the view alone without label."""
    if example.label is None:
        if view is None:
            raise ValueError(f"neither label nor view: {example.text[:60]!r}")
        return view
    spread = settings.label_smoothing / len(LABELS)
    sure = 1 - settings.label_smoothing
    hard = [spread + sure * (label == example.label) for label in LABELS]
    share = settings.teacher_share if view else 0.0
    negative, neutral, positive = (
        (1 - share) * h + share * v for h, v in zip(hard, view or hard, strict=True)
    )
    return negative, neutral, positive


def _covered(example: Example, offsets: Sequence[tuple[int, int]]) -> list[int]:
    if example.start is None or example.end is None:
        return []
    return [
        i + 1
        for i, (a, b) in enumerate(offsets)
        if a < example.end and b > example.start
    ]


def tagged_rows(
    tokenizer: Tokenizer, sentences: list[Tagged], limit: int, first_anchor: int
) -> list[Row]:
    """Rows with a tag for each token; their anchors count on from `first_anchor`."""
    encodings = tokenizer.encode_batch([s.text for s in sentences])
    return [
        Row(
            ids=encoding.ids[:limit],
            tags=_tags(encoding.offsets[1:-1], sentence.names)[:limit],
            anchor=first_anchor + i,
        )
        for i, (sentence, encoding) in enumerate(zip(sentences, encodings, strict=True))
    ]


def _tags(
    offsets: list[tuple[int, int]], names: list[tuple[int, int, str]]
) -> list[int]:
    """BIO tags between the frame's two; the first token of a name begins it."""
    tags = [TAGS.index("O")] * len(offsets)
    for start, end, kind in names:
        covered = [i for i, (a, b) in enumerate(offsets) if a < end and b > start]
        for i in covered:
            tags[i] = TAGS.index(f"{'B' if i == covered[0] else 'I'}-{kind}")
    return [NO_TAG, *tags, NO_TAG]


def disguise(
    row: Row, other: Row, settings: Settings, mask_id: int, rng: random.Random
) -> Row:
    """The row as this epoch sees it: as it is, unmarked, masked, beside `other`.

    A masked name cannot be leaned on; a neighbour's words must be told from those
    about the target.
    """
    if not row.target:
        return row
    if row.whole and rng.random() < settings.drop_target:
        return replace(row, target=[])
    if rng.random() < settings.mask_target:
        row = _masked(row, mask_id)
    if rng.random() < settings.join_other:
        joined = _joined(row, other, before=rng.random() < 0.5)
        return joined if len(joined.ids) <= settings.max_tokens else row
    return row


def _masked(row: Row, mask_id: int) -> Row:
    first, last = row.target[0], row.target[-1]
    ids = [*row.ids[:first], mask_id, *row.ids[last + 1 :]]
    return replace(row, ids=ids, target=[first])


def _joined(row: Row, other: Row, *, before: bool) -> Row:
    row = replace(row, anchor=None)
    if not before:
        return replace(row, ids=[*row.ids[:-1], *other.ids[1:]])
    shift = len(other.ids) - 2
    target = [position + shift for position in row.target]
    return replace(row, ids=[*other.ids[:-1], *row.ids[1:]], target=target)


def batches(rows: list[Row], size: int, rng: random.Random) -> Iterator[list[Row]]:
    """Shuffled batches of rows of like length, so that little is padding."""
    order = list(rows)
    rng.shuffle(order)
    pool = size * 50
    cut = []
    for at in range(0, len(order), pool):
        near = sorted(order[at : at + pool], key=lambda row: len(row.ids))
        cut += [near[i : i + size] for i in range(0, len(near), size)]
    rng.shuffle(cut)
    yield from cut


def collate(rows: Sequence[Row], device: torch.device) -> dict[str, Tensor]:
    """The padded inputs of a batch, each (batch, tokens)."""
    width = max(len(row.ids) for row in rows)
    ids = torch.full((len(rows), width), PAD_ID)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    types = torch.zeros((len(rows), width), dtype=torch.long)
    for i, row in enumerate(rows):
        ids[i, : len(row.ids)] = torch.tensor(row.ids)
        mask[i, : len(row.ids)] = 1
        types[i, row.target] = 1
    inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
    return {name: tensor.to(device) for name, tensor in inputs.items()}
