"""A live map behind a real HTTP server on loopback, and readings to feed it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import numpy as np
import pytest
from aiohttp import web

from fleet.batch import Batch
from fleet.clock import ManualClock
from sinks.live_map import LiveMap

NOW_MS = 1_767_225_600_000


class Producer:
    """Makes records and batches of them."""

    now_ms = NOW_MS

    def record(self, name: str, **changed: Any) -> bytes:
        """One reading as a producer sends it, at the start unless told otherwise."""
        fields = {
            "Name": name,
            "StatusTime": "2026-01-01 00:00:00.000",
            "Latitude": 40.749167,
            "Longitude": -73.985184,
            "Distance": 30.0,
            "MagicPoints": 150,
            "HealthPoints": 150,
        }
        return json.dumps(fields | changed).encode()

    def batch(self, *records: bytes, arrival_ms: int | list[int] = NOW_MS) -> Batch:
        """Records of one shard that arrived all at once, or each at its own time."""
        count = len(records)
        return Batch(
            shard_id="shardId-000000000000",
            records=records,
            arrival_ms=np.broadcast_to(np.asarray(arrival_ms, np.int64), (count,)),
            sequence_numbers=[str(number) for number in range(1, count + 1)],
            partition_keys=["key"] * count,
            position=str(count) if count else None,
        )


@pytest.fixture
def producer() -> Producer:
    return Producer()


@dataclass
class Served:
    """A map, the clock it goes by, and a client for where it is served."""

    live_map: LiveMap
    clock: ManualClock
    url: str
    client: aiohttp.ClientSession

    async def all_have_left(self) -> None:
        """Waits until the last viewer is gone from the books."""
        async with asyncio.timeout(5):
            while self.live_map.viewers:  # noqa: ASYNC110 (nothing tells a test)
                await asyncio.sleep(0.01)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """A map that ticks every 20 ms, so that no test has to wait."""
    clock = ManualClock(NOW_MS)
    live_map = LiveMap(clock, interval_ms=20)
    app = web.Application()
    live_map.add_routes(app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listener).start()
    await live_map.open({})
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with aiohttp.ClientSession(url, timeout=aiohttp.ClientTimeout(total=10)) as client:
        yield Served(live_map, clock, url, client)
        await live_map.close()
    await runner.cleanup()
