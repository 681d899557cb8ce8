"""The nouns of the monitor, in the order in which they flow.

Feed -> Entry -> Document -> Analysis -> Alert -> Digest -> Delivery. Times are aware
UTC; character offsets index `Document.text`. Nothing here does anything.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

Label = Literal["negative", "neutral", "positive"]
FeedKind = Literal["rss", "edgar"]
Language = str
"""An ISO 639-1 code: `en`, `ko`, ... or `und` when it cannot be told."""

# --- what to watch: read from feeds.yaml --------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed to read."""

    url: str
    title: str
    kind: FeedKind = "rss"
    language: Language | None = None
    interval: timedelta = timedelta(hours=1)
    tier: int = 2
    """1 primary source (filings, company wires), 2 press, 3 aggregators and blogs."""
    full_text: bool = True
    """Fetch the article's page when the feed carries only a teaser."""
    allow_private: bool = False
    """Permit loopback and private addresses (a feed inside one's own network)."""
    forms: tuple[str, ...] = ()
    """EDGAR only: the forms that are read (`8-K`, `6-K`); empty is all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherName:
    """A name that a company also goes by for a time: a subsidiary's, or a former one."""

    name: str
    aliases: dict[Language, tuple[str, ...]] = field(default_factory=dict)
    since: date | None = None
    """The first day on which it is the company's."""
    until: date | None = None
    """The last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company that is watched, listed or private."""

    id: str
    name: str
    """Empty until the catalogue is asked for a company named by its ticker alone."""
    aliases: dict[Language, tuple[str, ...]] = field(default_factory=dict)
    role: str = ""
    ticker: str | None = None
    exchange: str | None = None
    cik: int | None = None
    context: tuple[str, ...] = ()
    """Words of which one must be near where a name of it is also a common word."""
    not_in: tuple[str, ...] = ()
    """Longer names that contain a name of it and are somebody else."""
    subsidiaries: tuple[OtherName, ...] = ()
    """Parts of it: what names them names the company."""
    former_names: tuple[OtherName, ...] = ()
    """What it was called until a day; still read, with less confidence after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A listed company as the SEC or the Korea Exchange lists it."""

    market: Literal["us", "kr"]
    ticker: str
    name: str
    exchange: str = ""
    """`KOSPI`, `KOSDAQ`, ...; empty where the list does not say."""
    cik: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """How a theme is found in one language; each is a literal or `re:` pattern."""

    any: tuple[str, ...] = ()
    """One of these must occur ..."""
    all: tuple[str, ...] = ()
    """... in a sentence with one of these, if there are any ..."""
    none: tuple[str, ...] = ()
    """... and without any of these in that sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A theme that is watched."""

    id: str
    name: dict[Language, str]
    description: str = ""
    patterns: dict[Language, tuple[Patterns, ...]] = field(default_factory=dict)
    examples: tuple[str, ...] = ()
    """Sentences of either language that speak of it; with any, what they and the
    description mean confirms what patterns find, and finds more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """So many documents in a window, with a mean score beyond a bound."""

    window: timedelta = timedelta(hours=24)
    min_mentions: int = 1
    """Documents: one that names the subject ten times counts once."""
    min_sources: int = 1
    score_below: float | None = None
    """Holds if the mean score of the window is below this ..."""
    score_above: float | None = None
    """... or above this; with neither, the count alone decides."""


SPIKE_WINDOWS = 7
"""Windows that a spike's baseline has at least: less tells nothing of what is usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spike:
    """Many more documents in a window than in the windows before it.

    With n documents now, and mean m and standard deviation s of the counts in the
    whole windows that fit into `baseline` before it: z = (n - m) / max(s, sqrt(m), 1)
    and ratio = n / max(m, 1). Holds only after `SPIKE_WINDOWS` such windows, and does
    not count feeds that were not read for so long: a new feed is no burst of news. In
    windows before a feed was read it counts as in those after.
    """

    window: timedelta = timedelta(hours=24)
    baseline: timedelta = timedelta(days=28)
    min_mentions: int = 5
    min_sources: int = 2
    z: float | None = None
    """At least so many; with a ratio too, both must hold; with neither, 3."""
    ratio: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The mean score of a window crosses that of the longer time that it ends.

    Crosses: is beyond it by `margin`, and within the last window it was not, when there
    were `min_mentions` scored documents. Each crossing is told once, also if it could
    not be at first; a turn up and a turn down are quiet each for itself.
    """

    window: timedelta = timedelta(days=3)
    baseline: timedelta = timedelta(days=30)
    min_mentions: int = 5
    """Scored documents in the window, and as many before it within the baseline."""
    margin: float = 0.1
    direction: Literal["up", "down", "either"] = "either"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeAppears:
    """A company is spoken of with a theme that it was not in the whole baseline."""

    window: timedelta = timedelta(hours=24)
    baseline: timedelta = timedelta(days=90)
    min_mentions: int = 1
    min_sources: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NameAppears:
    """A name beside the subject that was not there in the whole baseline.

    Names are those beyond the watch list: organisations, persons, places.
    """

    window: timedelta = timedelta(hours=24)
    baseline: timedelta = timedelta(days=90)
    labels: tuple[Literal["ORG", "PERSON", "PLACE"], ...] = ("ORG",)
    min_mentions: int = 1
    min_sources: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingMatch:
    """An SEC filing of one of these forms with one of these items; empty is any."""

    forms: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    window: timedelta | None = None
    """How far back it may be; None is what is new now. Likewise below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordMatch:
    """A document with a sentence that matches, as for a theme."""

    patterns: Patterns
    window: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityAbove:
    """An amount above a bound, in a sentence that names the company."""

    above: float
    """In `unit`."""
    unit: str = "MW"
    """`MW`, `MWh`, or an ISO 4217 code."""
    window: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """News of a company is good while its filings are bad, or the other way round."""

    window: timedelta = timedelta(days=7)
    news_above: float | None = None
    """Mean score of the news; with none of the four, 0.2 against -0.2."""
    filing_below: float | None = None
    news_below: float | None = None
    filing_above: float | None = None
    min_mentions: int = 2
    """Scored documents of news; of filings one is enough."""


