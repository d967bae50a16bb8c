"""A live map behind a real HTTP server on loopback, and readings to feed it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import numpy as np
import pytest

from fleet.batch import Batch
from fleet.clock import ManualClock
from sinks.live_map import LiveMap
from sinks.live_map.frame import Frame, RowBlock, decode_frame
from tests.sinks.live_map.serving import serving

NOW_MS = 1_767_225_600_000


class Producer:
    """Makes records and batches of them."""

    now_ms = NOW_MS

    def clock(self) -> ManualClock:
        """One that stands at that time."""
        return ManualClock(self.now_ms)

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

    @asynccontextmanager
    async def watching(self, query: str = "", **options: Any) -> AsyncIterator["Watcher"]:
        """A viewer over a websocket; `query` is like `&view=...`."""
        async with self.client.ws_connect(f"/feed?version=2{query}", **options) as socket:
            yield Watcher(socket)

    async def write(self, batch: Batch) -> None:
        """Writes a batch, and waits until the viewers have been told."""
        await self.live_map.write(batch)
        async with asyncio.timeout(60):
            while self.live_map.has_news:  # noqa: ASYNC110 (nothing tells a test)
                await asyncio.sleep(0.005)

    async def all_have_left(self) -> None:
        """Waits until the last viewer is gone from the books."""
        async with asyncio.timeout(60):
            while self.live_map.viewers:  # noqa: ASYNC110 (nothing tells a test)
                await asyncio.sleep(0.01)


class Watcher:
    """A viewer of version 2, who takes what comes and looks for what it needs."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.names: dict[int, str] = {}

    async def next(self) -> dict[str, Any] | Frame | RowBlock:
        """The next message."""
        message = await self.socket.receive(timeout=60)
        if message.type == aiohttp.WSMsgType.BINARY:
            return decode_frame(message.data)
        assert message.type == aiohttp.WSMsgType.TEXT, message
        document = json.loads(message.data)
        if document["type"] == "names":
            self.names |= dict(enumerate(document["names"], document["first"]))
        return document

    async def document(self, type_: str) -> dict[str, Any]:
        """The next document of a type; what comes before it is passed over."""
        while True:
            message = await self.next()
            if isinstance(message, dict) and message["type"] == type_:
                return message

    async def frame(self, kind: int | None = None) -> Frame:
        """The next frame of unicorns (of a kind)."""
        while True:
            message = await self.next()
            if isinstance(message, Frame) and kind in {None, message.kind}:
                return message

    async def rows(self) -> RowBlock:
        """The next frame of rows."""
        while True:
            message = await self.next()
            if isinstance(message, RowBlock):
                return message

    def shown(self, frame: Frame) -> list[str]:
        """The names of a frame's unicorns."""
        return [self.names[unicorn] for unicorn in frame.unicorn.tolist()]


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """A map that ticks every 20 ms, so that no test has to wait."""
    clock = ManualClock(NOW_MS)
    live_map = LiveMap(clock, interval_ms=20)
    timeout = aiohttp.ClientTimeout(total=60)
    async with serving(live_map) as url, aiohttp.ClientSession(url, timeout=timeout) as client:
        yield Served(live_map, clock, url, client)
        await live_map.close()
