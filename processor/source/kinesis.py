"""All shards of a Kinesis stream: one task per shard, one queue of batches for all of them.

Memory: ReadAhead bounds what is read and not yet processed, whatever the number of shards. On top
of it come the text of the answers that are being parsed, and one batch that is being processed.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Literal

from awsio.clients import AwsClients
from awsio.lineage import Lineage, Shard
from awsio.listing import hash_key_range, list_shards
from awsio.retry import OnWait
from awsio.streams import summarize_stream
from fleet.batch import SHARD_END, Batch
from fleet.errors import ResourceMissing
from processor.source.gap import Gap, fail_on_gap, lost_shard
from processor.source.read_ahead import READ_AHEAD_BYTES_MAX, ReadAhead
from processor.source.shard import Access, Place, ShardReader
from processor.source.subscribed_shard import SubscribedShard
from processor.source.user_records import unpacked
from processor.watermark import BEGINNING_MS


class KinesisSource:
    """Implements processor.source.base.Source over the Kinesis API.

    `start` says where a shard without a position is read from: its oldest record (None), its first
    record that arrived at a time (milliseconds) or later, or what comes from `open` on, which is
    remembered by nobody. `clocks_ms` says up to when each shard was read that is known and has not
    ended, BEGINNING_MS when nothing of it was; by it gaps are found, and `on_gap` is told.
    `consumer_arn`: records are pushed to this registered consumer instead of being asked for; gaps
    are not looked for then, and batches tell no tips: for readers that go by no watermark.
    """

    def __init__(
        self,
        aws: AwsClients,
        stream: str,
        *,
        start: int | Literal["latest"] | None = None,
        clocks_ms: Mapping[str, int] | None = None,
        on_wait: OnWait | None = None,
        on_gap: Callable[[Gap], None] = fail_on_gap,
        read_ahead_bytes_max: int = READ_AHEAD_BYTES_MAX,
        consumer_arn: str | None = None,
    ) -> None:
        self._aws = aws
        self._stream = stream
        self._start = start
        self._met = frozenset(clocks_ms or ())
        self._clocks_ms = {s: ms for s, ms in (clocks_ms or {}).items() if ms != BEGINNING_MS}
        self._on_wait = on_wait
        self._on_gap = on_gap
        self._consumer_arn = consumer_arn
        self._ahead = ReadAhead(read_ahead_bytes_max)
        self._unpacking: Iterator[Batch] = iter(())
        self._lineage = Lineage()
        self._readers: dict[str, ShardReader | SubscribedShard] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, positions: Mapping[str, str]) -> frozenset[str]:
        self._lineage = Lineage(s for s, position in positions.items() if position == SHARD_END)
        client = await self._aws.kinesis()
        self._access = Access(
            client,
            self._stream,
            self._ahead,
            self._lineage.is_closed,
            self._on_wait,
            self._on_gap,
        )
        await self._list()
        await self._check_lost(positions)
        if self._start == "latest":
            for shard_id in self._lineage.closed_shards():
                self._lineage.end(shard_id)
        start = self._lineage.readable()
        for shard_id in start:
            self._prepare(shard_id, positions.get(shard_id))
        if self._start == "latest":
            # What is put when this returns is read, and shards that come are read as a whole.
            await asyncio.gather(*(reader.begin() for reader in self._readers.values()))
            self._start = None
        for shard_id in start:
            self._follow_on(shard_id)
        return frozenset(start)

    async def read(self) -> Batch:
        while (batch := next(self._unpacking, None)) is None:
            self._unpack(await self._ahead.take())
        return batch

    def read_now(self) -> Batch | None:
        while (batch := next(self._unpacking, None)) is None:
            if (packed := self._ahead.take_now()) is None:
                return None
            self._unpack(packed)
        return batch

    def is_over(self, shard_id: str) -> bool:
        return self._lineage.is_over(shard_id)

    @property
    def is_waiting(self) -> bool:
        """Whether some shard cannot be read at this moment."""
        return any(reader.is_failing for reader in self._readers.values())

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for reader in self._readers.values():
            reader.close()

    def _unpack(self, batch: Batch) -> None:
        self._unpacking = unpacked(batch, self._lineage[batch.shard_id])

    def _prepare(self, shard_id: str, position: str | None) -> None:
        since_ms = None if self._start == "latest" else self._start
        place = Place(position, latest=self._start == "latest", since_ms=since_ms)
        complete_ms = self._clocks_ms.get(shard_id, since_ms)
        if self._consumer_arn is None:
            self._readers[shard_id] = ShardReader(self._access, shard_id, place, complete_ms)
        else:
            self._readers[shard_id] = SubscribedShard(
                self._access, self._consumer_arn, shard_id, place
            )

    def _follow_on(self, shard_id: str) -> None:
        task = asyncio.create_task(self._follow(shard_id), name=f"read {shard_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(self, shard_id: str) -> None:
        """Reads a shard to its end, then starts its children."""
        reader = self._readers[shard_id]
        try:
            while (batch := await self._next(reader, shard_id)).position != SHARD_END:
                self._ahead.put(batch)
            await self._end(batch, reader)
        except Exception as error:
            self._ahead.fail(error)

    async def _next(self, reader: ShardReader | SubscribedShard, shard_id: str) -> Batch:
        """The next batch; an empty last one when the shard is gone, and that is accepted."""
        try:
            return await reader.read()
        except ResourceMissing:
            await self._list()
            if self._lineage.is_listed(shard_id):
                raise
        await self._lose(shard_id, reader.complete_ms)
        batch = Batch.nothing(shard_id, SHARD_END)
        self._ahead.hold(batch)
        return batch

    async def _end(self, batch: Batch, reader: ShardReader | SubscribedShard) -> None:
        """Puts a shard's last batch, then starts the children whose parents have all ended.

        Only in this order: a child's batches come after the last one of each of its parents.
        """
        await self._list()
        for child in reader.described_children:
            # Should a listing be behind the answer that ended the shard.
            hash_keys = hash_key_range(child["HashKeyRange"])
            parents = tuple(child["ParentShards"])
            self._lineage.add(Shard(child["ShardId"], parents, hash_keys=hash_keys))
        heirs = self._lineage.children(batch.shard_id)
        for heir in heirs:
            if reader.complete_ms is not None:
                known_ms = self._clocks_ms.get(heir, reader.complete_ms)
                self._clocks_ms[heir] = max(known_ms, reader.complete_ms)
        self._ahead.put(replace(batch, children=heirs))
        self._lineage.end(batch.shard_id)
        reader.close()
        del self._readers[batch.shard_id]
        for shard_id in self._lineage.readable():
            if shard_id not in self._readers:
                self._prepare(shard_id, None)
                self._follow_on(shard_id)

    async def _list(self) -> None:
        self._lineage.learn(
            await list_shards(self._access.client, self._stream, on_wait=self._on_wait)
        )

    async def _check_lost(self, positions: Mapping[str, str]) -> None:
        """Finds the shards that were not read to their end and are no longer listed."""
        unfinished = {s for s, position in positions.items() if position != SHARD_END}
        unfinished |= self._met - positions.keys()
        for shard_id in sorted(unfinished):
            if not self._lineage.is_listed(shard_id):
                await self._lose(shard_id, self._clocks_ms.get(shard_id))
                self._lineage.end(shard_id)

    async def _lose(self, shard_id: str, complete_ms: int | None) -> None:
        summary = await summarize_stream(self._access.client, self._stream, on_wait=self._on_wait)
        self._on_gap(lost_shard(summary, self._stream, shard_id, complete_ms))
