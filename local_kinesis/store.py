"""All streams of the endpoint, and the bound on the memory their records take."""

import heapq
import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from local_kinesis.account import ACCOUNT_ID, SHARDS_MAX
from local_kinesis.consumer import Consumer
from local_kinesis.errors import (
    InvalidArgument,
    LimitExceeded,
    ResourceInUse,
    ResourceNotFound,
)
from local_kinesis.journal.base import Journal, JournalFailure, NoJournal
from local_kinesis.lineage import Step
from local_kinesis.put import Put
from local_kinesis.shard import Shard
from local_kinesis.stream import CHILD_LAG_S, Stream
from local_kinesis.stream_state import StreamMode, StreamStatus
from local_kinesis.throughput import Limits

logger = logging.getLogger(__name__)

MEMORY_MAX_BYTES: Final = 1 << 30

_SEGMENT_BYTES_MIN: Final = 4 * 1024
_SEGMENT_BYTES_MAX: Final = 1024 * 1024
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
    """Streams by name; one account, one region.

    Whatever looks a stream up says what time it is, and finds it as it is then.
    """

    def __init__(
        self,
        *,
        region: str,
        memory_max_bytes: int = MEMORY_MAX_BYTES,
        transition_ms: int = 0,
        limits: Limits | None = None,
        journal: Journal | None = None,
    ) -> None:
        """`transition_ms` is how long a stream or a consumer is CREATING, UPDATING or DELETING;
        with 0 nobody ever sees it so. Without `limits` a shard takes and gives all it can.
        """
        self.region = region
        self.memory_max_bytes = memory_max_bytes
        self.transition_ms = transition_ms
        self.limits = limits
        self.streams: dict[str, Stream] = {}
        self.memory_bytes = 0
        self.dropped_records = 0
        self.journal: Journal = journal or NoJournal()
        self._unsaved: set[Stream] = set()
        """Streams whose last change the journal did not take."""
        # Memory is given back by whole segments: a few hundred of them make the bound, whatever its
        # size.
        self.segment_bytes_max = max(
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
        """Makes a stream. Raises ResourceInUse, LimitExceeded."""
        self.refresh_all(now_ms)
        if name in self.streams:
            raise ResourceInUse(f"Stream {name} under account {ACCOUNT_ID} already exists.")
        self.check_shard_limit(shard_count)
        creating = sum(stream.status == "CREATING" for stream in self.streams.values())
        if self.limits is not None and creating >= self.limits.creating:
            raise LimitExceeded(
                f"Account {ACCOUNT_ID} in {self.region} has {creating} streams in state CREATING. "
                f"Limit: {self.limits.creating}."
            )
        # A stream made anew is another stream: its creation time and its sequence numbers differ
        # from those of the one deleted in the same second, so a reader's old position is refused,
        # not taken for a place in this one.
        self._newest_created_ms = max(now_ms, self._newest_created_ms + 1)
        stream = Stream.create(
            name=name,
            arn=self.arn(name),
            mode=mode,
            shard_count=shard_count,
            created_ms=self._newest_created_ms,
            opened_ms=now_ms,
            sequence_created_s=max(now_ms // 1000 - CHILD_LAG_S, self._newest_deleted_s + 1),
            record_bytes_max=record_bytes_max,
            tags=tags,
        )
        if self.transition_ms:
            stream.begin("CREATING", now_ms + self.transition_ms)
        self.journal.stream_changed(stream)
        self.streams[name] = stream
        return stream

    def adopt(self, stream: Stream) -> None:
        """Takes a stream of a former life, its records included."""
        self.streams[stream.name] = stream
        self.memory_bytes += stream.memory_bytes
        self._newest_created_ms = max(self._newest_created_ms, stream.created_ms)

    def resume(self, created_ms: int, deleted_s: int, now_ms: int) -> None:
        """Called when all streams are adopted, with the newest creation time and the newest time of
        sequence numbers among the streams deleted in a former life.
        """
        self._newest_created_ms = max(self._newest_created_ms, created_ms)
        self._newest_deleted_s = max(self._newest_deleted_s, deleted_s)
        self.expire_all(now_ms)
        if self.memory_bytes > self.memory_max_bytes:
            self._make_room(now_ms)

    def update(self, stream: Stream, now_ms: int, steps: list[Step] | None = None) -> None:
        """Keeps a change of a stream that takes its time: it is UPDATING, and then `steps` have
        been taken. Raises JournalFailure.
        """
        self._pass_through(stream, "UPDATING", now_ms, steps or [])

    def changed(self, stream: Stream) -> None:
        """Keeps a change of a stream that is done at once. Raises JournalFailure: nobody sees the
        stream again before the journal has taken it.
        """
        self._unsaved.add(stream)
        self.journal.stream_changed(stream)
        self._unsaved.discard(stream)

    def delete(self, stream: Stream, now_ms: int) -> None:
        """Forgets a stream and its records, when it has been DELETING."""
        self._pass_through(stream, "DELETING", now_ms, [])
        for shard in stream.shards:
            shard.wake()

    def find(self, name: str | None, arn: str | None, now_ms: int) -> Stream:
        """The stream of that name, that ARN, or both, whatever its state. Raises ResourceNotFound,
        InvalidArgument.
        """
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
        if stream is None or not self._refresh(stream, now_ms):
            raise ResourceNotFound(f"Stream {name} under account {ACCOUNT_ID} not found.")
        return stream

    def find_serving(self, name: str | None, arn: str | None, now_ms: int) -> Stream:
        """As `find`, and it takes and gives records. Raises ResourceNotFound when it is CREATING or
        DELETING, as the service does.
        """
        stream = self.find(name, arn, now_ms)
        if stream.status in ("CREATING", "DELETING"):
            raise ResourceNotFound(f"Stream {stream.name} under account {ACCOUNT_ID} not found.")
        return stream

    def find_active(self, name: str | None, arn: str | None, now_ms: int) -> Stream:
        """As `find`, and it can be changed. Raises ResourceInUse when it is not ACTIVE."""
        stream = self.find(name, arn, now_ms)
        require_active(stream)
        return stream

    def consumer(self, arn: str, now_ms: int) -> tuple[Stream, Consumer]:
        """The registered consumer of that ARN, whatever its state, and its stream. Raises
        ResourceNotFound.
        """
        stream_arn, _, named = arn.partition("/consumer/")
        name = named.rpartition(":")[0]
        stream = self.streams.get(stream_arn.partition(":stream/")[2])
        if stream is not None and stream.arn == stream_arn and self._refresh(stream, now_ms):
            consumer = stream.consumers.get(name)
            if consumer is not None and consumer.arn == arn:
                return stream, consumer
        raise ResourceNotFound(f"Consumer {arn} under account {ACCOUNT_ID} not found.")

    def arn(self, name: str) -> str:
        """The ARN a stream of this name has."""
        return f"arn:aws:kinesis:{self.region}:{ACCOUNT_ID}:stream/{name}"

    def check_shard_limit(self, more: int) -> None:
        """Raises LimitExceeded when the account has no room for so many more open shards."""
        taken = self.open_shard_count
        if taken + more > SHARDS_MAX:
            raise LimitExceeded(
                f"This request would exceed the shard limit for the account {ACCOUNT_ID} in "
                f"{self.region}. Current shard count for the account: {taken}. "
                f"Limit: {SHARDS_MAX}. Number of additional shards that would have resulted from "
                f"this request: {more}."
            )

    @property
    def open_shard_count(self) -> int:
        """Of all streams."""
        return sum(len(stream.open_shards) for stream in self.streams.values())

    def commit(self, stream: Stream, put: Put, now_ms: int) -> None:
        """Makes prepared records readable, dropping the oldest ones when memory runs out. Raises
        JournalFailure, and then nothing has happened.
        """
        self.journal.append(stream, put.writes)
        for shard, write in put.writes.items():
            self.memory_bytes += shard.commit(write, self.segment_bytes_max)
        if self.memory_bytes > self.memory_max_bytes:
            self._make_room(now_ms)

    def expire(self, stream: Stream, shard: Shard, now_ms: int) -> None:
        """Brings a shard's horizon up to date with its stream's retention."""
        freed = shard.expire(stream.horizon_ms(now_ms))
        if freed:
            self.memory_bytes -= freed
            self.journal.trimmed(stream, shard)

    def expire_all(self, now_ms: int) -> None:
        """Lets take effect what is due and gives back the memory of records whose retention has
        ended, where nobody looks.
        """
        # What the journal does not take now, the next request that looks brings again.
        with suppress(JournalFailure):
            self.refresh_all(now_ms)
        for stream, shard in self._shards():
            self.expire(stream, shard, now_ms)

    def refresh_all(self, now_ms: int) -> None:
        """Lets take effect what is due in any stream. Raises JournalFailure."""
        for stream in list(self.streams.values()):
            self._refresh(stream, now_ms)

    def size(self) -> StoreSize:
        """Counts, for a person to look at."""
        records = sum(shard.next_ordinal - shard.horizon for _, shard in self._shards())
        return StoreSize(len(self.streams), records, self.memory_bytes, self.dropped_records)

    def _shards(self) -> Iterator[tuple[Stream, Shard]]:
        return ((stream, shard) for stream in self.streams.values() for shard in stream.shards)

    def _pass_through(
        self, stream: Stream, status: StreamStatus, now_ms: int, steps: list[Step]
    ) -> None:
        stream.begin(status, now_ms + self.transition_ms, steps)
        if self.transition_ms:
            self.changed(stream)
        else:
            self._refresh(stream, now_ms)

    def _refresh(self, stream: Stream, now_ms: int) -> bool:
        """Lets take effect what is due; returns whether the stream still exists."""
        if stream.is_due(now_ms):
            if stream.is_gone(now_ms):
                self._forget(stream)
                return False
            for shard in stream.advance(now_ms):
                self.memory_bytes -= shard.memory_bytes
            self.changed(stream)
        elif stream in self._unsaved:
            self.changed(stream)
        return True

    def _forget(self, stream: Stream) -> None:
        del self.streams[stream.name]
        self._unsaved.discard(stream)
        self.memory_bytes -= stream.memory_bytes
        newest = max(shard.created_s for shard in stream.shards)
        self._newest_deleted_s = max(self._newest_deleted_s, newest)
        self.journal.stream_deleted(stream)
        for shard in stream.shards:
            shard.wake()

    def _make_room(self, now_ms: int) -> None:
        """Drops oldest segments first, over all streams, down to a little under the bound so that
        it is not called for every put.
        """
        goal = self.memory_max_bytes - self.segment_bytes_max
        oldest = [
            (arrival_ms, place, stream, shard)
            for place, (stream, shard) in enumerate(self._shards())
            if (arrival_ms := shard.oldest_arrival_ms) is not None
        ]
        heapq.heapify(oldest)
        while self.memory_bytes > goal and oldest:
            _, place, stream, shard = oldest[0]
            lost, freed = shard.drop_oldest()
            self.memory_bytes -= freed
            self.dropped_records += lost
            self.journal.trimmed(stream, shard)
            arrival_ms = shard.oldest_arrival_ms
            if arrival_ms is None:
                heapq.heappop(oldest)
            else:
                heapq.heapreplace(oldest, (arrival_ms, place, stream, shard))
        if self._warned_ms is None or now_ms - self._warned_ms >= _WARNING_INTERVAL_MS:
            self._warned_ms = now_ms
            logger.warning(
                "memory bound of %d MiB reached: the oldest records go before their retention "
                "ends, %d so far; a reader that is behind will miss them",
                self.memory_max_bytes >> 20,
                self.dropped_records,
            )


def require_active(stream: Stream) -> None:
    """Raises ResourceInUse when a stream cannot be changed now."""
    if stream.status != "ACTIVE":
        raise ResourceInUse(
            f"Stream {stream.name} under account {ACCOUNT_ID} not ACTIVE, instead in state "
            f"{stream.status}"
        )
