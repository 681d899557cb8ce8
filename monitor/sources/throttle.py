"""Whose turn it is: how many requests at once."""

import asyncio
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


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
            yield
