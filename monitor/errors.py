"""The errors of the monitor: expected failures that a message can explain.

    MonitorError
    ├── ConfigError      feeds.yaml or the environment is wrong
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

from typing import Any, Self


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
    """feeds.yaml or the environment is wrong; lists every problem found."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


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
