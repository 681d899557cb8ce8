"""Names of SEC forms: which of those that a person asks for a filing has."""

import re
from collections.abc import Iterable, Iterator

from monitor.errors import UnknownNameError
from monitor.sources.form_names import NAMES

# Since December 2024 EDGAR spells two of them out.
_LONG = re.compile(r"SCHEDULE (?=13[DG])")
_FAMILY = re.compile(r"424B\d")
_AMENDED = "/A"
EXAMPLES = (
    "8-K",
    "10-K",
    "10-Q",
    "6-K",
    "20-F",
    "S-1",
    "424B",
    "DEF 14A",
    "SC 13D",
    "4",
)
"""Shown where no name is near."""


def is_among(form: str, wanted: Iterable[str]) -> bool:
    """Whether a form is asked for; with none asked for, each is.

    `8-K` asks for its amendments too, `8-K/A` for amendments only; `424B` asks for
    424B1 to 424B8, and `SC 13D` is the same as `SCHEDULE 13D`.
    """
    names = {_plain(name) for name in wanted}
    form = _plain(form)
    base = form.removesuffix(_AMENDED)
    family = {"424B"} if _FAMILY.fullmatch(base) else set()
    return not names or bool(names & ({form, base} | family))


def named(written: str) -> str:
    """A form as EDGAR spells it, from what a person wrote: `form 8-k` is `8-K`.

    Raises UnknownNameError for what is none, such as `8K`: nothing would ever have it.
    """
    form = _spelt(written)
    if form.removesuffix(_AMENDED) in NAMES:
        return form
    raise UnknownNameError("form", written, every(), listed=EXAMPLES)


def every() -> Iterator[str]:
    """Each name, and that of its amendments."""
    for name in sorted(NAMES):
        yield name
        yield name + _AMENDED


def _spelt(written: str) -> str:
    return " ".join(written.upper().split()).removeprefix("FORM ")


def _plain(form: str) -> str:
    return _LONG.sub("SC ", _spelt(form))
