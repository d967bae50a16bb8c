"""A stream on a real endpoint that a test puts records on, splits, merges and reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from awsio.clients import AwsClients
from fleet.batch import SHARD_END, Batch, later
from fleet.clock import ManualClock
from processor.source.kinesis import KinesisSource

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

STREAM = "wildrydes"
HOUR_MS = 3_600_000
SHARDS = [f"shardId-{number:012d}" for number in range(100)]


@dataclass
class LiveStream:
    """`clock` is the endpoint's."""

    aws: AwsClients
    client: "KinesisClient"
    clock: ManualClock

    async def create(self, shards: int = 1) -> None:
        """The stream, with so many shards."""
        await self.client.create_stream(StreamName=STREAM, ShardCount=shards)

    async def put(self, key: str, data: bytes, hash_key: int | None = None) -> str:
        """A record, a millisecond after what was before; its sequence number."""
        self.clock.advance(1)
        more = {} if hash_key is None else {"ExplicitHashKey": str(hash_key)}
        answer = await self.client.put_record(
            StreamName=STREAM, PartitionKey=key, Data=data, **more
        )
        return answer["SequenceNumber"]

    async def open_shards(self) -> list[dict[str, Any]]:
        """Those that take records, by their hash keys."""
        listed: Any = (await self.client.list_shards(StreamName=STREAM))["Shards"]
        taking = [s for s in listed if "EndingSequenceNumber" not in s["SequenceNumberRange"]]
        return sorted(taking, key=lambda s: int(s["HashKeyRange"]["StartingHashKey"]))

    async def split(self, place: int = 0) -> None:
        """Splits the open shard at this place in the order of hash keys, in the middle."""
        shard = (await self.open_shards())[place]
        hash_keys = [int(bound) for bound in shard["HashKeyRange"].values()]
        await self.client.split_shard(
            StreamName=STREAM,
            ShardToSplit=shard["ShardId"],
            NewStartingHashKey=str(sum(hash_keys) // 2 + 1),
        )

    async def merge(self, place: int = 0) -> None:
        """Merges the open shard at this place with the next one."""
        lower, upper = (await self.open_shards())[place : place + 2]
        await self.client.merge_shards(
            StreamName=STREAM, ShardToMerge=lower["ShardId"], AdjacentShardToMerge=upper["ShardId"]
        )

    def source(self, **choices: Any) -> KinesisSource:
        """Of this stream."""
        return KinesisSource(self.aws, STREAM, **choices)


@dataclass
class Reading:
    """What was read of a stream, over several lives of a reader."""

    positions: dict[str, str] = field(default_factory=dict)
    clocks_ms: dict[str, int] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)

    @property
    def data(self) -> list[bytes]:
        """Of all records, in the order in which they were read."""
        return [data for batch in self.batches for data in batch.records]

    async def life(
        self, source: KinesisSource, until: Callable[["Reading"], bool]
    ) -> Mapping[str, str]:
        """Reads on from what was read before until it is enough; returns the positions."""
        await source.open(self.positions)
        try:
            while not until(self):
                self.take(await source.read())
        finally:
            await source.close()
        return self.positions

    def take(self, batch: Batch) -> None:
        """Notes a batch as the pipeline does."""
        shard_id = batch.shard_id
        self.batches.append(batch)
        position = later(self.positions.get(shard_id), batch.position)
        if position is not None:
            self.positions[shard_id] = position
        times_ms = [*batch.arrival_ms.tolist()[-1:], batch.tip_ms, self.clocks_ms.get(shard_id)]
        known_ms = [time_ms for time_ms in times_ms if time_ms is not None]
        if batch.position == SHARD_END:
            self.clocks_ms.pop(shard_id, None)
            for child in batch.children:
                self.clocks_ms[child] = max([self.clocks_ms.get(child, 0), *known_ms])
        elif known_ms:
            self.clocks_ms[shard_id] = max(known_ms)


def at_all_tips(reading: Reading) -> bool:
    """Whether the last batch of every shard that is not over came from its tip."""
    last = {batch.shard_id: batch for batch in reading.batches}
    heirs = {child for batch in last.values() for child in batch.children}
    return (
        bool(last)
        and all(batch.position == SHARD_END or batch.tip_ms is not None for batch in last.values())
        and heirs <= last.keys()
    )
