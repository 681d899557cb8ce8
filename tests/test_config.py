"""feeds.yaml: what it gives, what it refuses and how it says so."""

import json
from dataclasses import asdict
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor import config
from monitor.config import schema
from monitor.errors import ConfigError
from monitor.types import (
    AlertRule,
    Company,
    DigestSpec,
    Feed,
    MailServer,
    Patterns,
    Theme,
)

SHIPPED = Path(__file__).resolve().parents[1] / "feeds.yaml"
CANARY = "canary-7f3a"

SMALL = """\
feeds:
  - url: https://example.com/feed
    title: Example
"""

FULL = """\
language: ko
contact: ${CONTACT}
database: data/all.db
model: ProsusAI/finbert
entities: false
feeds:
  - url: https://example.com/current
    title: Filings
    kind: edgar
    language: en
    interval: 10m
    tier: 1
    full_text: false
    allow_private: true
    forms: [8-k, Form 6-K]
companies:
  - id: samsung-electronics
    name: Samsung Electronics
    ticker: 005930
    exchange: KOSPI
    role: chips
    aliases: {en: [Samsung Electronics], ko: [삼성전자]}
    context: [chip]
    not_in: [Samsung Biologics]
  - id: nvidia
    name: NVIDIA
    cik: 0001045810
themes:
  - id: ppa
    name: {en: Power purchase, ko: 전력구매계약}
    description: Contracts to buy electricity.
    patterns:
      en:
        - any: [power purchase agreement, 're:\\bPPAs?\\b']
          all: [megawatt]
          none: [draft]
    examples: [A utility signs for power, 원전 전력을 사기로 했다]
alerts:
  - id: bad-news
    by: theme
    themes: [ppa]
    companies: [nvidia]
    window: 2d
    min_mentions: 5
    min_sources: 3
    score_below: -0.3
    score_above: 0.5
    cooldown: 1w
alert_recipients: [a@example.com]
digests:
  - id: weekly
    to: [b@example.com]
    period: weekly
    at: 7:05
    timezone: Asia/Seoul
    weekday: Friday
    companies: [nvidia]
    top: 3
mail:
  host: smtp.example.com
  username: me
  password: ${PASSWORD}
  sender: Monitor <me@example.com>
"""
ENVIRON = {"CONTACT": "me@example.com", "PASSWORD": CANARY}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty working directory, so that messages say just `feeds.yaml`."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(text, environ=None):
    path = Path("feeds.yaml")
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return config.load(path, environ or {})


def problems(text, environ=None):
    with pytest.raises(ConfigError) as caught:
        load(text, environ)
    return caught.value.problems


# --- what it gives ------------------------------------------------------------------


def test_every_key_arrives_in_its_noun():
    result = load(FULL, ENVIRON)

    assert result.feeds == (
        Feed(
            url="https://example.com/current",
            title="Filings",
            kind="edgar",
            language="en",
            interval=timedelta(minutes=10),
            tier=1,
            full_text=False,
            allow_private=True,
            forms=("8-K", "6-K"),
        ),
    )
    assert result.companies == (
        Company(
            id="samsung-electronics",
            name="Samsung Electronics",
            ticker="005930",
            exchange="KOSPI",
            role="chips",
            aliases={"en": ("Samsung Electronics",), "ko": ("삼성전자",)},
            context=("chip",),
            not_in=("Samsung Biologics",),
        ),
        Company(id="nvidia", name="NVIDIA", cik=1045810),
    )
    pattern = Patterns(
        any=("power purchase agreement", r"re:\bPPAs?\b"),
        all=("megawatt",),
        none=("draft",),
    )
    assert result.themes == (
        Theme(
            id="ppa",
            name={"en": "Power purchase", "ko": "전력구매계약"},
            description="Contracts to buy electricity.",
            patterns={"en": (pattern,)},
            examples=("A utility signs for power", "원전 전력을 사기로 했다"),
        ),
    )
    assert result.alerts == (
        AlertRule(
            id="bad-news",
            by="theme",
            themes=("ppa",),
            companies=("nvidia",),
            window=timedelta(days=2),
            min_mentions=5,
            min_sources=3,
            score_below=-0.3,
            score_above=0.5,
            cooldown=timedelta(days=7),
        ),
    )
    assert result.digests == (
        DigestSpec(
            id="weekly",
            to=("b@example.com",),
            period="weekly",
            at=time(7, 5),
            timezone=ZoneInfo("Asia/Seoul"),
            weekday=4,
            language="ko",
            companies=("nvidia",),
            top=3,
        ),
    )
    assert result.mail == MailServer(
        host="smtp.example.com",
        username="me",
        password=CANARY,
        sender="Monitor <me@example.com>",
    )
    assert (result.language, result.contact) == ("ko", "me@example.com")
    assert (result.model, result.entities) == ("ProsusAI/finbert", False)
    assert result.alert_recipients == ("a@example.com",)
    assert result.database == Path("data/all.db")


