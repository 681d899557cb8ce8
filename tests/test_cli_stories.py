"""`monitor stories` as a person runs it."""

import json

import pytest

from tests.test_cli import monitor

DOCUMENTS = [
    {
        "id": "a",
        "title": "Vertiv to buy liquid cooling firm Coldwell for $1.2 billion",
        "text": "Vertiv agreed to acquire Coldwell Thermal in cash.",
        "published_at": "2026-05-06T11:00:00Z",
        "url": "https://a.example/deal",
    },
    {
        "id": "b",
        "title": "버티브, 액체냉각 업체 콜드웰 12억달러에 인수",
        "text": "버티브가 콜드웰 서멀을 현금으로 인수하기로 했다.",
        "published_at": "2026-05-06T16:00:00+09:00",
        "language": "ko",
    },
    {
        "id": "c",
        "title": "Eaton to buy liquid cooling firm Norring for $900 million",
        "text": "Eaton agreed to acquire Norring Systems.",
    },
    {
        "id": "d",
        "title": "Corrected: another heading",
        "text": "",
        "url": "https://www.a.example/deal?utm_source=x",
    },
    {"id": "a", "title": "Harlan County bans data centers", "text": "For a year."},
]


def lines(documents) -> str:
    return "".join(json.dumps(it, ensure_ascii=False) + "\n" for it in documents)


def test_documents_come_back_with_story_and_novelty_in_order(tmp_path):
    result = monitor("stories", "--jsonl", "-", cwd=tmp_path, given=lines(DOCUMENTS))

    assert result.returncode == 0, result.stderr
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [it["id"] for it in found] == ["a", "b", "c", "d", "a"]
    assert [it["novelty"] for it in found] == [1.0, 0.75, 1.0, 0.5625, 1.0]
    stories = [it["story"] for it in found]
    assert stories[0] == stories[1] == stories[3]
    assert len(set(stories)) == 3
    assert all(set(it) == {"id", "story", "novelty"} for it in found)


def test_a_bad_line_is_named_and_the_others_are_placed(tmp_path):
    file = tmp_path / "in.jsonl"
    bad = '{"id": 1, "text": 5}\n{"id": 2, "text": "x", "url": 3}\nnot json\n'
    bad += '{"text": "x"}\n{"id": null, "text": "x"}\n'
    file.write_text(bad + lines(DOCUMENTS[:1]), "utf-8")

    result = monitor("stories", "--jsonl", file, cwd=tmp_path)

    assert result.returncode == 1
    assert "in.jsonl:1" in result.stderr
    assert 'expected "url" as a string' in result.stderr
    assert "in.jsonl:3" in result.stderr
    assert 'in.jsonl:4: expected "id"' in result.stderr
    assert 'in.jsonl:5: expected "id"' in result.stderr
    assert json.loads(result.stdout) == {"id": "a", "story": "s1", "novelty": 1.0}


@pytest.mark.parametrize("given", ["yesterday", "", "2026-13-40"])
def test_a_date_without_sense_is_none(tmp_path, given):
    document = DOCUMENTS[0] | {"published_at": given}

    result = monitor("stories", "--jsonl", "-", cwd=tmp_path, given=lines([document]))

    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["novelty"] == 1.0


def test_stories_of_a_database_are_listed(tmp_path):
    made = monitor("demo", "--folder", tmp_path / "demo", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    config = tmp_path / "demo" / "feeds.yaml"

    table = monitor("stories", "-c", config, "--since", "30d", cwd=tmp_path)
    rows = monitor("stories", "-c", config, "--since", "30d", "--json", cwd=tmp_path)

    assert table.returncode == 0, table.stderr
    assert "outlets" in table.stdout
    found = json.loads(rows.stdout)
    assert found[0]["outlets"] > 1
    assert [it["outlets"] for it in found] == sorted(
        (it["outlets"] for it in found), reverse=True
    )
    assert all(it["documents"] >= it["outlets"] >= 1 for it in found)
