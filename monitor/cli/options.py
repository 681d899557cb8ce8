"""Options that several commands share, and what they open."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.errors import ConfigError

if TYPE_CHECKING:
    from monitor.config import Config

ConfigPath = Annotated[
    Path,
    typer.Option(
        "--config", "-c", envvar="MONITOR_CONFIG", help="The configuration file."
    ),
]
DEFAULT_CONFIG = Path("feeds.yaml")


def in_utc(text: str) -> datetime:
    """An ISO date or time, in UTC unless it says otherwise; ValueError if it is none."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def load_config(path: Path) -> "Config":
    """Read the configuration, with the process's environment and the catalogue."""
    from monitor.watchlist import load

    return load(path, os.environ)


def load_config_or_default(path: Path) -> "Config":
    """The same, but the feeds.yaml that ships where none was made yet."""
    from monitor.config import default_path

    chosen = default_path() if path == DEFAULT_CONFIG and not path.exists() else path
    return load_config(chosen)


def contactable(config: "Config") -> "Config":
    """The same, if the SEC is told whom to write to. Raises ConfigError otherwise."""
    if not any(feed.kind == "edgar" for feed in config.feeds):
        raise ConfigError([f"{config.path}: no feed of kind: edgar, so no filings"])
    return declared(config)


def declared(config: "Config") -> "Config":
    """The same; raises ConfigError if the SEC is to be asked by somebody unknown."""
    if config.contact or not any(feed.kind == "edgar" for feed in config.feeds):
        return config
    message = (
        f"{config.path}: contact: is not set, and the SEC answers only readers who say "
        "who they are; set it to your e-mail address, or take out the feeds of "
        "kind: edgar"
    )
    raise ConfigError([message])
