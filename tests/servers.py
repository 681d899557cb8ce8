"""A real HTTP server on loopback, as well or as badly behaved as a test asks.

    with FeedServer() as server:
        server.serve("/feed.xml", body, headers={"ETag": '"1"'})
        server.behave("/slow.xml", drip(body, every_s=1))
        fetch(server.url("/feed.xml"))
        assert server.requests[0].headers["user-agent"]

`/status/<n>` answers with that status; unknown paths with 404. A path that was served
with an ETag or Last-Modified answers a matching conditional request with 304.
"""

import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

ABORT = struct.pack("ii", 1, 0)
"""SO_LINGER of a connection that ends with a reset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it arrived; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    header_names: tuple[str, ...]
    at: float
    """`time.monotonic()`"""
    port: int
    """Of the client: the same for all requests of one connection."""


class Handler(BaseHTTPRequestHandler):
    """Answers from what the server was told; behaviours get this object."""

    protocol_version = "HTTP/1.1"
    timeout = 10
    server: "_Server"

    def do_GET(self):
        owner = self.server.owner
        owner.requests.append(_request(self))
        with owner.counting():
            path = self.path.partition("?")[0]
            behaviour = owner.behaviours.get(self.path) or owner.behaviours.get(path)
            (behaviour or owner.otherwise(path))(self)

    def answer(
        self,
        body: bytes = b"",
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        length: int | None = None,
    ):
        """Send a whole answer, or one that says it has `length` bytes."""
        headers = dict(headers or {})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Transfer-Encoding" not in headers and status != 304:
            size = len(body) if length is None else length
            self.send_header("Content-Length", str(size))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp=None):
        return self.server.owner.date or super().date_time_string(timestamp)

    def log_message(self, *_args: Any):
        pass


Behaviour = Callable[[Handler], None]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    owner: "FeedServer"

    def handle_error(self, *_args: Any):
        """Clients that hang up in the middle are what is tested."""

    def shutdown_request(self, request: Any):
        if request.fileno() < 0:  # TLS has taken the socket over, and closed it
            return
        linger = request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(ABORT))
        if linger == ABORT:  # a FIN that goes first would make it an orderly end
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def finish_request(self, request: Any, client_address: Any):
        if self.owner.tls is not None:
            request = self.owner.tls.wrap_socket(request, server_side=True)
            with request:
                super().finish_request(request, client_address)
        else:
            super().finish_request(request, client_address)


class FeedServer:
    """The server; its thread lives as long as the `with` block."""

    def __init__(self, *, tls: ssl.SSLContext | None = None):
        self.tls = tls
        self.requests: list[Request] = []
        self.behaviours: dict[str, Behaviour] = {}
        self.otherwise: Callable[[str], Behaviour] = _by_path
        """What to do about any other path."""
        self.date: str | None = None
        """The Date header, if it is not to be the real one."""
        self.most_at_once = 0
        self.closing = threading.Event()
        self._at_once = 0
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.owner = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object):
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    def url(self, path: str, *, host: str = "127.0.0.1") -> str:
        scheme = "https" if self.tls else "http"
        return f"{scheme}://{host}:{self.port}{path}"

    def serve(
        self,
        path: str,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        status: int = 200,
    ):
        """Answer `path` with this; 304 if asked with its ETag or Last-Modified."""
        self.behaviours[path] = _conditional(body, dict(headers or {}), status)

    def redirect(self, path: str, to: str, status: int = 301):
        self.serve(path, b"", headers={"Location": to}, status=status)

    def behave(self, path: str, behaviour: Behaviour):
        self.behaviours[path] = behaviour

    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    @contextmanager
    def counting(self) -> Iterator[None]:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            yield
        finally:
            with self._lock:
                self._at_once -= 1


# --- behaviours ---------------------------------------------------------------------


def drip(body: bytes, *, every_s: float = 1.0) -> Behaviour:
    """Send one byte at a time."""

    def behaviour(handler: Handler):
        handler.answer(length=len(body))
        for byte in body:
            handler.wfile.write(bytes([byte]))
            if handler.server.owner.closing.wait(every_s):
                return

    return behaviour


def hang(seconds: float) -> Behaviour:
    """Say nothing for so long, then answer."""

    def behaviour(handler: Handler):
        handler.server.owner.closing.wait(seconds)
        handler.answer(b"late")

    return behaviour


def reset(body: bytes = b"<rss>") -> Behaviour:
    """Begin an answer, then break the connection with a TCP reset."""

    def behaviour(handler: Handler):
        handler.answer(body, length=len(body) + 1000)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        time.sleep(0.02)  # let what was sent arrive before the reset overtakes it
        handler.close_connection = True

    return behaviour


def cut_chunk(body: bytes = b"<rss>") -> Behaviour:
    """Announce a chunk that is longer than what comes of it."""

    def behaviour(handler: Handler):
        handler.answer(headers={"Transfer-Encoding": "chunked"})
        handler.wfile.write(b"%x\r\n%b" % (len(body) + 1000, body))
        handler.close_connection = True

    return behaviour


def endless(piece: bytes = b"x" * 65536) -> Behaviour:
    """Send until nobody listens any more."""

    def behaviour(handler: Handler):
        handler.answer(headers={"Transfer-Encoding": "chunked"})
        while not handler.server.owner.closing.is_set():
            handler.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))

    return behaviour


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Behave differently at each request; the last one stays."""
    left = list(behaviours)

    def behaviour(handler: Handler):
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return behaviour


def bomb(size: int) -> bytes:
    """Pack `size` zero bytes with gzip, 1,000 to 1."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = bytes(1 << 20)
    packed = [packer.compress(piece) for _ in range(size // len(piece))]
    return b"".join([*packed, packer.flush()])


def _conditional(body: bytes, headers: dict[str, str], status: int) -> Behaviour:
    validators = {name.lower(): value for name, value in headers.items()}
    pairs = [
        ("If-None-Match", validators.get("etag")),
        ("If-Modified-Since", validators.get("last-modified")),
    ]

    def behaviour(handler: Handler):
        sent = [(handler.headers.get(name), value) for name, value in pairs]
        unchanged = [have == value for have, value in sent if have is not None]
        if unchanged and unchanged[0]:  # If-None-Match goes before
            handler.answer(status=304, headers=headers)
        else:
            handler.answer(body, status=status, headers=headers)

    return behaviour


def _by_path(path: str) -> Behaviour:
    kind, _, number = path.strip("/").partition("/")
    status = int(number) if kind == "status" and number.isdigit() else 404
    return lambda handler: handler.answer(status=status)


def _request(handler: Handler) -> Request:
    return Request(
        method=handler.command,
        path=handler.path,
        headers={name.lower(): value for name, value in handler.headers.items()},
        header_names=tuple(handler.headers.keys()),
        at=time.monotonic(),
        port=handler.client_address[1],
    )
