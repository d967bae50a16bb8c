"""A big object in parts. It appears under its name when it is whole, or not at all."""

import asyncio
import contextlib
from io import BytesIO
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from awsio.retry import OnWait, error_code, retry

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client
    from types_aiobotocore_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 8 * 1024 * 1024
"""S3 takes parts of 5 MiB or more, at most 10,000 of them."""
ABORT_PATIENCE_S = 2.0


async def upload_in_parts(
    client: "S3Client",
    bucket: str,
    key: str,
    body: bytes,
    content_type: str,
    *,
    on_wait: OnWait | None = None,
) -> None:
    """Puts an object; when that fails or is cancelled, its parts are given up.

    A process that was killed leaves parts that nobody sees and everybody pays for. Its replay makes
    the same object again, so that is where they are looked for.
    """
    where = f"bucket {bucket}"
    await _abort_older(client, bucket, key, on_wait)
    answer = await retry(
        lambda: client.create_multipart_upload(Bucket=bucket, Key=key, ContentType=content_type),
        where,
        on_wait=on_wait,
    )
    upload_id = answer["UploadId"]
    try:
        parts: list[CompletedPartTypeDef] = []
        for number, start in enumerate(range(0, len(body), PART_BYTES), start=1):
            part = body[start : start + PART_BYTES]
            done = await retry(
                lambda number=number, part=part: client.upload_part(  # type: ignore[misc]
                    Bucket=bucket,
                    Key=key,
                    UploadId=upload_id,
                    PartNumber=number,
                    Body=BytesIO(part),
                ),
                where,
                on_wait=on_wait,
            )
            parts.append({"ETag": done["ETag"], "PartNumber": number})
        await _complete(client, bucket, key, upload_id, parts, len(body), on_wait)
    except BaseException:
        # Also when cancelled; what AWS says now cannot matter more than the first error.
        with contextlib.suppress(BotoCoreError, ClientError, OSError, TimeoutError):
            async with asyncio.timeout(ABORT_PATIENCE_S):
                await client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload_id)
        raise


async def _complete(
    client: "S3Client",
    bucket: str,
    key: str,
    upload_id: str,
    parts: "list[CompletedPartTypeDef]",
    size_bytes: int,
    on_wait: OnWait | None,
) -> None:
    try:
        await retry(
            lambda: client.complete_multipart_upload(
                Bucket=bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}
            ),
            f"bucket {bucket}",
            on_wait=on_wait,
        )
    except ClientError as error:
        if error_code(error) != "NoSuchUpload":
            raise
        # Completed by a try whose answer was lost; then the object is there, whole.
        head = await client.head_object(Bucket=bucket, Key=key)
        if head["ContentLength"] != size_bytes:
            raise


async def _abort_older(client: "S3Client", bucket: str, key: str, on_wait: OnWait | None) -> None:
    listing = await retry(
        lambda: client.list_multipart_uploads(Bucket=bucket, Prefix=key),
        f"bucket {bucket}",
        on_wait=on_wait,
    )
    for upload in listing.get("Uploads", []):
        if upload["Key"] == key:
            with contextlib.suppress(ClientError):
                await client.abort_multipart_upload(
                    Bucket=bucket, Key=key, UploadId=upload["UploadId"]
                )
