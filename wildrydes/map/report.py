"""What a running map prints: where it is, how it goes, and what it waits for."""

import asyncio
import resource
import sys
import time
from collections.abc import Callable, Mapping
from typing import Final

from awsio.trouble import Trouble
from wildrydes.events import emit
from wildrydes.lifecycle import complain

STATUS_S: Final = 1.0


class MapReport:
    """Prints; `status` gives the numbers of a moment."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._trouble = Trouble(lambda text: complain(f"wildrydes: {text}"))

    def on_ready(self, url: str, key: str, mode: str) -> None:
        """It can be looked at."""
        if self._as_json:
            emit("ready", url=url, auth=mode, sign_in=key)
        else:
            print(f"live map      {url}", flush=True)
            if key:
                print(f"sign in with  {key}", flush=True)

    def on_wait(self, reason: str, _seconds: float) -> None:
        """A dependency is down."""
        self._trouble.happens(_now_ms(), f"waiting: {reason}")

    def say(self, text: str) -> None:
        """Something the user should know."""
        complain(f"wildrydes: {text}")

    async def tell(self, status: Callable[[], Mapping[str, int]]) -> None:
        """Prints the status each second, for scripts; without end."""
        while True:
            await asyncio.sleep(STATUS_S)
            self._trouble.goes_well(_now_ms(), "going on after {seconds} s")
            if self._as_json:
                emit("status", **status(), memory_bytes=memory_bytes())

    def stopped(self) -> None:
        """It was told to stop, and has."""
        if self._as_json:
            emit("stopped")


def memory_bytes() -> int:
    """The most memory that this process has had."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kilobytes, but bytes on macOS.
    return used if sys.platform == "darwin" else used * 1024


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