def test_what_is_left_out_has_the_defaults_of_the_nouns():
    result = load(
        SMALL
        + "alerts: [{id: a, window: 1h, min_mentions: 2}]\ndigests: [{id: d}]\nmail:\n"
    )

    assert result.feeds == (Feed(url="https://example.com/feed", title="Example"),)
    assert result.alerts == (
        AlertRule(id="a", window=timedelta(hours=1), min_mentions=2),
    )
    assert result.digests == (DigestSpec(id="d", to=()),)
    assert (result.mail, result.contact, result.model) == (None, None, "builtin")
    assert result.database == Path("monitor.db")


def test_paths_are_relative_to_the_file(tmp_path):
    (tmp_path / "classifier").mkdir()
    path = tmp_path / "feeds.yaml"
    path.write_text(SMALL + "model: classifier\ndatabase: deep/x.db\n")

    result = config.load(path, {})

    assert result.model == str(tmp_path / "classifier")
    assert result.database == tmp_path / "deep" / "x.db"


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        ("1d", timedelta(days=1)),
        ("2w", timedelta(weeks=2)),
    ],
)
def test_durations(written, length):
    assert load(SMALL + f"    interval: {written}\n").feeds[0].interval == length


def test_norwegian_is_a_language_and_no_boolean():
    result = load(SMALL + "    language: no\ncompanies:\n  - {id: a, name: on}\n")

    assert (result.feeds[0].language, result.companies[0].name) == ("no", "on")


@pytest.mark.parametrize(
    ("written", "environ", "value"),
    [
        ("${NAME}", {"NAME": "x: [y"}, "x: [y"),
        ("a ${NAME} b", {"NAME": "mid"}, "a mid b"),
        ("${NAME:-plain}", {}, "plain"),
        ("${NAME:-plain}", {"NAME": ""}, "plain"),
        ("${NAME:-plain}", {"NAME": "set"}, "set"),
        ("$${NAME}", {"NAME": "x"}, "${NAME}"),
        ("costs $5", {}, "costs $5"),
        ("${NAME}", {"NAME": "${OTHER}", "OTHER": "x"}, "${OTHER}"),
    ],
)
def test_the_environment_is_filled_in(written, environ, value):
    text = f"feeds: [{{url: 'https://example.com', title: '{written}'}}]"

    assert load(text, environ).feeds[0].title == value


def test_an_alias_stands_for_its_anchor():
    result = load(
        SMALL + "companies: [{id: a, name: &n Acme, not_in: [*n]}]\n"
    ).companies[0]

    assert (result.name, result.not_in) == ("Acme", ("Acme",))


# --- what it refuses: `¶` marks the place that the message must name -----------------

FEED = "feeds: [{url: 'https://example.com', title: x, %s}]"
DIGEST = SMALL + "digests:\n  - id: d\n    %s\n"
ALERT = SMALL + "alerts:\n  - id: a\n    window: 1d\n    min_mentions: 2\n    %s\n"
COMPANY = SMALL + "companies:\n  - id: nvidia\n    name: NVIDIA\n    %s\n"
THEME = SMALL + "themes:\n  - id: ppa\n    name: {en: PPA}\n    %s\n"
MAIL = SMALL + "mail:\n  host: h\n  sender: a@example.com\n  %s\n"
NO_SECRET = (
    "mail.password: a secret is not written here; write ${SMTP_PASSWORD} and set "
    "that environment variable, or file:/path/to/a/file that holds it"
)
EMPTY = "the file is empty; `monitor init` writes one to start from"
NO_KEYS = "expected keys at the left margin such as feeds: and companies:"


