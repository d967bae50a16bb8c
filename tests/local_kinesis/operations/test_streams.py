"""Making, finding and forgetting streams, through a real client."""

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from fleet.clock import ManualClock

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

START_MS = ManualClock().now_ms()


async def error_of(call: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        await call
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


async def created_ms(client: "KinesisClient", name: str) -> int:
    answer = await client.describe_stream_summary(StreamName=name)
    moment = answer["StreamDescriptionSummary"]["StreamCreationTimestamp"]
    return round(moment.timestamp() * 1000)


async def test_a_new_stream_is_described(client: "KinesisClient", clock: ManualClock) -> None:
    clock.advance(456)
    await client.create_stream(StreamName="a.b-C_1", ShardCount=2)
    answer = await client.describe_stream(StreamName="a.b-C_1")
    stream = answer["StreamDescription"]
    assert stream["StreamName"] == "a.b-C_1"
    assert stream["StreamARN"] == "arn:aws:kinesis:us-east-1:123456789012:stream/a.b-C_1"
    assert stream["StreamStatus"] == "ACTIVE"
    assert stream["StreamModeDetails"] == {"StreamMode": "PROVISIONED"}
    assert stream["RetentionPeriodHours"] == 24
    assert stream["HasMoreShards"] is False
    assert [shard["ShardId"] for shard in stream["Shards"]] == [
        "shardId-000000000000",
        "shardId-000000000001",
    ]
    assert await created_ms(client, "a.b-C_1") == START_MS + 456


async def test_on_demand_streams_have_four_shards(client: "KinesisClient") -> None:
    await client.create_stream(StreamName="s", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    answer = await client.describe_stream_summary(StreamName="s")
    summary = answer["StreamDescriptionSummary"]
    assert summary["OpenShardCount"] == 4
    assert summary["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}
    assert summary["MaxRecordSizeInKiB"] == 1024


async def test_deleting(client: "KinesisClient") -> None:
    await client.create_stream(StreamName="s", ShardCount=1)
    arn = "arn:aws:kinesis:us-east-1:123456789012:stream/s"
    await client.delete_stream(StreamARN=arn)
    for call in (
        client.delete_stream(StreamName="s"),
        client.describe_stream(StreamName="s"),
        client.describe_stream_summary(StreamName="s"),
        client.list_shards(StreamName="s"),
        client.put_record(StreamName="s", Data=b"", PartitionKey="key"),
        client.get_shard_iterator(
            StreamName="s", ShardId="shardId-000000000000", ShardIteratorType="LATEST"
        ),
    ):
        assert await error_of(call) == (
            "ResourceNotFoundException",
            "Stream s under account 123456789012 not found.",
        )


async def test_a_stream_made_anew_in_the_same_millisecond_is_another(
    client: "KinesisClient",
) -> None:
    found = []
    for _ in range(3):
        await client.create_stream(StreamName="s", ShardCount=1)
        [shard] = (await client.list_shards(StreamName="s"))["Shards"]
        start = shard["SequenceNumberRange"]["StartingSequenceNumber"]
        found.append((await created_ms(client, "s"), int(start)))
        await client.delete_stream(StreamName="s")
    times, numbers = zip(*found, strict=True)
    assert times == (START_MS, START_MS + 1, START_MS + 2)
    assert sorted(set(numbers)) == list(numbers)


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        (
            {"StreamName": "taken", "ShardCount": 1},
            "ResourceInUseException",
            "Stream taken under account 123456789012 already exists.",
        ),
        (
            {"StreamName": "s", "ShardCount": 100_000},
            "LimitExceededException",
            "Number of additional shards that would have resulted from this request: 100000.",
        ),
        (
            {"StreamName": "s"},
            "InvalidArgumentException",
            "ShardCount must be provided for a stream in PROVISIONED mode.",
        ),
        (
            {
                "StreamName": "s",
                "ShardCount": 1,
                "StreamModeDetails": {"StreamMode": "ON_DEMAND"},
            },
            "InvalidArgumentException",
            "ShardCount must not be provided for a stream in ON_DEMAND mode.",
        ),
        (
            {"StreamName": "s", "ShardCount": 1, "RecordDistributionStrategy": "AUTO"},
            "InvalidArgumentException",
            "RecordDistributionStrategy AUTO is not supported by the local endpoint.",
        ),
        (
            {"StreamName": "not a name", "ShardCount": 0},
            "ValidationException",
            "Value '0' at 'shardCount' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1",
        ),
    ],
)
async def test_streams_that_cannot_be_made(
    client: "KinesisClient", members: dict[str, Any], code: str, message: str
) -> None:
    await client.create_stream(StreamName="taken", ShardCount=1)
    found_code, found = await error_of(client.create_stream(**members))
    assert found_code == code
    assert found.endswith(message)
    assert (await client.list_streams())["StreamNames"] == ["taken"]


async def test_listing_goes_page_by_page(client: "KinesisClient", clock: ManualClock) -> None:
    names = [f"stream-{number:03d}" for number in range(120)]
    for name in reversed(names):
        await client.create_stream(StreamName=name, ShardCount=1)
    first = await client.list_streams()
    assert first["StreamNames"] == names[:100], "a page has a hundred"
    assert first["HasMoreStreams"] is True
    assert [one["StreamName"] for one in first["StreamSummaries"]] == names[:100]
    second = await client.list_streams(NextToken=first["NextToken"])
    assert (second["StreamNames"], second["HasMoreStreams"]) == (names[100:], False)
    assert "NextToken" not in second
    by_name = await client.list_streams(ExclusiveStartStreamName="stream-007x", Limit=3)
    assert by_name["StreamNames"] == names[8:11]
    paginator = client.get_paginator("list_streams")
    pages = [page["StreamNames"] async for page in paginator.paginate(Limit=50)]
    assert pages == [names[:50], names[50:100], names[100:]]
    clock.advance(300_001)
    code, _ = await error_of(client.list_streams(NextToken=first["NextToken"]))
    assert code == "ExpiredNextTokenException"


async def test_shards_are_described_a_hundred_at_a_time(client: "KinesisClient") -> None:
    await client.create_stream(StreamName="s", ShardCount=150)
    first = (await client.describe_stream(StreamName="s"))["StreamDescription"]
    assert (len(first["Shards"]), first["HasMoreShards"]) == (100, True)
    paginator = client.get_paginator("describe_stream")
    shards = [
        shard["ShardId"]
        async for page in paginator.paginate(StreamName="s")
        for shard in page["StreamDescription"]["Shards"]
    ]
    assert shards == [f"shardId-{number:012d}" for number in range(150)]


async def test_waiters_find_what_they_wait_for(client: "KinesisClient") -> None:
    await client.create_stream(StreamName="s", ShardCount=1)
    await client.get_waiter("stream_exists").wait(StreamName="s")
    await client.delete_stream(StreamName="s", EnforceConsumerDeletion=True)
    await client.get_waiter("stream_not_exists").wait(StreamName="s")
