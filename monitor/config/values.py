"""The kinds of single values in feeds.yaml: durations, addresses, patterns ...

Each takes the text from the file and gives the value, or says what would be right.
"""

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from email.utils import parseaddr
from typing import Annotated, Any, NoReturn
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import regex
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from monitor.config import expressions
from monitor.config.problems import quote, suggest
from monitor.errors import UnknownNameError
from monitor.sources import forms

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
WEEKDAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
COUNTRIES = {"kr": "ko", "jp": "ja", "cn": "zh", "us": "en", "uk": "en"}
"""Country codes that people write for a language."""

LONGEST_EXAMPLE = 300


def refuse(message: str) -> NoReturn:
    """Reject a value with a message that says what would be right."""
    # Braces would be read as places to fill in.
    raise PydanticCustomError("value", "{message}", {"message": message})


def text(value: Any) -> str:
    if isinstance(value, (list, dict)):
        kind = "a list" if isinstance(value, list) else "keys and values"
        refuse(f"expected text, found {kind}")
    if value is None:
        refuse("has no value")
    return str(value).strip()


def line(value: Any) -> str:
    """One line that is not empty."""
    stripped = text(value)
    if not stripped:
        refuse("expected text, found nothing")
    if "\n" in stripped or "\t" in stripped:
        refuse("expected a single line without tabs")
    return stripped


def truth(value: Any) -> bool:
    """`true` or `false`."""
    word = text(value).lower()
    if word in {"true", "false"}:
        return word == "true"
    refuse("expected true or false")


def duration(low: timedelta, high: timedelta) -> Callable[[Any], timedelta]:
    """Make a reader of durations within bounds, both included."""

    def read(value: Any) -> timedelta:
        found = re.fullmatch(r"([0-9]{1,6}) ?([smhdw])", text(value))
        if not found:
            refuse("expected a duration such as 30m, 1h or 2d")
        length = timedelta(seconds=int(found[1]) * UNITS[found[2]])
        if not low <= length <= high:
            refuse(f"expected a duration from {compact(low)} to {compact(high)}")
        return length

    return read


def compact(length: timedelta) -> str:
    """Write a duration as feeds.yaml does: `30m`, `36h`, `2w`."""
    seconds = int(length.total_seconds())
    for unit in ("w", "d", "h", "m"):
        if seconds and seconds % UNITS[unit] == 0:
            return f"{seconds // UNITS[unit]}{unit}"
    return f"{seconds}s"


def web_address(value: Any) -> str:
    """An http or https URL without a password in it."""
    url = line(value)
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        refuse(f"not a URL: {error}")
    if parts.scheme not in {"http", "https"}:
        refuse("expected a URL that begins with https:// or http://")
    if not parts.hostname or re.search(r"\s", url):
        refuse("expected a URL such as https://example.com/feed.xml")
    return url


def mail_address(value: Any) -> str:
    """An e-mail address, no name beside it."""
    address = line(value)
    if not re.fullmatch(r"[!-?A-~]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]{2,}", address):
        refuse("expected an e-mail address such as name@example.com")
    return address


def recipient(value: Any) -> str:
    """An e-mail address, or the id of a channel."""
    word = line(value)
    if "@" in word:
        return mail_address(word)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", word):
        refuse("expected an e-mail address such as name@example.com, or a channel's id")
    return word


def channel_address(value: Any) -> str:
    """A URL of any scheme, such as apprise has many; or the file that holds it."""
    url = line(value)
    if not re.match(r"file:|[A-Za-z][A-Za-z0-9+.-]*://\S", url):
        refuse("expected a URL such as ntfy://ntfy.sh/topic or https://example.com/x")
    return url


def optional_mail_address(value: Any) -> str | None:
    """An e-mail address; nothing where the environment gives none."""
    return mail_address(value) if text(value) else None


def sender(value: Any) -> str:
    """An e-mail address, with or without a name."""
    full = line(value)
    mail_address(parseaddr(full)[1])
    return full


def pattern(value: Any) -> str:
    """A literal, or a regular expression after `re:`."""
    written = line(value)
    if not written.startswith("re:"):
        return written
    try:
        problem = expressions.problem(written.removeprefix("re:"))
    except (re.error, regex.error) as error:
        at = f" at character {error.pos + 1}" if error.pos is not None else ""
        refuse(f"not a regular expression: {error.msg}{at} after re:")
    except (OverflowError, RecursionError, Warning) as error:
        refuse(f"not a regular expression: {error}")
    if problem:
        refuse(problem)
    return written


