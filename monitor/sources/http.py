"""The only HTTP client: polite, bounded, safe. Gives bytes or raises FetchError.

Polite: conditional requests, gzip, a User-Agent with a contact, two connections a host,
no cookies, no Referer, the SEC's rate and rests (`sec`). Bounded: in time for each step
and in all, in bytes as sent and as unpacked (`decoding`), in redirects. Safe: http and
https only, and only checked addresses (`addresses`), at every redirect again.

Proxies named in the environment are not used: a proxy resolves names itself, where no
address can be checked. `SSL_CERT_FILE` and `SSL_CERT_DIR` are, for authorities of
one's own. When to fetch is decided in `schedule`; nothing is retried here.
"""

import asyncio
import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from http import HTTPStatus
from types import TracebackType
from typing import Self

import httpcore2
import httpx2

from monitor import __version__
from monitor.errors import FetchError
from monitor.sources import sec
from monitor.sources.addresses import CheckedNetwork, Resolve, Resolver
from monitor.sources.exchange import Answer, Limits, exchange, parse, shown
from monitor.sources.headers import retry_after
from monitor.sources.sec import Standing
from monitor.sources.throttle import Turns

__all__ = [
    "FEED_TYPES",
    "MAX_BYTES",
    "SEC_CONTACT",
    "HttpClient",
    "Limits",
    "Response",
]