def unmark(marked):
    """Take the mark out of a text and say where it stood, as `line:column`."""
    before, _, after = marked.partition("¶")
    line = before.count("\n") + 1
    column = len(before) - before.rfind("\n")
    return before + after, f"{line}:{column}"


def assert_named(marked, message):
    text, place = unmark(marked)
    assert problems(text) == [f"feeds.yaml:{place}: {message}"]


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        (
            SMALL + "    ¶interval: 1 hours\n",
            'feeds[0].interval: "1 hours": expected a duration such as 30m, 1h or 2d',
        ),
        (
            FEED % "¶interval: 5s",
            'feeds[0].interval: "5s": expected a duration from 1m to 30d',
        ),
        (FEED % "¶tier: 4", 'feeds[0].tier: "4": expected at most 3'),
        (FEED % "¶tier: high", 'feeds[0].tier: "high": expected a whole number'),
        (
            FEED % "¶full_text: yes",
            'feeds[0].full_text: "yes": expected true or false',
        ),
        (
            FEED % "¶language: kr",
            'feeds[0].language: "kr": a country; expected a language, here "ko"',
        ),
        (
            FEED % "¶language: true",
            (
                'feeds[0].language: "true": '
                "expected a language of two letters such as en or ko"
            ),
        ),
        (
            FEED % "¶kind: rrs",
            'feeds[0].kind: "rrs": expected rss or edgar; did you mean "rss"?',
        ),
        (
            FEED % "kind: edgar, forms: [4, 8-k/a, ¶8K]",
            'feeds[0].forms[2]: "8K": no form of the SEC; did you mean "8-K"?',
        ),
        (
            FEED % "kind: edgar, forms: [¶실적]",
            'feeds[0].forms[0]: "실적": no form of the SEC, such as 8-K',
        ),
        (
            FEED % "kind: edgar, ¶forms: 8-K",
            'feeds[0].forms: "8-K": expected a list such as [one, two]',
        ),
        (
            "feeds: [{¶url: 'ftp://example.com', title: x}]",
            (
                'feeds[0].url: "ftp://example.com": '
                "expected a URL that begins with https:// or http://"
            ),
        ),
        (
            "feeds: [{¶url: 'https://exa mple.com', title: x}]",
            (
                'feeds[0].url: "https://exa mple.com": '
                "expected a URL such as https://example.com/feed.xml"
            ),
        ),
        (
            "feeds: [{¶url: 'https://[::1', title: x}]",
            'feeds[0].url: "https://[::1": not a URL: Invalid IPv6 URL',
        ),
        (
            "feeds: [{url: 'https://example.com', ¶title: }]",
            "feeds[0].title: has no value",
        ),
        (
            "feeds: [{url: 'https://example.com', ¶title: [a]}]",
            "feeds[0].title: expected text, found a list",
        ),
        (
            "¶contact: me\n" + SMALL,
            'contact: "me": expected an e-mail address such as name@example.com',
        ),
        ("¶language: no\n" + SMALL, 'language: "no": expected en or ko'),
        (
            DIGEST % "to: [me@example.com, ¶you]",
            ('digests[0].to[1]: "you": neither an e-mail address nor a channel'),
        ),
        (
            DIGEST % "¶timezone: Asia/Soul",
            (
                'digests[0].timezone: "Asia/Soul": unknown time zone; '
                'expected one such as Asia/Seoul; did you mean "Asia/Seoul"?'
            ),
        ),
        (
            DIGEST % "¶timezone: new york",
            (
                'digests[0].timezone: "new york": unknown time zone; '
                'expected one such as Asia/Seoul; did you mean "America/New_York"?'
            ),
        ),
        (
            DIGEST % "¶at: 24:00",
            'digests[0].at: "24:00": expected a time of day such as 07:00',
        ),
        (
            DIGEST % "period: weekly\n    ¶weekday: fryday",
            (
                'digests[0].weekday: "fryday": '
                'expected a day from monday to sunday; did you mean "friday"?'
            ),
        ),
        (
            THEME % "patterns: {en: [{any: [ok, ¶'re:(data']}]}",
            (
                'themes[0].patterns.en[0].any[1]: "re:(data": '
                "not a regular expression: missing ), unterminated subpattern "
                "at character 1 after re:"
            ),
        ),
        (
            THEME % "patterns: {en: [{any: [¶'re:a*']}]}",
            (
                'themes[0].patterns.en[0].any[0]: "re:a*": '
                "matches even where there is no text"
            ),
        ),
        (
            THEME % "examples: [¶turbines]",
            (
                'themes[0].examples[0]: "turbines": '
                "expected a sentence; single words are for patterns"
            ),
        ),
        (
            THEME % f"examples: [A town bans data centers, ¶{'too long ' * 34}]",
            (
                f'themes[0].examples[1]: "{("too long " * 34)[:59]}…": '
                "expected one sentence of at most 300 characters"
            ),
        ),
        (
            THEME % "¶example: [A town bans data centers]",
            'themes[0]: unknown key "example"; did you mean "examples"?',
        ),
        (
            THEME % "patterns: {en: [{¶any: []}]}",
            "themes[0].patterns.en[0].any: expected at least one",
        ),
        (
            COMPANY % "aliases: {¶KO: [엔비디아]}",
            (
                'companies[0].aliases: "KO": '
                "expected a language of two letters such as en or ko"
            ),
        ),
        (
            COMPANY % "¶cik: 12a",
            'companies[0].cik: "12a": expected a whole number',
        ),
        (
            SMALL + "companies: [{¶id: 'SK Hynix', name: x}]",
            (
                'companies[0].id: "SK Hynix": '
                "expected an id of a to z, 0 to 9, - and _, such as sk-hynix"
            ),
        ),
        (
            ALERT % "¶score_below: -30",
            'alerts[0].score_below: "-30": expected at least -1',
        ),
        (
            ALERT % "¶score_below: nan",
            'alerts[0].score_below: "nan": expected a number',
        ),
        (
            'feeds: [{url: "https://example.com", ¶title: "\\e[2J"}]',
            "feeds[0].title: contains a control character",
        ),
        (
            SMALL + "¶model: !!python/object:os.system ls\n",
            (
                'model: a tag ("tag:yaml.org,2002:python/object:os.system") '
                "means nothing here"
            ),
        ),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(marked, message):
    assert_named(marked, message)


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        (
            SMALL + "    ¶intervall: 1h\n",
            'feeds[0]: unknown key "intervall"; did you mean "interval"?',
        ),
        (
            SMALL + "¶langauge: ko\n",
            'unknown key "langauge"; did you mean "language"?',
        ),
        (SMALL + "¶colour: blue\n", 'unknown key "colour"'),
        (
            THEME % "patterns: {en: [{any: [a], ¶non: [b]}]}",
            'themes[0].patterns.en[0]: unknown key "non"; did you mean "none"?',
        ),
        ("feeds: [¶{title: x}]", 'feeds[0]: missing key "url"'),
        ("¶language: en", 'missing key "feeds"'),
        ("¶feeds: []", "feeds: expected at least one"),
        (
            SMALL + "    ¶title: Again\n",
            "feeds[0].title: is given twice, first in line 3",
        ),
        (SMALL + "? ¶[a]\n: b\n", "a key must be a word"),
    ],
)
def test_a_wrong_key_is_named(marked, message):
    assert_named(marked, message)


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        (
            SMALL + "  - {¶url: 'https://example.com/feed/', title: Again}\n",
            'feeds[1].url: "https://example.com/feed/": is there already, in line 2',
        ),
        (
            COMPANY % "role: chips\n  - {¶id: nvidia, name: Other}",
            'companies[1].id: "nvidia": is there already, in line 5',
        ),
        (
            COMPANY % "role: chips\nalerts: [{id: a, window: 1d, min_mentions: 1, "
            "companies: [¶nvida]}]",
            'alerts[0].companies[0]: "nvida": unknown company; did you mean "nvidia"?',
        ),
        (
            ALERT % "themes: [¶ppa]",
            'alerts[0].themes[0]: "ppa": unknown theme',
        ),
        (
            DIGEST % "companies: [¶acme]",
            'digests[0].companies[0]: "acme": unknown company',
        ),
        (
            ALERT % "¶score_below: 0.5\n    score_above: -0.5",
            'alerts[0].score_below: "0.5": with score_above -0.5 every score is enough',
        ),
        (
            FEED % "forms: [¶8-K]",
            'feeds[0].forms[0]: "8-K": only a feed with kind: edgar has forms',
        ),
        (
            DIGEST % "¶weekday: friday",
            (
                'digests[0].weekday: "friday": '
                "only a digest with period: weekly has a weekday"
            ),
        ),
        (MAIL % "¶username: u", "mail.username: needs mail.password beside it"),
    ],
)
def test_values_that_do_not_go_together_are_named(marked, message):
    assert_named(marked, message)


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        (MAIL % f"username: u\n  ¶password: {CANARY}", NO_SECRET),
        (MAIL % ("username: u\n  ¶password: ${X:-" + CANARY + "}"), NO_SECRET),
        (
            MAIL % "username: u\n  ¶password: ${SMTP_PASSWORD}",
            (
                "mail.password: the environment variable SMTP_PASSWORD is not set; "
                "set it, or write ${SMTP_PASSWORD:-default}"
            ),
        ),
        (
            MAIL % "username: u\n  ¶password: file:absent",
            "mail.password: absent cannot be read: No such file or directory",
        ),
        (
            "feeds: [{¶url: 'https://me:secret@example.com', title: x}]",
            (
                "feeds[0].url: a password in a URL is not written here; write "
                "${FEED_PASSWORD}"
            ),
        ),
        (
            SMALL + "¶database: ${DB}/x.db\n",
            (
                "database: the environment variable DB is not set; "
                "set it, or write ${DB:-default}"
            ),
        ),
    ],
)
def test_a_written_secret_or_missing_variable_is_named(marked, message):
    assert_named(marked, message)


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("¶", EMPTY),
        ("¶# only this\n", EMPTY),
        ("¶- a\n", NO_KEYS),
        ("¶feeds\n", NO_KEYS),
        ("a: ¶\x1b[2J", "a control character stands here; remove it"),
        ("a:\n¶\tb: 1\n", "not YAML: a tab stands here; indent with spaces"),
        (
            "a: b¶: c\n",
            (
                'not YAML: a ":" where no key can stand; put a value that contains '
                '": " in quotes, and check how this line and the one above are indented'
            ),
        ),
        (
            "a:\n    b: 1\n  ¶c: 2\n",
            (
                "not YAML: the indentation does not fit the lines above; keys of "
                'one item line up, and each item of a list begins with "- "'
            ),
        ),
        ("a: ¶'b\n\n", "not YAML: the quote that opens here is never closed"),
        (
            'a: "\\¶d"\n',
            (
                'not YAML: a "\\" in double quotes is special; '
                "use single quotes for patterns"
            ),
        ),
        (
            "a: [1\nb¶: 2\n",
            'not YAML: a list that begins with "[" is not closed with "]"',
        ),
        ("a: ¶*b\n", 'not YAML: put a value that begins with "*" or "&" in quotes'),
        ("a: ¶@b\n", "not YAML: put a value that begins like this in quotes"),
        (
            "a: 1\n¶---\nb: 2\n",
            'not YAML: a second document begins here; remove the "---"',
        ),
        ("¶%YAML 1.1\n---\na: no\n", "YAML 1.1 is not read; remove this line"),
        ("¶" + "[" * 5000, "nested too deeply"),
    ],
)
def test_what_is_not_yaml_is_named_in_plain_words(marked, message):
    assert_named(marked, message)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            "feeds:\n  - title: 가나다\n".encode("cp949"),
            (
                "2:12: byte 19 (0xb0) is not UTF-8 (it looks like CP949 or EUC-KR); "
                "save the file as UTF-8"
            ),
        ),
        (
            b"\xff\xfe" + SMALL.encode("utf-16-le"),
            (
                "1:1: byte 1 (0xff) is not UTF-8 (it looks like UTF-16); "
                "save the file as UTF-8"
            ),
        ),
        (
            "가: ".encode() + b"\xff",
            "1:4: byte 6 (0xff) is not UTF-8; save the file as UTF-8",
        ),
    ],
)
def test_another_encoding_is_named_with_the_byte(data, message):
    assert problems(data) == [f"feeds.yaml:{message}"]


