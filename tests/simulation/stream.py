"""A Kinesis stream in memory, and as much of its API as a processor calls."""

import hashlib
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from tests.simulation.network import Network, service_error

HASH_KEYS = 1 << 128
PAGE_MAX = 7
READABLE_MS_MAX = 300
"""A record can be read only some time after it arrived."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record; its sequence number is its number among all of the stream."""

    number: int
    key: str
    data: bytes
    arrival_ms: int
    readable_ms: int


@dataclass(eq=False, slots=True)
class Shard:
    """Takes the keys whose hash is in [low, high) until it is closed."""

    id: str
    low: int
    high: int
    parents: tuple[str, ...] = ()
    closed: bool = False
    records: list[Record] = field(default_factory=list)
    trimmed: int = 0
    """So many of the first records are gone."""


class Stream:
    """The service's side."""

    def __init__(self, shards: int, now_ms: Callable[[], int], rng: random.Random) -> None:
        self._now_ms = now_ms
        self._random = rng
        self.shards: dict[str, Shard] = {}
        self._made = 0
        self.put_count = 0
        edges = [HASH_KEYS * i // shards for i in range(shards + 1)]
        for low, high in itertools.pairwise(edges):
            self._make(low, high, ())

    def put(self, key: str, data: bytes) -> Record:
        """Takes one record."""
        place = int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest())
        shard = next(s for s in self._open() if s.low <= place < s.high)
        self.put_count += 1
        now_ms = self._now_ms()
        before = shard.records[-1].readable_ms if shard.records else 0
        readable_ms = max(before, now_ms + self._random.randrange(READABLE_MS_MAX))
        record = Record(self.put_count, key, data, now_ms, readable_ms)
        shard.records.append(record)
        return record

    def split(self, place: int) -> None:
        """Two shards go on where one was."""
        shards = self._open()
        shard = shards[place % len(shards)]
        middle = (shard.low + shard.high) // 2
        shard.closed = True
        self._make(shard.low, middle, (shard.id,))
        self._make(middle, shard.high, (shard.id,))

    def merge(self, place: int) -> None:
        """One shard goes on where two neighbours were; nothing when there is only one."""
        shards = self._open()
        if len(shards) > 1:
            lower = place % (len(shards) - 1)
            first, second = shards[lower], shards[lower + 1]
            first.closed = second.closed = True
            self._make(first.low, second.high, (first.id, second.id))

    def trim(self, positions: dict[str, str]) -> None:
        """Retention takes what lies before these positions."""
        for shard_id, position in positions.items():
            shard = self.shards.get(shard_id)
            if shard is None:
                continue
            if position == "SHARD_END":
                del self.shards[shard_id]
            else:
                shard.trimmed = sum(r.number <= int(position) for r in shard.records)

    def _open(self) -> list[Shard]:
        return sorted((s for s in self.shards.values() if not s.closed), key=lambda s: s.low)

    def _make(self, low: int, high: int, parents: tuple[str, ...]) -> None:
        shard_id = f"shardId-{self._made:012}"
        self._made += 1
        self.shards[shard_id] = Shard(shard_id, low, high, parents)


class Meta:
    """What botocore says of a client."""

    endpoint_url = "memory:"
    region_name = "us-east-1"