MAX_BYTES = 16 * 1024 * 1024
MAX_REDIRECTS = 5
FEED_TYPES = (
    "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.8"
)

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
SEC_CONTACT = (
    "the SEC answers only readers who say who they are; "
    "set `contact:` in feeds.yaml to your e-mail address"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A document, or the news that it has not changed."""

    url: str
    """Where it was found, behind all redirects."""
    status: int
    """200, or 304 with an empty body."""
    headers: dict[str, str]
    """Names in lower case; values byte for byte, as Latin-1."""
    body: bytes
    permanent_url: str | None = None
    """Where it has moved, if there were redirects and all of them permanent."""


class HttpClient:
    """Fetches documents; use it as `async with`, in one event loop.

    `contact` is the e-mail address or page by which a server's owner reaches the user;
    the SEC is not asked without an e-mail address. `now` measures a Retry-After whose
    answer has no Date. `standing` is the file in which all processes keep the SEC's
    pace. Names, sockets and certificates go through `resolve`, `network` and `tls`.
    """

    def __init__(
        self,
        *,
        contact: str = "",
        limits: Limits | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        standing: Standing | None = None,
        resolve: Resolve | None = None,
        network: httpcore2.AsyncNetworkBackend | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._contact = "".join(c for c in contact if c.isprintable()).strip()
        self._limits = limits = limits or Limits()
        self._now = now
        self._given_standing = standing
        self._turns = Turns(per_host=limits.per_host, overall=limits.overall)
        self._resolver = Resolver()
        tls = tls or httpx2.create_ssl_context()
        # Two pools: no request may find a connection to a private address open that
        # another one was permitted to make.
        self._pools = {
            allow_private: httpcore2.AsyncConnectionPool(
                ssl_context=tls,
                max_connections=None,  # turns are the limit
                max_keepalive_connections=limits.overall,
                keepalive_expiry=5.0,
                network_backend=CheckedNetwork(
                    resolve=resolve or self._resolver,
                    network=network or httpcore2.AnyIOBackend(),
                    allow_private=allow_private,
                ),
            )
            for allow_private in (False, True)
        }

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pool in self._pools.values():
            await pool.aclose()
        self._resolver.close()

    async def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        allow_private: bool = False,
        max_bytes: int = MAX_BYTES,
        accept: str = FEED_TYPES,
        as_sec: bool = False,
        harmless: Collection[int] = (),
    ) -> Response:
        """Fetch a document, or a 304 if `etag` or `last_modified` still hold.

        `max_bytes` bounds the body both as sent and as unpacked. `as_sec` keeps the SEC's
        rules with a mirror, too; `harmless` are statuses that say nothing of how
        the SEC stands to us (503 past the end of a list). Raises FetchError for all
        else, other statuses included.
        """
        fetch = _Fetch(
            as_sec=as_sec,
            harmless=harmless,
            headers=self._headers(accept, etag, last_modified),
            conditional=bool(etag or last_modified),
            allow_private=allow_private,
            max_bytes=max_bytes,
            left_s=self._limits.total_s,
        )
        target = parse(url)
        permanent = not target.userinfo  # a moved URL is stored, a password is not
        for redirects in range(MAX_REDIRECTS + 1):
            answer = await self._ask(fetch, target)
            if answer.status not in _REDIRECTS:
                self._check_status(fetch, answer, target)
                moved = shown(target) if redirects and permanent else None
                return _response(answer, target, moved)
            permanent = permanent and answer.status in _PERMANENT
            target = _redirected(answer, target)
        message = f"more than {MAX_REDIRECTS} redirects, the last to {shown(target)}"
        raise _fetch_error(parse(url), "redirects", message)

    def _headers(
        self, accept: str, etag: str | None, last_modified: str | None
    ) -> list[tuple[bytes, bytes]]:
        agent = f"monitor/{__version__}"
        headers = [
            (b"User-Agent", f"{agent} (+{self._contact})" if self._contact else agent),
            (b"Accept", accept),
            (b"Accept-Encoding", "gzip"),
        ]
        encoded = [(name, value.encode()) for name, value in headers]
        # Latin-1, as they were read: what the server sent goes back byte for byte.
        if etag:
            encoded.append((b"If-None-Match", etag.encode("latin-1", "replace")))
        if last_modified:
            stamp = last_modified.encode("latin-1", "replace")
            encoded.append((b"If-Modified-Since", stamp))
        return encoded

    async def _ask(self, fetch: "_Fetch", target: httpx2.URL) -> Answer:
        """Wait for a turn and ask once; takes the time from what is left."""
        clock = asyncio.get_running_loop().time
        is_sec = fetch.as_sec or sec.is_sec(target.host)
        if is_sec and "@" not in self._contact:
            raise _fetch_error(target, "contact", SEC_CONTACT)
        async with self._turns.take(target.host):
            if is_sec:
                await self._sec_turn(target)
            began = clock()
            answer = await exchange(
                self._pools[fetch.allow_private],
                target,
                fetch.headers,
                limits=self._limits,
                left_s=fetch.left_s,
                max_bytes=fetch.max_bytes,
            )
            fetch.left_s -= clock() - began
        if is_sec:
            self._heed(fetch, answer, target)
        return answer

    @cached_property
    def _standing(self) -> Standing:
        return self._given_standing or Standing()

    async def _sec_turn(self, url: httpx2.URL) -> None:
        """Wait for one of the SEC's starts; raises FetchError while it is at rest."""
        self._check_rest(url)
        await self._standing.turn()
        self._check_rest(url)  # others were answered meanwhile

    def _check_rest(self, url: httpx2.URL) -> None:
        now = self._now()
        rest = self._standing.rest(now=now)
        if rest is not None:
            message = f"not asked before {rest.until:%H:%M} UTC: {rest.reason}"
            left_s = (rest.until - now).total_seconds()
            raise _fetch_error(url, "resting", message, retry_after_s=left_s)

    def _heed(self, fetch: "_Fetch", answer: Answer, url: httpx2.URL) -> None:
        """Leave the SEC alone as a whole after an answer that asks for it."""
        status, content_type = answer.status, answer.headers.get("content-type", "")
        verdict = sec.verdict(status, content_type, answer.body)
        if verdict is None or status in fetch.harmless:
            if status in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}:
                self._standing.answered(now=self._now())
            return
        now = self._now()
        asked = retry_after(answer.headers, now=now)
        rest = self._standing.refused(verdict, now=now, asked=asked)
        raise _fetch_error(
            url,
            "refused_by_sec",
            f"{verdict.reason}; the SEC is left alone until {rest.until:%H:%M} UTC",
            status=answer.status,
            retry_after_s=(rest.until - now).total_seconds(),
        )

    def _check_status(self, fetch: "_Fetch", answer: Answer, url: httpx2.URL) -> None:
        status = answer.status
        if status == HTTPStatus.OK:
            return
        if status == HTTPStatus.NOT_MODIFIED:
            if fetch.conditional:
                return
            # Taken for an answer, it would leave a new feed empty for ever.
            message = "304 Not Modified, though nothing was known of it"
            raise _fetch_error(url, "protocol", message, status=status)
        wait = retry_after(answer.headers, now=self._now())
        raise _fetch_error(
            url,
            "status",
            f"{status} {_phrase(status)}".strip(),
            status=status,
            retry_after_s=None if wait is None else wait.total_seconds(),
        )


@dataclass(slots=True, kw_only=True)
class _Fetch:
    """One call of `get`."""

    as_sec: bool
    harmless: Collection[int]
    headers: list[tuple[bytes, bytes]]
    conditional: bool
    allow_private: bool
    max_bytes: int
    left_s: float


def _redirected(answer: Answer, url: httpx2.URL) -> httpx2.URL:
    location = answer.headers.get("location", "").strip()
    if not location:
        raise _fetch_error(url, "protocol", f"{answer.status} without a Location")
    raw = location.encode("latin-1")
    try:
        location = raw.decode()  # not permitted, but common with Korean paths
    except UnicodeDecodeError:
        location = raw.decode("latin-1")
    return parse(location, base=url).copy_with(fragment=None)


def _response(answer: Answer, url: httpx2.URL, permanent_url: str | None) -> Response:
    return Response(
        url=shown(url),
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        permanent_url=permanent_url,
    )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _fetch_error(
    url: httpx2.URL,
    kind: str,
    why: str,
    *,
    status: int | None = None,
    retry_after_s: float | None = None,
) -> FetchError:
    return FetchError(
        f"{shown(url)}: {why}",
        url=shown(url),
        kind=kind,
        status=status,
        retry_after_s=retry_after_s,
    )
