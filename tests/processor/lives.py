"""Lives of a processor that die where a fuse says, over a world that outlives them."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from fleet.batch import Batch
from fleet.clock import Clock
from fleet.row import DeadLetter, Row
from processor.delivery import Outputs
from processor.engine import Engine
from processor.pipeline import Pipeline
from processor.progress import Progress
from processor.resume import resume
from processor.snapshot.base import Snapshot
from processor.snapshot.memory import MemorySnapshots
from processor.source.memory import MemorySource
from sinks.memory import MemoryDeadLetters, MemoryRecords, MemorySink
from tests.processor.world import START_MS, STREAM, World


class Crash(Exception):
    """The process dies here."""


@dataclass
class Fuse:
    """Counts the steps at which a process can die, and dies at one of them."""

    at: int | None = None
    steps: int = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.at:
            raise Crash


class FragileSink(MemorySink):
    """Dies before, half way through, and after a write."""

    def __init__(self, rows: dict[str, Row], fuse: Fuse) -> None:
        super().__init__(rows)
        self._fuse = fuse

    async def write(self, rows: Sequence[Row]) -> None:
        self._fuse.step()
        await super().write(rows[: len(rows) // 2])
        self._fuse.step()
        await super().write(rows)
        self._fuse.step()


class FragileRecords(MemoryRecords):
    def __init__(self, records: dict[tuple[str, str], bytes], fuse: Fuse) -> None:
        super().__init__(records)
        self._fuse = fuse

    async def write(self, batch: Batch) -> None:
        self._fuse.step()
        await super().write(batch)
        self._fuse.step()


class FragileLetters(MemoryDeadLetters):
    def __init__(self, letters: list[DeadLetter], fuse: Fuse) -> None:
        super().__init__(letters)
        self._fuse = fuse

    async def write(self, letters: Sequence[DeadLetter]) -> None:
        self._fuse.step()
        await super().write(letters[: len(letters) // 2])
        self._fuse.step()
        await super().write(letters[len(letters) // 2 :])
        self._fuse.step()


class FragileSnapshots(MemorySnapshots):
    fuse = Fuse()

    async def save(self, snapshot: Snapshot) -> None:
        self.fuse.step()
        await super().save(snapshot)
        self.fuse.step()


class TickingClock:
    """Moves on by itself, so that snapshots fall between batches at changing places."""

    scale = 1.0

    def __init__(self) -> None:
        self._now_ms = itertools.count(START_MS, 400)

    def now_ms(self) -> int:
        return next(self._now_ms)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


@dataclass
class Outside:
    """What outlives a process."""

    snapshots: FragileSnapshots = field(default_factory=FragileSnapshots)
    rows: dict[str, Row] = field(default_factory=dict)
    records: dict[tuple[str, str], bytes] = field(default_factory=dict)
    letters: list[DeadLetter] = field(default_factory=list)

    def content(self) -> tuple[object, ...]:
        letters = sorted((d.shard_id, d.sequence_number, d.stage, d.data) for d in self.letters)
        return sorted(self.rows.items()), sorted(self.records.items()), letters


async def run(
    world: World,
    outside: Outside,
    fuse: Fuse,
    *,
    seed: int,
    pipeline: type[Pipeline] = Pipeline,
    source: type[MemorySource] = MemorySource,
    engine: type[Engine] = Engine,
    clock: type[Clock] = TickingClock,
) -> None:
    """One life of a processor, from the snapshot that is there to its end or its crash."""
    outside.snapshots.fuse = fuse
    start, _ = await resume(outside.snapshots, world.application, STREAM)
    outputs = Outputs(
        streams=world.application.outputs,
        rows=[FragileSink(outside.rows, fuse)],
        records=[FragileRecords(outside.records, fuse)],
        dead_letters=FragileLetters(outside.letters, fuse),
    )
    life = pipeline(
        engine(world.application),
        source(world.shards, seed=seed),
        outputs,
        outside.snapshots,
        start,
        clock(),
        Progress(),
    )
    await life.run(asyncio.Event())


async def lives(
    world: World, outside: Outside, fuses: Sequence[int], *, seed: int = 0, **parts: type
) -> None:
    """Dies at each of the fuses in turn, then runs to the end."""
    for life, at in enumerate(fuses):
        try:
            await run(world, outside, Fuse(at), seed=seed + life, **parts)
        except* Crash:
            pass
    await run(world, outside, Fuse(), seed=seed + len(fuses), **parts)


async def straight(world: World, *, seed: int = 0, **parts: type) -> tuple[Outside, int]:
    outside, fuse = Outside(), Fuse()
    await run(world, outside, fuse, seed=seed, **parts)
    return outside, fuse.steps