Condition = (
    Threshold
    | Spike
    | Turn
    | ThemeAppears
    | NameAppears
    | FilingMatch
    | KeywordMatch
    | QuantityAbove
    | Disagreement
)
ConditionKind = Literal[
    "threshold",
    "spike",
    "turn",
    "new_theme",
    "new_name",
    "filing",
    "keyword",
    "quantity",
    "disagreement",
]
SourceKind = Literal["news", "filing"]
Severity = Literal["normal", "critical"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """When to alert, about whom, and how often.

    Without `all` and `any` it is a threshold: the five fields that `Threshold` has.
    """

    id: str
    window: timedelta = timedelta(hours=24)
    min_mentions: int = 1
    companies: tuple[str, ...] = ()
    """Company ids, each judged alone; empty is every company."""
    themes: tuple[str, ...] = ()
    """Count only mentions in documents with one of these themes; empty is all."""
    by: Literal["company", "theme"] = "company"
    """What is counted: the mentions of each company, or those under each theme."""
    score_below: float | None = None
    score_above: float | None = None
    min_sources: int = 1
    all: tuple[Condition, ...] = ()
    """Every one of these must hold ..."""
    any: tuple[Condition, ...] = ()
    """... and one of these, if there are any."""
    roles: tuple[str, ...] = ()
    """Here and below: what does not fit is not counted; empty is all."""
    languages: tuple[Language, ...] = ()
    kinds: tuple[SourceKind, ...] = ()
    max_tier: int = 3
    min_relevance: float = 0.0
    min_novelty: float = 0.0
    severity: Severity = "normal"
    """What is critical is told at once, in quiet hours too, and never grouped."""
    cooldown: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """The hours of each day in which only what is critical is told."""

    start: time
    end: time
    """On the next day where it is not after `start`."""
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))


Section = Literal[
    "moved",
    "alerts",
    "glance",
    "companies",
    "themes",
    "amounts",
    "filings",
    "names",
    "feeds",
]
SECTIONS: tuple[Section, ...] = get_args(Section)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSpec:
    """A digest as configured: for whom, when, in which language."""

    id: str
    to: tuple[str, ...]
    period: Literal["daily", "weekly"] = "daily"
    at: time = time(7, 0)
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    weekday: int = 0
    """Weekly only: 0 is Monday."""
    language: Literal["en", "ko"] = "en"
    companies: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    """Only mentions in documents with one of these; empty is all."""
    sections: tuple[Section, ...] = SECTIONS
    """What is shown, in this order."""
    top: int = 12
    """How many companies are shown at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """The SMTP server that digests and alerts go through."""

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    sender: str = ""
    timeout_s: float = 30.0


ChannelKind = Literal["mail", "apprise", "webhook", "atom"]
MessageKind = Literal["digest", "alert", "trial"]
Untold = Literal["acknowledged", "muted", "no recipient", "rule gone"]
"""Why nobody was told of an alert: it was seen or muted while it waited, there is no
recipient, or its rule is no longer in feeds.yaml."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where alerts and digests go besides mail: a chat, a phone, a service, a file."""

    id: str
    """What a list of recipients names it by."""
    kind: ChannelKind
    url: str = field(default="", repr=False)
    """Of the service (apprise, webhook); often with a token in it, so a secret."""
    secret: str | None = field(default=None, repr=False)
    """Webhook only: signs each request."""
    path: Path | None = None
    """Atom only: the file that is written."""
    link: str = ""
    """Atom only: the address at which readers find that file, if there is one."""
    language: Literal["en", "ko"] = "en"
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    timeout_s: float = 15.0


