"""What goes in comes out: order, routing, places, refusals."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from tests.local_kinesis.conformance.conftest import Account

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHARD = "shardId-000000000000"


async def test_records_come_back_as_they_were_put(account: Account) -> None:
    name = await account.create(ShardCount=1)
    texts = [b"", b"\x00\xff", "独角兽".encode(), b"x" * 100_000]
    answer = await account.client.put_records(
        StreamName=name,
        Records=[{"Data": text, "PartitionKey": f"k{place}"} for place, text in enumerate(texts)],
    )
    assert answer["FailedRecordCount"] == 0
    records, last = await account.read(await account.place(name, SHARD, "TRIM_HORIZON"), 4)
    assert [record["Data"] for record in records] == texts
    assert [record["PartitionKey"] for record in records] == ["k0", "k1", "k2", "k3"]
    numbers = [record["SequenceNumber"] for record in records]
    assert numbers == [entry["SequenceNumber"] for entry in answer["Records"]]
    assert numbers == sorted(numbers, key=int)
    assert len(set(numbers)) == 4
    assert all(len(number) == 56 for number in numbers)
    assert last["MillisBehindLatest"] == 0
    assert last["NextShardIterator"]


async def test_a_partition_key_goes_where_its_md5_says(account: Account) -> None:
    name = await account.create(ShardCount=3)
    starts = [int(shard["HashKeyRange"]["StartingHashKey"]) for shard in await account.shards(name)]
    for key in ("Shadowfax", "é", "独角兽", "a" * 256):
        answer = await account.client.put_record(StreamName=name, PartitionKey=key, Data=b"x")
        hashed = int(hashlib.md5(key.encode()).hexdigest(), 16)
        index = sum(start <= hashed for start in starts) - 1
        assert answer["ShardId"] == f"shardId-{index:012d}", key


async def test_an_explicit_hash_key_meets_the_ends_of_ranges_exactly(account: Account) -> None:
    name = await account.create(ShardCount=2)
    middle = 2**127
    for hash_key, index in ((0, 0), (middle - 1, 0), (middle, 1), (2**128 - 1, 1)):
        answer = await account.client.put_record(
            StreamName=name, PartitionKey="p", ExplicitHashKey=str(hash_key), Data=b"x"
        )
        assert answer["ShardId"] == f"shardId-{index:012d}", hash_key


async def test_places(account: Account) -> None:
    name = await account.create(ShardCount=1)
    latest = await account.place(name, SHARD, "LATEST")
    # A reader that begins at LATEST has to begin: the service resolves it at the first read.
    _, answer = await account.read(latest, 0)
    latest = answer["NextShardIterator"]
    numbers = [
        (await account.client.put_record(StreamName=name, PartitionKey="p", Data=b"%d" % place))[
            "SequenceNumber"
        ]
        for place in range(3)
    ]
    for kind, place, expected in (
        ("AT_SEQUENCE_NUMBER", 1, [b"1", b"2"]),
        ("AFTER_SEQUENCE_NUMBER", 1, [b"2"]),
        ("TRIM_HORIZON", None, [b"0", b"1", b"2"]),
    ):
        members = {} if place is None else {"StartingSequenceNumber": numbers[place]}
        place_there = await account.place(name, SHARD, kind, **members)
        records, _ = await account.read(place_there, len(expected))
        assert [record["Data"] for record in records] == expected, kind
    records, _ = await account.read(latest, 3)
    assert [record["Data"] for record in records] == [b"0", b"1", b"2"]
    first = records[0]["ApproximateArrivalTimestamp"]
    since = await account.place(name, SHARD, "AT_TIMESTAMP", Timestamp=first - timedelta(seconds=1))
    found, _ = await account.read(since, 3)
    assert [record["Data"] for record in found] == [b"0", b"1", b"2"]


async def test_a_limit_is_kept(account: Account) -> None:
    name = await account.create(ShardCount=1)
    await account.client.put_records(
        StreamName=name, Records=[{"Data": b"x", "PartitionKey": "p"}] * 5
    )
    place = await account.place(name, SHARD, "TRIM_HORIZON")
    read = 0
    while read < 5:
        answer = await account.client.get_records(ShardIterator=place, Limit=2)
        assert len(answer["Records"]) <= 2
        read += len(answer["Records"])
        place = answer["NextShardIterator"]
    assert read == 5


@pytest.mark.parametrize(
    ("operation", "members", "code"),
    [
        ("put_record", {"PartitionKey": "", "Data": b""}, "ValidationException"),
        ("put_record", {"PartitionKey": "a" * 257, "Data": b""}, "ValidationException"),
        (
            "put_record",
            {"PartitionKey": "a", "Data": b"", "ExplicitHashKey": str(2**128)},
            "InvalidArgumentException",
        ),
        (
            "put_record",
            {"PartitionKey": "a", "Data": b"", "ExplicitHashKey": "01"},
            "ValidationException",
        ),
        ("put_records", {"Records": []}, "ValidationException"),
        (
            "put_records",
            {"Records": [{"PartitionKey": "a", "Data": b""}] * 501},
            "ValidationException",
        ),
        (
            "get_shard_iterator",
            {"ShardId": "shardId-000000000007", "ShardIteratorType": "LATEST"},
            "ResourceNotFoundException",
        ),
        (
            "get_shard_iterator",
            {"ShardId": SHARD, "ShardIteratorType": "AT_SEQUENCE_NUMBER"},
            "InvalidArgumentException",
        ),
        (
            "get_shard_iterator",
            {"ShardId": SHARD, "ShardIteratorType": "EARLIEST"},
            "ValidationException",
        ),
    ],
)
async def test_refusals(
    account: Account, operation: str, members: dict[str, Any], code: str
) -> None:
    name = await account.create(ShardCount=1)
    call = getattr(account.client, operation)(StreamName=name, **members)
    assert await account.refusal(call) == code


async def test_what_does_not_exist_is_not_found(account: Account) -> None:
    client = account.client
    for call in (
        client.put_record(StreamName="conformance-none", PartitionKey="p", Data=b""),
        client.describe_stream_summary(StreamName="conformance-none"),
        client.list_shards(StreamName="conformance-none"),
        client.delete_stream(StreamName="conformance-none"),
    ):
        assert await account.refusal(call) == "ResourceNotFoundException"


async def test_what_is_no_iterator_is_refused(account: Account) -> None:
    await account.create(ShardCount=1)
    call = account.client.get_records(ShardIterator="nonsense")
    assert await account.refusal(call) == "InvalidArgumentException"
