"""Processes that are killed while producers put: every acknowledged record is there, once and in
order.
"""

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.local_kinesis.conftest import aws_client

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

SERVER = Path(__file__).with_name("storm_server.py")
PRODUCERS = 4


@dataclass
class Storm:
    """What producers were told: (shard, sequence number) of each record by its data."""

    acknowledged: dict[bytes, tuple[str, str]] = field(default_factory=dict)
    next_number: int = 0

    async def produce(self, client: "KinesisClient") -> None:
        """Puts until the server is gone."""
        while True:
            batch = [b"%d" % (self.next_number + offset) for offset in range(25)]
            self.next_number += 25
            try:
                answer = await client.put_records(
                    StreamName="storm",
                    Records=[{"Data": data, "PartitionKey": data.decode()} for data in batch],
                )
            except Exception:
                return
            for data, record in zip(batch, answer["Records"], strict=True):
                self.acknowledged[data] = record["ShardId"], record["SequenceNumber"]


@asynccontextmanager
async def server(
    path: Path, *arguments: str
) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(SERVER),
        str(path),
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    try:
        port = int(await process.stdout.readline())
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.stdin.close()
        await process.wait()


async def records(client: "KinesisClient") -> dict[str, list[tuple[str, bytes]]]:
    """(sequence number, data) of all records by shard, as they are read."""
    found: dict[str, list[tuple[str, bytes]]] = {}
    shards = (await client.list_shards(StreamName="storm"))["Shards"]
    for shard in shards:
        answer = await client.get_shard_iterator(
            StreamName="storm", ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )
        place = answer["ShardIterator"]
        read = found[shard["ShardId"]] = []
        while True:
            page = await client.get_records(ShardIterator=place)
            read.extend((one["SequenceNumber"], one["Data"]) for one in page["Records"])
            place = page["NextShardIterator"]
            if not page["Records"]:
                break
    return found


async def lost_by_kills(path: Path, lives: int, *arguments: str) -> int:
    """Kills a server `lives` times in the middle of a storm; returns how many acknowledged records
    are missing. What is there is checked.
    """
    storm = Storm()
    chance = random.Random(7)
    for life in range(lives):
        async with server(path, *arguments) as (url, process), aws_client("kinesis", url) as client:
            if life == 0:
                await client.create_stream(StreamName="storm", ShardCount=3)
            producers = [asyncio.create_task(storm.produce(client)) for _ in range(PRODUCERS)]
            enough = len(storm.acknowledged) + chance.randrange(100, 600)
            while len(storm.acknowledged) < enough:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            process.kill()
            await asyncio.gather(*producers)
    async with server(path) as (url, _), aws_client("kinesis", url) as client:
        found = await records(client)
    for read in found.values():
        numbers = [int(number) for number, _ in read]
        assert numbers == sorted(set(numbers))
    places = {data: (shard, number) for shard, read in found.items() for number, data in read}
    assert len(places) == sum(map(len, found.values())), "a record is there twice"
    kept = {data for data in storm.acknowledged if data in places}
    assert all(places[data] == storm.acknowledged[data] for data in kept)
    return len(storm.acknowledged) - len(kept)


async def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    assert await lost_by_kills(tmp_path / "data", 2) == 0


@pytest.mark.long
async def test_nothing_acknowledged_is_lost_by_many_kills(tmp_path: Path) -> None:
    assert await lost_by_kills(tmp_path / "data", 40) == 0


async def test_writing_after_the_answer_is_found_out(tmp_path: Path) -> None:
    assert await lost_by_kills(tmp_path / "data", 1, "late") > 0
