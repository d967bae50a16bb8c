"""Where an archive's objects lie: a bucket on S3, a folder, or memory."""

import asyncio
import hashlib
import os
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from awsio.clients import AwsClients
from awsio.retry import OnWait, error_code, retry
from sinks.archive_upload import PART_BYTES, upload_in_parts

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client

DELETES_MAX = 1000
"""Keys in one DeleteObjects."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object of a listing."""

    key: str
    size_bytes: int
    modified_ms: int


class ArchiveStore(Protocol):
    """Objects by key; a put replaces an object in one step."""

    where: str
    """Its name for people."""
    location: str
    """The address before a key: s3://bucket."""

    async def listing(
        self, prefix: str, *, after: str = "", before: str | None = None, at_most: int | None = None
    ) -> list[StoredObject]:
        """The objects whose keys begin with `prefix` and lie between `after` and `before`, both
        excluded, in the order of their keys.
        """
        ...

    async def get(self, key: str) -> bytes | None:
        """An object's content; None when there is none."""
        ...

    async def get_tagged(self, key: str) -> tuple[bytes, str] | None:
        """The content with the tag that `put_if` takes."""
        ...

    async def put(self, key: str, body: bytes) -> None:
        """Returns when the object is durable."""
        ...

    async def put_new(self, key: str, body: bytes) -> None:
        """As `put`, but an object that is there already stays as it is."""
        ...

    async def put_if(self, key: str, body: bytes, *, etag: str | None) -> bool:
        """Puts an object that still has this tag, or that is not there yet (None); returns whether
        it did.
        """
        ...

    async def delete(self, keys: list[str]) -> None:
        """Deletes objects; those that are not there count as deleted."""
        ...


class S3Store:
    """A bucket."""

    def __init__(self, aws: AwsClients, bucket: str, *, on_wait: OnWait | None = None) -> None:
        self._aws = aws
        self._bucket = bucket
        self._on_wait = on_wait
        self.where = f"bucket {bucket}"
        self.location = f"s3://{bucket}"

    async def listing(
        self, prefix: str, *, after: str = "", before: str | None = None, at_most: int | None = None
    ) -> list[StoredObject]:
        client = await self._aws.s3()
        found: list[StoredObject] = []
        request: dict[str, Any] = {"Bucket": self._bucket, "Prefix": prefix, "StartAfter": after}
        if at_most is not None:
            request["MaxKeys"] = at_most
        while True:
            page = await retry(
                lambda: client.list_objects_v2(**request), self.where, on_wait=self._on_wait
            )
            for item in page.get("Contents", []):
                if before is not None and item["Key"] >= before:
                    return found
                # The clients parse every time as seconds.
                modified_ms = round(float(item["LastModified"]) * 1000)  # type: ignore[arg-type]
                found.append(StoredObject(item["Key"], item["Size"], modified_ms))
                if len(found) == at_most:
                    return found
            if not page.get("IsTruncated"):
                return found
            request["ContinuationToken"] = page["NextContinuationToken"]

    async def get(self, key: str) -> bytes | None:
        tagged = await self.get_tagged(key)
        return None if tagged is None else tagged[0]

    async def get_tagged(self, key: str) -> tuple[bytes, str] | None:
        client = await self._aws.s3()

        async def fetch() -> tuple[bytes, str]:
            answer = await client.get_object(Bucket=self._bucket, Key=key)
            async with answer["Body"] as body:
                return await body.read(), answer["ETag"]

        try:
            return await retry(fetch, self.where, on_wait=self._on_wait)
        except ClientError as error:
            if error_code(error) in {"NoSuchKey", "404"}:
                return None
            raise

    async def put(self, key: str, body: bytes) -> None:
        client = await self._aws.s3()
        if len(body) > PART_BYTES:
            await upload_in_parts(
                client, self._bucket, key, body, content_type(key), on_wait=self._on_wait
            )
            return
        await retry(lambda: self._put(client, key, body), self.where, on_wait=self._on_wait)

    async def put_new(self, key: str, body: bytes) -> None:
        """One in parts (above PART_BYTES) replaces what is there all the same."""
        if len(body) <= PART_BYTES and (
            await self._is_put(key, body, IfNoneMatch="*") or await self.get(key) is not None
        ):
            return
        await self.put(key, body)

    async def put_if(self, key: str, body: bytes, *, etag: str | None) -> bool:
        condition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
        # A first try may have been done although its answer was lost.
        return await self._is_put(key, body, **condition) or await self.get(key) == body

    async def delete(self, keys: list[str]) -> None:
        client = await self._aws.s3()
        for start in range(0, len(keys), DELETES_MAX):
            objects = [{"Key": key} for key in keys[start : start + DELETES_MAX]]
            answer = await retry(
                lambda objects=objects: client.delete_objects(  # type: ignore[misc]
                    Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True}
                ),
                self.where,
                on_wait=self._on_wait,
            )
            if errors := answer.get("Errors"):
                raise ClientError({"Error": errors[0]}, "DeleteObjects")

    async def _is_put(self, key: str, body: bytes, **condition: str) -> bool:
        """Whether the service found the condition true."""
        client = await self._aws.s3()
        try:
            await retry(
                lambda: self._put(client, key, body, **condition),
                self.where,
                on_wait=self._on_wait,
            )
        except ClientError as error:
            # 409: another conditional write to this key is going on.
            if error_code(error) in {"PreconditionFailed", "412", "NoSuchKey"} | _CONFLICTS:
                return False
            raise
        return True

    async def _put(self, client: "S3Client", key: str, body: bytes, **condition: str) -> None:
        # A file is sent in pieces; bytes would go out in one, holding up the loop.
        await client.put_object(
            Bucket=self._bucket,
            Key=key,
            Body=BytesIO(body),
            ContentType=content_type(key),
            **condition,  # type: ignore[arg-type]
        )


