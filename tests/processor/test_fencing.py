"""Two processors of one application: the newer one wins, and the older one, wherever it was paused,
writes nothing more.
"""

import asyncio
from collections.abc import Sequence

import pytest

from fleet.batch import Batch
from fleet.errors import Superseded
from fleet.row import Row
from processor import pipeline as pipeline_module
from processor.delivery import Outputs
from processor.engine import Engine
from processor.pipeline import Pipeline
from processor.progress import Progress
from processor.resume import resume
from processor.snapshot.memory import MemorySnapshots
from processor.source.memory import MemorySource
from sinks.memory import MemoryDeadLetters, MemorySink
from tests.processor.lives import Outside, TickingClock, straight
from tests.processor.world import APPLICATION, STREAM, World, make_world


class Gate:
    """Where a processor is paused, as SIGSTOP would: at the `at`-th time that it comes by."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.passed = 0
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    async def pass_by(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            self.reached.set()
            await self.opened.wait()


class GatedSink(MemorySink):
    """Has a gate before its write, and writes down who wrote."""

    def __init__(self, table: "Table", epoch: int, gate: Gate) -> None:
        super().__init__(table.rows, epochs=table.epochs, epoch=epoch)
        self._table, self._writer, self._gate = table, epoch, gate

    async def write(self, rows: Sequence[Row]) -> None:
        await self._gate.pass_by()
        self._table.calls.append(self._writer)
        await super().write(rows)


class Table:
    """What outlives both processors."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.epochs: dict[str, int] = {}
        self.calls: list[int] = []
        """The epoch of each write that was sent."""


class GatedPipeline(Pipeline):
    """Has a gate before each fence, that is before it writes."""

    gate: Gate

    async def _fence(self) -> None:
        await self.gate.pass_by()
        await super()._fence()


class FencelessPipeline(GatedPipeline):
    """The control: does not ask."""

    async def _fence(self) -> None:
        await self.gate.pass_by()


async def start(
    world: World,
    snapshots: MemorySnapshots,
    table: Table,
    *,
    before_fence: Gate,
    before_write: Gate,
    pipeline: type[GatedPipeline] = GatedPipeline,
) -> "asyncio.Task[None]":
    snapshot, _ = await resume(snapshots, APPLICATION, STREAM)
    life = pipeline(
        Engine(APPLICATION),
        MemorySource(world.shards, seed=snapshot.epoch),
        Outputs(
            APPLICATION.outputs,
            [GatedSink(table, snapshot.epoch, before_write)],
            [],
            MemoryDeadLetters(),
        ),
        snapshots,
        snapshot,
        TickingClock(),
        Progress(),
    )
    life.gate = before_fence
    return asyncio.create_task(life.run(asyncio.Event()))


NEVER = 1 << 30


async def two_lives(
    world: World, pause_at: int, *, fence: bool, pipeline: type[GatedPipeline] = GatedPipeline
) -> tuple[Table, int, BaseException | None]:
    """The first is paused before its `pause_at`-th fence (or write), a second runs to the end, the
    first goes on. Returns the table, the calls that were sent before the first went on, and how it
    ended.
    """
    snapshots, table = MemorySnapshots(), Table()
    gate, never = Gate(pause_at), Gate(NEVER)
    first = await start(
        world,
        snapshots,
        table,
        before_fence=gate if fence else never,
        before_write=never if fence else gate,
        pipeline=pipeline,
    )
    await asyncio.wait(
        {first, asyncio.create_task(gate.reached.wait())}, return_when=asyncio.FIRST_COMPLETED
    )
    assert not first.done(), "it ended before the pause"
    second = await start(
        world,
        snapshots.as_another(),
        table,
        before_fence=Gate(NEVER),
        before_write=Gate(NEVER),
    )
    await second
    sent = len(table.calls)
    gate.opened.set()
    [error] = await asyncio.gather(first, return_exceptions=True)
    return table, sent, error


