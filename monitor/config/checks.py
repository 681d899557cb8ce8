"""How the values of feeds.yaml go together: ids, references, secrets; and doubts.

Works on the plain values, so that it finds its problems next to those of single
values. Warnings are for what is allowed but hardly meant.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import urlsplit

from monitor.config import companies, rules
from monitor.config.problems import Key, Problem, place_of, quote, suggest
from monitor.config.schema import File, is_secret
from monitor.config.yaml_file import YamlFile

IDENTITY = {
    "feeds": "url",
    "companies": "id",
    "themes": "id",
    "alerts": "id",
    "digests": "id",
    "channels": "id",
}
REFERENCES = {
    ("alerts", "companies"),
    ("alerts", "themes"),
    ("digests", "companies"),
    ("digests", "themes"),
}
SECRET = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-)?\}|file:.+", re.DOTALL)
TLS_PORT = 465


def check(file: YamlFile) -> list[Problem]:
    """Find everything that cannot be as it is."""
    checks = (
        duplicates,
        references,
        recipients,
        secrets,
        thresholds,
        rules.check,
        roles,
        only_for,
        channels,
        half_login,
    )
    return [problem for one in checks for problem in one(file)]


def texts(file: YamlFile, section: str, name: str) -> Iterator[tuple[Key, str]]:
    """Values of a key in all items of a section, lists item by item."""
    for key, text in file.texts.items():
        if key[0:1] == (section,) and key[2:3] == (name,) and len(key) <= 4:  # noqa: PLR2004  section, index, name, index
            yield key, text


def identified(file: YamlFile, section: str, name: str) -> Iterator[tuple[Key, str]]:
    """The same of what names the items, given or made of a company's ticker."""
    yield from texts(file, section, name)
    if section == "companies":
        yield from companies.ids_by_ticker(file)


def duplicates(file: YamlFile) -> Iterator[Problem]:
    for section, name in IDENTITY.items():
        seen: dict[str, Key] = {}
        for key, text in identified(file, section, name):
            first = seen.setdefault(text.rstrip("/"), key)
            if first != key:
                line = file.places[first].line
                yield at(file, key, f"is there already, in line {line}")


def references(file: YamlFile) -> Iterator[Problem]:
    for section, name in sorted(REFERENCES):
        known = {text for _, text in identified(file, name, "id")}
        noun = {"companies": "company", "themes": "theme"}[name]
        for key, text in texts(file, section, name):
            if text not in known:
                yield at(file, key, f"unknown {noun}{suggest(text, known)}")


def roles(file: YamlFile) -> Iterator[Problem]:
    known = {text for _, text in texts(file, "companies", "role")}
    yield from rules.unknown_roles(file, known)


def recipients(file: YamlFile) -> Iterator[Problem]:
    known = {text for _, text in texts(file, "channels", "id")}
    for key, text in file.texts.items():
        listed = key[:1] == ("alert_recipients",) or (
            key[:1] == ("digests",) and key[2:3] == ("to",)
        )
        if listed and "@" not in text and text not in known:
            yield at(
                file,
                key,
                f"neither an e-mail address nor a channel{suggest(text, known)}",
            )


def secrets(file: YamlFile) -> Iterator[Problem]:
    apprise = {
        (*key[:2], "url")
        for key, kind in texts(file, "channels", "kind")
        if kind == "apprise"
    }
    for key, written in file.written.items():
        if is_secret(key) and not SECRET.fullmatch(written):
            variable = "SMTP_PASSWORD" if key[0] == "mail" else "WEBHOOK_SECRET"
        elif key in apprise and not re.search(r"\$\{|^file:", written):
            variable = "APPRISE_URL"
        else:
            continue
        message = (
            f"a secret is not written here; write ${{{variable}}} and set that "
            "environment variable, or file:/path/to/a/file that holds it"
        )
        yield Problem(place=place_of(key, file.places), key=key, message=message)
    for address, _ in texts(file, "feeds", "url"):
        password = password_in(file.written[address])
        if password and not SECRET.fullmatch(password):
            message = "a password in a URL is not written here; write ${FEED_PASSWORD}"
            place = place_of(address, file.places)
            yield Problem(place=place, key=address, message=message)


def password_in(url: str) -> str | None:
    try:
        return urlsplit(url).password
    except ValueError:
        return None


def thresholds(file: YamlFile) -> Iterator[Problem]:
    above = dict(texts(file, "alerts", "score_above"))
    for key, text in texts(file, "alerts", "score_below"):
        beside: Key = (*key[:2], "score_above")
        other = above.get(beside)
        if other is not None and number(text) > number(other):
            yield at(file, key, f"with score_above {other} every score is enough")


def number(text: str) -> float:
    """The number, or NaN, which compares as false with everything."""
    try:
        return float(text)
    except ValueError:
        return float("nan")


