"""ORDER BY: rows wait until their time bucket has ended, and come out in order, with the ROWTIME of
that end.
"""

import numpy as np

from analytics_sql.combination import Order, Sort
from analytics_sql.expression import ColumnRef
from analytics_sql.plan import Node
from fleet.row import DeadLetter
from processor.columns import Columns, Ids, Vector
from processor.expressions.compiler import compile_expression
from processor.operators.failure import dead_letters, failures, sound_rows
from processor.operators.hold import HoldOperator
from processor.watermark import END_MS


class SortOperator(HoldOperator):
    """See Operator."""

    def __init__(self, node: Sort[Node], stage: str) -> None:
        super().__init__(node.columns)
        self._node = node
        self._stage = stage
        self._types = {column.name: column.type for column in node.columns}
        self._time = compile_expression(node.time)
        self._orders = [compile_expression(order.expression) for order in node.orders]
        # The rows of a group carry the end of their window, which may be that of the bucket.
        self._after_ms = int(isinstance(node.time, ColumnRef))

    def advance(self, watermark_ms: int, letters: list[DeadLetter]) -> list[Columns]:
        """See Operator: the buckets that ended by then."""
        if watermark_ms < END_MS:
            size, offset = self._node.size_ms, self._node.offset_ms
            watermark_ms = (watermark_ms - offset) // size * size + offset + self._after_ms
        due = super().advance(watermark_ms, letters)
        passed = [self._sorted(columns, letters) for columns in due]
        return [columns for columns in passed if len(columns)]

    def _sorted(self, columns: Columns, letters: list[DeadLetter]) -> Columns:
        values = [evaluate(columns) for evaluate in self._orders]
        if failed := failures(values):
            letters += dead_letters(columns, self._types, failed, self._stage)
            rows = sound_rows(len(columns), failed)
            columns, values = columns.take(rows), [vector.take(rows) for vector in values]
        size, offset = self._node.size_ms, self._node.offset_ms
        times = self._time(columns).values
        ends_ms = (times - offset) // size * size + offset + size
        ranks = [rank(v, order) for v, order in zip(values, self._node.orders, strict=True)]
        # It is stable: equal rows stay as the hold had them.
        rows = np.lexsort([*reversed(ranks), ends_ms])
        taken = columns.take(rows)
        rowtime_ms = taken.rowtime_ms if self._node.keeps_rowtime else ends_ms[rows]
        return Columns(taken.vectors, rowtime_ms, taken.lineage)

    @property
    def holds(self) -> str:
        """See Operator."""
        return f"{self.waiting} rows that ORDER BY keeps until their time bucket ends"

    @property
    def shape(self) -> str:
        """See Operator."""
        return f"{super().shape}, in buckets of {self._node.size_ms / 1000:g} s"


def rank(vector: Vector, order: Order) -> Ids:
    """Numbers that are in the order of the values."""
    if vector.words is not None:
        # Ids are in the order of first appearance.
        entries = vector.words.entries
        used = sorted(set(vector.values.tolist()) - {0}, key=lambda word: str(entries[word]))
        ranks = np.zeros(len(entries), np.int64)
        ranks[used] = np.arange(len(used))
        numbers: Ids = ranks[vector.values]
    else:
        _, inverse = np.unique(vector.values, return_inverse=True)
        numbers = inverse.astype(np.int64)
    if order.descending:
        numbers = -numbers
    null = vector.nulls()
    if null is None:
        return numbers
    numbers = numbers.copy()
    numbers[null] = -len(numbers) - 1 if order.nulls_first else len(numbers) + 1
    return numbers
