"""Processors that are wrong on purpose, for the controls: the storm must turn red with each.

  python -m chaos.sabotage torn-snapshot processor ...

runs `wildrydes processor ...` with one thing changed. None of it is in the program itself.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from awsio.lineage import Lineage
from chaos.wrong_pipeline import SnapshotFirst, TornSnapshot
from fleet.batch import Batch
from processor import assembly
from processor.source.kinesis import KinesisSource

HEAD_START_MS = 120_000
"""Two windows: those that the parents have records of are closed by then."""
GAP_S = 2.0


def die_once() -> None:
    """Dies at a moment at which that does harm, the first time that it comes. On a slow machine the
    kills of the storm may all come before a processor has done anything.
    """
    mark = Path(sys.argv[sys.argv.index("--data") + 1]).with_name("has-died")
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)


class SnapshotLongFirst(SnapshotFirst):
    """As over sinks that take their time: a storm of a minute has few kills."""

    async def _gap(self) -> None:
        die_once()
        await asyncio.sleep(GAP_S)


class TornAndKilled(TornSnapshot):
    """With a kill when what was saved is torn."""

    async def _save(self) -> None:
        older, newer = self._older_state, self._engine.dump()
        await super()._save()
        if older and older != newer:
            die_once()


class ChildBeforeParent(KinesisSource):
    """After a start, reads the newest generation of shards before those that they come from."""

    async def open(self, positions: Mapping[str, str]) -> frozenset[str]:
        self._postponed: list[str] = []
        self._first_ms: int | None = None
        self._is_ahead = asyncio.Event()
        await super().open(positions)
        lineage: Lineage = self._lineage
        for shard_id in lineage._shards.keys() - lineage._ended - self._readers.keys():
            self._prepare(shard_id, positions.get(shard_id))
            super()._follow_on(shard_id)
        if self._postponed:
            self._tasks.add(asyncio.create_task(self._read_parents()))
        return frozenset(self._readers.keys() - set(self._postponed))

    def _follow_on(self, shard_id: str) -> None:
        if self._lineage.children(shard_id):
            self._postponed.append(shard_id)
        else:
            super()._follow_on(shard_id)

    def _unpack(self, batch: Batch) -> None:
        super()._unpack(batch)
        if len(batch) and batch.shard_id not in self._postponed:
            self._first_ms = self._first_ms or int(batch.arrival_ms[0])
            if batch.arrival_ms[-1] > self._first_ms + HEAD_START_MS:
                self._is_ahead.set()

    async def _read_parents(self) -> None:
        await self._is_ahead.wait()
        for shard_id in self._postponed:
            super()._follow_on(shard_id)


SABOTAGE: Mapping[str, tuple[str, Any]] = {
    "snapshot-before-sinks": ("Pipeline", SnapshotLongFirst),
    "torn-snapshot": ("Pipeline", TornAndKilled),
    "child-before-parent": ("KinesisSource", ChildBeforeParent),
}
"""Name -> what of processor/assembly.py is replaced, and by what."""


def main() -> None:
    """Takes its own argument off, and runs the program."""
    name, wrong = SABOTAGE[sys.argv.pop(1)]
    setattr(assembly, name, wrong)
    from wildrydes.cli import main as wildrydes

    wildrydes()


if __name__ == "__main__":
    main()
