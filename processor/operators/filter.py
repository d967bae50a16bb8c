"""WHERE and HAVING: rows whose predicate is true go on; false and unknown are the same here."""

from collections.abc import Mapping

import numpy as np

from analytics_sql.plan import Filter
from analytics_sql.types import SqlType
from fleet.row import DeadLetter
from processor.columns import Columns
from processor.expressions.compiler import compile_expression
from processor.operators.base import Stateless
from processor.operators.failure import dead_letters


class FilterOperator(Stateless):
    """See Operator."""

    def __init__(self, node: Filter, stage: str) -> None:
        self._predicate = compile_expression(node.predicate)
        self._types: Mapping[str, SqlType] = {c.name: c.type for c in node.input.columns}
        self._stage = stage

    def add(self, columns: Columns, letters: list[DeadLetter]) -> Columns | None:
        """See Operator."""
        truth = self._predicate(columns)
        kept = truth.values
        if truth.failed:
            letters += dead_letters(columns, self._types, truth.failed, self._stage)
            kept = kept.copy()
            kept[list(truth.failed)] = False
        if kept.all():
            return columns
        rows = np.flatnonzero(kept)
        return columns.take(rows) if len(rows) else None
