"""Archived records put into a stream once more: keys and their order as they were, at any speed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from awsio.put_records import Ack, Entry, put_records
from awsio.retry import OnWait
from fleet.race import done_before, finish_in_time
from sinks.archive_reader import ArchivedRecord

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

PUT_RECORDS = 500
"""In one call, at most."""
STOP_PATIENCE_S = 4.0
SLICE_MS = 100
"""Records that arrived within this time are put together, however slow the replay is."""


@dataclass
class Put:
    """How far a replay has come."""

    records: int = 0
    untimed: int = 0
    last_arrival_ms: int | None = None


async def replay_into(
    client: "KinesisClient",
    stream: str,
    chunks: AsyncIterator[Sequence[ArchivedRecord]],
    stop: asyncio.Event,
    *,
    speed: float | None,
    skip: int,
    put: Put,
    on_progress: Callable[[Put], None],
    on_wait: OnWait,
) -> bool:
    """Puts the records, after passing over `skip` of them; `speed` is in seconds of arrival a
    second, None is as fast as the stream takes them. Returns whether it came to the end before
    `stop`; all that counts in `put` has been acknowledged then.

    Records of one partition key keep their order; they get new sequence numbers and arrivals.
    """
    pace: _Pace | None = None if speed is None else _Pace(speed)
    async for chunk in chunks:
        left = chunk[skip:] if skip < len(chunk) else chunk[:0]
        skip = max(0, skip - len(chunk))
        for slice_ in _slices(left, paced=pace is not None):
            if pace is not None:
                await done_before(stop, pace.wait_for(slice_[0].arrival_ms))
            if stop.is_set():
                return False
            entries = [Entry(record.partition_key or "-", record.data) for record in slice_]
            # A stream that is down must not hold the process; what lands meanwhile is put again.
            putting = put_records(client, stream, entries, on_wait=on_wait)
            if await _done_in_time(stop, putting) is None:
                return False
            put.records += len(slice_)
            put.untimed += sum(not record.is_timed for record in slice_)
            put.last_arrival_ms = slice_[-1].arrival_ms
            on_progress(put)
    return True


async def _done_in_time(
    stop: asyncio.Event, putting: Coroutine[Any, Any, list[Ack]]
) -> list[Ack] | None:
    """The acks, or None when they had not come some seconds after `stop`."""
    acks: list[Ack] | None = None

    async def put() -> None:
        nonlocal acks
        acks = await putting

    await finish_in_time(stop, put(), STOP_PATIENCE_S)
    return acks


class _Pace:
    """Waits until it is a record's turn."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._first_ms: int | None = None
        self._start_s = 0.0

    async def wait_for(self, arrival_ms: int) -> None:
        now_s = asyncio.get_running_loop().time()
        if self._first_ms is None:
            self._first_ms, self._start_s = arrival_ms, now_s
        due_s = self._start_s + (arrival_ms - self._first_ms) / 1000 / self._speed
        await asyncio.sleep(max(0.0, due_s - now_s))


def _slices(records: Sequence[ArchivedRecord], *, paced: bool) -> list[Sequence[ArchivedRecord]]:
    """What goes into one call each."""
    slices: list[Sequence[ArchivedRecord]] = []
    start = 0
    for end in range(1, len(records) + 1):
        is_full = end - start == PUT_RECORDS
        is_last = end == len(records)
        if (
            is_last
            or is_full
            or (paced and records[end].arrival_ms - records[start].arrival_ms >= SLICE_MS)
        ):
            slices.append(records[start:end])
            start = end
    return slices
