"""What outlives the processors: the stream, and all that they write."""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from awsio.retry import retry
from fleet.batch import Batch
from fleet.row import Row
from processor.resume import start_positions
from processor.snapshot.base import Snapshot, SnapshotStore
from processor.snapshot.memory import MemorySnapshots
from sinks.base import Cursor
from sinks.memory import MemorySink
from tests.processor.world import make_application
from tests.simulation.history import WINDOW_MS, Poison, Put
from tests.simulation.loop import PROCESS, SeededLoop
from tests.simulation.network import Network, service_error
from tests.simulation.stream import KinesisClient, Meta, Record, Stream

APPLICATION = make_application(WINDOW_MS)
START_S_MAX = 2.0
"""From loading the snapshot to claiming it; a little more than two slow calls take."""
ROWS_MAX = 3
"""Of one call that writes rows."""


class World:
    """All services, and the clock on their wall."""

    def __init__(self, shards: int, begin_ms: int, folder: Path, rng: random.Random) -> None:
        self.loop = SeededLoop(rng)
        self.network = Network(self.loop, rng)
        self._begin_ms = begin_ms
        self.local_clock_off_ms = 0
        self.stream = Stream(shards, self.now_ms, rng)
        self.readings: list[tuple[Record, Put]] = []
        self.poison: list[tuple[str, Record]] = []
        self.rows: dict[str, Row] = {}
        self.row_epochs: dict[str, int] = {}
        self.summary: list[tuple[str, bytes]] = []
        self.objects: dict[str, bytes] = {}
        self.snapshots = MemorySnapshots()
        self.saved: Snapshot | None = None
        self._saves: list[tuple[float, Snapshot]] = []
        self.letters = folder / "dead-letter.jsonl"
        self.order_faults: list[str] = []
        self.kinesis_client = KinesisClient(
            self.network, self.stream, self.summary, self.now_ms, rng
        )

    def now_ms(self) -> int:
        """The services' time."""
        return self._begin_ms + round(self.loop.time() * 1000)

    def put(self, event: Put | Poison) -> None:
        """A producer's record arrives."""
        if isinstance(event, Poison):
            number = str(self.stream.put_count + 1).encode()
            record = self.stream.put(event.name, event.data.replace(b"#", number))
            shard = next(s.id for s in self.stream.shards.values() if record in s.records)
            self.poison.append((shard, record))
            return
        reading = {
            "Name": event.name,
            "Distance": event.distance,
            "MagicPoints": event.magic_points,
            "Number": self.stream.put_count + 1,
        }
        self.readings.append((self.stream.put(event.name, json.dumps(reading).encode()), event))

    def trim(self) -> None:
        """What a snapshot some time ago had no more use for is gone. Retention lasts hours: it does
        not overtake a start that has just loaded its snapshot.
        """
        before_s = self.loop.time() - START_S_MAX
        if saves := [snapshot for saved_s, snapshot in self._saves if saved_s < before_s]:
            archived = saves[-1].cursors.get("archive", {})
            positions = {k: v for k, v in saves[-1].positions.items() if k in archived}
            self.stream.trim(start_positions(positions, [archived]))

    def keep(self, snapshot: Snapshot) -> None:
        """Notes what was saved."""
        self.saved = snapshot
        self._saves.append((self.loop.time(), snapshot))

    # What AwsClients gives.

    async def kinesis(self) -> Any:
        return self.kinesis_client

    async def s3(self) -> Any:
        return S3Client(self)


class LocalClock:
    """A processor's own clock, which may be wrong."""

    scale = 1.0

    def __init__(self, world: World) -> None:
        self._world = world

    def now_ms(self) -> int:
        return self._world.now_ms() + self._world.local_clock_off_ms

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError("no part of a pipeline sleeps by the local clock")


