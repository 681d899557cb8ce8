"""Fine-tuning: examples -> a trained `TargetClassifier`, epoch by epoch.

The order and the noise of an epoch depend on the seed and its number alone, and a
checkpoint is written after each, so that a run cut off goes on where it was.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from models.recipe.examples import LABELS, Example
from models.recipe.network import TargetClassifier, round_inputs
from models.recipe.vocabulary import MASK, PAD_ID

Report = Callable[[str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What a run depends on besides its data; `learning_rate` is the peak."""

    seed: int = 20260
    epochs: int = 5
    batch: int = 32
    max_tokens: int = 128
    learning_rate: float = 1e-4
    head_rate: float = 5e-4
    weight_decay: float = 0.01
    warmup: float = 0.1
    label_smoothing: float = 0.05
    mask_target: float = 0.3
    drop_target: float = 0.2
    join_other: float = 0.15
    threads: int = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """An example as token ids; `target` holds the positions of the target."""

    ids: list[int]
    target: list[int]
    label: int
    whole: bool


def encode(tokenizer: Tokenizer, examples: Sequence[Example], limit: int) -> list[Row]:
    """Tokenise; texts beyond `limit` tokens are cut, rows whose target is cut left."""
    rows = []
    encodings = tokenizer.encode_batch([e.text for e in examples])
    for example, encoding in zip(examples, encodings, strict=True):
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
                label=LABELS.index(example.label),
                whole=example.whole,
            )
        )
    return rows


def _covered(example: Example, offsets: Sequence[tuple[int, int]]) -> list[int]:
    if example.start is None or example.end is None:
        return []
    return [
        i + 1
        for i, (a, b) in enumerate(offsets)
        if a < example.end and b > example.start
    ]


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


def collate(rows: list[Row], device: torch.device) -> tuple[dict[str, Tensor], Tensor]:
    """Padded tensors of a batch, and its labels."""
    width = max(len(row.ids) for row in rows)
    ids = torch.full((len(rows), width), PAD_ID)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    types = torch.zeros((len(rows), width), dtype=torch.long)
    for i, row in enumerate(rows):
        ids[i, : len(row.ids)] = torch.tensor(row.ids)
        mask[i, : len(row.ids)] = 1
        types[i, row.target] = 1
    inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
    labels = torch.tensor([row.label for row in rows])
    return {k: v.to(device) for k, v in inputs.items()}, labels.to(device)


def train(
    model: TargetClassifier,
    tokenizer: Tokenizer,
    examples: Sequence[Example],
    *,
    settings: Settings,
    checkpoint: Path,
    report: Report,
) -> None:
    """Train `model` in place on `examples`; goes on from `checkpoint` if it fits."""
    torch.set_num_threads(settings.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model.to(device)
    hooks = _round_as_shipped(model)
    rows = encode(tokenizer, examples, settings.max_tokens)
    optimiser = _optimiser(model, settings)
    steps = settings.epochs * math.ceil(len(rows) / settings.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, _slope(steps, settings))
    done = _resume(checkpoint, model, optimiser, schedule, settings)
    for epoch in range(done, settings.epochs):
        loss = _run_epoch(
            model, tokenizer, rows, epoch, settings, optimiser, schedule, report
        )
        report(f"epoch {epoch + 1}/{settings.epochs}: loss {loss:.4f}")
        state = {
            "epoch": epoch + 1,
            "settings": asdict(settings),
            "model": model.state_dict(),
            "optimiser": optimiser.state_dict(),
            "schedule": schedule.state_dict(),
        }
        torch.save(state, checkpoint.with_suffix(".part"))
        checkpoint.with_suffix(".part").replace(checkpoint)
    for hook in hooks:
        hook.remove()
    model.eval()


def _round_as_shipped(model: TargetClassifier) -> list[RemovableHandle]:
    """Let training see int8's rounding of activations, so that it costs nothing."""
    linear = (m for m in model.modules() if isinstance(m, nn.Linear))
    return [module.register_forward_pre_hook(round_inputs) for module in linear]


def _run_epoch(
    model: TargetClassifier,
    tokenizer: Tokenizer,
    rows: list[Row],
    epoch: int,
    settings: Settings,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
    report: Report,
) -> float:
    rng = random.Random(f"{settings.seed}/{epoch}")
    torch.manual_seed(rng.getrandbits(32))
    mask_id = tokenizer.token_to_id(MASK)
    seen = [disguise(row, rng.choice(rows), settings, mask_id, rng) for row in rows]
    cost = nn.CrossEntropyLoss(label_smoothing=settings.label_smoothing)
    device = next(model.parameters()).device
    model.train()
    total, count = 0.0, 0
    for batch in batches(seen, settings.batch, rng):
        inputs, labels = collate(batch, device)
        with torch.autocast(device.type, torch.bfloat16, enabled=_has_bf16(device)):
            logits = model(**inputs)
        loss = cost(logits.float(), labels)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        total, count = total + loss.item(), count + 1
        if count % 50 == 0:
            report(f"epoch {epoch + 1} batch {count}: mean loss {total / count:.4f}")
    return total / count


def _has_bf16(device: torch.device) -> bool:
    """Whether bfloat16 is fast here; elsewhere it is emulated and far slower."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    capabilities = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def _optimiser(model: TargetClassifier, settings: Settings) -> torch.optim.AdamW:
    head = list(model.head.parameters())
    decayed = [p for p in model.encoder.parameters() if p.dim() > 1]
    plain = [p for p in model.encoder.parameters() if p.dim() == 1]
    rate, decay = settings.learning_rate, settings.weight_decay
    return torch.optim.AdamW(
        [
            {"params": decayed, "lr": rate, "weight_decay": decay},
            {"params": plain, "lr": rate, "weight_decay": 0.0},
            {"params": head, "lr": settings.head_rate, "weight_decay": decay},
        ]
    )


def _slope(steps: int, settings: Settings) -> Callable[[int], float]:
    warm = max(1, int(steps * settings.warmup))

    def factor(step: int) -> float:
        if step < warm:
            return step / warm
        return max(0.0, (steps - step) / max(1, steps - warm))

    return factor


def _resume(
    checkpoint: Path,
    model: TargetClassifier,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
    settings: Settings,
) -> int:
    if not checkpoint.exists():
        return 0
    state = torch.load(checkpoint, weights_only=True)
    if state["settings"] != asdict(settings):
        return 0
    model.load_state_dict(state["model"])
    optimiser.load_state_dict(state["optimiser"])
    schedule.load_state_dict(state["schedule"])
    return int(state["epoch"])