def sentence(value: Any) -> str:
    """A sentence, as an example: what it means is compared, so a word is not enough."""
    written = line(value)
    if len(written.split()) < 3:  # noqa: PLR2004  as few as 냉각수 설비를 증설한다
        refuse("expected a sentence; single words are for patterns")
    if len(written) > LONGEST_EXAMPLE:
        refuse(f"expected one sentence of at most {LONGEST_EXAMPLE} characters")
    return written


def zone(value: Any) -> ZoneInfo:
    key = line(value)
    try:
        return ZoneInfo(key)
    except (KeyError, ValueError, OSError):
        near = suggest_zone(key)
    refuse(f"unknown time zone; expected one such as Asia/Seoul{near}")


def suggest_zone(key: str) -> str:
    """Find a zone by a misspelt name or by its city alone."""
    by_word = {zone.lower(): zone for zone in available_timezones()}
    by_word |= {zone.rpartition("/")[2]: by_word[zone] for zone in by_word}
    hint = suggest(key.replace(" ", "_"), by_word)
    found = re.search(r'"(.+)"', hint)
    return hint.replace(found[1], by_word[found[1]]) if found else ""


def clock(value: Any) -> time:
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", text(value))
    if not found or int(found[1]) > 23 or int(found[2]) > 59:  # noqa: PLR2004  a clock
        refuse("expected a time of day such as 07:00")
    return time(int(found[1]), int(found[2]))


def weekday(value: Any) -> int:
    """Name of a day to its number, 0 for Monday."""
    word = text(value).lower()
    if word not in WEEKDAYS:
        refuse(f"expected a day from monday to sunday{suggest(word, WEEKDAYS)}")
    return WEEKDAYS.index(word)


def language(value: Any) -> str:
    """An ISO 639-1 code."""
    code = text(value)
    if code in COUNTRIES:
        refuse(f"a country; expected a language, here {quote(COUNTRIES[code])}")
    if not re.fullmatch(r"[a-z]{2}", code):
        refuse("expected a language of two letters such as en or ko")
    return code


def identifier(value: Any) -> str:
    word = line(value)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", word):
        refuse("expected an id of a to z, 0 to 9, - and _, such as sk-hynix")
    return word


def form(value: Any) -> str:
    """A form of the SEC as EDGAR spells it; one that does not exist is never filed."""
    written = line(value)
    try:
        return forms.named(written)
    except UnknownNameError:
        near = suggest(written, forms.every()) or ", such as 8-K"
    refuse(f"no form of the SEC{near}")


def day(value: Any) -> date:
    written = text(value)
    try:
        return date.fromisoformat(written)
    except ValueError:
        refuse("expected a day such as 2021-10-28")


def ticker_id(ticker: str) -> str:
    """The id of a company that is named by its ticker alone: `nvda`, `brk-b`."""
    return re.sub(r"[^a-z0-9_-]", "-", ticker.lower())


MINUTE, YEAR = timedelta(minutes=1), timedelta(days=366)
Line = Annotated[str, BeforeValidator(line)]
Prose = Annotated[str, BeforeValidator(text)]
Truth = Annotated[bool, BeforeValidator(truth)]
Interval = Annotated[timedelta, BeforeValidator(duration(MINUTE, timedelta(days=30)))]
Window = Annotated[timedelta, BeforeValidator(duration(MINUTE, YEAR))]
Pause = Annotated[timedelta, BeforeValidator(duration(timedelta(0), YEAR))]
WebAddress = Annotated[str, BeforeValidator(web_address)]
Recipient = Annotated[str, BeforeValidator(recipient)]
ChannelAddress = Annotated[str, BeforeValidator(channel_address)]
MailAddress = Annotated[str, BeforeValidator(mail_address)]
Contact = Annotated[str | None, BeforeValidator(optional_mail_address)]
Sender = Annotated[str, BeforeValidator(sender)]
Pattern = Annotated[str, BeforeValidator(pattern)]
Sentence = Annotated[str, BeforeValidator(sentence)]
Zone = Annotated[ZoneInfo, BeforeValidator(zone)]
Form = Annotated[str, BeforeValidator(form)]
Day = Annotated[date, BeforeValidator(day)]
Clock = Annotated[time, BeforeValidator(clock)]
Weekday = Annotated[int, BeforeValidator(weekday)]
LanguageCode = Annotated[str, BeforeValidator(language)]
Id = Annotated[str, BeforeValidator(identifier)]
