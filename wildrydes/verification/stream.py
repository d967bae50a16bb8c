"""The whole stream, from the oldest record of each shard to those that arrive when reading begins:
a stream that grows as fast as it is read has an end, too.

A reader of its own: a record that the processor's reader passes over must not be passed over here.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from awsio.aggregation import MAGIC, read_aggregate
from awsio.answer import answered_ms
from awsio.lineage import Lineage, Shard
from awsio.listing import list_shards
from awsio.parallel import in_parallel
from awsio.retry import OnWait, error_code, retry
from awsio.streams import summarize_stream
from fleet.errors import ResourceMissing
from wildrydes.stream_record import StreamRecord

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient
    from types_aiobotocore_kinesis.type_defs import GetRecordsOutputTypeDef

RECORDS_MAX: Final = 10_000
SHARDS_AT_ONCE: Final = 8
READ_GAP_S: Final = 0.2
"""The service allows five reads a second and shard, for all readers together."""
TIP_MARGIN_MS: Final = 1000
"""A record can be read only some time after its arrival, typically less than a second."""


@dataclass(frozen=True, slots=True)
class BrokenRecord(StreamRecord):
    """A user record that cannot be used because of the aggregate that it stands in."""

    why: str


Take = Callable[[Sequence[StreamRecord], int], None]
"""Handed consecutive records of one shard, and how many of it were handed over before."""


@dataclass(frozen=True, slots=True)
class StreamExtent:
    """What of the stream there was to read."""

    created_ms: int
    trimmed_ms: int | None
    """Records that arrived before may have outlived their retention; None: none has."""
    until_ms: int
    """No record that arrived before is still to come, by the stream's own clock."""
    shards: Sequence[str]


class StreamReading:
    """Reads a stream once."""

    def __init__(
        self, client: "KinesisClient", stream: str, take: Take, on_wait: OnWait | None
    ) -> None:
        self._client = client
        self._stream = stream
        self._take = take
        self._on_wait = on_wait
        self._lineage = Lineage()
        self._clocks_ms: dict[str, int | None] = {}
        """Of the shards that are open: up to when each is known to be complete."""
        self._began_ms: int | None = None
        """By the stream's clock."""

    async def read(self) -> StreamExtent:
        """Reads children after their parents. Raises ResourceMissing when there is no stream."""
        try:
            summary = await summarize_stream(self._client, self._stream, on_wait=self._on_wait)
        except ResourceMissing:
            raise ResourceMissing(
                f"there is no stream {self._stream} at {self._client.meta.endpoint_url}",
                remedy="check --stream, --summary-stream, --region and --endpoint-url",
            ) from None
        created_ms = summary.created_ms
        self._began_ms = summary.answered_ms or None
        read: set[str] = set()
        while True:
            listed = await list_shards(self._client, self._stream, on_wait=self._on_wait)
            self._lineage.learn(listed)
            ready = [shard_id for shard_id in self._lineage.readable() if shard_id not in read]
            if not ready:
                break
            await in_parallel(ready, self._read, at_most=SHARDS_AT_ONCE)
            read.update(ready)
        clocks = [clock for clock in self._clocks_ms.values() if clock is not None]
        complete = len(clocks) == len(self._clocks_ms)
        return StreamExtent(
            created_ms=created_ms,
            trimmed_ms=summary.horizon_ms if summary.horizon_ms > created_ms else None,
            until_ms=min(clocks) if clocks and complete else created_ms,
            shards=sorted(read),
        )

    async def _read(self, shard_id: str) -> None:
        """Reads a shard to its end, or to what arrived when reading began."""
        position: dict[str, Any] = {"ShardIteratorType": "TRIM_HORIZON"}
        iterator: str | None = None
        taken = 0
        while True:
            started_s = asyncio.get_running_loop().time()
            if iterator is None:
                iterator = await self._iterator(shard_id, position)
            answer = await self._get(shard_id, iterator)
            if answer is None:
                iterator = None
                continue
            records = [_record(shard_id, record) for record in answer["Records"]]
            if records:
                users = list(_user_records(records, self._lineage[shard_id]))
                self._take(users, taken)
                taken += len(users)
                position = {
                    "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                    "StartingSequenceNumber": records[-1].sequence_number,
                }
            iterator = answer.get("NextShardIterator") or None
            if iterator is None:
                self._lineage.end(shard_id)
                return
            if answer.get("MillisBehindLatest", 0) == 0:
                self._clocks_ms[shard_id] = _tip_ms(answer, records)
                return
            began_ms = self._began_ms
            if records and began_ms is not None and records[-1].arrival_ms >= began_ms:
                self._clocks_ms[shard_id] = began_ms
                return
            passed_s = asyncio.get_running_loop().time() - started_s
            await asyncio.sleep(max(0.0, READ_GAP_S - passed_s))

    async def _iterator(self, shard_id: str, position: Mapping[str, Any]) -> str:
        answer = await retry(
            lambda: self._client.get_shard_iterator(
                StreamName=self._stream, ShardId=shard_id, **position
            ),
            f"stream {self._stream}, {shard_id}",
            on_wait=self._on_wait,
        )
        return answer["ShardIterator"]

    async def _get(self, shard_id: str, iterator: str) -> "GetRecordsOutputTypeDef | None":
        """The answer, or None when the iterator has expired."""
        try:
            return await retry(
                lambda: self._client.get_records(ShardIterator=iterator, Limit=RECORDS_MAX),
                f"stream {self._stream}, {shard_id}",
                on_wait=self._on_wait,
            )
        except Exception as error:
            if error_code(error) == "ExpiredIteratorException":
                return None
            raise


def _record(shard_id: str, record: Any) -> StreamRecord:
    return StreamRecord(
        shard_id,
        record["SequenceNumber"],
        record["PartitionKey"],
        round(record["ApproximateArrivalTimestamp"] * 1000),
        record["Data"],
    )


def _user_records(records: Sequence[StreamRecord], shard: Shard) -> Iterator[StreamRecord]:
    """The records, each aggregate of the Kinesis Producer Library as the records in it.

    After a reshard a producer may have sent some to the wrong shard: it has sent all of that
    aggregate again, and this one does not count (see docs/semantics.md).
    """
    for record in records:
        aggregate = read_aggregate(record.data) if record.data.startswith(MAGIC) else None
        if aggregate is None:
            yield record
        elif not shard.parents or aggregate.is_within(shard.hash_keys):
            for place, data in enumerate(aggregate.records):
                inner = (
                    record.shard_id,
                    f"{record.sequence_number}:{place}",
                    aggregate.partition_keys[place],
                    record.arrival_ms,
                    data,
                )
                why = aggregate.broken.get(place)
                yield StreamRecord(*inner) if why is None else BrokenRecord(*inner, why)


def _tip_ms(answer: Any, records: Sequence[StreamRecord]) -> int | None:
    date_ms = answered_ms(answer)
    if date_ms is not None:
        return date_ms - TIP_MARGIN_MS
    return records[-1].arrival_ms if records else None
