"""Splits, merges and scaling: lineage, routing, and what a reader of old shards is told."""

from itertools import pairwise
from typing import Any

import pytest

from tests.local_kinesis.conformance.conftest import Account, even_cuts

pytestmark = pytest.mark.asyncio(loop_scope="module")

MIDDLE = 2**127


def shard_id(index: int) -> str:
    return f"shardId-{index:012d}"


def ends(shard: dict[str, Any]) -> tuple[int, int]:
    keys = shard["HashKeyRange"]
    return int(keys["StartingHashKey"]), int(keys["EndingHashKey"])


def is_open(shard: dict[str, Any]) -> bool:
    return "EndingSequenceNumber" not in shard["SequenceNumberRange"]


async def put(account: Account, name: str, hash_key: int, data: bytes) -> dict[str, Any]:
    answer: Any = await account.client.put_record(
        StreamName=name, PartitionKey="p", ExplicitHashKey=str(hash_key), Data=data
    )
    found: dict[str, Any] = answer
    return found


async def split(account: Account, name: str, index: int, hash_key: int) -> None:
    await account.client.split_shard(
        StreamName=name, ShardToSplit=shard_id(index), NewStartingHashKey=str(hash_key)
    )
    await account.active(name)


async def merge(account: Account, name: str, lower: int, upper: int) -> None:
    await account.client.merge_shards(
        StreamName=name,
        ShardToMerge=shard_id(lower),
        AdjacentShardToMerge=shard_id(upper),
    )
    await account.active(name)


async def test_a_split_shard_has_two_children(account: Account) -> None:
    name = await account.create(ShardCount=1)
    await split(account, name, 0, MIDDLE)
    parent, lower, upper = await account.shards(name)
    assert not is_open(parent)
    assert is_open(lower)
    assert is_open(upper)
    assert lower["ParentShardId"] == upper["ParentShardId"] == shard_id(0)
    assert "AdjacentParentShardId" not in lower
    assert "ParentShardId" not in parent
    assert ends(lower) == (0, MIDDLE - 1)
    assert ends(upper) == (MIDDLE, 2**128 - 1)


async def test_a_merged_shard_has_two_parents(account: Account) -> None:
    name = await account.create(ShardCount=2)
    await merge(account, name, 0, 1)
    left, right, child = await account.shards(name)
    assert not is_open(left)
    assert not is_open(right)
    assert child["ParentShardId"] == shard_id(0)
    assert child["AdjacentParentShardId"] == shard_id(1)
    assert ends(child) == (0, 2**128 - 1)


async def test_records_go_to_the_children_and_the_parents_keep_theirs(account: Account) -> None:
    name = await account.create(ShardCount=1)
    before = await put(account, name, 5, b"before")
    await split(account, name, 0, MIDDLE)
    low = await put(account, name, MIDDLE - 1, b"low")
    high = await put(account, name, MIDDLE, b"high")
    assert [before["ShardId"], low["ShardId"], high["ShardId"]] == [
        shard_id(0),
        shard_id(1),
        shard_id(2),
    ]
    assert int(before["SequenceNumber"]) < int(low["SequenceNumber"])
    assert int(before["SequenceNumber"]) < int(high["SequenceNumber"])
    records, _ = await account.read_to_the_end(name, shard_id(0))
    assert [record["Data"] for record in records] == [b"before"]
    records, _ = await account.read(await account.place(name, shard_id(2), "TRIM_HORIZON"), 1)
    assert [record["Data"] for record in records] == [b"high"]


async def test_the_end_of_a_closed_shard_names_its_children(account: Account) -> None:
    name = await account.create(ShardCount=1)
    place = await account.place(name, shard_id(0), "TRIM_HORIZON")
    await put(account, name, 0, b"x")
    await split(account, name, 0, MIDDLE)
    records, last = await account.read(place, 1 << 30)
    assert len(records) == 1
    assert last.get("NextShardIterator") is None
    assert last["MillisBehindLatest"] == 0
    children = sorted(last["ChildShards"], key=lambda child: str(child["ShardId"]))
    assert [child["ShardId"] for child in children] == [shard_id(1), shard_id(2)]
    assert [child["ParentShards"] for child in children] == [[shard_id(0)]] * 2
    assert [ends(child) for child in children] == [(0, MIDDLE - 1), (MIDDLE, 2**128 - 1)]


async def test_both_parents_of_a_merge_name_the_child(account: Account) -> None:
    name = await account.create(ShardCount=2)
    await merge(account, name, 0, 1)
    for parent in (0, 1):
        _, last = await account.read_to_the_end(name, shard_id(parent))
        (child,) = last["ChildShards"]
        assert child["ShardId"] == shard_id(2)
        assert sorted(child["ParentShards"]) == [shard_id(0), shard_id(1)]


