"""The ONNX session of a model folder: tokens in; probabilities, tags, embeddings out.

Verifies the folder against its manifest, batches by length and keeps memory flat. One
session serves a process. Not responsible for what the outputs mean: see `sentiment`,
`korean_names` and `similarity`.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from monitor.errors import ModelError
from monitor.types import Label

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Encoding

MANIFEST = "manifest.json"
MODEL = "model.onnx"
TOKENIZER = "tokenizer.json"

_REMEDY = "Rebuild it with `make model`, or reinstall the package."


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What `manifest.json` says of a model folder."""

    name: str
    version: str
    labels: tuple[Label, ...]
    max_tokens: int
    abstain_below: float
    """Least probability of negative or positive that is said."""
    tags: tuple[str, ...]
    """`O`, and `B-` and `I-` with each kind of name."""
    files: dict[str, str]
    """File name to the sha256 of its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """One input of the model; `target` holds positions in `ids`, empty for none."""

    ids: tuple[int, ...]
    target: tuple[int, ...] = ()


class Encoder:
    """A verified model folder, ready to run.

    Raises ModelError, with what to do, when the folder or one of its files is missing,
    damaged or cannot be loaded. `threads` None leaves the number to ONNX Runtime.
    """

    def __init__(
        self, folder: Path, *, threads: int | None = None, batch_size: int = 32
    ) -> None:
        self.manifest = read_manifest(folder)
        self._batch_size = batch_size
        verify(folder, self.manifest)
        self._tokenizer = _load_tokenizer(folder / TOKENIZER)
        self._session = _load_session(folder / MODEL, threads)
        self._start, self._end, self._pad = (
            self._tokenizer.token_to_id(token) for token in ("<s>", "</s>", "<pad>")
        )

    def tokenise(self, texts: Sequence[str]) -> "list[Encoding]":
        """Pieces of each text with character offsets, without start and end tokens."""
        encodings: list[Encoding] = self._tokenizer.encode_batch(
            list(texts), add_special_tokens=False
        )
        return encodings

    def framed(self, ids: Sequence[int], target: Sequence[int] = ()) -> Tokens:
        """`ids` between the start and the end token, `target` shifted along."""
        return Tokens(
            ids=(self._start, *ids, self._end),
            target=tuple(position + 1 for position in target),
        )

    def probabilities(self, inputs: Sequence[Tokens]) -> "NDArray[np.float32]":
        """(len(inputs), labels) in the order of `inputs`; each row sums to 1."""
        import numpy as np

        result = np.zeros((len(inputs), len(self.manifest.labels)), np.float32)
        for chosen, found in self._run("probabilities", inputs):
            result[chosen] = found
        return result

    def embeddings(self, inputs: Sequence[Tokens]) -> "NDArray[np.float32]":
        """(len(inputs), width) in the order of `inputs`; each row of length 1."""
        import numpy as np

        rows: list[NDArray[np.float32]] = [np.zeros(0, np.float32)] * len(inputs)
        for chosen, found in self._run("embedding", inputs):
            for i, row in zip(chosen, found, strict=True):
                rows[i] = row
        return np.stack(rows) if rows else np.zeros((0, 0), np.float32)

    def tag_scores(self, inputs: Sequence[Tokens]) -> "list[NDArray[np.float32]]":
        """(tokens, tags) logits of each input, the frame's two tokens left out."""
        import numpy as np

        rows: list[NDArray[np.float32]] = [np.zeros(0, np.float32)] * len(inputs)
        for chosen, found in self._run("tags", inputs):
            for i, row in zip(chosen, found, strict=True):
                rows[i] = row[1 : len(inputs[i].ids) - 1]
        return rows

    def _run(
        self, output: str, inputs: Sequence[Tokens]
    ) -> "Iterator[tuple[list[int], NDArray[np.float32]]]":
        for chosen in batches_by_length(inputs, self._batch_size):
            feed = _padded([inputs[i] for i in chosen], self._pad)
            yield chosen, self._session.run([output], feed)[0]


