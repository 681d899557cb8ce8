"""A file of its own with themes to try, as feeds.yaml has them under `themes`."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from monitor.config import checks, read_bytes, within, yaml_file
from monitor.config.problems import listed
from monitor.config.schema import Theme as ThemeSection
from monitor.config.section import Section
from monitor.config.validation import validate_as
from monitor.errors import ConfigError
from monitor.types import Theme


class ThemeFile(Section):
    """A file with themes."""

    themes: Annotated[tuple[ThemeSection, ...], Field(min_length=1)]


def load(path: Path) -> tuple[Theme, ...]:
    """Read themes; raises ConfigError with every problem found, each with its place."""
    file = yaml_file.read(read_bytes(path), {})
    sections, found = validate_as(ThemeFile, file)
    unreadable = {problem.key for problem in file.problems}
    found += checks.duplicates(file)
    problems = [*file.problems, *(it for it in found if not within(it.key, unreadable))]
    if problems or sections is None:
        raise ConfigError(listed(problems, file=str(path)), file=path.name)
    return tuple(theme.build() for theme in sections.themes)
