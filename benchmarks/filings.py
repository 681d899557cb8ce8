"""Filings parsed per second, and items found in them: ours against edgartools.

Both read the same files of ../shared in one run, one after the other, and do the same
with them: items of the main document and exhibits 99, as text. Run it where both are
installed (`pip install -e . --group benchmarks`):

    python benchmarks/filings.py
"""

import json
import logging
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from monitor.sources import charset, filing, submission

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
FORMS = ("8-K", "10-K", "10-Q")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
# For files that are a main document alone: what both need to know of it.
HEADER = """<SEC-DOCUMENT>{number}.txt : 20200101
<SEC-HEADER>{number}.hdr.sgml : 20200101
<ACCEPTANCE-DATETIME>{year}0101120000
ACCESSION NUMBER:		{number}
CONFORMED SUBMISSION TYPE:	8-K
PUBLIC DOCUMENT COUNT:		1
CONFORMED PERIOD OF REPORT:	{year}0101
FILED AS OF DATE:		{year}0101
DATE AS OF CHANGE:		{year}0101

FILER:

	COMPANY DATA:
		COMPANY CONFORMED NAME:			INVENTED CORP
		CENTRAL INDEX KEY:			0000009999
</SEC-HEADER>
"""
DOCUMENT = """<DOCUMENT>
<TYPE>8-K
<SEQUENCE>1
<FILENAME>main{suffix}
<TEXT>
{text}
</TEXT>
</DOCUMENT>
</SEC-DOCUMENT>
"""
Codes = set[str]
Labelled = tuple[Path, Codes]
Reader = Callable[[Path], tuple[Codes, int]]
"""Item codes and characters of text that a submission gives."""


@dataclass(slots=True, kw_only=True)
class Score:
    """What one reader made of all files."""

    seconds: float = 0.0
    characters: int = 0
    failed: list[str] = field(default_factory=list)
    right: int = 0
    found: int = 0
    expected: int = 0

    def add(self, codes: Codes, expected: Codes) -> None:
        self.right += len(codes & expected)
        self.found += len(codes)
        self.expected += len(expected)


def ours(path: Path) -> tuple[Codes, int]:
    documents = filing.parse_file(path.read_bytes(), path=path.name, fetched_at=NOW)
    codes = {code for one in documents if one.item for code in one.items}
    return codes, sum(len(one.text) for one in documents)


def theirs(path: Path) -> tuple[Codes, int]:
    from edgar import Filing

    read = Filing.from_sgml(path)
    report = read.obj()
    texts = {item: str(report[item] or "") for item in getattr(report, "items", ())}
    exhibits = [
        one.text() or ""
        for one in read.attachments
        if (one.document_type or "").startswith("EX-99")
    ]
    codes = {item.upper().removeprefix("ITEM ").strip(" .") for item in texts}
    return codes, sum(map(len, [*texts.values(), *exhibits]))


def submissions(corpus: Path) -> Iterator[Path]:
    """Full submissions of the forms that both read."""
    for path in sorted(corpus.glob("*/*")):
        if path.suffix in {".txt", ".nc"}:
            found = submission.read(charset.decode(path.read_bytes()))
            form = (found.form or "").removesuffix("/A")
            if found.parts and found.accession_no and form in FORMS:
                yield path


def labelled(shared: Path, folder: Path) -> Iterator[Labelled]:
    """8-K files with the codes that a machine found, as submissions in `folder`."""
    corpus = shared / "corpus" / "filings" / "8k-raw-and-items"
    for labels in sorted(corpus.glob("*.items.json")):
        row = json.loads(labels.read_text("utf-8"))
        codes = {key[5:] for key, text in row.items() if key[:5] == "item_" and text}
        yield (
            wrapped(labels.with_name(labels.name[: -len(".items.json")]), folder),
            codes,
        )
    data = shared / "data" / "sec_8k_filings"
    for line in (data / "sec_8k.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        path = data / "raw" / row["filename"]
        if path.exists():
            yield wrapped(path, folder), set(row["item_codes"])


def wrapped(path: Path, folder: Path) -> Path:
    """`path` as a submission with a header that names no items."""
    text = charset.decode(path.read_bytes())
    found = submission.read(text)
    if found.accession_no:
        return path
    _, _, year, number = path.stem.split("_")
    head = HEADER.format(number=number, year=year)
    if not found.parts:
        text = DOCUMENT.format(suffix=path.suffix, text=text)
    target = folder / path.with_suffix(".txt").name
    target.write_text(head + text, encoding="utf-8")
    return target


def run(read: Reader, files: list[Labelled]) -> Score:
    score = Score()
    for path, expected in files:
        start = time.perf_counter()
        try:
            codes, characters = read(path)
        except Exception as error:  # noqa: BLE001 - theirs may be any
            reason = str(error).partition("\n")[0]
            score.failed.append(f"{path.name}: {type(error).__name__}: {reason}")
            codes, characters = set(), 0
        score.seconds += time.perf_counter() - start
        score.characters += characters
        score.add(codes, expected)
    return score


def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    readers: dict[str, Reader] = {"monitor": ours, "edgartools": theirs}
    with tempfile.TemporaryDirectory() as folder:
        corpus = SHARED / "corpus" / "filings"
        whole: list[Labelled] = [(path, set()) for path in submissions(corpus)]
        tests = list(labelled(SHARED, Path(folder)))
        for read in readers.values():  # imports are not what is measured
            run(read, whole[:3])
        print(f"{len(whole)} full submissions of 8-K, 10-K and 10-Q")
        for name, read in readers.items():
            score = run(read, whole)
            print(
                f"  {name:<10} {len(whole) / score.seconds:7.1f} filings/s  "
                f"{score.characters:>9,} characters  {len(score.failed)} failed"
            )
        print(f"{len(tests)} 8-K files against machine-found item codes")
        for name, read in readers.items():
            score = run(read, tests)
            print(
                f"  {name:<10} precision {score.right / max(score.found, 1):.3f}  "
                f"recall {score.right / score.expected:.3f}  "
                f"{len(tests) / score.seconds:7.1f} filings/s  {len(score.failed)} failed"
            )
            for line in score.failed if "-v" in sys.argv else ():
                print("   ", line)


if __name__ == "__main__":
    main()
