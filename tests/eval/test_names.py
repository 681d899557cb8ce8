"""The measure of names: what is counted as right."""

from tests.eval.names import tagged_text


def test_bio_tags_become_names_of_the_joined_text():
    text, names = tagged_text(
        ["Eaton", "Corp", "hired", "Ann", "in", "Cork"],
        ["B-ORG", "I-ORG", "O", "B-PER", "O", "B-LOC"],
    )

    assert {(text[a:b], kind) for a, b, kind in names} == {
        ("Eaton Corp", "ORG"),
        ("Ann", "PERSON"),
        ("Cork", "PLACE"),
    }
