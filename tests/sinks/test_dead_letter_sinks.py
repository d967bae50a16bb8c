"""One contract, every sink of dead letters: whatever the crashes, each letter stands there once, in
order. A control that does not go back to its cursor must not pass.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from fleet.row import DeadLetter
from sinks.base import Cursor, DeadLetterSink
from sinks.dead_letter import DeadLetterFile
from sinks.memory import MemoryDeadLetters


@dataclass
class Bench:
    """A place to write to."""

    make: Callable[[], DeadLetterSink]
    """A new sink on the same place, as after a restart."""
    read: Callable[[], object]
    """All of its content, comparable."""
    clear: Callable[[], None]


class NeverGoesBack(MemoryDeadLetters):
    """The control."""

    async def open(self, cursor: Cursor) -> None:
        await super().open({})


def file_bench(folder: Path) -> Bench:
    path = folder / "data" / "dead-letter.jsonl"
    return Bench(lambda: DeadLetterFile(path), path.read_bytes, path.unlink)


def memory_bench(kind: type[MemoryDeadLetters] = MemoryDeadLetters) -> Bench:
    letters: list[DeadLetter] = []
    return Bench(lambda: kind(letters), lambda: list(letters), letters.clear)


@pytest.fixture(params=["memory", "file"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    return file_bench(tmp_path) if request.param == "file" else memory_bench()


def letters(count: int, first: int = 0) -> list[DeadLetter]:
    return [
        DeadLetter(
            shard_id="shardId-000000000000",
            sequence_number=str(n),
            arrival_ms=1_767_225_600_000 + n,
            partition_key="Shadowfax",
            stage="decode",
            reason=f"no. {n} is wrong",
            data=b"\xff" * (n % 3) + b"x" * (n % 7),
        )
        for n in range(first, first + count)
    ]


async def straight(bench: Bench, writes: Sequence[list[DeadLetter]]) -> object:
    sink = bench.make()
    await sink.open({})
    for write in writes:
        await sink.write(write)
    await sink.close()
    content = bench.read()
    bench.clear()
    return content


async def check_crashes(bench: Bench) -> None:
    """After each write, with the snapshot saved before it or not."""
    writes = [letters(3, 10 * n) for n in range(5)]
    wanted = await straight(bench, writes)
    for crash_after in range(5):
        for snapshots_lost in (0, 1, 2):
            sink = bench.make()
            await sink.open({})
            snapshots = [sink.cursor()]
            for write in writes[: crash_after + 1]:
                await sink.write(write)
                snapshots.append(sink.cursor())
            resume_at = max(0, crash_after + 1 - snapshots_lost)
            # A sink that is dropped without close, as by SIGKILL; closed here only for tidiness.
            again = bench.make()
            await again.open(snapshots[resume_at])
            await sink.close()
            for write in writes[resume_at:]:
                await again.write(write)
            await again.close()
            assert bench.read() == wanted, f"crash after {crash_after}, {snapshots_lost} lost"
            bench.clear()


async def check_random_life(bench: Bench, seed: int) -> None:
    chance = random.Random(seed)
    writes = [letters(chance.randrange(4), 10 * n) for n in range(30)]
    wanted = await straight(bench, writes)
    sink = bench.make()
    await sink.open({})
    saved, saved_at, at = sink.cursor(), 0, 0
    while at < len(writes):
        await sink.write(writes[at])
        at += 1
        if chance.random() < 0.3:
            saved, saved_at = sink.cursor(), at
        if chance.random() < 0.2:
            await sink.close()
            sink, at = bench.make(), saved_at
            await sink.open(saved)
    await sink.close()
    assert bench.read() == wanted, f"seed {seed}"


async def test_it_is_a_dead_letter_sink(bench: Bench) -> None:
    sink = bench.make()
    assert isinstance(sink, DeadLetterSink)
    assert sink.name
    await sink.close()


async def test_a_crash_at_any_step_changes_nothing(bench: Bench) -> None:
    await check_crashes(bench)


async def test_many_crashes_in_one_life_change_nothing(bench: Bench) -> None:
    for seed in range(10):
        await check_random_life(bench, seed)
        bench.clear()


async def test_the_control_is_caught() -> None:
    with pytest.raises(AssertionError, match="lost"):
        await check_crashes(memory_bench(NeverGoesBack))
    with pytest.raises(AssertionError, match="seed"):
        await check_random_life(memory_bench(NeverGoesBack), 1)


async def test_nothing_written_moves_nothing(bench: Bench) -> None:
    sink = bench.make()
    await sink.open({})
    before = sink.cursor()
    await sink.write([])
    assert sink.cursor() == before
    await sink.close()


async def test_a_first_start_keeps_what_is_there(bench: Bench) -> None:
    past, fresh = letters(2), letters(2, first=50)
    wanted = await straight(bench, [past, fresh])
    for write in (past, fresh):
        sink = bench.make()
        await sink.open({})
        await sink.write(write)
        await sink.close()
    assert bench.read() == wanted
