"""The errors of the monitor: expected failures that a message can explain.

    MonitorError
    ├── ConfigError      feeds.yaml or the environment is wrong
    ├── UnknownNameError what was asked for by name is not there
    ├── FetchError       the network or a server did not give a document
    ├── ParseError       bytes came, but are not what they should be
    ├── WorkerError      a child process was killed, crashed or ran out of memory
    ├── ModelError       a model is missing, damaged or unusable
    ├── StoreError       the database is missing, locked, full, damaged or too new
    │   └── StoreLockedError   another monitor writes to it
    └── DeliveryError    a server did not take a message
        └── ChannelError     and would not take any other: refused, down, misconfigured

Anything else that is raised is a bug and stops the process with a traceback.
"""

from collections.abc import Iterable
from typing import Any, Self

SHOWN_NAMES = 12


class MonitorError(Exception):
    """An expected failure; its text says what, where and what to do."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Exception's own would call the class with the message alone, and errors
        # cross from worker processes with their keyword-only fields.
        return type(self)._restore, (self.args, self.__dict__)  # noqa: SLF001 - ours

    @classmethod
    def _restore(cls, args: tuple[object, ...], fields: dict[str, object]) -> Self:
        error = cls.__new__(cls, *args)
        error.__dict__.update(fields)
        return error


class ConfigError(MonitorError):
    """feeds.yaml or the environment is wrong; lists every problem found.

    `file` is what needs the correction: rules and themes are tried from files of
    their own.
    """

    def __init__(self, problems: list[str], *, file: str = "feeds.yaml") -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        self.file = file


class UnknownNameError(MonitorError):
    """Nothing of this name is there; says what was perhaps meant, else what there is.

    `known` are the names that it goes by, `listed` the ones to show if none is near.
    """

    def __init__(
        self,
        noun: str,
        name: str,
        known: Iterable[str],
        *,
        listed: Iterable[str] | None = None,
    ) -> None:
        known = list(known)
        names = known if listed is None else list(listed)
        near = nearest(name, known)
        hint = f"did you mean {near}?" if near else f"there are: {_some(names)}"
        super().__init__(f"no {noun} named {name!r}; {hint}")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that a mistyped one is most like, capitals aside.

    One with the same letters and digits goes before one that is longer by a letter.
    """
    from difflib import get_close_matches

    by_folded = {one.casefold(): one for one in known}
    folded = word.casefold()
    letters = _letters(folded)
    same = [one for one in by_folded if letters and _letters(one) == letters]
    near = same or get_close_matches(folded, by_folded, n=1)
    return by_folded[near[0]] if near else None


def _letters(word: str) -> str:
    return "".join(filter(str.isalnum, word))


def _some(names: list[str]) -> str:
    """Names as they fit on two lines of a terminal."""
    more = len(names) - SHOWN_NAMES
    shown = ", ".join(names[:SHOWN_NAMES]) or "none"
    return f"{shown} and {more} more" if more > 0 else shown


class FetchError(MonitorError):
    """A server or the network did not give a document.

    `kind` is a short stable word for statistics (`timeout`, `dns`, `refused`,
    `reset`, `tls`, `status`, `too_large`, `blocked_address`, `redirects`, `protocol`,
    `contact`: the SEC, without a contact to declare; `refused_by_sec`, and `resting`:
    not asked, because it refused before).
    """

    def __init__(
        self,
        message: str,
        *,
        url: str,
        kind: str,
        status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.url = url
        self.kind = kind
        self.status = status
        self.retry_after_s = retry_after_s


class ParseError(MonitorError):
    """Bytes came, but they are not what they should be."""

    def __init__(self, message: str, *, url: str) -> None:
        super().__init__(message)
        self.url = url


class WorkerError(MonitorError):
    """A child process was killed (`timeout`, `memory`) or died (`crash`)."""

    def __init__(self, message: str, *, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


class ModelError(MonitorError):
    """A model is missing, damaged or unusable."""

    def __init__(self, message: str, *, path: str) -> None:
        super().__init__(message)
        self.path = path


class StoreError(MonitorError):
    """The database is missing, locked, full, damaged or of another version."""

    def __init__(self, message: str, *, path: str) -> None:
        super().__init__(message)
        self.path = path


class StoreLockedError(StoreError):
    """Another monitor is running on this database."""


class DeliveryError(MonitorError):
    """A server did not take a message; `permanent` if trying again is no use.

    `retry_after_s` is for how long the server asks to be left alone, if it does.
    """

    def __init__(
        self,
        message: str,
        *,
        recipient: str,
        permanent: bool,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.recipient = recipient
        self.permanent = permanent
        self.retry_after_s = retry_after_s


class ChannelError(DeliveryError):
    """The network, the server or its settings, whichever delivery it was.

    Never permanent: all that waits for this channel waits until that is put right.
    """

    def __init__(
        self, message: str, *, recipient: str = "", retry_after_s: float | None = None
    ) -> None:
        super().__init__(
            message, recipient=recipient, permanent=False, retry_after_s=retry_after_s
        )
