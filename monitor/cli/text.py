"""analyze and sentiment: one text from the command line, or many as JSON lines."""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from monitor.cli.options import DEFAULT_CONFIG, ConfigPath, load_config_or_default
from monitor.cli.output import AsJson, print_json, print_jsonl, print_table, signed
from monitor.errors import MonitorError
from monitor.types import Analysis, Document, Sentiment

BATCH = 64

Lines = Annotated[
    str | None,
    typer.Option(
        "--jsonl", metavar="FILE|-", help="Read JSON lines, write JSON lines."
    ),
]


def register(app: typer.Typer) -> None:
    app.command()(analyze)
    app.command()(sentiment)


def analyze(
    text: Annotated[str, typer.Argument(help="The text.")] = "",
    title: Annotated[str, typer.Option(help="Its headline.")] = "",
    jsonl: Lines = None,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Read a text: companies with sentiment, themes, amounts, names.

    With --jsonl, each line has `id`, `text` and optionally `title`, `language`,
    `kind`, `published_at`; offsets run over title + newline + text.
    """
    from monitor.stages.analyse import Analyst, AnalystSetup

    loaded = load_config_or_default(config)
    analyst = Analyst(
        AnalystSetup(
            companies=loaded.companies,
            themes=loaded.themes,
            model=loaded.model,
            entities=loaded.entities,
        )
    )
    for problem in analyst.problems:
        print(f"warning: {problem}", file=sys.stderr)

    def handle(rows: Sequence[dict[str, Any]]) -> Iterable[dict[str, Any]]:
        analyses = analyst([_document(row) for row in rows]).analyses
        return [
            {"id": row.get("id")} | analysis_row(found)
            for row, found in zip(rows, analyses, strict=True)
        ]

    if jsonl is not None:
        stream(jsonl, handle, needs=needs_text)
        return
    given = {"id": "text", "title": _whole(title), "text": _required(text)}
    document = _document(given)
    (analysis,) = analyst([document]).analyses
    if as_json:
        print_json({"id": "text"} | analysis_row(analysis))
    else:
        _print_analysis(document, analysis)


def sentiment(
    text: Annotated[str, typer.Argument(help="The text.")] = "",
    target: Annotated[
        str, typer.Option(help="Words in the text that it is toward.")
    ] = "",
    jsonl: Lines = None,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Score a text, or what it means for a target in it.

    With --jsonl, each line has `id`, `text` and optionally `start_char` and
    `end_char` of the target.
    """
    from monitor.analysis import scorer

    model = scorer.load(load_config_or_default(config).model)

    def handle(rows: Sequence[dict[str, Any]]) -> Iterable[dict[str, Any]]:
        spans = [(r["text"], r.get("start_char"), r.get("end_char")) for r in rows]
        found = model.score(spans)
        return [
            {"id": row.get("id")} | sentiment_row(score)
            for row, score in zip(rows, found, strict=True)
        ]

    if jsonl is not None:
        stream(jsonl, handle, needs=_needs_span)
        return
    text = _required(text)
    start = text.find(target) if target else None
    if start == -1:
        raise MonitorError(f"{target!r} does not occur in the text")
    end = None if start is None else start + len(target)
    (score,) = model.score([(text, start, end)])
    if as_json:
        print_json(sentiment_row(score))
    else:
        print(f"{score.label or 'no result'}  {signed(score.score)}")


def analysis_row(analysis: Analysis) -> dict[str, Any]:
    """The stable JSON of an analysis."""
    return {
        "language": analysis.language,
        "mentions": [
            {
                "company": mention.company,
                "start_char": mention.start_char,
                "end_char": mention.end_char,
                "text": mention.text,
                "confidence": mention.confidence,
                "reason": mention.reason,
                "relevance": mention.relevance,
                "sentiment": mention.sentiment and sentiment_row(mention.sentiment),
            }
            for mention in analysis.mentions
        ],
        "themes": [
            {
                "theme": hit.theme,
                "score": hit.score,
                "start_char": hit.start_char,
                "end_char": hit.end_char,
            }
            for hit in analysis.themes
        ],
        "quantities": [
            {
                "kind": quantity.kind,
                "value": quantity.value,
                "unit": quantity.unit,
                "normalised": quantity.normalised,
                "normalised_unit": quantity.normalised_unit,
                "qualifier": quantity.qualifier,
                "tense": quantity.tense,
                "company": quantity.company,
                "theme": quantity.theme,
                "start_char": quantity.start_char,
                "end_char": quantity.end_char,
            }
            for quantity in analysis.quantities
        ],
        "entities": [
            {
                "label": entity.label,
                "start_char": entity.start_char,
                "end_char": entity.end_char,
                "text": entity.text,
            }
            for entity in analysis.entities
        ],
    }


def sentiment_row(sentiment: Sentiment) -> dict[str, Any]:
    """The stable JSON of a sentiment; null everywhere is no result."""
    return {
        "label": sentiment.label,
        "negative": sentiment.negative,
        "neutral": sentiment.neutral,
        "positive": sentiment.positive,
        "score": sentiment.score,
    }


def _document(row: dict[str, Any]) -> Document:
    from datetime import UTC, datetime

    title, body = row.get("title") or "", row["text"]
    now = datetime.now(UTC)
    return Document(
        id=str(row.get("id", "")),
        kind=row.get("kind") or "article",
        url="",
        title=title,
        text=f"{title}\n{body}" if title else body,
        language=row.get("language") or "und",
        published_at=now,
        fetched_at=now,
    )


def _required(text: str) -> str:
    if text:
        return str(_whole(text))
    if sys.stdin.isatty():
        raise MonitorError("no text; give one, pipe one in, or use --jsonl FILE")
    return str(_whole(sys.stdin.read()))


def _whole(value: Any) -> Any:
    """JSON without halves of surrogate pairs: no UTF-8 can be made of those.

    Each becomes one replacement character, so that offsets stay.
    """
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\ufffd", value)
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(inner) for key, inner in value.items()}
    return value