async def test_sequence_numbers_of_a_shard_are_between_its_ends(account: Account) -> None:
    name = await account.create(ShardCount=1)
    number = int((await put(account, name, 0, b"x"))["SequenceNumber"])
    await split(account, name, 0, MIDDLE)
    parent, *children = await account.shards(name)
    numbers = parent["SequenceNumberRange"]
    starting, ending = numbers["StartingSequenceNumber"], numbers["EndingSequenceNumber"]
    assert int(starting) < number < int(ending)
    for child in children:
        assert int(ending) < int(child["SequenceNumberRange"]["StartingSequenceNumber"])


async def test_filters(account: Account) -> None:
    name = await account.create(ShardCount=1)
    await split(account, name, 0, MIDDLE)
    for kind, expected in (
        ("AT_LATEST", [1, 2]),
        ("AT_TRIM_HORIZON", [0]),
        ("FROM_TRIM_HORIZON", [0, 1, 2]),
    ):
        shards = await account.shards(name, ShardFilter={"Type": kind})
        assert [shard["ShardId"] for shard in shards] == [shard_id(one) for one in expected], kind
    after = {"Type": "AFTER_SHARD_ID", "ShardId": shard_id(1)}
    shards = await account.shards(name, ShardFilter=after)
    assert [shard["ShardId"] for shard in shards] == [shard_id(2)]


@pytest.mark.parametrize(("count", "target"), [(1, 2), (2, 1), (2, 3), (3, 2), (4, 3), (2, 4)])
async def test_uniform_scaling(account: Account, count: int, target: int) -> None:
    name = await account.create(ShardCount=count)
    answer = await account.client.update_shard_count(
        StreamName=name, TargetShardCount=target, ScalingType="UNIFORM_SCALING"
    )
    assert (answer["CurrentShardCount"], answer["TargetShardCount"]) == (count, target)
    summary = await account.active(name)
    assert summary["OpenShardCount"] == target
    shards = await account.shards(name)
    opened = sorted(ends(shard) for shard in shards if is_open(shard))
    assert [(str(start), str(end)) for start, end in opened] == even_cuts(target)
    assert all(left[1] + 1 == right[0] for left, right in pairwise(opened))
    known = {shard["ShardId"]: shard for shard in shards}
    for shard in shards[count:]:
        parents = [known[shard[member]] for member in ("ParentShardId",)]
        if "AdjacentParentShardId" in shard:
            parents.append(known[shard["AdjacentParentShardId"]])
        assert not any(map(is_open, parents))
        union = min(ends(one)[0] for one in parents), max(ends(one)[1] for one in parents)
        assert union[0] <= ends(shard)[0]
        assert ends(shard)[1] <= union[1]


@pytest.mark.parametrize(
    ("count", "target"), [(2, 5), (4, 1), (3, 7)], ids=["over double", "below half", "over double"]
)
async def test_scaling_too_far(account: Account, count: int, target: int) -> None:
    name = await account.create(ShardCount=count)
    call = account.client.update_shard_count(
        StreamName=name, TargetShardCount=target, ScalingType="UNIFORM_SCALING"
    )
    assert await account.refusal(call) in ("LimitExceededException", "InvalidArgumentException")


async def test_what_cannot_be_resharded(account: Account) -> None:
    name = await account.create(ShardCount=3)
    client = account.client
    third = 2**128 // 3
    for hash_key in (0, 2 * third, 2**128 - 1):
        call = client.split_shard(
            StreamName=name, ShardToSplit=shard_id(0), NewStartingHashKey=str(hash_key)
        )
        assert await account.refusal(call) == "InvalidArgumentException"
    call = client.merge_shards(
        StreamName=name, ShardToMerge=shard_id(0), AdjacentShardToMerge=shard_id(2)
    )
    assert await account.refusal(call) == "InvalidArgumentException", "they are not neighbours"
    call = client.split_shard(
        StreamName=name, ShardToSplit=shard_id(9), NewStartingHashKey=str(third)
    )
    assert await account.refusal(call) == "ResourceNotFoundException"
    await merge(account, name, 0, 1)
    call = client.split_shard(
        StreamName=name, ShardToSplit=shard_id(0), NewStartingHashKey=str(third // 2)
    )
    assert await account.refusal(call) in (
        "InvalidArgumentException",
        "ResourceInUseException",
    ), "it is closed"