_CONFLICTS = {"ConditionalRequestConflict", "OperationAborted"}


def content_type(key: str) -> str:
    """Of an object, by its name."""
    if key.endswith(".gz"):
        return "application/gzip"
    if key.endswith(".txt"):
        return "text/plain"
    return "application/json" if key.endswith(".json") else "application/vnd.apache.parquet"


class FolderStore:
    """A folder that looks like the bucket: `aws s3 sync s3://wildrydes-archive FOLDER` makes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.where = f"folder {folder}"
        self.location = f"file://{folder.absolute()}"

    async def listing(
        self, prefix: str, *, after: str = "", before: str | None = None, at_most: int | None = None
    ) -> list[StoredObject]:
        def walk() -> list[StoredObject]:
            found = []
            for path in sorted((self._folder / prefix).rglob("*")):
                key = path.relative_to(self._folder).as_posix()
                if key > after and (before is None or key < before) and path.is_file():
                    status = path.stat()
                    modified_ms = status.st_mtime_ns // 1_000_000
                    found.append(StoredObject(key, status.st_size, modified_ms))
            return sorted(found, key=lambda item: item.key)[:at_most]

        return await asyncio.to_thread(walk)

    async def get(self, key: str) -> bytes | None:
        tagged = await self.get_tagged(key)
        return None if tagged is None else tagged[0]

    async def get_tagged(self, key: str) -> tuple[bytes, str] | None:
        try:
            body = await asyncio.to_thread((self._folder / key).read_bytes)
        except FileNotFoundError:
            return None
        return body, _tag(body)

    async def put(self, key: str, body: bytes) -> None:
        def write() -> None:
            path = self._folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f".{path.name}.{os.getpid()}")
            with fresh.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)

        await asyncio.to_thread(write)

    async def put_new(self, key: str, body: bytes) -> None:
        if await self.get(key) is None:
            await self.put(key, body)

    async def put_if(self, key: str, body: bytes, *, etag: str | None) -> bool:
        # One machine, one writer: a folder has no conditional write.
        found = await self.get_tagged(key)
        if (found and found[1]) != etag:
            return found is not None and found[0] == body
        await self.put(key, body)
        return True

    async def delete(self, keys: list[str]) -> None:
        for key in keys:
            await asyncio.to_thread((self._folder / key).unlink, missing_ok=True)


@dataclass
class MemoryStore:
    """Objects in memory."""

    objects: dict[str, bytes] = field(default_factory=dict)
    modified_ms: int = 0
    """Of all of them."""
    where: str = "memory"
    location: str = "memory://archive"

    async def listing(
        self, prefix: str, *, after: str = "", before: str | None = None, at_most: int | None = None
    ) -> list[StoredObject]:
        return [
            StoredObject(key, len(body), self.modified_ms)
            for key, body in sorted(self.objects.items())
            if key.startswith(prefix) and key > after and (before is None or key < before)
        ][:at_most]

    async def get(self, key: str) -> bytes | None:
        return self.objects.get(key)

    async def get_tagged(self, key: str) -> tuple[bytes, str] | None:
        body = self.objects.get(key)
        return None if body is None else (body, _tag(body))

    async def put(self, key: str, body: bytes) -> None:
        self.objects[key] = body

    async def put_new(self, key: str, body: bytes) -> None:
        if await self.get(key) is None:
            await self.put(key, body)

    async def put_if(self, key: str, body: bytes, *, etag: str | None) -> bool:
        found = await self.get_tagged(key)
        if (found and found[1]) != etag:
            return found is not None and found[0] == body
        self.objects[key] = body
        return True

    async def delete(self, keys: list[str]) -> None:
        for key in keys:
            self.objects.pop(key, None)


def _tag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
