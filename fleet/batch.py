"""A run of consecutive records of one shard: the unit that is read, processed and committed."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

SHARD_END: Final = "SHARD_END"
"""The position of a shard that is closed and read to its end."""

WHOLE: Final = -1
"""The sub-sequence number of a record that is not one of an aggregate's."""


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
    sub_sequence_numbers: Sequence[int] = ()
    """Empty, or of each record its place among the user records that its producer packed into one
    Kinesis record, from 0; WHOLE for one that is a Kinesis record by itself. User records of one
    Kinesis record have its sequence number and arrival, and are never in two batches.
    """
    broken: Mapping[int, str] = field(default_factory=dict)
    """Place in `records` of a user record that its aggregate spoilt -> why. Its bytes are there,
    but they are no record of the stream.
    """

    @classmethod
    def nothing(cls, shard_id: str, position: str | None) -> Self:
        """A batch without records."""
        return cls(shard_id, [], np.array([], np.int64), [], [], position)

    def __len__(self) -> int:
        return len(self.records)

    @property
    def record_ids(self) -> Sequence[str]:
        """What tells each record from all others of the shard: its sequence number, for a user
        record of an aggregate followed by `:` and its sub-sequence number, such as `4959:3`.
        """
        if not self.sub_sequence_numbers:
            return self.sequence_numbers
        return [
            number if sub == WHOLE else f"{number}:{sub}"
            for number, sub in zip(self.sequence_numbers, self.sub_sequence_numbers, strict=True)
        ]

    def record_id(self, record: int) -> str:
        """The same of one record, by its place in the batch."""
        number = self.sequence_numbers[record]
        if not self.sub_sequence_numbers or self.sub_sequence_numbers[record] == WHOLE:
            return number
        return f"{number}:{self.sub_sequence_numbers[record]}"

    def take(self, records: Sequence[int]) -> "Batch":
        """The same batch with these of its records, by their places in order."""
        place = {record: new for new, record in enumerate(records)} if self.broken else {}
        subs = self.sub_sequence_numbers
        return replace(
            self,
            records=[self.records[i] for i in records],
            arrival_ms=self.arrival_ms[list(records)],
            sequence_numbers=[self.sequence_numbers[i] for i in records],
            partition_keys=[self.partition_keys[i] for i in records],
            sub_sequence_numbers=[subs[i] for i in records] if subs else (),
            broken={place[i]: why for i, why in self.broken.items() if i in place},
        )

    def without_data(self) -> "Batch":
        """The same batch with records of no bytes: where they are from, but not what they say."""
        return replace(self, records=[b""] * len(self.records))

    def after(self, position: str | None) -> "Batch":
        """The same batch without the records up to `position`, which were used before.

        Sequence numbers are compared as integers: within a shard they only grow.
        """
        if position == SHARD_END:
            # Its end was used too: neither its tip nor its children are news.
            return replace(self._from(len(self.records)), tip_ms=None, children=())
        if position is None or not self.records:
            return self
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
            sub_sequence_numbers=self.sub_sequence_numbers[start:],
            broken={i - start: why for i, why in self.broken.items() if i >= start},
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
