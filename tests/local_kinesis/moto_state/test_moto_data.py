"""What is not Kinesis, kept: a real moto that is killed, and one that is ended, comes back as it
was.
"""

import asyncio
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fleet.errors import ConfigError
from local_kinesis import LocalEndpoint
from local_kinesis.moto_server import MotoUnavailable
from tests.local_kinesis.conftest import aws_client
from tests.local_kinesis.wire import eventually

TABLE: Any = {
    "TableName": "rows",
    "KeySchema": [{"AttributeName": "Name", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "Name", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@asynccontextmanager
async def serving(path: Path) -> AsyncIterator[tuple[LocalEndpoint, Any, Any]]:
    """An endpoint that keeps everything, and clients of DynamoDB and S3."""
    async with (
        LocalEndpoint(data=path) as endpoint,
        aws_client("dynamodb", endpoint.url) as dynamodb,
        aws_client("s3", endpoint.url) as s3,
    ):
        yield endpoint, dynamodb, s3


async def everything(dynamodb: Any, s3: Any) -> Any:
    """All that clients can see, times and identifiers included."""
    tables = (await dynamodb.list_tables())["TableNames"]
    seen: list[Any] = []
    for name in tables:
        seen.append((await dynamodb.describe_table(TableName=name))["Table"])
        items = (await dynamodb.scan(TableName=name))["Items"]
        seen.append(sorted(items, key=lambda item: str(item["Name"])))
    for bucket in (await s3.list_buckets())["Buckets"]:
        name = bucket["Name"]
        seen.append(bucket)
        seen.append((await s3.list_multipart_uploads(Bucket=name)).get("Uploads"))
        for version in (await s3.list_object_versions(Bucket=name)).get("Versions", []):
            seen.append(version)
            answer = await s3.get_object(
                Bucket=name, Key=version["Key"], VersionId=version["VersionId"]
            )
            seen.append(await answer["Body"].read())
    return seen


async def fill(dynamodb: Any, s3: Any) -> None:
    """Tables, rows that were overwritten and deleted, versions, an upload under way."""
    await dynamodb.create_table(**TABLE)
    for number in range(20):
        item = {"Name": {"S": f"unicorn {number % 7}"}, "Distance": {"N": str(number)}}
        await dynamodb.put_item(TableName="rows", Item=item)
    await dynamodb.delete_item(TableName="rows", Key={"Name": {"S": "unicorn 3"}})
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        await dynamodb.put_item(
            TableName="rows",
            Item={"Name": {"S": "unicorn 1"}},
            ConditionExpression="attribute_not_exists(#n)",
            ExpressionAttributeNames={"#n": "Name"},
        )
    await s3.create_bucket(Bucket="archive")
    await s3.put_bucket_versioning(Bucket="archive", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"first", os.urandom(700_000)):
        await s3.put_object(Bucket="archive", Key="a key/with é", Body=body)
    await s3.create_multipart_upload(Bucket="archive", Key="under way")


async def test_a_moto_that_is_killed_or_ended_comes_back_as_it_was(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(tmp_path) as (endpoint, dynamodb, s3):
        await fill(dynamodb, s3)
        before = await everything(dynamodb, s3)
        first = endpoint.moto_process_id
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await eventually(lambda: endpoint.moto_process_id not in (None, first))
        assert await everything(dynamodb, s3) == before
        assert "started anew; its tables and buckets, and all else it held, come back" in (
            caplog.text
        )
        await dynamodb.put_item(TableName="rows", Item={"Name": {"S": "after"}})
        before = await everything(dynamodb, s3)
    async with serving(tmp_path) as (_, dynamodb, s3):
        assert await everything(dynamodb, s3) == before
        uploads = (await s3.list_multipart_uploads(Bucket="archive"))["Uploads"]
        upload = {"Bucket": "archive", "Key": "under way", "UploadId": uploads[0]["UploadId"]}
        part = await s3.upload_part(**upload, PartNumber=1, Body=b"whole")
        parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
        await s3.complete_multipart_upload(**upload, MultipartUpload=parts)


@pytest.mark.long
async def test_every_acknowledged_row_is_there_after_a_kill_in_the_middle(tmp_path: Path) -> None:
    acknowledged: list[str] = []

    async def produce(dynamodb: Any, producer: int) -> None:
        for number in range(1000):
            name = f"{producer}/{number}"
            try:
                await dynamodb.put_item(TableName="rows", Item={"Name": {"S": name}})
            except Exception:
                return
            acknowledged.append(name)

    async with serving(tmp_path) as (endpoint, dynamodb, _):
        await dynamodb.create_table(**TABLE)
        producers = [asyncio.create_task(produce(dynamodb, number)) for number in range(3)]
        await eventually(lambda: len(acknowledged) > 60)
        assert endpoint.moto_process_id is not None
        os.kill(endpoint.moto_process_id, signal.SIGKILL)
        for producer in producers:
            producer.cancel()
        await asyncio.gather(*producers, return_exceptions=True)
    async with serving(tmp_path) as (_, dynamodb, _):
        names = {item["Name"]["S"] for item in (await dynamodb.scan(TableName="rows"))["Items"]}
    assert names >= set(acknowledged)
    assert len(names) <= len(acknowledged) + 3


@pytest.mark.long
async def test_a_moto_that_keeps_things_dies_with_its_parent_too(tmp_path: Path) -> None:
    program = f"""
import asyncio
from pathlib import Path
from local_kinesis import LocalEndpoint
async def main():
    async with LocalEndpoint(data=Path({str(tmp_path)!r})) as endpoint:
        await endpoint.moto_ready()
        print(endpoint.moto_process_id, flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    moto = int(await parent.stdout.readline())
    parent.kill()
    await parent.wait()
    await eventually(lambda: gone(moto))


def gone(process_id: int) -> bool:
    """Whether the process is gone, or only waits to be asked how it ended."""
    command = ["ps", "-o", "stat=", "-p", str(process_id)]
    state = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return not state or state.startswith("Z")


@pytest.mark.long
async def test_a_snapshot_of_another_version_is_refused_in_words(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with serving(tmp_path):
        pass
    (tmp_path / "moto" / "snapshot.1").write_bytes(pickle.dumps("moto 4.0.0"))
    async with LocalEndpoint(data=tmp_path) as endpoint:
        with pytest.raises(MotoUnavailable, match="exit code 1"):
            await endpoint.moto_ready()
    assert "was written by moto 4.0.0, this is moto" in capfd.readouterr().err


async def test_a_second_endpoint_on_a_directory_is_refused(tmp_path: Path) -> None:
    async with LocalEndpoint(kinesis_only=True, data=tmp_path):
        with pytest.raises(ConfigError, match="in use by another endpoint"):
            async with LocalEndpoint(kinesis_only=True, data=tmp_path):
                pass
    async with LocalEndpoint(kinesis_only=True, data=tmp_path):
        pass
