"""Where a COPY's objects lie on S3."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from awsio.clients import AwsClients
from awsio.retry import OnWait
from fleet.errors import ConfigError
from labs.dataset import Say
from labs.redshift.copy_statement import CopyStatement
from labs.redshift.load import LoadFile
from sinks.archive import create_bucket
from sinks.archive_store import S3Store


async def put(aws: AwsClients, copy: CopyStatement, files: Mapping[str, Path], say: Say) -> None:
    """Uploads those files whose names begin as the last part of the COPY's address does, under
    it. The bucket is made when it is not there.
    """
    folder, _, name = copy.prefix.rpartition("/")
    chosen = {each: path for each, path in files.items() if each.startswith(name)}
    if not chosen:
        return
    await create_bucket(aws, copy.bucket, on_wait=_waits(say))
    store = S3Store(aws, copy.bucket, on_wait=_waits(say))
    for each, path in chosen.items():
        key = str(PurePosixPath(folder, each))
        await store.put(key, path.read_bytes())
        say(f"uploaded s3://{copy.bucket}/{key}")


async def fetch(aws: AwsClients, copy: CopyStatement, say: Say) -> list[LoadFile]:
    """The objects whose keys begin with the COPY's prefix. Raises ConfigError when there is none
    or all are empty, ResourceMissing when there is no bucket.
    """
    store = S3Store(aws, copy.bucket, on_wait=_waits(say))
    files = [
        LoadFile(f"s3://{copy.bucket}/{each.key}", await store.get(each.key) or b"")
        for each in await store.listing(copy.prefix)
    ]
    if not files:
        raise ConfigError(
            f"there is nothing at {copy.url}",
            remedy="every object whose key begins so would be loaded: check it, or give --data",
        )
    if not any(file.body for file in files):
        raise ConfigError(
            f"{copy.url} has no line: every file of it is empty", remedy="upload it again"
        )
    return files


def _waits(say: Say) -> OnWait:
    return lambda reason, _: say(f"waiting for S3: {reason}")