def test_utf8_with_a_byte_order_mark_is_read():
    assert load(b"\xef\xbb\xbf" + SMALL.encode()).feeds[0].title == "Example"


def test_every_mistake_is_listed_in_the_order_of_the_file():
    text = """\
langauge: ko
feeds:
  - url: nowhere
    title: One
    interval: soon
  - url: https://example.com
    title: ${TITLE}
companies:
  - id: nvidia
    id: nvidia
    name: NVIDIA
    aliases: {ko: }
digests:
  - id: d
    companies: [nvdia]
mail: {host: h}
"""

    assert [line.split(": ")[0] for line in problems(text)] == [
        "feeds.yaml:1:1",
        "feeds.yaml:3:5",
        "feeds.yaml:5:5",
        "feeds.yaml:7:5",
        "feeds.yaml:10:5",
        "feeds.yaml:12:15",
        "feeds.yaml:15:17",
        "feeds.yaml:16:1",
    ]


def test_a_missing_file_says_how_to_get_one():
    with pytest.raises(ConfigError, match="no such file; `monitor init` writes one"):
        config.load(Path("feeds.yaml"), {})


def test_a_folder_is_not_a_file(folder):
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        config.load(folder, {})


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [*a]\n",
        "a: &a {b: *a}\n",
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [{','.join([f'*{chr(97 + i)}'] * 10)}]\n"
            for i in range(8)
        ),
    ],
    ids=["list in itself", "mapping in itself", "a billion values"],
)
def test_endless_values_are_refused(text):
    assert any(
        "contains itself" in line or "more than 200,000" in line
        for line in problems(text)
    )


