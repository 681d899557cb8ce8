"""Korean names, read from several layers of the encoder that ships, which stays as it is.

So names cost sentiment nothing, and the lower layers, which know more of words, are
read too: after the feature-based BERT with a BiLSTM of Devlin et al. 2019, section 5.3.
Does not read the labelled sentences (`names`).
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from models.recipe.network import TAGS
from models.recipe.rows import NO_TAG, Row, batches, collate
from monitor.analysis.encoder import session_options

if TYPE_CHECKING:
    import onnx

LAYERS = (0, 4, 8, 12)
"""0: the embeddings; 12: after the twelfth layer."""
READ_AT_ONCE = 32
PREFIX = "names/"
_CPU = torch.device("cpu")

Report = Callable[[str], None]
States = NDArray[np.float16]
"""(tokens, layers x width)"""


@dataclass(frozen=True, kw_only=True, slots=True)
class TaggerSettings:
    """`rate` is the peak of one cycle over all epochs."""

    seed: int = 20262
    epochs: int = 16
    batch: int = 32
    rate: float = 2e-3
    hidden: int = 128
    dropout: float = 0.5
    label_smoothing: float = 0.05
    threads: int = 2


class Tagger(nn.Module):
    """States of several layers -> logits of `TAGS`; the states are put to one scale."""

    def __init__(
        self, mean: Tensor, deviation: Tensor, settings: TaggerSettings
    ) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)
        hidden = settings.hidden
        self.narrow = nn.Linear(len(mean), 2 * hidden)
        self.lstm = nn.LSTM(2 * hidden, hidden, batch_first=True, bidirectional=True)
        self.tags = nn.Linear(2 * hidden, len(TAGS))
        self.dropout = nn.Dropout(settings.dropout)

    def forward(self, states: Tensor, lengths: Tensor) -> Tensor:
        """(batch, tokens, layers x width), (batch,) -> (batch, tokens, tags)."""
        scaled = (states - self.mean) / self.deviation
        narrow = self.dropout(torch.relu(self.narrow(self.dropout(scaled))))
        packed = pack_padded_sequence(
            narrow, lengths, batch_first=True, enforce_sorted=False
        )
        found, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        tags: Tensor = self.tags(self.dropout(found))
        return tags


def read_states(model: Path, rows: Sequence[Row], threads: int = 2) -> list[States]:
    """What the model's layers make of each row, in the order of the rows."""
    import onnx
    import onnxruntime

    graph = onnx.load(model)
    for name in map(state_name, LAYERS):
        graph.graph.output.append(
            onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
        )
    options = session_options(threads)
    session = onnxruntime.InferenceSession(graph.SerializeToString(), options)
    found: list[States] = [np.zeros((0, 0), np.float16)] * len(rows)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
    for at in range(0, len(order), READ_AT_ONCE):
        chosen = order[at : at + READ_AT_ONCE]
        inputs = collate([rows[i] for i in chosen], _CPU)
        feed = {name: tensor.numpy() for name, tensor in inputs.items()}
        layers = session.run(list(map(state_name, LAYERS)), feed)
        states = np.concatenate(layers, axis=-1).astype(np.float16)
        for i, row in zip(chosen, states, strict=True):
            found[i] = row[: len(rows[i].ids)]
    return found


def state_name(layer: int) -> str:
    """The tensor in an exported graph that holds the states after a layer."""
    place = f"encoder/layer.{layer - 1}/output" if layer else "embeddings"
    return f"/network/encoder/{place}/LayerNorm/LayerNormalization_output_0"


