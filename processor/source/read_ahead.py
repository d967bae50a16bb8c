"""Batches that were read and wait to be processed, bounded by the memory they take.

A slow sink slows the reading down: a reader asks for room before it asks the service, and room is
there when the largest answer that the service gives still fits. So the bound holds however many
shards there are and however large their records.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fleet.batch import Batch

RECORDS_MAX = 5000
"""Of one answer: parsing 10,000 would hold the event loop for more than a tenth of a second."""

RECORD_BYTES = 256
"""What a record takes beside its data: sequence number, partition key, and Python's own."""

BATCH_BYTES = 4096
"""What a batch takes even without records: one comes of each silent shard, twice a second."""

ANSWER_BYTES_MAX = 10 * 1024 * 1024 + RECORDS_MAX * RECORD_BYTES + BATCH_BYTES
"""10 MiB of data in one answer: API reference of GetRecords."""

READ_AHEAD_BYTES_MAX = 72 * 1024 * 1024
"""Room for the answers of six readers at a time, or for some thirty batches of 5,000 readings."""


class ReadAhead:
    """A queue for many readers and one who takes. Order is kept; putting never waits."""

    def __init__(self, bytes_max: int = READ_AHEAD_BYTES_MAX) -> None:
        self._bytes_max = max(bytes_max, ANSWER_BYTES_MAX)
        self._bytes = 0
        self._batches: deque[Batch] = deque()
        self._failure: BaseException | None = None
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._something = asyncio.Event()

    @property
    def bytes(self) -> int:
        """What is held and reserved, about."""
        return self._bytes

    @asynccontextmanager
    async def room(self) -> AsyncIterator[None]:
        """Waits, first come, first served, until an answer fits; it is kept for the block, which
        says with `hold` what it got.
        """
        await self._reserve()
        try:
            yield
        finally:
            self._give_back(ANSWER_BYTES_MAX)

    def hold(self, batch: Batch) -> None:
        """Counts a batch from now on, before it is put."""
        self._bytes += _bytes_of(batch)

    def put(self, batch: Batch) -> None:
        """Adds a batch that is held."""
        self._batches.append(batch)
        self._something.set()

    def fail(self, error: BaseException) -> None:
        """What `take` raises once all batches are taken."""
        self._failure = self._failure or error
        self._something.set()

    async def take(self) -> Batch:
        """The next batch, however long it takes to come."""
        while (batch := self.take_now()) is None:
            if self._failure is not None:
                raise self._failure
            self._something.clear()
            await self._something.wait()
        return batch

    def take_now(self) -> Batch | None:
        """The next batch if there is one."""
        if not self._batches:
            return None
        batch = self._batches.popleft()
        self._give_back(_bytes_of(batch))
        return batch

    async def _reserve(self) -> None:
        if not self._waiting and self._fits():
            self._bytes += ANSWER_BYTES_MAX
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                # It may be gone already: one that was cancelled is passed over.
                with suppress(ValueError):
                    self._waiting.remove(turn)
            else:
                self._give_back(ANSWER_BYTES_MAX)
            raise

    def _give_back(self, count: int) -> None:
        self._bytes -= count
        while self._waiting and self._fits():
            turn = self._waiting.popleft()
            if not turn.done():
                self._bytes += ANSWER_BYTES_MAX
                turn.set_result(None)

    def _fits(self) -> bool:
        return self._bytes + ANSWER_BYTES_MAX <= self._bytes_max


def _bytes_of(batch: Batch) -> int:
    return BATCH_BYTES + RECORD_BYTES * len(batch) + sum(map(len, batch.records))
