"""The shipped model folder: verification, batching, memory."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.analysis.encoder import (
    Encoder,
    Tokens,
    batches_by_length,
    default_model_dir,
    read_manifest,
)
from monitor.errors import ModelError


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(default_model_dir(), threads=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(default_model_dir(), tmp_path / "model"))


def test_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="make model") as caught:
        Encoder(tmp_path / "absent")

    assert caught.value.path == str(tmp_path / "absent")


@pytest.mark.parametrize("name", ["manifest.json", "model.onnx", "tokenizer.json"])
def test_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()

    with pytest.raises(ModelError, match="No such file") as caught:
        Encoder(folder)

    assert caught.value.path == str(folder / name)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_one_changed_byte_is_found(folder: Path, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)

    with pytest.raises(ModelError, match="sha256") as caught:
        Encoder(folder)

    assert caught.value.path == str(folder / name)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"name": 1, "files": []}', '{"files": {"a": {}}}']
)
def test_invalid_manifest_is_an_explained_error(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text)

    with pytest.raises(ModelError, match="not a model manifest"):
        read_manifest(folder)


def test_manifest_must_list_what_is_loaded(folder: Path) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["files"]["tokenizer.json"]
    path.write_text(json.dumps(manifest))

    with pytest.raises(ModelError, match="does not list tokenizer.json"):
        Encoder(folder)


def test_a_file_with_the_right_hash_that_is_no_model(folder: Path) -> None:
    path = folder / "manifest.json"
    (folder / "model.onnx").write_bytes(b"")
    manifest = json.loads(path.read_text())
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    manifest["files"]["model.onnx"]["sha256"] = empty
    path.write_text(json.dumps(manifest))

    with pytest.raises(ModelError, match="cannot load") as caught:
        Encoder(folder)

    assert caught.value.path == str(folder / "model.onnx")


def test_shipped_files_stay_small() -> None:
    total = sum(path.stat().st_size for path in default_model_dir().iterdir())

    assert total <= 45_000_000


def test_probabilities_follow_the_inputs(encoder: Encoder) -> None:
    texts = ["Profit doubles", "a " * 60, "", "적자 전환, 주가 급락"]
    inputs = [encoder.framed(e.ids) for e in encoder.tokenise(texts)]

    rows = encoder.probabilities(inputs)
    alone = np.concatenate([encoder.probabilities([one]) for one in inputs])

    assert rows.shape == (4, 3)
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)
    # int8 scales are taken over a batch, so equal only nearly
    np.testing.assert_allclose(rows, alone, atol=0.15)
    assert rows.argmax(axis=1)[[0, 3]].tolist() == alone.argmax(axis=1)[[0, 3]].tolist()


def test_marking_another_target_changes_the_answer(encoder: Encoder) -> None:
    text = "Vertiv soars while Eaton plunges"
    (encoding,) = encoder.tokenise([text])
    spans = [(0, 6), (19, 24)]
    inputs = [
        encoder.framed(
            encoding.ids,
            [i for i, (a, b) in enumerate(encoding.offsets) if a < end and b > start],
        )
        for start, end in spans
    ]

    rows = encoder.probabilities(inputs)

    assert [encoder.manifest.labels[i] for i in rows.argmax(axis=1)] == [
        "positive",
        "negative",
    ]


def test_no_input_gives_no_rows(encoder: Encoder) -> None:
    assert encoder.probabilities([]).shape == (0, 3)


@given(lengths=st.lists(st.integers(1, 50)), size=st.integers(1, 8))
def test_batches_hold_every_input_once_by_length(lengths: list[int], size: int) -> None:
    inputs = [Tokens(ids=tuple(range(length))) for length in lengths]

    batches = list(batches_by_length(inputs, size))

    assert sorted(i for batch in batches for i in batch) == list(range(len(inputs)))
    assert all(len(batch) <= size for batch in batches)
    flat = [lengths[i] for batch in batches for i in batch]
    assert flat == sorted(flat)


@pytest.mark.slow
def test_memory_stays_flat(encoder: Encoder) -> None:
    rng = np.random.default_rng(0)

    def run(batches: int) -> None:
        for _ in range(batches):
            lengths = rng.integers(3, 126, 8)
            encoder.probabilities(
                [encoder.framed(rng.integers(4, 40_000, n).tolist()) for n in lengths]
            )

    # The heap settles in steps; what leaks grows every time.
    grown = []
    for _ in range(4):
        before = _resident_bytes()
        run(40)
        grown.append(_resident_bytes() - before)

    assert min(grown) < 10_000_000


def _resident_bytes() -> int:
    statm = Path("/proc/self/statm")
    if not statm.exists():
        pytest.skip("resident memory is read from /proc, which this system lacks")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
