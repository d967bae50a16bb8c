"""The lab's bucket: made, filled, opened, closed."""

import json
from typing import TYPE_CHECKING

from awsio.clients import AwsClients
from awsio.retry import error_code, retry
from fleet.errors import ConfigError
from sinks.archive import create_bucket
from sinks.bucket_policy import public_read_policy

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client
    from types_aiobotocore_s3.type_defs import TagTypeDef

MARK: "TagTypeDef" = {"Key": "made-by", "Value": "wildrydes-lab-s3"}


class Bucket:
    """`name` at the endpoint of `aws`; only a bucket that the lab itself made is touched."""

    def __init__(self, aws: AwsClients, client: "S3Client", name: str) -> None:
        self._aws = aws
        self._client = client
        self.name = name

    async def make(self) -> None:
        """Made, or taken from an earlier run of the lab; closed, with versions. Raises ConfigError
        when it is somebody else's.
        """
        if not await self._is_there():
            await create_bucket(self._aws, self.name)
            await self._client.put_bucket_tagging(Bucket=self.name, Tagging={"TagSet": [MARK]})
        await self.close()
        await self._client.put_bucket_versioning(
            Bucket=self.name, VersioningConfiguration={"Status": "Enabled"}
        )

    async def put(self, key: str, body: bytes, media_type: str) -> str:
        """Returns the version's id."""
        answer = await retry(
            lambda: self._client.put_object(
                Bucket=self.name, Key=key, Body=body, ContentType=media_type
            ),
            f"s3://{self.name}/{key}",
        )
        return answer["VersionId"]

    async def delete(self, key: str, version: str | None = None) -> str:
        """Without `version` the object is hidden by a delete marker, whose id is returned."""
        if version is not None:
            await self._client.delete_object(Bucket=self.name, Key=key, VersionId=version)
            return version
        return (await self._client.delete_object(Bucket=self.name, Key=key))["VersionId"]

    async def versions(self, key: str) -> list[str]:
        """Ids of the object's versions, newest first."""
        answer = await self._client.list_object_versions(Bucket=self.name, Prefix=key)
        return [version["VersionId"] for version in answer.get("Versions", ())]

    async def open(self, *, versions: bool) -> None:
        """Everybody may read the objects, with `versions` their older versions too."""
        # A new bucket of S3's refuses public policies (user guide, "Blocking public access").
        await self._client.delete_public_access_block(Bucket=self.name)
        policy = public_read_policy(self.name, versions=versions)
        await self._client.put_bucket_policy(Bucket=self.name, Policy=json.dumps(policy))

    async def close(self) -> None:
        """Only the owner may read."""
        await self._client.delete_bucket_policy(Bucket=self.name)
        await self._client.put_public_access_block(
            Bucket=self.name,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )

    async def _is_there(self) -> bool:
        from botocore.exceptions import ClientError

        try:
            await self._client.head_bucket(Bucket=self.name)
        except ClientError as error:
            if error_code(error) in ("404", "NoSuchBucket"):
                return False
            raise
        try:
            tags = (await self._client.get_bucket_tagging(Bucket=self.name))["TagSet"]
        except ClientError as error:
            if error_code(error) != "NoSuchTagSet":
                raise
            tags = []
        if MARK not in tags:
            raise ConfigError(
                f"bucket {self.name} is there already, and this lab did not make it",
                remedy="give another name with --bucket",
            )
        return True
