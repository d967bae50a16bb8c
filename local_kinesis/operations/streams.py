"""CreateStream, DeleteStream, DescribeStream, DescribeStreamSummary, ListStreams."""

from bisect import bisect_right

from local_kinesis.account import ACCOUNT_ID
from local_kinesis.errors import InvalidArgument, NotOffered, ResourceInUse
from local_kinesis.moment import Moment
from local_kinesis.operations.result import Result
from local_kinesis.operations.shard_lookup import shard_members
from local_kinesis.operations.tags import checked_tags
from local_kinesis.page_token import PageToken
from local_kinesis.request import (
    CreateStream,
    DeleteStream,
    DescribeStream,
    DescribeStreamSummary,
    ListStreams,
)
from local_kinesis.store import Store
from local_kinesis.stream import Stream
from local_kinesis.stream_state import StreamMode

_ON_DEMAND_SHARDS = 4
_RECORD_KIB_MAX = 1024
"""Of a stream that does not ask for more. Source: the API reference of GetRecords ("up to 1 MiB in
size by default").
"""
_STREAMS_PAGE = 100
_SHARDS_PAGE = 100
_LISTING = "streams"


def create_stream(store: Store, asked: CreateStream, now_ms: int) -> Result:
    """Makes a stream."""
    if asked.WarmThroughputMiBps:
        raise NotOffered("WarmThroughputMiBps")
    if asked.RecordDistributionStrategy == "AUTO":
        raise NotOffered("RecordDistributionStrategy AUTO")
    mode: StreamMode = (
        asked.StreamModeDetails.StreamMode if asked.StreamModeDetails else "PROVISIONED"
    )
    if mode == "ON_DEMAND" and asked.ShardCount is not None:
        raise InvalidArgument("ShardCount must not be provided for a stream in ON_DEMAND mode.")
    if mode == "PROVISIONED" and asked.ShardCount is None:
        raise InvalidArgument("ShardCount must be provided for a stream in PROVISIONED mode.")
    store.create(
        asked.StreamName,
        shard_count=asked.ShardCount or _ON_DEMAND_SHARDS,
        mode=mode,
        record_bytes_max=(asked.MaxRecordSizeInKiB or _RECORD_KIB_MAX) * 1024,
        tags=checked_tags({}, asked.Tags or {}),
        now_ms=now_ms,
    )
    return None


def delete_stream(store: Store, asked: DeleteStream, now_ms: int) -> Result:
    """Forgets a stream and its consumers, which stop it unless EnforceConsumerDeletion is set."""
    stream = store.find_active(asked.StreamName, asked.StreamARN, now_ms)
    if stream.consumers and not asked.EnforceConsumerDeletion:
        raise ResourceInUse(
            f"Stream {stream.name} under account {ACCOUNT_ID} has consumers. Deregister them, or "
            "set EnforceConsumerDeletion, to delete it."
        )
    store.delete(stream, now_ms)
    return None


def describe_stream(store: Store, asked: DescribeStream, now_ms: int) -> Result:
    """The stream and its shards, at most 100 of them."""
    stream = store.find(asked.StreamName, asked.StreamARN, now_ms)
    after = asked.ExclusiveStartShardId
    # One that is being created has none yet.
    existing = [] if stream.status == "CREATING" else stream.shards
    shards = [shard for shard in existing if after is None or shard.id > after]
    count = min(asked.Limit or _SHARDS_PAGE, _SHARDS_PAGE)
    return {
        "StreamDescription": {
            **_description(stream),
            "Shards": [shard_members(shard) for shard in shards[:count]],
            "HasMoreShards": len(shards) > count,
        }
    }


def describe_stream_summary(store: Store, asked: DescribeStreamSummary, now_ms: int) -> Result:
    """The stream without its shards."""
    stream = store.find(asked.StreamName, asked.StreamARN, now_ms)
    on_demand = {"RecordDistributionStrategy": "USER_PARTITION_KEY"}
    return {
        "StreamDescriptionSummary": {
            **_description(stream),
            "OpenShardCount": 0 if stream.status == "CREATING" else len(stream.open_shards),
            "ConsumerCount": len(stream.consumers),
            "MaxRecordSizeInKiB": stream.record_bytes_max // 1024,
            **(on_demand if stream.mode == "ON_DEMAND" else {}),
        }
    }


def list_streams(store: Store, asked: ListStreams, now_ms: int) -> Result:
    """Streams in the order of their names, at most 100 a page."""
    store.refresh_all(now_ms)
    after = asked.ExclusiveStartStreamName or ""
    if asked.NextToken is not None:
        token = PageToken.unseal(asked.NextToken, now_ms)
        if token.listing != _LISTING:
            raise InvalidArgument("Invalid NextToken.")
        after = token.after
    names = sorted(store.streams)
    names = names[bisect_right(names, after) :]
    count = min(asked.Limit or _STREAMS_PAGE, _STREAMS_PAGE)
    page, more = names[:count], len(names) > count
    answer: dict[str, object] = {
        "StreamNames": page,
        "HasMoreStreams": more,
        "StreamSummaries": [_summary(store.streams[name]) for name in page],
    }
    if more:
        answer["NextToken"] = PageToken(now_ms, _LISTING, page[-1]).seal()
    return answer


def _summary(stream: Stream) -> dict[str, object]:
    return {
        "StreamName": stream.name,
        "StreamARN": stream.arn,
        "StreamStatus": stream.status,
        "StreamModeDetails": {"StreamMode": stream.mode},
        "StreamCreationTimestamp": Moment(stream.created_ms),
    }


def _description(stream: Stream) -> dict[str, object]:
    encryption = {"EncryptionType": "NONE"}
    if stream.key_id is not None:
        encryption = {"EncryptionType": "KMS", "KeyId": stream.key_id}
    return {
        **_summary(stream),
        "RetentionPeriodHours": stream.retention_hours,
        "EnhancedMonitoring": [{"ShardLevelMetrics": stream.metrics}],
        **encryption,
    }
