"""CASE: for each row the value of the first branch whose condition is true."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from analytics_sql.types import SqlType
from processor.columns import Dictionary, Ids, Mask, Vector
from processor.expressions.words import MadeWords


class CaseTable:
    """Puts the chosen values together. Of a row's values only the chosen one can fail it; so can a
    condition that had to be looked at.
    """

    def __init__(self, type: SqlType) -> None:
        self._made = MadeWords(type)
        self._words: Dictionary | None = None
        self._tables: dict[int, tuple[Dictionary, Ids]] = {}

    def __call__(self, conditions: Sequence[Vector], values: Sequence[Vector]) -> Vector:
        """`values` has one more than there are conditions: that of ELSE."""
        choice, failed = _choices(conditions, len(values[-1]))
        words = self._made.current()
        if words is not self._words:
            self._words, self._tables = words, {}
        result: Any = None
        null: Mask = np.zeros(len(choice), np.bool_)
        for number, vector in enumerate(values):
            chosen = choice == number
            own = vector.values if words is None else self._shared(number, vector, words)
            result = own.copy() if result is None else result
            np.copyto(result, own, where=chosen)
            if vector.null is not None:
                null |= vector.null & chosen
            for row, why in vector.failed.items():
                if chosen[row]:
                    failed.setdefault(row, why)
        if words is not None:
            return Vector(result, words=words, failed=failed)
        return Vector(result, null if null.any() else None, failed=failed)

    def _shared(self, number: int, vector: Vector, words: Dictionary) -> Ids:
        """The ids that a branch's texts have in the dictionary of all branches."""
        source = vector.words
        assert source is not None
        known, table = self._tables.get(number, (source, np.zeros(0, np.int64)))
        if known is not source:
            table = np.zeros(0, np.int64)
        if len(table) < len(source):
            fresh = source.entries[len(table) :]
            table = np.concatenate([table, words.ids(fresh, len(fresh))])
        self._tables[number] = source, table
        ids: Ids = table[vector.values]
        return ids


def _choices(conditions: Sequence[Vector], count: int) -> tuple[Ids, dict[int, str]]:
    """Which branch each row takes, and the rows of which no one can say."""
    choice = np.full(count, len(conditions), np.int64)
    open_rows = np.ones(count, np.bool_)
    failed: dict[int, str] = {}
    for number, condition in enumerate(conditions):
        for row, why in condition.failed.items():
            if open_rows[row]:
                failed[row] = why
                open_rows[row] = False
        true = open_rows & condition.values
        if condition.null is not None:
            true &= ~condition.null
        choice[true] = number
        open_rows &= ~true
    return choice, failed
