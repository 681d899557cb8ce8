"""`monitor run --once` over every real and every hostile feed file that we have.

The files are served over loopback HTTP; the installed command reads them in a process
of its own, like a user's.
"""

import csv
import json
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import feedparser
import pytest

from tests.servers import FeedServer

pytestmark = [pytest.mark.corpus, pytest.mark.slow]

MONITOR = Path(sys.executable).with_name("monitor")
MAX_MEMORY_MB = 1000
TYPES = {
    ".atom": "application/atom+xml",
    ".html": "text/html",
    ".json": "application/feed+json",
    ".rdf": "application/rdf+xml",
    ".rss": "application/rss+xml",
    ".xml": "application/xml",
}


class Run:
    """One `monitor run --once` with the memory that it and its children took."""

    def __init__(self, config: Path):
        self.peak_mb = 0.0
        started = time.monotonic()
        process = subprocess.Popen(
            [MONITOR, "run", "--once", "--json", "--config", config],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )
        watcher = threading.Thread(target=self._watch, args=(process,))
        watcher.start()
        output, self.errors = process.communicate()
        watcher.join()
        self.seconds = time.monotonic() - started
        self.code = process.returncode
        self.report = json.loads(output) if output else {}

    def _watch(self, process: subprocess.Popen[str]):
        while process.poll() is None:
            self.peak_mb = max(self.peak_mb, _tree_mb(process.pid))
            time.sleep(0.1)


def _tree_mb(root: int) -> float:
    """Proportional set size of a process and all below it."""
    total, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:  # ended meanwhile
            continue
        waiting += map(int, children.split())
        total += sum(
            int(line.split()[1])
            for line in rollup.splitlines()
            if line.startswith("Pss:")
        )
    return total / 1024


def manifest(folder: Path) -> list[dict[str, str]]:
    with (folder / "MANIFEST.tsv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def write_config(folder: Path, urls: dict[str, str]) -> Path:
    """A feeds.yaml over these feeds (URL to kind), with our companies and themes."""
    from ruamel.yaml import YAML

    from monitor.config import default_path

    yaml = YAML()
    config = yaml.load(default_path())
    config["contact"] = "tests@example.org"
    config["alerts"] = []
    config["digests"] = []
    config["feeds"] = [
        {
            "url": url,
            "title": url.rpartition("/corpus/")[2],
            "kind": kind,
            "allow_private": True,
            "full_text": False,
            # Nobody files one of these: they are listed, not fetched.
            **({"forms": ["T-3"]} if kind == "edgar" else {}),
        }
        for url, kind in urls.items()
    ]
    path = folder / "feeds.yaml"
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(config, file)
    return path


def serve(server: FeedServer, folder: Path, names: list[str]) -> dict[str, str]:
    """Put files on the server as they were recorded; their URLs and kinds."""
    urls = {}
    for number, name in enumerate(names):
        body = (folder / name).read_bytes()
        path = f"/corpus/{name}"
        headers = {"Content-Type": TYPES.get(Path(name).suffix, "text/plain")}
        if name.startswith("edgar/"):  # EDGAR sends no validators
            headers["Cache-Control"] = "no-cache"
        else:
            headers["ETag"] = f'W/"{number}"'
        server.serve(path, body, headers=headers)
        edgar = name.startswith("edgar/getcurrent")
        urls[server.url(path)] = "edgar" if edgar else "rss"
    return urls


def stored(config: Path, sql: str) -> dict[str, int]:
    connection = sqlite3.connect(config.with_name("monitor.db"))
    rows = connection.execute(sql).fetchall()
    connection.close()
    return dict(rows)


def accession_numbers(folder: Path, names: list[str]) -> set[str]:
    """Of the entries of these pages; a filing is listed once for each of its roles."""
    pages = (feedparser.parse((folder / name).read_bytes()) for name in names)
    return {entry.id.rpartition("=")[2] for page in pages for entry in page.entries}


def expected(folder: Path, name: str) -> int:
    """Entries that feedparser, or the JSON itself, yields; exact repeats are one."""
    body = (folder / name).read_bytes()
    if name.endswith(".json"):
        try:
            items = json.loads(body.decode("utf-8-sig")).get("items", [])
        except ValueError:  # cut off in the middle
            return 0
        return len({json.dumps(item, sort_keys=True) for item in items})
    entries = feedparser.parse(body).entries
    keys = ("id", "link", "title", "summary")
    return len({tuple(entry.get(key) for key in keys) for entry in entries})


@pytest.fixture(scope="module")
def server():
    with FeedServer() as server:
        yield server


def test_every_real_feed_is_read_once(shared, server, tmp_path):
    """All but EDGAR's 503, for which a whole host waits: see test_edgar_replay."""
    folder = shared / "corpus" / "feeds"
    names = [row["file"] for row in manifest(folder) if "error503" not in row["file"]]
    config = write_config(tmp_path, serve(server, folder, names))
    first = Run(config)
    counts = stored(
        config,
        "SELECT f.title, count(e.id) FROM feeds f "
        "LEFT JOIN entries e ON e.feed_url = f.url GROUP BY f.url",
    )
    failed = {title for title, _ in first.report["failed_feeds"]}

    assert first.code == 0, first.errors
    # One filing is on many of EDGAR's pages, and an entry of the first that is read.
    edgar = [n for n in names if n.startswith("edgar/getcurrent") and n not in failed]
    wrong = {
        name: (counts[name], expected(folder, name))
        for name in names
        if name not in [*failed, *edgar] and counts[name] != expected(folder, name)
    }
    assert wrong == {}
    assert sum(counts[n] for n in edgar) == len(accession_numbers(folder, edgar)) > 0
    assert [name for name in failed if expected(folder, name)] == []
    assert first.report["polled"] == len(names)
    assert first.peak_mb < MAX_MEMORY_MB

    with sqlite3.connect(config.with_name("monitor.db")) as connection:
        connection.execute("UPDATE feeds SET next_fetch_at = NULL")
    connection.close()
    again = Run(config)

    assert again.report["entries"] == 0
    assert again.report["documents"] == 0
    validated = [n for n in names if n not in failed and not n.startswith("edgar/")]
    assert again.report["unchanged"] == len(validated)
    assert {title for title, _ in again.report["failed_feeds"]} == failed


def test_every_hostile_file_is_survived(shared, server, tmp_path):
    folder = shared / "corpus" / "feeds-hostile"
    names = [
        row["file"]
        for row in manifest(folder)
        if not row["kind"].startswith("expected result")
    ]
    config = write_config(tmp_path, serve(server, folder, names))
    run = Run(config)

    assert run.code == 0, run.errors
    assert run.report["polled"] == len(names)
    assert run.report["quarantined"] == []
    timeouts = [
        title for title, error in run.report["failed_feeds"] if "within" in error
    ]
    assert timeouts == []
    assert run.peak_mb < MAX_MEMORY_MB
