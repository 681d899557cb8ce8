"""Whose turn it is: how many requests at once, and how many a second to the SEC."""

import asyncio
import time
import weakref
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

SEC_REQUESTS_PER_S = 8
"""Of this process; the SEC permits 10 to all processes of a user together."""


def is_sec(host: str) -> bool:
    """Say whether a host is one of the SEC's."""
    host = host.rstrip(".").lower()
    return host == "sec.gov" or host.endswith(".sec.gov")


class SlidingWindow:
    """At most `limit` starts in any `span_s` seconds.

    A token bucket would let twice the rate through in one such window.
    """

    def __init__(self, limit: int, span_s: float) -> None:
        self._starts: deque[float] = deque(maxlen=limit)
        self._span_s = span_s

    def reserve(self, now: float) -> float:
        """Take the next free start; give the seconds to wait for it."""
        start = now
        if len(self._starts) == self._starts.maxlen:
            start = max(now, self._starts[0] + self._span_s)
        self._starts.append(start)
        return start - now


_SEC = SlidingWindow(SEC_REQUESTS_PER_S, 1.0)


class Turns:
    """At most `per_host` turns at a time for a host and `overall` for all."""

    def __init__(self, *, per_host: int, overall: int) -> None:
        self._per_host = per_host
        self._overall = asyncio.Semaphore(overall)
        self._hosts: weakref.WeakValueDictionary[str, asyncio.Semaphore]
        self._hosts = weakref.WeakValueDictionary()  # hosts of articles never end

    @asynccontextmanager
    async def take(self, host: str) -> AsyncIterator[None]:
        """Wait for a turn and hold it."""
        slot = self._hosts.setdefault(host, asyncio.Semaphore(self._per_host))
        # The host first: those who wait for a slow host must not block the others.
        async with slot, self._overall:
            if is_sec(host):
                await asyncio.sleep(_SEC.reserve(time.monotonic()))
            yield
