"""Where snapshots are kept: a folder, a DynamoDB table, or a bucket."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from awsio.clients import AwsClients
from awsio.retry import OnWait
from fleet.errors import ConfigError
from fleet.settings import AwsSettings
from processor.snapshot.base import SnapshotStore
from processor.snapshot.disk import DiskSnapshots

LOCAL_BUCKET: Final = "wildrydes-state"
"""Of the large snapshots of a table on a local endpoint. On AWS there is no default: a bucket of
that name may be a stranger's.
"""

S3_INLINE_BYTES_MAX: Final = 16_000
"""Snapshots up to this stay in the object that names them: one request a save instead of two."""

FORMS: Final = "DIR, dynamodb://TABLE/BUCKET/PREFIX or s3://BUCKET/PREFIX"


@dataclass(frozen=True, slots=True)
class Place:
    """One of the forms. The store of an application is a folder, an item or a prefix in it."""

    folder: Path | None = None
    table: str | None = None
    bucket: str | None = None
    prefix: str = ""
    """Empty, or ends with a slash."""

    def open(
        self, application: str, aws: AwsClients, *, on_wait: OnWait | None = None
    ) -> SnapshotStore:
        """The store of one application; touches nothing yet."""
        if self.folder is not None:
            return DiskSnapshots(self.folder / application, on_wait=on_wait)
        assert self.bucket is not None
        # Loading an application on a laptop should not pay for what it does not use.
        from processor.snapshot.dynamodb import INLINE_BYTES_MAX, DynamoDbRegister
        from processor.snapshot.remote import RemoteSnapshots
        from processor.snapshot.s3 import S3Objects, S3Register

        home = f"{self.prefix}{application}/"
        objects = S3Objects(aws, self.bucket, home, on_wait=on_wait)
        if self.table is not None:
            register = DynamoDbRegister(aws, self.table, application, on_wait=on_wait)
            return RemoteSnapshots(register, objects, inline_bytes_max=INLINE_BYTES_MAX)
        return RemoteSnapshots(
            S3Register(aws, self.bucket, home, on_wait=on_wait),
            objects,
            inline_bytes_max=S3_INLINE_BYTES_MAX,
        )


def parse_place(text: str, aws: AwsSettings) -> Place:
    """Reads what --state-store was given. Raises ConfigError."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        return Place(folder=Path(text))
    if scheme == "s3":
        bucket, _, prefix = rest.partition("/")
        return Place(bucket=_bucket(text, bucket), prefix=_prefix(prefix))
    if scheme == "dynamodb":
        table, _, rest = rest.partition("/")
        if re.fullmatch(r"[a-zA-Z0-9_.-]{3,255}", table) is None:
            raise _wrong(text, f"{table!r} cannot be a table")
        bucket, _, prefix = rest.partition("/")
        if not bucket and aws.is_loopback:
            bucket = LOCAL_BUCKET
        if not bucket:
            raise ConfigError(
                f"--state-store {text} names no bucket, which a state too large for an item needs",
                remedy=f"give dynamodb://{table}/BUCKET or dynamodb://{table}/BUCKET/PREFIX; "
                "bucket names are shared by all AWS accounts, so there is no default",
            )
        return Place(table=table, bucket=_bucket(text, bucket), prefix=_prefix(prefix))
    raise _wrong(text, f"{scheme!r} is no kind of store")


def _bucket(text: str, bucket: str) -> str:
    if re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket) is None:
        raise _wrong(text, f"{bucket!r} cannot be a bucket")
    return bucket


def _prefix(text: str) -> str:
    return f"{text.strip('/')}/" if text.strip("/") else ""


def _wrong(text: str, why: str) -> ConfigError:
    return ConfigError(f"--state-store {text}: {why}", remedy=f"give {FORMS}")
