"""English texts without a label of ours, on which a teacher is asked for its view.

NewsMTSC (MIT) with its targets but not its labels, whose tone is no financial effect;
filings (public records of the SEC), press releases (CC0) and the corpus's headlines.
"""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

from models.recipe.corpus import texts
from models.recipe.examples import Example
from models.recipe.split import TRAIN
from monitor.analysis import sentences

SHORTEST, LONGEST = 40, 320
NEWS_TARGETS = 2_000
FILING_SENTENCES = 5_000
RELEASE_SENTENCES = 1_500
_SEED = "unlabelled"

_MARKUP = re.compile(r"https?:|\]\(|\*\*|<")
_FIGURES = re.compile(r"\d")
# A capitalised run before a legal form, or a subject that stands for the filer.
_COMPANY = re.compile(
    r"(?:[A-Z][\w&.-]+ ){1,4}(?:Inc|Corp|Corporation|Company|Co|Ltd|LLC|plc|PLC)\b"
    r"|\b(?:the|The|our|Our) (?:Company|Registrant|Bank)\b|\b[Ww]e\b"
)
_CAPITALISED = re.compile(r"\b[A-Z][\w&-]+(?: [A-Z][\w&-]+)*")


def unlabelled_examples(shared: Path) -> Iterator[Example]:
    """English texts in a fixed order, most of them with a target."""
    data, articles = shared / "data", shared / "corpus" / "articles"
    news = list(_news_targets(data / "newsmtsc" / "newsmtsc.jsonl"))
    yield from random.Random(_SEED).sample(news, min(NEWS_TARGETS, len(news)))
    for name in ("sec_8k_filings/sec_8k.jsonl", "sec_10k_parts/sec_10k_parts.jsonl"):
        found = list(_filing_sentences(data / name))
        yield from _sample("filings", found, FILING_SENTENCES // 2, _COMPANY)
    released = [
        text
        for path in sorted((articles / "press-releases").glob("*.md"))
        for text in texts(path).values()
    ]
    yield from _sample("releases", released, RELEASE_SENTENCES, _COMPANY)
    headlines = [
        text
        for path in sorted(articles.glob("headlines-en-*.tsv"))
        for text in texts(path).values()
    ]
    yield from _sample("titles", headlines, len(headlines), _CAPITALISED)


def _news_targets(path: Path) -> Iterator[Example]:
    with path.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            for target in row["targets"]:
                yield Example(
                    source="newsmtsc",
                    part=TRAIN,
                    text=row["sentence"],
                    start=target["from"],
                    end=target["to"],
                )


def _filing_sentences(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            items = row["items"]
            for text in (items if isinstance(items, dict) else {}).values():
                for start, end in sentences.split(text):
                    yield text[start:end].strip()


def _sample(
    source: str, found: list[str], count: int, target: re.Pattern[str]
) -> Iterator[Example]:
    """`count` different sentences, those with figures first among equals by chance."""
    rng = random.Random(f"{_SEED}/{source}")
    fitting = sorted({text for text in found if _is_prose(text)})
    rng.shuffle(fitting)
    fitting.sort(key=lambda text: _FIGURES.search(text) is None)
    for text in fitting[:count]:
        marks = list(target.finditer(text))
        mark = rng.choice(marks) if marks else None
        yield Example(
            source=source,
            part=TRAIN,
            text=text,
            start=mark.start() if mark else None,
            end=mark.end() if mark else None,
        )


def _is_prose(text: str) -> bool:
    return SHORTEST <= len(text) <= LONGEST and not _MARKUP.search(text)
