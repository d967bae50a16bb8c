"""ListShards, through a real client."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from fleet.clock import ManualClock

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

START_MS = ManualClock().now_ms()
SHARDS = [f"shardId-{number:012d}" for number in range(5)]


@pytest.fixture(autouse=True)
async def _stream(client: "KinesisClient") -> None:
    await client.create_stream(StreamName="s", ShardCount=5)


async def shards(client: "KinesisClient", **members: Any) -> list[str]:
    answer = await client.list_shards(**members)
    return [shard["ShardId"] for shard in answer["Shards"]]


async def error_of(call: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        await call
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


async def test_all_shards_cover_all_hash_keys(client: "KinesisClient") -> None:
    answer = await client.list_shards(StreamName="s")
    assert [shard["ShardId"] for shard in answer["Shards"]] == SHARDS
    assert "NextToken" not in answer
    ranges = [shard["HashKeyRange"] for shard in answer["Shards"]]
    ends = [(int(one["StartingHashKey"]), int(one["EndingHashKey"])) for one in ranges]
    assert ends[0][0] == 0
    assert ends[-1][1] == 2**128 - 1
    assert all(left[1] + 1 == right[0] for left, right in pairwise(ends))


async def test_pages(client: "KinesisClient") -> None:
    first = await client.list_shards(StreamName="s", MaxResults=2)
    assert [shard["ShardId"] for shard in first["Shards"]] == SHARDS[:2]
    # A page may be of another size than the one before it.
    assert await shards(client, NextToken=first["NextToken"], MaxResults=3) == SHARDS[2:]


async def test_a_token_stands_for_its_stream(client: "KinesisClient", clock: ManualClock) -> None:
    """The service refuses a name beside it, although boto3's own paginator sends one."""
    token = (await client.list_shards(StreamName="s", MaxResults=2))["NextToken"]
    assert await error_of(client.list_shards(StreamName="s", NextToken=token)) == (
        "InvalidArgumentException",
        "NextToken and StreamName cannot be provided together.",
    )
    assert (await error_of(client.list_shards(NextToken="nonsense")))[
        0
    ] == "InvalidArgumentException"
    clock.advance(300_001)
    code, _ = await error_of(client.list_shards(NextToken=token))
    assert code == "ExpiredNextTokenException"
    token = (await client.list_shards(StreamName="s", MaxResults=2))["NextToken"]
    await client.delete_stream(StreamName="s")
    await client.create_stream(StreamName="s", ShardCount=5)
    code, _ = await error_of(client.list_shards(NextToken=token))
    assert code == "ResourceNotFoundException", "it was another stream's"


async def test_starting_after_a_shard(client: "KinesisClient") -> None:
    after = SHARDS[2]
    assert await shards(client, StreamName="s", ExclusiveStartShardId=after) == SHARDS[3:]
    wanted = {"Type": "AFTER_SHARD_ID", "ShardId": after}
    assert await shards(client, StreamName="s", ShardFilter=wanted) == SHARDS[3:]


@pytest.mark.parametrize(
    "wanted",
    [
        {"Type": "AT_TRIM_HORIZON"},
        {"Type": "FROM_TRIM_HORIZON"},
        {"Type": "AT_LATEST"},
        {"Type": "AT_TIMESTAMP", "Timestamp": datetime.fromtimestamp(START_MS / 1000, UTC)},
        {"Type": "FROM_TIMESTAMP", "Timestamp": datetime.fromtimestamp(START_MS / 1000, UTC)},
    ],
    ids=lambda wanted: wanted["Type"],
)
async def test_open_shards_pass_every_filter(client: "KinesisClient", wanted: Any) -> None:
    assert await shards(client, StreamName="s", ShardFilter=wanted) == SHARDS


@pytest.mark.parametrize("kind", ["AFTER_SHARD_ID", "AT_TIMESTAMP", "FROM_TIMESTAMP"])
async def test_a_filter_must_say_where(client: "KinesisClient", kind: Any) -> None:
    code, message = await error_of(client.list_shards(StreamName="s", ShardFilter={"Type": kind}))
    assert code == "InvalidArgumentException"
    assert kind in message


async def test_the_creation_time_tells_streams_apart(client: "KinesisClient") -> None:
    for offset_ms, there in ((0, True), (7, False), (2000, False)):
        created = datetime.fromtimestamp((START_MS + offset_ms) / 1000, UTC)
        call = client.list_shards(StreamName="s", StreamCreationTimestamp=created)
        if there:
            assert len((await call)["Shards"]) == 5
        else:
            assert (await error_of(call))[0] == "ResourceNotFoundException"
