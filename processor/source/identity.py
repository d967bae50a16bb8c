"""Which stream a name means today."""

from typing import TYPE_CHECKING

from awsio.retry import OnWait, retry
from processor.snapshot.base import StreamIdentity

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient


async def identify(
    client: "KinesisClient", stream: str, *, on_wait: OnWait | None = None
) -> StreamIdentity:
    """ARN and creation time of the stream. Raises ResourceMissing when there is none."""
    answer = await retry(
        lambda: client.describe_stream_summary(StreamName=stream),
        f"stream {stream}",
        on_wait=on_wait,
    )
    summary = answer["StreamDescriptionSummary"]
    # Seconds with a fraction, because the clients parse every timestamp as a float.
    created_s = float(summary["StreamCreationTimestamp"])  # type: ignore[arg-type]
    return StreamIdentity(summary["StreamARN"], round(created_s * 1000))
