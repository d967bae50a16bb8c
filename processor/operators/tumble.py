"""GROUP BY with one time key: windows of one size, aligned to the Unix epoch.

A row belongs to window ROWTIME // size. A window is open until the watermark reaches its end; then
it puts out one row a group, in the order of the keys, with ROWTIME = its end, and is gone. So a
window nobody had a row for puts out nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from analytics_sql.expression import Expression
from analytics_sql.plan import Aggregate, Tumble
from analytics_sql.types import SqlType
from fleet.row import DeadLetter
from processor.columns import Columns, Ids, Vector, vector_of
from processor.expressions.cast import cast
from processor.expressions.compiler import compile_expression
from processor.operators.accumulator import packed, unpacked
from processor.operators.failure import dead_letters, failures, sound_rows
from processor.operators.groups import Groups
from processor.operators.lineage import WindowLineage
from processor.operators.measure import EDGES, Measure, natural_type
from processor.operators.state import KEY_BYTES, tumble_bytes, typed_text
from processor.operators.window import Window

FORGET_FLOOR: Final = 4096
"""Groups of windows that are gone are kept until there are this many (they mostly come back)."""

ORDERED: Final = EDGES
"""Aggregates that depend on the order of rows."""


class TumbleOperator:
    """See Operator."""

    def __init__(self, node: Tumble, stage: str) -> None:
        self._node = node
        self._stage = stage
        self._types: Mapping[str, SqlType] = {c.name: c.type for c in node.input.columns}
        self._key_types = [key.expression.type for key in node.keys]
        self._keys = [compile_expression(key.expression) for key in node.keys]
        self._calls: dict[Expression, list[Aggregate]] = {}
        for aggregate in node.aggregates:
            if aggregate.argument is not None:
                self._calls.setdefault(aggregate.argument, []).append(aggregate)
        self._arguments = [compile_expression(argument) for argument in self._calls]
        self._measure_of = {argument: i for i, argument in enumerate(self._calls)}
        self._group_bytes = tumble_bytes(node)
        self._groups = Groups(self._key_types)
        self._open: dict[int, Window] = {}
        self._new_window()  # so that a plan that cannot run fails here, not at its first row
        self._casts = [cast(natural_type(a), a.type) for a in node.aggregates]

    @property
    def groups(self) -> int:
        """See Operator."""
        return len(self._groups)

    @property
    def windows(self) -> int:
        """See Operator."""
        return len(self._open)

    @property
    def state_bytes(self) -> int:
        """See Operator."""
        keys = KEY_BYTES * len(self._keys) * len(self._groups)
        return keys + self._group_bytes * sum(window.room for window in self._open.values())

    @property
    def holds(self) -> str:
        """See Operator."""
        return f"{len(self._groups)} groups in {len(self._open)} windows of GROUP BY"

    @property
    def shape(self) -> str:
        """See Operator."""
        keys = ", ".join(typed_text(key.expression) for key in self._node.keys) or "no key"
        measures = zip(self._calls, self._new_window().measures, strict=True)
        kept = ["count", *(f"{typed_text(of)} ({measure.shape})" for of, measure in measures)]
        return f"{self._windows_text()} by {keys}, each with {', '.join(kept)}"

    def _windows_text(self) -> str:
        node = self._node
        offset = f" from {node.offset_ms / 1000:g} s" if node.offset_ms else ""
        return f"windows of {node.size_ms / 1000:g} s{offset}"

    def add(self, columns: Columns, letters: list[DeadLetter]) -> Columns | None:
        """See Operator: rows go on only when their window closes."""
        keys = [evaluate(columns) for evaluate in self._keys]
        arguments = [evaluate(columns) for evaluate in self._arguments]
        rowtime_ms = columns.rowtime_ms
        if failed := failures([*keys, *arguments]):
            letters += dead_letters(columns, self._types, failed, self._stage)
            sound = sound_rows(len(columns), failed)
            rowtime_ms = rowtime_ms[sound]
            keys = [key.take(sound) for key in keys]
            arguments = [argument.take(sound) for argument in arguments]
        groups = self._groups.ids(keys, len(rowtime_ms))
        size, offset = self._node.size_ms, self._node.offset_ms
        for number, rows in self._numbers(rowtime_ms):
            before_end_ms = (number + 1) * size + offset - rowtime_ms
            if rows is None:
                self._take(number, groups, arguments, before_end_ms)
            else:
                parts = [argument.take(rows) for argument in arguments]
                self._take(number, groups[rows], parts, before_end_ms[rows])
        return None

    def _take(
        self, number: int, groups: Ids, arguments: Sequence[Vector], before_end_ms: Ids
    ) -> None:
        """Takes rows of the window of this number; see Window.add."""
        self._window(number).add(groups, arguments, before_end_ms)

    def _window(self, number: int) -> Window:
        """The window of this number, with room for all groups."""
        window = self._open.get(number)
        if window is None:
            window = self._open[number] = self._new_window()
        window.make_room(len(self._groups))
        return window

    def _numbers(self, rowtime_ms: NDArray[np.int64]) -> Iterator[tuple[int, Ids | None]]:
        """The windows that rows belong to, and which rows; None stands for all of them."""
        if len(rowtime_ms) == 0:
            return
        numbers = (rowtime_ms - self._node.offset_ms) // self._node.size_ms
        first = int(numbers[0])
        if (numbers == first).all():
            yield first, None
            return
        for number in np.unique(numbers).tolist():
            yield number, np.flatnonzero(numbers == number)

    def _new_window(self) -> Window:
        return Window([Measure(a.type, calls) for a, calls in self._calls.items()])

    def advance(self, watermark_ms: int, letters: list[DeadLetter]) -> list[Columns]:
        """See Operator: the rows of the windows that ended by then, first to end first."""
        size, offset = self._node.size_ms, self._node.offset_ms
        passed = []
        for number in sorted(n for n in self._open if (n + 1) * size + offset <= watermark_ms):
            start_ms = number * size + offset
            columns = self._close(number, start_ms, start_ms + size)
            if (sound := self._sound(columns, letters)) is not None:
                passed.append(sound)
        return passed

    def passes(self, watermark_ms: int) -> int:
        """See Operator: rows of a window carry its end, and none has ended that is not closed."""
        return watermark_ms

    def _close(self, number: int, start: int, rowtime_ms: int) -> Columns:
        window = self._open.pop(number)
        columns = self._rows_of(window, window.groups(), start, rowtime_ms)
        self._forget()
        return columns

    def _rows_of(self, window: Window, groups: Ids, start: int, rowtime_ms: int) -> Columns:
        """The rows of these groups, in the order of the keys."""
        groups = self._groups.sorted(groups)
        keys = self._groups.vectors(groups)
        vectors = {self._node.window_start: Vector(np.full(len(groups), start, np.int64))}
        vectors |= {key.name: vector for key, vector in zip(self._node.keys, keys, strict=True)}
        vectors |= self._results(window, groups)
        times = np.full(len(groups), rowtime_ms, np.int64)
        return Columns(vectors, times, WindowLineage(start, rowtime_ms, keys))

    def _results(self, window: Window, groups: Ids) -> dict[str, Vector]:
        """Each aggregate, as the type that the plan says."""
        rows = window.rows(groups)
        results: dict[str, Vector] = {}
        for aggregate, fit in zip(self._node.aggregates, self._casts, strict=True):
            if aggregate.argument is None:
                natural = Vector(rows)
            else:
                measure = window.measures[self._measure_of[aggregate.argument]]
                natural = measure.result(aggregate, groups, rows)
            fitted = fit(natural)
            failed = {**fitted.failed, **natural.failed}
            results[aggregate.name] = replace(fitted, failed=failed) if failed else fitted
        return results

    def _sound(self, columns: Columns, letters: list[DeadLetter]) -> Columns | None:
        """The rows without a failure; a letter for each of the others, NULL where it failed."""
        failed = failures(list(columns.vectors.values()))
        if not failed:
            return columns
        shown = {name: _blanked(vector) for name, vector in columns.vectors.items()}
        types = {column.name: column.type for column in self._node.columns}
        letters += dead_letters(replace(columns, vectors=shown), types, failed, self._stage)
        rows = sound_rows(len(columns), failed)
        return columns.take(rows) if len(rows) else None

    def _forget(self) -> None:
        """Gives the groups of open windows new ids when most ids belong to none: memory follows the
        groups that live, not all that ever did.
        """
        if len(self._groups) > FORGET_FLOOR:
            live = sum(len(window.groups()) for window in self._open.values())
            if len(self._groups) > FORGET_FLOOR + 2 * live:
                state = self.dump()
                self._groups, self._open = Groups(self._key_types), {}
                self.load(state)

    def dump(self) -> Any:
        """See Operator. Keys once, by value; each window refers to them by place."""
        groups = [window.groups() for window in self._open.values()]
        is_live = np.zeros(len(self._groups), np.bool_)
        for at in groups:
            is_live[at] = True
        live = np.flatnonzero(is_live)
        place = np.cumsum(is_live) - 1
        keys = [vector.to_list() for vector in self._groups.vectors(live)]
        windows = [
            (number, packed(place[at]), window.dump(at), *self._more(number, place))
            for (number, window), at in zip(self._open.items(), groups, strict=True)
        ]
        return msgspec.msgpack.encode((len(live), keys, sorted(windows)))

    def load(self, state: Any) -> None:
        """See Operator."""
        count, keys, windows = msgspec.msgpack.decode(state)
        vectors = [
            vector_of(values, type) for values, type in zip(keys, self._key_types, strict=True)
        ]
        ids = self._groups.ids(vectors, count)
        for number, places, dumped, *more in windows:
            self._window(number).load(ids[unpacked(places, np.int64)], dumped)
            self._load_more(number, ids, more)

    def _more(self, number: int, place: Ids) -> Sequence[Any]:
        """What else to keep of a window; `place`: where each group stands among those kept."""
        return ()

    def _load_more(self, number: int, ids: Ids, more: Sequence[Any]) -> None:
        """The inverse; `ids`: the group at each place."""


def _blanked(vector: Vector) -> Vector:
    """NULL where it failed: a dead letter shows no wrong number."""
    if not vector.failed:
        return vector
    rows = list(vector.failed)
    if vector.words is not None:
        values = vector.values.copy()
        values[rows] = 0
        return Vector(values, words=vector.words)
    null = np.zeros(len(vector), np.bool_) if vector.null is None else vector.null.copy()
    null[rows] = True
    return Vector(vector.values, null)