def train_tagger(
    rows: Sequence[Row],
    states: Sequence[States],
    settings: TaggerSettings,
    report: Report,
) -> Tagger:
    """Train on rows with tags and their states, in the order of the rows."""
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    every = np.concatenate(states)
    mean, deviation = every.mean(0, np.float32), every.std(0, np.float32) + 1e-3
    tagger = Tagger(torch.from_numpy(mean), torch.from_numpy(deviation), settings)
    by_row = {id(row): row_states for row, row_states in zip(rows, states, strict=True)}
    steps = settings.epochs * math.ceil(len(rows) / settings.batch)
    optimiser = torch.optim.AdamW(tagger.parameters(), settings.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, settings.rate, total_steps=steps
    )
    for epoch in range(settings.epochs):
        rng = random.Random(f"{settings.seed}/{epoch}")
        tagger.train()
        loss, count = 0.0, 0
        for batch in batches(list(rows), settings.batch, rng):
            given, lengths = _padded([by_row[id(row)] for row in batch])
            expected = torch.full(given.shape[:2], NO_TAG)
            for i, row in enumerate(batch):
                expected[i, : len(row.tags)] = torch.tensor(row.tags)
            cost = nn.functional.cross_entropy(
                tagger(given, lengths).transpose(1, 2),
                expected,
                ignore_index=NO_TAG,
                label_smoothing=settings.label_smoothing,
            )
            optimiser.zero_grad(set_to_none=True)
            cost.backward()
            nn.utils.clip_grad_norm_(tagger.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            loss, count = loss + cost.item(), count + 1
        report(f"epoch {epoch + 1}/{settings.epochs}: loss {loss / count:.4f}")
    return tagger.eval()


def _padded(states: Sequence[States]) -> tuple[Tensor, Tensor]:
    lengths = torch.tensor([len(it) for it in states])
    padded = torch.zeros(len(states), int(lengths.max()), states[0].shape[1])
    for i, row in enumerate(states):
        padded[i, : len(row)] = torch.from_numpy(row).float()
    return padded, lengths


def graft(model: Path, tagger: Tagger, out: Path) -> None:
    """Write the model with its output `tags` from the tagger; nothing else changes.

    Weights are stored in 16 bits.
    """
    import onnx

    graph = onnx.load(model)
    _cut(graph.graph, "tags")
    graph.graph.node.extend(_nodes(tagger))
    graph.graph.initializer.extend(_initializers(tagger))
    graph.graph.output.append(
        onnx.helper.make_tensor_value_info(
            "tags", onnx.TensorProto.FLOAT, ["batch", "tokens", len(TAGS)]
        )
    )
    onnx.checker.check_model(graph)
    onnx.save(graph, out)


def _cut(graph: "onnx.GraphProto", output: str) -> None:
    """Take an output away, and all that only it needed."""
    (gone,) = [it for it in graph.output if it.name == output]
    graph.output.remove(gone)
    nodes = list(graph.node)
    while True:
        needed = {it.name for it in graph.output} | {
            name for node in nodes for name in node.input
        }
        kept = [node for node in nodes if not needed.isdisjoint(node.output)]
        if len(kept) == len(nodes):
            break
        nodes = kept
    weights = [it for it in graph.initializer if it.name in needed]
    for field, found in ((graph.node, nodes), (graph.initializer, weights)):
        del field[:]
        field.extend(found)


def _nodes(tagger: Tagger) -> Iterator["onnx.NodeProto"]:
    from onnx import TensorProto
    from onnx.helper import make_node

    def node(kind: str, inputs: Sequence[str], output: str, **more: Any) -> Any:
        return make_node(kind, inputs, [output], name=f"{PREFIX}{output}", **more)

    def ours(*names: str) -> list[str]:
        return [f"{PREFIX}{name}" for name in names]

    for name in ("narrow", "input", "recurrent", "out"):
        half, full = ours(f"{name}.half", name)
        yield node("Cast", [half], full, to=TensorProto.FLOAT)
    states = [state_name(layer) for layer in LAYERS]
    joined, scaled, wide = ours("joined", "scaled", "wide")
    yield node("Concat", states, joined, axis=-1)
    yield node("MatMul", [joined, *ours("narrow")], scaled)
    yield node("Add", [scaled, *ours("narrow.bias")], wide)
    positive, by_token, counted, lengths = ours("positive", "by_token", "count", "long")
    yield node("Relu", [wide], positive)
    yield node("Transpose", [positive], by_token, perm=[1, 0, 2])
    yield node("ReduceSum", ["attention_mask", *ours("second")], counted, keepdims=0)
    yield node("Cast", [counted], lengths, to=TensorProto.INT32)
    both, turned, flat, scored = ours("both", "turned", "flat", "scored")
    yield node(
        "LSTM",
        [by_token, *ours("input", "recurrent", "bias"), lengths],
        both,
        direction="bidirectional",
        hidden_size=tagger.lstm.hidden_size,
    )
    # From tokens, directions, batch, hidden.
    yield node("Transpose", [both], turned, perm=[2, 0, 1, 3])
    yield node("Reshape", [turned, *ours("shape")], flat)
    yield node("MatMul", [flat, *ours("out")], scored)
    yield node("Add", [scored, *ours("out.bias")], "tags")


def _initializers(tagger: Tagger) -> Iterator["onnx.TensorProto"]:
    from onnx.numpy_helper import from_array

    lstm, hidden = tagger.lstm, tagger.lstm.hidden_size
    both = ("l0", "l0_reverse")

    def gates(name: str, side: str) -> NDArray[np.float32]:
        """PyTorch has input, forget, cell, output; ONNX input, output, forget, cell."""
        first, forget, cell, out = getattr(lstm, f"{name}_{side}").detach().chunk(4)
        stacked: NDArray[np.float32] = torch.cat([first, out, forget, cell]).numpy()
        return stacked

    scaled = tagger.narrow.weight.detach() / tagger.deviation
    halves = {
        "narrow": scaled.T.numpy(),
        "input": np.stack([gates("weight_ih", side) for side in both]),
        "recurrent": np.stack([gates("weight_hh", side) for side in both]),
        "out": tagger.tags.weight.detach().T.numpy(),
    }
    for name, weight in halves.items():
        half = np.ascontiguousarray(weight).astype(np.float16)
        yield from_array(half, f"{PREFIX}{name}.half")
    biases = [
        np.concatenate([gates("bias_ih", side), gates("bias_hh", side)])
        for side in both
    ]
    rest = {
        "narrow.bias": (tagger.narrow.bias.detach() - scaled @ tagger.mean).numpy(),
        "bias": np.stack(biases),
        "out.bias": tagger.tags.bias.detach().numpy(),
        "second": np.array([1]),
        "shape": np.array([0, 0, 2 * hidden]),
    }
    for name, value in rest.items():
        yield from_array(np.ascontiguousarray(value), f"{PREFIX}{name}")
