"""An S3 bucket of setup's, closed to the public as S3 makes it."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from awsio.clients import AwsClients
from awsio.retry import OnWait, error_code, retry
from fleet.errors import ResourceMissing
from sinks.archive import create_bucket
from wildrydes.setup.resource import TAG, State

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client


class BucketResource:
    """The archive's bucket."""

    kind = "bucket"

    def __init__(self, aws: AwsClients, client: "S3Client", name: str, on_wait: OnWait) -> None:
        self._aws = aws
        self._client = client
        self._on_wait = on_wait
        self._what = f"bucket {name}"
        self.name = name

    async def state(self) -> State:
        try:
            answer = await retry(
                lambda: self._client.get_bucket_tagging(Bucket=self.name),
                self._what,
                on_wait=self._on_wait,
            )
        except ClientError as error:
            if error_code(error) == "NoSuchTagSet":
                return State.FOREIGN
            raise
        except ResourceMissing:
            return State.ABSENT
        tags = {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}
        return State.OURS if tags.get(TAG[0]) == TAG[1] else State.FOREIGN

    async def make(self) -> None:
        await create_bucket(self._aws, self.name, on_wait=self._on_wait)
        await retry(
            lambda: self._client.put_bucket_tagging(
                Bucket=self.name, Tagging={"TagSet": [{"Key": TAG[0], "Value": TAG[1]}]}
            ),
            self._what,
            on_wait=self._on_wait,
        )

    async def content(self) -> str:
        count, more = 0, False
        async for page in self._pages():
            count += len(page)
            more = count >= 10_000
            if more:
                break
        return f"{count:,}{' or more' if more else ''} objects" if count else "no objects"

    async def destroy(self) -> None:
        async for page in self._pages():
            await retry(
                lambda page=page: self._client.delete_objects(  # type: ignore[misc]
                    Bucket=self.name, Delete={"Objects": page, "Quiet": True}
                ),
                self._what,
                on_wait=self._on_wait,
            )
        await retry(
            lambda: self._client.delete_bucket(Bucket=self.name), self._what, on_wait=self._on_wait
        )

    async def _pages(self) -> Any:
        """Pages of 1,000 objects, each version of each: as DeleteObjects takes them."""
        request: dict[str, Any] = {"Bucket": self.name}
        while True:
            answer = await retry(
                lambda: self._client.list_object_versions(**request),
                self._what,
                on_wait=self._on_wait,
            )
            found = [*answer.get("Versions", ()), *answer.get("DeleteMarkers", ())]
            if found:
                yield [{"Key": o["Key"], "VersionId": o["VersionId"]} for o in found]
            if not answer["IsTruncated"]:
                return
            request["KeyMarker"] = answer["NextKeyMarker"]
            request["VersionIdMarker"] = answer["NextVersionIdMarker"]