class S3Client:
    """As much of boto3's as the archive calls."""

    meta = Meta()

    def __init__(self, world: World) -> None:
        self._network = world.network
        self._objects = world.objects

    async def head_bucket(self, **_: Any) -> Any:
        return await self._network.call("archive", dict)

    async def list_objects_v2(self, Prefix: str, **_: Any) -> Any:
        def effect() -> Any:
            listed = [
                {"Key": key, "Size": len(body), "LastModified": 0.0}
                for key, body in sorted(self._objects.items())
                if key.startswith(Prefix)
            ]
            return {"Contents": listed}

        return await self._network.call("archive", effect)

    async def get_object(self, Key: str, **_: Any) -> Any:
        def effect() -> Any:
            if Key not in self._objects:
                raise service_error("NoSuchKey")
            return {"Body": Body(self._objects[Key]), "ETag": "0"}

        return await self._network.call("archive", effect)

    async def put_object(self, Key: str, Body: Any, IfNoneMatch: str = "", **_: Any) -> Any:
        body = Body.read()

        def effect() -> None:
            if IfNoneMatch and Key in self._objects:
                raise service_error("PreconditionFailed")
            self._objects[Key] = body

        return await self._network.call("archive", effect)


class Body:
    """An object's content on its way."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aenter__(self) -> "Body":
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing to let go of."""

    async def read(self) -> bytes:
        return self._content


class Snapshots(SnapshotStore):
    """One process's way to the snapshots, over the network. Their disk may be full: then it waits,
    as a disk's store does, or fails, as another may.
    """

    where = "the network"

    def __init__(self, world: World, *, is_patient: bool) -> None:
        self._world = world
        self._stored = world.snapshots.as_another()
        self._attempts = None if is_patient else 1

    async def load(self) -> Snapshot | None:
        found: Snapshot | None = await self._call(self._stored.load)
        return found

    async def save(self, snapshot: Snapshot) -> None:
        async def work() -> None:
            await self._stored.save(snapshot)
            self._world.keep(snapshot)

        await self._call(work)

    async def claim(self, epoch: int) -> None:
        await self._call(lambda: self._stored.claim(epoch))

    async def newest_epoch(self) -> int:
        return int(await self._call(self._stored.newest_epoch))

    async def set_aside(self, reason: str) -> str:
        return str(await self._call(lambda: self._stored.set_aside(reason)))

    async def _call(self, work: Callable[[], Any]) -> Any:
        return await retry(
            lambda: self._world.network.call("snapshots", lambda: at_once(work())),
            "snapshots",
            attempts=self._attempts,
        )


class TableSink:
    """Rows by id, a few in each call; some calls take only some of them. As in DynamoDB, a row of a
    newer epoch is not replaced.
    """

    name = "table"

    def __init__(self, world: World, epoch: int) -> None:
        self._network = world.network
        self._rows = world.rows
        self._epochs = world.row_epochs
        self._epoch = epoch

    async def open(self) -> None:
        """Always there."""

    async def write(self, rows: Sequence[Row]) -> None:
        for start in range(0, len(rows), ROWS_MAX):
            left = rows[start : start + ROWS_MAX]
            while left:
                left = await retry(lambda left=left: self._put(left), "table")  # type: ignore[misc]

    async def close(self) -> None:
        """Nothing to let go of."""

    async def _put(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Returns the rows that are left."""

        def put(count: int) -> Sequence[Row]:
            sink = MemorySink(self._rows, epochs=self._epochs, epoch=self._epoch)
            at_once(sink.write(rows[:count]))
            return rows[count:]

        left: Sequence[Row] = await self._network.call(
            "rows", lambda: put(len(rows)), partly=lambda: put(len(rows) // 2)
        )
        return left


class OrderWatch:
    """Keeps nothing, and sees whether each key's records come in the order of their putting."""

    name = "order"

    def __init__(self, world: World) -> None:
        self._world = world
        self._last: dict[str, int] = {}

    async def open(self, cursor: Cursor) -> None:
        """Always ready."""

    async def write(self, batch: Batch) -> None:
        for key, number in zip(batch.partition_keys, batch.sequence_numbers, strict=True):
            if int(number) <= self._last.get(key, 0):
                process = PROCESS.get()
                self._world.order_faults.append(
                    f"{process.name if process else ''}: {key}: record {number} of "
                    f"{batch.shard_id} after {self._last[key]}"
                )
            self._last[key] = int(number)

    def cursor(self) -> Cursor | None:
        return None

    async def close(self) -> None:
        """Nothing to let go of."""


def at_once(work: Any) -> Any:
    """The result of a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits")
