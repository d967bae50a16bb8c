"""A run of consecutive records of one shard: the unit that is read, processed and committed."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

SHARD_END: Final = "SHARD_END"
"""The position of a shard that is closed and read to its end."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive records of one shard, column by column, and where to read on.

    An empty batch is news too: the shard is at its tip (`tip_ms`) or at its end (`position`).
    """

    shard_id: str
    records: Sequence[bytes]
    """The records' data, in sequence-number order."""
    arrival_ms: NDArray[np.int64]
    """ApproximateArrivalTimestamp of each record, never decreasing within a shard."""
    sequence_numbers: Sequence[str]
    partition_keys: Sequence[str]
    position: str | None
    """Sequence number of the last record read so far, SHARD_END, or None when nothing was ever
    read.
    """
    tip_ms: int | None = None
    """When the reader was at the shard's tip: no record that arrived before this time (the source's
    clock) is unread.
    """

    children: tuple[str, ...] = ()
    """With position SHARD_END: the shards that go on where this one ended."""

    def __len__(self) -> int:
        return len(self.records)

    def after(self, position: str | None) -> "Batch":
        """The same batch without the records up to `position`, which were used before.

        Sequence numbers are compared as integers: within a shard they only grow.
        """
        if position is None or not self.records:
            return self
        if position == SHARD_END:
            return self._from(len(self.records))
        last = int(position)
        if int(self.sequence_numbers[0]) > last:
            return self
        return self._from(bisect_right(self.sequence_numbers, last, key=int))

    def _from(self, start: int) -> "Batch":
        return replace(
            self,
            records=self.records[start:],
            arrival_ms=self.arrival_ms[start:],
            sequence_numbers=self.sequence_numbers[start:],
            partition_keys=self.partition_keys[start:],
        )


def later(position: str | None, other: str | None) -> str | None:
    """Whichever of two positions of one shard is further on."""
    if position is None or other is None:
        return other if position is None else position
    if SHARD_END in (position, other):
        return SHARD_END
    return max(position, other, key=int)


def earlier(position: str | None, other: str | None) -> str | None:
    """Whichever of two positions of one shard is further back; None is the shard's beginning."""
    if position is None or other is None:
        return None
    return other if later(position, other) == position else position
