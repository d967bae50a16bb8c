"""One contract, every sink of raw records: whatever the batches and the crashes, what landed is the
same to the last byte. A control that cuts by batch must not pass.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from awsio.clients import AwsClients
from fleet.batch import SHARD_END, Batch, earlier, later
from sinks.archive import ArchiveSink
from sinks.archive_settings import ArchiveSettings, Column
from sinks.base import Cursor, RecordSink
from sinks.firehose import FirehoseRecords
from sinks.memory import MemoryRecords
from sinks.registry import RECORD_SINKS
from tests.sinks.delivered import delivered, make_delivery_stream

START_MS = 1_767_225_600_000


@dataclass(frozen=True)
class Record:
    data: bytes
    arrival_ms: int
    sequence_number: str


Shards = Mapping[str, Sequence[Record]]
Place = dict[Any, bytes]
"""What outlives a sink: its content by name."""


@dataclass
class Bench:
    make: Callable[[Place], RecordSink]
    """A sink on a place, as after a restart."""
    read: Callable[[Place], Awaitable[Place]]


class CutsByBatch:
    """The control: objects named after their first record, like the archive's, but one a batch."""

    name = "control"

    def __init__(self, place: Place) -> None:
        self._place = place
        self._cursor: dict[str, str] = {}

    async def open(self, cursor: Cursor) -> None:
        self._cursor = {shard_id: str(position) for shard_id, position in cursor.items()}

    async def write(self, batch: Batch) -> None:
        before = self._cursor.get(batch.shard_id)
        fresh = batch.after(before)
        if len(fresh):
            self._place[batch.shard_id, fresh.sequence_numbers[0]] = b"\n".join(fresh.records)
        if (position := later(before, batch.position)) is not None:
            self._cursor[batch.shard_id] = position

    def cursor(self) -> Cursor:
        return dict(self._cursor)

    async def close(self) -> None:
        """Nothing to let go of."""


async def as_it_is(place: Place) -> Place:
    return dict(place)


NAMES = ("memory", "archive", "archive in Parquet", "firehose_archive")
ARCHIVES = {
    "archive": ArchiveSettings(object_bytes=400),
    "archive in Parquet": ArchiveSettings(
        "parquet",
        object_bytes=400,
        columns=(Column("n", "INTEGER", ("n",)), Column("pad", "VARCHAR(60)", ("pad",))),
    ),
}
CONTROL = Bench(CutsByBatch, as_it_is)


@pytest_asyncio.fixture(params=NAMES, loop_scope="session")
async def bench(
    request: pytest.FixtureRequest,
    moto_url: str,
    aws: AwsClients,
    reader: Callable[[str, str], Any],
    fresh_name: Callable[[str], str],
) -> Bench:
    if request.param == "memory":
        return Bench(MemoryRecords, as_it_is)
    if request.param == "firehose_archive":
        return firehose(aws, reader, moto_url, fresh_name)
    buckets: dict[int, str] = {}
    s3 = reader("s3", moto_url)

    def bucket_of(place: Place) -> str:
        if id(place) not in buckets:
            buckets[id(place)] = fresh_name("bucket")
            s3.create_bucket(Bucket=buckets[id(place)])
        return buckets[id(place)]

    def make(place: Place) -> RecordSink:
        return ArchiveSink(aws, bucket_of(place), ARCHIVES[request.param])

    def read(place: Place) -> Place:
        bucket = bucket_of(place)
        listing = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {
            item["Key"]: s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
            for item in listing
            if item["Key"] != "archive.json"
        }

    return Bench(make, lambda place: asyncio.to_thread(read, place))


def firehose(
    aws: AwsClients,
    reader: Callable[[str, str], Any],
    url: str,
    fresh_name: Callable[[str], str],
) -> Bench:
    """At least once: what is delivered twice counts once here."""
    names: dict[int, str] = {}

    def name_of(place: Place) -> str:
        if id(place) not in names:
            names[id(place)] = fresh_name("delivery")
            make_delivery_stream(reader, url, names[id(place)])
        return names[id(place)]

    def read(place: Place) -> Place:
        return dict.fromkeys(delivered(reader, url, name_of(place)), b"")

    return Bench(
        lambda place: FirehoseRecords(aws, name_of(place)),
        lambda place: asyncio.to_thread(read, place),
    )


