"""What the operations take that describe or change a stream's shards, consumers, tags and settings.
See request.py for how they are declared.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta

from local_kinesis.request import (
    HashKey,
    ModeDetails,
    Name,
    NextTokenText,
    PageLimit,
    Request,
    Seconds,
    StreamArn,
    StreamRequest,
    TagKey,
    TagValue,
)

TagMap = Annotated[dict[TagKey, TagValue], Meta(min_length=1, max_length=200)]
TagKeyList = Annotated[list[TagKey], Meta(min_length=1, max_length=50)]
ResourceArn = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=2048,
        pattern=r"^arn:aws.*:kinesis:.*:[0-9]{12}:.*(stream|channel)/\S+\Z",
    ),
]
ConsumerArn = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=2048,
        pattern=(
            r"^(arn):aws.*:kinesis:.*:[0-9]{12}:.*stream\/[a-zA-Z0-9_.-]+\/consumer\/"
            r"[a-zA-Z0-9_.-]+:[0-9]+\Z"
        ),
    ),
]
KeyText = Annotated[str, Meta(min_length=1, max_length=2048)]

METRICS: Final = (
    "IncomingBytes",
    "IncomingRecords",
    "OutgoingBytes",
    "OutgoingRecords",
    "WriteProvisionedThroughputExceeded",
    "ReadProvisionedThroughputExceeded",
    "IteratorAgeMilliseconds",
)
"""All shard-level metrics, in the order of the model."""

Metric = Literal[
    "IncomingBytes",
    "IncomingRecords",
    "OutgoingBytes",
    "OutgoingRecords",
    "WriteProvisionedThroughputExceeded",
    "ReadProvisionedThroughputExceeded",
    "IteratorAgeMilliseconds",
    "ALL",
]
Metrics = Annotated[list[Metric], Meta(min_length=1, max_length=7)]


class SplitShard(StreamRequest, frozen=True, kw_only=True, gc=False):
    """Makes two shards of one."""

    ShardToSplit: Name
    NewStartingHashKey: HashKey


class MergeShards(StreamRequest, frozen=True, kw_only=True, gc=False):
    """Makes one shard of two neighbours."""

    ShardToMerge: Name
    AdjacentShardToMerge: Name


class UpdateShardCount(StreamRequest, frozen=True, kw_only=True, gc=False):
    """Makes so many shards of equal size."""

    TargetShardCount: Annotated[int, Meta(ge=1)]
    ScalingType: Literal["UNIFORM_SCALING"]


class IncreaseStreamRetentionPeriod(StreamRequest, frozen=True, kw_only=True, gc=False):
    """Keeps records longer."""

    RetentionPeriodHours: int


class DecreaseStreamRetentionPeriod(StreamRequest, frozen=True, kw_only=True, gc=False):
    """Keeps records less long."""

    RetentionPeriodHours: int


class AddTagsToStream(StreamRequest, frozen=True, kw_only=True, gc=False):
    """Sets tags."""

    Tags: TagMap


class RemoveTagsFromStream(StreamRequest, frozen=True, kw_only=True, gc=False):
    """Takes tags off."""

    TagKeys: TagKeyList


class ListTagsForStream(StreamRequest, frozen=True, kw_only=True, gc=False):
    """The tags of a stream."""

    ExclusiveStartTagKey: TagKey | None = None
    Limit: Annotated[int, Meta(ge=1, le=50)] | None = None


class TagResource(Request, frozen=True, kw_only=True, gc=False):
    """Sets tags of a stream or a consumer."""

    Tags: TagMap
    ResourceARN: ResourceArn


class UntagResource(Request, frozen=True, kw_only=True, gc=False):
    """Takes tags off a stream or a consumer."""

    TagKeys: TagKeyList
    ResourceARN: ResourceArn


class ListTagsForResource(Request, frozen=True, kw_only=True, gc=False):
    """The tags of a stream or a consumer."""

    ResourceARN: ResourceArn


class RegisterStreamConsumer(Request, frozen=True, kw_only=True, gc=False):
    """Makes a consumer."""

    StreamARN: StreamArn
    ConsumerName: Name
    Tags: TagMap | None = None


class ConsumerRequest(Request, frozen=True, kw_only=True, gc=False):
    """A request about one consumer, by its ARN, by its name and its stream's ARN, or by all."""

    StreamARN: StreamArn | None = None
    ConsumerName: Name | None = None
    ConsumerARN: ConsumerArn | None = None


class DeregisterStreamConsumer(ConsumerRequest, frozen=True, kw_only=True, gc=False):
    """Forgets a consumer."""


class DescribeStreamConsumer(ConsumerRequest, frozen=True, kw_only=True, gc=False):
    """A consumer."""


class ListStreamConsumers(Request, frozen=True, kw_only=True, gc=False):
    """The consumers of a stream."""

    StreamARN: StreamArn
    NextToken: NextTokenText | None = None
    MaxResults: PageLimit | None = None
    StreamCreationTimestamp: Seconds | None = None


class UpdateStreamMode(Request, frozen=True, kw_only=True, gc=False):
    """Sets how a stream's capacity is set."""

    StreamARN: StreamArn
    StreamModeDetails: ModeDetails
    WarmThroughputMiBps: Annotated[int, Meta(ge=0)] | None = None


class UpdateMaxRecordSize(Request, frozen=True, kw_only=True, gc=False):
    """Sets how large a record may be."""

    StreamARN: StreamArn | None = None
    MaxRecordSizeInKiB: Annotated[int, Meta(ge=1024, le=10240)]


class UpdateStreamRecordDistributionStrategy(Request, frozen=True, kw_only=True, gc=False):
    """Sets who says which shard a record goes to."""

    StreamARN: StreamArn
    RecordDistributionStrategy: Literal["AUTO", "USER_PARTITION_KEY"]


class StartStreamEncryption(StreamRequest, frozen=True, kw_only=True, gc=False):
    """Says that records are encrypted."""

    EncryptionType: Literal["NONE", "KMS"]
    KeyId: KeyText


class StopStreamEncryption(StreamRequest, frozen=True, kw_only=True, gc=False):
    """Says that records are not encrypted."""

    EncryptionType: Literal["NONE", "KMS"]
    KeyId: KeyText


class EnableEnhancedMonitoring(StreamRequest, frozen=True, kw_only=True, gc=False):
    """Asks for shard-level metrics."""

    ShardLevelMetrics: Metrics


class DisableEnhancedMonitoring(StreamRequest, frozen=True, kw_only=True, gc=False):
    """Asks for them no more."""

    ShardLevelMetrics: Metrics


class DescribeLimits(Request, frozen=True, kw_only=True, gc=False):
    """What the account may have, and has."""


class DescribeAccountSettings(Request, frozen=True, kw_only=True, gc=False):
    """What the account has agreed to."""