# --- what came in -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What is remembered of a feed between polls."""

    feed_url: str
    etag: str | None = None
    last_modified: str | None = None
    last_fetch_at: datetime | None = None
    next_fetch_at: datetime | None = None
    failures: int = 0
    """Failed polls in a row."""
    last_error: str | None = None
    disabled: bool = False
    """The server said 410 Gone."""
    moved_to: str | None = None
    moved_seen: int = 0
    """How often in a row the same permanent redirect was seen."""
    ttl: timedelta | None = None
    """What the feed last asked for, here and below: a 304 does not repeat it."""
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who has to do with a filing: the same one can be there in two roles."""

    cik: int
    name: str
    role: str = ""
    """`Filer`, `Issuer`, `Subject`, `Reporting`, `Filed by`, as in the feed; empty in
    a company's list of filings."""


FilingOrigin = Literal["current", "list"]
"""How a filing became known: by the live list, or by a company's list of all filings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """An SEC filing as EDGAR lists it."""

    accession_no: str
    """With dashes: `0001045810-25-000123`."""
    form: str
    cik: int
    """Of the party that it is read for: the watched one, else whom it is about."""
    company: str
    role: str = ""
    """Of that party, like its name."""
    parties: tuple[Party, ...] = ()
    """All that are known, that one included."""
    origin: FilingOrigin = "current"
    items: tuple[str, ...] = ()
    filing_date: str | None = None
    """ISO date."""
    period: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A filing that is listed and not stored."""

    accession_no: str
    form: str
    filing_date: str
    reason: str
    """Why, in a few English words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """What EDGAR lists of a watched company against what is stored."""

    company: str
    """Its id."""
    cik: int
    since: date
    """The filing date from which on was compared."""
    listed: int
    stored: int
    median_delay_s: float | None
    """From acceptance to stored, of live filings; None where there was none."""
    worst_delay_s: float | None
    misses: tuple[Miss, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item of a feed, as published."""

    id: str
    """Hash of feed and guid (or link, or title): stable over polls."""
    feed_url: str
    guid: str
    url: str
    title: str
    """Plain text."""
    summary: str
    """Plain text: the feed's longest text for the item, often only a teaser."""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: Language | None = None
    filing: Filing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed document, parsed."""

    title: str
    language: Language | None
    entries: tuple[Entry, ...]
    ttl: timedelta | None = None
    """Lower bound between polls that the feed asks for."""
    skip_hours: frozenset[int] = frozenset()
    """UTC hours in which the feed asks not to be read."""
    skip_days: frozenset[int] = frozenset()
    """Weekdays (0 is Monday) on which the feed asks not to be read."""
    rows: int = 0
    """EDGAR only: rows of the page, those that could not be read included."""


DocumentKind = Literal["article", "filing", "exhibit"]
ChangeKind = Literal["new", "reworded", "dropped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What is analysed: an article, a filing's main text, an exhibit."""

    id: str
    """Hash of the text: the same text twice is one document."""
    kind: DocumentKind
    url: str
    title: str
    text: str
    """`title + "\\n" + body` where there is a title; all offsets index this."""
    language: Language
    published_at: datetime
    fetched_at: datetime
    source: str = ""
    """Title of the feed it came from."""
    tier: int = 2
    accession_no: str | None = None
    form: str | None = None
    exhibit: str | None = None
    item: str | None = None
    """The item it was cut out as (`2.02`, `1A`, `II.1A`); None is a whole text."""
    items: tuple[str, ...] = ()
    """Those that it answers; of an exhibit and a whole text, the filing's."""
    cik: int | None = None
    period: str | None = None
    """ISO date of the period or event reported."""
    filing_date: str | None = None
    """ISO date; the next business day for what is accepted in the evening."""
    accepted_at: datetime | None = None
    confidence: float | None = None
    """Filings: that it was cut rightly, 0 to 1; of a whole text, the cut not made."""
    change: ChangeKind | None = None
    """Of risk factors: the sentences of this kind against the report before."""


