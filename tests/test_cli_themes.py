"""theme list and theme test, as a person runs them."""

import json

import pytest
from typer.testing import CliRunner

from monitor.analysis.encoder import default_model_dir, read_manifest
from monitor.cli import app
from monitor.errors import ConfigError, MonitorError, StoreError
from monitor.store.documents import Documents
from monitor.store.entries import Entries, Feeds
from monitor.store.store import Store
from monitor.types import FeedState
from tests import builders
from tests.builders import NOW

FEEDS = """
feeds: [{url: "https://example.org/feed", title: Example News}]
companies: [{id: nvidia, name: Nvidia}]
themes:
  - id: cooling
    name: {en: Cooling, ko: 냉각}
    patterns:
      en: [{any: [liquid cooling, coolant], none: [car]}]
      ko: [{any: [액침냉각]}]
  - id: empty
    name: {en: Empty}
    patterns: {en: [{any: [zzz]}]}
"""
STORAGE = """
themes:
  - id: storage
    name: {en: Grid batteries, ko: 전력망 배터리}
    description: Large batteries that store electricity for the grid or a data center.
    examples:
      - A utility installs a 200 MWh battery to store power for the grid
      - The data center adds large batteries to bridge outages
      - 대형 배터리로 전력망의 전기를 저장하는 ESS를 설치한다
"""
TEXTS = [
    "Servers get liquid cooling\nThe coolant is water. Nvidia is pleased.",
    "A car with liquid cooling\nIt is fast.",
    "서버에 액침냉각 도입\n데이터센터가 조용해진다.",
    "Profit rises at the bank\nLending grew by a tenth last year.",
    "Old news\nThe coolant leaked.",
]
needs_embedding = pytest.mark.skipif(
    read_manifest(default_model_dir()).version.split(".")[:2] < ["0", "2"],
    reason="the model here gives no embeddings: needs 0.2.0 or later",
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder whose database holds TEXTS; the last one was replaced."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "feeds.yaml").write_text(FEEDS, "utf-8")
    with Store(tmp_path / "monitor.db") as store:
        save(store, *TEXTS)
        with store.transaction() as connection:
            connection.execute(
                "UPDATE documents SET superseded_by = 'x' WHERE text LIKE 'Old%'"
            )
    return tmp_path


def save(store: Store, *texts: str) -> None:
    store.save_watched(
        feeds=[builders.feed()],
        companies=[builders.company()],
        themes=[builders.theme("cooling")],
    )
    for number, text in enumerate(texts):
        entry, document = builders.entry(str(number)), builders.document(text)
        state = FeedState(feed_url=entry.feed_url)
        Feeds(store).save_poll(state, entries=[entry], outcome="ok", now=NOW)
        Entries(store).save_documents(entry, [document])
        themes = ("cooling",) if "coolant" in text else ()
        read = builders.analysis(document, {}, themes)
        Documents(store).save([read], now=NOW)


def run(*words: str):
    return CliRunner().invoke(app, ["theme", *words])


def tried(*words: str):
    (found,) = json.loads(run("test", *words, "--since", "2026-01-01", "--json").stdout)
    return found


# --- test -----------------------------------------------------------------------------


@pytest.mark.usefixtures("folder")
def test_what_matches_and_what_nearly_does_is_shown():
    result = run("test", "cooling", "--since", "2026-01-01")

    assert result.stdout.splitlines() == [
        "cooling: 3 matches in 2 of 4 documents since 2026-01-01; 1 near miss",
        "",
        "matches",
        " 1.00  2026-03-02  Servers get liquid cooling",
        "       Servers get «liquid cooling»",
        "       pattern",
        " 1.00  2026-03-02  서버에 액침냉각 도입",
        "       서버에 «액침냉각» 도입",
        "       pattern",
        " 0.70  2026-03-02  Servers get liquid cooling",
        "       The «coolant» is water.",
        "       pattern",
        "",
        "nearly matched",
        "    –  2026-03-02  A car with liquid cooling",
        "       A car with «liquid cooling»",
        '       pattern, but `none` forbids "car"',
    ]


@pytest.mark.usefixtures("folder")
def test_the_json_has_offsets_of_the_stored_text():
    found = tried("cooling")
    texts = {builders.document(text).id: text for text in TEXTS}

    assert (found["matched"], found["nearly_matched"], found["documents"]) == (3, 1, 4)
    for row in (*found["matches"], *found["near_misses"]):
        text = texts[row["document_id"]]
        assert text[row["start_char"] : row["end_char"]] == row["text"]
        assert row["text"] in row["sentence"] in text
        assert row["nearness"] is None
        assert row["published_at"] == "2026-03-02T09:00:00Z"
    assert [row["score"] for row in found["matches"]] == [1.0, 1.0, 0.7]
    assert [row["score"] for row in found["near_misses"]] == [None]


@pytest.mark.usefixtures("folder")
def test_no_more_than_the_limit_is_shown_and_that_is_said():
    result = run("test", "cooling", "--since", "2026-01-01", "--limit", "1")

    assert "3 matches" in result.stdout
    assert "matches, the 1 strongest" in result.stdout
    assert result.stdout.count("«") == 2
    assert len(tried("cooling", "--limit", "2")["matches"]) == 2


@pytest.mark.usefixtures("folder")
def test_a_theme_that_finds_nothing_says_so():
    result = run("test", "empty", "--since", "2026-01-01")

    assert result.stdout == (
        "empty: 0 matches in 0 of 4 documents since 2026-01-01; 0 near misses\n"
    )


def test_a_long_sentence_is_cut_around_what_was_found(folder):
    long = f"Title\n{'before ' * 100}coolant{' after' * 100}."
    with Store(folder / "monitor.db") as store:
        save(store, long)
    result = run("test", "cooling", "--since", "2026-01-01", "--limit", "9")
    shown = " ".join(result.stdout.split())

    assert "before «coolant» after" in shown
    assert shown.count("before") < 20
    assert shown.count("after") < 20


def test_what_a_terminal_would_obey_is_not_printed(folder):
    with Store(folder / "monitor.db") as store:
        save(store, "\x1b[2J coolant\x07 [bold]\nNo.")

    assert (
        "[2J «coolant»  [bold]"
        in run("test", "cooling", "--since", "2026-01-01").stdout
    )


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("coolin", "did you mean cooling?"),
        ("Cooling", "did you mean cooling?"),
        ("power", "there are: cooling, empty"),
    ],
)
def test_an_unknown_theme_is_answered_with_those_that_there_are(name, hint):
    error = run("test", name).exception

    assert isinstance(error, MonitorError)
    assert not isinstance(error, ConfigError)
    assert str(error) == f"no theme and no file named {name!r}; {hint}"


