"""Splits and merges as time passes: states, the filters of ListShards, and shards that expire.

What does not need a clock is in the conformance suite.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from fleet.clock import ManualClock
from local_kinesis import LocalEndpoint
from tests.local_kinesis.conftest import aws_client

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

HOUR_MS = 3_600_000
MIDDLE = str(2**127)


@pytest.fixture
async def slow(clock: ManualClock) -> AsyncIterator["KinesisClient"]:
    """Of an endpoint whose streams take a second for everything."""
    async with (
        LocalEndpoint(kinesis_only=True, clock=clock, transition_ms=1000) as endpoint,
        aws_client("kinesis", endpoint.url) as client,
    ):
        yield client


async def error_of(call: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        await call
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


async def status(client: "KinesisClient", name: str = "s") -> tuple[str, int]:
    answer = await client.describe_stream_summary(StreamName=name)
    summary = answer["StreamDescriptionSummary"]
    return summary["StreamStatus"], summary["OpenShardCount"]


async def listed(client: "KinesisClient", **members: Any) -> list[int]:
    answer = await client.list_shards(StreamName="s", **members)
    return [int(shard["ShardId"].rpartition("-")[2]) for shard in answer["Shards"]]


async def split(client: "KinesisClient", shard: int, at: str = MIDDLE) -> None:
    await client.split_shard(
        StreamName="s", ShardToSplit=f"shardId-{shard:012d}", NewStartingHashKey=at
    )


def at(time_ms: int) -> datetime:
    return datetime.fromtimestamp(time_ms / 1000, UTC)


async def test_a_stream_goes_through_its_states(slow: "KinesisClient", clock: ManualClock) -> None:
    await slow.create_stream(StreamName="s", ShardCount=1)
    assert await status(slow) == ("CREATING", 0)
    answer = await slow.describe_stream(StreamName="s")
    assert answer["StreamDescription"]["Shards"] == []
    put = {"StreamName": "s", "PartitionKey": "p", "Data": b"x"}
    assert (await error_of(slow.put_record(**put)))[0] == "ResourceNotFoundException"  # type: ignore[arg-type]
    assert await error_of(split(slow, 0)) == (
        "ResourceInUseException",
        "Stream s under account 123456789012 not ACTIVE, instead in state CREATING",
    )
    clock.advance(999)
    assert (await status(slow))[0] == "CREATING"
    clock.advance(1)
    assert await status(slow) == ("ACTIVE", 1)
    await split(slow, 0)
    assert await status(slow) == ("UPDATING", 1)
    # The parent serves until the stream is ACTIVE again.
    assert (await slow.put_record(**put))["ShardId"] == "shardId-000000000000"  # type: ignore[arg-type]
    assert (await error_of(split(slow, 0)))[0] == "ResourceInUseException"
    clock.advance(1000)
    assert await status(slow) == ("ACTIVE", 2)
    assert (await slow.put_record(**put))["ShardId"] != "shardId-000000000000"  # type: ignore[arg-type]
    await slow.delete_stream(StreamName="s")
    assert (await status(slow))[0] == "DELETING"
    assert (await slow.list_streams())["StreamNames"] == ["s"]
    again = slow.create_stream(StreamName="s", ShardCount=1)
    assert (await error_of(again))[0] == "ResourceInUseException"
    clock.advance(1000)
    assert (await slow.list_streams())["StreamNames"] == []
    assert (await error_of(status(slow)))[0] == "ResourceNotFoundException"


async def test_a_reshard_takes_effect_when_it_is_due_whoever_looks_later(
    slow: "KinesisClient", clock: ManualClock
) -> None:
    await slow.create_stream(StreamName="s", ShardCount=1)
    clock.advance(1000)
    await split(slow, 0)
    due_ms = clock.now_ms() + 1000
    clock.advance(60_000)
    at_due = {"Type": "AT_TIMESTAMP", "Timestamp": at(due_ms - 1)}
    assert await listed(slow, ShardFilter=at_due) == [0]
    at_due["Timestamp"] = at(due_ms + 1)
    assert await listed(slow, ShardFilter=at_due) == [1, 2]


async def test_filters_on_time(client: "KinesisClient", clock: ManualClock) -> None:
    created_ms = clock.now_ms()
    await client.create_stream(StreamName="s", ShardCount=1)
    clock.advance(HOUR_MS)
    await split(client, 0)
    split_ms = clock.now_ms()
    clock.advance(HOUR_MS)
    await client.merge_shards(
        StreamName="s",
        ShardToMerge="shardId-000000000001",
        AdjacentShardToMerge="shardId-000000000002",
    )
    clock.advance(HOUR_MS)
    for time_ms, open_then, since in (
        (0, [0], [0, 1, 2, 3]),
        (created_ms, [0], [0, 1, 2, 3]),
        (split_ms - 1, [0], [0, 1, 2, 3]),
        # Both ends of a shard's time belong to it: "less than or equal", "greater than or equal".
        (split_ms, [0, 1, 2], [0, 1, 2, 3]),
        (split_ms + 1, [1, 2], [1, 2, 3]),
        (clock.now_ms(), [3], [3]),
    ):
        wanted = {"Timestamp": at(time_ms)}
        assert await listed(client, ShardFilter={"Type": "AT_TIMESTAMP", **wanted}) == open_then
        assert await listed(client, ShardFilter={"Type": "FROM_TIMESTAMP", **wanted}) == since


async def test_pages_keep_their_filter(client: "KinesisClient", clock: ManualClock) -> None:
    await client.create_stream(StreamName="s", ShardCount=2)
    await split(client, 0, "1000")
    wanted = {"Type": "AT_LATEST"}
    first = await client.list_shards(StreamName="s", MaxResults=1, ShardFilter=wanted)  # type: ignore[arg-type]
    second = await client.list_shards(NextToken=first["NextToken"], MaxResults=1)
    third = await client.list_shards(NextToken=second["NextToken"])
    pages = [shard["ShardId"][-1] for page in (first, second, third) for shard in page["Shards"]]
    assert pages == ["1", "2", "3"]
    assert "NextToken" not in third


async def test_a_closed_shard_expires_with_its_records(
    client: "KinesisClient", clock: ManualClock
) -> None:
    await client.create_stream(StreamName="s", ShardCount=1)
    await client.put_record(StreamName="s", PartitionKey="p", Data=b"old")
    clock.advance(HOUR_MS)
    await split(client, 0)
    place = await client.get_shard_iterator(
        StreamName="s", ShardId="0", ShardIteratorType="TRIM_HORIZON"
    )
    horizon = {"Type": "AT_TRIM_HORIZON"}
    clock.advance(24 * HOUR_MS - 1)
    assert await listed(client, ShardFilter=horizon) == [0]
    place = await client.get_shard_iterator(
        StreamName="s", ShardId="0", ShardIteratorType="TRIM_HORIZON"
    )
    answer = await client.get_records(ShardIterator=place["ShardIterator"])
    assert answer["Records"] == [], "they are older than the shard's end"
    assert [child["ShardId"][-1] for child in answer["ChildShards"]] == ["1", "2"]
    clock.advance(2)
    assert await listed(client) == [1, 2]
    assert await listed(client, ShardFilter=horizon) == [1, 2]
    call = client.get_records(ShardIterator=place["ShardIterator"])
    assert (await error_of(call))[0] == "ResourceNotFoundException"
    # Its index is not used again, and its children still name it.
    shards = (await client.list_shards(StreamName="s"))["Shards"]
    assert shards[0]["ParentShardId"] == "shardId-000000000000"
    await split(client, 1, "1000")
    assert await listed(client) == [1, 2, 3, 4]


async def test_children_never_go_back_in_time(client: "KinesisClient", clock: ManualClock) -> None:
    await client.create_stream(StreamName="s", ShardCount=1)
    clock.advance(5000)
    parent = await client.put_record(StreamName="s", PartitionKey="p", Data=b"parent")
    clock.advance(-4000)
    await split(client, 0)
    child = await client.put_record(StreamName="s", PartitionKey="p", Data=b"child")
    assert int(child["SequenceNumber"]) > int(parent["SequenceNumber"])
    place = await client.get_shard_iterator(
        StreamName="s", ShardId=child["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )
    (record,) = (await client.get_records(ShardIterator=place["ShardIterator"]))["Records"]
    assert record["ApproximateArrivalTimestamp"] == at(clock.now_ms() + 4000)


async def test_a_closed_shards_ending_number_is_a_place(client: "KinesisClient") -> None:
    await client.create_stream(StreamName="s", ShardCount=1)
    await client.put_record(StreamName="s", PartitionKey="p", Data=b"x")
    await split(client, 0)
    parent = (await client.list_shards(StreamName="s"))["Shards"][0]
    ending = parent["SequenceNumberRange"]["EndingSequenceNumber"]
    for kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        place = await client.get_shard_iterator(
            StreamName="s",
            ShardId="0",
            ShardIteratorType=kind,  # type: ignore[arg-type]
            StartingSequenceNumber=ending,
        )
        answer = await client.get_records(ShardIterator=place["ShardIterator"])
        assert answer["Records"] == []
        assert "NextShardIterator" not in answer


@pytest.mark.parametrize("hash_key", ["0", "1", "113427455640312821154458202477256070484"])
async def test_a_split_leaves_both_children_something(
    client: "KinesisClient", hash_key: str
) -> None:
    """Words of the service, as another emulator's suite recorded them."""
    await client.create_stream(StreamName="s", ShardCount=3)
    assert await error_of(split(client, 0, hash_key)) == (
        "InvalidArgumentException",
        f"NewStartingHashKey {hash_key} used in SplitShard() on shard shardId-000000000000 in "
        "stream s under account 123456789012 is not both greater than one plus the shard's "
        "StartingHashKey 0 and less than the shard's EndingHashKey "
        "113427455640312821154458202477256070484.",
    )


async def test_more_refusals_in_the_words_of_the_service(client: "KinesisClient") -> None:
    await client.create_stream(StreamName="s", ShardCount=3)
    for shards in ((0, 2), (1, 0)):
        lower, upper = (f"shardId-{index:012d}" for index in shards)
        call = client.merge_shards(StreamName="s", ShardToMerge=lower, AdjacentShardToMerge=upper)
        assert await error_of(call) == (
            "InvalidArgumentException",
            f"Shards {lower} and {upper} in stream s under account 123456789012 are not an "
            "adjacent pair of shards eligible for merging",
        )
    for shard, shown in (("shardId-5", "shardId-000000000005"), ("ABKLFD8", "ABKLFD8")):
        call = client.split_shard(StreamName="s", ShardToSplit=shard, NewStartingHashKey="9")
        assert await error_of(call) == (
            "ResourceNotFoundException",
            f"Could not find shard {shown} in stream s under account 123456789012.",
        )
    call = client.update_shard_count(
        StreamName="s", TargetShardCount=7, ScalingType="UNIFORM_SCALING"
    )
    assert await error_of(call) == (
        "LimitExceededException",
        "UpdateShardCount cannot scale up over double your current open shard count. "
        "Current open shard count: 3, Target shard count: 7",
    )
