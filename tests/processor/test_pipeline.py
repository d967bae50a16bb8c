"""Nothing lost, nothing doubled: die at every step, go on, and the answer is the same to the last
digit. The controls at the end are wrong on purpose, and must be caught.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from chaos.wrong_pipeline import SnapshotFirst, TornSnapshot
from fleet.batch import Batch
from fleet.errors import RowRefused
from fleet.row import Row
from processor.delivery import Outputs
from processor.engine import Engine
from processor.pipeline import HEARTBEAT_S, Pipeline
from processor.progress import Progress
from processor.resume import resume
from processor.snapshot.memory import MemorySnapshots
from processor.source.memory import MemoryShard, MemorySource
from sinks.memory import MemoryDeadLetters, MemorySink
from tests.processor.lives import (
    FragileLetters,
    FragileSink,
    Fuse,
    Outside,
    TickingClock,
    lives,
    run,
    straight,
)
from tests.processor.world import APPLICATION, START_MS, STREAM, World, make_world


@pytest.mark.parametrize("seed", range(5))
async def test_an_uninterrupted_run_gives_what_plain_python_gives(seed: int) -> None:
    world = make_world(seed)
    outside, _ = await straight(world)
    got = {
        f"{r.values['Name']} {r.values['StatusTime']}": dict(r.values)
        for r in outside.rows.values()
    }
    assert got == world.rows
    assert len(outside.rows) == len(world.rows)
    dead = {(d.shard_id, d.sequence_number) for d in outside.letters if d.stage == "decode"}
    assert dead == world.poison
    assert len(outside.letters) == len(world.poison) + len(world.too_far)
    assert len(outside.records) == sum(len(shard.records) for shard in world.shards)


@pytest.mark.parametrize("per_shard", [18, pytest.param(40, marks=pytest.mark.long)])
async def test_dying_at_every_step_changes_nothing(per_shard: int) -> None:
    world = make_world(1, per_shard=per_shard)
    expected, steps = await straight(world)
    assert steps > 100
    for at in range(1, steps + 1):
        outside = Outside()
        await lives(world, outside, [at], seed=at)
        assert outside.content() == expected.content(), f"died at step {at}"


async def test_dying_again_and_again_changes_nothing() -> None:
    rng = random.Random(7)
    for seed in range(10):
        world = make_world(seed)
        expected, _ = await straight(world)
        outside = Outside()
        await lives(world, outside, [rng.randint(1, 25) for _ in range(30)], seed=seed)
        assert outside.content() == expected.content(), f"seed {seed}"


async def test_an_open_window_stays_open_in_the_snapshot() -> None:
    """Stopped in the middle: no partial row, and the next life makes the whole one."""
    world = make_world(3)
    cut = [replace(s, records=s.records[:25], closed=False, tip_ms=None) for s in world.shards[:2]]
    outside = Outside()
    await run(World(cut), outside, Fuse(), seed=0)
    assert outside.rows.items() <= (await straight(world))[0].rows.items()
    assert len(outside.rows) < len(world.rows)
    await run(world, outside, Fuse(), seed=1)
    assert outside.content() == (await straight(world))[0].content()


async def test_a_life_in_which_nothing_came_keeps_how_far_the_time_has_come() -> None:
    """By it the next start tells whether records were lost meanwhile."""
    silent = [MemoryShard(name, (), tip_ms=START_MS + place) for place, name in enumerate("abcdef")]
    outside = Outside()
    await run(World(silent), outside, Fuse(), seed=0)
    saved = await outside.snapshots.load()
    assert saved is not None
    assert saved.released
    assert saved.clocks_ms == {shard.id: shard.tip_ms for shard in silent}


async def test_a_batch_that_comes_when_a_heartbeat_is_due_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As after a standstill of the process: the time has passed, and the batch is there."""
    loop = asyncio.get_running_loop()
    time, stood_still_s = loop.time, 0.0
    monkeypatch.setattr(loop, "time", lambda: time() + stood_still_s)

    class Late(MemorySource):
        def read_now(self) -> None:
            return None

        async def read(self) -> Batch | None:
            nonlocal stood_still_s
            stood_still_s += random.Random(stood_still_s).choice([0.001, 2 * HEARTBEAT_S])
            return super().read_now()

    world = make_world(1)
    outside, _ = await straight(world, source=Late)
    assert stood_still_s > 10 * HEARTBEAT_S
    assert outside.content() == (await straight(world))[0].content()


