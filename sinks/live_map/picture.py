"""The latest reading of every unicorn, column by column, and at which tick each last changed.

Only the latest counts: a unicorn that reports many times between two ticks costs its viewers one
update. What is kept is bounded by the number of unicorns, never by the number of readings.

A picture moves from tick to tick. What a tick has changed can be handed to another process, whose
picture then says the same, tick for tick and id for id (workers.py).
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sinks.live_map.frame import GONE_AFTER_MS, ID_BITS
from sinks.live_map.still import Still

UNICORNS_MAX: Final = 100_000
"""Names beyond these are not taken, so that a flood of made-up names cannot fill the memory."""
assert UNICORNS_MAX < 2**ID_BITS

MOVED_DEGREES: Final = 2e-6
"""Two decimetres: a change of place that is less says nothing of where a unicorn is heading."""

POINTS_MAX: Final = 2**31
"""Health and magic of any size are taken; what lies beyond is pinned here, far outside what a
frame holds."""

UNICORN: Final = np.dtype(
    [
        ("arrival_ms", np.int64),
        ("longitude", np.float64),
        ("latitude", np.float64),
        ("distance_m", np.float64),
        ("health", np.int64),
        ("magic", np.int64),
        ("heading", np.float64),
        ("changed_at", np.int64),
    ]
)


@dataclass(frozen=True, slots=True)
class Tick:
    """What one tick has changed in a picture; or, with `first_name` 0, all there is in it."""

    feed: str
    sequence: int
    time_ms: int
    first_name: int
    names: Sequence[str]
    """Those from the id `first_name` on that were new."""
    ids: NDArray[np.int64]
    unicorns: NDArray[Any]
    """Of these ids, each an UNICORN."""


class Picture:
    """What the map knows.

    Times are the viewers': those of the readings divided by the clock's scale, so that a second is
    a second to who looks, however fast the readings' clock goes.
    """

    def __init__(self, unicorns_max: int = UNICORNS_MAX, feed: str | None = None) -> None:
        self.feed = feed or secrets.token_hex(8)
        """Another one when ids have been given anew."""
        self.sequence = 0
        """The last tick."""
        self.time_ms = 0
        """When that was."""
        self.names: list[str] = []
        """By id, in the order of first appearance; as long as `feed` stays it only grows."""
        self.unicorns_max = unicorns_max
        self.has_news = False
        """Whether any unicorn has changed since the last tick."""
        self._ids: dict[str, int] = {}
        self._unicorns: NDArray[Any] = np.zeros(1024, UNICORN)
        self._names_told = 0

    def __len__(self) -> int:
        return len(self.names)

    def id_of(self, name: str) -> int | None:
        """The id of a name that is known."""
        return self._ids.get(name)

    def ids_of(self, names: Iterable[str]) -> NDArray[np.int64]:
        """The ids of names, given out where they are new; -1 for those beyond the limit."""
        return np.array([self._take_in(name) for name in names], np.int64)

    def store(self, ids: NDArray[np.int64], readings: NDArray[Any]) -> None:
        """Takes readings in, in order, each an UNICORN (heading and changed_at are found here)."""
        # Round a reshard the child shard's batch may come before the parent's last one.
        fresh = np.flatnonzero(readings["arrival_ms"] >= self._unicorns["arrival_ms"][ids])
        # Of several readings of one unicorn the last one stays.
        at, last = np.unique(ids[fresh][::-1], return_index=True)
        if not len(at):
            return
        now = readings[fresh[len(fresh) - 1 - last]]
        before = self._unicorns[at]
        now["heading"] = _headings(before, now)
        now["changed_at"] = self.sequence + 1
        self._unicorns[at] = now
        self.has_news = True

    def tick(self, now_ms: int) -> Tick:
        """Ends a tick: what has come since the last one is news from now on."""
        self.sequence += 1
        self.time_ms = now_ms
        self.has_news = False
        first, self._names_told = self._names_told, len(self.names)
        changed = np.flatnonzero(self._unicorns["changed_at"] == self.sequence)
        return self._tick(first, changed)

    def everything(self) -> Tick:
        """All that has been told so far, for a picture that begins."""
        return self._tick(0, np.arange(self._names_told))

    def apply(self, tick: Tick) -> None:
        """Does what a tick did to the picture that it comes from."""
        if tick.feed != self.feed or not tick.first_name:
            self._begin_anew(tick.feed)
        for name in tick.names:
            self._take_in(name)
        self._names_told = len(self.names)
        self._unicorns[tick.ids] = tick.unicorns
        self.sequence, self.time_ms = tick.sequence, tick.time_ms

    def forget_the_gone(self, now_ms: int) -> NDArray[np.int64] | None:
        """Gives the ids of those not heard of lately to others, and everybody a new one.

        Does nothing unless that frees half of the ids: viewers get everything anew. Returns the new
        id by the old one, -1 for those forgotten; None when nothing was done.
        """
        kept = np.flatnonzero(self._is_seen(now_ms))
        if len(kept) > self.unicorns_max // 2:
            return None
        new_ids = np.full(len(self.names), -1)
        new_ids[kept] = np.arange(len(kept))
        names, unicorns = [self.names[unicorn] for unicorn in kept.tolist()], self._unicorns[kept]
        self._begin_anew(secrets.token_hex(8))
        for name in names:
            self._take_in(name)
        unicorns["changed_at"] = self.sequence + 1
        self._unicorns[: len(kept)] = unicorns
        self.has_news = True
        return new_ids

    def still(self, now_ms: int) -> Still:
        """How it is at this moment; what comes later does not change it."""
        count = len(self.names)
        return Still(
            self.feed, self.sequence, now_ms, self.names, count, self._unicorns[:count].copy()
        )

    def latest(self, unicorn: int) -> Any:
        """One unicorn's UNICORN."""
        return self._unicorns[unicorn]

    def _is_seen(self, now_ms: int) -> NDArray[np.bool_]:
        seen: NDArray[np.bool_] = self._unicorns["arrival_ms"] > now_ms - GONE_AFTER_MS
        return seen

    def _tick(self, first_name: int, ids: NDArray[np.int64]) -> Tick:
        return Tick(
            self.feed,
            self.sequence,
            self.time_ms,
            first_name,
            self.names[first_name : self._names_told],
            ids,
            self._unicorns[ids],
        )

    def _begin_anew(self, feed: str) -> None:
        self.feed = feed
        self.names = []
        self._ids = {}
        self._unicorns = np.zeros(1024, UNICORN)
        self._names_told = 0

    def _take_in(self, name: str) -> int:
        unicorn = self._ids.get(name)
        if unicorn is None:
            if len(self.names) >= self.unicorns_max:
                return -1
            unicorn = self._ids[name] = len(self.names)
            self.names.append(name)
            if unicorn >= len(self._unicorns):
                self._unicorns = np.concatenate((self._unicorns, np.zeros_like(self._unicorns)))
        return unicorn


def _headings(before: NDArray[Any], now: NDArray[Any]) -> NDArray[np.float64]:
    """Degrees clockwise from north from one place to the next; as before when it has hardly moved,
    NaN when there is no place before.

    On the scale of a second the earth is flat: a degree of longitude is cos(latitude) degrees.
    """
    north = now["latitude"] - before["latitude"]
    # Across the 180th meridian the short way round.
    east = (now["longitude"] - before["longitude"] + 180) % 360 - 180
    east = east * np.cos(np.radians(now["latitude"]))
    degrees = np.degrees(np.arctan2(east, north)) % 360
    is_new = before["changed_at"] == 0
    has_moved = np.hypot(north, east) > MOVED_DEGREES
    heading: NDArray[np.float64] = np.where(
        is_new, np.nan, np.where(has_moved, degrees, before["heading"])
    )
    return heading
