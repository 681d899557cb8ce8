"""query, search, company: reading the database."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from monitor.cli.options import DEFAULT_CONFIG, ConfigPath, load_config
from monitor.cli.output import (
    AsJson,
    bar,
    print_csv,
    print_json,
    print_table,
    safe,
    signed,
)

Days = Annotated[int, typer.Option(help="How many days back.", min=1)]
Limit = Annotated[int, typer.Option(help="Rows at most.", min=1)]


def register(app: typer.Typer) -> None:
    app.command()(query)
    app.command()(search)
    app.command()(company)


def query(
    sql: Annotated[str, typer.Argument(help="SELECT ...; none lists tables.")] = "",
    parameters: Annotated[
        list[str] | None, typer.Argument(help="Values for ? in the SQL.")
    ] = None,
    config: ConfigPath = DEFAULT_CONFIG,
    limit: Limit = 1000,
    timeout: Annotated[float, typer.Option(help="Seconds at most.")] = 10.0,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Ask the database in SQL; it can only be read here."""
    from monitor.store import queries

    connection = _reader(config, limit_s=timeout)
    if not sql:
        tables = queries.tables(connection)
        if as_json:
            print_json(tables)
            return
        rows = [[t["name"], t["type"], ", ".join(t["columns"])] for t in tables]
        print_table(["name", "", "columns"], rows)
        return
    result = queries.ask(connection, sql, parameters or [], limit=limit)
    if as_json:
        print_json([dict(zip(result.columns, r, strict=True)) for r in result.rows])
    elif as_csv:
        print_csv(result.columns, result.rows)
    else:
        print_table(result.columns, result.rows)
    if result.truncated:
        print(f"only the first {limit} rows; raise --limit", file=sys.stderr)


def search(
    words: Annotated[list[str], typer.Argument(help="Words that must all occur.")],
    config: ConfigPath = DEFAULT_CONFIG,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Find documents by words, in English and Korean, parts of words included."""
    from monitor.store import queries

    rows = queries.search(_reader(config), " ".join(words), limit=limit)
    if as_json:
        print_json(rows)
        return
    shown = [[row["published_at"][:10], row["title"], row["source"]] for row in rows]
    print_table(["date", "title", "source"], shown)


def company(
    name: Annotated[
        str, typer.Argument(help="Id, ticker or name, 엔비디아 too; none lists all.")
    ] = "",
    config: ConfigPath = DEFAULT_CONFIG,
    days: Days = 7,
    limit: Annotated[int, typer.Option(help="Evidence sentences.", min=1)] = 8,
    as_json: AsJson = False,
) -> None:
    """Show how companies are spoken of, or one with its evidence."""
    connection = _reader(config)
    now = datetime.now(UTC)
    if not name:
        print_companies(connection, since=now - timedelta(days=days), as_json=as_json)
        return
    found = _company(connection, name, now - timedelta(days=days), limit)
    if as_json:
        print_json(found)
        return
    print_table(
        ["day", "mentions", "−", "0", "+", "score", ""],
        [
            [
                row["day"],
                row["mentions"],
                row["negative"],
                row["neutral"],
                row["positive"],
                signed(row["score"]),
                bar(row["score"]),
            ]
            for row in found["days"]
        ],
        title=f"{found['name']}, last {days} days",
    )
    rows = [[r["theme"], r["documents"], signed(r["score"])] for r in found["themes"]]
    print_table(["theme", "documents", "score"], rows)
    for item in found["evidence"]:
        print(f"{signed(item['score'])}  {safe(item['sentence'])}")
        print(f"       {item['published_at']:%Y-%m-%d} {safe(item['source'])}")
        print(f"       {safe(item['url'])}")


def print_companies(connection: Any, *, since: datetime, as_json: bool) -> None:
    """The table of companies: who is spoken of, and how."""
    from monitor.store import queries

    rows = queries.company_table(connection, since=since, until=datetime.now(UTC))
    if as_json:
        print_json(rows)
        return
    print_table(
        ["company", "mentions", "sources", "−", "0", "+", "score", ""],
        [
            [
                queries.both_names(row["name"], row["name_ko"]),
                row["mentions"],
                row["sources"],
                row["negative"],
                row["neutral"],
                row["positive"],
                signed(row["score"]),
                bar(row["score"]),
            ]
            for row in rows
        ],
    )


def _reader(config: Any, *, limit_s: float | None = None) -> Any:
    from monitor.store.connection import open_reader

    return open_reader(load_config(config).database, limit_s=limit_s)


def _company(connection: Any, name: str, since: datetime, limit: int) -> dict[str, Any]:
    from dataclasses import asdict

    from monitor.store import queries

    found = queries.known_company(connection, name)
    evidence = queries.company_evidence(connection, found, limit=limit)
    return {
        "company": found,
        "name": queries.company_name(connection, found),
        "days": queries.company_days(connection, found, since=since),
        "themes": queries.company_themes(connection, found),
        "evidence": [asdict(item) for item in evidence],
    }
