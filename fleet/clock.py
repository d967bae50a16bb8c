"""Where time comes from. Event-time code never asks the machine: it is handed a Clock."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Wall-clock time and the waiting that goes with it."""

    scale: float
    """Its seconds in one of the machine's."""

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Waits `seconds` of this clock's time."""
        ...


class SystemClock:
    """The machine's own clock."""

    scale = 1.0

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ScaledClock:
    """The machine's clock from `origin_ms` on, `scale` times as fast: at 60 a minute passes in a
    second. Processes with the same scale and origin agree.
    """

    def __init__(self, scale: float, origin_ms: int) -> None:
        self.scale = scale
        self.origin_ms = origin_ms

    def now_ms(self) -> int:
        elapsed_ns = time.time_ns() - self.origin_ms * 1_000_000
        return self.origin_ms + int(elapsed_ns * self.scale) // 1_000_000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.scale)


class ManualClock:
    """A clock that only moves when told, or when somebody sleeps on it: tests run in no time and
    always alike.
    """

    scale = 1.0

    def __init__(self, now_ms: int = 1_767_225_600_000) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        return self._now_ms

    def advance(self, milliseconds: int) -> None:
        """Moves the clock on."""
        self._now_ms += milliseconds

    async def sleep(self, seconds: float) -> None:
        self._now_ms += round(seconds * 1000)
        await asyncio.sleep(0)