async def test_a_row_that_a_sink_refuses_goes_to_the_dead_letter() -> None:
    world = make_world(2)
    expected, _ = await straight(world)
    refused = sorted(expected.rows)[0]

    class Choosy(FragileSink):
        async def write(self, rows: Sequence[Row]) -> None:
            await super().write([row for row in rows if row.id != refused])
            if any(row.id == refused for row in rows):
                raise RowRefused("one row", [(refused, "item too large")])

    outside, fuse = Outside(), Fuse()
    outside.snapshots.fuse = fuse
    start, _ = await resume(outside.snapshots, APPLICATION, STREAM)
    letters = FragileLetters(outside.letters, fuse)
    outputs = Outputs(APPLICATION.outputs, [Choosy(outside.rows, fuse)], [], letters)
    engine, source = Engine(APPLICATION), MemorySource(world.shards)
    progress = Progress()
    await Pipeline(engine, source, outputs, outside.snapshots, start, TickingClock(), progress).run(
        asyncio.Event()
    )
    assert outside.rows.keys() == expected.rows.keys() - {refused}
    stages = [d.stage for d in outside.letters if d.reason == "item too large"]
    assert stages == ["sink memory"]
    assert progress.records_dead == len(outside.letters)


async def test_a_sink_that_cannot_open_ends_the_run() -> None:
    class Missing(MemorySink):
        async def open(self) -> None:
            raise LookupError("no such table")

    world = make_world(0)
    store = MemorySnapshots()
    start, _ = await resume(store, APPLICATION, STREAM)
    outputs = Outputs(APPLICATION.outputs, [Missing()], [], MemoryDeadLetters())
    engine, source = Engine(APPLICATION), MemorySource(world.shards)
    pipeline = Pipeline(engine, source, outputs, store, start, TickingClock(), Progress())
    with pytest.raises(ExceptionGroup) as caught:
        await pipeline.run(asyncio.Event())
    assert caught.group_contains(LookupError, match="no such table")


# -- controls: each breaks the promise in one place, and the test above must see it ---------------


class ChildrenFirst(MemorySource):
    """Reads children before their parents have ended."""

    def __init__(self, shards: Sequence[object], *, seed: int = 0) -> None:
        super().__init__([replace(s, parents=()) for s in shards], seed=seed)  # type: ignore[type-var]


@pytest.mark.parametrize("wrong", [SnapshotFirst, TornSnapshot])
async def test_control_a_wrong_pipeline_is_caught(wrong: type[Pipeline]) -> None:
    world = make_world(1)
    expected, steps = await straight(world)
    for at in range(1, steps + 1, 3):
        outside = Outside()
        await lives(world, outside, [at], seed=at, pipeline=wrong)
        if outside.content() != expected.content():
            return
    pytest.fail("no crash showed it")


async def _order_by_key(seed: int, source: type[MemorySource]) -> dict[str, list[int]]:
    """Arrival times of each key's records in the order in which they were processed."""
    world = make_world(seed)
    outside = Outside()
    await run(world, outside, Fuse(), seed=seed, source=source)
    records = {
        (shard.id, str(number)): record
        for shard in world.shards
        for number, record in enumerate(shard.records, 1)
    }
    order: dict[str, list[int]] = {}
    for place in outside.records:
        order.setdefault(records[place].partition_key, []).append(records[place].arrival_ms)
    del order[""]
    return order


@pytest.mark.parametrize("seed", range(5))
async def test_a_key_keeps_its_order_across_a_split_and_a_merge(seed: int) -> None:
    for arrivals in (await _order_by_key(seed, MemorySource)).values():
        assert arrivals == sorted(arrivals)


async def test_control_a_source_that_reads_children_first_is_caught() -> None:
    orders = [await _order_by_key(seed, ChildrenFirst) for seed in range(5)]
    assert any(arrivals != sorted(arrivals) for order in orders for arrivals in order.values())
