"""Snapshots on S3: an object that is replaced conditionally names the objects that hold the bytes.

Conditional writes: If-None-Match: * to make an object that is not there, If-Match: ETAG to replace
one (Amazon S3 User Guide, "How to prevent object overwrites with conditional writes").
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import astuple
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import msgspec
from botocore.exceptions import ClientError

from awsio.clients import AwsClients
from awsio.retry import OnWait, error_code, retry
from fleet.errors import ResourceMissing, SnapshotCorrupt
from processor.snapshot.base import SignOfLife
from processor.snapshot.remote import Entry, missing

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client

CHANGED: Final = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"}
"""What S3 says when the object is no longer, or not yet, what the condition asks for; a conflict is
two conditional writes at the same moment.
"""

DELETES_MAX: Final = 1000
"""Of one DeleteObjects."""

_decoder = msgspec.msgpack.Decoder(tuple[int, int, str, int, bool, Any, Any])

MISSING: Final = {"NoSuchKey", "404"}


class Bucket:
    """A bucket's calls as both parts need them."""

    def __init__(self, aws: AwsClients, bucket: str, on_wait: OnWait | None) -> None:
        self.name = bucket
        self._aws = aws
        self._on_wait = on_wait

    async def call(self, operation: "Callable[[S3Client], Awaitable[Any]]") -> Any:
        """Waits out throttling and outages. Raises ResourceMissing, and ClientError as it is."""
        client = await self._aws.s3()
        what = f"bucket {self.name} at {client.meta.endpoint_url}"
        try:
            return await retry(lambda: operation(client), what, on_wait=self._on_wait)
        except ResourceMissing as error:
            raise missing(what) from error

    async def get(self, key: str) -> tuple[bytes, str]:
        """An object's bytes and ETag. Raises KeyError when there is none."""

        async def read(client: "S3Client") -> tuple[bytes, str]:
            answer = await client.get_object(Bucket=self.name, Key=key)
            async with answer["Body"] as body:
                return await body.read(), answer["ETag"]

        try:
            data, etag = await self.call(read)
        except ClientError as error:
            if error_code(error) in MISSING:
                raise KeyError(f"s3://{self.name}/{key}") from None
            raise
        return data, etag

    async def put(self, key: str, data: bytes, **condition: str) -> str:
        """Returns the ETag."""
        answer = await self.call(
            # A file is sent in pieces; bytes would go out in one, holding up the loop.
            lambda client: client.put_object(
                Bucket=self.name,
                Key=key,
                Body=BytesIO(data),
                **condition,  # type: ignore[arg-type]
            )
        )
        return str(answer["ETag"])


class S3Register:
    """See Register: the object `current` below the prefix, MessagePack of an Entry."""

    def __init__(
        self, aws: AwsClients, bucket: str, prefix: str, *, on_wait: OnWait | None = None
    ) -> None:
        self.where = f"s3://{bucket}/{prefix}"
        self._bucket = Bucket(aws, bucket, on_wait)
        self._prefix = prefix
        self._etag_of: tuple[Entry, str] | None = None

    async def read(self) -> Entry | None:
        try:
            data, etag = await self._bucket.get(f"{self._prefix}current")
        except KeyError:
            return None
        try:
            entry = Entry(*_decoder.decode(data))
        except msgspec.MsgspecError as error:
            raise SnapshotCorrupt(
                f"{self.where}current is damaged: {error}",
                remedy="restore an older version of the object, or remove it to start afresh",
            ) from None
        self._etag_of = entry, etag
        return entry

    async def glance(self) -> SignOfLife | None:
        # The entry is small: it names what is not.
        found = await self.read()
        return None if found is None else SignOfLife(found.epoch, found.saved_ms, found.released)

    async def replace(self, new: Entry, seen: Entry | None) -> bool:
        condition = {"IfNoneMatch": "*"}
        if seen is not None:
            if self._etag_of is None or self._etag_of[0] != seen:
                await self.read()
            if self._etag_of is None or self._etag_of[0] != seen:
                return False
            condition = {"IfMatch": self._etag_of[1]}
        try:
            data = msgspec.msgpack.encode(astuple(new))
            etag = await self._bucket.put(f"{self._prefix}current", data, **condition)
        except ClientError as error:
            if error_code(error) not in CHANGED:
                raise
            return False
        self._etag_of = new, etag
        return True

    async def keep_aside(self, entry: Entry, reason: str) -> str:
        home = f"{self._prefix}set-aside/{entry.epoch}-{entry.version}/"
        await self._bucket.put(f"{home}entry", msgspec.msgpack.encode(astuple(entry)))
        await self._bucket.put(f"{home}reason.txt", f"{reason}\n".encode())
        return f"s3://{self._bucket.name}/{home}"


class S3Objects:
    """See Objects: below `state/` of the prefix."""

    def __init__(
        self, aws: AwsClients, bucket: str, prefix: str, *, on_wait: OnWait | None = None
    ) -> None:
        self._bucket = Bucket(aws, bucket, on_wait)
        self._prefix = f"{prefix}state/"

    async def put(self, key: str, data: bytes) -> None:
        await self._bucket.put(self._prefix + key, data)

    async def get(self, key: str) -> bytes:
        data, _ = await self._bucket.get(self._prefix + key)
        return data

    async def keys(self) -> list[str]:
        found: list[str] = []
        more: dict[str, Any] = {}
        while True:
            page = await self._bucket.call(
                lambda client, more=more: client.list_objects_v2(  # type: ignore[misc]
                    Bucket=self._bucket.name, Prefix=self._prefix, **more
                )
            )
            found += [item["Key"].removeprefix(self._prefix) for item in page.get("Contents", [])]
            if not page.get("IsTruncated"):
                return found
            more = {"ContinuationToken": page["NextContinuationToken"]}

    async def delete(self, keys: Iterable[str]) -> None:
        names = [{"Key": self._prefix + key} for key in keys]
        for start in range(0, len(names), DELETES_MAX):
            batch = names[start : start + DELETES_MAX]
            await self._bucket.call(
                lambda client, batch=batch: client.delete_objects(  # type: ignore[misc]
                    Bucket=self._bucket.name, Delete={"Objects": batch, "Quiet": True}
                )
            )
