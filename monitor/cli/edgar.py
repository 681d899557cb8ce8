"""edgar: filings of the SEC, looked at by hand."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.output import AsJson, print_json, print_table, safe
from monitor.errors import MonitorError

if TYPE_CHECKING:
    from monitor.types import Document


def register(app: typer.Typer) -> None:
    edgar = typer.Typer(help="Filings of the SEC, looked at.", no_args_is_help=True)
    edgar.command("parse")(edgar_parse)
    app.add_typer(edgar, name="edgar")


def edgar_parse(
    file: Annotated[Path, typer.Argument(help="A full submission text.")],
    with_text: Annotated[
        bool, typer.Option("--text", help="Print the texts too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print what a filing's submission becomes: a row for each document."""
    from monitor.sources import filing

    try:
        body = file.read_bytes()
    except OSError as error:
        raise MonitorError(f"{file}: {error.strerror}") from error
    now = datetime.now(UTC)
    documents = filing.parse_file(body, path=str(file), fetched_at=now)
    rows = [_row(one, with_text=with_text) for one in documents]
    if as_json:
        print_json(rows)
        return
    shown = ["form", "exhibit", "characters", "title"]
    print_table(shown, [[row[name] for name in shown] for row in rows])
    if with_text:
        print("\n\n".join(safe(one.text, keep="\n") for one in documents))


def _row(document: "Document", *, with_text: bool) -> dict[str, Any]:
    row = {
        "form": document.form,
        "exhibit": document.exhibit,
        "characters": len(document.text),
        "title": document.title,
        "accession_no": document.accession_no,
        "published_at": document.published_at,
        "url": document.url,
    }
    return row | {"text": document.text} if with_text else row
