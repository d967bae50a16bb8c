"""A successor waits for its predecessor: released, gone silent, or never there."""

import asyncio
from dataclasses import replace

import pytest

from processor import standby
from processor.resume import resume
from processor.snapshot.memory import MemorySnapshots
from processor.standby import until_free
from tests.processor.world import APPLICATION, STREAM


def ignore(_reason: str, _seconds: float) -> None:
    """Nobody looks."""


@pytest.fixture
def instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits take no time."""
    monkeypatch.setattr(standby, "POLL_S", 0)


async def test_nobody_there() -> None:
    await until_free(MemorySnapshots(), ignore)


async def test_released() -> None:
    snapshots = MemorySnapshots()
    start, _ = await resume(snapshots, APPLICATION, STREAM)
    await snapshots.save(replace(start, released=True))
    await until_free(snapshots.as_another(), ignore)


@pytest.mark.usefixtures("instant")
async def test_at_work_until_it_is_released() -> None:
    snapshots, reasons = MemorySnapshots(), list[str]()
    start, _ = await resume(snapshots, APPLICATION, STREAM)
    waiting = asyncio.create_task(
        until_free(snapshots.as_another(), lambda reason, _seconds: reasons.append(reason))
    )
    for beat in range(1, 200):
        await snapshots.save(replace(start, saved_ms=beat))
        await asyncio.sleep(0)
    assert not waiting.done()
    assert reasons[0] == f"standing by: epoch {start.epoch} is at work on memory"
    await snapshots.save(replace(start, saved_ms=200, released=True))
    await waiting


@pytest.mark.usefixtures("instant")
async def test_a_holder_that_falls_silent_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshots = MemorySnapshots()
    start, _ = await resume(snapshots, APPLICATION, STREAM)
    waiting = asyncio.create_task(until_free(snapshots.as_another(), ignore))
    await snapshots.save(replace(start, saved_ms=1))
    for _ in range(50):
        await asyncio.sleep(0)
    assert not waiting.done(), "a few moments are no silence"
    monkeypatch.setattr(standby, "SILENCE_S", 0)
    await waiting
