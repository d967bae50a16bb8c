"""SubscribeToShard."""

from local_kinesis.errors import NotOffered, ResourceInUse
from local_kinesis.operations.records import starting_position
from local_kinesis.operations.shard_lookup import find_shard
from local_kinesis.request import GetShardIterator
from local_kinesis.store import Store
from local_kinesis.subscription import Subscription
from local_kinesis.subscription_request import SubscribeToShard


def subscribe_to_shard(store: Store, asked: SubscribeToShard, now_ms: int) -> Subscription:
    """A subscription that has not begun. Raises ServiceError."""
    if asked.DryRun:
        raise NotOffered("DryRun")
    stream, consumer = store.consumer(asked.ConsumerARN, now_ms)
    if consumer.status != "ACTIVE":
        raise ResourceInUse(
            f"Consumer {consumer.arn} not ACTIVE, instead in state {consumer.status}"
        )
    shard = find_shard(stream, asked.ShardId)
    store.expire(stream, shard, now_ms)
    start = asked.StartingPosition
    place = GetShardIterator(
        StreamName=stream.name,
        ShardId=shard.id,
        ShardIteratorType=start.Type,
        StartingSequenceNumber=start.SequenceNumber,
        Timestamp=start.Timestamp,
    )
    position = starting_position(stream, shard, place, now_ms)
    return Subscription(store, stream, consumer, shard, position)
