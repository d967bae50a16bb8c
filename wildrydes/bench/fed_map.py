"""`python -m wildrydes.bench.fed_map UNICORNS`: a map whose unicorns are made here, one reading a
second each, so that a load run measures the map and nothing before it.

Prints its address, and its memory whenever a line comes in; ends with its standard input.
"""

import asyncio
import sys
from typing import Final

import numpy as np
import uvloop

from fleet.batch import Batch
from fleet.clock import SystemClock
from fleet.reading import Reading, encode_reading
from sinks.live_map import LiveMap
from wildrydes.bench.pipe import lines_of_stdin
from wildrydes.events import emit
from wildrydes.map.report import memory_bytes
from wildrydes.map.server import listener, served, url_of

SECOND_MS: Final = 1_000


class Herd:
    """Unicorns that walk at random round Manhattan."""

    def __init__(self, unicorns: int) -> None:
        self._random = np.random.default_rng(7)
        self._names = [f"Unicorn {number}" for number in range(unicorns)]
        self._latitude = 40.775 + self._random.uniform(-0.05, 0.05, unicorns)
        self._longitude = -73.97 + self._random.uniform(-0.045, 0.045, unicorns)

    def second(self, now_ms: int) -> Batch:
        """The next reading of each, as it comes out of a stream."""
        count = len(self._names)
        self._latitude += self._random.uniform(-2e-4, 2e-4, count)
        self._longitude += self._random.uniform(-2e-4, 2e-4, count)
        places = zip(self._names, self._latitude.tolist(), self._longitude.tolist(), strict=True)
        return Batch(
            shard_id="shardId-000000000000",
            records=[
                encode_reading(Reading(name, "", latitude, longitude, 30.0, 150, 150))
                for name, latitude, longitude in places
            ],
            arrival_ms=np.full(count, now_ms, np.int64),
            sequence_numbers=["1"] * count,
            partition_keys=[""] * count,
            position="1",
        )


async def serve(unicorns: int) -> None:
    """Until standard input ends."""
    clock = SystemClock()
    live_map = LiveMap(clock)
    herd = Herd(unicorns)

    async def graze() -> None:
        loop = asyncio.get_running_loop()
        at_s = loop.time()
        while True:
            await live_map.write(herd.second(clock.now_ms()))
            at_s += SECOND_MS / 1000
            await asyncio.sleep(max(0.0, at_s - loop.time()))

    with listener("127.0.0.1", 0, shared=False) as bound:
        async with served(live_map.show, bound):
            await live_map.open({})
            grazing = asyncio.create_task(graze())
            emit("ready", url=url_of(bound))
            async for _ in lines_of_stdin():
                viewers = live_map.viewers
                emit(
                    "status",
                    viewers=len(viewers),
                    skipped=viewers.skipped,
                    dropped=viewers.dropped,
                    memory_bytes=memory_bytes(),
                )
            grazing.cancel()
            await asyncio.wait([grazing])
            await live_map.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1])))
