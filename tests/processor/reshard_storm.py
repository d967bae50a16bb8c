"""A stream on a real endpoint that is split and merged while a processor reads it and dies.

What is put is known, and so is what must become of it, worked out by plain Python.
"""

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import md5
from typing import Any

from fleet.batch import Batch
from fleet.timestamp import timestamp_text
from processor.delivery import Outputs
from processor.engine import Engine
from processor.pipeline import Pipeline
from processor.progress import Progress
from processor.resume import resume
from processor.source.kinesis import KinesisSource
from sinks.archive_object import Cutter
from sinks.archive_settings import ArchiveSettings
from sinks.base import Cursor
from tests.processor.lives import (
    Crash,
    FragileLetters,
    FragileRecords,
    FragileSink,
    Fuse,
    Outside,
    TickingClock,
)
from tests.processor.source.aggregates import packed
from tests.processor.source.live_stream import STREAM as NAME, LiveStream
from tests.processor.world import APPLICATION, MINUTE_MS, STREAM

NAMES = ["Aethon", "Babieca", "Copenhagen", "Dhuldul", "Epona", "Falada", "Grani", "Hofvarpnir"]
OBJECT_BYTES = 500
"""Small, so that many objects end because they are full."""
LOOKS_MAX = 1000
"""At a stream to which nothing comes: by then everything is read, or something is stuck."""


def hash_key(name: str) -> int:
    return int.from_bytes(md5(name.encode(), usedforsecurity=False).digest(), "big")


