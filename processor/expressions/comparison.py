"""= <> < <= > >= of numbers, times, truths and texts; NULL on either side is unknown.

Integers and decimals are compared exactly, with a DOUBLE or REAL as DOUBLEs. Texts are compared
code point by code point, and blanks at their ends do not count, so that a CHAR equals its text.
Bytes are compared byte by byte.
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


def comparison(
    symbol: str, left_type: SqlType, right_type: SqlType
) -> Callable[[Vector, Vector], Vector]:
    """The comparison of two vectors of these types."""
    compare = _OPERATORS[symbol]
    if left_type.is_text:
        return TextComparison(compare)
    if left_type.is_bytes:
        return TextComparison(compare, padding="")
    if left_type.is_exact and right_type.is_exact:
        scales = left_type.digits[1], right_type.digits[1]
        if scales[0] != scales[1]:
            return lambda left, right: _verdict(
                compare(*_on_one_scale(left.values, right.values, *scales)), left, right
            )
    return lambda left, right: _verdict(compare(left.values, right.values), left, right)


def _on_one_scale(left: Any, right: Any, left_scale: int, right_scale: int) -> tuple[Any, Any]:
    """Numbers that compare as these decimals do: -1, 0 or 1 for the finer ones, 0 for the others.
    Nothing is multiplied, so nothing leaves 64 bits.
    """
    if left_scale < right_scale:
        return _on_one_scale(right, left, right_scale, left_scale)[::-1]
    factor = 10 ** (left_scale - right_scale)
    whole, rest = np.divmod(left if factor < 2**63 else left.astype(object), factor)
    order = np.greater(whole, right).astype(np.int64) - np.less(whole, right)
    return np.where(order == 0, rest > 0, order), np.zeros(len(left), np.int64)


class TextComparison:
    """Against a constant each word of a dictionary is compared once; otherwise row by row."""

    def __init__(self, compare: Compare, padding: str = " ") -> None:
        self._compare: Compare = lambda a, b: compare(a.rstrip(padding), b.rstrip(padding))
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
            verdicts = (_verdict_on(self._compare, a, b) for a, b in pairs)
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
            verdicts = (_verdict_on(compare, word, constant) for word in fresh)
            more = np.fromiter(verdicts, np.bool_, len(fresh))
            self._table = np.concatenate([self._table, more])
        verdict: Mask = self._table[vector.values]
        return verdict


def _verdict_on(compare: Compare, a: Any, b: Any) -> bool:
    return a is not None and b is not None and bool(compare(a, b))


def _verdict(true: Mask, left: Vector, right: Vector) -> Vector:
    null = null_of(left, right)
    if null is not None:
        true = true & ~null
    return Vector(true, null, failed=failures_of(left, right))
