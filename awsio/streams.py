"""Kinesis streams: whether one is there, and making one."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError, ParamValidationError

from awsio.answer import answered_ms
from awsio.retry import OnWait, error_code, retry
from fleet.errors import FleetError, ResourceMissing

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

USABLE = {"ACTIVE", "UPDATING"}
"""A stream takes and gives records while it is resharded."""

POLL_S = 0.2
"""Between two looks at a stream that is being made; the service allows 20 a second."""

CREATE_ATTEMPTS = 8
"""The service gives LimitExceededException both for too many calls at a time, which passes, and for
too many shards in the account, which does not: tried for about ten seconds.
"""


@dataclass(frozen=True, slots=True)
class StreamSummary:
    """Which stream a name means, and how it is."""

    arn: str
    created_ms: int
    """Tells a stream that was deleted and made again from the one before."""
    status: str
    """CREATING, ACTIVE, UPDATING or DELETING."""
    answered_ms: int
    """When the service said so, by its own clock; 0 when it does not tell the time."""
    retention_ms: int
    """How long a record is kept."""

    @property
    def horizon_ms(self) -> int:
        """What arrived before this is no longer kept."""
        return self.answered_ms - self.retention_ms


async def describe_stream(
    client: "KinesisClient", stream: str, *, on_wait: OnWait | None = None
) -> str:
    """The stream's status; raises as `summarize_stream`."""
    return (await summarize_stream(client, stream, on_wait=on_wait)).status


async def summarize_stream(
    client: "KinesisClient", stream: str, *, on_wait: OnWait | None = None
) -> StreamSummary:
    """Looks the stream up.

    Raises ResourceMissing when there is no such stream, FleetError when there can be none of that
    name.
    """
    try:
        answer = await retry(
            lambda: client.describe_stream_summary(StreamName=stream),
            f"stream {stream}",
            on_wait=on_wait,
        )
    except (ClientError, ParamValidationError) as error:
        raise FleetError(f"stream {stream}: {error}") from error
    summary = answer["StreamDescriptionSummary"]
    # Seconds with a fraction, because the clients parse every timestamp as a float.
    created_s = cast("float", summary["StreamCreationTimestamp"])
    return StreamSummary(
        arn=summary["StreamARN"],
        created_ms=round(created_s * 1000),
        status=summary["StreamStatus"],
        answered_ms=answered_ms(answer) or 0,
        retention_ms=summary["RetentionPeriodHours"] * 3_600_000,
    )


async def create_stream(
    client: "KinesisClient", stream: str, shards: int, *, on_wait: OnWait | None = None
) -> bool:
    """Creates the stream with `shards` shards unless it is there, and waits until it can be used.

    Returns whether it was created; one that is there stays as it is, whatever its shards. Raises
    FleetError when the service refuses.
    """
    created = False
    while True:
        try:
            if await describe_stream(client, stream, on_wait=on_wait) in USABLE:
                return created
        except ResourceMissing:
            created = await _create(client, stream, shards, on_wait) or created
        await asyncio.sleep(POLL_S)


async def _create(
    client: "KinesisClient", stream: str, shards: int, on_wait: OnWait | None
) -> bool:
    try:
        await retry(
            lambda: client.create_stream(StreamName=stream, ShardCount=shards),
            f"stream {stream}",
            on_wait=on_wait,
            attempts=CREATE_ATTEMPTS,
        )
    except ClientError as error:
        # Another process may be creating it at this moment: that is as good.
        if error_code(error) == "ResourceInUseException":
            return False
        raise FleetError(f"stream {stream}: {error}") from error
    return True