# --- what was read in it ------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentiment:
    """Probabilities toward a target; all None where the model gave no result."""

    label: Label | None
    negative: float | None
    neutral: float | None
    positive: float | None
    score: float | None
    """positive - negative, in [-1, 1]; None is no result, never 0."""
    model: str = ""
    """Name and version of the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One occurrence of a company: `document.text[start_char:end_char] == text`."""

    company: str
    start_char: int
    end_char: int
    text: str
    sentence_start: int
    sentence_end: int
    confidence: float
    """That it is this company, 0 to 1."""
    relevance: float
    """Of the company to the document, 0 to 1; the same for all its mentions."""
    reason: str = ""
    """The rule that accepted it: `ticker`, `full name`, `name`, `attached`,
    `context: WORD`, `subsidiary: NAME`, `former name: NAME`."""
    sentiment: Sentiment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeHit:
    """One place where a document speaks of a theme."""

    theme: str
    start_char: int
    end_char: int
    text: str
    score: float


CURRENCIES = tuple(
    "USD EUR GBP KRW JPY CNY CAD AUD NZD HKD TWD SGD INR CHF SEK NOK DKK BRL AED SAR".split()
)
"""ISO 4217 codes that amounts of money come in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """An amount of power, energy or money, or a number of GPUs."""

    kind: Literal["power", "energy", "money", "gpus"]
    value: float
    """As written, in `unit`."""
    unit: str
    normalised: float
    """In MW, MWh, the currency's unit or pieces."""
    normalised_unit: str
    """`MW`, `MWh`, one of `CURRENCIES`, or `GPU`."""
    qualifier: str
    """`up_to`, `at_least`, `about`, or empty."""
    start_char: int
    end_char: int
    text: str
    tense: str = ""
    """`planned`, `operating`, or empty where the sentence does not say."""
    company: str | None = None
    """Id of the company that is nearest in the sentence, if it names one."""
    theme: str | None = None
    """Likewise the theme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A named entity beyond the watch list."""

    label: Literal["ORG", "PERSON", "PLACE"]
    start_char: int
    end_char: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """Everything read in one document."""

    document_id: str
    language: Language
    mentions: tuple[Mention, ...] = ()
    themes: tuple[ThemeHit, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    entities: tuple[Entity, ...] = ()
    model: str = ""
    """Sentiment model, name and version; empty if none could be used."""


# --- what is told -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A mention as it is shown to people: the sentence, its source, its link."""

    mention_id: int
    document_id: str
    company: str
    sentence: str
    """In its original language."""
    score: float | None
    label: Label | None
    title: str
    url: str
    source: str
    language: Language
    published_at: datetime
    fetched_at: datetime
    themes: tuple[str, ...] = ()
    relevance: float = 1.0
    tier: int = 2
    novelty: float = 1.0
    """Of the document for this company in its story: 1 for the first, then less."""
    outlet: str = ""
    """Of a reprint, the source that it was copied from; empty: `source`."""


class HeardMention(NamedTuple):
    """A mention as alert rules know it; number 0 where only a header names it."""

    mention_id: int
    company: str
    """Empty if nobody is named."""
    sentence: str
    score: float | None = None
    label: Label | None = None
    relevance: float = 1.0
    novelty: float = 1.0
    """Of the document for this company (see `Evidence`)."""


class Heard(NamedTuple):
    """A document as alert rules know it, from one moment to another.

    `heard_at <= now < until` is when it was known as it is here: an edit or a later
    score ends that, and another `Heard` goes on. A rehearsal makes them by the ten
    thousand: a frozen dataclass takes more than twice as long to make.
    """

    document_id: str
    kind: DocumentKind
    title: str
    url: str
    feed: str
    """Its source as people are shown it."""
    source: str
    """The outlet: of a reprint, the one that it was copied from."""
    tier: int
    language: Language
    published_at: datetime
    fetched_at: datetime
    """When it was first known, which an edit keeps: windows count by this."""
    heard_at: datetime
    until: datetime | None = None
    news: bool = True
    """False for an edit, and for what was in a feed when that was first read."""
    first: bool = True
    """False where it was heard before, without its score."""
    unread: bool = False
    """Published since its feed was read before: to be told, however late it is."""
    mentions: tuple[HeardMention, ...] = ()
    """Of what is read from the store at least one."""
    themes: tuple[str, ...] = ()
    form: str | None = None
    items: tuple[str, ...] = ()
    accession_no: str | None = None
    filer: str = ""
    """The watched company that filed it; empty if none did."""
    names: tuple[tuple[str, str], ...] = ()
    """Label and text of names beyond the watch list."""
    amounts: tuple["Amount", ...] = ()
    """Each as often as its sentence names companies; `company` empty if none."""
    keywords: tuple[tuple[Patterns, str], ...] = ()
    """Patterns of the rules that match, and the sentence in which they do."""
    read_since: datetime | None = None
    """When the feed that it first came from was first read; None: before all else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A condition of a rule that held, with its numbers and its baseline."""

    kind: ConditionKind
    values: dict[str, float | str | None]
    """What was measured and what it was held against; windows in hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """A company, theme or rule of which nothing is told for a while."""

    target: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """Somebody has seen an alert: its rule is quiet on its subject for a while."""

    alert_id: str
    rule: str
    by: Literal["company", "theme"]
    subject: str
    topics: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A rule that fired, with its numbers and evidence."""

    id: str
    """Hash of rule, subject and newest document: the same decision is one alert."""
    rule: str
    subject: str
    """Company id or theme id, by `AlertRule.by`."""
    by: Literal["company", "theme"]
    fired_at: datetime
    window_start: datetime
    mentions: int
    """Documents: one that names the subject ten times counts once."""
    sources: int
    score: float | None
    """Mean over the documents in the window that have a score."""
    reason: str
    """One English sentence with the rule's numbers."""
    evidence: tuple[Evidence, ...] = ()
    """At most three, the strongest first."""
    topics: tuple[str, ...] = ("",)
    """What in particular is new: themes, names, a filing, an amount; empty text for
    what is about the subject as such."""
    severity: Severity = "normal"
    findings: tuple[Finding, ...] = ()
    """The conditions that held; empty in alerts of older monitors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A quantity as it is shown in a digest."""

    text: str
    kind: str
    normalised: float
    unit: str
    company: str
    sentence: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingNews:
    """A filing of a watched company, as it is shown in a digest."""

    company: str
    form: str
    items: tuple[str, ...]
    title: str
    url: str
    filed_at: datetime
    themes: tuple[str, ...] = ()
    """Of all its pieces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameNews:
    """A name beyond the watch list that was never read before."""

    name: str
    documents: int
    sources: int
    companies: tuple[str, ...]
    """Watched companies that the same documents name."""
    title: str
    """Of the document that had it first, as is the URL."""
    url: str
    themes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What an edition of a digest covers: (start, end]."""

    edition: str
    """Names it: `2026-11-24` or `2026-W48`; one edition is sent once."""
    start: datetime
    end: datetime
    missed: int = 0
    """Editions before this one that were never made, whose time it covers too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyDigest:
    """One company in a digest."""

    company: str
    name: str
    role: str
    mentions: int
    documents: int
    sources: int
    negative: int
    neutral: int
    positive: int
    score: float | None
    """Mean over the period's documents, weighted by relevance to the company."""
    previous_score: float | None
    """The same for the period before; None where it had no scored mention."""
    daily: tuple[float | None, ...]
    """Mean score of each day up to the period's end, oldest first."""
    daily_mentions: tuple[int, ...]
    """Documents of each day."""
    themes: tuple[tuple[str, int], ...]
    """Theme id and number of documents, most first."""
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """All that a digest says, before it is put into words."""

    spec: DigestSpec
    edition: str
    """Names the period: `2026-11-24` or `2026-W48`; one edition is sent once."""
    start: datetime
    end: datetime
    companies: tuple[CompanyDigest, ...]
    themes: tuple[tuple[str, int, float | None], ...]
    """Theme id, documents, mean score of the documents under it."""
    alerts: tuple[Alert, ...]
    documents: int
    """Read in the period."""
    ill_feeds: tuple[tuple[str, str], ...] = ()
    """Title and last error of feeds that fail."""
    amounts: tuple[Amount, ...] = ()
    filings: tuple[FilingNews, ...] = ()
    names: tuple[NameNews, ...] = ()
    missed: int = 0
    """Editions before this one that were never made, whose time it covers too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message to one recipient, reserved in the outbox before it is sent."""

    id: int
    recipient: str
    """Address, or id of the channel."""
    channel: ChannelKind
    subject_kind: Literal["digest", "alert"]
    edition: str
    """Digest id and edition, or alert id: unique together with the recipient."""
    message_id: str
    body: bytes
    """The message as it goes over the wire."""
    attempts: int
    """Including the one it was claimed for."""
    next_attempt_at: datetime
    reserved_at: datetime
