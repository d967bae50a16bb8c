"""A stream that is pushed instead of asked for: the same records, in the same order."""

import asyncio

import pytest

from fleet.batch import SHARD_END, Batch
from fleet.errors import ResourceMissing
from processor.source.kinesis import KinesisSource
from tests.processor.source.live_stream import SHARDS, STREAM, LiveStream

LAST = 2**128 - 1
PARENTS = {SHARDS[2]: {SHARDS[0]}, SHARDS[3]: {SHARDS[0]}, SHARDS[4]: {SHARDS[3], SHARDS[1]}}


async def consumer_of(live: LiveStream, name: str = "map") -> str:
    summary = await live.client.describe_stream_summary(StreamName=STREAM)
    arn = summary["StreamDescriptionSummary"]["StreamARN"]
    registered = await live.client.register_stream_consumer(StreamARN=arn, ConsumerName=name)
    return registered["Consumer"]["ConsumerARN"]


async def read(source: KinesisSource, batches: list[Batch], count: int) -> None:
    """Reads until there are so many records."""
    async with asyncio.timeout(60):
        while sum(map(len, batches)) < count:
            batches.append(await source.read())


async def test_a_split_and_a_merge_while_it_is_read(live: LiveStream) -> None:
    await live.create(2)
    await live.put("k", b"before", 0)
    source = live.source(start="latest", consumer_arn=await consumer_of(live))
    assert await source.open({}) == {SHARDS[0], SHARDS[1]}
    batches: list[Batch] = []
    held: list[bytes] = []

    async def put(*hash_keys: int) -> None:
        for hash_key in hash_keys:
            held.append(f"{len(held)}".encode())
            await live.put("k", held[-1], hash_key)

    await put(0, LAST, 1)
    await read(source, batches, 2)
    await live.split()
    await put(0, 2**127 - 1, LAST, 2**127 - 1)
    await live.merge(1)
    await put(0, 2**127 - 1, LAST)
    await read(source, batches, len(held))
    await source.close()

    assert sorted((data for batch in batches for data in batch.records), key=int) == held
    ended: set[str] = set()
    for batch in batches:
        assert PARENTS.get(batch.shard_id, set()) <= ended, "children after their parents"
        assert batch.shard_id not in ended
        if batch.position == SHARD_END:
            ended.add(batch.shard_id)
            assert set(batch.children) == {c for c, of in PARENTS.items() if batch.shard_id in of}
    assert ended == {SHARDS[0], SHARDS[1], SHARDS[3]}
    for shard in SHARDS[:5]:
        numbers = [int(d) for b in batches if b.shard_id == shard for d in b.records]
        assert numbers == sorted(numbers)


async def test_a_subscription_that_ends_is_made_anew(live: LiveStream) -> None:
    await live.create()
    source = live.source(start="latest", consumer_arn=await consumer_of(live))
    await source.open({})
    batches: list[Batch] = []
    for number in range(3):
        await live.put("k", f"early {number}".encode())
        await read(source, batches, 2 * number + 1)
        live.clock.advance(5 * 60_000)
        # It ends when it next looks at the clock, and this is read by the one after it.
        await live.put("k", f"late {number}".encode())
        await read(source, batches, 2 * number + 2)
    await source.close()
    data = [data for batch in batches for data in batch.records]
    assert data == [f"{when} {n}".encode() for n in range(3) for when in ("early", "late")]


async def test_nothing_is_lost_that_comes_between_silent_subscriptions(live: LiveStream) -> None:
    """Of a shard without a record too there is a place to go on from."""
    await live.create()
    arn = await consumer_of(live)
    source = live.source(start="latest", consumer_arn=arn)
    await source.open({})
    batches = [await source.read()]
    assert (len(batches[0]), batches[0].position) == (0, None)
    live.clock.advance(6_000)
    # Another reader takes the consumer over; when it is gone ours goes on.
    taking = await live.client.subscribe_to_shard(
        ConsumerARN=arn, ShardId=SHARDS[0], StartingPosition={"Type": "LATEST"}
    )
    await live.put("k", b"meanwhile")
    taking["EventStream"].close()
    await read(source, batches, 1)
    await source.close()


async def test_a_consumer_that_is_gone_is_told(live: LiveStream) -> None:
    await live.create()
    arn = await consumer_of(live)
    source = live.source(start="latest", consumer_arn=arn)
    await source.open({})
    await live.client.deregister_stream_consumer(ConsumerARN=arn)
    await live.put("k", b"x")
    with pytest.raises(ResourceMissing):
        await read(source, [], 2)
    await source.close()
