"""COUNT, SUM and AVG over a RANGE or an unbounded frame: running sums of integers, by columns.

Rows come in time order, so those that leave a frame during a batch are one slice of a log. What
comes and what goes, put in one stable order by key, are running sums per key. A DOUBLE is summed as
the integers that it is made of (see double_sum.py): what has gone leaves nothing behind, and a row
costs the same however long the frame is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analytics_sql.types import SqlType
from processor.columns import Ids, Vector
from processor.operators.accumulator import grown, packed, unpacked
from processor.operators.double_sum import (
    SMALLEST_BITS,
    TOTAL_BITS,
    carry,
    limbs_of,
    quotients,
    rounded_means,
    rounded_sums,
    units_of,
    whole_totals,
)
from processor.operators.frame_events import Events, gone_before
from processor.operators.integer_sum import integer_means, integer_sums
from processor.operators.row_log import Parts, RowLog

ROWS_MAX: Final = 1 << 18
"""Rows taken at a time: their limbs stay far from the end of 64 bits."""
LARGE: Final = 1 << 61
"""A limb beyond this goes to the rest."""


@dataclass(frozen=True, slots=True)
class Totals:
    """The frame of each row: how many values of an argument it has, and their exact sum."""

    type: SqlType | None
    counts: Ids
    parts: Parts

    def sums(self) -> Vector:
        """SUM, NULL without values."""
        assert self.type is not None
        if not self.type.is_approximate:
            return _with_nulls(integer_sums(*self.parts), self.counts)
        values, hard = rounded_sums(self.parts[:3])
        return self._exactly(values, hard, np.ones_like(self.counts))

    def means(self, scale: int | None) -> Vector:
        """AVG, NULL without values; `scale`: see integer_means."""
        assert self.type is not None
        counts = np.maximum(self.counts, 1)
        if not self.type.is_approximate:
            high, low = self.parts
            return _with_nulls(integer_means(high, low, counts, scale), self.counts)
        values, hard = rounded_means(self.parts[:3], counts)
        return self._exactly(values, hard, counts)

    def _exactly(self, values: NDArray[np.float64], hard: Any, divisors: Ids) -> Vector:
        rest = self.parts[3] if len(self.parts) > 3 else None
        if rest is not None:
            hard = hard | (rest != 0)
        rows = np.flatnonzero(hard)
        failed: dict[int, str] = {}
        if len(rows):
            totals = whole_totals([part[rows] for part in self.parts[:3]])
            shift = SMALLEST_BITS - TOTAL_BITS
            if rest is not None:
                totals = [(t << shift) + r for t, r in zip(totals, rest[rows], strict=True)]
            bits = TOTAL_BITS if rest is None else SMALLEST_BITS
            exact = quotients(totals, [d << bits for d in divisors[rows].tolist()])
            values[rows] = exact.values
            failed = {int(rows[i]): why for i, why in exact.failed.items()}
        return _with_nulls(Vector(values, failed=failed), self.counts)


class RangeSums:
    """The frames of all keys: `add` rows in order, get the totals at each row.

    Keys are dense ids. `range_ms` None: nothing ever leaves.
    """

    def __init__(self, types: Sequence[SqlType | None], range_ms: int | None) -> None:
        """`types`: of the arguments; None where nothing but their number is asked for."""
        self._types = types
        self._range_ms = range_ms
        self._log = RowLog()
        self._state: list[Parts] = [_empty(type) for type in types]
        self._rows = np.zeros(0, np.int64)

    @property
    def rows(self) -> int:
        """Rows kept, as they will leave a frame."""
        return len(self._log)

    def live(self) -> Ids:
        """The keys whose frames hold a row, as far as rows have come."""
        return np.flatnonzero(self._rows)

    def add(self, times: Ids, keys: Ids, arguments: Sequence[Vector | None]) -> list[Totals]:
        """Takes rows in; returns the totals of each argument."""
        found: list[list[Totals]] = []
        for start in range(0, len(times), ROWS_MAX):
            rows = np.arange(start, min(start + ROWS_MAX, len(times)))
            given = [None if a is None else a.take(rows) for a in arguments]
            found.append(self._add(times[rows], keys[rows], given))
        return (
            found[0] if len(found) == 1 else [_joined(parts) for parts in zip(*found, strict=True)]
        )

    def _add(self, times: Ids, keys: Ids, arguments: Sequence[Vector | None]) -> list[Totals]:
        self._make_room(int(keys.max()) + 1)
        parts = [
            _parts(type, argument, len(times))
            for type, argument in zip(self._types, arguments, strict=True)
        ]
        for state, part in zip(self._state, parts, strict=True):
            if len(part) > len(state):
                state.append(np.zeros(len(self._rows), object))
            elif len(part) < len(state):
                part.append(np.zeros(len(times), object))
        gone = 0
        flat = [np.ones(len(times), np.int64), *(p for part in parts for p in part)]
        log = [times, keys, *flat[1:]]
        if self._range_ms is not None:
            log = self._log.append(log)
            gone = gone_before(log[0], int(times[-1]), self._range_ms)
        events = Events(times, keys, log[0][:gone], log[1][:gone], self._range_ms or 0)
        events.run(self._rows, flat[0], np.ones(gone, np.int64))
        totals = []
        place = 2
        for type, state, part in zip(self._types, self._state, parts, strict=True):
            out = []
            for kept, new in zip(state, part, strict=True):
                out.append(events.run(kept, new, log[place][:gone]))
                place += 1
            totals.append(_totals(type, out))
            _settle(type, state, events.keys)
        if self._range_ms is not None:
            self._log.drop(gone)
        return totals

    def _make_room(self, keys: int) -> None:
        if keys > len(self._rows):
            size = max(64, 1 << (keys - 1).bit_length())
            self._rows = grown(self._rows, size, 0)
            self._state = [[grown(part, size, 0) for part in parts] for parts in self._state]

    def dump(self, live: Ids) -> list[Any]:
        """The rows that will leave a frame, or where none ever does the sums of these keys."""
        if self._range_ms is not None:
            times, keys, *parts = self._log.columns() or [np.zeros(0, np.int64)] * 2
            places = np.searchsorted(live, keys)
            return [packed(times), packed(places), [_dumped(part) for part in parts]]
        state = [[_dumped(part[live]) for part in parts] for parts in self._state]
        return [packed(self._rows[live]), state]

    def load(self, ids: Ids, state: list[Any]) -> None:
        """The inverse of dump; `ids`: what the keys are now."""
        self._make_room(int(ids.max(initial=-1)) + 1)
        if self._range_ms is None:
            self._rows[ids] = unpacked(state[0], np.int64)
            for kept, given in zip(self._state, state[1], strict=True):
                if len(given) > len(kept):
                    kept.append(np.zeros(len(self._rows), object))
                for part, values in zip(kept, given, strict=True):
                    part[ids] = _loaded(values)
            return
        times, places, parts = state
        keys = ids[unpacked(places, np.int64)]
        values = [_loaded(part) for part in parts]
        if not len(keys):
            return
        self._log.append([unpacked(times, np.int64), keys, *values])
        np.add.at(self._rows, keys, 1)
        for type, kept in zip(self._types, self._state, strict=True):
            width = len(_empty(type))
            if len(values) > width and values[width].dtype == object:
                # A rest has a column of its own.
                kept.append(np.zeros(len(self._rows), object))
            for part in kept:
                np.add.at(part, keys, values.pop(0))
            _settle(type, kept, keys)


def _empty(type: SqlType | None) -> Parts:
    """Count, and what the sum is made of."""
    return [
        np.zeros(0, np.int64) for _ in range(1 if type is None else 4 if type.is_approximate else 3)
    ]


def _parts(type: SqlType | None, argument: Vector | None, count: int) -> Parts:
    """Of each row, 1 or 0 for the count, and the parts of its value, 0 for NULL."""
    there = np.ones(count, np.int64)
    if argument is None:
        return [there]
    null, values = argument.nulls(), argument.values
    if null is not None:
        there[null] = 0
    if type is None:
        return [there]
    if null is not None:
        values = np.where(null, 0, values)
    if not type.is_approximate:
        return [there, values >> 32, values & 0xFFFF_FFFF]
    limbs, odd = limbs_of(values)
    parts: Parts = [there, *limbs]
    if odd.any():
        rest = np.zeros(count, object)
        for row in np.flatnonzero(odd).tolist():
            rest[row] = units_of(values[row].item())
        parts.append(rest)
    return parts


def _totals(type: SqlType | None, out: Parts) -> Totals:
    counts, *parts = out
    if type is not None and type.is_approximate:
        carry(parts[:3])
    return Totals(type, counts, parts)


def _settle(type: SqlType | None, state: Parts, keys: Ids) -> None:
    """Keeps the limbs of these keys small, however many rows come and go."""
    if type is None:
        return
    if not type.is_approximate:
        high, low = state[1], state[2]
        high[keys] += low[keys] >> 32
        low[keys] &= 0xFFFF_FFFF
        return
    limbs = [part[keys] for part in state[1:4]]
    carry(limbs)
    for part, limb in zip(state[1:4], limbs, strict=True):
        part[keys] = limb
    large = keys[np.abs(limbs[0]) >= LARGE]
    if len(large):
        if len(state) < 5:
            state.append(np.zeros(len(state[0]), object))
        for key in large.tolist():
            state[4][key] += int(state[1][key]) << SMALLEST_BITS
            state[1][key] = 0


def _joined(parts: Sequence[Totals]) -> Totals:
    """Totals of rows in several pieces."""
    width = max(len(part.parts) for part in parts)
    columns = []
    for i in range(width):
        pieces = [
            p.parts[i] if i < len(p.parts) else np.zeros(len(p.counts), object) for p in parts
        ]
        columns.append(np.concatenate(pieces))
    return Totals(parts[0].type, np.concatenate([part.counts for part in parts]), columns)


def _with_nulls(vector: Vector, counts: Ids) -> Vector:
    none = counts == 0
    if not none.any():
        return vector
    return Vector(np.where(none, 0, vector.values), none, failed=vector.failed)


def _dumped(part: NDArray[Any]) -> Any:
    """Integers of 64 bits as bytes, those of any size as texts."""
    return list(map(str, part)) if part.dtype == object else packed(part)


def _loaded(state: Any) -> NDArray[Any]:
    if isinstance(state, bytes):
        return unpacked(state, np.int64)
    values = np.zeros(len(state), object)
    values[:] = list(map(int, state))
    return values
