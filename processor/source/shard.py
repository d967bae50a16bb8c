"""One shard of a Kinesis stream, read in order, as batches."""

import asyncio
from typing import TYPE_CHECKING, Any

import numpy as np

from awsio.answer import answered_ms
from awsio.retry import Backoff, OnWait, error_code, reason_to_wait
from fleet.batch import SHARD_END, Batch

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient
    from types_aiobotocore_kinesis.type_defs import GetRecordsOutputTypeDef

RECORDS_MAX = 5000
"""Of one GetRecords: parsing 10,000 would hold the event loop for more than a tenth of a second."""

BEHIND_GAP_S = 0.2
"""Between two reads while behind: the service allows five reads a second and shard."""

TIP_GAP_S = 0.5
"""Between two reads at the tip."""

TIP_MARGIN_MS = 1000
"""A record can be read only some time after its arrival; the service's guide says typically under
a second. A shard that shows nothing new is taken to be complete up to this long before its answer.
"""


class ShardReader:
    """Reads on from `position` (None: the oldest record). Makes a new iterator when one expires."""

    def __init__(
        self,
        client: "KinesisClient",
        stream: str,
        shard_id: str,
        position: str | None,
        *,
        on_wait: OnWait | None = None,
    ) -> None:
        self._client = client
        self._stream = stream
        self._shard_id = shard_id
        self._position = position
        self._on_wait = on_wait
        self._iterator: str | None = None
        self._backoff = Backoff()
        self._next_read_s = 0.0

    async def read(self) -> Batch:
        """The next records, or an empty batch at the tip; the last batch has position SHARD_END."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._next_read_s - loop.time()))
        while True:
            started_s = loop.time()
            try:
                if self._iterator is None:
                    self._iterator = await self._make_iterator()
                answer = await self._client.get_records(
                    ShardIterator=self._iterator, Limit=RECORDS_MAX
                )
                batch = self._batch(answer)
            except Exception as error:
                await self._recover(error)
                continue
            self._backoff.reset()
            behind = answer.get("MillisBehindLatest", 0) > 0
            self._next_read_s = started_s + (BEHIND_GAP_S if behind else TIP_GAP_S)
            return batch

    async def _make_iterator(self) -> str:
        request: dict[str, Any] = {"ShardIteratorType": "TRIM_HORIZON"}
        if self._position is not None:
            request = {
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                "StartingSequenceNumber": self._position,
            }
        answer = await self._client.get_shard_iterator(
            StreamName=self._stream, ShardId=self._shard_id, **request
        )
        return answer["ShardIterator"]

    async def _recover(self, error: Exception) -> None:
        if error_code(error) == "ExpiredIteratorException":
            self._iterator = None
            return
        reason = reason_to_wait(error, f"stream {self._stream}, {self._shard_id}")
        await self._backoff.wait(reason, self._on_wait)

    def _batch(self, answer: "GetRecordsOutputTypeDef") -> Batch:
        records = answer["Records"]
        self._iterator = answer.get("NextShardIterator") or None
        arrival_s = np.fromiter(
            (r["ApproximateArrivalTimestamp"] for r in records), np.float64, len(records)
        )
        if records:
            self._position = records[-1]["SequenceNumber"]
        ended = self._iterator is None
        return Batch(
            shard_id=self._shard_id,
            records=[r["Data"] for r in records],
            # The service's clock has milliseconds; a float of seconds needs rounding to them.
            arrival_ms=np.rint(arrival_s * 1000).astype(np.int64),
            sequence_numbers=[r["SequenceNumber"] for r in records],
            partition_keys=[r["PartitionKey"] for r in records],
            position=SHARD_END if ended else self._position,
            tip_ms=None if ended else _tip_ms(answer),
        )


def _tip_ms(answer: "GetRecordsOutputTypeDef") -> int | None:
    """When the shard was known to be complete, by the source's own clock."""
    if answer.get("MillisBehindLatest", 0) > 0:
        return None
    at_ms = answered_ms(answer)
    return None if at_ms is None else at_ms - TIP_MARGIN_MS
