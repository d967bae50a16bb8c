"""Putting and reading, through a real client."""

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from fleet.clock import ManualClock

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

STREAM = "readings"
FIRST_SHARD = "shardId-000000000000"
START_MS = ManualClock().now_ms()
PUBLISHED = "49594189147623985939251953501666965394405037144469929986"
"""A sequence number that the service itself gave out, in 2019."""

large_bodies = pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
"""The client's HTTP library has an opinion on bodies over 1 MiB."""


async def create(client: "KinesisClient", shards: int = 1, **members: Any) -> None:
    await client.create_stream(StreamName=STREAM, ShardCount=shards, **members)


async def put(client: "KinesisClient", *data: bytes, key: str = "key") -> list[str]:
    """Puts records; their sequence numbers."""
    records = [{"Data": one, "PartitionKey": key} for one in data]
    answer = await client.put_records(StreamName=STREAM, Records=records)
    assert answer["FailedRecordCount"] == 0
    return [record["SequenceNumber"] for record in answer["Records"]]


async def iterator(
    client: "KinesisClient", kind: Any, shard: str = FIRST_SHARD, **more: Any
) -> str:
    answer = await client.get_shard_iterator(
        StreamName=STREAM, ShardId=shard, ShardIteratorType=kind, **more
    )
    return answer["ShardIterator"]


async def read(client: "KinesisClient", kind: Any, **more: Any) -> list[bytes]:
    """The data from an iterator of that kind on."""
    answer = await client.get_records(ShardIterator=await iterator(client, kind, **more))
    return [record["Data"] for record in answer["Records"]]


def at(time_ms: int) -> datetime:
    return datetime.fromtimestamp(time_ms / 1000, UTC)


