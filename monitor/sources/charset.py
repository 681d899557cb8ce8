"""Bytes of a document to text, whatever its character set is or is said to be.

Feeds and pages lie about it, Korean ones above all: EUC-KR served as UTF-8 or Latin-1,
code page 949 declared as EUC-KR. What the bytes say is believed before any label.
Does not undo compression, nor look at what the text means.
"""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    # `<?xm` and `<` without a byte order mark.
    (b"\x4c\x6f\xa7\x94", "cp037"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
# What a label means in practice: the larger set that browsers read it as
# (https://encoding.spec.whatwg.org/#names-and-labels).
_MEANT = {
    "euc_kr": "cp949",
    "ks_c_5601_1987": "cp949",
    "ksc5601": "cp949",
    "ms949": "cp949",
    "windows_949": "cp949",
    "x_windows_949": "cp949",
    "uhc": "cp949",
    "iso8859_1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
}
_WIDE = frozenset({"utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-le"})
_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_IN_DOCUMENT = (
    re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE),
    re.compile(rb"<meta[^>]*?charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE),
)
_LABEL_WITHIN = 4096
_HANGUL = re.compile("[가-힣]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def decode(body: bytes, *, content_type: str | None = None) -> str:
    """The text of `body`, without its byte order mark; never fails.

    Order: byte order mark; valid UTF-8; valid code page 949 that reads as Korean; the
    label in `content_type`, then in the document; at last UTF-8 or whichever of these
    breaks least, with U+FFFD where it does.
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body.decode(encoding, "replace").removeprefix("\ufeff")
    labels = _labels(body, content_type)
    if (text := _strictly(body, "utf-8")) is not None:
        return _unless_korean(text, body, labels)
    korean = _strictly(body, "cp949")
    if korean is not None and _reads_as_korean(korean):
        return korean
    for encoding in labels:
        if (text := _strictly(body, encoding)) is not None:
            return text
    return _least_broken(body, labels)


def _labels(body: bytes, content_type: str | None) -> tuple[str, ...]:
    found = _IN_HEADER.findall(content_type or "")[:1]
    for pattern in _IN_DOCUMENT:
        if match := pattern.search(body, 0, _LABEL_WITHIN):
            found.append(match[1].decode("ascii", "replace"))
    known = (_known(label) for label in found)
    return tuple(dict.fromkeys(encoding for encoding in known if encoding))


def _known(label: str) -> str | None:
    """The codec that `label` means, None if there is none for text."""
    try:
        codec = codecs.lookup(label)
    except (LookupError, ValueError):
        return _MEANT.get(label.lower().replace("-", "_"))
    name = codec.name
    # The label itself was read as ASCII, so a two- or four-byte set cannot be true.
    if not getattr(codec, "_is_text_encoding", True) or name in _WIDE:
        return None
    return _MEANT.get(name.replace("-", "_"), name)


def _strictly(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except (UnicodeError, ValueError):
        return None


def _unless_korean(text: str, body: bytes, labels: tuple[str, ...]) -> str:
    """`text`, unless two bytes of a labelled EUC-KR were UTF-8 by chance."""
    if "cp949" not in labels or _HANGUL.search(text) or text.isascii():
        return text
    korean = _strictly(body, "cp949")
    return korean if korean and _reads_as_korean(korean) else text


def _reads_as_korean(text: str) -> bool:
    """Most letters beyond ASCII are Hangul: Latin-1 or Cyrillic by chance is not."""
    return 2 * len(_HANGUL.findall(text)) > len(_NOT_ASCII.findall(text))


def _least_broken(body: bytes, labels: tuple[str, ...]) -> str:
    candidates = ("utf-8", "cp949", *labels)
    texts = [body.decode(encoding, "replace") for encoding in candidates]
    korean = texts[1]
    if not _reads_as_korean(korean):
        del texts[1]
    text = min(texts, key=lambda text: text.count("\ufffd"))
    broken = text.count("\ufffd")
    if 2 * broken > len(_NOT_ASCII.findall(text)):
        # More wrong than right: unlabelled Latin text, which any bytes can be.
        return _strictly(body, "cp1252") or body.decode("latin-1")
    return text
