"""Every record that was ever read, on S3, exactly once by object name.

Which records make an object, and its name and bytes, are sinks/archive_object.py's affair and do
not depend on this process. What is left here: nothing counts as durable before its objects are in
the bucket, and the current minute of each shard is held back and says so in the cursor.
"""

import asyncio
from typing import Any

from botocore.exceptions import ClientError

from awsio.clients import AwsClients
from awsio.parallel import in_parallel
from awsio.retry import OnWait, error_code, retry
from fleet.batch import SHARD_END, Batch
from fleet.errors import ConfigError, ResourceMissing
from sinks.archive_object import Cutter, Run
from sinks.archive_settings import ArchiveSettings, claim
from sinks.archive_store import S3Store
from sinks.base import Cursor

UPLOADS_MAX = 4
"""At once: each holds an object and its compressed bytes."""


class ArchiveSink:
    """Memory: at most an object's bytes and one record per shard, and the batch being written."""

    name = "archive"

    def __init__(
        self,
        aws: AwsClients,
        bucket: str,
        settings: ArchiveSettings | None = None,
        *,
        on_wait: OnWait | None = None,
    ) -> None:
        self._aws = aws
        self._bucket = bucket
        self._settings = settings or ArchiveSettings()
        self._on_wait = on_wait
        self._store = S3Store(aws, bucket, on_wait=on_wait)
        self._cutters: dict[str, Cutter] = {}
        self._cursor: dict[str, str] = {}

    async def open(self, cursor: Cursor) -> None:
        """Raises ResourceMissing when there is no such bucket, ConfigError when it is not ours, or
        holds an archive with other settings.
        """
        self._cursor = {shard_id: str(position) for shard_id, position in cursor.items()}
        client = await self._aws.s3()
        where = f"bucket {self._bucket} at {client.meta.endpoint_url}"
        try:
            await retry(
                lambda: client.head_bucket(Bucket=self._bucket), where, on_wait=self._on_wait
            )
        except ClientError as error:
            # HEAD has no body, so there is no error code, only the status.
            if error_code(error) == "404":
                raise ResourceMissing(
                    f"there is no {where}",
                    remedy="`wildrydes processor --create-missing` makes it; --archive-bucket "
                    "names another, --region and --endpoint-url another place",
                ) from error
            if error_code(error) == "403":
                raise _not_ours(where) from error
            raise
        await claim(self._store, self._settings)

    async def write(self, batch: Batch) -> None:
        shard_id = batch.shard_id
        if shard_id not in self._cutters:
            self._cutters[shard_id] = Cutter(shard_id, self._cursor.get(shard_id), self._settings)
        cutter = self._cutters[shard_id]
        await in_parallel(cutter.add(batch), self._upload, at_most=UPLOADS_MAX)
        # Only now: a write that failed or was cancelled leaves the cursor where it was.
        if cutter.position is not None:
            self._cursor[shard_id] = cutter.position
        if cutter.position == SHARD_END:
            del self._cutters[shard_id]

    def cursor(self) -> Cursor:
        return dict(self._cursor)

    async def close(self) -> None:
        """The clients are closed by their owner."""

    async def _upload(self, run: Run) -> None:
        # Compressing 5 MiB takes a tenth of a second, during which the loop has other work.
        for key, body in await asyncio.to_thread(run.objects, self._settings):
            # Made twice, an object is the same. Should an older processor come back after so long
            # that retention has taken records of it, its object lacks them: the first one stays.
            await self._store.put_new(key, body)


async def create_bucket(aws: AwsClients, bucket: str, *, on_wait: OnWait | None = None) -> bool:
    """Makes the bucket unless it is ours already; returns whether it was made now.

    Raises ConfigError when somebody else has a bucket of that name: all of AWS shares them.
    """
    client = await aws.s3()
    where = f"bucket {bucket} at {client.meta.endpoint_url}"
    request: dict[str, Any] = {"Bucket": bucket}
    # us-east-1 is the one region that may not be named here.
    if client.meta.region_name != "us-east-1":
        request["CreateBucketConfiguration"] = {"LocationConstraint": client.meta.region_name}
    try:
        await retry(lambda: client.head_bucket(Bucket=bucket), where, on_wait=on_wait)
    except ClientError as error:
        if error_code(error) == "403":
            raise _not_ours(where) from error
        if error_code(error) != "404":
            raise
    else:
        return False
    try:
        await retry(lambda: client.create_bucket(**request), where, on_wait=on_wait)
    except ClientError as error:
        if error_code(error) == "BucketAlreadyOwnedByYou":
            return False
        if error_code(error) == "BucketAlreadyExists":
            raise _not_ours(where) from error
        raise
    return True


def _not_ours(where: str) -> ConfigError:
    return ConfigError(
        f"{where} belongs to somebody else, or these credentials may not see it",
        remedy="choose another name with --archive-bucket, or check the permissions",
    )
