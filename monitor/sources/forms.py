"""Names of SEC forms: which of those that a person asks for a filing has."""

import re
from collections.abc import Iterable

# Since December 2024 EDGAR spells two of them out.
_LONG = re.compile(r"SCHEDULE (?=13[DG])")
_FAMILY = re.compile(r"424B\d")


def is_among(form: str, wanted: Iterable[str]) -> bool:
    """Whether a form is asked for; with none asked for, each is.

    `8-K` asks for its amendments too, `8-K/A` for amendments only; `424B` asks for
    424B1 to 424B8, and `SC 13D` is the same as `SCHEDULE 13D`.
    """
    names = {_plain(name) for name in wanted}
    form = _plain(form)
    base = form.removesuffix("/A")
    family = {"424B"} if _FAMILY.fullmatch(base) else set()
    return not names or bool(names & ({form, base} | family))


def _plain(form: str) -> str:
    return _LONG.sub("SC ", " ".join(form.upper().split()))
