"""`python -m tests.eval.story_words`: writes monitor/stories/common.tsv from the corpus.

How rare each term is in English and in Korean news; of both, the commoner. Figures
only: no text of the corpus goes with them.
"""

import csv
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from monitor.stories import words
from tests.conftest import SHARED

TABLE = Path(words.__file__).with_name("common.tsv")
ARTICLES = SHARED / "corpus" / "articles"
LEAST_DOCUMENTS = 4
RAREST = 6.5
"""Above this, a term is not listed: nearly as rare as one that is unknown."""

RELEASE_WORDS, OPENING = 120, 200
EVERY = 5
"""One of so many headlines about everything, which would drown the others."""


def english() -> Iterator[str]:
    for name in ("headlines-en-datacentre.tsv", "headlines-en-other.tsv"):
        yield from (row["headline"] for row in _rows(name))
    for path in sorted((ARTICLES / "press-releases").glob("*.md")):
        text = path.read_text("utf-8", errors="replace")
        yield " ".join(text.split()[:RELEASE_WORDS])


def korean() -> Iterator[str]:
    for row in _rows("ko/headlines-ko-semiconductor.tsv"):
        yield row["headline"]
    for name in ("articles-ko-theme.tsv", "articles-ko-it-world-2023-08-16.tsv"):
        for row in _rows(f"ko/{name}"):
            yield f"{row['headline']} {row['opening'][:OPENING]}"
    general = _rows("ko/headlines-ko-general-2023-08.tsv")
    yield from (row["headline"] for row in general[::EVERY])


def _rows(name: str) -> list[dict[str, str]]:
    csv.field_size_limit(1 << 24)
    with (ARTICLES / name).open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row for row in rows if row.get("headline")]


def rarities(
    texts: Iterable[str], terms: Callable[[str], Iterable[str]]
) -> dict[str, float]:
    """Term to the logarithm of documents per document with it; numbers are no terms."""
    counts: Counter[str] = Counter()
    documents = 0
    for documents, text in enumerate(texts, start=1):  # noqa: B007 - counted
        counts.update(set(terms(text)))
    return {
        term: round(math.log(documents / count), 1)
        for term, count in counts.items()
        if count >= LEAST_DOCUMENTS and not term.startswith("#")
    }


def main() -> None:
    found: dict[str, float] = {}
    for texts in (english, korean):
        for terms in (words.word_terms, words.shared_terms):
            for term, value in rarities(texts(), terms).items():
                found[term] = min(value, found.get(term, value))
    rows = sorted((value, term) for term, value in found.items() if value <= RAREST)
    head = (
        "# how rare a term is: ln(documents / documents with it), of English and "
        "Korean news\n"
    )
    TABLE.write_text(head + "".join(f"{t}\t{v}\n" for v, t in rows), "utf-8")


if __name__ == "__main__":
    main()