def history(seed: int) -> Shards:
    """Three shards of a few minutes: some records close together, one long silence, one poison."""
    chance = random.Random(seed)
    shards: dict[str, list[Record]] = {}
    for shard in range(3):
        arrival_ms = START_MS + chance.randrange(60_000)
        records = []
        for number in range(30 - 8 * shard):
            arrival_ms += chance.choice((0, 10, 4_000, 9_000))
            if number == 17:
                arrival_ms += 300_000
            data = b'{"n":%d,"pad":"%s"}' % (number, b"x" * chance.randrange(60))
            if number == 9:
                data = b"\xff poison"
            # Real numbers grow in steps and change their length now and then.
            records.append(Record(data, arrival_ms, str(10 ** (5 + shard) - 12 + 3 * number)))
        shards[f"shardId-{shard}"] = records
    return shards


@dataclass
class Reader:
    """Reads one shard in batches of any size, and says its time when at the tip, as a source."""

    shard_id: str
    records: Sequence[Record]
    next: int = 0
    ended: bool = False

    def batch(self, size: int, *, at_tip: bool) -> Batch:
        end = min(len(self.records), self.next + size)
        chosen = self.records[self.next : end]
        self.ended = end == len(self.records)
        tip_ms = None
        if at_tip and not self.ended:
            # Nothing that arrived before the next record is unread.
            tip_ms = self.records[end].arrival_ms
        self.next = end
        position = None if end == 0 else self.records[end - 1].sequence_number
        return Batch(
            shard_id=self.shard_id,
            records=[r.data for r in chosen],
            arrival_ms=np.array([r.arrival_ms for r in chosen], np.int64),
            sequence_numbers=[r.sequence_number for r in chosen],
            partition_keys=["key"] * len(chosen),
            position=SHARD_END if self.ended else position,
            tip_ms=tip_ms,
        )


@dataclass
class World:
    """A processor reduced to what a record sink sees of it: it reads, writes, saves and dies."""

    bench: Bench
    shards: Shards
    chance: random.Random
    place: Place = field(default_factory=dict)
    positions: dict[str, str] = field(default_factory=dict)
    cursor: Cursor = field(default_factory=dict)
    """These two are the snapshot."""
    sink: RecordSink | None = None
    readers: dict[str, Reader] = field(default_factory=dict)
    reached: dict[str, str] = field(default_factory=dict)

    async def start(self) -> None:
        self.sink = self.bench.make(self.place)
        assert self.sink.cursor() == {}, "asked before it is opened"
        await self.sink.open(self.cursor)
        self.readers = {}
        self.reached = dict(self.positions)
        for shard_id, records in self.shards.items():
            held = self.cursor.get(shard_id)
            start = earlier(self.positions.get(shard_id), None if held is None else str(held))
            if start == SHARD_END:
                continue
            begin = sum(start is not None and int(r.sequence_number) <= int(start) for r in records)
            self.readers[shard_id] = Reader(shard_id, records, begin)

    async def step(self) -> None:
        assert self.sink is not None
        shard_id = self.chance.choice(sorted(self.readers))
        reader = self.readers[shard_id]
        size = self.chance.choice((0, 1, 2, 5, 100))
        batch = reader.batch(size, at_tip=self.chance.random() < 0.5)
        if reader.ended:
            del self.readers[shard_id]
        await self.sink.write(batch)
        position = later(self.reached.get(shard_id), batch.position)
        if position is not None:
            self.reached[shard_id] = position

    def save(self) -> None:
        assert self.sink is not None
        cursor = self.sink.cursor()
        assert cursor is not None
        self.positions, self.cursor = dict(self.reached), cursor

    async def finish(self) -> Place:
        while self.readers:
            await self.step()
        assert self.sink is not None
        assert self.sink.cursor() == dict.fromkeys(self.shards, SHARD_END)
        await self.sink.close()
        return await self.bench.read(self.place)


async def straight(bench: Bench, shards: Shards) -> Place:
    """Every shard in one batch, no crash."""
    place: Place = {}
    sink = bench.make(place)
    await sink.open({})
    for shard_id, records in shards.items():
        await sink.write(Reader(shard_id, records).batch(len(records), at_tip=False))
    await sink.close()
    return await bench.read(place)


