"""Says how far the reading has come."""

import time
from collections.abc import Callable
from typing import Final

from awsio.trouble import Trouble

INTERVAL_S: Final = 2.0


class ReadingProgress:
    """One line whenever reading something ends, and every INTERVAL_S of it."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._trouble = Trouble(lambda text: say(f"wildrydes: {text}"))
        self._what = ""
        self._count = 0
        self._said_s = time.monotonic()

    def read(self, what: str, count: int) -> None:
        """So many more of `what` were read."""
        if what != self._what:
            self._tell()
            self._what, self._count = what, 0
        self._count += count
        self._trouble.goes_well(_now_ms(), "going on after {seconds} s")
        if time.monotonic() - self._said_s >= INTERVAL_S:
            self._tell()

    def waits(self, reason: str, _seconds: float) -> None:
        """An `on_wait` for awsio.retry."""
        self._trouble.happens(_now_ms(), f"waiting: {reason}")

    def _tell(self) -> None:
        self._said_s = time.monotonic()
        if self._count:
            self._say(f"wildrydes: read {self._count:,} {self._what}")


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
