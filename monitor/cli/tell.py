"""digest: what was told, and what would be."""

import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import DEFAULT_CONFIG, ConfigPath, load_config
from monitor.cli.output import AsJson, DryRun, print_json, safe
from monitor.cli.work import print_messages
from monitor.errors import ConfigError, MonitorError, UnknownNameError

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.notify.render import Rendering
    from monitor.types import Digest, DigestSpec


def register(app: typer.Typer) -> None:
    app.command()(digest)


def digest(
    name: Annotated[str, typer.Argument(help="Its id; none is the first.")] = "",
    preview_file: Annotated[
        Path | None,
        typer.Option("--preview", metavar="FILE", help="Write it: .html or .txt."),
    ] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Send it to its recipients now.")
    ] = False,
    dry_run: DryRun = False,
    config: ConfigPath = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show the digest of the day or week up to now, write it, or send it.

    What `monitor run` sends by itself is the last full day or week; --send sends what
    is known up to now, once per day or week.
    """
    loaded = load_config(config)
    spec = chosen(loaded, name)
    if send:
        _send(loaded, spec, dry_run=dry_run)
        return
    if preview_file is not None:
        print(preview(loaded, spec.id, preview_file))
        return
    found = rolling_digest(loaded, spec)
    if as_json:
        print_json(asdict(found))
    else:
        print(safe(_render(loaded, found).text, keep="\n"))


def preview(config: "Config", name: str, path: Path) -> Path:
    """Write the digest up to now as HTML, or as text if the file ends in .txt."""
    from monitor.notify import render

    found = rolling_digest(config, chosen(config, name))
    rendering = _render(config, found)
    text = rendering.text if path.suffix == ".txt" else render.page(rendering)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise MonitorError(f"--preview {path}: {error.strerror}") from error
    return path


def chosen(config: "Config", name: str) -> "DigestSpec":
    """The digest of this id, or the first one."""
    if not config.digests:
        raise ConfigError([f"{config.path}: no digest is configured under `digests`"])
    by_id = {spec.id: spec for spec in config.digests}
    if name and name not in by_id:
        raise UnknownNameError("digest", name, by_id)
    return by_id[name] if name else config.digests[0]


def rolling_digest(config: "Config", spec: "DigestSpec") -> "Digest":
    """The digest of the day or week up to now."""
    from monitor.notify import digest as digests
    from monitor.stages.tell import compose_digest
    from monitor.store.connection import open_reader

    period = digests.rolling(spec, datetime.now(UTC))
    return compose_digest(config, open_reader(config.database), spec, period)


def _render(config: "Config", found: "Digest") -> "Rendering":
    from monitor.notify import render, view

    names = view.names(config.companies, config.themes, found.spec.language)
    return render.digest(found, names)


def _send(config: "Config", spec: "DigestSpec", *, dry_run: bool) -> None:
    import asyncio
    from contextlib import ExitStack

    from monitor.notify import digest as digests
    from monitor.stages.report import Report
    from monitor.stages.tell import TellStage
    from monitor.store.outbox import Outbox
    from monitor.store.snapshot import snapshot
    from monitor.store.store import Store

    if config.mail is None and any("@" in recipient for recipient in spec.to):
        raise ConfigError([f"{config.path}: no mail server is set under `mail`"])
    if not spec.to:
        raise ConfigError(
            [f"{config.path}: digest {spec.id!r} has no recipient in `to`"]
        )
    now = datetime.now(UTC)
    report = Report()
    with ExitStack() as stack:
        place = config.database
        if dry_run:
            place = stack.enter_context(snapshot(place))
        store = stack.enter_context(Store(place))
        stage = TellStage(config=config, outbox=Outbox(store), dry_run=dry_run)
        period = digests.rolling(spec, now)
        edition = period.edition
        period = replace(period, edition=f"{edition}:now")
        new = stage.reserve_digest(spec, period, now=now)
        asyncio.run(stage.dispatch.deliver(report, now=now))
    if not new:
        print(f"the digest of {edition} was sent before; nothing is sent twice")
    if dry_run:
        print_messages(report)
        return
    print(f"{report.sent} sent")
    for recipient, error in report.undelivered:
        print(f"warning: {recipient}: {safe(error)}", file=sys.stderr)
    if report.undelivered:
        raise typer.Exit(1)
