"""Fine-tuning: rows -> a trained network, teacher or student, epoch by epoch.

The order and the noise of an epoch depend on the seed and its number alone, and a
checkpoint is written after each, so that a run cut off goes on where it was.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from models.recipe.examples import LABELS
from models.recipe.network import (
    MonitorNetwork,
    Readings,
    mean_over,
    round_inputs,
)
from models.recipe.rows import NO_TAG, Row, Settings, batches, collate, disguise

Report = Callable[[str], None]
CPU = torch.device("cpu")


def cost_of(
    readings: Readings, rows: Sequence[Row], anchors: Tensor | None, settings: Settings
) -> Tensor:
    """What is wrong with the readings of a batch: sentiment, tags and embedding."""
    cost = torch.zeros(())
    judged = [i for i, row in enumerate(rows) if row.goal is not None]
    if judged:
        goals = torch.tensor([rows[i].goal for i in judged])
        logits = readings.logits[judged].float().cpu()
        whole = nn.functional.cross_entropy(logits, goals, reduction="sum")
        cost = cost + whole / len(rows)
    tagged = [i for i, row in enumerate(rows) if row.tags]
    if readings.tags is not None and tagged:
        for_row = [readings.tags[i, : len(rows[i].tags)] for i in tagged]
        expected = torch.tensor([tag for i in tagged for tag in rows[i].tags])
        found = torch.cat(for_row).float().cpu()
        wrong = nn.functional.cross_entropy(found, expected, ignore_index=NO_TAG)
        cost = cost + settings.tag_weight * wrong * len(tagged) / len(rows)
    anchored = [i for i, row in enumerate(rows) if row.anchor is not None]
    if readings.embedding is not None and anchors is not None and anchored:
        near = readings.embedding[anchored].float().cpu()
        base = anchors[[rows[i].anchor for i in anchored]].float()
        distance = (1 - (near * base).sum(dim=-1)).sum() / len(rows)
        cost = cost + settings.embedding_weight * distance
    return cost


def train(
    model: nn.Module,
    rows: list[Row],
    *,
    mask_id: int,
    settings: Settings,
    checkpoint: Path,
    report: Report,
    anchors: Tensor | None = None,
) -> None:
    """Train `model`, whose body is its `encoder`, in place; resumes from `checkpoint`.

    Its forward takes what `collate` gives. `anchors` (rows, width) are the embeddings
    that the rows' own should stay near.
    """
    torch.set_num_threads(settings.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model.to(device)
    hooks: list[RemovableHandle] = []
    optimiser = _optimiser(model, settings)
    steps = settings.epochs * math.ceil(len(rows) / settings.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, _slope(steps, settings))
    done = _resume(checkpoint, model, optimiser, schedule, settings)
    for epoch in range(done, settings.epochs):
        rng = random.Random(f"{settings.seed}/{epoch}")
        torch.manual_seed(rng.getrandbits(32))
        seen = [disguise(row, rng.choice(rows), settings, mask_id, rng) for row in rows]
        if epoch >= settings.epochs - settings.rounded_epochs and not hooks:
            hooks = _round_as_shipped(model)
        loss, count = 0.0, 0
        model.train()
        for batch in batches(seen, settings.batch, rng):
            with torch.autocast(device.type, torch.bfloat16, enabled=_has_bf16(device)):
                readings = model(**collate(batch, device))
            cost = cost_of(readings, batch, anchors, settings)
            optimiser.zero_grad(set_to_none=True)
            cost.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            loss, count = loss + cost.item(), count + 1
            if count % 50 == 0:
                report(f"epoch {epoch + 1} batch {count}: mean loss {loss / count:.4f}")
        report(f"epoch {epoch + 1}/{settings.epochs}: loss {loss / count:.4f}")
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


def _round_as_shipped(model: nn.Module) -> list[RemovableHandle]:
    """Let training see int8's rounding of activations, so that it costs nothing."""
    linear = (m for m in model.modules() if isinstance(m, nn.Linear))
    return [module.register_forward_pre_hook(round_inputs) for module in linear]


def readings_of(
    model: nn.Module, rows: Sequence[Row], batch: int = 64
) -> Iterator[tuple[list[int], Readings]]:
    """What the model says of `rows`, batch by batch, each with its rows' places."""
    model.eval()
    device = next(model.parameters()).device
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
    with torch.no_grad():
        for at in range(0, len(order), batch):
            chosen = order[at : at + batch]
            inputs = collate([rows[i] for i in chosen], device)
            with torch.autocast(device.type, torch.bfloat16, enabled=_has_bf16(device)):
                yield chosen, model(**inputs)


def base_embeddings(network: MonitorNetwork, rows: Sequence[Row]) -> Tensor:
    """(rows, width), of length 1: the mean of the last states, as e5 was trained."""
    network.eval()
    found = torch.zeros(len(rows), network.embedder.in_features)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
    with torch.no_grad():
        for at in range(0, len(order), 64):
            chosen = order[at : at + 64]
            inputs = collate([rows[i] for i in chosen], CPU)
            with torch.autocast("cpu", torch.bfloat16, enabled=_has_bf16(CPU)):
                states = network.states(**inputs)
            mean = mean_over(states.float(), inputs["attention_mask"])
            found[chosen] = nn.functional.normalize(mean, dim=-1)
    return found


def logits_of(model: nn.Module, rows: Sequence[Row]) -> Tensor:
    """(rows, labels) in the order of `rows`."""
    logits = torch.zeros(len(rows), len(LABELS))
    for chosen, readings in readings_of(model, rows):
        logits[chosen] = readings.logits.float().cpu()
    return logits


def _has_bf16(device: torch.device) -> bool:
    """Whether bfloat16 is fast here; elsewhere it is emulated and far slower."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    capabilities = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def _optimiser(model: nn.Module, settings: Settings) -> torch.optim.AdamW:
    trained = {n: p for n, p in model.named_parameters() if p.requires_grad}
    head = [p for n, p in trained.items() if not n.startswith("encoder.")]
    body = [p for n, p in trained.items() if n.startswith("encoder.")]
    decayed = [p for p in body if p.dim() > 1]
    plain = [p for p in body if p.dim() == 1]
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
    model: nn.Module,
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
