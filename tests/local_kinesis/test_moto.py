"""What is not Kinesis, through the same URL, with a real moto behind it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from local_kinesis import LocalEndpoint
from local_kinesis.moto_server import MotoState
from tests.local_kinesis.conftest import aws_client
from tests.local_kinesis.http2_client import http2_client
from tests.local_kinesis.wire import Reply, eventually, kinesis_request, raw_connection

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_s3 import S3Client

pytestmark = pytest.mark.asyncio(loop_scope="module")

TABLE: Any = {
    "TableName": "rows",
    "KeySchema": [{"AttributeName": "Name", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "Name", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
AUTHORIZATION = (
    "Authorization: AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=0"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def states() -> list[MotoState]:
    return []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(states: list[MotoState]) -> AsyncIterator[LocalEndpoint]:
    async with LocalEndpoint(on_moto=states.append) as endpoint:
        yield endpoint


@pytest_asyncio.fixture(loop_scope="module")
async def dynamodb(both: LocalEndpoint) -> AsyncIterator["DynamoDBClient"]:
    async with aws_client("dynamodb", both.url) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def s3(both: LocalEndpoint) -> AsyncIterator["S3Client"]:
    async with aws_client("s3", both.url) as client:
        yield client


async def test_kinesis_does_not_wait_for_moto(both: LocalEndpoint, states: list[MotoState]) -> None:
    async with raw_connection(both.port) as raw:
        await raw.send(kinesis_request("ListStreams"))
        assert (await raw.reply()).status == 200
        await raw.send(b"GET /_local/health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await raw.reply()).json["moto"] in ("starting", "ready")
    assert states[0] == "starting"


async def test_a_row_lands_in_dynamodb(dynamodb: "DynamoDBClient") -> None:
    """The first request comes while moto starts, and waits."""
    await dynamodb.create_table(**TABLE)
    item = {"Name": {"S": "Bucephalus"}, "Distance": {"N": "1800"}}
    await dynamodb.put_item(TableName="rows", Item=item)
    answer = await dynamodb.get_item(TableName="rows", Key={"Name": {"S": "Bucephalus"}})
    assert answer["Item"] == item


async def test_one_account_behind_one_url(both: LocalEndpoint) -> None:
    async with aws_client("kinesis", both.url) as kinesis, aws_client("sts", both.url) as sts:
        await kinesis.create_stream(StreamName="s", ShardCount=1)
        answer = await kinesis.describe_stream_summary(StreamName="s")
        account = (await sts.get_caller_identity())["Account"]
        assert f":{account}:" in answer["StreamDescriptionSummary"]["StreamARN"]


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
async def test_an_object_lands_in_s3_and_comes_back(s3: "S3Client") -> None:
    await s3.create_bucket(Bucket="archive")
    for key, data in (
        ("a/small", b"x"),
        ("a/empty", b""),
        ("a/with space & é/large", os.urandom(5_000_000)),
    ):
        await s3.put_object(Bucket="archive", Key=key, Body=data)
        answer = await s3.get_object(Bucket="archive", Key=key)
        assert await answer["Body"].read() == data
        head = await s3.head_object(Bucket="archive", Key=key)
        assert head["ContentLength"] == len(data)
    part = await s3.get_object(Bucket="archive", Key="a/small", Range="bytes=0-0")
    assert await part["Body"].read() == b"x"
    listed = await s3.list_objects_v2(Bucket="archive", Prefix="a/")
    assert listed["KeyCount"] == 3
    await s3.delete_object(Bucket="archive", Key="a/small")


async def test_a_connection_serves_kinesis_and_moto_in_turn(both: LocalEndpoint) -> None:
    """In one packet: a body that comes in chunks, one that has to be asked for, and none."""
    async with raw_connection(both.port) as raw:
        upload = f"PUT /pipe HTTP/1.1\r\nHost: x\r\n{AUTHORIZATION}\r\nContent-Length: 0\r\n\r\n"
        chunked = (
            f"PUT /pipe/key HTTP/1.1\r\nHost: x\r\n{AUTHORIZATION}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"
        )
        fetch = f"GET /pipe/key HTTP/1.1\r\nHost: x\r\n{AUTHORIZATION}\r\n\r\n"
        look = fetch.replace("GET", "HEAD")
        ask = (
            f"PUT /pipe/asked HTTP/1.1\r\nHost: x\r\n{AUTHORIZATION}\r\n"
            "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        )
        kinesis = kinesis_request("ListStreams").decode()
        await raw.send((upload + kinesis + chunked + fetch + look + kinesis + ask).encode())
        assert (await raw.reply()).status == 200
        assert b"StreamNames" in (await raw.reply()).body
        assert (await raw.reply()).status == 200
        assert (await raw.reply()).body == b"hello!"
        head = await raw.reader.readuntil(b"\r\n\r\n")
        assert b"Content-Length: 6" in head
        assert b"StreamNames" in (await raw.reply()).body
        assert (await raw.reply()).status == 100
        await raw.send(b"asked")
        assert (await raw.reply()).status == 200


async def test_a_client_that_gives_up_an_upload_leaves_no_object(
    both: LocalEndpoint, s3: "S3Client"
) -> None:
    await s3.create_bucket(Bucket="half")
    async with raw_connection(both.port) as raw:
        head = f"PUT /half/key HTTP/1.1\r\nHost: x\r\n{AUTHORIZATION}\r\nContent-Length: 900000\r\n"
        await raw.send(head.encode() + b"\r\n" + b"x" * 300_000)
        await asyncio.sleep(0.05)
    assert (await s3.list_objects_v2(Bucket="half"))["KeyCount"] == 0


async def test_moto_is_started_anew_when_it_dies(
    both: LocalEndpoint,
    dynamodb: "DynamoDBClient",
    states: list[MotoState],
    caplog: pytest.LogCaptureFixture,
) -> None:
    first = both.moto_process_id
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await eventually(lambda: states[-1] != "ready")
    # It waits, and finds an empty moto.
    assert (await dynamodb.list_tables())["TableNames"] == []
    assert both.moto_process_id not in (None, first)
    assert states == ["starting", "ready", "starting", "ready"]
    assert "moto ended with exit code -9 and is started anew" in caplog.text


async def test_what_waits_for_a_moto_that_does_not_start_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "broken.py"
    program.write_text("raise SystemExit(3)")
    monkeypatch.setattr("local_kinesis.moto_server._PROGRAM", program)
    async with LocalEndpoint() as endpoint, raw_connection(endpoint.port) as raw:
        await raw.send(b"GET /bucket/key HTTP/1.1\r\nHost: x\r\n\r\n")
        reply = await raw.reply()
        assert reply.status == 503
        assert b"<Code>ServiceUnavailable</Code>" in reply.body
        assert b"did not start: exit code 3" in reply.body
        assert await raw.ended()


def gone(process_id: int) -> bool:
    """Whether there is no such process, or only its entry that nobody has asked for yet."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return True
    command = ["ps", "-o", "stat=", "-p", str(process_id)]
    state = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return state.startswith("Z") or not state


