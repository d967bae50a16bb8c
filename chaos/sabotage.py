"""Processors that are wrong on purpose, for the controls: the storm must turn red with each.

  python -m chaos.sabotage torn-snapshot processor ...

runs `wildrydes processor ...` with one thing changed. None of it is in the program itself.
"""

import asyncio
import sys
from collections.abc import Mapping
from typing import Any

from awsio.lineage import Lineage
from chaos.wrong_pipeline import SnapshotFirst, TornSnapshot
from processor import assembly
from processor.source.kinesis import KinesisSource

HEAD_START_S = 1.0


class SnapshotLongFirst(SnapshotFirst):
    """As over sinks that take their time: a storm of a minute has few kills."""

    gap_s = 2.0


class ChildBeforeParent(KinesisSource):
    """After a start, reads the newest generation of shards before those that they come from."""

    async def open(self, positions: Mapping[str, str]) -> frozenset[str]:
        self._postponed: list[str] = []
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

    async def _read_parents(self) -> None:
        await asyncio.sleep(HEAD_START_S)
        for shard_id in self._postponed:
            super()._follow_on(shard_id)


SABOTAGE: Mapping[str, tuple[str, Any]] = {
    "snapshot-before-sinks": ("Pipeline", SnapshotLongFirst),
    "torn-snapshot": ("Pipeline", TornSnapshot),
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