def only_for(file: YamlFile) -> Iterator[Problem]:
    kinds = dict(texts(file, "feeds", "kind"))
    for key, _ in texts(file, "feeds", "forms"):
        if kinds.get((*key[:2], "kind"), "rss") != "edgar":
            yield at(file, key, "only a feed with kind: edgar has forms")
    periods = dict(texts(file, "digests", "period"))
    for key, _ in texts(file, "digests", "weekday"):
        if periods.get((*key[:2], "period"), "daily") != "weekly":
            yield at(file, key, "only a digest with period: weekly has a weekday")


CHANNEL_KEYS = {
    "apprise": ({"url"}, set()),
    "webhook": ({"url"}, {"secret"}),
    "atom": ({"path"}, {"link"}),
}
"""By kind: the keys that a channel needs, and those that it may have besides."""


def channels(file: YamlFile) -> Iterator[Problem]:
    special = {key for pair in CHANNEL_KEYS.values() for keys in pair for key in keys}
    for kind_key, kind in texts(file, "channels", "kind"):
        needed, allowed = CHANNEL_KEYS.get(kind, (set(), special))
        place = kind_key[:2]
        given = {str(key[2]) for key in file.texts if key[:2] == place and key[2:]}
        for name in sorted(needed - given):
            yield at(file, kind_key, f"needs the key {quote(name)} beside it")
        for name in sorted(given & special - needed - allowed):
            yield at(file, (*place, name), f"a channel of kind {kind} has none")
        url = file.texts.get((*place, "url"), "")
        if kind == "webhook" and not re.match("https?://|file:", url or "https://"):
            message = "a webhook's url begins with https:// or http://"
            yield Problem(
                place=place_of((*place, "url"), file.places),
                key=(*place, "url"),
                message=message,
            )


def half_login(file: YamlFile) -> Iterator[Problem]:
    for name, other in pairwise(("username", "password", "username")):
        key: Key = ("mail", name)
        if key in file.texts and ("mail", other) not in file.texts:
            place = place_of(key, file.places)
            message = f"needs mail.{other} beside it"
            yield Problem(place=place, key=key, message=message)


def at(file: YamlFile, key: Key, message: str) -> Problem:
    place = place_of(key, file.places)
    return Problem(place=place, key=key, value=file.written[key], message=message)


def doubts(sections: File, file: YamlFile) -> list[Problem]:
    """Find what is allowed but hardly meant, in a file without problems."""
    found = (
        *feed_doubts(sections),
        *watch_doubts(sections),
        *mail_doubts(sections),
        *channel_doubts(sections),
    )
    return [
        Problem(place=place_of(key, file.places), key=key, message=message)
        for key, message in found
    ]


def feed_doubts(sections: File) -> Iterator[tuple[Key, str]]:
    edgar = (i for i, feed in enumerate(sections.feeds) if feed.kind == "edgar")
    first = next(edgar, None)
    if first is not None and not sections.contact:
        advice = "the SEC answers only those who name a contact; set `contact`"
        yield ("feeds", first), advice


def watch_doubts(sections: File) -> Iterator[tuple[Key, str]]:
    if not sections.companies:
        yield (), "no companies: nothing is tagged or scored"
    owners: dict[str, list[str]] = defaultdict(list)
    for index, company in enumerate(sections.companies):
        aliases = {alias for of in company.aliases.values() for alias in of}
        for alias in sorted(aliases):
            if others := owners[alias]:
                message = f"{quote(alias)} is also a name of {others[0]}"
                yield ("companies", index, "aliases"), message
            others.append(company.id or company.ticker or "")
    for index, theme in enumerate(sections.themes):
        if not any(theme.patterns.values()) and not theme.examples:
            advice = "has no patterns and no examples, so it is never found"
            yield ("themes", index), advice


def mail_doubts(sections: File) -> Iterator[tuple[Key, str]]:
    mail = sections.mail
    if mail is None:
        advice = "has recipients, but without a mail section nothing is sent"
        if any("@" in recipient for recipient in sections.alert_recipients):
            yield ("alert_recipients",), advice
        for index, digest in enumerate(sections.digests):
            if any("@" in recipient for recipient in digest.to):
                yield ("digests", index, "to"), advice
        return
    if mail.port == TLS_PORT and mail.security != "tls":
        yield ("mail", "port"), "port 465 usually needs security: tls"
    local = mail.host in {"localhost", "127.0.0.1", "::1"}
    if mail.security == "none" and mail.password and not local:
        yield ("mail", "security"), "the password travels unencrypted"


def channel_doubts(sections: File) -> Iterator[tuple[Key, str]]:
    named = {
        *sections.alert_recipients,
        *(recipient for digest in sections.digests for recipient in digest.to),
    }
    for index, channel in enumerate(sections.channels):
        if channel.id not in named:
            advice = (
                "nothing is sent here: name it in alert_recipients or a digest's to"
            )
            yield ("channels", index), advice
        if channel.kind == "webhook" and not channel.secret:
            advice = "has no secret, so nobody can tell its messages from forged ones"
            yield ("channels", index), advice
