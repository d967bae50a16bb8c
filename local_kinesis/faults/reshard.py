"""A reshard that nobody asked for: it may come between any two requests."""

from contextlib import suppress
from random import Random
from typing import Final

from local_kinesis.change_request import MergeShards, SplitShard
from local_kinesis.errors import ServiceError
from local_kinesis.operations.resharding import merge_shards, split_shard
from local_kinesis.store import Store
from local_kinesis.stream import Stream

SHARDS_MAX: Final = 8
"""With more of them open it only merges, so that a long storm leaves a stream of any use."""


def reshard_somewhere(store: Store, stream: Stream, random: Random, now_ms: int) -> None:
    """Splits a shard in the middle, or merges two neighbours. A stream that cannot be resharded now
    is left as it is: it is being resharded, or ON_DEMAND.
    """
    shards = sorted(stream.open_shards, key=lambda shard: shard.hash_keys.start)
    place, merges = random.randrange(len(shards)), random.random() < 0.5
    with suppress(ServiceError):
        if len(shards) > 1 and (merges or len(shards) >= SHARDS_MAX):
            lower = min(place, len(shards) - 2)
            pair = shards[lower], shards[lower + 1]
            asked = MergeShards(
                StreamName=stream.name, ShardToMerge=pair[0].id, AdjacentShardToMerge=pair[1].id
            )
            merge_shards(store, asked, now_ms)
        else:
            hash_keys = shards[place].hash_keys
            middle = (hash_keys.start + hash_keys.end + 1) // 2
            split = SplitShard(
                StreamName=stream.name,
                ShardToSplit=shards[place].id,
                NewStartingHashKey=str(middle),
            )
            split_shard(store, split, now_ms)
