"""A reference table that is an object on S3, read again only when its ETag is another one.

GetObject with If-None-Match asks and reads in one request: 304 says that it is still the same
(RFC 9110, 13.1.2). It needs s3:GetObject; without s3:ListBucket, S3 says 403 of an object that is
not there (API reference, GetObject).
"""

from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from awsio.clients import AwsClients
from awsio.retry import error_code, explained, is_transient
from fleet.errors import ConfigError, FleetError, ResourceMissing, TransientError
from processor.reference_tables.base import Stored, check_size

SCHEME: Final = "s3://"
_SAME: Final = {"304", "NotModified"}
_DENIED: Final = {"403", "AccessDenied", "AllAccessDisabled", "Forbidden"}


class ObjectPlace:
    """See TablePlace. `url` is s3://bucket/key."""

    def __init__(self, aws: AwsClients, url: str) -> None:
        self.where = url
        self._aws = aws
        self._bucket, _, self._key = url.removeprefix(SCHEME).partition("/")

    async def read(self, unless: str | None = None) -> Stored | None:
        """See TablePlace."""
        client = await self._aws.s3()
        condition = {} if unless is None else {"IfNoneMatch": unless}
        try:
            answer = await client.get_object(
                Bucket=self._bucket,
                Key=self._key,
                **condition,  # type: ignore[arg-type]
            )
            async with answer["Body"] as body:
                check_size(self.where, answer["ContentLength"])
                return Stored(await body.read(), answer["ETag"])
        except FleetError:
            raise
        except Exception as error:
            if error_code(error) in _SAME:
                return None
            cause = self._explained(error, client.meta.endpoint_url)
            if cause is error:
                raise
            raise cause from error

    def _explained(self, error: Exception, endpoint_url: str) -> BaseException:
        """The error as one of ours; a mistake in this program stays what it is."""
        code = error_code(error)
        if is_transient(error):
            return TransientError(f"{self.where}: {code or type(error).__name__}: {error}")
        if code == "NoSuchBucket":
            return ResourceMissing(
                f"{self.where}: there is no bucket {self._bucket} at {endpoint_url}",
                remedy="check the source in application.toml, --region and --endpoint-url",
            )
        if code in {"NoSuchKey", "404"}:
            return ResourceMissing(
                f"{self.where}: there is no such object at {endpoint_url}",
                remedy=f"put it there: aws s3 cp FILE {self.where}",
            )
        if code in _DENIED:
            return ConfigError(
                f"{self.where} may not be read: {error}",
                remedy=f"allow s3:GetObject on arn:aws:s3:::{self._bucket}/{self._key}; without "
                "s3:ListBucket on the bucket, S3 says the same of an object that is not there",
            )
        if (cause := explained(error, self.where)) is not error:
            return cause
        if isinstance(error, ClientError | BotoCoreError):
            return ConfigError(f"{self.where} cannot be read: {error}")
        return error
