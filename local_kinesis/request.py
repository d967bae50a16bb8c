"""What each operation takes, with the constraints of the service's model. One declaration serves
both the fast path, where msgspec checks while it decodes, and validation.py, which says in the
service's words what was wrong.

Source: botocore's `kinesis/2013-12-02/service-2.json`. Members are spelled as on the wire; one that
may be left out may also be null. StreamId is absent: the model itself calls it reserved.
"""

from math import floor
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

Name = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[a-zA-Z0-9_.-]+\Z")]
StreamArn = Annotated[
    str,
    Meta(min_length=1, max_length=2048, pattern=r"^arn:aws.*:kinesis:.*:[0-9]{12}:stream/\S+\Z"),
]
HashKey = Annotated[str, Meta(pattern=r"^(0|([1-9][0-9]{0,38}))\Z")]
SequenceText = Annotated[str, Meta(pattern=r"^(0|([1-9][0-9]{0,128}))\Z")]
PartitionKeyText = Annotated[str, Meta(min_length=1, max_length=256)]
Blob = Annotated[bytes, Meta(max_length=10 * 1024 * 1024)]
NextTokenText = Annotated[str, Meta(min_length=1, max_length=1024 * 1024)]
PageLimit = Annotated[int, Meta(ge=1, le=10_000)]
TagKey = Annotated[str, Meta(min_length=1, max_length=128)]
TagValue = Annotated[str, Meta(max_length=256)]
Seconds = float
"""A time: seconds since 1970, with a fraction."""

_SECONDS_MAX: Final = 1e15
"""Far beyond any time, and well within what can be counted in milliseconds."""


class Request(Struct, frozen=True, kw_only=True, gc=False):
    """Root of all requests."""


class StreamRequest(Request, frozen=True, kw_only=True, gc=False):
    """A request about one stream, by name, by ARN or by both."""

    StreamName: Name | None = None
    StreamARN: StreamArn | None = None


class ModeDetails(Request, frozen=True, kw_only=True, gc=False):
    """How a stream's capacity is set."""

    StreamMode: Literal["PROVISIONED", "ON_DEMAND"]


class CreateStream(Request, frozen=True, kw_only=True, gc=False):
    """Makes a stream."""

    StreamName: Name
    ShardCount: Annotated[int, Meta(ge=1)] | None = None
    StreamModeDetails: ModeDetails | None = None
    Tags: Annotated[dict[TagKey, TagValue], Meta(min_length=1, max_length=200)] | None = None
    WarmThroughputMiBps: Annotated[int, Meta(ge=0)] | None = None
    MaxRecordSizeInKiB: Annotated[int, Meta(ge=1024, le=10240)] | None = None
    RecordDistributionStrategy: Literal["AUTO", "USER_PARTITION_KEY"] | None = None


class DeleteStream(StreamRequest, frozen=True, kw_only=True, gc=False):
    """Forgets a stream."""

    EnforceConsumerDeletion: bool | None = None


class DescribeStream(StreamRequest, frozen=True, kw_only=True, gc=False):
    """A stream and its shards."""

    Limit: PageLimit | None = None
    ExclusiveStartShardId: Name | None = None


class DescribeStreamSummary(StreamRequest, frozen=True, kw_only=True, gc=False):
    """A stream without its shards."""


class ListStreams(Request, frozen=True, kw_only=True, gc=False):
    """All streams, by name."""

    Limit: PageLimit | None = None
    ExclusiveStartStreamName: Name | None = None
    NextToken: NextTokenText | None = None


class Filter(Request, frozen=True, kw_only=True, gc=False):
    """Which shards to list."""

    Type: Literal[
        "AFTER_SHARD_ID",
        "AT_TRIM_HORIZON",
        "FROM_TRIM_HORIZON",
        "AT_LATEST",
        "AT_TIMESTAMP",
        "FROM_TIMESTAMP",
    ]
    ShardId: Name | None = None
    Timestamp: Seconds | None = None


class ListShards(StreamRequest, frozen=True, kw_only=True, gc=False):
    """The shards of a stream."""

    NextToken: NextTokenText | None = None
    ExclusiveStartShardId: Name | None = None
    MaxResults: PageLimit | None = None
    StreamCreationTimestamp: Seconds | None = None
    ShardFilter: Filter | None = None


class PutRecord(StreamRequest, frozen=True, kw_only=True, gc=False):
    """One record."""

    Data: Blob
    PartitionKey: PartitionKeyText
    ExplicitHashKey: HashKey | None = None
    SequenceNumberForOrdering: SequenceText | None = None
    DryRun: bool | None = None


class PutRecordsRequestEntry(Request, frozen=True, kw_only=True, gc=False):
    """One record of many."""

    Data: Blob
    PartitionKey: PartitionKeyText
    ExplicitHashKey: HashKey | None = None


class PutRecords(StreamRequest, frozen=True, kw_only=True, gc=False):
    """Up to 500 records."""

    Records: Annotated[list[PutRecordsRequestEntry], Meta(min_length=1, max_length=500)]
    DryRun: bool | None = None


class GetShardIterator(StreamRequest, frozen=True, kw_only=True, gc=False):
    """A place to read from."""

    ShardId: Name
    ShardIteratorType: Literal[
        "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER", "TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"
    ]
    StartingSequenceNumber: SequenceText | None = None
    Timestamp: Seconds | None = None
    DryRun: bool | None = None


class GetRecords(Request, frozen=True, kw_only=True, gc=False):
    """Records from a place."""

    ShardIterator: Annotated[str, Meta(min_length=1, max_length=512)]
    Limit: PageLimit | None = None
    StreamARN: StreamArn | None = None
    DryRun: bool | None = None


def milliseconds(seconds: Seconds) -> int:
    """A time in milliseconds, what is finer cut off. The service keeps no more."""
    bounded = max(-_SECONDS_MAX, min(seconds, _SECONDS_MAX))
    # A whole number of milliseconds is a hair less in some floats.
    return floor(bounded * 1000 + 0.001)