def test_a_file_beyond_any_use_is_refused():
    assert problems(b"#" * 4_000_001) == [
        "feeds.yaml:1:1: the file has 4,000,001 bytes; at most 4,000,000 are read"
    ]


# --- secrets ------------------------------------------------------------------------


def test_no_secret_is_shown_anywhere():
    text = FULL.replace("https://example.com/current", "https://u:${TOKEN}@example.com")
    environ = ENVIRON | {"TOKEN": "canary-token"}

    result = load(text, environ)
    shown = json.dumps(config.show(result)) + "\n".join(result.warnings)

    assert result.mail is not None
    assert result.mail.password == CANARY
    assert result.feeds[0].url == "https://u:canary-token@example.com"
    assert "canary" not in shown
    assert "canary" not in repr(result.mail)
    assert "https://u:[redacted]@example.com" in shown


def test_no_secret_is_in_a_message():
    text = FULL.replace("smtp.example.com", "[x]") + "  port: ${PORT}\n"

    found = "\n".join(problems(text, ENVIRON | {"PORT": "canary-port"}))

    assert '"${PORT}": expected a whole number' in found
    assert "canary" not in found


def test_the_password_may_be_in_a_file(folder):
    (folder / "secret").write_text(f"{CANARY}\n")

    result = load(MAIL % "username: u\n  password: file:secret")

    assert result.mail is not None
    assert result.mail.password == CANARY


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff"])
def test_a_useless_password_file_is_refused(folder, content):
    (folder / "secret").write_bytes(content)

    assert problems(MAIL % "username: u\n  password: file:secret")[0].startswith(
        "feeds.yaml:8:3: mail.password: secret "
    )


