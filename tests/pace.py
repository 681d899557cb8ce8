"""How slow this machine is now, so that limits of time mean the same on every one.

The same machine is up to three times slower in one hour than in another; a limit that is
multiplied by this still fails for code that became slower.
"""

import functools
import subprocess
import sys
import time

USUAL_S = 0.08
"""What `BEGIN` takes where the limits of the tests were set."""
BEGIN = "import asyncio, email, http.client, json, sqlite3, unittest, xml.dom.minidom"


@functools.cache
def slowness() -> float:
    """1 where the machine is as fast as where limits were set; never less."""
    return max(1.0, fastest(sys.executable, "-c", BEGIN) / USUAL_S)


def fastest(*command: str, tries: int = 3) -> float:
    """Seconds of a command in the fastest of some tries."""
    seconds = []
    for _ in range(tries):
        started = time.monotonic()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.monotonic() - started)
    return min(seconds)
