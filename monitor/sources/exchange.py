"""One request and its answer; whatever goes wrong becomes a FetchError.

Reads a body only where one is of use (200). Knows neither redirects nor turns.
"""

import asyncio
import base64
import ssl
from contextlib import aclosing
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

import httpcore2
import httpx2

from monitor.errors import FetchError
from monitor.sources.addresses import ConnectError
from monitor.sources.decoding import Body, DecodingError, TooLargeError

_LARGEST_PORT = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of a client; times in seconds."""

    connect_s: float = 10.0
    read_s: float = 20.0
    """Without a single byte."""
    total_s: float = 60.0
    """For a document with its redirects; waiting for one's turn is not counted."""
    per_host: int = 2
    overall: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one server answered; the body only of a 200."""

    status: int
    headers: dict[str, str]
    """Names in lower case; values byte for byte, as Latin-1."""
    body: bytes = b""


def parse(url: str, *, base: httpx2.URL | None = None) -> httpx2.URL:
    """Read an http or https URL, relative to `base` if there is one."""
    try:
        parsed = base.join(url) if base else httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise _fetch_error(url, "protocol", f"not a URL: {error}") from error
    if parsed.scheme not in {"http", "https"}:
        raise _fetch_error(url, "protocol", "only http and https are read")
    port = 1 if parsed.port is None else parsed.port
    if not parsed.host or not 0 < port <= _LARGEST_PORT:
        raise _fetch_error(url, "protocol", "the URL has no usable host and port")
    return parsed


def shown(url: httpx2.URL) -> str:
    """Write a URL without user and password, as may be logged and stored."""
    return str(url.copy_with(username=None, password=None) if url.userinfo else url)


async def exchange(
    pool: httpcore2.AsyncConnectionPool,
    url: httpx2.URL,
    headers: list[tuple[bytes, bytes]],
    *,
    limits: Limits,
    left_s: float,
    max_bytes: int,
) -> Answer:
    """Ask once, within `left_s` seconds. Raises FetchError without a status."""
    try:
        async with (
            asyncio.timeout(left_s),
            pool.stream(
                "GET",
                _target(url),
                headers=[(b"Host", url.netloc), *headers, *_authorization(url)],
                extensions={"timeout": _timeouts(limits)},
            ) as response,
        ):
            return await _read(response, max_bytes)
    except _FAILURES as error:
        raise _fetch_error(shown(url), *_explain(error, limits)) from error


async def _read(response: httpcore2.Response, max_bytes: int) -> Answer:
    headers = _headers(response)
    if response.status != httpx2.codes.OK:
        return Answer(status=response.status, headers=headers)
    body = Body(headers.get("content-encoding", ""), max_bytes=max_bytes)
    body.announce(headers.get("content-length", ""))
    async with aclosing(response.aiter_stream()) as chunks:
        async for chunk in chunks:
            body.feed(chunk)
    return Answer(status=response.status, headers=headers, body=body.finish())


def _headers(response: httpcore2.Response) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _target(url: httpx2.URL) -> httpcore2.URL:
    return httpcore2.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )


def _authorization(url: httpx2.URL) -> list[tuple[bytes, bytes]]:
    """Give the user and password of the URL, for this URL alone."""
    if not url.userinfo:
        return []
    user, _, password = url.userinfo.partition(b":")
    pair = unquote_to_bytes(user) + b":" + unquote_to_bytes(password)
    return [(b"Authorization", b"Basic " + base64.b64encode(pair))]


def _timeouts(limits: Limits) -> dict[str, float]:
    return {
        "connect": limits.connect_s,
        "read": limits.read_s,
        "write": limits.read_s,
    }


_FAILURES = (
    ConnectError,
    DecodingError,
    TooLargeError,
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    OSError,
)


def _explain(error: Exception, limits: Limits) -> tuple[str, str]:
    """Give the kind and the text of a failure."""
    match error:
        case ConnectError() | DecodingError() | TooLargeError():
            return error.kind, str(error)
        case TimeoutError():
            return "timeout", f"not complete within {limits.total_s:g} s"
        case httpcore2.TimeoutException():
            return "timeout", f"silent for {limits.read_s:g} s"
        case httpcore2.ConnectError():  # behind the TCP connection: the handshake
            return "tls", f"no secure connection: {_certificate_fault(error)}"
        case httpcore2.ProtocolError():
            return "protocol", f"not proper HTTP: {error}"
    return "reset", f"the connection broke: {str(error) or type(error).__name__}"


def _certificate_fault(error: Exception) -> str:
    cause = error.args[0] if error.args else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return cause.verify_message
    return str(cause) or type(cause).__name__


def _fetch_error(url: str, kind: str, why: str) -> FetchError:
    return FetchError(f"{url}: {why}", url=url, kind=kind)
