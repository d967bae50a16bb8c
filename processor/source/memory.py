"""A stream in memory: for tests, and for running an application over given records."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from awsio.lineage import Lineage, Shard
from fleet.batch import SHARD_END, Batch


@dataclass(frozen=True, slots=True)
class MemoryRecord:
    """One record; its sequence number is its place in the shard, from 1."""

    data: bytes
    arrival_ms: int
    partition_key: str = ""


@dataclass(frozen=True, slots=True)
class MemoryShard:
    """A shard's records from first to last; `closed` shards end, others stay at their tip."""

    id: str
    records: Sequence[MemoryRecord]
    parents: tuple[str, ...] = ()
    closed: bool = False
    tip_ms: int | None = None
    """What the shard says of its time once all is read; None says nothing."""


class MemorySource:
    """Hands out batches of random size, from the readable shards in random order, by a seed.

    It ends once every shard is at its tip or end and has said so.
    """

    def __init__(self, shards: Sequence[MemoryShard], *, seed: int = 0, batch_max: int = 7) -> None:
        self._shards = {shard.id: shard for shard in shards}
        self._lineage = Lineage()
        self._random = random.Random(seed)
        self._batch_max = batch_max
        self._next: dict[str, int] = {}
        self._silent: set[str] = set()

    async def open(self, positions: Mapping[str, str]) -> frozenset[str]:
        self._lineage = Lineage(s for s, position in positions.items() if position == SHARD_END)
        self._lineage.learn(Shard(shard.id, shard.parents) for shard in self._shards.values())
        self._next = {
            shard: int(position) for shard, position in positions.items() if position != SHARD_END
        }
        return frozenset(self._lineage.readable())

    async def read(self) -> Batch | None:
        return self.read_now()

    def read_now(self) -> Batch | None:
        choices = [s for s in self._lineage.readable() if s not in self._silent]
        if not choices:
            return None
        shard = self._shards[self._random.choice(choices)]
        start = self._next.get(shard.id, 0)
        end = min(len(shard.records), start + self._random.randint(1, self._batch_max))
        self._next[shard.id] = end
        at_tip = end == len(shard.records)
        ended = at_tip and shard.closed
        if ended:
            self._lineage.end(shard.id)
        elif at_tip:
            self._silent.add(shard.id)
        records = shard.records[start:end]
        return Batch(
            shard_id=shard.id,
            records=[r.data for r in records],
            arrival_ms=np.array([r.arrival_ms for r in records], np.int64),
            sequence_numbers=[str(n) for n in range(start + 1, end + 1)],
            partition_keys=[r.partition_key for r in records],
            position=SHARD_END if ended else (str(end) if end else None),
            tip_ms=shard.tip_ms if at_tip and not ended else None,
            children=self._lineage.children(shard.id) if ended else (),
        )

    def is_over(self, shard_id: str) -> bool:
        return self._lineage.is_over(shard_id)

    async def close(self) -> None:
        """Nothing to let go of."""