async def crashed_after(bench: Bench, shards: Shards, steps: int, seed: int) -> Place:
    """Dies after that many steps; the snapshot is one step old, or there is none."""
    world = World(bench, shards, random.Random(seed))
    await world.start()
    for step in range(steps):
        if not world.readers:
            break
        if step == steps - 1:
            world.save()
        await world.step()
    await world.start()
    return await world.finish()


async def check_crashes(bench: Bench, crashes: Sequence[int]) -> None:
    shards = history(seed=1)
    wanted = await straight(bench, shards)
    assert wanted
    for steps in crashes:
        assert await crashed_after(bench, shards, steps, seed=steps) == wanted, f"{steps} steps"


async def check_random_lives(bench: Bench, seeds: Sequence[int]) -> None:
    """Many crashes in one life, snapshots at random."""
    for seed in seeds:
        chance = random.Random(seed)
        shards = history(seed)
        world = World(bench, shards, chance)
        await world.start()
        while world.readers:
            await world.step()
            if chance.random() < 0.3:
                world.save()
            if chance.random() < 0.15:
                await world.start()
        assert await world.finish() == await straight(bench, shards), f"seed {seed}"


def test_every_registered_sink_has_a_bench() -> None:
    assert set(RECORD_SINKS) <= set(NAMES)


async def test_it_is_a_record_sink(bench: Bench) -> None:
    sink = bench.make({})
    assert isinstance(sink, RecordSink)
    assert sink.name
    await sink.close()


async def test_a_crash_at_any_step_changes_nothing(bench: Bench) -> None:
    await check_crashes(bench, range(1, 14, 3))


async def test_many_crashes_in_one_life_change_nothing(bench: Bench) -> None:
    await check_random_lives(bench, range(2))


async def test_the_control_that_cuts_by_batch_is_caught() -> None:
    with pytest.raises(AssertionError, match="steps"):
        await check_crashes(CONTROL, range(1, 14))
    with pytest.raises(AssertionError, match="seed"):
        await check_random_lives(CONTROL, range(5))


async def test_a_batch_written_twice_counts_once(bench: Bench) -> None:
    shards = history(seed=2)
    place: Place = {}
    sink = bench.make(place)
    await sink.open({})
    for shard_id, records in shards.items():
        reader = Reader(shard_id, records)
        while not reader.ended:
            batch = reader.batch(4, at_tip=False)
            await sink.write(batch)
            await sink.write(batch)
    assert await bench.read(place) == await straight(bench, shards)


async def test_resumes_from_every_cursor_it_ever_gave(bench: Bench) -> None:
    shards = {"shardId-0": history(seed=3)["shardId-0"]}
    [records] = shards.values()
    wanted = await straight(bench, shards)
    cursors: list[Cursor] = [{}]
    sink = bench.make({})
    await sink.open({})
    reader = Reader("shardId-0", records)
    while not reader.ended:
        await sink.write(reader.batch(1, at_tip=False))
        cursor = sink.cursor()
        if cursor is not None and cursor != cursors[-1]:
            cursors.append(cursor)
    assert len(cursors) > 5
    place: Place = {}
    for cursor in cursors:
        # Each life ends at the next cursor and leaves its objects behind.
        sink = bench.make(place)
        await sink.open(cursor)
        reader = Reader("shardId-0", records)
        while sink.cursor() in cursors[: cursors.index(cursor) + 1] and not reader.ended:
            await sink.write(reader.batch(3, at_tip=False))
    assert await bench.read(place) == wanted


async def test_empty_batches_write_nothing(bench: Bench) -> None:
    place: Place = {}
    sink = bench.make(place)
    await sink.open({})
    nothing = Reader("shardId-0", [Record(b"{}", START_MS, "1")]).batch(0, at_tip=True)
    await sink.write(nothing)
    assert nothing.tip_ms == START_MS
    assert sink.cursor() == {}
    assert await bench.read(place) == {}


async def test_a_shard_without_records_ends(bench: Bench) -> None:
    place: Place = {}
    sink = bench.make(place)
    await sink.open({})
    await sink.write(Reader("shardId-0", []).batch(5, at_tip=False))
    assert sink.cursor() == {"shardId-0": SHARD_END}
    assert await bench.read(place) == {}
