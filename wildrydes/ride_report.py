"""What a running simulator prints: a first line, dots or a status, a last line."""

import asyncio
import time
from dataclasses import dataclass
from typing import Protocol

from simulator.producer import Progress
from wildrydes.events import emit
from wildrydes.lifecycle import complain

STATUS_INTERVAL_S = 1.0
DOTS_A_LINE = 60
"""A minute's, at one reading a second."""


@dataclass(frozen=True, slots=True)
class Ride:
    """What was asked for."""

    name: str
    """Of the first unicorn."""
    unicorns: int
    stream: str
    create_shards: int | None
    """Of the stream, if it is to be created when it is not there."""
    rate: float
    """Readings a second of each unicorn."""
    seed: int
    seconds: float | None
    count: int | None
    """Readings of each unicorn."""


class RideReport(Protocol):
    """Prints what happens. `on_round` and `notice` are the producer's."""

    def started(self, progress: Progress) -> None:
        """The first round is due now; `progress` is renewed as long as the ride goes on."""
        ...

    def on_round(self) -> None:
        """Every unicorn's reading has been acknowledged."""
        ...

    def notice(self, text: str) -> None:
        """Something the user should know."""
        ...

    async def run(self) -> None:
        """Prints the status until cancelled."""
        ...

    def ended(self) -> None:
        """The ride is over."""
        ...


class DotReport:
    """A dot per round, sixty a line with the count of readings: for people, terminal or not."""

    def __init__(self, ride: Ride) -> None:
        self._ride = ride
        self._progress = Progress()
        self._started_s = time.monotonic()
        self._dots = 0

    def started(self, progress: Progress) -> None:
        ride = self._ride
        self._progress = progress
        self._started_s = time.monotonic()
        fleet, of_each = ride.name, ""
        if ride.unicorns > 1:
            fleet, of_each = f"{ride.name} and {ride.unicorns - 1:,} more", " of each"
        readings = "1 reading" if ride.rate == 1 else f"{ride.rate:g} readings"
        print(
            f"{fleet}: {readings} a second{of_each} into stream {ride.stream}, seed {ride.seed}; "
            f"a dot is a reading{of_each}. Ctrl-C ends it.",
            flush=True,
        )

    def on_round(self) -> None:
        self._dots += 1
        full = self._dots == DOTS_A_LINE
        print(".", end=f" {self._progress.sent:,}\n" if full else "", flush=True)
        if full:
            self._dots = 0

    def notice(self, text: str) -> None:
        self._end_line()
        complain(f"wildrydes: {text}")

    async def run(self) -> None:
        pass

    def ended(self) -> None:
        self._end_line()
        progress = self._progress
        seconds = time.monotonic() - self._started_s
        print(
            f"{progress.sent:,} readings sent in {seconds:.1f} s, to {len(progress.shards)} shard"
            + ("s" if len(progress.shards) != 1 else "")
            + (f"; {progress.left_out:,} rounds left out" if progress.left_out else "")
            + (f"; {progress.unacknowledged:,} not acknowledged" if progress.unacknowledged else "")
        )

    def _end_line(self) -> None:
        if self._dots:
            print(flush=True)
            self._dots = 0


class JsonReport:
    """Events for scripts: started, status each second, end."""

    def __init__(self, ride: Ride) -> None:
        self._ride = ride
        self._progress = Progress()
        self._started_s = time.monotonic()

    def started(self, progress: Progress) -> None:
        ride = self._ride
        self._progress = progress
        self._started_s = time.monotonic()
        emit("started", stream=ride.stream, unicorns=ride.unicorns, rate=ride.rate, seed=ride.seed)

    def on_round(self) -> None:
        pass

    def notice(self, text: str) -> None:
        complain(f"wildrydes: {text}")

    async def run(self) -> None:
        progress = self._progress
        counted, counted_s = 0, self._started_s
        while True:
            await asyncio.sleep(STATUS_INTERVAL_S)
            now_s = time.monotonic()
            emit(
                "status",
                sent=progress.sent,
                readings_per_s=round((progress.sent - counted) / (now_s - counted_s), 1),
                left_out=progress.left_out,
                waiting=progress.waiting,
            )
            counted, counted_s = progress.sent, now_s

    def ended(self) -> None:
        progress = self._progress
        emit(
            "end",
            sent=progress.sent,
            seconds=round(time.monotonic() - self._started_s, 1),
            shards=len(progress.shards),
            left_out=progress.left_out,
            unacknowledged=progress.unacknowledged,
        )
