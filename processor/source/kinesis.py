"""All shards of a Kinesis stream: one task per shard, one bounded queue of batches.

Reading waits when the queue is full, so that a slow sink slows the reading down and memory stays
bounded: at most QUEUE_BATCHES + one per shard batches of RECORDS_MAX records are held.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from awsio.clients import AwsClients
from awsio.lineage import Shard, children, readable
from awsio.listing import list_shards
from awsio.retry import OnWait
from fleet.batch import SHARD_END, Batch
from processor.source.shard import ShardReader

QUEUE_BATCHES = 16


class KinesisSource:
    """Implements processor.source.base.Source over the Kinesis API."""

    def __init__(self, aws: AwsClients, stream: str, *, on_wait: OnWait | None = None) -> None:
        self._aws = aws
        self._stream = stream
        self._on_wait = on_wait
        self._queue: asyncio.Queue[Batch | BaseException] = asyncio.Queue(QUEUE_BATCHES)
        self._readers: dict[str, asyncio.Task[None]] = {}
        self._shards: dict[str, Shard] = {}
        self._ended: set[str] = set()

    async def open(self, positions: Mapping[str, str]) -> frozenset[str]:
        self._ended = {shard for shard, position in positions.items() if position == SHARD_END}
        await self._list()
        start = readable(self._shards, self._ended)
        for shard_id in start:
            self._start(shard_id, positions.get(shard_id))
        return frozenset(start)

    async def read(self) -> Batch:
        item = await self._queue.get()
        if isinstance(item, BaseException):
            raise item
        return item

    def read_now(self) -> Batch | None:
        while not self._queue.empty():
            item = self._queue.get_nowait()
            if isinstance(item, Batch):
                return item
        return None

    async def close(self) -> None:
        for task in self._readers.values():
            task.cancel()
        await asyncio.gather(*self._readers.values(), return_exceptions=True)

    def _start(self, shard_id: str, position: str | None) -> None:
        self._readers[shard_id] = asyncio.create_task(
            self._follow(shard_id, position), name=f"read {shard_id}"
        )

    async def _follow(self, shard_id: str, position: str | None) -> None:
        """Reads a shard to its end, then starts its children."""
        try:
            client = await self._aws.kinesis()
            reader = ShardReader(client, self._stream, shard_id, position, on_wait=self._on_wait)
            while (batch := await reader.read()).position != SHARD_END:
                await self._queue.put(batch)
            await self._end(batch)
        except Exception as error:
            await self._queue.put(error)

    async def _end(self, batch: Batch) -> None:
        await self._list()
        self._ended.add(batch.shard_id)
        heirs = children(self._shards, batch.shard_id)
        await self._queue.put(replace(batch, children=heirs))
        # Only now: the queue keeps its order, so a child's batches come after this one.
        for shard_id in readable(self._shards, self._ended):
            if shard_id not in self._readers:
                self._start(shard_id, None)

    async def _list(self) -> None:
        client = await self._aws.kinesis()
        listed = await list_shards(client, self._stream, on_wait=self._on_wait)
        self._shards = {shard.id: shard for shard in listed}
