"""What the page shows, as JSON: `/_local/status`."""

from typing import Any, Final

from local_kinesis.hash_key import HASH_KEY_COUNT
from local_kinesis.shard import Shard, shard_id
from local_kinesis.store import Store
from local_kinesis.stream import Stream

SHARDS_MAX: Final = 1000
"""Of one stream: the newest. A page of more would serve nobody."""


def status(store: Store, now_ms: int) -> dict[str, Any]:
    """Streams by name, each with its shards in the order of their ids, closed ones included.

    Totals count since the endpoint started, so that rates are their differences. Times are
    milliseconds since 1970 by the endpoint's clock.
    """
    return {
        "now_ms": now_ms,
        "memory_bytes": store.memory_bytes,
        "memory_max_bytes": store.memory_max_bytes,
        "dropped_records": store.dropped_records,
        "streams": [_stream(store.streams[name]) for name in sorted(store.streams)],
    }


def _stream(stream: Stream) -> dict[str, Any]:
    shards = sorted(stream.shards, key=lambda shard: shard.index)
    return {
        "name": stream.name,
        "arn": stream.arn,
        "status": stream.status,
        "mode": stream.mode,
        "created_ms": stream.created_ms,
        "retention_hours": stream.retention_hours,
        "consumers": [
            {"name": consumer.name, "status": consumer.status}
            for consumer in stream.consumers.values()
        ],
        "shards": [_shard(shard) for shard in shards[-SHARDS_MAX:]],
    }


def _shard(shard: Shard) -> dict[str, Any]:
    keys = shard.hash_keys
    return {
        "id": shard.id,
        "parents": [shard_id(index) for index in shard.parents],
        "starting_hash_key": str(keys.start),
        "ending_hash_key": str(keys.end),
        # The same as shares of all hash keys, for whoever draws: JavaScript has no such integers.
        "from": keys.start / HASH_KEY_COUNT,
        "to": (keys.end + 1) / HASH_KEY_COUNT,
        "opened_ms": shard.opened_ms,
        "closed_ms": shard.closed_ms,
        "records_total": shard.next_ordinal - 1,
        "records_kept": shard.next_ordinal - shard.horizon,
        "bytes_total": shard.written_bytes,
        "memory_bytes": shard.memory_bytes,
        "reads_total": shard.reads,
        "last_read_ms": shard.last_read_ms,
        "behind_ms": shard.last_behind_ms,
    }
