"""feeds.yaml and the environment to a `Config`; every problem named with its place.

Reads the file and nothing else. Does not look whether feeds answer or models load.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from monitor.config import (
    checks,
    companies,
    rules,
    schema,
    validation,
    values,
    yaml_file,
)
from monitor.config.problems import Key, Problem, listed, place_of
from monitor.errors import ConfigError
from monitor.types import (
    AlertRule,
    Channel,
    Company,
    DigestSpec,
    Feed,
    MailServer,
    QuietHours,
    Theme,
)

REDACTED = "[redacted]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything that a person has decided."""

    path: Path
    """The file it was read from."""
    database: Path
    contact: str | None = None
    """E-mail address that the User-Agent names."""
    language: Literal["en", "ko"] = "en"
    """Of what the monitor writes; evidence stays in its own."""
    model: str = "builtin"
    """`builtin`, a folder, or a name on Hugging Face."""
    entities: bool = True
    """Find organisations, persons and places beyond the watch list."""
    feeds: tuple[Feed, ...] = ()
    companies: tuple[Company, ...] = ()
    by_ticker: dict[str, str] = field(default_factory=dict)
    """Companies without a name yet: id, and where their ticker stands."""
    themes: tuple[Theme, ...] = ()
    alerts: tuple[AlertRule, ...] = ()
    alert_recipients: tuple[str, ...] = ()
    quiet_hours: QuietHours | None = None
    alert_group: timedelta = timedelta(0)
    """For how long alerts are gathered into one message."""
    digests: tuple[DigestSpec, ...] = ()
    channels: tuple[Channel, ...] = ()
    mail: MailServer | None = None
    warnings: tuple[str, ...] = ()
    """What is allowed but hardly meant, each with file and line."""
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    """Values that must not be shown: passwords, channels' addresses, and what the
    environment put into URLs."""


def default_path() -> Path:
    """The feeds.yaml that ships: in the package, or above it in a checkout."""
    package = Path(__file__).parents[1]
    packaged = package / "feeds.yaml"
    return packaged if packaged.exists() else package.parent / "feeds.yaml"


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """Read feeds.yaml.

    Raises ConfigError with every problem found, each as `file:line:column: key:
    value: what would be right`.
    """
    file = yaml_file.read(read_bytes(path), environ)
    problems = list(file.problems)
    if file.places or not problems:
        unreadable = {problem.key for problem in problems}
        sections, found = validation.validate(file)
        found += [*checks.check(file), *companies.check(file)]
        problems += [one for one in found if not within(one.key, unreadable)]
    hidden = {} if problems else hidden_values(path, file, problems)
    if problems or sections is None:
        raise ConfigError(listed(problems, file=str(path)), file=path.name)
    return build(path, file, sections, hidden)


def read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        message = f"{path}: no such file; `monitor init` writes one to start from"
        raise ConfigError([message], file=path.name) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        message = f"{path}: cannot be read: {reason}"
        raise ConfigError([message], file=path.name) from error


def within(key: tuple[str | int, ...], others: set[tuple[str | int, ...]]) -> bool:
    """Whether a key is, or stands inside, one that already has a problem."""
    return any(key[: len(other)] == other for other in others if other)


def hidden_values(
    path: Path, file: yaml_file.YamlFile, problems: list[Problem]
) -> dict[Key, str]:
    """The secrets themselves by their keys, read from files where those are named."""
    return {
        key: hidden_value(path, file, key, problems)
        for key in file.texts
        if schema.is_secret(key) or (key[0] == "channels" and key[2:] == ("url",))
    }


def hidden_value(
    path: Path, file: yaml_file.YamlFile, key: Key, problems: list[Problem]
) -> str:
    given = file.texts[key]
    if not file.written[key].startswith("file:"):
        return given
    location = path.parent / Path(given.removeprefix("file:")).expanduser()
    try:
        secret = location.read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        secret, message = "", f"{location} cannot be read: {reason}"
    else:
        message = f"{location} is empty"
    if not secret:
        place = place_of(key, file.places)
        problems.append(Problem(place=place, key=key, message=message))
    return secret


