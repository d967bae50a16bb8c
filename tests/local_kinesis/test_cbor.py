"""CBOR as the Java SDK sends and reads it; JSON is the other witness."""

import gzip
import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import botocore
import cbor2
import pytest

from fleet.clock import ManualClock
from local_kinesis import LocalEndpoint
from tests.local_kinesis.wire import RawConnection, kinesis_request, raw_connection

CBOR = "application/x-amz-cbor-1.1"
DATA = bytes(range(256))


async def ask(raw: RawConnection, operation: str, body: bytes) -> tuple[int, Any]:
    request = kinesis_request(operation, body).replace(b"application/x-amz-json-1.1", CBOR.encode())
    await raw.send(request)
    reply = await raw.reply()
    assert reply.headers["content-type"] == CBOR
    return reply.status, cbor2.loads(reply.body, semantic_decoders=UNTAGGED) if reply.body else None


UNTAGGED = {1: lambda value, immutable: ("time", value)}


async def create(raw: RawConnection) -> None:
    status, nothing = await ask(
        raw, "CreateStream", cbor2.dumps({"StreamName": "s", "ShardCount": 1})
    )
    assert (status, nothing) == (200, None)


async def iterator(raw: RawConnection, **place: Any) -> str:
    members = {"StreamName": "s", "ShardId": "0", "ShardIteratorType": "TRIM_HORIZON"} | place
    status, answer = await ask(raw, "GetShardIterator", cbor2.dumps(members))
    assert status == 200, answer
    text: str = answer["ShardIterator"]
    return text


async def test_records_go_in_and_out(endpoint: LocalEndpoint, clock: ManualClock) -> None:
    async with raw_connection(endpoint.port) as raw:
        await create(raw)
        entries = [{"Data": DATA, "PartitionKey": key} for key in ("a", 'quo"te', "\N{SNOWMAN}")]
        body = cbor2.dumps({"StreamName": "s", "Records": entries})
        status, put = await ask(raw, "PutRecords", body)
        assert (status, put["FailedRecordCount"]) == (200, 0)
        start = await iterator(raw)
        status, page = await ask(raw, "GetRecords", cbor2.dumps({"ShardIterator": start}))
        assert status == 200
        assert page["MillisBehindLatest"] == 0
        assert page["Records"] == [
            {
                "SequenceNumber": outcome["SequenceNumber"],
                "ApproximateArrivalTimestamp": ("time", clock.now_ms()),
                "Data": DATA,
                "PartitionKey": entry["PartitionKey"],
            }
            for outcome, entry in zip(put["Records"], entries, strict=True)
        ]


async def test_lengths_may_be_indefinite(endpoint: LocalEndpoint) -> None:
    """Written by hand from RFC 8949: a map, an array, a byte string in two pieces."""
    async with raw_connection(endpoint.port) as raw:
        await create(raw)
        body = (
            b"\xbf" + cbor2.dumps("StreamName") + cbor2.dumps("s") + cbor2.dumps("Records")
            + b"\x9f\xbf" + cbor2.dumps("PartitionKey") + cbor2.dumps("k") + cbor2.dumps("Data")
            + b"\x5f\x42ab\x41c\xff" + b"\xff\xff\xff"
        )  # fmt: skip
        assert (await ask(raw, "PutRecords", body))[0] == 200
        start = await iterator(raw)
        _, page = await ask(raw, "GetRecords", cbor2.dumps({"ShardIterator": start}))
        assert [record["Data"] for record in page["Records"]] == [b"abc"]


@pytest.mark.parametrize("tagged", [True, False])
async def test_times_are_milliseconds(
    endpoint: LocalEndpoint, clock: ManualClock, tagged: bool
) -> None:
    async with raw_connection(endpoint.port) as raw:
        await create(raw)
        for key in ("early", "late"):
            clock.advance(7)
            body = cbor2.dumps({"StreamName": "s", "Data": b"", "PartitionKey": key})
            assert (await ask(raw, "PutRecord", body))[0] == 200
        now = cbor2.CBORTag(1, clock.now_ms()) if tagged else clock.now_ms()
        start = await iterator(raw, ShardIteratorType="AT_TIMESTAMP", Timestamp=now)
        _, page = await ask(raw, "GetRecords", cbor2.dumps({"ShardIterator": start}))
        assert [record["PartitionKey"] for record in page["Records"]] == ["late"]
        body = cbor2.dumps(
            {"StreamName": "s", "ShardFilter": {"Type": "AT_TIMESTAMP", "Timestamp": now}}
        )
        _, listed = await ask(raw, "ListShards", body)
        assert [shard["ShardId"] for shard in listed["Shards"]] == ["shardId-000000000000"]
        _, described = await ask(raw, "DescribeStreamSummary", cbor2.dumps({"StreamName": "s"}))
        created = described["StreamDescriptionSummary"]["StreamCreationTimestamp"]
        assert created == ("time", clock.now_ms() - 14)


