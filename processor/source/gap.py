"""Records that a stream no longer keeps, and that were still to be read.

What can be known: up to when a shard was read (its clock), and since when the stream keeps records
(now less its retention, by the service's own clock). What arrived in between is gone. What cannot
be known is whether anything did arrive: so a gap is an upper bound, and there is none where the
record at the saved position is still kept, as then everything after it is, too.
"""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from awsio.retry import OnWait, retry
from awsio.streams import StreamSummary, summarize_stream
from fleet.errors import RecordsExpired
from fleet.timestamp import timestamp_text

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient
    from types_aiobotocore_kinesis.type_defs import GetRecordsOutputTypeDef

RETENTION_MIN_MS = 24 * 3_600_000
"""No stream keeps its records for less (API reference of DecreaseStreamRetentionPeriod): whoever
has read up to a later moment than this long ago has missed nothing, and nobody need be asked.
"""

LOOKS_MAX = 20
LOOK_GAP_S = 0.2
"""The service may answer several times without a record before it comes to the first one."""


@dataclass(frozen=True, slots=True)
class Gap:
    """What of a shard is gone."""

    stream: str
    shard_id: str
    from_ms: int | None
    """Up to when the shard was read; None when it never was."""
    until_ms: int
    """Since when records are kept."""
    retention_ms: int

    @property
    def length_ms(self) -> int:
        """Its size in time; of a shard that was never read, the retention at least."""
        return self.retention_ms if self.from_ms is None else self.until_ms - self.from_ms

    def __str__(self) -> str:
        start = "its beginning" if self.from_ms is None else f"{timestamp_text(self.from_ms)} UTC"
        return (
            f"stream {self.stream}, {self.shard_id}: what arrived from {start} to "
            f"{timestamp_text(self.until_ms)} UTC is no longer kept: "
            f"up to {duration_text(self.length_ms)} of records are lost, if any arrived then "
            f"(the stream keeps {duration_text(self.retention_ms)})"
        )


def fail_on_gap(gap: Gap) -> None:
    """Raises RecordsExpired."""
    raise RecordsExpired(
        str(gap),
        remedy="--on-gap skip goes on behind the gap and counts it; a longer retention of the "
        "stream (`aws kinesis increase-stream-retention-period`) leaves more time next time",
    )


async def find_gap(
    client: "KinesisClient",
    stream: str,
    shard_id: str,
    position: str | None,
    complete_ms: int,
    *,
    on_wait: OnWait | None = None,
) -> Gap | None:
    """The gap before what can be read next of a listed shard, or None when nothing was lost.

    `complete_ms`: all that arrived before this time was read.
    """
    summary = await summarize_stream(client, stream, on_wait=on_wait)
    if complete_ms >= summary.horizon_ms:
        return None
    first = await _first_record(client, stream, shard_id, position, on_wait)
    if first is not None and first[0] == position:
        return None
    until_ms = summary.horizon_ms if first is None else min(summary.horizon_ms, first[1])
    if until_ms <= complete_ms:
        return None
    return Gap(stream, shard_id, complete_ms, until_ms, summary.retention_ms)


def lost_shard(summary: StreamSummary, stream: str, shard_id: str, complete_ms: int | None) -> Gap:
    """The gap of a shard that is gone altogether before it was read to its end."""
    until_ms = summary.horizon_ms if complete_ms is None else max(summary.horizon_ms, complete_ms)
    return Gap(stream, shard_id, complete_ms, until_ms, summary.retention_ms)


async def _first_record(
    client: "KinesisClient",
    stream: str,
    shard_id: str,
    position: str | None,
    on_wait: OnWait | None,
) -> tuple[str, int] | None:
    """Sequence number and arrival of the record at `position`, or of the first that is kept where
    that is later; None when there is none.
    """
    what = f"stream {stream}, {shard_id}"
    place: dict[str, Any] = {"ShardIteratorType": "TRIM_HORIZON"}
    if position is not None:
        place = {
            "ShardIteratorType": "AT_SEQUENCE_NUMBER",
            "StartingSequenceNumber": position,
        }

    async def look(iterator: str | None) -> "GetRecordsOutputTypeDef":
        if iterator is None:
            found = await client.get_shard_iterator(StreamName=stream, ShardId=shard_id, **place)
            iterator = found["ShardIterator"]
        return await client.get_records(ShardIterator=iterator, Limit=1)

    iterator: str | None = None
    for _ in range(LOOKS_MAX):
        answer = await retry(lambda i=iterator: look(i), what, on_wait=on_wait)  # type: ignore[misc]
        if answer["Records"]:
            record = answer["Records"][0]
            # The clients leave times as the wire has them: seconds, as a float.
            arrival_s: Any = record["ApproximateArrivalTimestamp"]
            return record["SequenceNumber"], round(arrival_s * 1000)
        iterator = answer.get("NextShardIterator")
        if iterator is None or answer.get("MillisBehindLatest", 0) == 0:
            return None
        await asyncio.sleep(LOOK_GAP_S)
    return None


def duration_text(duration_ms: int) -> str:
    """Such as `1 d 2 h 3 min 4.500 s`; what is zero in front is left out."""
    seconds, milliseconds = divmod(duration_ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if n]
    if milliseconds:
        parts.append(f"{seconds}.{milliseconds:03d} s")
    elif seconds or not parts:
        parts.append(f"{seconds} s")
    return " ".join(parts)
