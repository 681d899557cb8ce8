"""theme list|test: what a theme finds in what is stored, and what it nearly finds."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.alerts import Since, moment
from monitor.cli.options import DEFAULT_CONFIG, ConfigPath, load_config
from monitor.cli.output import AsJson, print_json, print_table, progress, safe
from monitor.errors import StoreError, UnknownNameError

if TYPE_CHECKING:
    import sqlite3

    from monitor.analysis.themes import Candidate
    from monitor.config import Config
    from monitor.types import Document, Theme

AROUND = 110
"""Characters of a sentence that are shown before and after what was found."""

LONGEST = 260
"""Characters of what was found that are shown."""


def register(app: typer.Typer) -> None:
    themes = typer.Typer(help="Themes, and what they find.", no_args_is_help=True)
    themes.command("list")(list_)
    themes.command("test")(attempt)
    app.add_typer(themes, name="theme")


def list_(config: ConfigPath = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the themes of feeds.yaml: how each is found, and in how many documents."""
    from monitor.store import queries
    from monitor.store.connection import open_reader

    loaded = load_config(config)
    counts: dict[str, int] | None = None
    if loaded.database.exists():
        with closing(open_reader(loaded.database)) as connection:
            counts = queries.theme_counts(connection)
    rows = [
        {
            "theme": theme.id,
            "name": theme.name,
            "patterns": {
                language: sum(len(one.any) for one in several)
                for language, several in theme.patterns.items()
            },
            "examples": len(theme.examples),
            "documents": None if counts is None else counts.get(theme.id, 0),
        }
        for theme in loaded.themes
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        ["theme", "name", "patterns", "examples", "documents"],
        [[row["theme"], *_listed(row)] for row in rows],
    )


def _listed(row: dict[str, Any]) -> list[Any]:
    names = " ".join(dict.fromkeys(row["name"].values()))
    patterns = ", ".join(f"{key} {number}" for key, number in row["patterns"].items())
    return [names, patterns or "none", row["examples"], row["documents"]]


