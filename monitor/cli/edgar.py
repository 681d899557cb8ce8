"""edgar: filings of the SEC, looked at by hand."""

import re
from datetime import UTC, datetime
from os.path import commonprefix
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.output import AsJson, print_json, print_table, safe
from monitor.cli.recall import edgar_audit
from monitor.errors import MonitorError

if TYPE_CHECKING:
    from monitor.types import Document

FIELDS = (
    "form item items exhibit confidence title url accession_no cik period filing_date "
    "accepted_at published_at"
).split()

SHOWN = "form item exhibit confidence characters disclaimer title".split()


def register(app: typer.Typer) -> None:
    edgar = typer.Typer(help="Filings of the SEC, looked at.", no_args_is_help=True)
    edgar.command("parse")(edgar_parse)
    edgar.command("audit")(edgar_audit)
    app.add_typer(edgar, name="edgar")


def edgar_parse(
    file: Annotated[
        Path, typer.Argument(help="A full submission, or one document of it.")
    ],
    form: Annotated[
        str | None, typer.Option(help="Its form, where it does not say it: 10-K.")
    ] = None,
    with_text: Annotated[
        bool, typer.Option("--text", help="Print the texts too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print what a filing becomes: a row for each document.

    `confidence` is that of the cut into items; below 0.7 the text is left whole, and
    0 where the form is not known. What is no filing is refused.
    `disclaimer` counts the characters of it that no sentiment is read from.
    """
    from monitor.sources import filing, forms

    form = form and forms.named(form)
    try:
        body = file.read_bytes()
    except OSError as error:
        raise MonitorError(f"{file}: {error.strerror}") from error
    now = datetime.now(UTC)
    documents = filing.parse_file(body, path=str(file), fetched_at=now, form=form)
    rows = [_row(one, with_text=with_text) for one in documents]
    if as_json:
        print_json(rows)
        return
    first = documents[0]
    times = {
        "period": first.period,
        "filed": first.filing_date,
        "accepted": first.accepted_at and f"{first.accepted_at:%Y-%m-%d %H:%M} UTC",
    }
    known = [f"{name} {value}" for name, value in times.items() if value]
    whose = _whose([one.title for one in documents])
    print(safe("  ".join([whose, first.accession_no or file.name, *known])))
    for row in rows:
        row["title"] = row["title"].removeprefix(whose).strip(": ") or "the whole text"
    print_table(SHOWN, [[row[name] for name in SHOWN] for row in rows])
    for one in documents if with_text else ():
        print(safe(one.text, keep="\n"), end="\n\n")


def _whose(titles: list[str]) -> str:
    """What all titles begin with, form and company; all of it where there is one."""
    same = commonprefix(titles)  # noqa: RUF071 - of words, not of paths
    return re.split(r"(?:: (?:Item|Part)\b| \().*", same)[0].strip()


def _row(document: "Document", *, with_text: bool) -> dict[str, Any]:
    from monitor.analysis.boilerplate import disclaimers

    names = [*FIELDS, "text"] if with_text else FIELDS
    return {name: getattr(document, name) for name in names} | {
        "characters": len(document.text),
        "disclaimer": sum(end - start for start, end in disclaimers(document.text)),
    }
