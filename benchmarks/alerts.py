"""How long `monitor alerts test` takes over 100,000 stored mentions, for each kind of rule.

    python -m benchmarks.alerts [MENTIONS]

Makes a database of invented documents over 90 days in a temporary folder, a few
companies named far more often than the rest, and runs the installed command on it.
Prints seconds of the whole command, process start included. Measures no quality.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.mentions import endless
from monitor.store.connection import iso
from monitor.store.store import Store
from monitor.types import Company, Theme

MENTIONS = 100_000
DAYS = 90
NAMES = [f"company-{number}" for number in range(62)]
CIKS = {name: number for number, name in enumerate(NAMES, 1)}
WEIGHTS = [1 / (number + 1) for number in range(62)]
THEMES = ["ppa", "nuclear", "gigafactory", "liquid_cooling", "capex"]
SOURCES = [f"Source {number}" for number in range(65)]
ORGANISATIONS = [f"Organisation {number}" for number in range(4_000)]
FILINGS, THEMED = 0.03, 0.5
"""Shares of documents."""

PER_DOCUMENT = (1, 1, 1, 2, 3)
"""Mentions; few texts name many companies."""

CONFIG = """\
database: monitor.db
feeds: [{url: https://example.org/feed, title: Feed}]
"""
RULES = {
    "threshold": "min_mentions: 5, min_sources: 3, window: 24h, score_below: -0.1",
    "spike": "all: [spike: {window: 24h, baseline: 28d, z: 3}]",
    "turn": "all: [turn: {window: 3d, baseline: 30d}]",
    "new_theme": "all: [new_theme: {baseline: 30d}]",
    "new_name": "by: theme, all: [new_name: {baseline: 30d, min_mentions: 2}]",
    "filing": "all: [filing: {forms: [8-K]}]",
    "keyword": "all: [keyword: {any: [777 MW, 777MW]}]",
    "quantity": "all: [quantity: {above: 970 MW}]",
    "disagreement": "all: [disagreement: {window: 7d}]",
}
RULE = "  - {{id: {id}, {body}}}\n"


def main() -> int:
    """Make the database, run the command for each rule, print what it took."""
    mentions = int(sys.argv[1]) if len(sys.argv) > 1 else MENTIONS
    with tempfile.TemporaryDirectory() as folder:
        config, documents = prepare(Path(folder), mentions)
        print(f"{mentions:,} mentions in {documents:,} documents over {DAYS} days")
        for rule in RULES:
            seconds, said = measure(config, rule)
            print(f"{rule:13} {seconds:5.2f} s   {said}")
    return 0


def prepare(folder: Path, mentions: int) -> tuple[Path, int]:
    """A feeds.yaml with a database of so many mentions; how many documents it has."""
    config = folder / "feeds.yaml"
    config.write_text(_config(), "utf-8")
    return config, fill(config.with_name("monitor.db"), mentions)


def measure(config: Path, rule: str) -> tuple[float, str]:
    """Seconds of the command from its start to its end, and its first line."""
    monitor = str(Path(sys.executable).with_name("monitor"))
    command = [monitor, "alerts", "test", rule]
    started = time.monotonic()
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, "--since", f"{DAYS}d", "-c", config],
        capture_output=True,
        text=True,
        check=True,
    )
    return time.monotonic() - started, done.stdout.splitlines()[0]


def _config() -> str:
    ids = [
        *(f"  - {{id: {name}, name: {name}, cik: {CIKS[name]}}}\n" for name in NAMES),
        "themes:\n",
        *(f"  - {{id: {name}, name: {{en: {name}}}}}\n" for name in THEMES),
        "alerts:\n",
        *(RULE.format(id=name, body=body) for name, body in RULES.items()),
    ]
    return CONFIG + "companies:\n" + "".join(ids)


def fill(path: Path, mentions: int) -> int:
    """Store documents with so many mentions, all of them heard; how many they are."""
    chance = random.Random(0)
    with Store(path) as store:
        store.save_watched(
            feeds=(),
            companies=[Company(id=name, name=name, cik=CIKS[name]) for name in NAMES],
            themes=[Theme(id=name, name={}) for name in THEMES],
        )
        return _fill(store, mentions, chance)


def _fill(store: Store, mentions: int, chance: random.Random) -> int:
    with store.transaction() as connection:
        connection.execute("DROP TRIGGER documents_fts_insert")
        connection.execute("DROP TRIGGER documents_stored")
        number = 0
        for number, count in enumerate(_counts(mentions, chance)):
            _document(store, f"d{number}", count, chance)
        for sql in PLACED:
            connection.execute(sql)
        connection.execute(
            "INSERT INTO hearings SELECT id, fetched_at, NULL, 1, 1, 0 FROM documents"
        )
    return number + 1


def _counts(mentions: int, chance: random.Random) -> Iterator[int]:
    left = mentions
    while left > 0:
        count = min(left, chance.choice(PER_DOCUMENT))
        yield count
        left -= count


def _document(store: Store, key: str, count: int, chance: random.Random) -> None:
    at = datetime.now(UTC) - timedelta(seconds=chance.uniform(0, DAYS * 86_400))
    megawatts = chance.randint(2, 980)
    amount = f"{megawatts} MW"
    # The first company's sentence holds the amount: one that stands alone is nobody's.
    sentences = [f"{next(TEXTS)[0]} ({amount})", *[next(TEXTS)[0] for _ in range(3)]]
    is_filing = chance.random() < FILINGS
    companies = chance.choices(NAMES, WEIGHTS, k=count)
    connection = store.db.conn
    connection.execute(
        "INSERT INTO documents (id, kind, url, title, text, language, published_at, "
        "fetched_at, analysed_at, source, tier, form, items, accession_no, cik, state, "
        "model) VALUES (?, ?, ?, ?, ?, 'en', ?, ?, ?, ?, 2, ?, '[]', ?, ?, 'analysed', "
        "'x')",
        [
            key,
            "filing" if is_filing else "article",
            f"https://example.org/{key}",
            sentences[0],
            "\n".join(sentences),
            *[iso(at)] * 3,
            chance.choice(SOURCES),
            chance.choice(["8-K", "10-Q"]) if is_filing else None,
            key if is_filing else None,
            CIKS[companies[0]] if is_filing else None,
        ],
    )
    connection.executemany(
        "INSERT INTO mentions (document_id, company, start_char, end_char, text, "
        "sentence, confidence, relevance, label, score) "
        "VALUES (?, ?, 0, 1, 'x', ?, 1, 0.5, 'neutral', ?)",
        [
            (
                key,
                company,
                chance.choice(sentences) if at else sentences[0],
                round(chance.gauss(0, 0.4), 4),
            )
            for at, company in enumerate(companies)
        ],
    )
    if chance.random() < THEMED:
        connection.execute(
            "INSERT INTO theme_hits (document_id, theme, start_char, end_char, text, "
            "score) VALUES (?, ?, 0, 1, 'x', 1)",
            [key, chance.choice(THEMES)],
        )
    connection.executemany(
        "INSERT INTO entities (document_id, label, start_char, end_char, text) "
        "VALUES (?, 'ORG', 0, 1, ?)",
        [(key, name) for name in chance.sample(ORGANISATIONS, 3)],
    )
    connection.execute(
        "INSERT INTO quantities (document_id, kind, value, unit, normalised, "
        "normalised_unit, qualifier, company, start_char, end_char, text) "
        "VALUES (?, 'power', ?, 'MW', ?, 'MW', '', ?, 0, 1, ?)",
        [key, megawatts, megawatts, companies[0], amount],
    )


PLACED = (
    """
    INSERT INTO story_documents (document_id, story, lineage, outlet, reason, sure,
        earlier, novelty, joined_at, published_at, language, content, is_filing,
        companies, themes, amounts, title, words, shared, embedding, signature)
    SELECT id, id, id, source, 'first', 1, 0, 1, fetched_at, published_at, 'en', id, 0,
        '[]', '[]', '[]', title, zeroblob(256), zeroblob(256), zeroblob(384),
        zeroblob(512) FROM documents
    """,
    """
    INSERT INTO story_companies
    SELECT DISTINCT document_id, company, 0, 1, NULL FROM mentions
    """,
    "DELETE FROM story_queue",
)
"""Each document is a story of its own."""

TEXTS = endless()

if __name__ == "__main__":
    sys.exit(main())
