"""All streams of the endpoint, and the bound on the memory their records take."""

import heapq
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from local_kinesis.errors import (
    InvalidArgument,
    LimitExceeded,
    ResourceInUse,
    ResourceNotFound,
)
from local_kinesis.put import Put
from local_kinesis.shard import Shard
from local_kinesis.stream import Stream, StreamMode

logger = logging.getLogger(__name__)

ACCOUNT_ID: Final = "123456789012"
"""moto's, so that one URL does not serve two accounts."""
SHARDS_MAX: Final = 20_000
"""Open shards of one account, the service's largest default quota: a slip of a digit is refused as
it would be there.
"""
MEMORY_MAX_BYTES: Final = 1 << 30

_SEGMENT_BYTES_MIN: Final = 4 * 1024
_SEGMENT_BYTES_MAX: Final = 1024 * 1024
_SEQUENCE_CLOCK_LAG_S: Final = 5
_WARNING_INTERVAL_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class StoreSize:
    """What the store holds, and what it had to let go."""

    streams: int
    records: int
    memory_bytes: int
    dropped_records: int
    """Dropped before their retention ended, to stay within the memory bound."""


class Store:
    """Streams by name; one account, one region."""

    def __init__(self, *, region: str, memory_max_bytes: int = MEMORY_MAX_BYTES) -> None:
        self.region = region
        self.memory_max_bytes = memory_max_bytes
        self.streams: dict[str, Stream] = {}
        self.memory_bytes = 0
        self.dropped_records = 0
        # Memory is given back by whole segments: a few hundred of them make the bound, whatever its
        # size.
        self._segment_bytes_max = max(
            _SEGMENT_BYTES_MIN, min(_SEGMENT_BYTES_MAX, memory_max_bytes // 256)
        )
        self._newest_deleted_s = 0
        self._newest_created_ms = 0
        self._warned_ms: int | None = None

    def create(
        self,
        name: str,
        *,
        shard_count: int,
        mode: StreamMode,
        record_bytes_max: int,
        tags: Mapping[str, str],
        now_ms: int,
    ) -> Stream:
        """Makes a stream, at once ACTIVE. Raises ResourceInUse, LimitExceeded."""
        if name in self.streams:
            raise ResourceInUse(f"Stream {name} under account {ACCOUNT_ID} already exists.")
        taken = sum(len(stream.shards) for stream in self.streams.values())
        if taken + shard_count > SHARDS_MAX:
            raise LimitExceeded(
                f"This request would exceed the shard limit for the account {ACCOUNT_ID} in "
                f"{self.region}. Current shard count for the account: {taken}. "
                f"Limit: {SHARDS_MAX}. Number of additional shards that would have resulted from "
                f"this request: {shard_count}."
            )
        # A stream made anew is another stream: its creation time and its sequence numbers differ
        # from those of the one deleted in the same second, so a reader's old position is refused,
        # not taken for a place in this one.
        self._newest_created_ms = max(now_ms, self._newest_created_ms + 1)
        stream = self.streams[name] = Stream(
            name=name,
            arn=self.arn(name),
            mode=mode,
            shard_count=shard_count,
            created_ms=self._newest_created_ms,
            sequence_created_s=max(
                now_ms // 1000 - _SEQUENCE_CLOCK_LAG_S, self._newest_deleted_s + 1
            ),
            record_bytes_max=record_bytes_max,
            tags=tags,
        )
        return stream

    def delete(self, stream: Stream) -> None:
        """Forgets a stream and its records."""
        del self.streams[stream.name]
        self.memory_bytes -= stream.memory_bytes
        newest = max(shard.created_s for shard in stream.shards)
        self._newest_deleted_s = max(self._newest_deleted_s, newest)

    def find(self, name: str | None, arn: str | None) -> Stream:
        """The stream of that name, that ARN, or both. Raises ResourceNotFound, InvalidArgument."""
        if arn is not None:
            named = arn.partition(":stream/")[2]
            if name is not None and name != named:
                raise InvalidArgument(f"StreamARN {arn} is not the ARN of the stream {name}.")
            if arn != self.arn(named):
                raise ResourceNotFound(f"Stream {arn} not found.")
            name = named
        if name is None:
            raise InvalidArgument("Either StreamName or StreamARN should be provided.")
        stream = self.streams.get(name)
        if stream is None:
            raise ResourceNotFound(f"Stream {name} under account {ACCOUNT_ID} not found.")
        return stream

    def arn(self, name: str) -> str:
        """The ARN a stream of this name has."""
        return f"arn:aws:kinesis:{self.region}:{ACCOUNT_ID}:stream/{name}"

    def commit(self, put: Put, now_ms: int) -> None:
        """Makes prepared records readable, dropping the oldest ones when memory runs out."""
        for shard, write in put.writes.items():
            self.memory_bytes += shard.commit(write, self._segment_bytes_max)
        if self.memory_bytes > self.memory_max_bytes:
            self._make_room(now_ms)

    def expire(self, stream: Stream, shard: Shard, now_ms: int) -> None:
        """Brings a shard's horizon up to date with its stream's retention."""
        self.memory_bytes -= shard.expire(stream.horizon_ms(now_ms))

    def expire_all(self, now_ms: int) -> None:
        """Gives back the memory of what nobody reads and retention has ended."""
        for stream, shard in self._shards():
            self.expire(stream, shard, now_ms)

    def size(self) -> StoreSize:
        """Counts, for a person to look at."""
        records = sum(shard.next_ordinal - shard.horizon for _, shard in self._shards())
        return StoreSize(len(self.streams), records, self.memory_bytes, self.dropped_records)

    def _shards(self) -> Iterator[tuple[Stream, Shard]]:
        return ((stream, shard) for stream in self.streams.values() for shard in stream.shards)

    def _make_room(self, now_ms: int) -> None:
        """Drops oldest segments first, over all streams, down to a little under the bound so that
        it is not called for every put.
        """
        goal = self.memory_max_bytes - self._segment_bytes_max
        oldest = [
            (arrival_ms, place, shard)
            for place, (_, shard) in enumerate(self._shards())
            if (arrival_ms := shard.oldest_arrival_ms) is not None
        ]
        heapq.heapify(oldest)
        while self.memory_bytes > goal and oldest:
            _, place, shard = oldest[0]
            lost, freed = shard.drop_oldest()
            self.memory_bytes -= freed
            self.dropped_records += lost
            arrival_ms = shard.oldest_arrival_ms
            if arrival_ms is None:
                heapq.heappop(oldest)
            else:
                heapq.heapreplace(oldest, (arrival_ms, place, shard))
        if self._warned_ms is None or now_ms - self._warned_ms >= _WARNING_INTERVAL_MS:
            self._warned_ms = now_ms
            logger.warning(
                "memory bound of %d MiB reached: the oldest records go before their retention "
                "ends, %d so far; a reader that is behind will miss them",
                self.memory_max_bytes >> 20,
                self.dropped_records,
            )
