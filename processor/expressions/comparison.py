"""= <> < <= > >= of numbers, times, truths and texts; NULL on either side is unknown.

An integer and a DOUBLE are compared as DOUBLEs. Texts are compared code point by code point, and
trailing blanks count.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from analytics_sql.types import SqlType
from processor.columns import Dictionary, Mask, Vector
from processor.expressions.failure import failures_of, null_of

Compare = Callable[[Any, Any], Any]

_OPERATORS: Final[Mapping[str, Compare]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def comparison(symbol: str, type: SqlType) -> Callable[[Vector, Vector], Vector]:
    """The comparison of two vectors, the left one of this type."""
    compare = _OPERATORS[symbol]
    if type.is_text:
        return TextComparison(compare)
    return lambda left, right: _verdict(compare(left.values, right.values), left, right)


class TextComparison:
    """Against a constant each word of a dictionary is compared once; otherwise row by row."""

    def __init__(self, compare: Compare) -> None:
        self._compare = compare
        self._words: Dictionary | None = None
        self._constant: object = None
        self._table: Mask = np.zeros(0, np.bool_)

    def __call__(self, left: Vector, right: Vector) -> Vector:
        assert left.words is not None
        assert right.words is not None
        if len(right.words) == 2:
            true = self._look_up(left, left.words, right.words.entries[1], self._compare)
        elif len(left.words) == 2:
            compare = self._compare
            constant = left.words.entries[1]
            true = self._look_up(right, right.words, constant, lambda a, b: compare(b, a))
        else:
            pairs = zip(left.to_list(), right.to_list(), strict=True)
            verdicts = (_both(a, b) and self._compare(a, b) for a, b in pairs)
            true = np.fromiter(verdicts, np.bool_, len(left))
        return _verdict(true, left, right)

    def _look_up(
        self, vector: Vector, words: Dictionary, constant: object, compare: Compare
    ) -> Mask:
        """The verdict on each row, from a table over the dictionary that grows with it."""
        if self._words is not words or self._constant != constant:
            self._words, self._constant = words, constant
            self._table = np.zeros(0, np.bool_)
        fresh = words.entries[len(self._table) :]
        if fresh:
            verdicts = (_both(word, constant) and compare(word, constant) for word in fresh)
            more = np.fromiter(verdicts, np.bool_, len(fresh))
            self._table = np.concatenate([self._table, more])
        verdict: Mask = self._table[vector.values]
        return verdict


def _both(a: object, b: object) -> bool:
    return a is not None and b is not None


def _verdict(true: Mask, left: Vector, right: Vector) -> Vector:
    null = null_of(left, right)
    if null is not None:
        true = true & ~null
    return Vector(true, null, failed=failures_of(left, right))