async def error_of(call: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        await call
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


async def test_a_record_goes_where_its_md5_says(client: "KinesisClient") -> None:
    await create(client, shards=4)
    keys = [f"Unicorn-{number}" for number in range(200)] + [
        "é",
        "独角兽",
        "\N{UNICORN FACE}",
        "k" * 256,
    ]
    answer = await client.put_records(
        StreamName=STREAM,
        Records=[{"Data": key.encode(), "PartitionKey": key} for key in keys],
    )
    quarter = 2**128 // 4
    expected = [int(hashlib.md5(key.encode()).hexdigest(), 16) // quarter for key in keys]
    assert set(expected) == {0, 1, 2, 3}
    found = [record["ShardId"] for record in answer["Records"]]
    assert found == [f"shardId-{number:012d}" for number in expected]
    for shard in range(4):
        answer = await client.get_records(
            ShardIterator=await iterator(client, "TRIM_HORIZON", f"shardId-{shard:012d}")
        )
        mine = [key for key, number in zip(keys, expected, strict=True) if number == shard]
        assert [record["PartitionKey"] for record in answer["Records"]] == mine
        assert [record["Data"] for record in answer["Records"]] == [key.encode() for key in mine]


@pytest.mark.parametrize(
    ("hash_key", "shard"),
    [
        ("0", 0),
        ("113427455640312821154458202477256070484", 0),
        ("113427455640312821154458202477256070485", 1),
        ("226854911280625642308916404954512140969", 1),
        ("226854911280625642308916404954512140970", 2),
        ("340282366920938463463374607431768211455", 2),
    ],
)
async def test_an_explicit_hash_key_knows_the_ends_of_the_ranges(
    client: "KinesisClient", hash_key: str, shard: int
) -> None:
    await create(client, shards=3)
    answer = await client.put_record(
        StreamName=STREAM, Data=b"", PartitionKey="key", ExplicitHashKey=hash_key
    )
    assert answer["ShardId"] == f"shardId-{shard:012d}"


async def test_a_hash_key_beyond_the_last_is_refused(client: "KinesisClient") -> None:
    await create(client)
    code, message = await error_of(
        client.put_record(
            StreamName=STREAM, Data=b"", PartitionKey="key", ExplicitHashKey=str(2**128)
        )
    )
    assert code == "InvalidArgumentException"
    assert "must be in the range: [0, 2^128-1]" in message


async def test_the_five_iterators(client: "KinesisClient", clock: ManualClock) -> None:
    await create(client)
    numbers: list[str] = []
    for data in (b"a", b"b", b"c"):
        numbers += await put(client, data)
        clock.advance(1000)
    second = {"StartingSequenceNumber": numbers[1]}
    assert await read(client, "TRIM_HORIZON") == [b"a", b"b", b"c"]
    assert await read(client, "AT_SEQUENCE_NUMBER", **second) == [b"b", b"c"]
    assert await read(client, "AFTER_SEQUENCE_NUMBER", **second) == [b"c"]
    assert await read(client, "AT_TIMESTAMP", Timestamp=at(START_MS + 1000)) == [b"b", b"c"]
    latest = await iterator(client, "LATEST")
    assert (await client.get_records(ShardIterator=latest))["Records"] == []
    await put(client, b"d")
    answer = await client.get_records(ShardIterator=latest)
    assert [record["Data"] for record in answer["Records"]] == [b"d"]


async def test_the_shards_own_starting_number_is_before_its_first_record(
    client: "KinesisClient",
) -> None:
    await create(client)
    await put(client, b"a")
    shards = (await client.list_shards(StreamName=STREAM))["Shards"]
    start = shards[0]["SequenceNumberRange"]["StartingSequenceNumber"]
    for kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        assert await read(client, kind, StartingSequenceNumber=start) == [b"a"]


async def test_a_timestamp_is_exact_to_the_millisecond(
    client: "KinesisClient", clock: ManualClock
) -> None:
    await create(client)
    for data in (b"0", b"1", b"1 too", b"3"):
        await put(client, data)
        clock.advance({b"0": 1, b"1": 0, b"1 too": 2}.get(data, 10))
    expected = {-5: 4, 0: 4, 1: 3, 2: 1, 3: 1, 4: 0}
    for offset_ms, count in expected.items():
        found = await read(client, "AT_TIMESTAMP", Timestamp=at(START_MS + offset_ms))
        assert len(found) == count, offset_ms
    # A client's clock may know microseconds; the service's does not.
    late = datetime.fromtimestamp((START_MS + 1) / 1000 + 0.0009, UTC)
    assert len(await read(client, "AT_TIMESTAMP", Timestamp=late)) == 3


async def test_arrival_times_are_the_clocks_and_never_go_back(
    client: "KinesisClient", clock: ManualClock
) -> None:
    await create(client)
    for advance_ms in (123, 1, -5000, 0, 6000):
        clock.advance(advance_ms)
        await put(client, b"x")
    answer = await client.get_records(ShardIterator=await iterator(client, "TRIM_HORIZON"))
    arrivals = [record["ApproximateArrivalTimestamp"] for record in answer["Records"]]
    offsets = [round(arrival.timestamp() * 1000) - START_MS for arrival in arrivals]
    assert offsets == [123, 124, 124, 124, 1124]


async def test_sequence_numbers_are_the_services(
    client: "KinesisClient", clock: ManualClock
) -> None:
    await create(client)
    numbers: list[str] = []
    for _ in range(3):
        numbers += await put(client, b"a", b"b")
        clock.advance(2500)
    assert all(len(number) == 56 and number[0] != "0" for number in numbers)
    assert [int(number) for number in numbers] == sorted({int(number) for number in numbers})


async def test_pages_join_without_a_gap(client: "KinesisClient") -> None:
    await create(client)
    everything = [str(number).encode() for number in range(25)]
    await put(client, *everything)
    position = await iterator(client, "TRIM_HORIZON")
    found: list[bytes] = []
    sizes = []
    for _ in range(4):
        answer = await client.get_records(ShardIterator=position, Limit=10)
        sizes.append(len(answer["Records"]))
        found += [record["Data"] for record in answer["Records"]]
        position = answer["NextShardIterator"]
    assert sizes == [10, 10, 5, 0]
    assert found == everything


@large_bodies
async def test_an_answer_carries_at_most_ten_mebibytes(client: "KinesisClient") -> None:
    await create(client)
    blob = b"x" * (1024 * 1024 - 3)
    for _ in range(3):
        await put(client, *[blob] * 4)
    first = await client.get_records(ShardIterator=await iterator(client, "TRIM_HORIZON"))
    # A blob and its key are 1 MiB, and ten of them fit exactly.
    assert len(first["Records"]) == 10
    rest = await client.get_records(ShardIterator=first["NextShardIterator"])
    assert len(rest["Records"]) == 2


async def test_millis_behind_latest(client: "KinesisClient", clock: ManualClock) -> None:
    await create(client)
    for data in (b"a", b"b"):
        await put(client, data)
        clock.advance(700)
    position = await iterator(client, "TRIM_HORIZON")
    answer = await client.get_records(ShardIterator=position, Limit=1)
    # b is unread and came 700 ms ago.
    assert answer["MillisBehindLatest"] == 700
    answer = await client.get_records(ShardIterator=answer["NextShardIterator"])
    assert answer["MillisBehindLatest"] == 0
    await put(client, b"c", b"d")
    answer = await client.get_records(ShardIterator=answer["NextShardIterator"], Limit=1)
    # Zero would say that there is nothing more to read, and d has come in this very millisecond.
    assert answer["MillisBehindLatest"] == 1


async def test_an_iterator_expires_after_five_minutes(
    client: "KinesisClient", clock: ManualClock
) -> None:
    await create(client)
    position = await iterator(client, "LATEST")
    clock.advance(300_000)
    position = (await client.get_records(ShardIterator=position))["NextShardIterator"]
    clock.advance(300_001)
    code, message = await error_of(client.get_records(ShardIterator=position))
    assert code == "ExpiredIteratorException"
    assert message == (
        "Iterator expired. The iterator was created at time Thu Jan 01 00:05:00 UTC 2026 while "
        "right now it is Thu Jan 01 00:10:00 UTC 2026 which is further in the future than the "
        "tolerated delay of 300000 milliseconds."
    )


async def test_records_go_when_their_retention_ends(
    client: "KinesisClient", clock: ManualClock
) -> None:
    await create(client)
    [first] = await put(client, b"old")
    clock.advance(1000)
    await put(client, b"new")
    clock.advance(24 * 3_600_000 - 1000)
    assert await read(client, "TRIM_HORIZON") == [b"old", b"new"]
    clock.advance(1)
    assert await read(client, "TRIM_HORIZON") == [b"new"]
    # Who had read up to a record that is gone goes on at the oldest there is.
    assert await read(client, "AT_SEQUENCE_NUMBER", StartingSequenceNumber=first) == [b"new"]
    clock.advance(1000)
    assert await read(client, "TRIM_HORIZON") == []


async def test_a_stream_made_anew_refuses_the_old_ones_positions(client: "KinesisClient") -> None:
    await create(client)
    [old] = await put(client, b"old")
    old_place = await iterator(client, "LATEST")
    await client.delete_stream(StreamName=STREAM)
    code, message = await error_of(client.get_records(ShardIterator=old_place))
    assert code == "ResourceNotFoundException"
    assert message == (
        f"Shard {FIRST_SHARD} in stream {STREAM} under account 123456789012 does not exist"
    )
    await create(client)
    await put(client, b"new")
    code, message = await error_of(
        iterator(client, "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=old)
    )
    assert code == "InvalidArgumentException"
    assert message.endswith("is invalid because it did not come from this stream.")
    # An iterator is a place in time: everything in the new stream is later.
    answer = await client.get_records(ShardIterator=old_place)
    assert [record["Data"] for record in answer["Records"]] == [b"new"]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {"ShardIteratorType": "AT_SEQUENCE_NUMBER"},
            "Request specified AT_SEQUENCE_NUMBER and no StartingSequenceNumber.",
        ),
        (
            {"ShardIteratorType": "LATEST", "StartingSequenceNumber": "5"},
            "Request specified LATEST and also a StartingSequenceNumber.",
        ),
        (
            {"ShardIteratorType": "AT_TIMESTAMP"},
            "Current request has no timestamp parameter.",
        ),
        (
            {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": at(START_MS + 1000)},
            f"timestampInMillis: {START_MS + 1000}, currentTimestampInMillis: {START_MS}",
        ),
        (
            {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "StartingSequenceNumber": "0"},
            "is invalid.",
        ),
        (
            {
                "ShardIteratorType": "AT_SEQUENCE_NUMBER",
                "StartingSequenceNumber": PUBLISHED,
            },
            "is invalid because it did not come from this stream.",
        ),
    ],
)
async def test_iterators_that_make_no_sense(
    client: "KinesisClient", members: dict[str, Any], message: str
) -> None:
    await create(client)
    code, found = await error_of(
        client.get_shard_iterator(StreamName=STREAM, ShardId=FIRST_SHARD, **members)
    )
    assert code == "InvalidArgumentException"
    assert found.endswith(message)


async def test_a_sequence_number_belongs_to_its_shard(client: "KinesisClient") -> None:
    await create(client, shards=2)
    answer = await client.put_record(
        StreamName=STREAM, Data=b"", PartitionKey="key", ExplicitHashKey="0"
    )
    code, message = await error_of(
        iterator(
            client,
            "AT_SEQUENCE_NUMBER",
            "shardId-000000000001",
            StartingSequenceNumber=answer["SequenceNumber"],
        )
    )
    assert code == "InvalidArgumentException"
    assert message == (
        "Invalid StartingSequenceNumber. It encodes shardId-000000000000, while it was used in a "
        "call to a shard with shardId-000000000001"
    )


@pytest.mark.parametrize(
    ("shard", "message"),
    [
        ("shardId-000000000007", "Shard shardId-000000000007 in stream readings"),
        ("7", "Shard shardId-000000000007 in stream readings"),
        ("shardId-2147483648", "Could not find shard shardId-2147483648 in stream readings"),
        ("Bucephalus", "Could not find shard Bucephalus in stream readings"),
    ],
)
async def test_a_shard_that_is_not_there(client: "KinesisClient", shard: str, message: str) -> None:
    await create(client)
    code, found = await error_of(iterator(client, "LATEST", shard))
    assert code == "ResourceNotFoundException"
    assert found.startswith(message)


@pytest.mark.parametrize("token", ["nonsense", "AAAA", "é", "A" * 200])
async def test_an_iterator_that_is_none(client: "KinesisClient", token: str) -> None:
    assert await error_of(client.get_records(ShardIterator=token)) == (
        "InvalidArgumentException",
        "Invalid ShardIterator.",
    )


async def test_a_mangled_iterator_is_noticed(client: "KinesisClient") -> None:
    await create(client)
    token = await iterator(client, "LATEST")
    mangled = token[:20] + ("A" if token[20] != "A" else "B") + token[21:]
    code, _ = await error_of(client.get_records(ShardIterator=mangled))
    assert code == "InvalidArgumentException"


@large_bodies
async def test_sizes_are_the_services(client: "KinesisClient") -> None:
    await create(client)
    mebibyte = 1024 * 1024
    await put(client, b"x" * (mebibyte - 3))
    code, message = await error_of(put(client, b"", b"x" * (mebibyte - 2)))
    assert code == "ValidationException"
    assert "at 'records.2.member.data' failed to satisfy constraint" in message
    assert message.endswith("Member must have length less than or equal to 1048576")
    assert await read(client, "TRIM_HORIZON") == [b"x" * (mebibyte - 3)], "nothing of it was put"
    code, message = await error_of(put(client, *[b"x" * (mebibyte - 3)] * 11))
    assert (code, message) == ("InvalidArgumentException", "Records size exceeds 10 MB limit")


@large_bodies
async def test_a_stream_may_allow_larger_records(client: "KinesisClient") -> None:
    await create(client, MaxRecordSizeInKiB=10240)
    data = bytes(range(256)) * 4 * 9 * 1024
    await put(client, data)
    assert await read(client, "TRIM_HORIZON") == [data]


async def test_five_hundred_records_and_no_more(client: "KinesisClient") -> None:
    await create(client)
    assert len(await put(client, *[b"x"] * 500)) == 500
    code, message = await error_of(put(client, *[b"x"] * 501))
    assert code == "ValidationException"
    assert message.endswith(
        "at 'records' failed to satisfy constraint: "
        "Member must have length less than or equal to 500"
    )


async def test_streams_answer_to_their_arn(client: "KinesisClient") -> None:
    await create(client)
    arn = "arn:aws:kinesis:us-east-1:123456789012:stream/readings"
    await client.put_record(StreamARN=arn, Data=b"x", PartitionKey="key")
    position = await client.get_shard_iterator(
        StreamARN=arn, StreamName=STREAM, ShardId=FIRST_SHARD, ShardIteratorType="TRIM_HORIZON"
    )
    answer = await client.get_records(ShardIterator=position["ShardIterator"], StreamARN=arn)
    assert [record["Data"] for record in answer["Records"]] == [b"x"]
    other = arn.replace("readings", "others")
    for members, code in (
        ({"StreamARN": other}, "ResourceNotFoundException"),
        ({"StreamARN": arn.replace("us-east-1", "eu-west-1")}, "ResourceNotFoundException"),
        ({"StreamARN": other, "StreamName": STREAM}, "InvalidArgumentException"),
        ({}, "InvalidArgumentException"),
    ):
        call = client.put_record(Data=b"x", PartitionKey="key", **members)
        assert (await error_of(call))[0] == code


async def test_what_is_not_offered_is_not_done_silently(client: "KinesisClient") -> None:
    await create(client)
    code, message = await error_of(
        client.put_record(StreamName=STREAM, Data=b"x", PartitionKey="key", DryRun=True)
    )
    assert (code, message) == (
        "InvalidArgumentException",
        "DryRun is not supported by the local endpoint.",
    )
    assert await read(client, "TRIM_HORIZON") == []


async def test_many_writers_and_a_reader_at_once(client: "KinesisClient") -> None:
    """Per partition key, in the order of the answers, whatever the others do."""
    await create(client, shards=2)

    async def write(key: str) -> None:
        for number in range(20):
            await put(client, f"{key}:{number}".encode(), key=key)

    found: dict[str, list[int]] = {}
    places = {
        shard: await iterator(client, "TRIM_HORIZON", f"shardId-{shard:012d}") for shard in (0, 1)
    }

    async def sweep() -> int:
        count = 0
        for shard in places:
            answer = await client.get_records(ShardIterator=places[shard], Limit=7)
            places[shard] = answer["NextShardIterator"]
            for record in answer["Records"]:
                key, _, number = record["Data"].decode().partition(":")
                found.setdefault(key, []).append(int(number))
                count += 1
        return count

    async with asyncio.TaskGroup() as group:
        writers = [group.create_task(write(key)) for key in ("a", "b", "c", "d")]
        while not all(writer.done() for writer in writers):
            await sweep()
    while await sweep():
        pass
    assert found == {key: list(range(20)) for key in ("a", "b", "c", "d")}
