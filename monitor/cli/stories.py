"""stories: what tells the same event, of the database or of JSON lines."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from monitor.cli.alerts import Since, moment
from monitor.cli.options import (
    DEFAULT_CONFIG,
    ConfigPath,
    in_utc,
    load_config,
    load_config_or_default,
)
from monitor.cli.output import AsJson, print_json, print_table
from monitor.cli.text import Lines, needs_text, stream


def register(app: typer.Typer) -> None:
    app.command()(stories)


def stories(
    jsonl: Lines = None,
    since: Since = "7d",
    top: Annotated[int, typer.Option(help="How many at most.", min=1)] = 20,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """List the stories that most outlets told; reprints count as one outlet.

    With --jsonl, each line has `id`, `title`, `text` and optionally `language`,
    `published_at`, `url`, in order; each gets its `story` and its `novelty`.
    """
    if jsonl is not None:
        teller = _Teller(load_config_or_default(config))
        stream(jsonl, teller.tell, needs=_needs_document)
        return
    from monitor.store import stories as stored
    from monitor.store.connection import open_reader

    connection = open_reader(load_config(config).database)
    found = stored.recent(connection, since=moment(since), limit=top)
    if as_json:
        print_json(found)
        return
    print_table(
        ["outlets", "documents", "first told", "story", "companies"],
        [
            [
                it["outlets"],
                it["documents"],
                it["first_at"][:10],
                it["title"],
                ", ".join(it["companies"]) or "–",
            ]
            for it in found
        ],
    )


class _Teller:
    """Documents as they come, to the stories that they tell."""

    def __init__(self, config: Any) -> None:
        from monitor.analysis import centred
        from monitor.analysis.analyzer import Analyzer
        from monitor.stories.shelf import Shelf

        self.analyzer = Analyzer(config.companies, config.themes, entities=False)
        self.embed = centred.load()
        self.shelf = Shelf()
        self.told: dict[str, int] = {}
        self.number = 0
        self.latest: datetime | None = None

    def tell(self, rows: Sequence[dict[str, Any]]) -> Iterable[dict[str, Any]]:
        from monitor.stories import fingerprint

        documents = [self._document(row) for row in rows]
        embeddings = self.embed([fingerprint.embedded_text(it) for it in documents])
        analyses = self.analyzer.analyze(documents)
        for row, document, analysis, embedding in zip(
            rows, documents, analyses, embeddings, strict=True
        ):
            found = self._fingerprint(row, document, analysis, embedding)
            yield {"id": row.get("id")} | self._place(found)

    def _document(self, row: dict[str, Any]) -> Any:
        from monitor.types import Document

        self.number += 1
        title, text = row.get("title") or "", row["text"]
        at = datetime.now(UTC)
        return Document(
            id=f"s{self.number}",
            kind="article",
            url=row.get("url") or "",
            title=title,
            text=f"{title}\n{text}" if title else text,
            language=row.get("language") or "und",
            published_at=at,
            fetched_at=at,
        )

    def _fingerprint(
        self, row: dict[str, Any], document: Any, analysis: Any, embedding: Any
    ) -> Any:
        """What came without a date is of the time of what came before it."""
        from dataclasses import replace

        from monitor.sources.document import canonical_url
        from monitor.stories import copies, fingerprint

        self.latest = published(row.get("published_at")) or self.latest
        return fingerprint.build(
            replace(document, published_at=self.latest or document.published_at),
            language=analysis.language,
            companies={it.company for it in analysis.mentions},
            names={it.text for it in analysis.mentions},
            themes={it.theme for it in analysis.themes},
            amounts={(q.normalised_unit, q.normalised) for q in analysis.quantities},
            embedding=embedding,
            link=copies.link(canonical_url(document.url)),
            dated=self.latest is not None,
        )

    def _place(self, found: Any) -> dict[str, Any]:
        from monitor.stories.novelty import novelty

        placed = self.shelf.place(found)
        self.shelf.add(placed.member(found))
        earlier = self.told.get(placed.story, 0)
        self.told[placed.story] = earlier + 1
        return {"story": placed.story, "novelty": round(novelty(earlier), 4)}


def published(text: Any) -> datetime | None:
    """An ISO date or time; without a zone it is UTC, without sense None."""
    try:
        return in_utc(str(text))
    except ValueError:
        return None


def _needs_document(row: Any) -> str | None:
    problem = needs_text(row)
    if problem:
        return problem
    if row.get("id") is None:
        return 'expected "id", by which its story is told apart'
    for key in ("url", "published_at"):
        if not isinstance(row.get(key) or "", str):
            return f'expected "{key}" as a string'
    return None
