"""All shards of a stream, followed from now on or from their oldest record, for looking on.

A child shard is read when all its parents have been read to their end (Kinesis developer guide,
"Resharding"), so the records of one partition key come in the order in which they were put.
Nothing is remembered between two runs; processing with exactly-once duties is not done with this.
"""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

from awsio.lineage import Shard
from awsio.listing import list_shards
from awsio.retry import Backoff, OnWait, error_code, reason_to_wait, retry
from fleet.clock import Clock

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient
    from types_aiobotocore_kinesis.type_defs import RecordTypeDef

RECORDS_MAX = 5000
"""Of one GetRecords: parsing more would hold the event loop for long."""

BEHIND_GAP_S = 0.25
TIP_GAP_S = 0.5
"""Between two reads of a shard. The service allows five a second, for all who read it together."""

Start = Literal["latest", "trim-horizon"]


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """A record, and where it was."""

    shard_id: str
    sequence_number: str
    partition_key: str
    arrival_ms: int
    data: bytes


@dataclass(slots=True)
class _Shard:
    """A shard that is not read to its end."""

    id: str
    parents: tuple[str, ...]
    position: dict[str, Any]
    """How GetShardIterator is asked for the next record."""
    iterator: str | None = None
    backoff: Backoff = field(default_factory=Backoff)
    not_before_s: float = 0.0
    is_failing: bool = False
    """Whether its last read failed."""


class StreamReader:
    """`await reader.open()`, then `await reader.read()` again and again."""

    def __init__(
        self,
        client: "KinesisClient",
        stream: str,
        start: Start,
        clock: Clock,
        *,
        on_wait: OnWait | None = None,
    ) -> None:
        self._client = client
        self._stream = stream
        self._start = start
        self._clock = clock
        self._on_wait = on_wait
        self._listed: set[str] = set()
        self._shards: dict[str, _Shard] = {}
        self._next_read_s = 0.0
        self._is_behind = False

    @property
    def is_waiting(self) -> bool:
        """Whether some shard cannot be read at this moment."""
        return any(shard.is_failing for shard in self._shards.values())

    async def open(self) -> None:
        """Finds the shards. Whatever the start, all that is put from now on is read.

        Raises ResourceMissing when there is no such stream.
        """
        await self._list(self._start)
        if self._start == "latest":
            for shard in self._shards.values():
                await retry(
                    lambda shard=shard: self._make_iterator(shard),  # type: ignore[misc]
                    self._what(shard),
                    on_wait=self._on_wait,
                )

    async def read(self) -> list[StreamRecord]:
        """What has come since the last read, in order within a shard; often nothing."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._next_read_s - loop.time()))
        started_s = loop.time()
        readable = [
            shard
            for shard in self._shards.values()
            if not any(parent in self._shards for parent in shard.parents)
        ]
        self._is_behind = False
        try:
            async with asyncio.TaskGroup() as group:
                polls = [group.create_task(self._poll(shard)) for shard in readable]
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        self._next_read_s = started_s + (BEHIND_GAP_S if self._is_behind else TIP_GAP_S)
        return [record for poll in polls for record in poll.result()]

    async def _poll(self, shard: _Shard) -> list[StreamRecord]:
        """One GetRecords, unless the shard waits after a failure."""
        if asyncio.get_running_loop().time() < shard.not_before_s:
            return []
        try:
            if shard.iterator is None:
                await self._make_iterator(shard)
            answer = await self._client.get_records(
                ShardIterator=shard.iterator or "", Limit=RECORDS_MAX
            )
        except Exception as error:
            self._put_off(shard, error)
            return []
        shard.backoff.reset()
        shard.is_failing = False
        records = [_record(shard.id, record) for record in answer["Records"]]
        if records:
            shard.position = {
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                "StartingSequenceNumber": records[-1].sequence_number,
            }
        shard.iterator = answer.get("NextShardIterator") or None
        if shard.iterator is None:
            # The children are listed before their parent counts as read.
            await self._list("trim-horizon")
            del self._shards[shard.id]
        if shard.iterator is None or answer.get("MillisBehindLatest", 0) > 0:
            self._is_behind = True
        return records

    def _put_off(self, shard: _Shard, error: Exception) -> None:
        """Notes when to try the shard again; raises what waiting does not mend."""
        if error_code(error) == "ExpiredIteratorException":
            shard.iterator = None
            return
        reason = reason_to_wait(error, self._what(shard))
        shard.is_failing = True
        wait_s = shard.backoff.seconds()
        shard.not_before_s = asyncio.get_running_loop().time() + wait_s
        if self._on_wait is not None:
            self._on_wait(reason, wait_s)

    async def _make_iterator(self, shard: _Shard) -> None:
        asked_ms = self._clock.now_ms()
        answer = await self._client.get_shard_iterator(
            StreamName=self._stream, ShardId=shard.id, **shard.position
        )
        shard.iterator = answer["ShardIterator"]
        if shard.position["ShardIteratorType"] == "LATEST":
            # Should this iterator expire, LATEST would be another place.
            shard.position = {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": asked_ms / 1000}

    async def _list(self, start: Start) -> None:
        """Takes up the shards that are new; `start` says where they are read from."""
        for shard in await list_shards(self._client, self._stream, on_wait=self._on_wait):
            if shard.id not in self._listed:
                self._listed.add(shard.id)
                self._take_up(shard, start)

    def _take_up(self, shard: Shard, start: Start) -> None:
        if start == "latest" and shard.is_closed:
            # Nothing comes any more, and its children are listed too.
            return
        kind = "LATEST" if start == "latest" else "TRIM_HORIZON"
        self._shards[shard.id] = _Shard(shard.id, shard.parents, {"ShardIteratorType": kind})

    def _what(self, shard: _Shard) -> str:
        return f"stream {self._stream}, {shard.id}"


def _record(shard_id: str, record: "RecordTypeDef") -> StreamRecord:
    # The client is told to leave times as the wire has them: seconds, as a float.
    arrival_s = cast("float", record["ApproximateArrivalTimestamp"])
    return StreamRecord(
        shard_id,
        record["SequenceNumber"],
        record["PartitionKey"],
        round(arrival_s * 1000),
        record["Data"],
    )