@cache
def shipped() -> Encoder:
    """The encoder that ships, loaded once a process; raises ModelError."""
    return Encoder(default_model_dir())


def default_model_dir() -> Path:
    """The model folder in the installed package, else the one in the repository."""
    package = Path(__file__).resolve().parents[1]
    packaged = package / "models" / "sentiment"
    return packaged if packaged.is_dir() else package.parent / "models" / "sentiment"


def read_manifest(folder: Path) -> Manifest:
    """Read a model folder's manifest; raises ModelError if it is missing or invalid."""
    path = folder / MANIFEST
    if not folder.is_dir():
        raise ModelError(f"{folder}: no model here. {_REMEDY}", path=str(folder))
    try:
        found = json.loads(path.read_text("utf-8"))
        return Manifest(
            name=found["name"],
            version=found["version"],
            labels=_labels(found["labels"]),
            max_tokens=int(found["max_tokens"]),
            abstain_below=float(found["abstain_below"]),
            tags=tuple(found["tags"]),
            files={name: entry["sha256"] for name, entry in found["files"].items()},
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelError(f"{path}: {reason}. {_REMEDY}", path=str(path)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{path}: not a model manifest ({error!r}). {_REMEDY}"
        raise ModelError(message, path=str(path)) from error


def _labels(found: list[str]) -> tuple[Label, ...]:
    if sorted(found) != ["negative", "neutral", "positive"]:
        raise ValueError(f"labels {found}")
    return cast("tuple[Label, ...]", tuple(found))


def verify(folder: Path, manifest: Manifest) -> None:
    """Raise ModelError unless every file is there with the bytes that were shipped."""
    for name in {MODEL, TOKENIZER} - manifest.files.keys():
        path = folder / MANIFEST
        raise ModelError(f"{path}: does not list {name}. {_REMEDY}", path=str(path))
    for name, expected in manifest.files.items():
        path = folder / name
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            reason = error.strerror or str(error)
            raise ModelError(f"{path}: {reason}. {_REMEDY}", path=str(path)) from error
        if found != expected:
            message = f"{path}: sha256 {found[:12]}…, not {expected[:12]}… as shipped"
            raise ModelError(f"{message}. {_REMEDY}", path=str(path))


def batches_by_length(inputs: Sequence[Tokens], size: int) -> Iterator[list[int]]:
    """Indices of `inputs` in batches of like length, so that little is padding."""
    order = sorted(range(len(inputs)), key=lambda i: len(inputs[i].ids))
    for at in range(0, len(order), size):
        yield order[at : at + size]


def _padded(rows: Sequence[Tokens], pad: int) -> "dict[str, NDArray[np.int64]]":
    import numpy as np

    shape = (len(rows), max(len(row.ids) for row in rows))
    ids = np.full(shape, pad, np.int64)
    mask, types = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for i, row in enumerate(rows):
        ids[i, : len(row.ids)] = row.ids
        mask[i, : len(row.ids)] = 1
        types[i, list(row.target)] = 1
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}


def _load_tokenizer(path: Path) -> Any:
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing narrower
        message = f"{path}: not a tokenizer ({error}). {_REMEDY}"
        raise ModelError(message, path=str(path)) from error


def session_options(threads: int | None) -> Any:
    """How ONNX Runtime runs the model, here and wherever it is measured."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or 0
    options.inter_op_num_threads = 1
    # The arena keeps the largest buffer of every shape ever seen, and threads that
    # spin between batches take the processor from everything else.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Processors with AVX2 but without VNNI clamp sums of two 8-bit products to 16 bits,
    # which cost half a point of accuracy there; this has them add up whole.
    options.add_session_config_entry("session.x64quantprecision", "1")
    options.log_severity_level = 3
    return options


def _load_session(path: Path, threads: int | None) -> Any:
    import onnxruntime

    options = session_options(threads)
    try:
        return onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # the library raises nothing narrower
        message = f"{path}: ONNX Runtime cannot load it ({error}). {_REMEDY}"
        raise ModelError(message, path=str(path)) from error
