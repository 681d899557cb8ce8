"""How slow this machine is now, so that limits of time mean the same on every one.

The same machine is up to three times slower in one hour than in another; a limit that is
multiplied by this still fails for code that became slower.
"""

import functools
import subprocess
import sys
import time

USUAL_S = 0.08
"""What `BEGIN` takes where limits were set: estimated.

`monitor --help` took 0.11 s there; where it takes 0.35 s, this takes 0.2 s.
"""
BEGIN = "import asyncio, email, http.client, json, sqlite3, unittest, xml.dom.minidom"


@functools.cache
def slowness() -> float:
    """1 where the machine is as fast as where limits were set; never less."""
    seconds = []
    for _ in range(3):
        started = time.monotonic()
        subprocess.run([sys.executable, "-c", BEGIN], check=True)
        seconds.append(time.monotonic() - started)
    return max(1.0, min(seconds) / USUAL_S)
