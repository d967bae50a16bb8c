"""One shard: its hash keys, its records in order, and where its horizon is.

Ordinals count the records of a shard from 1, for ever: trimming moves the horizon, never an
ordinal. A position is the ordinal to read next.

A shard that was split or merged is closed: it takes nothing more, keeps its records until retention
ends them, and knows its children.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from local_kinesis.hash_key import HashKeyRange
from local_kinesis.segment import Segment
from local_kinesis.sequence_number import ORDINAL_MAX, ORDINAL_STEP, compose
from local_kinesis.throughput import Limits, ShardMeter

FIRST_ORDINAL: Final = 1


@dataclass(frozen=True, slots=True)
class Page:
    """What one read gave: pieces of JSON, each record with a comma after it."""

    fragments: list[memoryview]
    count: int
    next_ordinal: int
    payload_bytes: int
    """Of its data and partition keys."""
    behind_ms: int
    """The age of the oldest record that is still unread, at least 1; 0 when there is none."""


class Shard:
    """Records of one range of hash keys."""

    def __init__(
        self,
        index: int,
        hash_keys: HashKeyRange,
        created_s: int,
        *,
        opened_ms: int = 0,
        parents: Sequence[int] = (),
    ) -> None:
        self.index = index
        self.id = shard_id(index)
        self.hash_keys = hash_keys
        self.created_s = created_s
        """The time its sequence numbers carry: later than that of its parents, and different for
        each incarnation of a stream.
        """
        self.opened_ms = opened_ms
        self.parents = tuple(parents)
        """The indices of ParentShardId and AdjacentParentShardId; they may be gone by now."""
        self.closed_ms: int | None = None
        """None while it is open."""
        self.children: list[Shard] = []
        self.next_ordinal = FIRST_ORDINAL
        self.horizon = FIRST_ORDINAL
        self.last_arrival_ms = opened_ms
        """No record that comes may be older, nor older than one of its parents' records."""
        self.watchers: set[Callable[[], None]] = set()
        """Each is called when there may be something new to see: after a commit, and when the shard
        is closed or its stream deleted. They must be quick, and must not raise.
        """
        self.written_bytes = 0
        """Data and partition keys of all that was put since the endpoint started."""
        self.reads = 0
        self.last_read_ms: int | None = None
        self.last_behind_ms = 0
        """The MillisBehindLatest of the last read, whoever's it was."""
        self._meter: ShardMeter | None = None
        self._segments: list[Segment] = []

    @property
    def starting_sequence_number(self) -> str:
        """Less than that of every record."""
        return str(compose(self.created_s, self.index, 0, self.created_s))

    @property
    def ending_sequence_number(self) -> str | None:
        """More than that of every record and less than those of its children; None while it is
        open.
        """
        if self.closed_ms is None:
            return None
        return str(compose(self.created_s, self.index, ORDINAL_MAX, self.closed_ms // 1000))

    @property
    def oldest_arrival_ms(self) -> int | None:
        """When the oldest record kept arrived; None when there is none."""
        return self._segments[0].first_arrival_ms if self._segments else None

    @property
    def memory_bytes(self) -> int:
        """What its records take of the memory bound."""
        return sum(segment.memory_bytes for segment in self._segments)

    def commit(self, write: "ShardWrite", segment_bytes_max: int) -> int:
        """Makes a write's records readable; returns by how much memory grew."""
        segments = self._segments
        growth = 0
        if not segments or segments[-1].memory_bytes >= segment_bytes_max:
            if segments:
                growth -= segments[-1].seal()
            segments.append(Segment(self.next_ordinal))
        else:
            growth -= segments[-1].memory_bytes
        chunk, sizes = write.encoded()
        segments[-1].append(chunk, sizes, write.payload_bytes, write.arrival_ms)
        self.next_ordinal += len(sizes)
        self.written_bytes += sum(write.payload_bytes)
        self.last_arrival_ms = write.arrival_ms
        if self.watchers:
            self.wake()
        return growth + segments[-1].memory_bytes

    def close(self, now_ms: int) -> int:
        """Takes nothing more from now on; returns when that is: not before its last record, should
        the clock have gone back.
        """
        self.closed_ms = max(now_ms, self.last_arrival_ms)
        return self.closed_ms

    def expired(self, horizon_ms: int) -> bool:
        """Whether it was closed so long ago that all its records are gone."""
        return self.closed_ms is not None and self.closed_ms < horizon_ms

    def ends_at(self, position: int) -> bool:
        """Whether there will never be anything at `position` or after it."""
        return self.closed_ms is not None and position >= self.next_ordinal

    def metered(self, limits: Limits, now_ms: int) -> ShardMeter:
        """What it took and gave lately."""
        if self._meter is None:
            self._meter = ShardMeter(limits, now_ms)
        return self._meter

    def wake(self) -> None:
        """Calls the watchers, which may come and go while they are called."""
        for watcher in tuple(self.watchers):
            watcher()

    def restore(
        self, segments: list[Segment], next_ordinal: int, horizon: int, last_arrival_ms: int
    ) -> None:
        """Takes the records of a former life, into a shard that has none yet."""
        self._segments = segments
        self.next_ordinal = next_ordinal
        self.horizon = horizon
        self.last_arrival_ms = max(self.last_arrival_ms, last_arrival_ms)

    def read(self, position: int, count_max: int, payload_bytes_max: int, now_ms: int) -> Page:
        """The records from `position`, or from the horizon where that is later.

        At most `count_max` of them and at most `payload_bytes_max` of data and partition keys, but
        always one when there is one: a record larger than the bound must not stop a reader for
        ever.
        """
        start = position = max(position, self.horizon)
        payload_bytes_left = payload_bytes_max
        fragments: list[memoryview] = []
        segments = self._segments
        at = self._segment_of(position)
        while at < len(segments) and count_max > 0 and payload_bytes_left >= 0:
            segment = segments[at]
            first = position - segment.first_ordinal
            last = min(first + count_max, segment.fitting(first, payload_bytes_left))
            if last == first and not fragments:
                last = first + 1
            fragments.extend(segment.slices(first, last))
            payload_bytes_left -= segment.payload_bytes(first, last)
            count_max -= last - first
            position += last - first
            if last < len(segment):
                break
            at += 1
        self.reads += 1
        self.last_read_ms, self.last_behind_ms = now_ms, self._behind_ms(position, now_ms)
        return Page(
            fragments=fragments,
            count=position - start,
            next_ordinal=position,
            payload_bytes=payload_bytes_max - payload_bytes_left,
            behind_ms=self.last_behind_ms,
        )

    def position_since(self, arrival_ms: int) -> int:
        """The position of the first record that arrived at `arrival_ms` or later."""
        at = bisect_right(self._segments, arrival_ms - 1, key=lambda one: one.last_arrival_ms)
        if at == len(self._segments):
            return self.next_ordinal
        segment = self._segments[at]
        return max(self.horizon, segment.first_ordinal + segment.first_since(arrival_ms))

    def expire(self, arrival_ms: int) -> int:
        """Forgets what arrived before `arrival_ms`; returns the memory given back."""
        segments = self._segments
        if not segments or segments[0].first_arrival_ms >= arrival_ms:
            return 0
        gone = bisect_right(segments, arrival_ms - 1, key=lambda one: one.last_arrival_ms)
        freed = sum(segment.memory_bytes for segment in segments[:gone])
        del segments[:gone]
        if not segments:
            self.horizon = self.next_ordinal
        else:
            # Memory goes by whole segments, the horizon record by record.
            oldest = segments[0].first_ordinal + segments[0].first_since(arrival_ms)
            self.horizon = max(self.horizon, oldest)
        return freed

    def drop_oldest(self) -> tuple[int, int]:
        """Forgets the oldest segment, there must be one; returns (records that were readable,
        memory given back).
        """
        segment = self._segments.pop(0)
        lost = segment.end_ordinal - max(self.horizon, segment.first_ordinal)
        self.horizon = segment.end_ordinal
        return lost, segment.memory_bytes

    def _segment_of(self, position: int) -> int:
        return bisect_right(self._segments, position, key=lambda one: one.end_ordinal)

    def _behind_ms(self, position: int, now_ms: int) -> int:
        if position >= self.next_ordinal:
            return 0
        segment = self._segments[self._segment_of(position)]
        return max(1, now_ms - segment.arrival_ms(position - segment.first_ordinal))


def shard_id(index: int) -> str:
    """The ShardId of the shard with this index."""
    return f"shardId-{index:012d}"


class ShardWrite:
    """Records on their way into one shard: numbered and encoded, visible to nobody until committed.

    Their arrival time is now, or that of the shard's last record should the clock have gone back.
    """

    __slots__ = (
        "_encoded",
        "arrival_ms",
        "between",
        "fragments",
        "payload_bytes",
        "sequence_number",
    )

    def __init__(self, shard: Shard, now_ms: int, *, encrypted: bool = False) -> None:
        self.arrival_ms = max(now_ms, shard.last_arrival_ms)
        seconds, milliseconds = divmod(self.arrival_ms, 1000)
        encryption = '"EncryptionType":"KMS",' if encrypted else ""
        self.between = (
            f'","ApproximateArrivalTimestamp":{seconds}.{milliseconds:03d},{encryption}"Data":"'
        )
        """What all its records have between their sequence number and their data."""
        self.fragments: list[str] = []
        self._encoded: tuple[bytes, array[int]] | None = None
        self.payload_bytes: list[int] = []
        self.sequence_number = compose(shard.created_s, shard.index, shard.next_ordinal, seconds)

    def add(self, data: str, partition_key: str, payload_bytes: int) -> str:
        """Takes one record, both texts ready for JSON, and returns its sequence number."""
        sequence_number = str(self.sequence_number)
        self.sequence_number += ORDINAL_STEP
        self.fragments.append(
            f'{{"SequenceNumber":"{sequence_number}{self.between}{data}",'
            f'"PartitionKey":{partition_key}}},'
        )
        self.payload_bytes.append(payload_bytes)
        return sequence_number

    def encoded(self) -> tuple[bytes, "array[int]"]:
        """Its records' JSON end to end, and the length of each. Asked by the journal and by the
        shard, when all are in; made once.
        """
        if self._encoded is None:
            chunk = "".join(self.fragments).encode("ascii")
            self._encoded = chunk, array("I", map(len, self.fragments))
        return self._encoded