def cause(error: BaseException | None) -> BaseException | None:
    """What failed, alone or in a group."""
    return error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error


@pytest.mark.parametrize("pause_at", range(1, 8))
async def test_an_older_processor_sends_nothing_after_its_successor_began(pause_at: int) -> None:
    world = make_world(1)
    table, sent, error = await two_lives(world, pause_at, fence=True)
    assert isinstance(cause(error), Superseded)
    assert len(table.calls) == sent
    assert table.rows == (await straight(world))[0].rows


@pytest.mark.parametrize("pause_at", range(1, 5))
async def test_one_that_was_paused_after_it_asked_is_held_off_by_the_sink(pause_at: int) -> None:
    world = make_world(1)
    table, sent, error = await two_lives(world, pause_at, fence=False)
    assert isinstance(cause(error), Superseded)
    assert table.calls[sent:] == [1], "it sends the one write that it was paused in, and no other"
    assert set(table.epochs.values()) <= {1, 2}
    assert table.rows == (await straight(world))[0].rows


async def test_control_without_the_fence_it_goes_on_sending() -> None:
    sent_too_much = 0
    for pause_at in range(1, 8):
        table, sent, _ = await two_lives(
            make_world(1), pause_at, fence=True, pipeline=FencelessPipeline
        )
        sent_too_much += len(table.calls) > sent
    assert sent_too_much > 0


async def test_a_graceful_stop_releases_the_application() -> None:
    outside, _ = await straight(make_world(1))
    found = await outside.snapshots.load()
    assert found is not None
    assert found.released
    start, _ = await resume(outside.snapshots, APPLICATION, STREAM)
    assert not start.released


async def test_a_stop_with_nothing_new_releases_it_too() -> None:
    outside = Outside()
    world = make_world(1)
    for _ in range(2):
        snapshot, _ = await resume(outside.snapshots, APPLICATION, STREAM)
        stop = asyncio.Event()
        stop.set()
        outputs = Outputs(APPLICATION.outputs, [MemorySink()], [], MemoryDeadLetters())
        await Pipeline(
            Engine(APPLICATION),
            MemorySource(world.shards),
            outputs,
            outside.snapshots,
            snapshot,
            TickingClock(),
            Progress(),
        ).run(stop)
        found = await outside.snapshots.load()
        assert found is not None
        assert found.released


class SilentSource(MemorySource):
    """Gives its batches, then nothing: the stream is out of reach."""

    async def read(self) -> Batch | None:
        batch = self.read_now()
        if batch is None:
            await asyncio.Event().wait()
        return batch


async def silent(snapshots: MemorySnapshots) -> "tuple[asyncio.Task[None], asyncio.Event]":
    snapshot, _ = await resume(snapshots, APPLICATION, STREAM)
    outputs = Outputs(APPLICATION.outputs, [MemorySink()], [], MemoryDeadLetters())
    source, stop = SilentSource(make_world(1).shards), asyncio.Event()
    engine, clock = Engine(APPLICATION), TickingClock()
    life = Pipeline(engine, source, outputs, snapshots, snapshot, clock, Progress())
    return asyncio.create_task(life.run(stop)), stop


async def test_a_processor_that_cannot_read_shows_that_it_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pipeline_module, "HEARTBEAT_S", 0.001)
    snapshots = MemorySnapshots()
    life, stop = await silent(snapshots)
    signs = set()
    while len(signs) < 5:
        await asyncio.sleep(0)
        found = await snapshots.load()
        assert found is not None
        signs.add(found.saved_ms)
    stop.set()
    await life


async def test_a_processor_that_cannot_read_finds_out_that_it_is_superseded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pipeline_module, "HEARTBEAT_S", 0.001)
    snapshots = MemorySnapshots()
    life, _ = await silent(snapshots)
    await asyncio.sleep(0)
    await resume(snapshots.as_another(), APPLICATION, STREAM)
    [error] = await asyncio.gather(life, return_exceptions=True)
    assert isinstance(cause(error), Superseded)
