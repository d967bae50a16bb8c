"""ORDER BY time WITHIN INTERVAL: rows in the order of a time of their own, which becomes ROWTIME.

A row waits until one has come whose time is more than the slack later. A row that is more than the
slack behind the latest fails: one that is later than it may be out already.
"""

from typing import Any

import numpy as np

from analytics_sql.combination import TimeSort
from analytics_sql.plan import Node
from fleet.row import DeadLetter
from fleet.timestamp import timestamp_text
from processor.columns import Columns
from processor.explain.expression_text import expression_text
from processor.expressions.compiler import compile_expression
from processor.operators.failure import dead_letters, sound_rows
from processor.operators.hold import HoldOperator
from processor.watermark import BEGINNING_MS, END_MS


class TimeSortOperator(HoldOperator):
    """See Operator. Takes rows in order: it stands behind a hold."""

    def __init__(self, node: TimeSort[Node], stage: str) -> None:
        super().__init__(node.columns)
        self._node = node
        self._stage = stage
        self._types = {column.name: column.type for column in node.columns}
        self._time = compile_expression(node.time)
        self._latest_ms = BEGINNING_MS

    def add(  # type: ignore[override]
        self, columns: Columns, letters: list[DeadLetter]
    ) -> Columns | None:
        """See Operator."""
        time = self._time(columns)
        failed = dict(time.failed)
        if (null := time.nulls()) is not None:
            nulls = dict.fromkeys(np.flatnonzero(null).tolist(), "its ROWTIME is NULL")
            failed = {**nulls, **failed}
        values = time.values.copy()
        values[list(failed)] = BEGINNING_MS
        latest = np.maximum(np.maximum.accumulate(values), self._latest_ms)
        slack_ms = self._node.slack_ms
        for row in np.flatnonzero(values < latest - slack_ms).tolist():
            if row not in failed:
                times = timestamp_text(int(values[row])), timestamp_text(int(latest[row]))
                behind = f"is more than {slack_ms / 1000:g} s before"
                failed[row] = (
                    f"its ROWTIME {times[0]} {behind} {times[1]}, which an earlier row has"
                )
        self._latest_ms = int(latest[-1])
        if failed:
            letters += dead_letters(columns, self._types, failed, self._stage)
            rows = sound_rows(len(columns), failed)
            columns, values = columns.take(rows), values[rows]
        if len(columns):
            super().add(Columns(columns.vectors, values, columns.lineage), letters)
        due = super().advance(self._latest_ms - slack_ms, letters)
        return due[0] if due else None

    def advance(self, watermark_ms: int, letters: list[DeadLetter]) -> list[Columns]:
        """See Operator: time makes nothing due here but its end."""
        return super().advance(watermark_ms, letters) if watermark_ms >= END_MS else []

    def passes(self, watermark_ms: int) -> int:
        """See Operator."""
        if watermark_ms >= END_MS or self._latest_ms == BEGINNING_MS:
            return watermark_ms if watermark_ms >= END_MS else BEGINNING_MS
        return self._latest_ms - self._node.slack_ms

    @property
    def holds(self) -> str:
        """See Operator."""
        return f"{self.waiting} rows that ORDER BY ... WITHIN keeps"

    @property
    def shape(self) -> str:
        """See Operator."""
        within = f"within {self._node.slack_ms / 1000:g} s"
        return f"{super().shape}, by {expression_text(self._node.time)} {within}"

    def dump(self) -> Any:
        """See Operator."""
        return None if self._latest_ms == BEGINNING_MS else [self._latest_ms, super().dump()]

    def load(self, state: Any) -> None:
        """See Operator."""
        latest_ms, waiting = state
        if waiting is not None:
            self.restore(waiting)
        self._latest_ms = latest_ms
