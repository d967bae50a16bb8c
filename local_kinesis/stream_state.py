"""All of a stream but its records, as plain values: what a journal keeps, and a stream is made of
again.

Hash keys are decimal digits: JSON's numbers end at 64 bits.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from local_kinesis.consumer import Consumer
from local_kinesis.hash_key import HashKeyRange
from local_kinesis.lineage import Step
from local_kinesis.shard import Shard

StreamMode = Literal["PROVISIONED", "ON_DEMAND"]
StreamStatus = Literal["CREATING", "ACTIVE", "UPDATING", "DELETING"]


class ShardState(Struct, frozen=True, kw_only=True):
    """A shard without its records."""

    index: int
    first_hash_key: str
    last_hash_key: str
    created_s: int
    opened_ms: int
    closed_ms: int | None
    parents: tuple[int, ...]


class StreamState(Struct, frozen=True, kw_only=True):
    """A stream without its records."""

    name: str
    arn: str
    mode: StreamMode
    created_ms: int
    record_bytes_max: int
    retention_hours: int
    tags: dict[str, str]
    key_id: str | None
    metrics: list[str]
    status: StreamStatus
    due_ms: int | None
    steps: list[Step]
    next_index: int
    scaled_ms: list[int]
    mode_changed_ms: list[int]
    consumers: list[Consumer]
    newest_consumer_s: int
    shards: list[ShardState]


def shard_state(shard: Shard) -> ShardState:
    """A shard without its records."""
    return ShardState(
        index=shard.index,
        first_hash_key=str(shard.hash_keys.start),
        last_hash_key=str(shard.hash_keys.end),
        created_s=shard.created_s,
        opened_ms=shard.opened_ms,
        closed_ms=shard.closed_ms,
        parents=shard.parents,
    )


def restored_shards(states: Sequence[ShardState]) -> list[Shard]:
    """The shards that had these states, who their parents are included."""
    shards = []
    for state in states:
        shard = Shard(
            state.index,
            HashKeyRange(int(state.first_hash_key), int(state.last_hash_key)),
            state.created_s,
            opened_ms=state.opened_ms,
            parents=state.parents,
        )
        shard.closed_ms = state.closed_ms
        shards.append(shard)
    by_index = {shard.index: shard for shard in shards}
    for shard in shards:
        for parent in shard.parents:
            if parent in by_index:
                by_index[parent].children.append(shard)
    return shards
