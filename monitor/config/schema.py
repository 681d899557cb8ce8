"""The sections of feeds.yaml and their keys; from them the nouns of the monitor.

Checks each value alone; `checks` looks at how values go together.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from monitor import types
from monitor.config import values
from monitor.config.problems import Key
from monitor.config.rules import Alert
from monitor.config.section import Patterns, Section


class Feed(Section):
    """A feed to read."""

    url: values.WebAddress
    title: values.Line
    kind: types.FeedKind = "rss"
    language: values.LanguageCode | None = None
    interval: values.Interval | None = None
    tier: Annotated[int, Field(ge=1, le=3)] = 2
    full_text: values.Truth = True
    allow_private: values.Truth = False
    forms: tuple[values.Form, ...] = ()

    def build(self) -> types.Feed:
        return types.Feed(**self.given())


class OtherName(Section):
    """A name that is the company's for a time."""

    name: values.Line
    aliases: dict[values.LanguageCode, tuple[values.Line, ...]] = Field(
        default_factory=dict
    )
    since: values.Day | None = None
    until: values.Day | None = None

    def build(self) -> types.OtherName:
        return types.OtherName(**self.given())


class Company(Section):
    """A company that is watched; `checks` sees to it that it has a name or ticker."""

    id: values.Id | None = None
    name: values.Line | None = None
    role: values.Prose = ""
    ticker: values.Line | None = None
    exchange: values.Line | None = None
    cik: Annotated[int, Field(ge=1, le=9_999_999_999)] | None = None
    aliases: dict[values.LanguageCode, tuple[values.Line, ...]] = Field(
        default_factory=dict
    )
    context: tuple[values.Line, ...] = ()
    not_in: tuple[values.Line, ...] = ()
    subsidiaries: tuple[OtherName, ...] = ()
    former_names: tuple[OtherName, ...] = ()

    def build(self) -> types.Company:
        others = {
            key: tuple(one.build() for one in getattr(self, key))
            for key in ("subsidiaries", "former_names")
        }
        own = {"id": values.ticker_id(self.ticker or ""), "name": ""}
        return types.Company(**{**own, **self.given(), **others})


class Theme(Section):
    """A theme that is watched."""

    id: values.Id
    name: Annotated[dict[values.LanguageCode, values.Line], Field(min_length=1)]
    description: values.Prose = ""
    patterns: dict[values.LanguageCode, tuple[Patterns, ...]] = Field(
        default_factory=dict
    )
    examples: tuple[values.Sentence, ...] = ()

    def build(self) -> types.Theme:
        patterns = {
            language: tuple(one.build() for one in several)
            for language, several in self.patterns.items()
        }
        return types.Theme(**{**self.given(), "patterns": patterns})


class Digest(Section):
    """A digest that is written."""

    id: values.Id
    to: tuple[values.Recipient, ...] = ()
    period: Literal["daily", "weekly"] = "daily"
    at: values.Clock | None = None
    timezone: values.Zone | None = None
    weekday: values.Weekday | None = None
    language: Literal["en", "ko"] | None = None
    companies: tuple[values.Line, ...] = ()
    themes: tuple[values.Line, ...] = ()
    sections: Annotated[tuple[types.Section, ...], Field(min_length=1)] = types.SECTIONS
    top: Annotated[int, Field(ge=1, le=100)] = 12

    def build(self, *, language: Literal["en", "ko"]) -> types.DigestSpec:
        """Build the specification; `language` where it names none."""
        return types.DigestSpec(**{"to": (), "language": language, **self.given()})


class Mail(Section):
    """The server that mail goes through."""

    host: values.Line
    sender: values.Sender
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: values.Line | None = None
    password: values.Line | None = None
    timeout_s: Annotated[float, Field(ge=1, le=600, allow_inf_nan=False)] = 30

    def build(self, *, password: str | None) -> types.MailServer:
        """Build the server; `password` is the secret itself, not where it stands."""
        usual = {"starttls": 587, "tls": 465, "none": 25}[self.security]
        return types.MailServer(**{"port": usual, **self.given(), "password": password})


class Channel(Section):
    """Where alerts and digests go besides mail."""

    id: values.Id
    kind: Literal["apprise", "webhook", "atom"]
    url: values.ChannelAddress | None = None
    secret: values.Line | None = None
    path: values.Line | None = None
    link: values.WebAddress | None = None
    language: Literal["en", "ko"] | None = None
    timezone: values.Zone | None = None
    timeout_s: Annotated[float, Field(ge=1, le=120, allow_inf_nan=False)] = 15

    def build(self, **defaults: Any) -> types.Channel:
        """Build the channel; `defaults` are for what it does not set itself."""
        return types.Channel(**{**defaults, **self.given()})


class QuietHours(Section):
    """The hours in which only what is critical is told."""

    start: values.Clock
    end: values.Clock
    timezone: values.Zone | None = None

    @model_validator(mode="after")
    def _end_once(self) -> Self:
        if self.start == self.end:
            values.refuse("expected a start and an end that differ")
        return self

    def build(self) -> types.QuietHours:
        return types.QuietHours(**self.given())


class File(Section):
    """All of feeds.yaml."""

    language: Literal["en", "ko"] = "en"
    contact: values.Contact = None
    database: values.Line = "monitor.db"
    model: values.Line = "builtin"
    entities: values.Truth = True
    feeds: Annotated[tuple[Feed, ...], Field(min_length=1)]
    companies: tuple[Company, ...] = ()
    themes: tuple[Theme, ...] = ()
    alerts: tuple[Alert, ...] = ()
    alert_recipients: tuple[values.Recipient, ...] = ()
    quiet_hours: QuietHours | None = None
    alert_group: values.Pause | None = None
    digests: tuple[Digest, ...] = ()
    channels: tuple[Channel, ...] = ()
    mail: Mail | None = None


SECRETS = frozenset({("mail", "password"), ("channels", "secret")})
"""Keys whose values are never written in the file and never shown; of a list, of each
item."""


def is_secret(key: Key) -> bool:
    """Whether a value at this place is a secret."""
    return key in SECRETS or (key[0:1] + key[2:]) in SECRETS
