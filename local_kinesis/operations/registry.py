"""The operations by name. A new one is a function in this folder, a request in request.py or
change_request.py, and a line here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from local_kinesis.change_request import (
    AddTagsToStream,
    DecreaseStreamRetentionPeriod,
    DeregisterStreamConsumer,
    DescribeAccountSettings,
    DescribeLimits,
    DescribeStreamConsumer,
    DisableEnhancedMonitoring,
    EnableEnhancedMonitoring,
    IncreaseStreamRetentionPeriod,
    ListStreamConsumers,
    ListTagsForResource,
    ListTagsForStream,
    MergeShards,
    RegisterStreamConsumer,
    RemoveTagsFromStream,
    SplitShard,
    StartStreamEncryption,
    StopStreamEncryption,
    TagResource,
    UntagResource,
    UpdateMaxRecordSize,
    UpdateShardCount,
    UpdateStreamMode,
    UpdateStreamRecordDistributionStrategy,
)
from local_kinesis.operations import (
    account,
    consumers,
    records,
    resharding,
    settings,
    shards,
    streams,
    subscriptions,
    tags,
)
from local_kinesis.operations.result import Result
from local_kinesis.request import (
    CreateStream,
    DeleteStream,
    DescribeStream,
    DescribeStreamSummary,
    GetRecords,
    GetShardIterator,
    ListShards,
    ListStreams,
    PutRecord,
    PutRecords,
    Request,
)
from local_kinesis.store import Store
from local_kinesis.subscription_request import SubscribeToShard

Run = Callable[[Store, Any, int], Result]
"""(store, a request of the operation's type, now in milliseconds) -> result. Raises ServiceError.
"""


@dataclass(frozen=True, slots=True)
class Operation:
    """How one operation is decoded and run."""

    request: type[Request]
    run: Run
    decoder: "msgspec.json.Decoder[Any]"


def _operation(asked: type[Request], run: Run) -> Operation:
    return Operation(asked, run, msgspec.json.Decoder(asked))


OPERATIONS: Final[Mapping[str, Operation]] = {
    "AddTagsToStream": _operation(AddTagsToStream, tags.add_tags_to_stream),
    "CreateStream": _operation(CreateStream, streams.create_stream),
    "DecreaseStreamRetentionPeriod": _operation(
        DecreaseStreamRetentionPeriod, settings.decrease_stream_retention_period
    ),
    "DeleteStream": _operation(DeleteStream, streams.delete_stream),
    "DeregisterStreamConsumer": _operation(
        DeregisterStreamConsumer, consumers.deregister_stream_consumer
    ),
    "DescribeAccountSettings": _operation(
        DescribeAccountSettings, account.describe_account_settings
    ),
    "DescribeLimits": _operation(DescribeLimits, account.describe_limits),
    "DescribeStream": _operation(DescribeStream, streams.describe_stream),
    "DescribeStreamConsumer": _operation(
        DescribeStreamConsumer, consumers.describe_stream_consumer
    ),
    "DescribeStreamSummary": _operation(DescribeStreamSummary, streams.describe_stream_summary),
    "DisableEnhancedMonitoring": _operation(
        DisableEnhancedMonitoring, settings.disable_enhanced_monitoring
    ),
    "EnableEnhancedMonitoring": _operation(
        EnableEnhancedMonitoring, settings.enable_enhanced_monitoring
    ),
    "GetRecords": _operation(GetRecords, records.get_records),
    "GetShardIterator": _operation(GetShardIterator, records.get_shard_iterator),
    "IncreaseStreamRetentionPeriod": _operation(
        IncreaseStreamRetentionPeriod, settings.increase_stream_retention_period
    ),
    "ListShards": _operation(ListShards, shards.list_shards),
    "ListStreamConsumers": _operation(ListStreamConsumers, consumers.list_stream_consumers),
    "ListStreams": _operation(ListStreams, streams.list_streams),
    "ListTagsForResource": _operation(ListTagsForResource, tags.list_tags_for_resource),
    "ListTagsForStream": _operation(ListTagsForStream, tags.list_tags_for_stream),
    "MergeShards": _operation(MergeShards, resharding.merge_shards),
    "PutRecord": _operation(PutRecord, records.put_record),
    "PutRecords": _operation(PutRecords, records.put_records),
    "RegisterStreamConsumer": _operation(
        RegisterStreamConsumer, consumers.register_stream_consumer
    ),
    "RemoveTagsFromStream": _operation(RemoveTagsFromStream, tags.remove_tags_from_stream),
    "SplitShard": _operation(SplitShard, resharding.split_shard),
    "StartStreamEncryption": _operation(StartStreamEncryption, settings.start_stream_encryption),
    "StopStreamEncryption": _operation(StopStreamEncryption, settings.stop_stream_encryption),
    "SubscribeToShard": _operation(SubscribeToShard, subscriptions.subscribe_to_shard),
    "TagResource": _operation(TagResource, tags.tag_resource),
    "UntagResource": _operation(UntagResource, tags.untag_resource),
    "UpdateMaxRecordSize": _operation(UpdateMaxRecordSize, settings.update_max_record_size),
    "UpdateShardCount": _operation(UpdateShardCount, resharding.update_shard_count),
    "UpdateStreamMode": _operation(UpdateStreamMode, settings.update_stream_mode),
    "UpdateStreamRecordDistributionStrategy": _operation(
        UpdateStreamRecordDistributionStrategy,
        settings.update_stream_record_distribution_strategy,
    ),
}

NOT_OFFERED: Final = frozenset(
    {
        # Delivery to S3 and tables: another service inside this one.
        "CreateChannel",
        "DeleteChannel",
        "DescribeChannel",
        "ListChannels",
        "UpdateChannel",
        # Whoever connects is let in, so a policy would change nothing.
        "DeleteResourcePolicy",
        "GetResourcePolicy",
        "PutResourcePolicy",
        # What is bought of the service.
        "UpdateAccountSettings",
        "UpdateStreamWarmThroughput",
    }
)
"""The service's other operations: they are answered as unknown ones, by name."""
