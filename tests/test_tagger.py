"""The tagger of names: learnt from the layers of an exported encoder, put into it."""

import random
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra `torch` is not installed")
pytest.importorskip("onnx", reason="the extra `torch` is not installed")

import onnxruntime
import torch

from models.recipe import export, tagger
from models.recipe.network import TAGS, MonitorNetwork
from models.recipe.rows import Row

# The exporter of torch warns a lot.
pytestmark = pytest.mark.filterwarnings("ignore")
CONFIG = {
    "vocab_size": 40,
    "hidden_size": 16,
    "num_hidden_layers": 12,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 32,
    "type_vocab_size": 2,
}
NAME, GOES_ON = 7, 8


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small encoder as int8 that nobody has trained."""
    folder = tmp_path_factory.mktemp("model")
    torch.manual_seed(1)
    network = MonitorNetwork(CONFIG).eval()
    network.words.load(torch.randn(40, 16))
    export.export_fp32(network, 1.0, folder / "fp32.onnx")
    export.quantise(folder / "fp32.onnx", folder / "int8.onnx")
    return folder / "int8.onnx"


def rows(count: int) -> list[Row]:
    """Texts of several lengths in which one piece begins a name and one goes on."""
    rng = random.Random(count)
    found = []
    for _ in range(count):
        ids = [0, *rng.choices([5, 6, NAME, GOES_ON], k=rng.randint(2, 12)), 2]
        tags, before = [], "O"
        for piece in ids:
            before = {NAME: "B-OG", GOES_ON: "I-OG"}.get(piece, "O")
            tags.append(TAGS.index(before))
        found.append(Row(ids=ids, tags=tags))
    return found


def outputs(path: Path, given: list[Row]) -> dict[str, np.ndarray]:
    width = max(len(row.ids) for row in given)
    ids, mask = (
        np.ones((len(given), width), np.int64),
        np.zeros((len(given), width), int),
    )
    for i, row in enumerate(given):
        ids[i, : len(row.ids)], mask[i, : len(row.ids)] = row.ids, 1
    session = onnxruntime.InferenceSession(str(path))
    feed = dict(zip(export.INPUTS, (ids, mask, np.zeros_like(ids)), strict=True))
    return dict(
        zip(export.OUTPUTS, session.run(list(export.OUTPUTS), feed), strict=True)
    )


def test_what_is_grafted_tags_as_it_was_taught_and_changes_nothing_else(
    model, tmp_path
):
    taught = rows(200)
    lines: list[str] = []
    settings = tagger.TaggerSettings(epochs=8, rate=1e-2, hidden=16, dropout=0.0)
    states = tagger.read_states(model, taught)
    trained = tagger.train_tagger(taught, states, settings, lines.append)
    tagger.graft(model, trained, tmp_path / "tagged.onnx")
    unseen = rows(30)
    before, after = outputs(model, unseen), outputs(tmp_path / "tagged.onnx", unseen)

    assert len(lines) == 8
    for name in ("probabilities", "embedding"):
        np.testing.assert_array_equal(after[name], before[name])
    for row, found in zip(unseen, after["tags"], strict=True):
        assert found[: len(row.ids)].argmax(axis=-1).tolist() == row.tags
    again = tmp_path / "again.onnx"
    tagger.graft(tmp_path / "tagged.onnx", trained, again)
    assert again.stat().st_size == (tmp_path / "tagged.onnx").stat().st_size


def test_what_pads_a_batch_changes_no_tag(model, tmp_path):
    settings = tagger.TaggerSettings(epochs=1, hidden=16)
    taught = rows(20)
    trained = tagger.train_tagger(
        taught, tagger.read_states(model, taught), settings, lambda _: None
    )
    tagger.graft(model, trained, tmp_path / "tagged.onnx")
    short, long = Row(ids=[0, 5, NAME, 2]), Row(ids=[0, *[6] * 20, 2])
    alone = outputs(tmp_path / "tagged.onnx", [short])["tags"][0]
    beside = outputs(tmp_path / "tagged.onnx", [short, long])["tags"][0, :4]

    # int8 takes its scale from the whole batch.
    np.testing.assert_allclose(alone, beside, atol=0.1)