def attempt(
    name: Annotated[
        str, typer.Argument(help="A theme's id, or a file with `themes:` to try.")
    ],
    since: Since = "30d",
    limit: Annotated[
        int, typer.Option(help="Matches and near misses shown at most, of each.", min=1)
    ] = 10,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show what a theme finds in the stored documents, and what it nearly finds.

    Nothing is stored. Each match has its score, and each place what speaks for and
    against it; the database need not have been read with this theme.
    """
    from monitor.store import queries
    from monitor.store.connection import open_reader

    loaded = load_config(config)
    themes, start = _chosen(loaded, name), moment(since)
    with closing(open_reader(loaded.database)) as connection:
        documents = list(queries.documents(connection, since=start))
        if not documents:
            raise StoreError(_nothing(connection, start), path=str(loaded.database))
    found = [trial(theme, documents) for theme in themes]
    if as_json:
        print_json([_json(one, start, limit) for one in found])
        return
    for one in found:
        _print(one, start, limit)


def _chosen(config: "Config", name: str) -> "tuple[Theme, ...]":
    """The theme of this id, or the themes of this file."""
    by_id = {theme.id: theme for theme in config.themes}
    if name in by_id:
        return (by_id[name],)
    if Path(name).is_file():
        from monitor.config import theme_file

        return theme_file.load(Path(name))
    raise UnknownNameError("theme and no file", name, by_id)


def _nothing(connection: "sqlite3.Connection", since: datetime) -> str:
    from monitor.store import queries

    first = queries.first_known(connection)
    if first is None:
        return "no document is stored yet; `monitor run --once` reads some"
    return (
        f"no document was published since {since:%Y-%m-%d}; the database begins on "
        f"{first:%Y-%m-%d}, so try a longer --since"
    )


# --- the trial ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a theme makes of documents; the strongest first, the newest among equals."""

    theme: "Theme"
    documents: int
    matches: "Sequence[tuple[Document, Candidate]]"
    nearly: "Sequence[tuple[Document, Candidate]]"
    problems: Sequence[str]


def trial(theme: "Theme", documents: "Sequence[Document]") -> Trial:
    """Read documents with one theme. ModelError if its examples need a model."""
    from monitor.analysis import centred
    from monitor.analysis.analyzer import language_of
    from monitor.analysis.themes import ThemeTagger

    tagger = ThemeTagger([theme], centred.load() if theme.examples else None)
    found: list[tuple[Document, Candidate]] = []
    with progress() as show:
        for number, document in enumerate(documents, start=1):
            candidates = tagger.candidates(document.text, language_of(document))
            found += [(document, candidate) for candidate in candidates]
            show("documents", number, len(documents))
    found.sort(key=lambda pair: pair[0].published_at, reverse=True)
    found.sort(key=lambda pair: pair[1].hit.score, reverse=True)
    return Trial(
        theme=theme,
        documents=len(documents),
        matches=[pair for pair in found if pair[1].counts],
        nearly=[pair for pair in found if not pair[1].counts],
        problems=tagger.problems(),
    )


def _json(found: Trial, since: datetime, limit: int) -> dict[str, Any]:
    return {
        "theme": found.theme.id,
        "since": since,
        "documents": found.documents,
        "matched": len(found.matches),
        "nearly_matched": len(found.nearly),
        "matches": [_row(*pair) for pair in found.matches[:limit]],
        "near_misses": [_row(*pair) for pair in found.nearly[:limit]],
        "problems": found.problems,
    }


def _row(document: "Document", candidate: "Candidate") -> dict[str, Any]:
    hit, (first, last) = candidate.hit, candidate.sentence
    return {
        "score": round(hit.score, 3) if candidate.counts else None,
        "why": candidate.why,
        "nearness": candidate.near and round(candidate.near.nearness, 2),
        "nearest": candidate.near and candidate.near.text,
        "start_char": hit.start_char,
        "end_char": hit.end_char,
        "text": hit.text,
        "sentence": document.text[first:last],
        "document_id": document.id,
        "title": document.title,
        "source": document.source,
        "published_at": document.published_at,
        "url": document.url,
    }


def _print(found: Trial, since: datetime, limit: int) -> None:
    hits = found.matches
    inside = len({document.id for document, _ in hits})
    print(
        f"{found.theme.id}: {_many(len(hits), 'match', 'matches')} in {inside} of "
        f"{_many(found.documents, 'document', 'documents')} since {since:%Y-%m-%d}; "
        f"{_many(len(found.nearly), 'near miss', 'near misses')}"
    )
    for title, pairs in (("matches", hits), ("nearly matched", found.nearly)):
        if pairs:
            more = f", the {limit} strongest" if len(pairs) > limit else ""
            print(f"\n{title}{more}")
        for document, candidate in pairs[:limit]:
            _print_place(document, candidate)
    for problem in found.problems:
        print(f"warning: {safe(problem)}")


def _print_place(document: "Document", candidate: "Candidate") -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    near = candidate.near
    why = candidate.why
    if near:
        why += f"; nearness {near.nearness:.2f} to: {safe(near.text)}"
    console = Console(highlight=False, soft_wrap=False)
    head = f"{document.published_at:%Y-%m-%d}  {safe(document.title)}"
    score = f"{candidate.hit.score:5.2f}" if candidate.counts else "    –"
    console.print(Text(f"{score}  {head}"), no_wrap=True, overflow="ellipsis")
    for line in (Text.assemble(*_excerpt(document.text, candidate)), Text(why, "dim")):
        console.print(Padding(line, (0, 0, 0, 7), expand=False))


def _excerpt(text: str, candidate: "Candidate") -> Iterator[str | tuple[str, str]]:
    """The sentence, what was found in it in marks, cut where it is long."""
    hit, (first, last) = candidate.hit, candidate.sentence
    before, after = text[first : hit.start_char], text[hit.end_char : last]
    if len(before) > AROUND:
        before = "…" + before[-AROUND:]
    if len(after) > AROUND:
        after = after[:AROUND] + "…"
    shown = hit.text if len(hit.text) <= LONGEST else hit.text[:LONGEST] + "…"
    yield safe(before)
    yield f"«{safe(shown)}»", "bold"
    yield safe(after)


def _many(number: int, noun: str, several: str) -> str:
    return f"{number} {noun if number == 1 else several}"