async def test_moto_dies_with_its_parent_even_when_that_is_killed() -> None:
    program = """
import asyncio
from local_kinesis import LocalEndpoint
async def main():
    async with LocalEndpoint() as endpoint:
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
    assert not gone(moto)
    parent.kill()
    await parent.wait()
    await eventually(lambda: gone(moto))


async def test_http_2_reaches_moto_too(both: LocalEndpoint, dynamodb: "DynamoDBClient") -> None:
    async with http2_client(both.port) as client:

        async def ask(method: str, path: str, body: bytes, *headers: tuple[str, str]) -> Reply:
            pseudo = [(":method", method), (":scheme", "http"), (":path", path)]
            authority = (":authority", f"127.0.0.1:{both.port}")
            signed = ("authorization", AUTHORIZATION.partition(": ")[2])
            stream_id = client.begin([*pseudo, authority, signed, *headers])
            await client.send_body(stream_id, body)
            return await client.reply(stream_id)

        body = b"0123456789" * 100_000
        assert (await ask("PUT", "/over-http-2", b"")).status == 200
        # Once with its length said before, once not.
        length = ("content-length", str(len(body)))
        assert (await ask("PUT", "/over-http-2/sized", body, length)).status == 200
        assert (await ask("PUT", "/over-http-2/unsized", body)).status == 200
        for name in ("sized", "unsized"):
            reply = await ask("GET", f"/over-http-2/{name}", b"")
            assert (reply.status, reply.body) == (200, body)
        assert (await ask("HEAD", "/over-http-2/sized", b"")).status == 200
        assert (await ask("GET", "/over-http-2/nothing", b"")).status == 404
