"""A sink that is down stops the reading; nothing is dropped, it shows, and it goes on by itself."""

import asyncio
from collections.abc import Sequence

from fleet.batch import Batch
from fleet.clock import ManualClock
from fleet.row import Row
from processor.delivery import Outputs
from processor.engine import Engine
from processor.pipeline import Pipeline
from processor.progress import Progress, ShardProgress
from processor.resume import resume
from processor.snapshot.memory import MemorySnapshots
from processor.source.memory import MemorySource
from sinks.memory import MemoryDeadLetters, MemorySink
from tests.processor.lives import straight
from tests.processor.world import APPLICATION, START_MS, STREAM, make_world


class CountingSource(MemorySource):
    """Counts the batches that were taken from it."""

    taken = 0

    def read_now(self) -> Batch | None:
        batch = super().read_now()
        self.taken += batch is not None
        return batch


class DownSink(MemorySink):
    """Is down until it is mended, and says so as sinks do."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress
        self.mended = asyncio.Event()
        self.asked = asyncio.Event()

    async def write(self, rows: Sequence[Row]) -> None:
        self.asked.set()
        if not self.mended.is_set():
            self._progress.waits(self.name)("table is down", 0.1)
            await self.mended.wait()
        await super().write(rows)


async def test_a_sink_that_is_down_stops_the_reading_and_all_lands_afterwards() -> None:
    world = make_world(1)
    progress, snapshots = Progress(), MemorySnapshots()
    clock = ManualClock(START_MS + 3_600_000)
    start, _ = await resume(snapshots, APPLICATION, STREAM)
    sink, source = DownSink(progress), CountingSource(world.shards)
    outputs = Outputs(APPLICATION.outputs, [sink], [], MemoryDeadLetters())
    pipeline = Pipeline(Engine(APPLICATION), source, outputs, snapshots, start, clock, progress)
    running = asyncio.create_task(pipeline.run(asyncio.Event()))
    await sink.asked.wait()
    taken, lag_ms = source.taken, progress.lag_ms(clock.now_ms())
    for _ in range(100):
        await asyncio.sleep(0)
    assert source.taken == taken, "it reads on while a sink is down"
    assert progress.waiting == {"memory": "table is down"}
    assert lag_ms is not None
    clock.advance(60_000)
    assert progress.lag_ms(clock.now_ms()) == lag_ms + 60_000, "the lag grows while it waits"
    sink.mended.set()
    await running
    assert sink.rows == (await straight(world))[0].rows
    assert progress.waiting == {}
    written = progress.sinks["memory"]
    assert written.writes > 0
    assert written.latency_ms > 0


def test_lag_is_that_of_the_shard_that_is_furthest_behind() -> None:
    progress = Progress()
    assert progress.lag_ms(1000) is None
    progress.shards = {
        "at the tip": ShardProgress(arrival_ms=100, at_tip=True, seen_ms=9_900),
        "behind": ShardProgress(arrival_ms=4_000, at_tip=False, seen_ms=9_900),
        "nothing read": ShardProgress(arrival_ms=None, at_tip=False, seen_ms=9_000),
    }
    lags = {name: shard.lag_ms(10_000) for name, shard in progress.shards.items()}
    assert lags == {"at the tip": 100, "behind": 6_000, "nothing read": 1_000}
    assert progress.lag_ms(10_000) == 6_000
