"""The latest reading of every unicorn, column by column, and which of them have changed since the
last tick.

Only the latest counts: a unicorn that reports many times between two ticks costs its viewers one
update. What is kept is bounded by the number of unicorns, never by the number of readings.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from fleet.batch import Batch
from fleet.reading import Reading, decode_reading
from sinks.live_map.frame import CHANGES, FULL, GONE_AFTER_MS, Frame

UNICORNS_MAX: Final = 100_000
"""Names beyond these are not taken, so that a flood of made-up names cannot fill the memory."""

NAME_CHARACTERS_MAX: Final = 200
"""A longer name is no name: the reading is skipped."""

POINTS_MAX: Final = 2**31
"""Health and magic of any size are taken; what lies beyond is pinned here, far outside what a
frame holds."""

_UNICORN: Final = np.dtype(
    [
        ("arrival_ms", np.int64),
        ("longitude", np.float64),
        ("latitude", np.float64),
        ("distance_m", np.float64),
        ("health", np.int64),
        ("magic", np.int64),
        ("is_changed", np.bool_),
    ]
)


class Picture:
    """What the map knows. `skipped` counts the records that it could not show.

    Times are the viewers': those of the readings divided by `time_scale`, so that a second is a
    second to who looks, however fast the readings' clock goes.
    """

    def __init__(self, unicorns_max: int = UNICORNS_MAX, time_scale: float = 1.0) -> None:
        self._time_scale = time_scale
        self.names: list[str] = []
        """By id, in the order of first appearance; never shrinks, so an id stays good for as long
        as the feed."""
        self.skipped = 0
        self._unicorns_max = unicorns_max
        self._ids: dict[str, int] = {}
        self._unicorns = np.zeros(1024, _UNICORN)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def has_news(self) -> bool:
        """Whether any unicorn has changed since `changes` was last called."""
        return bool(self._unicorns["is_changed"].any())

    def take(self, batch: Batch, now_ms: int) -> None:
        """Takes a batch's readings. Those too old to be shown are passed over undecoded: a replay
        costs nothing."""
        arrivals_ms = (batch.arrival_ms / self._time_scale).astype(np.int64)
        first = int(np.searchsorted(arrivals_ms, now_ms - GONE_AFTER_MS))
        ids: list[int] = []
        readings: list[Reading] = []
        arrival_ms: list[int] = []
        for record, time_ms in zip(
            batch.records[first:], arrivals_ms[first:].tolist(), strict=True
        ):
            reading = readable(record)
            unicorn = self._id(reading.Name) if reading else None
            if reading is None or unicorn is None:
                self.skipped += 1
            else:
                ids.append(unicorn)
                readings.append(reading)
                arrival_ms.append(time_ms)
        if ids:
            self._store(np.array(ids), readings, np.array(arrival_ms))

    def changes(self, sequence: int, now_ms: int) -> Frame:
        """The unicorns that changed since the last call."""
        changed = np.flatnonzero(self._unicorns["is_changed"])
        self._unicorns["is_changed"] = False
        return self._frame(CHANGES, changed, sequence, now_ms)

    def full(self, sequence: int, now_ms: int) -> Frame:
        """Every unicorn that was heard of lately."""
        seen = self._unicorns["arrival_ms"] > now_ms - GONE_AFTER_MS
        return self._frame(FULL, np.flatnonzero(seen), sequence, now_ms)

    def _id(self, name: str) -> int | None:
        unicorn = self._ids.get(name)
        if unicorn is None:
            if len(self.names) >= self._unicorns_max or len(name) > NAME_CHARACTERS_MAX:
                return None
            unicorn = self._ids[name] = len(self.names)
            self.names.append(name)
            if unicorn >= len(self._unicorns):
                self._unicorns = np.concatenate((self._unicorns, np.zeros_like(self._unicorns)))
        return unicorn

    def _store(
        self, ids: NDArray[np.int64], readings: Sequence[Reading], arrival_ms: NDArray[np.int64]
    ) -> None:
        """Of several readings of one unicorn the last one stays: NumPy assigns in order."""
        # Round a reshard the child shard's batch may come before the parent's last one.
        newest = np.flatnonzero(arrival_ms >= self._unicorns["arrival_ms"][ids])
        at, kept, unicorns = (
            ids[newest],
            [readings[index] for index in newest.tolist()],
            self._unicorns,
        )
        unicorns["arrival_ms"][at] = arrival_ms[newest]
        unicorns["longitude"][at] = [reading.Longitude for reading in kept]
        unicorns["latitude"][at] = [reading.Latitude for reading in kept]
        unicorns["distance_m"][at] = [reading.Distance for reading in kept]
        unicorns["health"][at] = [pinned_points(reading.HealthPoints) for reading in kept]
        unicorns["magic"][at] = [pinned_points(reading.MagicPoints) for reading in kept]
        unicorns["is_changed"][at] = True

    def _frame(self, kind: int, ids: NDArray[np.int64], sequence: int, now_ms: int) -> Frame:
        unicorns = self._unicorns[ids]
        return Frame(
            kind=kind,
            sequence=sequence,
            time_ms=now_ms,
            unicorn=ids,
            longitude=unicorns["longitude"],
            latitude=unicorns["latitude"],
            # A stream whose clock is a little ahead of ours has readings from the future: they
            # are new, not old.
            age_ms=np.maximum(now_ms - unicorns["arrival_ms"], 0),
            distance_m=unicorns["distance_m"],
            health=unicorns["health"],
            magic=unicorns["magic"],
        )


def readable(record: bytes) -> Reading | None:
    """The reading, or None when it cannot be drawn. The pipeline sends such records to the dead
    letter, not the map."""
    try:
        reading = decode_reading(record)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    on_earth = abs(reading.Latitude) <= 90 and abs(reading.Longitude) <= 180
    return reading if on_earth else None


def pinned_points(value: int) -> int:
    """JSON knows integers of any length, NumPy does not."""
    return max(-POINTS_MAX, min(POINTS_MAX, value))
