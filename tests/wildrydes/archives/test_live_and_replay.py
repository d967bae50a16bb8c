"""The rows of a live run are those of the replay of what it archived: over a split and a merge,
with poison, after crashes, in both formats, and when the archive was compacted in between.
"""

import asyncio
from collections.abc import Sequence
from typing import cast

import pytest

from awsio.clients import AwsClients
from fleet.row import Row
from processor.assembly import archive_columns
from processor.delivery import Outputs
from processor.engine import Engine
from processor.pipeline import Pipeline
from processor.progress import Progress
from processor.resume import resume
from processor.snapshot.memory import MemorySnapshots
from processor.source.memory import MemorySource
from sinks.archive import ArchiveSink
from sinks.archive_compaction import Compaction
from sinks.archive_hour import list_hours
from sinks.archive_reader import ArchivedRecord, ArchiveReader
from sinks.archive_settings import ArchiveSettings, claim
from sinks.archive_store import MemoryStore, S3Store
from sinks.base import Cursor
from sinks.memory import MemoryDeadLetters, MemorySink
from tests.processor.lives import TickingClock
from tests.processor.world import APPLICATION, STREAM, World, make_world
from wildrydes.archives.engine_replay import batches_of
from wildrydes.trial.trial import Trial

Rows = dict[str, dict[str, object]]


class Archive(ArchiveSink):
    """The archive in memory; what AWS does with it is tested elsewhere."""

    def __init__(self, store: MemoryStore, settings: ArchiveSettings) -> None:
        super().__init__(cast(AwsClients, None), "memory", settings)
        self._store = cast(S3Store, store)

    async def open(self, cursor: Cursor) -> None:
        self._cursor = {shard_id: str(position) for shard_id, position in cursor.items()}
        await claim(self._store, self._settings)


async def live(
    world: World, store: MemoryStore, settings: ArchiveSettings, stops: Sequence[int]
) -> Rows:
    """Runs it in several lives, each cut off after so many batches, with nothing saved then."""
    snapshots, rows = MemorySnapshots(), dict[str, Row]()
    for seed, batches in enumerate([*stops, 1 << 30]):
        start, _ = await resume(snapshots, APPLICATION, STREAM)
        outputs = Outputs(
            APPLICATION.outputs,
            [MemorySink(rows)],
            [Archive(store, settings)],
            MemoryDeadLetters(),
        )
        source = Cut(world, seed, batches)
        pipeline = Pipeline(
            Engine(APPLICATION), source, outputs, snapshots, start, TickingClock(), Progress()
        )
        try:
            await pipeline.run(asyncio.Event())
        except Died:
            continue
    return {row.id: dict(row.values) for row in rows.values()}


class Died(Exception):
    """The process is gone."""


class Cut(MemorySource):
    """Dies after so many batches."""

    def __init__(self, world: World, seed: int, batches: int) -> None:
        super().__init__(world.shards, seed=seed)
        self._left = batches

    def read_now(self):  # type: ignore[no-untyped-def]
        self._left -= 1
        if self._left < 0:
            raise Died
        return super().read_now()


async def replayed(store: MemoryStore) -> Rows:
    reader = ArchiveReader(store)
    shards = sorted({shard async for hour in reader.hours() for shard in hour.runs()})
    chunks: list[Sequence[ArchivedRecord]] = [chunk async for chunk in reader.records()]
    rows = [
        row
        for settled in Trial(APPLICATION).run_batches(batches_of(chunks, shards), shards)
        for row in settled
    ]
    return {row.id: dict(row.values) for row in rows if row.stream in APPLICATION.outputs}


@pytest.mark.parametrize("form", ["json", "parquet"])
@pytest.mark.parametrize("seed", range(3))
async def test_the_rows_are_the_same(form: str, seed: int) -> None:
    world = make_world(seed)
    settings = ArchiveSettings(
        "json" if form == "json" else "parquet", 300, columns=archive_columns(APPLICATION)
    )
    store = MemoryStore()
    rows = await live(world, store, settings, [9, 5 + seed, 14])
    assert len(rows) == len(world.rows), "as plain Python works them out"
    assert await replayed(store) == rows
    for hour_ms in await list_hours(store):
        await Compaction(store).compact(hour_ms, world_end_ms(world))
    assert await replayed(store) == rows
    await forget_a_reading(store)
    assert await replayed(store) != rows, "the control"


def world_end_ms(world: World) -> int:
    return max(record.arrival_ms for shard in world.shards for record in shard.records)


async def forget_a_reading(store: MemoryStore) -> None:
    """Takes an object away from its manifest and the bucket."""
    [first, *_] = [item.key for item in await store.listing("manifests/")]
    body = await store.get(first)
    assert body is not None
    await store.put(first, b"\n".join(body.splitlines()[1:]) + b"\n")
