"""MIN and MAX (and ANY, EVERY) over a RANGE or an unbounded frame, of values of any type.

Of each key only the values are kept that can still become the result: a later one that is at least
as extreme makes all before it useless. Each value comes and goes once, so a row costs the same
however long the frame is.
"""

from collections import deque
from collections.abc import Sequence
from itertools import chain, islice
from typing import Any

from analytics_sql.plan import RANGE_EDGE_INCLUDED

Key = tuple[Any, ...]
Candidates = deque[tuple[int, Any]]


class RangeExtremes:
    """One call over the frames of all keys. `range_ms` None: nothing ever leaves."""

    def __init__(self, range_ms: int | None, *, largest: bool) -> None:
        self._range_ms = range_ms
        self._largest = largest
        self._frames: dict[Key, Candidates] = {}
        self._swept_ms: int | None = None
        self._counted = self._since = 0

    @property
    def groups(self) -> int:
        """Keys held."""
        return len(self._frames)

    @property
    def rows(self) -> int:
        """Values held, or somewhat more: they are counted only when many more rows have come."""
        if self._since > len(self._frames):
            self._counted, self._since = sum(map(len, self._frames.values())), 0
        return self._counted + self._since

    def add(self, times: Sequence[int], keys: Sequence[Key], values: Sequence[Any]) -> list[Any]:
        """Takes rows in, in order; returns the result at each, None for NULL."""
        frames, largest = self._frames, self._largest
        reach = self._reach()
        out: list[Any] = []
        for time, key, value in zip(times, keys, values, strict=True):
            frame = frames.get(key)
            if frame is None:
                frame = frames[key] = deque()
            if reach is not None:
                oldest = time - reach
                while frame and frame[0][0] < oldest:
                    frame.popleft()
            elif frame and value is not None:
                # Nothing leaves: one value is enough.
                if (value > frame[0][1]) != largest or value == frame[0][1]:
                    out.append(frame[0][1])
                    continue
                frame.clear()
            if value is not None:
                if largest:
                    while frame and frame[-1][1] <= value:
                        frame.pop()
                else:
                    while frame and frame[-1][1] >= value:
                        frame.pop()
                frame.append((time, value))
            out.append(frame[0][1] if frame else None)
        self._since += len(times)
        self._sweep(times[-1])
        return out

    def _reach(self) -> int | None:
        """How much older than a row another may be to count, in milliseconds."""
        if self._range_ms is None or RANGE_EDGE_INCLUDED:
            return self._range_ms
        return self._range_ms - 1

    def _sweep(self, time: int) -> None:
        """Once in a range, forgets the keys that have been silent for longer than one."""
        range_ms = self._range_ms
        if range_ms is None:
            return
        if self._swept_ms is None or time - self._swept_ms > range_ms:
            self._swept_ms = time
            oldest = time - range_ms
            silent = [k for k, f in self._frames.items() if not f or f[-1][0] < oldest]
            for key in silent:
                del self._frames[key]

    def dump(self) -> Any:
        """The keys, how many values each has, and all values with their times in one list: one for
        each key would take several times as long to make.
        """
        frames = self._frames
        kept = list(chain.from_iterable(frames.values()))
        return [list(frames), list(map(len, frames.values())), kept]

    def load(self, state: Any) -> None:
        """The inverse of dump."""
        keys, counts, pairs = state
        kept = map(tuple, pairs)
        for key, count in zip(keys, counts, strict=True):
            self._frames[tuple(key)] = deque(islice(kept, count))
