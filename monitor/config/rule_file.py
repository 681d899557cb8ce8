"""A file of its own with alert rules to try, as feeds.yaml has them under `alerts`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from monitor.config import Config, read_bytes, rules, within, yaml_file
from monitor.config.problems import Problem, listed, place_of, suggest
from monitor.config.section import Section
from monitor.config.validation import validate_as
from monitor.errors import ConfigError
from monitor.types import AlertRule


class RuleFile(Section):
    """A file with rules."""

    alerts: Annotated[tuple[rules.Alert, ...], Field(min_length=1)]


def load(path: Path, config: Config) -> tuple[AlertRule, ...]:
    """Read rules on the companies and themes of a configuration.

    Raises ConfigError with every problem found, each with its place.
    """
    file = yaml_file.read(read_bytes(path), {})
    sections, found = validate_as(RuleFile, file)
    unreadable = {problem.key for problem in file.problems}
    found += [*rules.check(file), *_unknown(file, config)]
    problems = [*file.problems, *(it for it in found if not within(it.key, unreadable))]
    if problems or sections is None:
        raise ConfigError(listed(problems, file=str(path)), file=path.name)
    return tuple(alert.build() for alert in sections.alerts)


def _unknown(file: yaml_file.YamlFile, config: Config) -> Iterator[Problem]:
    known = {
        "companies": {company.id for company in config.companies},
        "themes": {theme.id for theme in config.themes},
        "roles": {company.role for company in config.companies},
    }
    for key, text in file.texts.items():
        name = key[2] if key[:1] == ("alerts",) and len(key) == 4 else ""  # noqa: PLR2004 - alerts, index, name, index
        if name in known and text not in known[str(name)]:
            message = f"not in {config.path.name}{suggest(text, known[str(name)])}"
            place = place_of(key, file.places)
            yield Problem(place=place, key=key, value=text, message=message)
