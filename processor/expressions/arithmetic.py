"""+, - and * of two numbers. What does not fit the type of the result fails in its row; nothing
wraps and nothing becomes infinite.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analytics_sql.types import SqlType
from processor.columns import Mask, Vector
from processor.expressions.failure import failures_of, null_of

Numbers = NDArray[Any]

_UFUNCS: Final[Mapping[str, Callable[[Numbers, Numbers], Numbers]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
}
_SURE = 2.0**62
"""A product that is smaller than this in floating point has not wrapped."""


def arithmetic(symbol: str, type: SqlType) -> Callable[[Vector, Vector], Vector]:
    """The operation on two vectors of numbers, with a result of this type."""
    compute = _integer(symbol, type) if type.is_integer else _double(symbol)

    def combine(left: Vector, right: Vector) -> Vector:
        values, overflow = compute(left.values, right.values)
        null = null_of(left, right)
        failed = failures_of(left, right)
        if overflow.any():
            # No infinity goes on, not even under a NULL.
            values[overflow] = 0
            if null is not None:
                overflow &= ~null
            reason = f"{symbol} overflows {type}"
            rows: list[int] = np.flatnonzero(overflow).tolist()
            failed = {**dict.fromkeys(rows, reason), **failed}
        return Vector(values, null, failed=failed)

    return combine


def _double(symbol: str) -> Callable[[Numbers, Numbers], tuple[Numbers, Mask]]:
    ufunc = _UFUNCS[symbol]

    def compute(left: Numbers, right: Numbers) -> tuple[Numbers, Mask]:
        with np.errstate(over="ignore"):
            values = ufunc(left.astype(np.float64), right.astype(np.float64)) + 0.0
        return values, ~np.isfinite(values)

    return compute


def _integer(symbol: str, type: SqlType) -> Callable[[Numbers, Numbers], tuple[Numbers, Mask]]:
    ufunc = _UFUNCS[symbol]
    smallest, largest = type.integer_range

    def compute(left: Numbers, right: Numbers) -> tuple[Numbers, Mask]:
        values = ufunc(left, right)  # wraps at 64 bits, without a word
        overflow = _wrapped(symbol, left, right, values)
        return values, overflow | (values < smallest) | (values > largest)

    return compute


def _wrapped(symbol: str, left: Numbers, right: Numbers, values: Numbers) -> Mask:
    """Where the result does not fit 64 bits."""
    if symbol == "+":
        sign: Numbers = (left ^ values) & (right ^ values)
        wrapped: Mask = sign < 0
    elif symbol == "-":
        sign = (left ^ right) & (left ^ values)
        wrapped = sign < 0
    else:
        wrapped = np.abs(left.astype(np.float64) * right.astype(np.float64)) >= _SURE
        for row in np.flatnonzero(wrapped).tolist():
            wrapped[row] = int(left[row]) * int(right[row]) != int(values[row])
    return wrapped
