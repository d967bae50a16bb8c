"""Unicorns that move, and a map on loopback that shows them to a real Chromium: `make
test-browser`. Debian's is used where there is one, else Playwright's own."""

import asyncio
import math
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from fleet.timestamp import timestamp_text
from sinks.live_map import LiveMap
from sinks.live_map.minute_rows import MinuteRow

INTERVAL_S = 0.2


@dataclass
class Herd:
    """Unicorns that go round in circles about the start, fed to a map again and again."""

    producer: Any
    names: list[str]
    health: Callable[[int], int] = lambda number: 100 + number
    magic: Callable[[int], int] = lambda number: 77
    away: float = 0.004
    """Degrees from the start; one alone stands on it."""
    changed: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Fields of some unicorns' readings that are otherwise."""
    pause_s: float = INTERVAL_S
    """Between two reports: those of a large herd keep the server from all else."""
    silent: set[str] = field(default_factory=set)
    step: int = 0

    def records(self) -> list[bytes]:
        self.step += 1
        away = self.away if len(self.names) > 1 else 0.0
        records = []
        for number, name in enumerate(self.names):
            angle = self.step / 40 + 2 * math.pi * number / len(self.names)
            fields = {
                "Latitude": 40.749167 + away * math.cos(angle),
                "Longitude": -73.985184 + away * math.sin(angle),
                "HealthPoints": self.health(number),
                "MagicPoints": self.magic(number),
                "Distance": 30.26,
            } | self.changed.get(name, {})
            if name not in self.silent:
                records.append(self.producer.record(name, **fields))
        return records

    async def report(self, live_map: LiveMap) -> None:
        now_ms = time.time_ns() // 1_000_000
        await live_map.write(self.producer.batch(*self.records(), arrival_ms=now_ms))

    async def report_forever(self, live_map: LiveMap) -> None:
        while True:
            await self.report(live_map)
            await asyncio.sleep(self.pause_s)

    def tell_minutes(self, live_map: LiveMap, minutes: int) -> None:
        """Per-minute rows up to now: unicorn number n has gone 1,000 + 10 n metres in each."""
        last = time.time_ns() // 60_000_000_000
        for minute in range(last - minutes + 1, last + 1):
            rows = [
                MinuteRow(
                    name, timestamp_text(minute * 60_000), 1_000 + 10 * number, 70, 80, 90, 110
                )
                for number, name in enumerate(self.names)
            ]
            live_map.minute_rows.take(rows, [minute * 60_000] * len(rows))


@pytest.fixture
def herd(producer) -> Callable[..., Herd]:
    """Makes one of unicorns with the given names."""
    return lambda *names, **options: Herd(producer, list(names), **options)


@pytest.fixture
def serving():
    """The map on loopback with a herd reporting: `async with serving(herd) as url`."""

    @asynccontextmanager
    async def serving(herd: Herd, *, port: int = 0, minutes: int = 0, **options) -> AsyncIterator:
        live_map = LiveMap(interval_ms=round(INTERVAL_S * 1000), **options)
        app = web.Application()
        live_map.add_routes(app)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        listener = socket.create_server(("127.0.0.1", port))
        await web.SockSite(runner, listener).start()
        await live_map.open({})
        await herd.report(live_map)
        if minutes:
            herd.tell_minutes(live_map, minutes)
        reporting = asyncio.create_task(herd.report_forever(live_map))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            reporting.cancel()
            await live_map.close()
            await runner.cleanup()

    return serving


@pytest.fixture
def in_view():
    """Waits until so many unicorns are in view."""

    async def in_view(page, count: int) -> None:
        await page.wait_for_function(
            "count => Number(document.getElementById('map').dataset.inView) === count", arg=count
        )

    return in_view
