"""The schema of the database, as text to read, and the migrations that lead to it.

Times are ISO 8601 in UTC with a trailing `Z`, so that they sort as text and SQLite's
date functions read them. Offsets are characters into `documents.text`. Migrations are
only ever added at the end: each runs in one transaction with the record that it ran.
"""

from sqlite_utils import Database, Migrations

APPLICATION_ID = 0x6D6F6E69  # "moni": `file` and we know the database by it

migrations = Migrations("monitor")

TABLES = """
-- what is watched, copied from feeds.yaml at each start so that SQL can join it
CREATE TABLE companies (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    name_ko TEXT,              -- its first Korean alias
    ticker TEXT,
    exchange TEXT,
    cik INTEGER,
    role TEXT NOT NULL,
    watched INTEGER NOT NULL   -- 0: was in feeds.yaml once, its history stays
);
CREATE TABLE themes (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    name_ko TEXT,
    watched INTEGER NOT NULL
);

-- feeds and what is remembered of them between polls
CREATE TABLE feeds (
    url TEXT PRIMARY KEY,      -- as in feeds.yaml
    title TEXT NOT NULL,
    kind TEXT NOT NULL,        -- rss, edgar
    language TEXT,
    tier INTEGER NOT NULL,
    watched INTEGER NOT NULL,
    etag TEXT,                 -- byte for byte as the server sent it
    last_modified TEXT,        -- likewise
    last_fetch_at TEXT,        -- null if never fetched
    next_fetch_at TEXT,
    failures INTEGER NOT NULL DEFAULT 0,   -- in a row
    last_error TEXT,
    disabled INTEGER NOT NULL DEFAULT 0,   -- 410 Gone
    moved_to TEXT,             -- where its last permanent redirect led
    moved_seen INTEGER NOT NULL DEFAULT 0,
    ttl_s INTEGER,             -- seconds between polls that the feed asks for
    skip_hours TEXT NOT NULL DEFAULT '[]', -- UTC hours in which it asks for quiet
    skip_days TEXT NOT NULL DEFAULT '[]'   -- weekdays likewise; 0 is Monday
);
CREATE TABLE polls (
    id INTEGER PRIMARY KEY,
    feed_url TEXT NOT NULL REFERENCES feeds (url),
    at TEXT NOT NULL,
    outcome TEXT NOT NULL,     -- ok, not_modified, or the kind of the error
    entries INTEGER NOT NULL DEFAULT 0,
    new INTEGER NOT NULL DEFAULT 0,
    error TEXT
);
CREATE INDEX polls_feed ON polls (feed_url, at);

-- items of feeds as published; also the queue of the document stage
CREATE TABLE entries (
    id TEXT PRIMARY KEY,
    feed_url TEXT NOT NULL REFERENCES feeds (url),
    guid TEXT NOT NULL,
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    language TEXT,
    published_at TEXT,
    updated_at TEXT,
    first_seen_at TEXT NOT NULL,
    revisions INTEGER NOT NULL DEFAULT 0,  -- how often its text was changed
    -- filings only
    accession_no TEXT,
    form TEXT,
    cik INTEGER,
    company TEXT,
    role TEXT,
    items TEXT,                -- JSON list
    filing_date TEXT,
    period TEXT,
    -- queue
    state TEXT NOT NULL,       -- new, done, skipped (a filing of nobody watched)
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at TEXT,
    error TEXT                 -- why the last attempt failed; kept when done
);
CREATE INDEX entries_queue ON entries (next_attempt_at) WHERE state = 'new';
CREATE INDEX entries_feed ON entries (feed_url);
CREATE INDEX entries_accession ON entries (accession_no);

-- what is analysed; also the queue of the analysis stage
CREATE TABLE documents (
    id TEXT PRIMARY KEY,       -- hash of the text
    kind TEXT NOT NULL,        -- article, filing, exhibit
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,        -- title, newline, body
    language TEXT NOT NULL,
    published_at TEXT NOT NULL,
    fetched_at TEXT NOT NULL,  -- when we first knew of it
    analysed_at TEXT,
    source TEXT NOT NULL,      -- title of the feed it first came from
    tier INTEGER NOT NULL,
    accession_no TEXT,
    form TEXT,
    exhibit TEXT,
    items TEXT,                -- JSON list
    cik INTEGER,
    superseded_by TEXT,        -- the edited version that replaced this one
    -- queue
    state TEXT NOT NULL,       -- new, analysed, quarantined
    attempts INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    model TEXT                 -- of the sentiment; empty: analysed without one
);
CREATE INDEX documents_queue ON documents (fetched_at) WHERE state = 'new';
CREATE INDEX documents_unscored ON documents (fetched_at) WHERE model = '';
CREATE INDEX documents_published ON documents (published_at);
CREATE INDEX documents_fetched ON documents (fetched_at);
CREATE TABLE entry_documents (
    entry_id TEXT NOT NULL REFERENCES entries (id),
    document_id TEXT NOT NULL REFERENCES documents (id),
    PRIMARY KEY (entry_id, document_id)
) WITHOUT ROWID;
CREATE INDEX entry_documents_document ON entry_documents (document_id);

-- trigrams find Korean inside a word, whatever particle follows
CREATE VIRTUAL TABLE documents_fts USING fts5 (
    text, content='documents', tokenize='trigram'
);
CREATE TRIGGER documents_fts_insert AFTER INSERT ON documents BEGIN
    INSERT INTO documents_fts (rowid, text) VALUES (new.rowid, new.text);
END;
CREATE TRIGGER documents_fts_delete AFTER DELETE ON documents BEGIN
    INSERT INTO documents_fts (documents_fts, rowid, text)
    VALUES ('delete', old.rowid, old.text);
END;

-- what was read in them
CREATE TABLE mentions (
    id INTEGER PRIMARY KEY,
    document_id TEXT NOT NULL REFERENCES documents (id),
    company TEXT NOT NULL REFERENCES companies (id),
    start_char INTEGER NOT NULL,
    end_char INTEGER NOT NULL,
    text TEXT NOT NULL,        -- substr(documents.text, start_char + 1, ...)
    sentence TEXT NOT NULL,    -- the one it stands in
    confidence REAL NOT NULL,  -- that it is this company, 0 to 1
    relevance REAL NOT NULL,   -- of the company to the document, 0 to 1
    label TEXT,                -- negative, neutral, positive; null: no result
    negative REAL,
    neutral REAL,
    positive REAL,
    score REAL                 -- positive - negative; null: no result, never 0
);
CREATE INDEX mentions_document ON mentions (document_id);
CREATE INDEX mentions_company ON mentions (company, document_id);
CREATE TABLE theme_hits (
    document_id TEXT NOT NULL REFERENCES documents (id),
    theme TEXT NOT NULL REFERENCES themes (id),
    start_char INTEGER NOT NULL,
    end_char INTEGER NOT NULL,
    text TEXT NOT NULL,
    score REAL NOT NULL
);
CREATE INDEX theme_hits_document ON theme_hits (document_id);
CREATE INDEX theme_hits_theme ON theme_hits (theme, document_id);
CREATE TABLE quantities (
    document_id TEXT NOT NULL REFERENCES documents (id),
    kind TEXT NOT NULL,        -- power, energy, money
    value REAL NOT NULL,       -- as written, in unit
    unit TEXT NOT NULL,
    normalised REAL NOT NULL,  -- MW, MWh or the currency's unit
    normalised_unit TEXT NOT NULL,
    qualifier TEXT NOT NULL,   -- up_to, at_least, about or empty
    start_char INTEGER NOT NULL,
    end_char INTEGER NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX quantities_document ON quantities (document_id);
CREATE TABLE entities (
    document_id TEXT NOT NULL REFERENCES documents (id),
    label TEXT NOT NULL,       -- ORG, PERSON, PLACE
    start_char INTEGER NOT NULL,
    end_char INTEGER NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX entities_document ON entities (document_id);

-- what was told
CREATE TABLE alerts (
    id TEXT PRIMARY KEY,       -- hash: the same decision is one row
    rule TEXT NOT NULL,
    subject TEXT NOT NULL,     -- company or theme id
    by TEXT NOT NULL,          -- company, theme
    fired_at TEXT NOT NULL,
    window_start TEXT NOT NULL,
    mentions INTEGER NOT NULL,
    sources INTEGER NOT NULL,
    score REAL,                -- mean of the window
    reason TEXT NOT NULL
);
CREATE INDEX alerts_fired ON alerts (fired_at);
CREATE TABLE alert_evidence (
    alert_id TEXT NOT NULL REFERENCES alerts (id),
    position INTEGER NOT NULL, -- 0 is the strongest
    document_id TEXT NOT NULL,
    company TEXT NOT NULL,
    sentence TEXT NOT NULL,    -- as it was told, whatever is re-analysed later
    score REAL,
    label TEXT,
    title TEXT NOT NULL,
    url TEXT NOT NULL,
    source TEXT NOT NULL,
    language TEXT NOT NULL,
    published_at TEXT NOT NULL,
    PRIMARY KEY (alert_id, position)
) WITHOUT ROWID;
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    recipient TEXT NOT NULL,
    channel TEXT NOT NULL,     -- mail
    subject_kind TEXT NOT NULL,-- digest, alert
    edition TEXT NOT NULL,     -- digest id and edition, or alert id
    message_id TEXT NOT NULL,
    body BLOB NOT NULL,        -- the message as it goes over the wire
    reserved_at TEXT NOT NULL,
    state TEXT NOT NULL,       -- pending, sending, sent, failed
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at TEXT NOT NULL,
    sent_at TEXT,
    error TEXT,
    UNIQUE (recipient, channel, subject_kind, edition)  -- nothing twice
);
CREATE INDEX deliveries_queue ON deliveries (next_attempt_at)
    WHERE state IN ('pending', 'sending');
"""

