"""Frames kept row by row: whatever running sums of columns cannot give. See frame_calls.py."""

from collections import deque
from collections.abc import Sequence
from itertools import chain, islice
from typing import Any, Final

from analytics_sql.plan import RANGE_EDGE_INCLUDED, Analytic, Frame
from processor.columns import Vector, vector_of
from processor.operators.double_sum import OVERFLOW
from processor.operators.frame_calls import frame_call
from processor.operators.measure import natural_type

Key = tuple[Any, ...]
EDGE: Final = 0 if RANGE_EDGE_INCLUDED else 1


class RowFrame:
    """The frame of one key, and the calls over it."""

    __slots__ = ("calls", "last_ms", "rows")

    def __init__(self, calls: Sequence[Analytic]) -> None:
        self.rows: deque[tuple[int, tuple[Any, ...]]] = deque()
        self.calls = [frame_call(call) for call in calls]
        self.last_ms = 0


class RowFrames:
    """The frames of all keys of some calls that have the partition and the frame in common."""

    def __init__(self, calls: Sequence[Analytic], frame: Frame) -> None:
        self._calls = calls
        self._frame = frame
        self._unbounded = frame == Frame()
        self._natural = [natural_type(call) for call in calls]
        self._frames: dict[Key, RowFrame] = {}
        self._swept_ms: int | None = None
        self.rows = 0
        """Rows in all frames."""

    @property
    def groups(self) -> int:
        """Keys whose frames are kept."""
        return len(self._frames)

    def add(
        self,
        times: Sequence[int],
        keys: Sequence[Key],
        arguments: Sequence[tuple[Any, ...]],
        defaults: Sequence[tuple[Any, ...]],
    ) -> list[Vector]:
        """Takes rows in, in order; returns the result of each call at each row."""
        count = len(self._calls)
        results: list[list[Any]] = [[] for _ in range(count)]
        failed: list[dict[int, str]] = [{} for _ in range(count)]
        for row, (time, key, values, default) in enumerate(
            zip(times, keys, arguments, defaults, strict=True)
        ):
            frame = self._entered(time, key, values)
            for i, call in enumerate(frame.calls):
                try:
                    results[i].append(call.result(default[i]))
                except OverflowError:
                    results[i].append(None)
                    failed[i][row] = OVERFLOW.replace("DOUBLE", str(self._natural[i]))
        self._sweep(times[-1])
        vectors = []
        for found, type, reasons in zip(results, self._natural, failed, strict=True):
            vector = vector_of(found, type)
            vectors.append(Vector(vector.values, vector.null, vector.words, reasons))
        return vectors

    def _entered(self, time: int, key: Key, values: tuple[Any, ...]) -> RowFrame:
        """The frame of a key after a row has come into it."""
        frame = self._frames.get(key)
        if frame is None:
            frame = self._frames[key] = RowFrame(self._calls)
        self._leave(frame, time)
        frame.last_ms = time
        if not self._unbounded:
            frame.rows.append((time, values))
            self.rows += 1
        for call, value in zip(frame.calls, values, strict=True):
            call.enter(value, time)
        return frame

    def _leave(self, frame: RowFrame, time: int) -> None:
        """Lets go of what is too far back for a row of this time."""
        rows, most, range_ms = frame.rows, self._frame.rows, self._frame.range_ms
        while rows and (
            (most is not None and len(rows) > most)
            or (range_ms is not None and time - rows[0][0] >= range_ms + (1 - EDGE))
        ):
            _, values = rows.popleft()
            self.rows -= 1
            for call, value in zip(frame.calls, values, strict=True):
                call.leave(value)

    def _sweep(self, time: int) -> None:
        """Once in a range, forgets the keys that have been silent for longer than one."""
        range_ms = self._frame.range_ms
        if range_ms is None:
            return
        if self._swept_ms is None or time - self._swept_ms > range_ms:
            self._swept_ms = time
            silent = [k for k, f in self._frames.items() if time - f.last_ms > range_ms]
            for key in silent:
                self.rows -= len(self._frames.pop(key).rows)

    def dump(self) -> Any:
        """The keys, how many rows the frame of each has, and all rows with their times in one list:
        the calls are made of them again. Where nothing leaves the frame, each key with the state of
        the calls.
        """
        if self._unbounded:
            return [(key, [c.dump() for c in f.calls]) for key, f in self._frames.items()]
        frames = self._frames
        rows = [frame.rows for frame in frames.values()]
        kept = list(chain.from_iterable(rows))
        return [list(frames), list(map(len, rows)), kept]

    def load(self, state: Any) -> None:
        """The inverse of dump."""
        if self._unbounded:
            for key, calls in state:
                frame = self._frames[tuple(key)] = RowFrame(self._calls)
                for call, given in zip(frame.calls, calls, strict=True):
                    call.load(given)
            return
        keys, counts, pairs = state
        kept = iter(pairs)
        for key, count in zip(keys, counts, strict=True):
            for time, values in islice(kept, count):
                self._entered(time, tuple(key), tuple(values))
