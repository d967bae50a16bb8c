"""Plays a history: starts processors, lets things happen to them, and looks at the end."""

import asyncio
import itertools
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import awsio.retry
from fleet.batch import later
from fleet.errors import FleetError
from processor.delivery import Outputs
from processor.engine import Engine
from processor.pipeline import Pipeline
from processor.progress import Progress
from processor.resume import resume
from processor.source.kinesis import KinesisSource
from sinks.archive import ArchiveSink
from sinks.dead_letter import DeadLetterFile
from sinks.kinesis import KinesisSink
from tests.processor.world import STREAM
from tests.simulation.answer import Answer, archive_differences, batch_answer, differences
from tests.simulation.history import (
    LENGTH_MS,
    ClockJump,
    Event,
    History,
    Kill,
    Merge,
    Outage,
    Pause,
    Poison,
    Put,
    Second,
    Split,
    Stop,
    Trim,
)
from tests.simulation.loop import Process, Spinning
from tests.simulation.world import APPLICATION, LocalClock, OrderWatch, Snapshots, TableSink, World

RESTART_S = 0.3
"""After a processor ended by itself."""
PATIENCE_S = 15.0
"""After the last event all has to be there by then; nothing is waited for that long."""
LOOK_S = 0.5
MEMORY = Path("/dev/shm")


@dataclass(frozen=True, slots=True)
class Parts:
    """What is under test, or what is put in its place as a control."""

    pipeline: type[Pipeline] = Pipeline
    source: type[KinesisSource] = KinesisSource
    snapshots: type[Snapshots] = Snapshots


AS_SHIPPED = Parts()


def play(history: History, parts: Parts = AS_SHIPPED) -> list[str]:
    """What is not as it must be after the history; empty when all is well."""
    rng = random.Random(f"steps {history.seed}")
    home = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=home) as folder, _chance(rng):
        world = World(history.shards, history.begin_ms, Path(folder), rng)
        stage = _Stage(world, parts, rng)
        try:
            stage.play(history.events)
            return [*stage.faults, *differences(world, stage.answer)]
        except Spinning as error:
            return [str(error)]
        finally:
            world.loop.dispose()


@contextmanager
def _chance(rng: random.Random) -> Iterator[None]:
    """The waits of retries are drawn from the seed as well."""
    real = awsio.retry.random
    awsio.retry.random = SimpleNamespace(Random=lambda: rng)  # type: ignore[assignment]
    try:
        yield
    finally:
        awsio.retry.random = real


