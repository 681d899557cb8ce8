"""Mail headers: values and addresses made harmless, and folded into lines right.

Does not know which headers a message has (`mail`).
"""

import re
from contextlib import suppress
from email.header import Header
from email.policy import EmailPolicy
from email.utils import formataddr, getaddresses
from textwrap import wrap

from monitor.notify.plain import line


def clean(value: str, most: int = 160) -> str:
    """A header's value from outside: one line without control characters."""
    return line(value, most)


def address(text: str) -> tuple[str, str]:
    """Display name and plain address; ValueError for none, several, or a trick."""
    plain = clean(text, 320)
    found = getaddresses([plain])
    name, plain_address = found[0] if len(found) == 1 else ("", "")
    local, _, domain = plain_address.rpartition("@")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise ValueError(f"{plain!r} is not a mail address, such as name@example.org")
    return name, f"{local}@{domain}"


_LOCAL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}", re.ASCII)
_DOMAIN = re.compile(r"(?=.{1,253}$)[\w-]+(\.[\w-]+)*", re.ASCII)


def mailbox(name: str, plain_address: str) -> str:
    """`name <address>` in ASCII."""
    if name.isascii() and "=?" not in name:
        return formataddr((name, plain_address))
    return f"{_encoded('From', name)} <{plain_address}>"


class WirePolicy(EmailPolicy):
    """Stores and folds our headers as they are given.

    Python's own would decode what only looks like an encoded word, double or drop
    spaces between Korean words, and encode long identifiers, by its patch release.
    """

    def header_store_parse(self, name: str, value: str) -> tuple[str, str]:
        if _is_mime(name):
            return super().header_store_parse(name, value)
        return name, value

    def fold(self, name: str, value: str) -> str:
        if _is_mime(name):
            return str(super().fold(name, value))
        return _folded(name, value) + self.linesep

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii")


POLICY = WirePolicy(linesep="\r\n", cte_type="7bit")


def _is_mime(name: str) -> bool:
    return name.lower().startswith(("content-t", "content-d", "mime-"))


def _encoded(name: str, text: str) -> str:
    """As encoded words that fit their lines, with all spaces inside of them."""
    header = Header(text, "utf-8", maxlinelen=76, header_name=name)
    return header.encode(linesep="\r\n")


def _folded(name: str, value: str) -> str:
    """`name: value` in lines of at most 78 characters where its words allow it."""
    if not value.isascii() or (name == "Subject" and "=?" in value):
        value = _encoded(name, value)
    lines = wrap(
        value,
        78,
        initial_indent=f"{name}: ",
        subsequent_indent=" ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\r\n".join(lines or [f"{name}: "])
