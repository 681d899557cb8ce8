"""How we stand with the SEC: one pace and one back-off for all processes of a user.

The SEC counts what all machines of a user ask together, and answers nobody whom it
has had enough of. So the time of the next request, and the time until which none is
made, are kept in one small file under a lock. Does not ask anything itself.
"""

import asyncio
import json
import os
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from filelock import FileLock

from monitor.errors import StoreError

REQUESTS_PER_S = 7
"""The SEC permits 10; requests that are sent in time may arrive together."""

BLOCK = timedelta(minutes=10)
"""What the SEC's own page says a block lasts; doubled for each one in a row."""

DOWN = timedelta(minutes=1)
"""After a 503, doubled likewise."""

LONGEST = timedelta(days=1)

_PACE_S = 1 / REQUESTS_PER_S
_LATE_S = 0.1
_FARTHEST_S = 60.0
_MARGIN = 1.1
_FORBIDDEN = (
    "403 Forbidden: undeclared, or too fast; is `contact:` an address of yours?"
)
_PAGE = re.compile(rb"<title>\s*SEC\.gov \|\s*([^<]{1,200}?)\s*</title>", re.IGNORECASE)


def is_sec(host: str) -> bool:
    """Say whether a host is one of the SEC's."""
    host = host.rstrip(".").lower()
    return host == "sec.gov" or host.endswith(".sec.gov")


def apology(body: bytes) -> str | None:
    """The title of a page of the SEC's that says why there is no document, if it is one.

    Blocks come as such pages, also with status 200.
    """
    found = _PAGE.search(body[:4000])
    return found[1].decode("utf-8", "replace") if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Why the SEC gives nothing, and how long it is then left alone at first."""

    reason: str
    wait: timedelta


def verdict(status: int, content_type: str, body: bytes) -> Verdict | None:
    """What an answer says of all requests to come; None if nothing.

    A 403 in XML is the archive's way to say that there is no such file.
    """
    if status == HTTPStatus.OK:
        page = apology(body)
        return (
            Verdict(reason=f"the page {page!r} instead", wait=BLOCK) if page else None
        )
    forbidden = status == HTTPStatus.FORBIDDEN and "xml" not in content_type.lower()
    if forbidden:
        return Verdict(reason=_FORBIDDEN, wait=BLOCK)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Verdict(reason="429 Too Many Requests", wait=BLOCK)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return Verdict(reason="503 Service Unavailable", wait=DOWN)
    return None


def state_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where this user's processes share what outlives them."""
    base = environ.get("XDG_STATE_HOME") or environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".local" / "state") / "monitor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Until when the SEC is left alone, and why."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    next_s: float = 0.0
    """By the machine's monotonic clock, which all its processes share."""
    refusals: int = 0
    """In a row."""
    until: str | None = None
    reason: str = ""


class Standing:
    """The shared file; safe to use from several threads and processes.

    `folder` is made if need be; where it cannot be written (a container without a
    home), the system's temporary folder is used.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._path = _writable(folder or state_folder()) / "sec.json"
        self._lock = FileLock(f"{self._path}.lock", poll_interval=0.005)
        self._refusals = 0

    async def turn(self) -> None:
        """Wait until a request may start; it is to start then at once."""
        while True:
            start_s = await asyncio.to_thread(self.reserve)
            await asyncio.sleep(max(0.0, start_s - time.monotonic()))
            # A start that was missed (a machine under load) is left unused: taken
            # late, it would fall together with those of other processes.
            if time.monotonic() - start_s <= _LATE_S:
                return

    def reserve(self) -> float:
        """Take the next free start, by the monotonic clock."""
        with self._changing() as change:
            now_s = time.monotonic()
            next_s = change.state.next_s
            # A start far ahead is from before the machine was started anew.
            start_s = now_s if next_s > now_s + _FARTHEST_S else max(now_s, next_s)
            change.state = replace(change.state, next_s=start_s + _PACE_S)
            self._refusals = change.state.refusals
        return start_s

    def rest(self, *, now: datetime) -> Rest | None:
        """Until when nothing is to be asked, or None."""
        return _rest_of(self._read(), now)

    def refused(
        self, verdict: Verdict, *, now: datetime, asked: timedelta | None
    ) -> Rest:
        """Leave the SEC alone for `asked`, or else as long as it takes."""
        with self._changing() as change:
            state = change.state
            doubled = verdict.wait * (1 << min(state.refusals, 12))
            until = now + min(asked or doubled, LONGEST) * _MARGIN
            # Two were under way, and one was told earlier.
            if earlier := _rest_of(state, now):
                return earlier
            change.state = replace(
                state,
                refusals=state.refusals + 1,
                until=until.astimezone(UTC).isoformat(timespec="seconds"),
                reason=verdict.reason,
            )
            self._refusals = change.state.refusals
        return Rest(until=until, reason=verdict.reason)

    def answered(self, *, now: datetime) -> None:
        """Forget refusals, as a document came; not one that is in force.

        Two requests are under way at once: the answer to one says nothing of the other.
        """
        if not self._refusals or self.rest(now=now) is not None:
            return
        with self._changing() as change:
            if _rest_of(change.state, now) is None:
                change.state = replace(change.state, refusals=0, until=None, reason="")
                self._refusals = 0

    def _read(self) -> _State:
        try:
            return _State(**json.loads(self._path.read_bytes()))
        except (OSError, ValueError, TypeError):  # not made yet, or not by us
            return _State()

    @contextmanager
    def _changing(self) -> Iterator["_Change"]:
        with self._lock:
            change = _Change(state=self._read())
            before = change.state
            yield change
            if change.state != before:
                # Whole or not at all, whenever we are killed.
                draft = self._path.with_suffix(".new")
                draft.write_text(json.dumps(asdict(change.state)), "utf-8")
                draft.replace(self._path)


def _rest_of(state: _State, now: datetime) -> Rest | None:
    if state.until is None:
        return None
    until = datetime.fromisoformat(state.until)
    # Longer than is ever asked for: the clock was wrong then.
    if not now < until <= now + LONGEST * _MARGIN:
        return None
    return Rest(until=until, reason=state.reason)


@dataclass(slots=True)
class _Change:
    state: _State


def _writable(folder: Path) -> Path:
    user: Any = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    for candidate in (folder, Path(tempfile.gettempdir()) / f"monitor-{user}"):
        try:
            candidate.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            continue
        if os.access(candidate, os.W_OK):
            return candidate
    message = f"{folder}: cannot be written; set XDG_STATE_HOME to a folder that can"
    raise StoreError(message, path=str(folder))