class _Stage:
    """The processors of one history, and those who start them anew."""

    def __init__(self, world: World, parts: Parts, rng: random.Random) -> None:
        self._world = world
        self._parts = parts
        self._random = rng
        self._nobody = Context()
        self._numbers = itertools.count(1)
        self._processes: dict[Process, asyncio.Event] = {}
        self._over = False
        self._stopping = False
        self.faults: list[str] = []
        self.answer = Answer()

    def play(self, events: Sequence[Event]) -> None:
        """Lets everything happen, mends everything, and waits until all is there."""
        for event in events:
            self._later(event.at_ms / 1000, lambda event=event: self._happen(event))
        self._later(LENGTH_MS / 1000 + 0.001, self._mend)
        self._start()
        self._world.loop.run_until(lambda: self._over)

    def _happen(self, event: Event) -> None:
        world, newest = self._world, self._newest()
        match event:
            case Put() | Poison():
                world.put(event)
            case Split():
                world.stream.split(event.place)
            case Merge():
                world.stream.merge(event.place)
            case Outage():
                world.network.begin(event)
            case ClockJump():
                world.local_clock_off_ms += event.by_ms
            case Trim():
                world.trim()
            case Second():
                self._start()
            case Kill() if newest:
                newest.after(event.steps, lambda: self._kill(newest, event))
            case Pause() if newest:
                newest.after(event.steps, lambda: self._pause(newest, event))
            case Stop() if newest:
                self._processes[newest].set()
                self._later(event.restart_ms / 1000, self._start)

    def _kill(self, process: Process, event: Kill) -> None:
        process.alive = False
        self._later(event.restart_ms / 1000, self._start_if_none)

    def _pause(self, process: Process, event: Pause) -> None:
        process.paused = True
        self._later(event.successor_ms / 1000, self._start)
        self._later(event.resume_ms / 1000, lambda: self._world.loop.resume(process))

    def _newest(self) -> Process | None:
        living = [process for process in self._living() if not process.paused]
        return living[-1] if living else None

    def _living(self) -> list[Process]:
        return [process for process in self._processes if process.alive]

    def _start_if_none(self) -> None:
        if not self._living():
            self._start()

    def _start(self) -> None:
        if self._stopping:
            return
        process, stop = Process(f"processor {next(self._numbers)}"), asyncio.Event()
        self._processes[process] = stop
        self._world.loop.spawn(process, self._live(process, stop))

    async def _live(self, process: Process, stop: asyncio.Event) -> None:
        """The whole life of a processor that is not killed."""
        try:
            await self._run(stop)
        except Exception as error:
            for cause in _leaves(error):
                if not isinstance(cause, FleetError):
                    self.faults.append(f"{process.name} ended with {cause!r}")
        else:
            if not stop.is_set():
                self.faults.append(f"{process.name} ended by itself")
        process.alive = False
        # Whoever looks after processors starts one whenever there is none, for whatever reason.
        self._later(RESTART_S, self._start_if_none)

    async def _run(self, stop: asyncio.Event) -> None:
        world: Any = self._world
        snapshots = self._parts.snapshots(world, is_patient=self._random.random() < 0.5)
        start, _ = await resume(snapshots, APPLICATION, STREAM)
        outputs = Outputs(
            streams=APPLICATION.outputs,
            rows=[TableSink(world, start.epoch), KinesisSink(world)],
            records=[OrderWatch(world), ArchiveSink(world, "bucket")],
            dead_letters=DeadLetterFile(world.letters, epoch=start.epoch),
        )
        pipeline = self._parts.pipeline(
            Engine(APPLICATION),
            self._parts.source(world, "wildrydes", clocks_ms=start.clocks_ms),
            outputs,
            snapshots,
            start,
            LocalClock(world),
            Progress(),
        )
        await pipeline.run(stop)

    def _mend(self) -> None:
        """Nothing goes wrong any more: now all must be there soon, with one processor at work."""
        world = self._world
        world.network.heal()
        for process in self._living():
            process.fuse = None
            if process.paused:
                world.loop.resume(process)
        self._start_if_none()
        self.answer = batch_answer(world)
        self._look(world.loop.time() + PATIENCE_S)

    def _look(self, deadline_s: float) -> None:
        world = self._world
        late = world.loop.time() > deadline_s
        if not late and (self._missing() or len(self._living()) != 1):
            self._later(LOOK_S, lambda: self._look(deadline_s))
            return
        if late:
            self.faults.append("something is still missing, or it never ended")
        if len(self._living()) != 1:
            self.faults.append(f"at the end {len(self._living())} processors are at work, not one")
        self._stopping = True
        for stop in self._processes.values():
            stop.set()
        self._end(world.loop.time() + PATIENCE_S)

    def _missing(self) -> bool:
        world, answer = self._world, self.answer
        dead = len(world.poison) + len(answer.too_far)
        letters = world.letters.read_bytes().count(b"\n") if world.letters.exists() else 0
        return (
            len(world.rows) < len(answer.rows)
            or letters < dead
            or len(set(world.summary)) < len(answer.rows)
            or any(archive_differences(world))
            or not self._is_all_saved()
        )

    def _is_all_saved(self) -> bool:
        """Whether the newest snapshot, which a start goes on from, has every record behind it."""
        saved = self._world.saved
        shards = [shard for shard in self._world.stream.shards.values() if shard.records]
        return saved is not None and all(
            later(saved.positions.get(shard.id), str(shard.records[-1].number))
            == saved.positions.get(shard.id)
            for shard in shards
        )

    def _end(self, deadline_s: float) -> None:
        if self._living() and self._world.loop.time() < deadline_s:
            self._later(LOOK_S, lambda: self._end(deadline_s))
            return
        self.faults += [f"{process.name} does not stop" for process in self._living()]
        self._over = True

    def _later(self, seconds: float, action: Callable[[], object]) -> None:
        self._world.loop.call_later(seconds, action, context=self._nobody)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error
