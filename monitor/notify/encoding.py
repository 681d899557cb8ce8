"""How a part of a mail is written in seven bits, and how long that makes it."""

from typing import Literal

Encoding = Literal["quoted-printable", "base64"]


def encoding(text: str) -> Encoding:
    """The shorter one; Python judges by the first lines, which are not Korean."""
    return "quoted-printable" if _quoted(text) < _base64(text) else "base64"


def size(text: str) -> int:
    """Bytes on the wire, about (a little more than it will be)."""
    return min(_quoted(text), _base64(text))


def _quoted(text: str) -> int:
    raw = len(text.encode())
    escaped = raw - sum(map(str.isascii, text)) + text.count("=")
    # Each line ends in "=" and a line break after at most 76 characters.
    return (raw + 2 * escaped) * 80 // 76 + text.count("\n")


def _base64(text: str) -> int:
    # 76 characters and a line break for each 57 bytes.
    return (len(text.encode()) + text.count("\n")) * 78 // 57 + 78