# --- doubts and display -------------------------------------------------------------


WATCHED = SMALL + "companies: [{id: a, name: A}]\n"


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        (
            FEED.replace("[{", "[¶{") % "kind: edgar"
            + "\ncompanies: [{id: a, name: A}]",
            "feeds[0]: the SEC answers only those who name a contact; set `contact`",
        ),
        ("¶" + SMALL, "no companies: nothing is tagged or scored"),
        (
            SMALL + "companies:\n"
            "  - {id: a, name: A, aliases: {en: [Acme]}}\n"
            "  - {id: b, name: B, ¶aliases: {en: [Acme]}}\n",
            'companies[1].aliases: "Acme" is also a name of a',
        ),
        (
            WATCHED + "themes: [¶{id: t, name: {en: T}}]",
            "themes[0]: has no patterns and no examples, so it is never found",
        ),
        (
            WATCHED + "¶alert_recipients: [a@example.com]",
            (
                "alert_recipients: has recipients, but without a mail section "
                "nothing is sent"
            ),
        ),
        (
            WATCHED + "digests: [{id: d, ¶to: [a@example.com]}]",
            "digests[0].to: has recipients, but without a mail section nothing is sent",
        ),
        (
            WATCHED + "mail: {host: h, sender: a@example.com, ¶port: 465}",
            "mail.port: port 465 usually needs security: tls",
        ),
    ],
)
def test_a_doubt_is_a_warning(marked, message):
    text, place = unmark(marked)

    assert load(text).warnings == (f"feeds.yaml:{place}: {message}",)


