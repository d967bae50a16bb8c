"""A Firehose delivery stream of setup's: from the stream of readings into the bucket, as the
workshop built it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from awsio.retry import OnWait, error_code, retry
from awsio.streams import summarize_stream
from fleet.errors import ResourceMissing
from fleet.settings import AwsSettings
from wildrydes.setup.resource import TAG, State

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

LOCAL_ROLE: Final = "arn:aws:iam::000000000000:role/wildrydes-firehose"
"""A local endpoint asks for one and looks at none."""

PREFIX = "firehose/readings/"
"""Not the archive writer's own: a reader of both would see every reading twice."""
ERROR_PREFIX = "firehose/errors/!{firehose:error-output-type}/"
HOUR = "year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/"


@dataclass(slots=True)
class DeliveryStreamResource:
    """Reads `stream`, with the rights of `role_arn`, and writes GZIP JSON lines into `bucket`:
    Firehose's own buffers of 5 MiB or 60 s, the archive's partitions by hour.
    """

    client: Any
    kinesis: "KinesisClient"
    name: str
    stream: str
    bucket: str
    role_arn: str
    on_wait: OnWait
    kind: str = "delivery stream"

    async def state(self) -> State:
        try:
            answer = await self._call(
                lambda: self.client.list_tags_for_delivery_stream(DeliveryStreamName=self.name)
            )
        except ResourceMissing:
            return State.ABSENT
        tags = {tag["Key"]: tag.get("Value") for tag in answer["Tags"]}
        return State.OURS if tags.get(TAG[0]) == TAG[1] else State.FOREIGN

    async def make(self) -> None:
        stream = await summarize_stream(self.kinesis, self.stream, on_wait=self.on_wait)
        destination = {
            "RoleARN": self.role_arn,
            "BucketARN": f"arn:aws:s3:::{self.bucket}",
            "Prefix": PREFIX + HOUR,
            "ErrorOutputPrefix": ERROR_PREFIX + HOUR,
            "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 60},
            "CompressionFormat": "GZIP",
        }
        try:
            await self._call(
                lambda: self.client.create_delivery_stream(
                    DeliveryStreamName=self.name,
                    DeliveryStreamType="KinesisStreamAsSource",
                    KinesisStreamSourceConfiguration={
                        "KinesisStreamARN": stream.arn,
                        "RoleARN": self.role_arn,
                    },
                    ExtendedS3DestinationConfiguration=destination,
                    Tags=[{"Key": TAG[0], "Value": TAG[1]}],
                )
            )
        except ClientError as error:
            if error_code(error) != "ResourceInUseException":
                raise

    async def content(self) -> str:
        return "nothing but what it has not delivered"

    async def destroy(self) -> None:
        await self._call(lambda: self.client.delete_delivery_stream(DeliveryStreamName=self.name))

    async def _call(self, call: Any) -> Any:
        return await retry(call, f"delivery stream {self.name}", on_wait=self.on_wait)


def role_of(settings: AwsSettings, given: str | None) -> str | None:
    """The role that was given, or one for a local endpoint; on AWS there is no default."""
    return given or (LOCAL_ROLE if settings.is_loopback else None)
