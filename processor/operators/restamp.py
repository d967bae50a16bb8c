"""AS ROWTIME: rows get the time that an expression says.

The time of a stream never goes back, so a row whose new time is NULL, or earlier than that of a row
before it, fails (DG:error-handling.md). Which one is before another is a matter of order: this
stands behind a hold.

The clock of what comes out is the latest time given so far. The stream's own time says nothing any
longer: a window over the rows closes when a row with a later time comes, not when minutes pass.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analytics_sql.expression import Expression
from analytics_sql.plan import Column
from analytics_sql.types import SqlType
from fleet.row import DeadLetter
from fleet.timestamp import timestamp_text
from processor.columns import Columns
from processor.explain.expression_text import expression_text
from processor.expressions.compiler import compile_expression
from processor.operators.base import Prompt
from processor.operators.failure import dead_letters, sound_rows
from processor.watermark import BEGINNING_MS, END_MS


class RestampOperator(Prompt):
    """See Operator."""

    groups = 0
    state_bytes = 0
    holds = "nothing"

    def __init__(self, time: Expression, columns: Sequence[Column], stage: str) -> None:
        self._time = compile_expression(time)
        self._text = expression_text(time)
        self._types: Mapping[str, SqlType] = {column.name: column.type for column in columns}
        self._stage = stage
        self._latest_ms = BEGINNING_MS

    def add(self, columns: Columns, letters: list[DeadLetter]) -> Columns | None:
        """See Operator."""
        time = self._time(columns)
        failed = dict(time.failed)
        values = time.values.copy()
        if (null := time.nulls()) is not None:
            nulls = dict.fromkeys(np.flatnonzero(null).tolist(), "its ROWTIME is NULL")
            failed = {**nulls, **failed}
        values[list(failed)] = BEGINNING_MS
        latest = np.maximum(np.maximum.accumulate(values), self._latest_ms)
        for row in np.flatnonzero(values < latest).tolist():
            if row not in failed:
                times = timestamp_text(int(values[row])), timestamp_text(int(latest[row]))
                failed[row] = "its ROWTIME {} is before {}, which an earlier row has".format(*times)
        self._latest_ms = int(latest[-1])
        if failed:
            letters += dead_letters(columns, self._types, failed, self._stage)
            rows = sound_rows(len(columns), failed)
            columns, values = columns.take(rows), values[rows]
        return Columns(columns.vectors, values, columns.lineage) if len(columns) else None

    def passes(self, watermark_ms: int) -> int:
        """See Operator."""
        return watermark_ms if watermark_ms >= END_MS else self._latest_ms

    @property
    def shape(self) -> str:
        """See Operator."""
        return f"the latest AS ROWTIME {self._text}"

    def dump(self) -> Any:
        """See Operator."""
        return self._latest_ms if self._latest_ms > BEGINNING_MS else None

    def load(self, state: Any) -> None:
        """See Operator."""
        self._latest_ms = state
