"""The service's side of a stream that is split and merged, in memory.

Each open shard owns some keys. Reads give few records at a time, so that a reader is still in a
parent when its children fill; any read may be throttled or find its iterator expired.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from botocore.exceptions import ClientError

from fleet.clock import ManualClock

PAGE_RECORDS = 2


def _error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "not now"}}, "GetRecords")


@dataclass
class _Shard:
    id: str
    keys: list[str]
    parents: list[str]
    records: list[dict[str, Any]] = field(default_factory=list)
    closed: bool = False


class FakeStream:
    """Its own clients, too. `read_faults` gives each GetRecords' error code; "" is none, and so is
    the end of them. So many answers after the last record of a closed shard are like those of the
    tip of an open one: `late_ends`, the one with that record included.
    """

    def __init__(self, keys: str, read_faults: Sequence[str] = ()) -> None:
        self.clock = ManualClock(1_767_225_600_250)
        self.shards: list[_Shard] = []
        self.reads: list[str] = []
        self.late_ends = 0
        self._read_faults: Iterator[str] = iter(read_faults)
        self._put = 0
        self._open_shard(list(keys))

    async def kinesis(self) -> Any:
        """As AwsClients gives a client."""
        return self

    @property
    def open_shards(self) -> list[_Shard]:
        return [shard for shard in self.shards if not shard.closed]

    def put(self, key: str) -> str:
        """Puts the next record; its data is its number in the stream."""
        shard = next(shard for shard in self.open_shards if key in shard.keys)
        self._put += 1
        number = str(self._put)
        shard.records.append(
            {
                "SequenceNumber": number,
                "ApproximateArrivalTimestamp": self.clock.now_ms() / 1000,
                "PartitionKey": key,
                "Data": number.encode(),
            }
        )
        self.clock.advance(1)
        return number

    def split(self, shard: _Shard) -> None:
        middle = len(shard.keys) // 2
        shard.closed = True
        self._open_shard(shard.keys[:middle], shard)
        self._open_shard(shard.keys[middle:], shard)

    def merge(self, shard: _Shard, other: _Shard) -> None:
        shard.closed = other.closed = True
        self._open_shard(shard.keys + other.keys, shard, other)

    async def list_shards(self, **asked: str) -> dict[str, Any]:
        """One shard a page."""
        start = int(asked.get("NextToken", "0"))
        assert ("StreamName" in asked) != ("NextToken" in asked)
        answer: dict[str, Any] = {"Shards": [self._described(self.shards[start])]}
        if start + 1 < len(self.shards):
            answer["NextToken"] = str(start + 1)
        return answer

    async def get_shard_iterator(
        self,
        StreamName: str,
        ShardId: str,
        ShardIteratorType: str,
        StartingSequenceNumber: str = "0",
        Timestamp: float = 0.0,
    ) -> dict[str, str]:
        assert StreamName == "wildrydes"
        records = self._shard(ShardId).records
        start = {
            "TRIM_HORIZON": 0,
            "LATEST": len(records),
            "AFTER_SEQUENCE_NUMBER": sum(
                int(record["SequenceNumber"]) <= int(StartingSequenceNumber) for record in records
            ),
            "AT_TIMESTAMP": sum(r["ApproximateArrivalTimestamp"] < Timestamp for r in records),
        }[ShardIteratorType]
        return {"ShardIterator": f"{ShardId} {start}", **self._answered()}

    async def get_records(self, ShardIterator: str, Limit: int) -> dict[str, Any]:
        if code := next(self._read_faults, ""):
            raise _error(code)
        shard_id, start = ShardIterator.split()
        self.reads.append(shard_id)
        shard = self._shard(shard_id)
        end = min(int(start) + min(PAGE_RECORDS, Limit), len(shard.records))
        left = len(shard.records) - end
        answer: dict[str, Any] = {
            "Records": shard.records[int(start) : end],
            "MillisBehindLatest": 1000 * left,
            **self._answered(),
        }
        late = shard.closed and not left and self.late_ends > 0
        self.late_ends -= late
        if left or not shard.closed or late:
            answer["NextShardIterator"] = f"{shard_id} {end}"
        return answer

    def _answered(self) -> dict[str, Any]:
        date = formatdate(self.clock.now_ms() // 1000, usegmt=True)
        return {"ResponseMetadata": {"HTTPHeaders": {"date": date}}}

    def _open_shard(self, keys: list[str], *parents: _Shard) -> None:
        shard_id = f"shardId-{len(self.shards):012d}"
        self.shards.append(_Shard(shard_id, keys, [parent.id for parent in parents]))

    def _shard(self, shard_id: str) -> _Shard:
        return next(shard for shard in self.shards if shard.id == shard_id)

    def _described(self, shard: _Shard) -> dict[str, Any]:
        numbers = {"StartingSequenceNumber": "0"}
        if shard.closed:
            numbers["EndingSequenceNumber"] = "9"
        names = ("ParentShardId", "AdjacentParentShardId")
        parents = dict(zip(names, shard.parents, strict=False))
        hash_keys = {"StartingHashKey": "0", "EndingHashKey": "9"}
        described = {"ShardId": shard.id, "SequenceNumberRange": numbers, **parents}
        return {**described, "HashKeyRange": hash_keys}