@dataclass
class Storm:
    """The history of a stream, by a seed: one step of it after the other."""

    live: LiveStream
    rng: random.Random
    steps: int
    with_poison: bool = True
    readings: list[tuple[str, int, int]] = field(default_factory=list)
    """(name, arrival, distance) of all that counts."""
    dead: set[tuple[str, str]] = field(default_factory=set)
    """(shard, record id) of all that cannot be used."""
    reshards: int = 0
    map: list[tuple[range, str]] = field(default_factory=list)
    """The shards as the producer knows them: from before the last splits."""

    @property
    def is_over(self) -> bool:
        return self.steps == 0

    async def step(self) -> None:
        """Whatever comes next; at the end time goes on until all windows are over."""
        if self.is_over:
            return
        self.steps -= 1
        if self.is_over:
            self.live.clock.advance(10 * MINUTE_MS)
            return
        self.live.clock.advance(self.rng.choice([0, 500, 2000, 15_000]))
        open_shards = await self.live.open_shards()
        chance = self.rng.random()
        if chance < 0.08 and len(open_shards) < 6:
            await self.live.split(self.rng.randrange(len(open_shards)))
            self.reshards += 1
        elif chance < 0.15 and len(open_shards) > 1:
            await self.live.merge(self.rng.randrange(len(open_shards) - 1))
            self.reshards += 1
            await self.learn_shards()
        elif chance < 0.18:
            count = self.rng.randint((len(open_shards) + 1) // 2, min(6, 2 * len(open_shards)))
            if count != len(open_shards):
                await self.live.client.update_shard_count(
                    StreamName=NAME, TargetShardCount=count, ScalingType="UNIFORM_SCALING"
                )
                self.reshards += 1
                await self.learn_shards()
        elif chance < 0.5:
            await self.put_aggregate()
        elif chance < 0.55 and self.with_poison:
            await self.put_poison()
        else:
            await self.put(self.rng.choice(NAMES))

    async def learn_shards(self) -> None:
        self.map = []
        for shard in await self.live.open_shards():
            start, end = map(int, shard["HashKeyRange"].values())
            self.map.append((range(start, end + 1), shard["ShardId"]))

    async def put(self, name: str) -> None:
        distance = self.rng.randint(1, 100)
        await self.live.put(name, reading(name, distance))
        self.readings.append((name, self.live.clock.now_ms(), distance))

    async def put_aggregate(self) -> None:
        """As the KPL does it: names that fall into one shard of its map; when the aggregate lands
        in another shard, which not all of them fall into, they are sent again.
        """
        first = self.rng.choice(NAMES)
        [(keys, _)] = [entry for entry in self.map if hash_key(first) in entry[0]]
        fitting = [name for name in NAMES if hash_key(name) in keys]
        names = [first, *(self.rng.choice(fitting) for _ in range(self.rng.randint(0, 4)))]
        distances = [self.rng.randint(1, 100) for _ in names]
        data = packed(*[(name, reading(name, d)) for name, d in zip(names, distances, strict=True)])
        await self.live.put("a", data, hash_key(first))
        [landed] = [
            shard["HashKeyRange"]
            for shard in await self.live.open_shards()
            if int(shard["HashKeyRange"]["StartingHashKey"])
            <= hash_key(first)
            <= int(shard["HashKeyRange"]["EndingHashKey"])
        ]
        start, end = map(int, landed.values())
        if all(start <= hash_key(name) <= end for name in names):
            now_ms = self.live.clock.now_ms()
            self.readings += [(n, now_ms, d) for n, d in zip(names, distances, strict=True)]
            return
        await self.learn_shards()
        for name, distance in zip(names, distances, strict=True):
            await self.live.put(name, reading(name, distance))
            self.readings.append((name, self.live.clock.now_ms(), distance))

    async def put_poison(self) -> None:
        """Bytes that are no reading, alone or with others in an aggregate."""
        name = self.rng.choice(NAMES)
        data, bad = self.rng.choice(
            [
                (b"\xff", ""),
                (packed((name, b"{")), ":0"),
                (packed((name, reading(name, 7)), (name, b"\x00")), ":1"),
                (packed((name, reading(name, 7)))[:-1], ""),
            ]
        )
        self.live.clock.advance(1)
        answer = await self.live.client.put_record(StreamName=NAME, PartitionKey=name, Data=data)
        self.dead.add((answer["ShardId"], answer["SequenceNumber"] + bad))
        if bad == ":1":
            self.readings.append((name, self.live.clock.now_ms(), 7))

    def rows(self) -> dict[str, tuple[int, int]]:
        """ "name time" -> (sum of distances, readings) of each window."""
        found: dict[str, tuple[int, int]] = {}
        for name, arrival_ms, distance in self.readings:
            key = f"{name} {timestamp_text((arrival_ms // MINUTE_MS + 1) * MINUTE_MS)}"
            total, count = found.get(key, (0, 0))
            found[key] = total + distance, count + 1
        return found


def reading(name: str, distance: int) -> bytes:
    return json.dumps({"Name": name, "Distance": distance, "MagicPoints": 150}).encode()


class StormySource(KinesisSource):
    """Something happens to the stream each time that it is waited for."""

    storm: Storm
    stop: asyncio.Event
    progress: Progress
    looks = 0

    async def read(self) -> Batch:
        await self.storm.step()
        return await super().read()

    def read_now(self) -> Batch | None:
        over_ms = self.storm.live.clock.now_ms() - 5 * MINUTE_MS
        self.looks += self.storm.is_over
        is_stuck = self.looks > LOOKS_MAX
        if self.storm.is_over and ((self.progress.watermark_ms or 0) >= over_ms or is_stuck):
            self.stop.set()
        # Batches are always there on a busy machine: then nothing would ever be waited for.
        is_calm = self.storm.is_over or self.storm.rng.random() < 0.3
        return super().read_now() if is_calm else None


@dataclass
class Objects:
    """An archive whose bucket is a dictionary that outlives the process."""

    bucket: dict[str, bytes]
    fuse: Fuse
    name: str = "archive"
    settings: ArchiveSettings = field(
        default_factory=lambda: ArchiveSettings(object_bytes=OBJECT_BYTES)
    )
    _cutters: dict[str, Cutter] = field(default_factory=dict)
    _cursor: dict[str, str] = field(default_factory=dict)

    async def open(self, cursor: Cursor) -> None:
        self._cursor = {shard: str(position) for shard, position in cursor.items()}

    async def write(self, batch: Batch) -> None:
        shard_id = batch.shard_id
        if shard_id not in self._cutters:
            self._cutters[shard_id] = Cutter(shard_id, self._cursor.get(shard_id), self.settings)
        for run in self._cutters[shard_id].add(batch):
            for key, body in run.objects(self.settings):
                self.fuse.step()
                assert self.bucket.get(key, body) == body, f"{key} is another object now"
                self.bucket[key] = body
        if (position := self._cutters[shard_id].position) is not None:
            self._cursor[shard_id] = position

    def cursor(self) -> Cursor:
        return dict(self._cursor)

    async def close(self) -> None:
        """Nothing to let go of."""


class OrderedRecords(FragileRecords):
    """Notes in which order the records of each key come."""

    def __init__(self, records: dict[tuple[str, str], bytes], fuse: Fuse) -> None:
        super().__init__(records, fuse)
        self.order: dict[str, list[int]] = {}

    async def write(self, batch: Batch) -> None:
        for key, arrival_ms in zip(batch.partition_keys, batch.arrival_ms.tolist(), strict=True):
            self.order.setdefault(key, []).append(arrival_ms)
        await super().write(batch)


@dataclass
class Landed:
    """What outlives the processors."""

    outside: Outside = field(default_factory=Outside)
    bucket: dict[str, bytes] = field(default_factory=dict)
    orders: list[dict[str, list[int]]] = field(default_factory=list)
    """Of each life: key -> arrivals of its records as they were processed."""
    positions: list[int] = field(default_factory=list)
    """How many the snapshot had after each life."""

    def rows(self) -> dict[str, tuple[Any, Any]]:
        return {
            f"{row.values['Name']} {row.values['StatusTime']}": (
                row.values["Distance"],
                row.values["Readings"],
            )
            for row in self.outside.rows.values()
        }

    def key_keeps_its_order(self) -> bool:
        return all(
            arrivals == sorted(arrivals) for order in self.orders for arrivals in order.values()
        )


async def life(storm: Storm, landed: Landed, fuse: Fuse) -> None:
    """One life of a processor over the storm, until it dies or the storm is over."""
    outside = landed.outside
    outside.snapshots.fuse = fuse
    start, _ = await resume(outside.snapshots, APPLICATION, STREAM)
    source = StormySource(storm.live.aws, NAME, clocks_ms=start.clocks_ms)
    source.storm, source.stop, source.progress = storm, asyncio.Event(), Progress()
    records = OrderedRecords(outside.records, fuse)
    landed.orders.append(records.order)
    outputs = Outputs(
        streams=APPLICATION.outputs,
        rows=[FragileSink(outside.rows, fuse)],
        records=[records, Objects(landed.bucket, fuse)],
        dead_letters=FragileLetters(outside.letters, fuse),
    )
    pipeline = Pipeline(
        Engine(APPLICATION),
        source,
        outputs,
        outside.snapshots,
        start,
        TickingClock(),
        source.progress,
    )
    try:
        await pipeline.run(source.stop)
    finally:
        saved = await outside.snapshots.load()
        landed.positions.append(0 if saved is None else len(saved.positions))


async def lives(storm: Storm, fuses: Sequence[int], *, is_backlog: bool = False) -> Landed:
    """Dies at each of the fuses in turn, then runs until the storm is over; with `is_backlog` it is
    over before anything is read.
    """
    await storm.live.create(2)
    await storm.learn_shards()
    while is_backlog and not storm.is_over:
        await storm.step()
    landed = Landed()
    for at in fuses:
        try:
            await life(storm, landed, Fuse(at))
        except* Crash:
            pass
        if storm.is_over and not is_backlog:
            break
    await life(storm, landed, Fuse())
    return landed
