"""Objects by their addresses: `s3://bucket/key` at an endpoint, `file:///folder/name` on this
machine.
"""

import asyncio
from pathlib import Path
from urllib.parse import unquote, urlsplit

from botocore.exceptions import ClientError

from awsio.clients import AwsClients
from awsio.retry import error_code, retry
from fleet.errors import ConfigError, ResourceMissing


class Storage:
    """`aws` says where S3 is. A prefix that is the whole name of an object names that object."""

    def __init__(self, aws: AwsClients) -> None:
        self._aws = aws

    async def names(self, prefix: str) -> list[str]:
        """Addresses of all objects under the prefix, sorted. Raises ResourceMissing without the
        bucket, ConfigError for another kind of address.
        """
        scheme, bucket, key = _parts(prefix)
        if scheme == "file":
            return await asyncio.to_thread(_files, Path(key))
        client = await self._aws.s3()
        found = []
        try:
            async for page in client.get_paginator("list_objects_v2").paginate(
                Bucket=bucket, Prefix=key
            ):
                found += [one["Key"] for one in page.get("Contents", ())]
        except ClientError as error:
            if error_code(error) != "NoSuchBucket":
                raise
            raise ResourceMissing(f"there is no bucket {bucket}") from None
        # What the console makes in the place of a folder.
        return sorted(f"s3://{bucket}/{name}" for name in found if not name.endswith("/"))

    async def read(self, address: str) -> bytes:
        """Raises ResourceMissing."""
        scheme, bucket, key = _parts(address)
        if scheme == "file":
            return await asyncio.to_thread(_read, Path(key))
        client = await self._aws.s3()

        async def get() -> bytes:
            answer = await client.get_object(Bucket=bucket, Key=key)
            return await answer["Body"].read()

        try:
            return await retry(get, address)
        except ClientError as error:
            if error_code(error) not in ("NoSuchKey", "NoSuchBucket", "404"):
                raise
            raise ResourceMissing(f"{address} is not there") from None

    async def write(self, address: str, content: bytes) -> None:
        scheme, bucket, key = _parts(address)
        if scheme == "file":
            await asyncio.to_thread(_write, Path(key), content)
            return
        client = await self._aws.s3()
        await retry(lambda: client.put_object(Bucket=bucket, Key=key, Body=content), address)


def _files(root: Path) -> list[str]:
    files = [root] if root.is_file() else root.rglob("*")
    return sorted(path.as_uri() for path in files if path.is_file())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ResourceMissing(f"{path} cannot be read: {error.strerror}") from None


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def relative(address: str, prefix: str) -> str:
    """The object's name below the prefix's folder, as the platform lays it into a channel."""
    folder = prefix if prefix.endswith("/") else prefix.rpartition("/")[0] + "/"
    if address.startswith(f"{prefix}/"):
        folder = f"{prefix}/"
    return unquote(address.removeprefix(folder))


def _parts(address: str) -> tuple[str, str, str]:
    """Scheme, bucket and key; the key of a `file` is its path."""
    parts = urlsplit(address)
    if parts.scheme == "s3" and parts.netloc:
        return "s3", parts.netloc, address.removeprefix(f"s3://{parts.netloc}").lstrip("/")
    if parts.scheme == "file" and not parts.netloc:
        return "file", "", unquote(parts.path)
    raise ConfigError(
        f"{address} is no address of an object", remedy="it looks like s3://bucket/key"
    )