def build(
    path: Path,
    file: yaml_file.YamlFile,
    sections: schema.File,
    hidden: Mapping[Key, str],
) -> Config:
    """Put the configuration together from sections without problems."""
    doubts = checks.doubts(sections, file)
    password = hidden.get(("mail", "password"))
    return Config(
        path=path,
        database=path.parent / Path(sections.database).expanduser(),
        contact=sections.contact,
        language=sections.language,
        model=model_location(path, sections.model),
        entities=sections.entities,
        feeds=tuple(feed.build() for feed in sections.feeds),
        companies=tuple(company.build() for company in sections.companies),
        by_ticker=companies.by_ticker(path, file, sections),
        themes=tuple(theme.build() for theme in sections.themes),
        alerts=tuple(alert.build() for alert in sections.alerts),
        alert_recipients=sections.alert_recipients,
        quiet_hours=sections.quiet_hours.build() if sections.quiet_hours else None,
        alert_group=sections.alert_group or timedelta(0),
        digests=tuple(
            digest.build(language=sections.language) for digest in sections.digests
        ),
        channels=tuple(channels(path, sections, hidden)),
        mail=sections.mail.build(password=password) if sections.mail else None,
        warnings=tuple(listed(doubts, file=str(path))),
        secrets=secrets(file, hidden.values()),
    )


def model_location(path: Path, model: str) -> str:
    """A folder beside feeds.yaml becomes its path; any other name stays."""
    folder = path.parent / Path(model).expanduser()
    return str(folder) if model != "builtin" and folder.is_dir() else model


def channels(
    path: Path, sections: schema.File, hidden: Mapping[Key, str]
) -> Iterator[Channel]:
    """Channels, in the language and time zone of the reader unless they say others."""
    built = (digest.build(language=sections.language) for digest in sections.digests)
    zone = next((digest.timezone for digest in built), ZoneInfo("UTC"))
    for index, channel in enumerate(sections.channels):
        of = channel.build(language=sections.language, timezone=zone)
        yield replace(
            of,
            url=hidden.get(("channels", index, "url"), ""),
            secret=hidden.get(("channels", index, "secret")),
            path=path.parent / Path(of.path).expanduser() if of.path else None,
        )


def secrets(file: yaml_file.YamlFile, hidden: Iterable[str]) -> frozenset[str]:
    in_urls = (
        value
        for key, came_in in file.filled.items()
        if key[-1] == "url"
        for value in came_in
    )
    return frozenset(secret for secret in (*hidden, *in_urls) if secret)


def show(config: Config) -> dict[str, Any]:
    """The configuration in effect, as feeds.yaml would say it, without secrets."""
    shown = {
        of.name: plain(getattr(config, of.name), config.secrets)
        for of in fields(config)
        if of.name not in {"path", "by_ticker", "warnings", "secrets"}
    }
    shown["alerts"] = [
        rules.shown(rule, built)
        for rule, built in zip(shown["alerts"], config.alerts, strict=True)
    ]
    for digest in shown["digests"]:
        number = digest.pop("weekday")
        if digest["period"] == "weekly":
            digest["weekday"] = values.WEEKDAYS[number]
    if config.mail and config.mail.password:
        shown["mail"]["password"] = REDACTED
    for channel in shown["channels"]:
        for name in ("url", "secret"):
            channel[name] = REDACTED if channel[name] else None
    return shown


def plain(value: Any, hidden: frozenset[str]) -> Any:
    """What JSON can hold, in the words of feeds.yaml."""
    if is_dataclass(value):
        return {of.name: plain(getattr(value, of.name), hidden) for of in fields(value)}
    if isinstance(value, dict):
        return {key: plain(inner, hidden) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [plain(inner, hidden) for inner in value]
    if isinstance(value, (str, Path, ZoneInfo, date)):
        return redact(str(value), hidden)
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return values.compact(value) if isinstance(value, timedelta) else value


def redact(text: str, hidden: frozenset[str]) -> str:
    """Take secrets out of a text, longest first as one may contain another."""
    for secret in sorted(hidden, key=len, reverse=True):
        text = text.replace(secret, REDACTED)
    return text
