"""The samples that ship, from a real HTTP server, and a feeds.yaml that reads them.

Does not run anything over them; to the rest of the monitor they are feeds like others.
"""

import hashlib
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from monitor.config import default_path

SAMPLES = Path(__file__).parent / "samples"
CONTENT_TYPES = {
    ".atom": "application/atom+xml",
    ".htm": "text/html",
    ".html": "text/html",
    ".txt": "text/plain",
    ".xml": "application/rss+xml",
}
"""What is served. No charset: as with many real servers, it is in the document."""

NOT_FOUND = b"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Nothing here</title></head>
<body><p>Invented sample: there is no page here. All there is of this item is in its
feed.</p></body></html>
"""

# --- times ----------------------------------------------------------------------------

KOREA = timezone(timedelta(hours=9))
WRITTEN: dict[str, Callable[[datetime], str]] = {
    "rfc822": format_datetime,
    "kst": lambda time: format_datetime(time.astimezone(KOREA)),
    "iso": lambda time: time.isoformat(timespec="seconds"),
    "date": lambda time: time.strftime("%Y-%m-%d"),
    "long": lambda time: time.strftime("%B %d, %Y"),
    "compact": lambda time: time.strftime("%Y%m%d"),
    "stamp": lambda time: time.strftime("%Y%m%d%H%M%S"),
}
# Only these two: a sample's title is `{{7*7}}` and has to stay so.
PLACE = re.compile(
    rb"\{\{(?:base|hours_ago:(?P<hours>\d+)\|(?P<written>[a-z0-9]+))\}\}"
)


def fill(template: bytes, *, base_url: str, now: datetime) -> bytes:
    """Put the server's address and times before `now` (aware) in their places.

    Works on bytes, as the samples are in several encodings. Raises KeyError for a way
    of writing times that does not exist.
    """

    def value(place: re.Match[bytes]) -> bytes:
        if place["hours"] is None:
            return base_url.encode()
        time = now - timedelta(hours=int(place["hours"]))
        return WRITTEN[place["written"].decode()](time).encode()

    return PLACE.sub(value, template)


# --- server ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is sent for a path."""

    content_type: str
    body: bytes

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'


def pages(*, base_url: str, now: datetime) -> dict[str, Page]:
    """Make every sample, by its path on the server."""
    files = (file for file in SAMPLES.rglob("*") if file.suffix in CONTENT_TYPES)
    return {
        f"/{file.relative_to(SAMPLES).as_posix()}": Page(
            content_type=CONTENT_TYPES[file.suffix],
            body=fill(file.read_bytes(), base_url=base_url, now=now),
        )
        for file in files
    }


class Listener(ThreadingHTTPServer):
    """A server on the loopback address with pages to give out."""

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.pages: dict[str, Page] = {}

    def page(self, target: str) -> Page | None:
        path = urlsplit(target).path
        # A filing's folder has the company's number in it: one file, many addresses.
        if path.startswith("/Archives/edgar/data/"):
            path = path[path.rindex("/") :]
        return self.pages.get(path)


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD."""

    server: Listener

    def do_GET(self) -> None:
        page = self.server.page(self.path)
        if page is None:
            page = Page(content_type="text/html", body=NOT_FOUND)
            self.answer(HTTPStatus.NOT_FOUND, page)
        elif page.etag in self.known():
            self.answer(HTTPStatus.NOT_MODIFIED, page)
        else:
            self.answer(HTTPStatus.OK, page)

    do_HEAD = do_GET  # noqa: N815  named by http.server

    def known(self) -> set[str]:
        """What the client has already."""
        tags = self.headers.get("If-None-Match", "").split(",")
        return {tag.strip().removeprefix("W/") for tag in tags}

    def answer(self, status: HTTPStatus, page: Page) -> None:
        self.send_response(status)
        self.send_header("ETag", page.etag)
        if status is HTTPStatus.NOT_MODIFIED:
            self.end_headers()
            return
        self.send_header("Content-Type", page.content_type)
        self.send_header("Content-Length", str(len(page.body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(page.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: the terminal belongs to the demo."""


class SampleServer:
    """Serves the samples while its `with` block runs, dated as if it were `now`.

    Port 0 is any that is free. Raises OSError if the port is taken.
    """

    def __init__(self, *, now: datetime, port: int = 0) -> None:
        self.listener = Listener(port)
        self.base_url = f"http://127.0.0.1:{self.listener.server_port}"
        self.listener.pages = pages(base_url=self.base_url, now=now)
        self.thread = threading.Thread(
            target=self.listener.serve_forever, args=(0.05,), daemon=True
        )

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.listener.shutdown()
        self.thread.join()
        self.listener.server_close()


# --- configuration --------------------------------------------------------------------

TOP_LEVEL_KEY = re.compile(r"([a-z_]+):")
NOT_IN_THE_DEMO = {"mail", "alert_recipients"}
"""Besides what the demo has of its own: it sends nothing to anybody."""


def is_free(folder: Path) -> bool:
    """Whether a demo may be put there: nothing of a monitor is, or an older demo."""
    own = (SAMPLES / "feeds.yaml").read_text("utf-8").splitlines()[0]
    path = folder / "feeds.yaml"
    if not path.exists():
        return not (folder / "monitor.db").exists()
    return path.read_text("utf-8", "replace").startswith(own)


def write_config(folder: Path, base_url: str) -> Path:
    """Write the demo's feeds.yaml: sample feeds, and what ships for all else.

    Makes the folder if need be. Raises OSError if it cannot be written.
    """
    own = (SAMPLES / "feeds.yaml").read_text("utf-8").replace("{{base}}", base_url)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "feeds.yaml"
    path.write_text(configuration(default_path().read_text("utf-8"), own), "utf-8")
    return path


def configuration(shipped: str, own: str) -> str:
    """The demo's own sections, then those that ship, with their comments."""
    left_out = NOT_IN_THE_DEMO | sections(own).keys()
    kept = [text for key, text in sections(shipped).items() if key not in left_out]
    return "".join([own, *kept])


def sections(text: str) -> dict[str, str]:
    """Top-level keys of a YAML file, each with the comments above it, as written."""
    found: dict[str, str] = {}
    above = key = ""
    for line in text.splitlines(keepends=True):
        if match := TOP_LEVEL_KEY.match(line):
            key = match[1]
            found[key] = above + line
        elif line.startswith("#") or not line.strip():
            above += line
            continue
        elif key:
            found[key] += above + line
        above = ""
    return found