VIEWS = """
-- mentions per company per day with sentiment
CREATE VIEW company_day AS
SELECT
    m.company,
    c.name,
    date(d.published_at) AS day,
    count(*) AS mentions,
    count(DISTINCT d.id) AS documents,
    count(DISTINCT d.source) AS sources,
    sum(m.label = 'negative') AS negative,
    sum(m.label = 'neutral') AS neutral,
    sum(m.label = 'positive') AS positive,
    round(avg(m.score), 3) AS score
FROM mentions m
JOIN documents d ON d.id = m.document_id AND d.superseded_by IS NULL
JOIN companies c ON c.id = m.company
GROUP BY m.company, day;

-- the evidence for a company; ORDER BY published_at DESC for the latest
CREATE VIEW company_evidence AS
SELECT
    m.company,
    c.name,
    d.published_at,
    m.label,
    round(m.score, 3) AS score,
    m.relevance,
    m.sentence,
    d.title,
    d.source,
    d.url,
    d.language,
    d.kind,
    d.fetched_at,
    m.id AS mention_id,
    d.id AS document_id
FROM mentions m
JOIN documents d ON d.id = m.document_id AND d.superseded_by IS NULL
JOIN companies c ON c.id = m.company;

-- which themes a company is spoken of with
CREATE VIEW company_theme AS
SELECT
    m.company,
    c.name,
    t.theme,
    count(DISTINCT d.id) AS documents,
    count(DISTINCT m.id) AS mentions,
    round(avg(m.score), 3) AS score,
    max(d.published_at) AS latest
FROM (SELECT DISTINCT document_id, theme FROM theme_hits) t
JOIN mentions m ON m.document_id = t.document_id
JOIN documents d ON d.id = m.document_id AND d.superseded_by IS NULL
JOIN companies c ON c.id = m.company
GROUP BY m.company, t.theme;

-- amounts beside the companies of their document
CREATE VIEW company_quantity AS
SELECT DISTINCT
    m.company,
    q.kind,
    q.text,
    q.normalised,
    q.normalised_unit AS unit,
    q.qualifier,
    d.published_at,
    d.title,
    d.url
FROM quantities q
JOIN documents d ON d.id = q.document_id AND d.superseded_by IS NULL
JOIN mentions m ON m.document_id = d.id;

-- feeds that fail, were never read, or were given up
CREATE VIEW feed_health AS
SELECT
    f.title,
    f.url,
    f.failures,
    f.disabled,
    f.last_fetch_at,
    f.next_fetch_at,
    f.last_error,
    (SELECT count(*) FROM entries e WHERE e.feed_url = f.url) AS entries
FROM feeds f
WHERE f.watched;
"""


def _statements(script: str) -> list[str]:
    """Split a script at the `;` that end statements, not those inside triggers."""
    statements, part = [], ""
    for line in script.splitlines():
        part += line + "\n"
        inside_trigger = "CREATE TRIGGER" in part and not line.startswith("END;")
        if line.split("--")[0].rstrip().endswith(";") and not inside_trigger:
            statements.append(part)
            part = ""
    return statements


@migrations()
def m001_initial(db: Database) -> None:
    # executescript() would commit the migration's transaction half-way.
    for statement in _statements(TABLES + VIEWS):
        db.execute(statement)
