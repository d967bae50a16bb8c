"""A run of consecutive records of one shard, kept as the JSON that GetRecords answers with.

Records are encoded once, when they are put, and lie end to end: reading any number of them is a few
slices without a copy, and forgetting the oldest thousands is dropping one object. Beside the JSON
stand two offsets for each record and one entry for each change of the arrival time, so a record
costs 8 bytes beyond its JSON and never an object of its own.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from typing import Final

_RECORD_OVERHEAD_BYTES: Final = 8
_RUN_OVERHEAD_BYTES: Final = 12
_CHUNK_OVERHEAD_BYTES: Final = 48
_SEGMENT_OVERHEAD_BYTES: Final = 1024


class Segment:
    """Records `first_ordinal` and on; there is at least one. Offsets count records from its start.

    What one request put is one chunk, until `seal` makes a single one of them.
    """

    __slots__ = (
        "_chunk_starts",
        "_chunks",
        "_ends",
        "_payload_ends",
        "_run_arrivals_ms",
        "_run_starts",
        "first_ordinal",
        "last_arrival_ms",
    )

    def __init__(self, first_ordinal: int) -> None:
        self.first_ordinal = first_ordinal
        self.last_arrival_ms = 0
        self._chunks: list[bytes] = []
        self._chunk_starts = array("I")
        self._ends = array("I", [0])
        self._payload_ends = array("I", [0])
        self._run_starts = array("I")
        self._run_arrivals_ms = array("q")

    def __len__(self) -> int:
        return len(self._ends) - 1

    @property
    def first_arrival_ms(self) -> int:
        """When its oldest record arrived."""
        return self._run_arrivals_ms[0]

    @property
    def end_ordinal(self) -> int:
        """The ordinal after its last record."""
        return self.first_ordinal + len(self)

    @property
    def memory_bytes(self) -> int:
        """What it takes of the memory bound."""
        records = _RECORD_OVERHEAD_BYTES * len(self) + _RUN_OVERHEAD_BYTES * len(self._run_starts)
        chunks = _CHUNK_OVERHEAD_BYTES * len(self._chunks)
        return self._ends[-1] + records + chunks + _SEGMENT_OVERHEAD_BYTES

    def append(
        self, chunk: bytes, sizes: Sequence[int], payload_bytes: Sequence[int], arrival_ms: int
    ) -> None:
        """Adds records that arrived together: `chunk` is their JSON end to end, each an ASCII
        object with a comma after it, `sizes` the length of each.
        """
        if not self._run_arrivals_ms or arrival_ms != self.last_arrival_ms:
            self._run_starts.append(len(self))
            self._run_arrivals_ms.append(arrival_ms)
            self.last_arrival_ms = arrival_ms
        self._chunk_starts.append(self._ends[-1])
        self._chunks.append(chunk)
        self._ends.extend(_running_totals(self._ends[-1], sizes))
        self._payload_ends.extend(_running_totals(self._payload_ends[-1], payload_bytes))

    def seal(self) -> int:
        """Makes one piece of what many small puts left, to be called when it will not grow; returns
        the memory given back.
        """
        before = self.memory_bytes
        self._chunks = [b"".join(self._chunks)]
        self._chunk_starts = array("I", [0])
        return before - self.memory_bytes

    def slices(self, start: int, stop: int) -> Iterator[memoryview]:
        """The JSON of records `start` to `stop`, each with a comma after it, in as many pieces as
        it lies in.
        """
        first, last = self._ends[start], self._ends[stop]
        for at in range(bisect_right(self._chunk_starts, first) - 1, len(self._chunks)):
            base = self._chunk_starts[at]
            if base >= last:
                return
            yield memoryview(self._chunks[at])[max(first - base, 0) : last - base]

    def payload_bytes(self, start: int, stop: int) -> int:
        """The size of the data and partition keys of records `start` to `stop`."""
        return self._payload_ends[stop] - self._payload_ends[start]

    def fitting(self, start: int, payload_bytes_max: int) -> int:
        """The end of the longest run from `start` whose data and partition keys fit."""
        return bisect_right(self._payload_ends, self._payload_ends[start] + payload_bytes_max) - 1

    def arrival_ms(self, offset: int) -> int:
        """When the record at `offset` arrived."""
        return self._run_arrivals_ms[bisect_right(self._run_starts, offset) - 1]

    def first_since(self, arrival_ms: int) -> int:
        """The offset of the first record that arrived at `arrival_ms` or later; len(self) when
        there is none.
        """
        run = bisect_left(self._run_arrivals_ms, arrival_ms)
        return self._run_starts[run] if run < len(self._run_starts) else len(self)


def _running_totals(base: int, sizes: Sequence[int]) -> "islice[int]":
    return islice(accumulate(sizes, initial=base), 1, None)
