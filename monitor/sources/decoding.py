"""Bodies off the wire: unpacked piece by piece, stopped at the first limit passed."""

import zlib

MAX_RATIO = 200
"""Real feeds, pages and filings pack 18 to 1 at most; deflate can do 1,032 to 1."""
RATIO_FROM = 1 << 20
"""Unpacked bytes below which no ratio is suspicious."""

_PIECE = 1 << 16
_GZIP_MAGIC = b"\x1f\x8b"


class TooLargeError(Exception):
    """A limit was passed; the text says which."""

    kind = "too_large"


class DecodingError(Exception):
    """The bytes are not what Content-Encoding says."""

    kind = "protocol"


class Body:
    """Collects a body of at most `max_bytes`, as sent and as unpacked.

    Takes `gzip` and, though nobody is asked for it, `deflate`. Raises TooLargeError at
    the limit, before more is unpacked, and DecodingError.
    """

    def __init__(self, encoding: str, *, max_bytes: int) -> None:
        encoding = encoding.strip().lower()
        if encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise DecodingError(f"Content-Encoding {encoding!r} was not asked for")
        self._packed = encoding not in {"", "identity"}
        self._inflate: zlib._Decompress | None = None
        self._max_bytes = max_bytes
        self._received = 0
        self._body = bytearray()

    def announce(self, content_length: str) -> None:
        """Refuse at once what is announced as too large; garbage is ignored."""
        if content_length.isascii() and content_length.isdigit():
            self._check_received(float(content_length))

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes off the wire."""
        self._received += len(chunk)
        self._check_received(self._received)
        if not self._packed:
            self._body += chunk
            return
        try:
            self._unpack(chunk)
        except zlib.error as error:
            raise DecodingError(f"damaged compression: {error}") from error

    def finish(self) -> bytes:
        """Give the whole body."""
        if self._inflate is not None and not self._inflate.eof:
            raise DecodingError("the compressed body ends too early")
        return bytes(self._body)

    def _unpack(self, chunk: bytes) -> None:
        full = False
        while chunk or full:
            if self._inflate is None:
                self._inflate = _inflater(chunk[0])
            elif self._inflate.eof:
                if not _GZIP_MAGIC.startswith(chunk[:2]):
                    return  # padding behind the end, which browsers ignore too
                self._inflate = _inflater(chunk[0])
            piece = self._inflate.decompress(chunk, _PIECE)
            self._body += piece
            self._check_unpacked()
            full = len(piece) == _PIECE and not self._inflate.eof
            chunk = self._inflate.unconsumed_tail or self._inflate.unused_data

    def _check_received(self, size: float) -> None:
        if size > self._max_bytes:
            raise TooLargeError(f"more than {self._max_bytes:,} bytes are sent")

    def _check_unpacked(self) -> None:
        size = len(self._body)
        if size > self._max_bytes:
            raise TooLargeError(f"unpacks to more than {self._max_bytes:,} bytes")
        if size > RATIO_FROM and size > self._received * MAX_RATIO:
            raise TooLargeError(f"unpacks to more than {MAX_RATIO} times its size")


def _inflater(first: int) -> "zlib._Decompress":
    """Choose by the first byte: gzip, zlib, or deflate without its zlib header."""
    if first == _GZIP_MAGIC[0]:
        return zlib.decompressobj(16 + zlib.MAX_WBITS)
    method, window = first & 0x0F, first >> 4
    headed = method == zlib.DEFLATED and window <= zlib.MAX_WBITS - 8
    return zlib.decompressobj(zlib.MAX_WBITS if headed else -zlib.MAX_WBITS)
