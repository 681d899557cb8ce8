"""Stories: which documents tell the same event, and how new each was.

Same conventions as `schema.py`. Triggers fill the queue, as for alerts.
"""

from sqlite_utils import Database, Migrations

migrations = Migrations("monitor-stories")

STATEMENTS = (
    """
-- documents that were analysed and have no story yet
CREATE TABLE story_queue (
    document_id TEXT PRIMARY KEY
) WITHOUT ROWID
""",
    """
-- each document's place, with what the next ones are compared with
CREATE TABLE story_documents (
    number INTEGER PRIMARY KEY,
    document_id TEXT NOT NULL UNIQUE REFERENCES documents (id),
    story TEXT NOT NULL,       -- id of the document that began it
    lineage TEXT NOT NULL,     -- id of the document that it is a copy of, or its own
    outlet TEXT NOT NULL,      -- source of that document
    reason TEXT NOT NULL,      -- first, edit, filing, address, text, copy, event
    sure REAL NOT NULL,        -- that it belongs here, 0 to 1
    earlier INTEGER NOT NULL,  -- documents of the story before it
    novelty REAL NOT NULL,     -- 1 for the first, then less
    joined_at TEXT NOT NULL,
    published_at TEXT NOT NULL,
    language TEXT NOT NULL,
    link TEXT,                 -- its address without what varies; null for filings
    content TEXT NOT NULL,     -- hash of its letters and digits
    filing TEXT,               -- accession number
    is_filing INTEGER NOT NULL,
    companies TEXT NOT NULL,   -- JSON list
    themes TEXT NOT NULL,      -- JSON list
    amounts TEXT NOT NULL,     -- JSON list
    title TEXT NOT NULL,       -- without its outlet and the names of companies
    signature BLOB,            -- MinHash; null for short texts
    words BLOB NOT NULL,       -- a byte for each place of a vector
    shared BLOB NOT NULL,      -- likewise
    embedding BLOB             -- likewise; null: there was no model
)
""",
    "CREATE INDEX story_documents_story ON story_documents (story)",
    "CREATE INDEX story_documents_published ON story_documents (published_at)",
    "CREATE INDEX story_documents_link ON story_documents (link)",
    "CREATE INDEX story_documents_content ON story_documents (content)",
    "CREATE INDEX story_documents_filing ON story_documents (filing)",
    # What rules ask of all documents, without reading past their vectors.
    """
CREATE INDEX story_documents_told ON story_documents (document_id, outlet, novelty)
""",
    # Each new document asks which one it replaces; few replace any.
    """
CREATE INDEX documents_superseded ON documents (superseded_by)
WHERE superseded_by IS NOT NULL
""",
    """
-- parts of MinHash signatures: near copies have one in common
CREATE TABLE story_bands (
    band INTEGER NOT NULL,
    number INTEGER NOT NULL REFERENCES story_documents (number),
    PRIMARY KEY (band, number)
) WITHOUT ROWID
""",
    """
-- how new a document was for each of its companies
CREATE TABLE story_companies (
    document_id TEXT NOT NULL REFERENCES documents (id),
    company TEXT NOT NULL,
    earlier INTEGER NOT NULL,  -- documents of the story with the company before it
    novelty REAL NOT NULL,     -- 0.75 to the power of that
    similar_days REAL,         -- since the company was last in this story, or under a
                               -- theme of the document; null: never
    PRIMARY KEY (document_id, company)
) WITHOUT ROWID
""",
    """
-- when a company was last spoken of under a theme
CREATE TABLE story_themes (
    company TEXT NOT NULL,
    theme TEXT NOT NULL,
    last_at TEXT NOT NULL,
    PRIMARY KEY (company, theme)
) WITHOUT ROWID
""",
    """
CREATE TRIGGER documents_analysed_story AFTER UPDATE OF state ON documents
WHEN new.state = 'analysed' BEGIN
    INSERT OR IGNORE INTO story_queue SELECT new.id
    WHERE NOT EXISTS (SELECT 1 FROM story_documents WHERE document_id = new.id);
END
""",
    """
CREATE TRIGGER documents_stored_story AFTER INSERT ON documents
WHEN new.state = 'analysed' BEGIN
    INSERT OR IGNORE INTO story_queue VALUES (new.id);
END
""",
    """
-- events with all that tells them; outlets are independent: reprints are one
CREATE VIEW story AS
SELECT
    s.story,
    -- an edit of the first document changes it
    coalesce(max(CASE WHEN s.earlier = 0 THEN d.title END), f.title) AS title,
    min(d.published_at) AS first_at,
    max(d.published_at) AS last_at,
    count(*) AS documents,
    count(*) - count(DISTINCT s.lineage) AS copies,
    count(DISTINCT s.outlet) AS outlets,
    group_concat(DISTINCT d.language) AS languages
FROM story_documents s
JOIN documents d ON d.id = s.document_id AND d.superseded_by IS NULL
JOIN documents f ON f.id = s.story
GROUP BY s.story
""",
    """
-- each document with its story and how new it was for each of its companies
CREATE VIEW story_document AS
SELECT
    s.document_id,
    s.story,
    c.company,
    coalesce(c.novelty, s.novelty) AS novelty,
    c.similar_days,
    s.reason,
    s.lineage,
    s.outlet,
    d.published_at,
    d.title,
    d.source,
    d.url,
    d.language
FROM story_documents s
JOIN documents d ON d.id = s.document_id AND d.superseded_by IS NULL
LEFT JOIN story_companies c ON c.document_id = s.document_id
""",
)
# What is older has told its news; the last month is what new documents may belong to.
STORED = """
INSERT INTO story_queue
SELECT id FROM documents WHERE state = 'analysed' AND superseded_by IS NULL
AND published_at >= (
    SELECT strftime('%Y-%m-%dT%H:%M:%SZ', max(published_at), '-30 days') FROM documents
)
"""


@migrations()
def m001_stories(db: Database) -> None:
    for statement in (*STATEMENTS, STORED):
        db.execute(statement)
