"""GROUP BY MONOTONIC(expr): the groups of one value of an expression that never goes back.

They are complete when a row with another value follows; their rows carry its ROWTIME. There is no
such row after the last one: its groups stay open. A row whose value is NULL or goes back fails: the
application promised that there is none (REF:sql-reference-monotonic).
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from analytics_sql.plan import Tumble
from fleet.errors import ConfigError
from fleet.row import DeadLetter
from processor.columns import Columns, Ids
from processor.expressions.compiler import compile_expression
from processor.operators.failure import dead_letters, sound_rows
from processor.operators.hold import merged
from processor.operators.state import typed_text
from processor.operators.tumble import TumbleOperator

LOWEST: Final = -(1 << 63)
"""Before the first value."""


class MonotonicOperator(TumbleOperator):
    """See Operator. Takes rows in order: it stands behind a hold."""

    def __init__(self, node: Tumble, stage: str) -> None:
        assert node.time is not None
        if node.time.type.has_words or node.time.type.is_approximate:
            raise ConfigError(
                f"{stage}: MONOTONIC of type {node.time.type} is not run",
                remedy="group by a number without a fraction, or by a time",
            )
        if any(aggregate.function == "EXP_AVG" for aggregate in node.aggregates):
            raise ConfigError(
                f"{stage}: EXP_AVG needs a window with an end",
                remedy="group by FLOOR or STEP of ROWTIME",
            )
        super().__init__(node, stage)
        self._time = compile_expression(node.time)
        self._value = LOWEST

    def add(self, columns: Columns, letters: list[DeadLetter]) -> Columns | None:
        """See Operator."""
        time = self._time(columns)
        failed = dict(time.failed)
        if (null := time.nulls()) is not None:
            nulls = dict.fromkeys(np.flatnonzero(null).tolist(), "the value of MONOTONIC is NULL")
            failed = {**nulls, **failed}
        values: Ids = time.values.copy()
        values[list(failed)] = self._value
        latest = np.maximum(np.maximum.accumulate(values), self._value)
        for row in np.flatnonzero(values < latest).tolist():
            if row not in failed:
                failed[row] = "the value of MONOTONIC goes back"
        if failed:
            letters += dead_letters(columns, self._types, failed, self._stage)
            sound = sound_rows(len(columns), failed)
            columns, values = columns.take(sound), values[sound]
        return self._runs(columns, values, letters) if len(columns) else None

    def _runs(self, columns: Columns, values: Ids, letters: list[DeadLetter]) -> Columns | None:
        """Takes runs of rows of one value; each completes the groups of the value before."""
        starts = [0, *(np.flatnonzero(values[1:] != values[:-1]) + 1).tolist()]
        passed: list[Columns] = []
        for start, end in zip(starts, [*starts[1:], len(values)], strict=True):
            value = int(values[start])
            for before in [number for number in self._open if number != value]:
                closed = self._close(before, before, int(columns.rowtime_ms[start]))
                if (sound := self._sound(closed, letters)) is not None:
                    passed.append(sound)
            self._value = value
            super().add(columns.take(np.arange(start, end)), letters)
        return merged(passed, self._node.columns, sort=False) if passed else None

    def _numbers(self, rowtime_ms: Ids) -> Iterator[tuple[int, Ids | None]]:
        """All rows of a run belong to its value."""
        if len(rowtime_ms):
            yield self._value, None

    def _windows_text(self) -> str:
        assert self._node.time is not None
        return f"groups of MONOTONIC({typed_text(self._node.time)})"

    def advance(self, watermark_ms: int, letters: list[DeadLetter]) -> list[Columns]:
        """See Operator: time completes nothing here."""
        return []

    def dump(self) -> Any:
        """See Operator."""
        return None if self._value == LOWEST else [self._value, super().dump()]

    def load(self, state: Any) -> None:
        """See Operator."""
        self._value, groups = state
        super().load(groups)
