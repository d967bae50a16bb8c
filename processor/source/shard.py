"""One shard of a Kinesis stream, read in order, as batches."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from awsio.answer import answered_ms
from awsio.retry import Backoff, OnWait, error_code, reason_to_wait
from fleet.batch import SHARD_END, Batch
from processor.source.gap import RETENTION_MIN_MS, Gap, find_gap
from processor.source.read_ahead import RECORDS_MAX, ReadAhead

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient
    from types_aiobotocore_kinesis.type_defs import GetRecordsOutputTypeDef, RecordTypeDef

BEHIND_GAP_S = 0.2
"""Between two reads while behind: the service allows five reads a second and shard."""

TIP_GAP_S = 0.5
"""Between two reads at the tip."""

TIP_MARGIN_MS = 1000
"""A record can be read only some time after its arrival; the service's guide says typically under
a second. A shard that shows nothing new is taken to be complete up to this long before its answer.
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a shard is read from; the first that is set counts, and none is its oldest record."""

    position: str | None = None
    """After this sequence number."""
    latest: bool = False
    """From now on."""
    since_ms: int | None = None
    """From the first record that arrived at this time or later."""


@dataclass(frozen=True, slots=True)
class Access:
    """What the readers of all shards share."""

    client: "KinesisClient"
    stream: str
    ahead: ReadAhead
    is_closed: Callable[[str], bool]
    """Whether a shard was listed as taking no more records."""
    on_wait: OnWait | None
    on_gap: Callable[[Gap], None]
    """Told before reading goes on behind a gap; what it raises ends the reading."""


class ShardReader:
    """Reads on from a place. Makes a new iterator when one expires."""

    def __init__(
        self, access: Access, shard_id: str, place: Place, complete_ms: int | None = None
    ) -> None:
        """`complete_ms`: all that arrived before this was read; None when nothing is known."""
        self._access = access
        self._shard_id = shard_id
        self._place = place
        self._iterator: str | None = None
        self._backoff = Backoff()
        self._next_read_s = 0.0
        self.complete_ms = complete_ms
        self.is_failing = False
        """Whether the last attempt failed, and the next one is waited for."""
        self.described_children: list[dict[str, Any]] = []
        """With the last batch: the shard's ChildShards, where the service names them."""

    async def begin(self) -> None:
        """Takes its place in the shard; `read` does it otherwise."""
        while self._iterator is None:
            try:
                await self._make_iterator()
            except Exception as error:
                await self._recover(error)

    async def read(self) -> Batch:
        """The next records, or an empty batch at the tip; the last batch has position SHARD_END.

        The batch is held in the ReadAhead. Raises ResourceMissing when the shard is gone.
        """
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._next_read_s - loop.time()))
        while True:
            started_s = loop.time()
            try:
                await self.begin()
                async with self._access.ahead.room():
                    answer = await self._access.client.get_records(
                        ShardIterator=self._iterator or "", Limit=RECORDS_MAX
                    )
                    batch = self._batch(answer)
                    self._access.ahead.hold(batch)
            except Exception as error:
                await self._recover(error)
                continue
            self._backoff.reset()
            self.is_failing = False
            behind = answer.get("MillisBehindLatest", 0) > 0
            self._next_read_s = started_s + (BEHIND_GAP_S if behind else TIP_GAP_S)
            return batch

    def close(self) -> None:
        """There is nothing to end."""

    async def _make_iterator(self) -> None:
        answer = await self._access.client.get_shard_iterator(
            StreamName=self._access.stream,
            ShardId=self._shard_id,
            **place_members(self._place, "ShardIteratorType", "StartingSequenceNumber"),
        )
        now_ms = answered_ms(answer)
        if self._place.latest and now_ms is not None:
            # Should this iterator expire, LATEST would be another place. From now on it counts by
            # the second in which it was asked for.
            self._place = Place(since_ms=now_ms)
        if now_ms is not None and await self._is_behind_gap(now_ms):
            # Some time passes at the old place before the service comes to what it keeps.
            self._place, self.complete_ms = Place(), None
        else:
            self._iterator = answer["ShardIterator"]

    async def _is_behind_gap(self, now_ms: int) -> bool:
        """Whether there is a gap, which is accepted."""
        if self.complete_ms is None or now_ms - self.complete_ms < RETENTION_MIN_MS:
            return False
        access = self._access
        gap = await find_gap(
            access.client,
            access.stream,
            self._shard_id,
            self._place.position,
            self.complete_ms,
            on_wait=access.on_wait,
        )
        if gap is not None:
            access.on_gap(gap)
        return gap is not None

    async def _recover(self, error: Exception) -> None:
        """Waits until another attempt makes sense; raises what waiting does not mend."""
        if error_code(error) == "ExpiredIteratorException":
            self._iterator = None
            return
        reason = reason_to_wait(error, f"stream {self._access.stream}, {self._shard_id}")
        self.is_failing = True
        await self._backoff.wait(reason, self._access.on_wait)

    def _batch(self, answer: "GetRecordsOutputTypeDef") -> Batch:
        records = answer["Records"]
        self._iterator = answer.get("NextShardIterator") or None
        if records:
            self._place = Place(records[-1]["SequenceNumber"])
        ended = self._iterator is None
        tip_ms = None if ended else self._tip_ms(answer)
        position = SHARD_END if ended else self._place.position
        batch = batch_of(self._shard_id, records, position, tip_ms)
        if records:
            self.complete_ms = max(self.complete_ms or 0, int(batch.arrival_ms[-1]))
        if tip_ms is not None:
            self.complete_ms = max(self.complete_ms or 0, tip_ms)
        if ended:
            self.described_children = list(answer.get("ChildShards", []))  # type: ignore[arg-type]
        return batch

    def _tip_ms(self, answer: "GetRecordsOutputTypeDef") -> int | None:
        """Up to when the shard is known to be complete, by the source's own clock.

        The tip of a closed shard says nothing of the time after its end, when its children took the
        records. With its last records it may still give an iterator, and only the next answer ends
        it; so of a shard that may have been closed since it was listed, the tip is believed when an
        answer has nothing new.
        """
        if answer.get("MillisBehindLatest", 0) > 0 or answer["Records"]:
            return None
        if self._access.is_closed(self._shard_id):
            return None
        now_ms = answered_ms(answer)
        return None if now_ms is None else now_ms - TIP_MARGIN_MS


def batch_of(
    shard_id: str, records: "Sequence[RecordTypeDef]", position: str | None, tip_ms: int | None
) -> Batch:
    """Records as the service gives them, as columns."""
    arrival_s = np.fromiter(
        (r["ApproximateArrivalTimestamp"] for r in records), np.float64, len(records)
    )
    return Batch(
        shard_id=shard_id,
        records=[r["Data"] for r in records],
        # The service's clock has milliseconds; a float of seconds needs rounding to them.
        arrival_ms=np.rint(arrival_s * 1000).astype(np.int64),
        sequence_numbers=[r["SequenceNumber"] for r in records],
        partition_keys=[r["PartitionKey"] for r in records],
        position=position,
        tip_ms=tip_ms,
    )


def place_members(place: Place, type_name: str, number_name: str) -> dict[str, Any]:
    """A place as a request tells it, with the names that the request has for its members."""
    if place.position is not None:
        return {type_name: "AFTER_SEQUENCE_NUMBER", number_name: place.position}
    if place.latest:
        return {type_name: "LATEST"}
    if place.since_ms is not None:
        return {type_name: "AT_TIMESTAMP", "Timestamp": place.since_ms / 1000}
    return {type_name: "TRIM_HORIZON"}