def test_a_password_in_the_clear_is_a_warning():
    text = FULL + "  security: none\n"

    result = load(text, ENVIRON)

    assert result.warnings[-1].endswith("the password travels unencrypted")
    assert result.mail is not None
    assert result.mail.port == 25


def test_what_is_shown_is_a_configuration_again():
    first = load(FULL.partition("mail:")[0], ENVIRON)

    second = load(json.dumps(config.show(first)))

    ignored = {"warnings", "database"}
    assert {k: v for k, v in asdict(second).items() if k not in ignored} == {
        k: v for k, v in asdict(first).items() if k not in ignored
    }


# --- the file that ships ------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped():
    return config.load(SHIPPED, {})


def test_the_shipped_file_needs_no_environment(shipped):
    assert all("contact" in warning for warning in shipped.warnings)


def test_the_shipped_feeds_are_many_in_both_languages_and_once_each(shipped):
    languages = [feed.language for feed in shipped.feeds]

    assert len(shipped.feeds) >= 30
    assert languages.count("en") >= 15
    assert languages.count("ko") >= 15
    assert len({feed.url for feed in shipped.feeds}) == len(shipped.feeds)
    assert len({feed.title for feed in shipped.feeds}) == len(shipped.feeds)
    assert {feed.kind for feed in shipped.feeds} == {"rss", "edgar"}


def test_the_shipped_digest_goes_to_nobody_until_told(shipped):
    assert [digest.to for digest in shipped.digests] == [()]
    assert (shipped.alert_recipients, shipped.mail) == ((), None)


def test_the_shipped_alerts_look_both_ways(shipped):
    assert any(rule.score_below is not None for rule in shipped.alerts)
    assert any(rule.score_above is not None for rule in shipped.alerts)
    assert {rule.by for rule in shipped.alerts} == {"company", "theme"}


def test_the_examples_in_comments_are_right_too():
    text = SHIPPED.read_text("utf-8")
    for section in ("  # - id: week", "# mail:"):
        start = text.index(section)
        end = text.find("\n\n", start)
        example = text[start:end].replace("# ", "", 1).replace("\n# ", "\n")
        text = text[:start] + example.replace("\n  # ", "\n  ") + text[end:]

    result = load(text, {"SMTP_PASSWORD": "x", "MONITOR_CONTACT": "a@example.com"})

    assert len(result.digests) == 2
    assert result.mail is not None
    assert result.warnings == ()


# --- anything at all ----------------------------------------------------------------

ANY = settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
KEYS = [
    name
    for section in (schema.File, schema.Feed, schema.Theme, schema.Digest)
    for name in section.model_fields
]
TRAPS = ["re:(", "1h", "-1", "${X}", "${X", "https://[", "\u2028", "\ud7ff"]
words = st.sampled_from([*KEYS, *TRAPS, *"&*!?|>'\"#%@`{}[],:-\t\n"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | words,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(words | st.text(), inner)
    ),
    max_leaves=20,
)


def refused_or_loaded(data):
    try:
        said = [json.dumps(config.show(load(data)))]
    except ConfigError as error:
        said = error.problems
    assert said
    assert all(line.isprintable() for line in said)


@ANY
@given(data=st.binary())
def test_any_bytes_are_refused_or_loaded(data):
    refused_or_loaded(data)


@ANY
@given(pieces=st.lists(words | st.sampled_from([" ", "\n", "  ", ": ", "- "])))
def test_any_text_is_refused_or_loaded(pieces):
    refused_or_loaded("".join(pieces).encode())


@ANY
@given(data=st.dictionaries(words, values))
def test_any_values_are_refused_or_loaded(data):
    refused_or_loaded(json.dumps(data).encode("utf-8", "surrogatepass"))


@ANY
@given(data=st.data())
def test_a_damaged_file_is_refused_or_loaded(data):
    text = FULL.encode()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 20)))

    refused_or_loaded(text[:start] + data.draw(st.binary(max_size=6)) + text[end:])