class KinesisClient:
    """Answers as boto3 does."""

    meta = Meta()

    def __init__(
        self,
        network: Network,
        stream: Stream,
        summary: list[tuple[str, bytes]],
        now_ms: Callable[[], int],
        rng: random.Random,
    ) -> None:
        self._network = network
        self._stream = stream
        self._summary = summary
        self._now_ms = now_ms
        self._random = rng

    async def list_shards(self, **_: Any) -> Any:
        return await self._network.call("stream", self._list_shards)

    async def get_shard_iterator(self, ShardId: str, **place: Any) -> Any:
        def effect() -> Any:
            after = int(place.get("StartingSequenceNumber", 0))
            if ShardId not in self._stream.shards:
                raise service_error("ResourceNotFoundException", f"no shard {ShardId}")
            return {"ShardIterator": f"{ShardId} {after}", **self._answered()}

        return await self._network.call("stream", effect)

    async def get_records(self, ShardIterator: str, **_: Any) -> Any:
        return await self._network.call(
            "stream",
            lambda: self._get_records(ShardIterator, self._random.randint(1, PAGE_MAX)),
            partly=lambda: self._get_records(ShardIterator, 0),
        )

    async def describe_stream_summary(self, StreamName: str) -> Any:
        description = {
            "StreamARN": f"arn:aws:kinesis:us-east-1:000000000000:stream/{StreamName}",
            "StreamCreationTimestamp": 0.0,
            "RetentionPeriodHours": 24,
            "StreamStatus": "ACTIVE",
        }
        return await self._network.call(
            "summary", lambda: {"StreamDescriptionSummary": description, **self._answered()}
        )

    async def put_records(self, Records: Any, **_: Any) -> Any:
        """Into the summary stream, which is a list here."""

        def effect(takes: Callable[[int], bool] = lambda _: True) -> Any:
            results: list[Any] = []
            for place, record in enumerate(Records):
                if takes(place):
                    self._summary.append((record["PartitionKey"], record["Data"]))
                    number = str(len(self._summary))
                    results.append({"ShardId": "shardId-0", "SequenceNumber": number})
                else:
                    results.append({"ErrorCode": "InternalFailure", "ErrorMessage": "in part"})
            return {"Records": results}

        return await self._network.call(
            "summary", effect, partly=lambda: effect(lambda place: place % 2 == 1)
        )

    def _list_shards(self) -> Any:
        shards: list[Any] = []
        for shard in self._stream.shards.values():
            numbers = {"StartingSequenceNumber": "0"}
            if shard.closed:
                numbers["EndingSequenceNumber"] = "0"
            listed = {"ShardId": shard.id, "SequenceNumberRange": numbers, **_hash_keys(shard)}
            listed |= zip(("ParentShardId", "AdjacentParentShardId"), shard.parents, strict=False)
            shards.append(listed)
        return {"Shards": shards}

    def _get_records(self, iterator: str, count: int) -> Any:
        shard_id, _, after = iterator.partition(" ")
        if self._random.random() < 0.01:
            raise service_error("ExpiredIteratorException")
        shard = self._stream.shards.get(shard_id)
        if shard is None:
            raise service_error("ResourceNotFoundException", f"no shard {shard_id}")
        now_ms = self._now_ms()
        unread = [r for r in shard.records[shard.trimmed :] if r.number > int(after)]
        page = [r for r in unread[:count] if r.readable_ms <= now_ms]
        left = unread[len(page) :]
        behind_ms = now_ms - left[0].arrival_ms if left and left[0].readable_ms <= now_ms else 0
        last = page[-1].number if page else int(after)
        ended = shard.closed and not left
        return {
            "Records": [
                {
                    "Data": r.data,
                    "PartitionKey": r.key,
                    "SequenceNumber": str(r.number),
                    "ApproximateArrivalTimestamp": r.arrival_ms / 1000,
                }
                for r in page
            ],
            "NextShardIterator": None if ended else f"{shard_id} {last}",
            "ChildShards": self._children(shard_id) if ended else [],
            "MillisBehindLatest": max(1, behind_ms) if behind_ms else 0,
            **self._answered(),
        }

    def _children(self, parent: str) -> list[Any]:
        return [
            {"ShardId": shard.id, "ParentShards": list(shard.parents), **_hash_keys(shard)}
            for shard in self._stream.shards.values()
            if parent in shard.parents
        ]

    def _answered(self) -> dict[str, Any]:
        date = formatdate(self._now_ms() // 1000, usegmt=True)
        return {"ResponseMetadata": {"HTTPHeaders": {"date": date}}}


def _hash_keys(shard: Shard) -> dict[str, Any]:
    ends = {"StartingHashKey": str(shard.low), "EndingHashKey": str(shard.high - 1)}
    return {"HashKeyRange": ends}