def needs_text(row: Any) -> str | None:
    if not isinstance(row, dict):
        return "expected an object"
    if not isinstance(row.get("text"), str):
        return 'expected "text" as a string'
    for key in ("title", "language", "kind"):
        if not isinstance(row.get(key) or "", str):
            return f'expected "{key}" as a string'
    return None


def _needs_span(row: Any) -> str | None:
    problem = needs_text(row)
    if problem:
        return problem
    start, end = row.get("start_char"), row.get("end_char")
    if start is None and end is None:
        return None
    if not (isinstance(start, int) and isinstance(end, int)):
        return 'expected "start_char" and "end_char", both or neither, as whole numbers'
    if not 0 <= start < end <= len(row["text"]):
        return f"the target {start}..{end} is not inside the text"
    return None


def stream(
    path: str,
    handle: Callable[[Sequence[dict[str, Any]]], Iterable[dict[str, Any]]],
    *,
    needs: Callable[[Any], str | None],
) -> None:
    """Handle JSON lines in batches; a bad line is named and the others go on."""
    bad = 0

    def rows(lines: IO[str]) -> Iterator[dict[str, Any]]:
        nonlocal bad
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = _whole(json.loads(line))
                problem = needs(row)
            except (ValueError, RecursionError) as error:
                problem = f"not JSON: {error}"
            if problem:
                print(f"{path}:{number}: {problem}; skipped", file=sys.stderr)
                bad += 1
                continue
            yield row

    with _open(path) as lines:
        stream = rows(lines)
        while batch := list(islice(stream, BATCH)):
            for result in handle(batch):
                print_jsonl(result)
    if bad:
        raise MonitorError(f"{bad} lines of {path} could not be read")


def _open(path: str) -> IO[str]:
    if path == "-":
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        return sys.stdin
    try:
        return Path(path).open(encoding="utf-8", errors="replace")
    except OSError as error:
        raise MonitorError(f"{path}: {error.strerror}") from error


def _print_analysis(document: Document, analysis: Analysis) -> None:
    print(f"language: {analysis.language}")
    text = document.text
    print_table(
        ["company", "as", "why", "sentiment", "score", "sentence"],
        [
            [
                mention.company,
                mention.text,
                f"{mention.reason} {mention.confidence:.2f}",
                (mention.sentiment and mention.sentiment.label) or "none",
                signed(mention.sentiment.score if mention.sentiment else None),
                text[mention.sentence_start : mention.sentence_end],
            ]
            for mention in analysis.mentions
        ],
    )
    if analysis.themes:
        rows = [[hit.theme, hit.text] for hit in analysis.themes]
        print_table(["theme", "found in"], rows)
    if analysis.quantities:
        print_table(
            ["amount", "", "in", "qualifier", "tense", "company", "theme"],
            [
                [
                    q.text,
                    q.normalised,
                    q.normalised_unit,
                    q.qualifier,
                    q.tense,
                    q.company,
                    q.theme,
                ]
                for q in analysis.quantities
            ],
        )
    if analysis.entities:
        named = ", ".join(
            f"{entity.text} ({entity.label})" for entity in analysis.entities
        )
        print(f"names: {named}")