def test_without_documents_it_says_what_to_do(folder):
    late = run("test", "cooling", "--since", "2026-03-03").exception
    (folder / "monitor.db").unlink()
    none = run("test", "cooling").exception
    Store(folder / "monitor.db").close()
    empty = run("test", "cooling").exception

    assert isinstance(late, StoreError)
    assert "no document was published since 2026-03-03" in str(late)
    assert "begins on 2026-03-02, so try a longer --since" in str(late)
    assert "no database yet; `monitor run --once` makes it" in str(none)
    assert "no document is stored yet; `monitor run --once` reads some" in str(empty)


# --- a file of its own ----------------------------------------------------------------


def test_a_theme_is_tried_from_a_file_before_it_is_in_feeds_yaml(folder):
    (folder / "mine.yaml").write_text(
        "themes: [{id: mine, name: {en: x}, patterns: {en: [{any: [bank]}]}}]"
    )

    assert [row["text"] for row in tried("mine.yaml")["matches"]] == ["bank"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("themes: []", "mine.yaml:1:1: themes: expected at least one"),
        (
            "themes:\n  - {id: a, name: {en: A}, example: [x]}",
            'mine.yaml:2:28: themes[0]: unknown key "example"; did you mean "examples"?',
        ),
        (
            "themes:\n  - {id: a, name: {en: A}}\n  - {id: a, name: {en: A}}",
            'mine.yaml:3:6: themes[1].id: "a": is there already, in line 2',
        ),
    ],
)
def test_a_file_that_is_wrong_is_named_with_the_place(folder, text, problem):
    (folder / "mine.yaml").write_text(text)
    error = run("test", "mine.yaml").exception

    assert isinstance(error, ConfigError)
    assert error.file == "mine.yaml"
    assert problem in str(error)


# --- with the model -------------------------------------------------------------------

NEWS = [
    "Utility adds storage\nThe utility will install a 400 MWh battery beside the substation.",
    "전력망 안정\n한전은 대규모 배터리 저장장치를 변전소에 설치하기로 했다.",
    "Bank profit\nThe bank lent more to small shops in the spring.",
    "은행 실적\n은행은 봄에 소상공인 대출을 늘렸다고 밝혔다.",
]


@needs_embedding
def test_examples_find_other_words_in_both_languages(folder):
    (folder / "storage.yaml").write_text(STORAGE, "utf-8")
    (folder / "monitor.db").unlink()
    with Store(folder / "monitor.db") as store:
        save(store, *NEWS)
    found = tried("storage.yaml")
    sentences = {row["sentence"] for row in found["matches"]}

    assert {text.split("\n")[1] for text in NEWS[:2]} <= sentences
    assert not any("bank" in one or "은행" in one for one in sentences)
    for row in found["matches"]:
        assert row["nearness"] > 0
        assert row["nearest"] in STORAGE
        assert row["why"] == "like an example"


# --- list -----------------------------------------------------------------------------


def test_the_list_says_how_each_theme_is_found_and_how_often(folder):
    (first, second) = json.loads(run("list", "--json").stdout)
    (folder / "monitor.db").unlink()

    assert first == {
        "theme": "cooling",
        "name": {"en": "Cooling", "ko": "냉각"},
        "patterns": {"en": 2, "ko": 1},
        "examples": 0,
        "documents": 1,
    }
    assert second["documents"] == 0
    assert "Cooling 냉각" in run("list").stdout
    assert json.loads(run("list", "--json").stdout)[0]["documents"] is None
