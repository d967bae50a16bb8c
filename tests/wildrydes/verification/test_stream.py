"""Every record of every shard is read, once: after a reshard, and out of aggregates."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from aws_kinesis_agg.aggregator import RecordAggregator

from tests.wildrydes.verification.world import READINGS, UNICORNS, Services, World, named
from wildrydes.stream_record import StreamRecord
from wildrydes.verification.stream import StreamReading

SENT = READINGS * len(UNICORNS)


async def read(world: World) -> list[StreamRecord]:
    found: list[StreamRecord] = []

    def take(records: Sequence[StreamRecord], taken: int) -> None:
        assert taken == sum(r.shard_id == records[0].shard_id for r in found)
        found.extend(records)

    await StreamReading(await world.aws.kinesis(), world.stream, take, None).read()
    return found


async def test_through_a_split_and_with_two_runs_in_one_ledger(
    services: Services, tmp_path: Path
) -> None:
    world = World(services, tmp_path, 3)
    await world.create()
    await world.ride(poison=())
    await asyncio.to_thread(
        services.kinesis.split_shard,
        StreamName=world.stream,
        ShardToSplit="shardId-000000000001",
        NewStartingHashKey=str(3 << 126),
    )
    await world.ride(poison=())
    records = await read(world)
    assert len({r.sequence_number for r in records}) == len(records) == 2 * SENT
    assert len({r.shard_id for r in records}) >= 3
    verdict = await world.verify(parts=[], letters=None)
    ledger = named(verdict, "ledger vs stream")
    assert (verdict.shards, ledger.expected, ledger.found, verdict.wrong) == (
        4,
        2 * SENT,
        2 * SENT,
        0,
    )


async def test_aggregates_are_taken_apart(services: Services, tmp_path: Path) -> None:
    world = World(services, tmp_path, 4)
    await world.create()
    aggregator = RecordAggregator()
    for name in UNICORNS:
        aggregator.add_user_record(name, f'{{"Name":"{name}"}}'.encode())
    key, _, data = aggregator.clear_and_get().get_contents()
    await world.put(key, data)
    await world.put("alone", b"{}")
    *inner, alone = sorted(await read(world), key=lambda record: record.partition_key == "alone")
    assert [record.partition_key for record in inner] == list(UNICORNS)
    assert [record.data.decode() for record in inner] == [f'{{"Name":"{n}"}}' for n in UNICORNS]
    assert [record.sequence_number.partition(":")[2] for record in inner] == ["0", "1", "2", "3"]
    assert (alone.data, ":" in alone.sequence_number) == (b"{}", False)
