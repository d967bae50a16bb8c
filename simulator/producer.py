"""Sends the fleet's readings: one round, a reading of every unicorn, each time one is due.

The ride is the herd's alone. Throttling, outages and lateness change when a round is sent, and how
many are, but never what is in it: the k-th reading of a unicorn is the same in every run of a seed.
"""

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from awsio.parallel import in_parallel
from awsio.put_records import RECORDS_MAX, Ack, Entry, OnAck, put_records
from awsio.trouble import Trouble
from fleet.clock import Clock
from fleet.timestamp import timestamp_text
from simulator.herd import Herd
from simulator.readings import entries
from simulator.schedule import Schedule

if TYPE_CHECKING:
    from types_aiobotocore_kinesis import KinesisClient

LANES = 8
"""Calls in flight at a time, so that a large fleet is not bound by the service's answer time."""

GRACE_S = 0.6
"""How long the calls in flight may take when told to stop."""


@dataclass(slots=True)
class Progress:
    """What the producer has done so far."""

    sent: int = 0
    """Readings that the service has acknowledged."""
    rounds: int = 0
    """Rounds of which every reading is acknowledged."""
    left_out: int = 0
    """Rounds that could not be sent in time, and were not."""
    unacknowledged: int = 0
    """Readings given up at the end: they may or may not have landed."""
    shards: set[str] = field(default_factory=set)
    """Where readings landed."""
    waiting: str | None = None
    """What is waited for at this moment, as a sentence."""


class Producer:
    """Sends the readings of a herd into a stream, `rate` rounds a second."""

    def __init__(
        self,
        client: "KinesisClient",
        stream: str,
        names: Sequence[str],
        herd: Herd,
        clock: Clock,
        *,
        rate: float = 1.0,
        notice: Callable[[str], None],
        on_round: Callable[[], None],
        on_ack: OnAck | None = None,
    ) -> None:
        """`names` has one name for each unicorn of the herd. `notice` is told a sentence whenever
        trouble begins or ends, `on_round` of every round that is acknowledged, `on_ack` of every
        reading.
        """
        self._client = client
        self._stream = stream
        self._names = names
        self._herd = herd
        self._clock = clock
        self._rate = rate
        self._on_round = on_round
        self._on_ack = on_ack
        self._outage = Trouble(notice)
        self._lateness = Trouble(notice)
        self.progress = Progress()

    async def run(
        self, stop: asyncio.Event, *, seconds: float | None = None, count: int | None = None
    ) -> None:
        """Sends until `stop` is set, for `seconds`, or until each unicorn has sent `count`
        readings, whichever is first.

        Calls in flight are finished. Raises ResourceMissing when there is no such stream,
        FleetError when the service refuses for good.
        """
        stopping = asyncio.create_task(stop.wait(), name="wait for stop")
        now_ms = self._clock.now_ms()
        end_ms = None if seconds is None else now_ms + seconds * 1000
        schedule = Schedule(self._rate, now_ms)
        try:
            while self.progress.rounds != count:
                due_s, left_s = self._due_s(schedule), self._left_s(end_ms)
                await self._sleep(due_s if left_s is None else min(due_s, left_s), stopping)
                left_s = self._left_s(end_ms)
                if stop.is_set() or (left_s is not None and left_s <= 0):
                    return
                await self._round(stopping, left_s)
                schedule.sent()
        finally:
            stopping.cancel()

    def waits(self, reason: str, _seconds: float) -> None:
        """An `on_wait` for awsio.retry."""
        self.progress.waiting = reason
        self._outage.happens(self._clock.now_ms(), f"waiting: {reason}")

    def _left_s(self, end_ms: float | None) -> float | None:
        return None if end_ms is None else (end_ms - self._clock.now_ms()) / 1000

    def _due_s(self, schedule: Schedule) -> float:
        """Seconds until the next round; says so when rounds had to be left out."""
        progress, now_ms = self.progress, self._clock.now_ms()
        due_s = schedule.wait_ms(now_ms) / 1000
        if schedule.left_out == progress.left_out:
            self._lateness.goes_well(
                now_ms, f"on time again; {progress.left_out} rounds of readings were left out"
            )
        elif not self._outage:
            self._lateness.happens(
                now_ms,
                f"falling behind: {len(self._names)} readings take longer than "
                f"{1 / self._rate:g} s to send; rounds of readings are left out",
            )
        progress.left_out = schedule.left_out
        return due_s

    async def _sleep(self, seconds: float, stopping: asyncio.Task[bool]) -> None:
        if seconds <= 0:
            return
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait({sleeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()

    async def _round(self, stopping: asyncio.Task[bool], left_s: float | None) -> None:
        """Sends the herd's readings of this moment and lets it fly on, unless told to stop and the
        calls in flight do not end.
        """
        progress = self.progress
        readings = entries(self._names, self._herd, timestamp_text(self._clock.now_ms()))
        sent_before, progress.waiting = progress.sent, None
        sending = asyncio.create_task(self._put(readings), name="put")
        try:
            await asyncio.wait(
                {sending, stopping}, timeout=left_s, return_when=asyncio.FIRST_COMPLETED
            )
            await asyncio.wait({sending}, timeout=GRACE_S)
        finally:
            sending.cancel()
        await asyncio.wait({sending})
        if sending.cancelled():
            progress.unacknowledged = len(readings) - (progress.sent - sent_before)
            return
        sending.result()
        progress.rounds += 1
        self._on_round()
        if progress.waiting is None:
            self._outage.goes_well(self._clock.now_ms(), "going on after {seconds} s")
        self._herd.advance()

    async def _put(self, readings: Sequence[Entry]) -> None:
        size = max(RECORDS_MAX, math.ceil(len(readings) / LANES))
        lanes = [readings[start : start + size] for start in range(0, len(readings), size)]
        await in_parallel(lanes, self._put_lane, at_most=LANES)

    async def _put_lane(self, lane: Sequence[Entry]) -> None:
        await put_records(
            self._client, self._stream, lane, on_wait=self.waits, on_ack=self._acknowledged
        )

    def _acknowledged(self, reading: Entry, ack: Ack) -> None:
        self.progress.sent += 1
        self.progress.shards.add(ack.shard_id)
        if self._on_ack is not None:
            self._on_ack(reading, ack)
