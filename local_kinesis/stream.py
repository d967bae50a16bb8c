"""One stream: its shards, open and closed, its settings, and its state.

States do not change by themselves: whoever is about to look at a stream tells it the time with
`advance`, and what was due by then takes effect, as of when it was due.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

import msgspec

from local_kinesis.consumer import Consumer
from local_kinesis.hash_key import HashKeyRange, even_ranges
from local_kinesis.lineage import Split, Step
from local_kinesis.routing import Router
from local_kinesis.shard import Shard
from local_kinesis.stream_state import (
    StreamMode,
    StreamState,
    StreamStatus,
    restored_shards,
    shard_state,
)

RETENTION_HOURS: Final = 24
CHILD_LAG_S: Final = 5
"""Sequence numbers of a new shard begin this much in the past, so that a chain of reshards, each a
second later than the one before, does not run ahead of the clock.
"""
_NEVER_MS: Final = 1 << 62


class Stream:
    """A named set of shards, of which the open ones together own all hash keys."""

    def __init__(
        self,
        *,
        name: str,
        arn: str,
        mode: StreamMode,
        created_ms: int,
        record_bytes_max: int,
        tags: Mapping[str, str],
        shards: Sequence[Shard],
    ) -> None:
        self.name = name
        self.arn = arn
        self.mode: StreamMode = mode
        self.created_ms = created_ms
        self.record_bytes_max = record_bytes_max
        self.retention_hours = RETENTION_HOURS
        self.tags = dict(tags)
        self.key_id: str | None = None
        """The KMS key that records are said to be encrypted with; None when they are not."""
        self.metrics: list[str] = []
        """The shard-level metrics that were enabled."""
        self.consumers: dict[str, Consumer] = {}
        """By name."""
        self.newest_consumer_s = 0
        """The creation time in the ARN of the consumer that was registered last, in seconds."""
        self.status: StreamStatus = "ACTIVE"
        self.due_ms: int | None = None
        """When the status changes; None while it is ACTIVE."""
        self.scaled_ms: list[int] = []
        """When UpdateShardCount was used, lately."""
        self.mode_changed_ms: list[int] = []
        """When UpdateStreamMode was used, lately."""
        self.shards = list(shards)
        """In the order of their ids: open ones, and closed ones that have not expired."""
        self._steps: Sequence[Step] = ()
        self._next_index = len(self.shards)
        self._index()

    @classmethod
    def create(
        cls,
        *,
        name: str,
        arn: str,
        mode: StreamMode,
        shard_count: int,
        created_ms: int,
        opened_ms: int,
        sequence_created_s: int,
        record_bytes_max: int,
        tags: Mapping[str, str],
    ) -> Self:
        """A new stream, whose shards are of equal size. Its creation time may be a little later
        than that of its shards: it is its own, where several streams are made at once.
        """
        return cls(
            name=name,
            arn=arn,
            mode=mode,
            created_ms=created_ms,
            record_bytes_max=record_bytes_max,
            tags=tags,
            shards=[
                Shard(index, hash_keys, sequence_created_s, opened_ms=opened_ms)
                for index, hash_keys in enumerate(even_ranges(shard_count))
            ],
        )

    def snapshot(self) -> dict[str, Any]:
        """All of it but its records, as plain values."""
        state = StreamState(
            name=self.name,
            arn=self.arn,
            mode=self.mode,
            created_ms=self.created_ms,
            record_bytes_max=self.record_bytes_max,
            retention_hours=self.retention_hours,
            tags=self.tags,
            key_id=self.key_id,
            metrics=self.metrics,
            status=self.status,
            due_ms=self.due_ms,
            steps=list(self._steps),
            next_index=self._next_index,
            scaled_ms=self.scaled_ms,
            mode_changed_ms=self.mode_changed_ms,
            consumers=list(self.consumers.values()),
            newest_consumer_s=self.newest_consumer_s,
            shards=[shard_state(shard) for shard in self.shards],
        )
        plain: dict[str, Any] = msgspec.to_builtins(state)
        return plain

    @classmethod
    def restore(cls, kept: Mapping[str, Any]) -> Self:
        """The inverse of `snapshot`: a stream whose shards have no records yet. Raises
        msgspec.ValidationError for what `snapshot` did not give.
        """
        state = msgspec.convert(kept, StreamState)
        stream = cls(
            name=state.name,
            arn=state.arn,
            mode=state.mode,
            created_ms=state.created_ms,
            record_bytes_max=state.record_bytes_max,
            tags=state.tags,
            shards=restored_shards(state.shards),
        )
        stream.retention_hours = state.retention_hours
        stream.key_id = state.key_id
        stream.metrics = state.metrics
        stream.status = state.status
        stream.due_ms = state.due_ms
        stream.scaled_ms = state.scaled_ms
        stream.mode_changed_ms = state.mode_changed_ms
        stream.consumers = {consumer.name: consumer for consumer in state.consumers}
        stream.newest_consumer_s = state.newest_consumer_s
        stream._steps = state.steps
        stream._next_index = state.next_index
        stream._index()
        return stream

    @property
    def memory_bytes(self) -> int:
        """What its records take of the memory bound."""
        return sum(shard.memory_bytes for shard in self.shards)

    @property
    def open_shards(self) -> Sequence[Shard]:
        """In the order of their hash keys."""
        return self._open

    @property
    def next_index(self) -> int:
        """Of the next shard to be made: an index is never used twice."""
        return self._next_index

    def shard(self, index: int) -> Shard | None:
        """The shard of that index; None when there is none, or no longer."""
        return self._by_index.get(index)

    def horizon_ms(self, now_ms: int) -> int:
        """Records that arrived before this are gone."""
        return now_ms - self.retention_hours * 3_600_000

    def begin(self, status: StreamStatus, due_ms: int, steps: Sequence[Step] = ()) -> None:
        """Enters a state that does not last; `steps` are taken when it ends."""
        self.status = status
        self.due_ms = due_ms
        self._steps = steps
        self.reschedule()

    def is_due(self, now_ms: int) -> bool:
        """Whether `advance` has something to do."""
        return now_ms >= self._next_event_ms

    def is_gone(self, now_ms: int) -> bool:
        """Whether its store has to forget it."""
        return self.status == "DELETING" and self.due_ms is not None and now_ms >= self.due_ms

    def advance(self, now_ms: int) -> list[Shard]:
        """Lets take effect what is due; returns the shards that have expired by now. A stream that
        is to be deleted stays until its store forgets it.
        """
        closed: list[Shard] = []
        if self.due_ms is not None and now_ms >= self.due_ms and self.status != "DELETING":
            for step in self._steps:
                closed.extend(self._take(step, self.due_ms))
            self.status, self.due_ms, self._steps = "ACTIVE", None, ()
        for consumer in list(self.consumers.values()):
            if consumer.due_ms is not None and now_ms >= consumer.due_ms:
                if consumer.status == "DELETING":
                    del self.consumers[consumer.name]
                else:
                    consumer.status, consumer.due_ms = "ACTIVE", None
        horizon_ms = self.horizon_ms(now_ms)
        expired = [shard for shard in self.shards if shard.expired(horizon_ms)]
        self.shards = [shard for shard in self.shards if not shard.expired(horizon_ms)]
        self._index()
        for shard in closed:
            shard.wake()
        return expired

    def reschedule(self) -> None:
        """Notes when `advance` has something to do next: to be called after a change of the
        retention or of a consumer.
        """
        moments = [consumer.due_ms for consumer in self.consumers.values()]
        moments.append(self.due_ms)
        retention_ms = self.retention_hours * 3_600_000
        moments.extend(
            shard.closed_ms + retention_ms + 1
            for shard in self.shards
            if shard.closed_ms is not None
        )
        self._next_event_ms = min(
            (moment for moment in moments if moment is not None), default=_NEVER_MS
        )

    def _take(self, step: Step, now_ms: int) -> Sequence[Shard]:
        """Takes a step; returns the shards that it closed."""
        if isinstance(step, Split):
            parent = self._by_index[step.index]
            middle = int(step.hash_key)
            start, end = parent.hash_keys.start, parent.hash_keys.end
            ranges = [HashKeyRange(start, middle - 1), HashKeyRange(middle, end)]
            return self._replace([parent], ranges, now_ms)
        lower, upper = self._by_index[step.lower], self._by_index[step.upper]
        united = HashKeyRange(lower.hash_keys.start, upper.hash_keys.end)
        return self._replace([lower, upper], [united], now_ms)

    def _replace(
        self, parents: Sequence[Shard], ranges: Sequence[HashKeyRange], now_ms: int
    ) -> Sequence[Shard]:
        """Closes shards and opens their children, which begin where their parents ended."""
        closed_ms = max(parent.close(now_ms) for parent in parents)
        created_s = max(
            closed_ms // 1000 - CHILD_LAG_S, *(parent.created_s + 1 for parent in parents)
        )
        children = [
            Shard(
                self._next_index + place,
                hash_keys,
                created_s,
                opened_ms=closed_ms,
                parents=[parent.index for parent in parents],
            )
            for place, hash_keys in enumerate(ranges)
        ]
        self._next_index += len(children)
        self.shards.extend(children)
        self._by_index.update((child.index, child) for child in children)
        for parent in parents:
            parent.children = children
        return parents

    def _index(self) -> None:
        """Makes the tables that follow from `shards`."""
        self._by_index = {shard.index: shard for shard in self.shards}
        open_shards = [shard for shard in self.shards if shard.closed_ms is None]
        self._open = sorted(open_shards, key=lambda shard: shard.hash_keys.start)
        self.router = Router(self._open)
        self.reschedule()
