"""`python -m benchmarks.tagging`: documents of 400 words a second, on one core.

Everything but the sentiment model: language, companies, themes, amounts, and names as
a step that can be left out. With the watch list that ships, with all listed companies
of the United States and Korea, and beside spaCy's whole English pipeline.
"""

import csv
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import spacy

from monitor.analysis import entities, listed
from monitor.analysis.analyzer import Analyzer
from monitor.config import default_path, load
from monitor.sources import listings
from monitor.types import Company, Document, Listing
from tests.builders import document

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
WORDS, DOCUMENTS, ROUNDS = 400, 150, 3


def main() -> int:
    if not SHARED.is_dir():
        print(f"no corpus at {SHARED}", file=sys.stderr)
        return 2
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    config = load(default_path(), {})
    several, many = config.companies, (*config.companies, *listed_companies())
    documents = [document(text, language="en") for text in texts()]
    rows = []
    for named in (False, True):
        for companies in (several, many):
            analyzer = Analyzer(companies, config.themes, entities=named)
            step = "on" if named else "off"
            label = f"{len(companies):,} companies, names {step}"
            rows.append((label, rate(analyzer.analyze, documents)))
    rows.append(("spaCy's whole English pipeline", rate(spacy_pipeline(), documents)))
    slowest = rows[-1][1]
    for label, speed in rows:
        print(f"{label:<32} {speed:7.1f} documents/s  {speed / slowest:5.1f} x spaCy")
    print(
        f"{len(many):,} names cost {rows[0][1] / rows[1][1]:.2f} times {len(several)}"
    )
    return 0


def texts() -> list[str]:
    """Real English articles about the themes, cut and joined to 400 words."""
    csv.field_size_limit(10_000_000)
    path = SHARED / "corpus" / "articles" / "articles-en-theme.tsv"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    words = " ".join(f"{row['opening']} {row['extracts']}" for row in rows).split(" ")
    return [
        " ".join(words[at : at + WORDS])
        for at in range(0, min(len(words), WORDS * DOCUMENTS) - WORDS + 1, WORDS)
    ]


def listed_companies() -> list[Company]:
    """Everything in the SEC's and the Korea Exchange's lists, as by ticker alone."""
    data = SHARED / "data"
    with (data / "companies_sec" / "company_tickers.csv").open() as file:
        found = [
            Listing(market="us", ticker=row["ticker"], name=row["title"])
            for row in csv.DictReader(file)
        ]
    path = data / "companies_krx" / "krx_listed_desc.csv"
    found += listings.read_krx(path.read_bytes(), path=str(path))
    names = listed.Names(map(listed.usual_name, found))
    return [listed.company(one, names) for one in found]


def spacy_pipeline() -> Callable[[Sequence[Document]], object]:
    """`en_core_web_sm` with all of its components."""
    folder = Path(spacy.util.get_package_path(entities.PACKAGE))
    nlp = spacy.load(next(folder.glob(f"{entities.PACKAGE}-*")))
    return lambda documents: list(
        nlp.pipe([re.sub(r"\s+", " ", d.text) for d in documents])
    )


def rate(
    read: Callable[[Sequence[Document]], object], documents: Sequence[Document]
) -> float:
    """Documents a second of processor time, the best of some rounds."""
    read(documents[:10])
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        read(documents)
        best = min(best, time.process_time() - start)
    return len(documents) / best


if __name__ == "__main__":
    sys.exit(main())
