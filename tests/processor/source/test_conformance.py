"""What every source promises: the same stream, with a split and a merge, through each of them.

A new source is one more way in WAYS.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest

from fleet.batch import SHARD_END, Batch
from processor.source.base import Source
from processor.source.memory import MemoryRecord, MemoryShard, MemorySource
from tests.processor.source.live_stream import (
    SHARDS,
    STREAM,
    LiveStream,
    Reading,
    at_all_tips,
)

POISON = [
    b"",
    b"\x00",
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"a":1e999}',
    b"\xf3\x89\x9a\xc2" + bytes(40),
]
"""No source looks into what it delivers."""
PARENTS = {SHARDS[2]: {SHARDS[0]}, SHARDS[3]: {SHARDS[0]}, SHARDS[4]: {SHARDS[3], SHARDS[1]}}

Make = Callable[[], Awaitable[Source]]


async def fill(live: LiveStream) -> dict[str, list[bytes]]:
    """Shard 0 is split into 2 and 3, then 3 and 1 are merged into 4; returns what each holds."""
    held: dict[str, list[bytes]] = {shard: [] for shard in SHARDS[:5]}
    await live.create(2)
    number = 0

    async def put(shard: int, hash_key: int, count: int) -> None:
        nonlocal number
        for data in [*POISON, *(b"%d" % (number + i) for i in range(count))]:
            await live.put("key", data, hash_key)
            held[SHARDS[shard]].append(data)
        number += count

    first, last = 0, 2**128 - 1
    await put(0, first, 9)
    await put(1, last, 4)
    await live.split()
    await put(2, first, 3)
    await put(3, 2**127 - 1, 12)
    await live.merge(1)
    await put(4, last, 7)
    live.clock.advance(5000)
    return held


async def kinesis(live: LiveStream) -> Make:
    async def make() -> Source:
        return live.source()

    return make


async def memory(live: LiveStream) -> Make:
    """A copy of the stream, record by record."""
    shards: list[MemoryShard] = []
    listed: Any = (await live.client.list_shards(StreamName=STREAM))["Shards"]
    for shard in listed:
        found = await live.client.get_shard_iterator(
            StreamName=STREAM, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )
        answer: Any = await live.client.get_records(ShardIterator=found["ShardIterator"])
        names = ("ParentShardId", "AdjacentParentShardId")
        shards.append(
            MemoryShard(
                id=shard["ShardId"],
                records=[
                    MemoryRecord(
                        r["Data"],
                        round(r["ApproximateArrivalTimestamp"] * 1000),
                        r["PartitionKey"],
                    )
                    for r in answer["Records"]
                ],
                parents=tuple(shard[name] for name in names if name in shard),
                closed="EndingSequenceNumber" in shard["SequenceNumberRange"],
                tip_ms=live.clock.now_ms() - 1000,
            )
        )

    async def make() -> Source:
        return MemorySource(shards, seed=5)

    return make


WAYS = [kinesis, memory]


async def read_all(source: Source, reading: Reading) -> None:
    """Reads to all tips."""
    await source.open(reading.positions)
    while not at_all_tips(reading) and (batch := await source.read()) is not None:
        reading.take(batch)
    await source.close()


def data_of(batches: list[Batch]) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {shard: [] for shard in SHARDS[:5]}
    for batch in batches:
        found[batch.shard_id] += batch.records
    return found


@pytest.mark.parametrize("way", WAYS)
async def test_every_record_comes_once_in_order_and_after_its_ancestors(
    live: LiveStream, way: Callable[[LiveStream], Awaitable[Make]]
) -> None:
    held = await fill(live)
    source, reading = await (await way(live))(), Reading()
    await read_all(source, reading)
    assert data_of(reading.batches) == held
    ended: set[str] = set()
    clock_ms = dict.fromkeys(held, 0)
    for batch in reading.batches:
        assert PARENTS.get(batch.shard_id, set()) <= ended
        assert batch.shard_id not in ended
        assert len(batch) == len(batch.sequence_numbers) == len(batch.partition_keys)
        numbers = [int(number) for number in batch.sequence_numbers]
        assert numbers == sorted(set(numbers))
        times_ms = [clock_ms[batch.shard_id], *batch.arrival_ms.tolist()]
        assert times_ms == sorted(times_ms)
        if batch.tip_ms is not None:
            assert times_ms[-1] <= batch.tip_ms < live.clock.now_ms()
        clock_ms[batch.shard_id] = times_ms[-1]
        if batch.position == SHARD_END:
            ended.add(batch.shard_id)
            children = {child for child, of in PARENTS.items() if batch.shard_id in of}
            assert set(batch.children) == children
            assert batch.tip_ms is None
        else:
            assert batch.children == ()
            if len(batch):
                assert batch.position == batch.sequence_numbers[-1]
    assert ended == {SHARDS[0], SHARDS[1], SHARDS[3]}
    assert not any(source.is_over(shard) for shard in held), "all of them are listed"


@pytest.mark.parametrize("way", WAYS)
async def test_reading_goes_on_after_any_batch(
    live: LiveStream, way: Callable[[LiveStream], Awaitable[Make]]
) -> None:
    """A life ends with the first batch that brings something; the positions are all it leaves."""
    held = await fill(live)
    make, reading = await way(live), Reading()
    lives = 0
    while data_of(reading.batches) != held:
        source = await make()
        await source.open(reading.positions)
        batch = None
        while batch is None or not (len(batch) or batch.position == SHARD_END):
            batch = await source.read()
            assert batch is not None
            reading.take(batch)
        await source.close()
        lives += 1
    assert 10 < lives < 100


@pytest.mark.parametrize("way", WAYS)
async def test_which_shards_time_counts_from_the_beginning(
    live: LiveStream, way: Callable[[LiveStream], Awaitable[Make]]
) -> None:
    await fill(live)
    make = await way(live)
    for positions, readable in (
        ({}, {0, 1}),
        ({SHARDS[0]: SHARD_END}, {1, 2, 3}),
        ({SHARDS[0]: SHARD_END, SHARDS[3]: SHARD_END}, {1, 2}),
        (dict.fromkeys([SHARDS[0], SHARDS[3], SHARDS[1]], SHARD_END), {2, 4}),
    ):
        source = await make()
        assert await source.open(positions) == {SHARDS[i] for i in readable}
        await source.close()


@pytest.mark.parametrize("way", WAYS)
async def test_what_was_read_can_be_taken_after_closing(
    live: LiveStream, way: Callable[[LiveStream], Awaitable[Make]]
) -> None:
    held = await fill(live)
    source = await (await way(live))()
    await source.open({})
    batches = [batch for _ in range(3) if (batch := await source.read()) is not None]
    await source.close()
    while (batch := source.read_now()) is not None:
        batches.append(batch)
    for shard, data in data_of(batches).items():
        assert held[shard][: len(data)] == data
    assert source.read_now() is None


@pytest.mark.parametrize("way", WAYS)
async def test_a_batch_is_columns_of_one_length_even_without_records(
    live: LiveStream, way: Callable[[LiveStream], Awaitable[Make]]
) -> None:
    await live.create()
    live.clock.advance(3000)
    source = await (await way(live))()
    await source.open({})
    batch = await source.read()
    assert batch is not None
    assert (len(batch), batch.position, batch.sub_sequence_numbers) == (0, None, ())
    assert batch.arrival_ms.dtype == np.int64
    assert batch.tip_ms == live.clock.now_ms() - 1000
    await source.close()
