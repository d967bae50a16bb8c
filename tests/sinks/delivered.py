"""What a delivery stream of moto's has put into a bucket of its own, read with boto3."""

from collections.abc import Callable
from typing import Any

ROLE = "arn:aws:iam::123456789012:role/firehose"


def make_delivery_stream(
    reader: Callable[[str, str], Any], url: str, name: str, **source: Any
) -> None:
    """Into a bucket of the same name."""
    reader("s3", url).create_bucket(Bucket=name)
    reader("firehose", url).create_delivery_stream(
        DeliveryStreamName=name,
        ExtendedS3DestinationConfiguration={
            "RoleARN": ROLE,
            "BucketARN": f"arn:aws:s3:::{name}",
        },
        **(source or {"DeliveryStreamType": "DirectPut"}),
    )


def delivered(reader: Callable[[str, str], Any], url: str, name: str) -> list[bytes]:
    """Its lines, in the order of the objects' keys."""
    s3 = reader("s3", url)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=name)
    keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
    bodies = [s3.get_object(Bucket=name, Key=key)["Body"].read() for key in keys]
    assert all(body.endswith(b"\n") for body in bodies)
    return [line for body in bodies for line in body.splitlines()]