@pytest.mark.parametrize(
    ("operation", "members", "kind"),
    [
        ("DescribeStream", {"StreamName": "none"}, "ResourceNotFoundException"),
        ("DescribeStream", {"StreamName": "no such name"}, "ValidationException"),
        ("DescribeStream", {"StreamName": 5}, "SerializationException"),
        ("PutRecord", {"StreamName": "s", "Data": "text", "PartitionKey": "k"}, "Serialization"),
        ("PutRecord", {"StreamName": "s", "PartitionKey": "k"}, "ValidationException"),
        ("PutRecord", ["a list"], "SerializationException"),
        ("Nothing", {}, "UnknownOperationException"),
    ],
)
async def test_refusals_are_maps(
    endpoint: LocalEndpoint, operation: str, members: Any, kind: str
) -> None:
    async with raw_connection(endpoint.port) as raw:
        status, error = await ask(raw, operation, cbor2.dumps(members))
        assert status == 400
        assert error["__type"].startswith(kind)
        assert isinstance(error.get("message", error.get("Message")), str)


@pytest.mark.parametrize(
    "body",
    [
        *("", "ff", "bf", "a1616100ff", "5b7fffffffffffffff", "9b7fffffffffffffff", "81" * 100),
        "c249010000000000000000",
        "d81c81d81d00",
        "d82363666f6f",
        "f6",
        "f7",
        "a10102",
        "c11bffffffffffffffff",
    ],
)
async def test_what_is_no_request_is_refused(endpoint: LocalEndpoint, body: str) -> None:
    async with raw_connection(endpoint.port) as raw:
        status, error = await ask(raw, "PutRecord", bytes.fromhex(body))
        assert status == 400
        assert error["__type"] in ("SerializationException", "ValidationException")


def test_all_times_of_the_model_are_known() -> None:
    """The decoder knows by name which members are times."""
    [path] = Path(botocore.__file__).parent.glob("data/kinesis/2013-12-02/service-2.json*")
    if path.suffix == ".gz":
        model = json.loads(gzip.decompress(path.read_bytes()))
    else:
        model = json.loads(path.read_bytes())
    shapes = model["shapes"]
    times = set()

    def walk(shape: str, name: str) -> None:
        kind = shapes[shape]["type"]
        if kind == "timestamp":
            times.add(name)
        for member, inner in shapes[shape].get("members", {}).items():
            walk(inner["shape"], f"{name}.{member}" if name else member)

    for operation in model["operations"].values():
        walk(operation["input"]["shape"], "")
    assert times == {
        "Timestamp",
        "StreamCreationTimestamp",
        "ShardFilter.Timestamp",
        "StartingPosition.Timestamp",
    }


async def test_an_answer_in_cbor_says_what_one_in_json_says(endpoint: LocalEndpoint) -> None:
    """Over every length of data at which CBOR changes how it writes it, and with encryption."""
    async with raw_connection(endpoint.port) as raw:
        await create(raw)
        sizes = (0, 1, 23, 24, 255, 256, 65_535, 65_536)
        entries = [{"Data": b"x" * size, "PartitionKey": "k" * (size % 256 or 1)} for size in sizes]
        body = cbor2.dumps({"StreamName": "s", "Records": entries})
        assert (await ask(raw, "PutRecords", body))[0] == 200
        key = {"StreamName": "s", "EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}
        assert (await ask(raw, "StartStreamEncryption", cbor2.dumps(key)))[0] == 200
        assert (await ask(raw, "PutRecords", body))[0] == 200
        start = {"ShardIterator": await iterator(raw)}
        _, page = await ask(raw, "GetRecords", cbor2.dumps(start))
        await raw.send(kinesis_request("GetRecords", json.dumps(start).encode()))
        expected = (await raw.reply()).json
        for record in expected["Records"]:
            record["Data"] = b64decode(record["Data"])
            seconds = record["ApproximateArrivalTimestamp"]
            record["ApproximateArrivalTimestamp"] = ("time", round(seconds * 1000))
        assert page["Records"] == expected["Records"]
        assert [record.get("EncryptionType") for record in page["Records"]] == [
            *[None] * 8,
            *["KMS"] * 8,
        ]
