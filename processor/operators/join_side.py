"""The rows of one side of a join that can still meet a row of the other side."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from analytics_sql.plan import Column
from processor.columns import Columns, Ids, Mask, Origin, Vector, vector_of
from processor.operators.groups import Key
from processor.operators.key_index import KeyIndex
from processor.operators.lineage import KeptLineage
from processor.operators.pair_lineage import Part, Trail
from processor.operators.row_log import Parts, RowLog
from processor.watermark import END_MS

ROW_BYTES: Final = 350
"""About what a row takes: its name, its record's place, its times and marks."""
NO_KEY: Final = -1
"""The key of a row one of whose keys is NULL."""
WORDS_MIN: Final = 16_384
PARTS_MIN: Final = 64
"""Parts whose rows are gone are kept until there are so many, and as many as others."""

_TIMES, _KEYS, _PARTS, _MATCHED, _VALUES = range(5)


class JoinSide:
    """Rows in the order in which they came, which is that of their times. A row has a position,
    which counts all rows of the side from the beginning of the run.
    """

    def __init__(self, columns: Sequence[Column], reach_ms: int, rows: int | None) -> None:
        self._columns = columns
        self._reach_ms = reach_ms
        self.rows = rows
        """How many rows the window has, the last ones; None: those of the last `reach_ms`."""
        self.first = 0
        self._log = RowLog()
        self._words = {c.name: Key(c.type) for c in columns if c.type.has_words}
        self.index = KeyIndex()
        self._parts: list[Part] = []
        self._parts_gone = 0
        nothing = {column.name: vector_of([], column.type) for column in columns}
        self._log.append(self._logged(nothing, _NONE, _NONE, _NONE))

    def __len__(self) -> int:
        return len(self._log)

    @property
    def end(self) -> int:
        """The position behind the last row."""
        return self.first + len(self._log)

    @property
    def times(self) -> Ids:
        """The ROWTIME of each row."""
        times: Ids = self._log.column(_TIMES)
        return times

    @property
    def matched(self) -> Mask:
        """Which rows have met one of the other side; may be written to."""
        matched: Mask = self._log.column(_MATCHED)
        return matched

    def append(self, columns: Columns, keys: Ids) -> None:
        """Takes rows in, none of which is earlier than one that is there."""
        end, count = self.end, len(columns)
        numbers = np.full(count, self._parts_gone + len(self._parts))
        self._parts.append(Part(columns.lineage, end))
        self._log.append(self._logged(columns.vectors, columns.rowtime_ms, keys, numbers))
        self.index.append(end, keys)

    def _logged(self, vectors: Any, times: Ids, keys: Ids, numbers: Ids) -> Parts:
        parts: Parts = [times, keys, numbers, np.zeros(len(times), np.bool_)]
        for column in self._columns:
            vector = vectors[column.name]
            if column.type.has_words:
                # Ids of the side's own words: they stay when a batch's are gone.
                parts.append(self._words[column.name].codes(vector))
            else:
                null = vector.null
                parts += [vector.values, np.zeros(len(times), np.bool_) if null is None else null]
        return parts

    def window_at(self, times_ms: Ids) -> tuple[Ids, Ids]:
        """The rows that are in the window at these times: their positions, from the first up to the
        second, that one excluded. All rows of a time are in it.
        """
        times = self.times
        highs = np.searchsorted(times, times_ms, "right")
        if self.rows is None:
            lows = np.searchsorted(times, times_ms - self._reach_ms, "left")
        else:
            lows = np.maximum(highs - self.rows, 0)
        return lows + self.first, highs + self.first

    def before(self, times_ms: Ids) -> Ids:
        """The position of the first row that is not earlier than these times."""
        firsts: Ids = np.searchsorted(self.times, times_ms, "left") + self.first
        return firsts

    def by_key(self, start: int) -> Ids:
        """The positions of the rows from `start` on that have a key, in the order of their keys."""
        keys = self._log.column(_KEYS)[start - self.first :]
        order = np.argsort(keys, kind="stable")
        having: Ids = order[np.searchsorted(keys[order], NO_KEY, "right") :] + start
        return having

    def keys(self, positions: Ids) -> Ids:
        """The keys of these rows."""
        keys: Ids = self._log.column(_KEYS)[positions - self.first]
        return keys

    def leaving(self, watermark_ms: int) -> int:
        """How many rows no row to come can look back at."""
        if self.rows is not None:
            # What is to come is not earlier than these: it looks back at the last ones at most.
            return max(len(self) - self.rows, 0)
        if watermark_ms >= END_MS:
            return len(self)
        return int(np.searchsorted(self.times, watermark_ms - self._reach_ms, "left"))

    def departures(self, positions: Ids) -> Ids:
        """When these rows, which are leaving, leave their window."""
        times = self.times
        if self.rows is None:
            return times[positions - self.first] + self._reach_ms
        return times[positions - self.first + self.rows]

    def drop(self, count: int) -> None:
        """Forgets that many rows, the first ones."""
        if not count:
            return
        self._log.drop(count)
        self.first += count
        self.index.drop(self.first)
        self._forget_parts()
        self._forget_words()

    def _forget_parts(self) -> None:
        numbers = self._log.column(_PARTS)
        last = self._parts_gone + len(self._parts)
        gone = (int(numbers[0]) if len(numbers) else last) - self._parts_gone
        if gone > PARTS_MIN and 2 * gone > len(self._parts):
            # Another list: the trails of pairs go on with the one they have.
            self._parts = self._parts[gone:]
            self._parts_gone += gone

    def _forget_words(self) -> None:
        """Texts that no row has are kept until most of them are so."""
        if all(len(w.values) <= WORDS_MIN + 2 * len(self) for w in self._words.values()):
            return
        vectors, columns = self.vectors(), self._log.columns()
        self._words = {c.name: Key(c.type) for c in self._columns if c.type.has_words}
        self._log = RowLog()
        logged = self._logged(vectors, *columns[:_MATCHED])
        logged[_MATCHED] = columns[_MATCHED]
        self._log.append(logged)

    def rekey(self, keys: Ids) -> None:
        """Gives the rows other keys."""
        self._log.column(_KEYS)[:] = keys
        self.index = KeyIndex()
        self.index.append(self.first, keys)

    def vectors(self) -> dict[str, Vector]:
        """The columns of all rows."""
        arrays = iter(self._log.columns()[_VALUES:])
        vectors = {}
        for column in self._columns:
            values = next(arrays)
            if column.type.has_words:
                vectors[column.name] = Vector(values, words=self._words[column.name].values)
            else:
                null = next(arrays)
                vectors[column.name] = Vector(values, null if null.any() else None)
        return vectors

    def everything(self) -> Columns:
        """All rows, without where they come from."""
        nowhere = KeptLineage([""] * len(self), [], ())
        return Columns(self.vectors(), self.times, nowhere)

    @property
    def trail(self) -> Trail:
        """Where its rows come from."""
        arrays = self._log.columns()
        return Trail(self.first, arrays[_TIMES], arrays[_PARTS], self._parts, self._parts_gone)

    @property
    def state_bytes(self) -> int:
        """See Operator."""
        return (ROW_BYTES + 16 * len(self._columns)) * len(self)

    def dump(self) -> Any:
        """The rows, as msgpack can hold them."""
        positions = np.arange(self.first, self.end)
        trail = self.trail
        vectors = self.vectors()
        return (
            self.times.tolist(),
            self.matched.tolist(),
            [name[1:-1] for name in trail.names(positions)],
            trail.origins(positions).tolist(),
            [vectors[column.name].to_list() for column in self._columns],
        )

    def load(self, state: Any) -> Columns:
        """The rows of a dump, to append with their keys; `matched` is set by the caller after."""
        times, _, names, origins, lists = state
        vectors = {
            column.name: vector_of(values, column.type)
            for column, values in zip(self._columns, lists, strict=True)
        }
        lineage = KeptLineage(names, [Origin(*origin) for origin in origins], ())
        return Columns(vectors, np.array(times, np.int64), lineage)


_NONE: Ids = np.zeros(0, np.int64)
