"""What SubscribeToShard takes. See request.py."""

from typing import Literal

from local_kinesis.change_request import ConsumerArn
from local_kinesis.request import Name, Request, Seconds, SequenceText


class StartingPosition(Request, frozen=True, kw_only=True, gc=False):
    """Where a subscription starts."""

    Type: Literal[
        "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER", "TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"
    ]
    SequenceNumber: SequenceText | None = None
    Timestamp: Seconds | None = None


class SubscribeToShard(Request, frozen=True, kw_only=True, gc=False):
    """Records as they come."""

    ConsumerARN: ConsumerArn
    ShardId: Name
    StartingPosition: StartingPosition
    DryRun: bool | None = None
