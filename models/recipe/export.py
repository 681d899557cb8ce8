"""A trained network -> the ONNX file that ships: int8, with its softmax inside.

Not responsible for the manifest, nor for measuring what the rounding costs.
"""

import math
from pathlib import Path

import torch
from torch import Tensor, nn

from models.recipe.network import MonitorNetwork

OPSET = 18
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OUTPUTS = ("probabilities", "tags", "embedding")


class Calibrated(nn.Module):
    """Softmax of the logits at a temperature, so that users need no second step."""

    def __init__(self, network: MonitorNetwork, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.temperature = temperature

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> tuple[Tensor, ...]:
        readings = self.network(input_ids, attention_mask, token_type_ids)
        probabilities = torch.softmax(readings.logits / self.temperature, dim=-1)
        return probabilities, readings.tags, readings.embedding


def fit_temperature(logits: Tensor, goals: Tensor) -> float:
    """The temperature from 0.3 to 3 with the least cross-entropy on held-back rows."""
    candidates = [math.exp(math.log(0.3) + i * math.log(10) / 100) for i in range(101)]
    costs = [nn.functional.cross_entropy(logits / t, goals).item() for t in candidates]
    return candidates[costs.index(min(costs))]


def export_fp32(network: MonitorNetwork, temperature: float, path: Path) -> None:
    """Write the fp32 graph with dynamic batch and token axes."""
    module = Calibrated(network, temperature).eval().cpu()
    ids = torch.tensor([[0, 5, 6, 2], [0, 7, 2, 1]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    types = torch.tensor([[0, 1, 0, 0], [0, 0, 0, 0]])
    axes = {name: {0: "batch", 1: "tokens"} for name in INPUTS}
    torch.onnx.export(
        module,
        (ids, mask, types),
        str(path),
        input_names=list(INPUTS),
        output_names=list(OUTPUTS),
        dynamic_axes={
            **axes,
            "probabilities": {0: "batch"},
            "tags": {0: "batch", 1: "tokens"},
            "embedding": {0: "batch"},
        },
        opset_version=OPSET,
        dynamo=False,
    )


def quantise(fp32: Path, int8: Path) -> None:
    """Matrix products to int8, weights by channel; word embeddings are int8 already."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    prepared = fp32.with_suffix(".prepared.onnx")
    quant_pre_process(str(fp32), str(prepared), skip_symbolic_shape=True)
    quantize_dynamic(
        str(prepared),
        str(int8),
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["MatMul"],
        extra_options={"MatMulConstBOnly": True},
    )
    prepared.unlink()
