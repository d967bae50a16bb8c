"""SplitShard, MergeShards, UpdateShardCount.

The parents serve until the stream is ACTIVE again; then they are closed and their children open, at
once. Messages as the service gives them, published in the test suites of other emulators.
"""

from typing import Final

from local_kinesis.account import ACCOUNT_ID
from local_kinesis.change_request import MergeShards, SplitShard, UpdateShardCount
from local_kinesis.errors import InvalidArgument, InvalidRequest, LimitExceeded
from local_kinesis.lineage import Merge, Split, uniform_scaling
from local_kinesis.operations.result import Result
from local_kinesis.operations.shard_lookup import could_not_find, find_shard
from local_kinesis.shard import Shard, shard_id
from local_kinesis.store import Store, require_active
from local_kinesis.stream import Stream

_STREAM_SHARDS_MAX: Final = 10_000
"""Source: the API reference of UpdateShardCount."""
_DAY_MS: Final = 86_400_000


def split_shard(store: Store, asked: SplitShard, now_ms: int) -> Result:
    """Two children, the second of which starts at NewStartingHashKey."""
    stream = store.find(asked.StreamName, asked.StreamARN, now_ms)
    _require_provisioned(stream, "SplitShard")
    shard = _find(stream, asked.ShardToSplit)
    store.check_shard_limit(1)
    hash_key, hash_keys = int(asked.NewStartingHashKey), shard.hash_keys
    # Both ends are left out, as the service does it: a child has two hash keys at least, though the
    # API reference asks only that it be in the shard's range.
    if not hash_keys.start + 1 < hash_key < hash_keys.end:
        raise InvalidArgument(
            f"NewStartingHashKey {hash_key} used in SplitShard() on shard {shard.id} in stream "
            f"{stream.name} under account {ACCOUNT_ID} is not both greater than one plus the "
            f"shard's StartingHashKey {hash_keys.start} and less than the shard's EndingHashKey "
            f"{hash_keys.end}."
        )
    require_active(stream)
    _require_open(stream, shard)
    store.update(stream, now_ms, [Split(shard.index, asked.NewStartingHashKey)])
    return None


def merge_shards(store: Store, asked: MergeShards, now_ms: int) -> Result:
    """One child. ShardToMerge must be the one with the smaller hash keys, as in the service."""
    stream = store.find(asked.StreamName, asked.StreamARN, now_ms)
    _require_provisioned(stream, "MergeShards")
    lower = _find(stream, asked.ShardToMerge)
    upper = _find(stream, asked.AdjacentShardToMerge)
    if lower.hash_keys.end + 1 != upper.hash_keys.start:
        raise InvalidArgument(
            f"Shards {lower.id} and {upper.id} in stream {stream.name} under account {ACCOUNT_ID} "
            "are not an adjacent pair of shards eligible for merging"
        )
    require_active(stream)
    _require_open(stream, lower)
    _require_open(stream, upper)
    store.update(stream, now_ms, [Merge(lower.index, upper.index)])
    return None


def update_shard_count(store: Store, asked: UpdateShardCount, now_ms: int) -> Result:
    """Shards of equal size, by splits and merges."""
    stream = store.find_active(asked.StreamName, asked.StreamARN, now_ms)
    _require_provisioned(stream, "UpdateShardCount")
    current, target = len(stream.open_shards), asked.TargetShardCount
    _check_scaling(current, target)
    store.check_shard_limit(target - current)
    stream.scaled_ms = [time_ms for time_ms in stream.scaled_ms if time_ms > now_ms - _DAY_MS]
    if store.limits is not None and len(stream.scaled_ms) >= store.limits.scalings_per_day:
        raise LimitExceeded(
            f"UpdateShardCount cannot be used on stream {stream.name} under account {ACCOUNT_ID} "
            f"more than {store.limits.scalings_per_day} times in 24 hours."
        )
    stream.scaled_ms.append(now_ms)
    places = [(shard.index, shard.hash_keys) for shard in stream.open_shards]
    store.update(stream, now_ms, uniform_scaling(places, target, stream.next_index))
    return {
        "StreamName": stream.name,
        "StreamARN": stream.arn,
        "CurrentShardCount": current,
        "TargetShardCount": target,
    }


def _check_scaling(current: int, target: int) -> None:
    """Raises LimitExceeded. Source of the rules: the API reference of UpdateShardCount."""
    counts = f"Current open shard count: {current}, Target shard count: {target}"
    if target > _STREAM_SHARDS_MAX:
        raise LimitExceeded(
            "Target shard count or number of open shards cannot be greater than "
            f"{_STREAM_SHARDS_MAX}. {counts}"
        )
    if target > 2 * current:
        raise LimitExceeded(
            "UpdateShardCount cannot scale up over double your current open shard count. " + counts
        )
    if 2 * target < current:
        raise LimitExceeded(
            "UpdateShardCount cannot scale down below half your current open shard count. " + counts
        )


def _find(stream: Stream, text: str) -> Shard:
    """These operations say of a shard that does not exist what they say of an id that cannot be
    one.
    """
    return find_shard(stream, text, lambda index, name: could_not_find(shard_id(index), name))


def _require_provisioned(stream: Stream, operation: str) -> None:
    """Source: the API reference ("only supported for the data streams with the provisioned capacity
    mode") and its ValidationException; the words are ours.
    """
    if stream.mode == "ON_DEMAND":
        raise InvalidRequest(
            f"{operation} is only supported for streams in PROVISIONED mode. Stream {stream.name} "
            f"under account {ACCOUNT_ID} is in ON_DEMAND mode."
        )


def _require_open(stream: Stream, shard: Shard) -> None:
    """The service refuses a closed shard as an invalid argument; the words are ours."""
    if shard.closed_ms is not None:
        raise InvalidArgument(
            f"Shard {shard.id} in stream {stream.name} under account {ACCOUNT_ID} is closed: it "
            "has been split or merged before."
        )
