"""Options that several commands share, and what they open."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from monitor.config import Config

ConfigPath = Annotated[
    Path,
    typer.Option(
        "--config", "-c", envvar="MONITOR_CONFIG", help="The configuration file."
    ),
]
DEFAULT_CONFIG = Path("feeds.yaml")


def load_config(path: Path) -> "Config":
    """Read the configuration, with the process's environment and the catalogue."""
    from monitor.watchlist import load

    return load(path, os.environ)


def load_config_or_default(path: Path) -> "Config":
    """The same, but the feeds.yaml that ships where none was made yet."""
    from monitor.config import default_path

    chosen = default_path() if path == DEFAULT_CONFIG and not path.exists() else path
    return load_config(chosen)
