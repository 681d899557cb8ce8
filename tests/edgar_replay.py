"""EDGAR as it was on 12 December 2025, from 18:02 to 18:04 in New York, on loopback.

    with replay(shared) as edgar:
        config = edgar.write_config(folder)
        edgar.poll = 0            # ... up to 3
        edgar.withheld.add(...)   # no such file

Pages of the live list are answered as they were recorded, headers included, but for
their links, which lead here; the rows between the thousandth and the five-thousandth
were not recorded, and are left out. A filing of a watched company is a submission of the
corpus under that filing's accession number.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from monitor.sources import edgar
from monitor.types import Entry, Filing
from tests.servers import Behaviour, FeedServer, Handler

LIST = "/cgi-bin/browse-edgar?action=getcurrent&type={type}&owner=include&start=0&count=100&output=atom"
ROWS = 100
PAGE = "edgar/getcurrent_2025-12-12T180331_type-all_count100_start0000.atom"
EMPTY = b"""<?xml version="1.0" encoding="ISO-8859-1" ?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Latest Filings</title></feed>"""
POLLS = (  # the minutes and seconds in which the pages of each poll were fetched
    ("180234", "180235", "180236", "180237"),
    ("180331", "180332", "180333"),
    ("180344", "180345", "180346", "180356"),
    ("180344", "180345", "180346", "180356"),
)
OLD = {1000: "180248", 1100: "180344"}  # rows from the five-thousandth on
NOT_SENT = {"connection", "content-length", "date", "transfer-encoding"}
SUBMISSIONS = (
    "66740_0000066740-24-000023",
    "72333_0000072333-23-000015",
    "1045810_0001045810-26-000024",
    "1109357_0000950137-05-004969",
)


class Replay:
    """The server's state: which poll it is, and what it does not give."""

    def __init__(self, shared: Path, server: FeedServer):
        self.server = server
        self.poll = 0
        self.withheld: set[str] = set()
        """Accession numbers whose submission is not there."""
        self.unlisted: set[str] = set()
        """Accession numbers that the live list leaves out."""
        self.submissions: tuple[str, ...] = SUBMISSIONS
        self.extra: dict[str, Behaviour] = {}
        """By path: what is answered instead."""
        self._feeds = shared / "corpus" / "feeds"
        self._filings = shared / "corpus" / "filings" / "full-submissions"
        self._headers = _recorded_headers(self._feeds / "http" / "sec_exchanges.jsonl")
        self.listed = self._all_listed()
        self.watched = _some_watched(self.listed)
        server.behave("/cgi-bin/browse-edgar", self._answer_list)
        server.otherwise = self._file

    def write_config(self, folder: Path) -> Path:
        """A feeds.yaml that watches some companies on two live lists."""
        folder.mkdir(parents=True, exist_ok=True)
        feeds = "".join(
            f"  - {{url: '{self.server.url(LIST.format(type=kind))}', title: '{title}', "
            "kind: edgar, interval: 1m, tier: 1, allow_private: true, language: en, "
            "forms: [8-K]}\n"
            for kind, title in (("", "EDGAR"), ("4", "EDGAR, 4 and 424B"))
        )
        companies = "".join(
            f"  - {{id: c{cik}, name: '{name}', cik: {cik}}}\n"
            for cik, name in sorted(self.watched.items())
        )
        path = folder / "feeds.yaml"
        path.write_text(
            f"contact: tests@example.org\nentities: false\n"
            f"feeds:\n{feeds}companies:\n{companies}"
        )
        return path

    def of_watched(self) -> dict[str, Filing]:
        """Filings that are to be read, by accession number."""
        return {
            number: filing
            for number, filing in self.listed.items()
            if filing.form.startswith("8-K")
            and any(party.cik in self.watched for party in filing.parties)
        }

    # --- answers

    def _answer_list(self, handler: Handler) -> None:
        query = parse_qs(urlsplit(handler.path).query, keep_blank_values=True)
        kind = query["type"][0]
        # Pages begin where they were recorded, also if rows were left out before.
        start = -(-int(query["start"][0]) // ROWS) * ROWS
        page = self._page(kind or "all", start)
        if page is None:
            name = "edgar/getcurrent_error503_type-all_start5100_6ab7ff.html"
            body = (self._feeds / name).read_bytes()
            handler.answer(body, status=503, headers=self._headers[name])
            return
        headers = self._headers[PAGE]
        here = page.replace(b"https://www.sec.gov", self.server.url("").encode())
        handler.answer(self._without_unlisted(here), headers=headers)

    def _page(self, kind: str, start: int) -> bytes | None:
        if kind != "all" and self.poll < 3:  # recorded once
            return EMPTY
        times: tuple[str, ...] = (
            POLLS[self.poll] if kind == "all" else ("180356", "180357")
        )
        if start in OLD:
            start, times = 5000, (OLD[start],)
        for time in times:
            page = f"{time}_type-{kind}_count100_start{start:04}.atom"
            path = self._feeds / "edgar" / f"getcurrent_2025-12-12T{page}"
            if path.exists():
                return path.read_bytes()
        return None

    def _without_unlisted(self, body: bytes) -> bytes:
        for number in self.unlisted:
            rows = re.compile(
                rb"<entry>(?:(?!</entry>).)*=%b</id>\s*</entry>" % number.encode(),
                re.DOTALL,
            )
            body = rows.sub(b"", body)
        return body

    def _file(self, path: str) -> Behaviour:
        if path in self.extra:
            return self.extra[path]
        if found := re.fullmatch(r"/submissions/CIK(\d{10})\.json", path):
            return _json(self._company_list(int(found[1])))
        number = path.rpartition("/")[2].removesuffix(".txt")
        if number in self.withheld or number not in self.of_watched():
            return _missing
        return lambda handler: handler.answer(
            self.submission(number), headers={"Content-Type": "text/plain"}
        )

    def submission(self, number: str) -> bytes:
        """A submission of the corpus under this accession number."""
        name = self.submissions[int(number.replace("-", "")) % len(self.submissions)]
        body = (self._filings / f"{name}.txt").read_bytes()
        old = name.partition("_")[2]
        return body.replace(old.encode(), number.encode())

    def _company_list(self, cik: int) -> dict[str, Any]:
        rows = [
            filing
            for filing in self.listed.values()
            if any(party.cik == cik for party in filing.parties)
        ]
        recent = {
            "accessionNumber": [it.accession_no for it in rows],
            "filingDate": [it.filing_date for it in rows],
            "reportDate": ["" for _ in rows],
            "form": [it.form for it in rows],
            "items": [",".join(it.items) for it in rows],
            "size": [100_000 for _ in rows],
        }
        name = self.watched.get(cik, "?")
        return {"cik": f"{cik:010d}", "name": name, "filings": {"recent": recent}}

    def _all_listed(self) -> dict[str, Filing]:
        rows: list[Entry] = []
        for path in sorted((self._feeds / "edgar").glob("getcurrent_2025-12-12*.atom")):
            parsed = edgar.parse_current(path.read_bytes(), feed_url="http://x/list")
            rows += parsed.entries
        entries = edgar.merged(dict.fromkeys(rows), watched=())
        filings = [entry.filing for entry in entries if entry.filing]
        return {filing.accession_no: filing for filing in filings}


@contextmanager
def replay(shared: Path) -> Iterator[Replay]:
    with FeedServer() as server:
        yield Replay(shared, server)


def _some_watched(listed: dict[str, Filing]) -> dict[int, str]:
    """Eight companies that filed an 8-K then, and one owner who reported."""
    filers = {
        filing.cik: filing.company.replace("'", "")
        for filing in listed.values()
        if filing.form == "8-K"
    }
    return dict(sorted(filers.items())[:8])


def _recorded_headers(path: Path) -> dict[str, dict[str, str]]:
    """Response headers by the name of the recorded body."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for line in path.read_text("utf-8").splitlines():
        exchange = json.loads(line)
        if exchange["body"]:
            found[exchange["body"]] = {
                name: ", ".join(values)
                for name, values in exchange["response_headers"].items()
                if name not in NOT_SENT
            }
    return found


def _json(data: dict[str, Any]) -> Behaviour:
    body = json.dumps(data).encode()
    headers = {"Content-Type": "application/json"}
    return lambda handler: handler.answer(body, headers=headers)


def _missing(handler: Handler) -> None:
    handler.answer(
        b"<Error><Code>NoSuchKey</Code></Error>",
        status=404,
        headers={"Content-Type": "application/xml"},
    )
