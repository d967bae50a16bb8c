"""+, -, * and / of numbers, times and intervals. What does not fit the type of the result fails in
its row, and so does a division by zero; nothing wraps and nothing becomes infinite.

    integers        exact; / cuts toward zero
    decimals        exact; what a scale cannot hold is rounded, halves away from zero
    DOUBLE          IEEE 754, in which a decimal is the nearest DOUBLE
    intervals       whole milliseconds; * and / cut toward zero
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analytics_sql.functions.times import EARLIEST_MS, LATEST_MS
from analytics_sql.types import UNIT_MS, Kind, SqlType
from processor.columns import Mask, Vector
from processor.expressions.exact import (
    Whole,
    bounds,
    cut_quotient,
    fitting,
    largest,
    narrowed,
    rescaled,
    rounded_quotient,
)
from processor.expressions.failure import failures_of, null_of

Numbers = NDArray[Any]
Compute = Callable[[Numbers, Numbers], tuple[Numbers, Mask]]
"""The values, and where there is none."""

_UFUNCS: Final[Mapping[str, Callable[[Numbers, Numbers], Numbers]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
}
_SURE = 2.0**62
"""A product that is smaller than this in floating point has not wrapped."""


def arithmetic(
    symbol: str, left_type: SqlType, right_type: SqlType, type: SqlType
) -> Callable[[Vector, Vector], Vector]:
    """The operation on two vectors of these types, with a result of `type`."""
    compute = _computation(symbol, left_type, right_type, type)
    is_division = symbol == "/"

    def combine(left: Vector, right: Vector) -> Vector:
        null = null_of(left, right)
        divisor = right.values
        zero = divisor == 0 if is_division else None
        if zero is not None and zero.any():
            divisor = np.where(zero, 1, divisor)
        values, overflow = compute(left.values, divisor)
        if zero is not None:
            overflow = overflow & ~zero
        failed = failures_of(left, right)
        if overflow.any():
            # No infinity goes on, not even under a NULL.
            values[overflow] = 0
            failed = {**_failures(overflow, null, f"{symbol} overflows {type}"), **failed}
        if zero is not None and zero.any():
            failed = {**_failures(zero, null, "division by zero"), **failed}
        return Vector(values, null, failed=failed)

    return combine


def _failures(mask: Mask, null: Mask | None, reason: str) -> dict[int, str]:
    rows: list[int] = np.flatnonzero(mask if null is None else mask & ~null).tolist()
    return dict.fromkeys(rows, reason)


def _computation(symbol: str, left: SqlType, right: SqlType, type: SqlType) -> Compute:
    if type.is_integer:
        return _quotient(type) if symbol == "/" else _integer(symbol, type)
    if type.is_approximate:
        return _double(symbol, left, right)
    if type.kind is Kind.DECIMAL:
        return _decimal(symbol, left, right, type)
    if symbol in "*/":
        return _scaled_interval(symbol, left, right)
    return _time(symbol, left, type)


def _double(symbol: str, left: SqlType, right: SqlType) -> Compute:
    ufunc = np.divide if symbol == "/" else _UFUNCS[symbol]
    divisors = [10.0 ** (type.scale or 0) for type in (left, right)]

    def compute(left: Numbers, right: Numbers) -> tuple[Numbers, Mask]:
        one, other = left.astype(np.float64), right.astype(np.float64)
        if divisors != [1.0, 1.0]:
            one, other = one / divisors[0], other / divisors[1]
        with np.errstate(over="ignore"):
            values = ufunc(one, other) + 0.0
        return values, ~np.isfinite(values)

    return compute


def _integer(symbol: str, type: SqlType) -> Compute:
    ufunc = _UFUNCS[symbol]
    smallest, largest = type.integer_range

    def compute(left: Numbers, right: Numbers) -> tuple[Numbers, Mask]:
        values = ufunc(left, right)  # wraps at 64 bits, without a word
        overflow = _wrapped(symbol, left, right, values)
        return values, overflow | (values < smallest) | (values > largest)

    return compute


def _quotient(type: SqlType) -> Compute:
    return lambda left, right: narrowed(cut_quotient(left, right), *type.integer_range)


def _decimal(symbol: str, left: SqlType, right: SqlType, type: SqlType) -> Compute:
    one, other, scale = left.digits[1], right.digits[1], type.digits[1]
    limits = bounds(type.digits[0])

    def compute(left: Whole, right: Whole) -> tuple[Numbers, Mask]:
        if symbol == "*":
            product = fitting(left, largest(right)) * right
            return narrowed(rescaled(product, one + other, scale), *limits)
        if symbol == "/":
            shift = scale - one + other
            dividend = rescaled(left, 0, max(shift, 0))
            divisor = rescaled(right, 0, max(-shift, 0))
            return narrowed(rounded_quotient(dividend, divisor), *limits)
        sum = _UFUNCS[symbol](
            fitting(rescaled(left, one, scale), 2), fitting(rescaled(right, other, scale), 2)
        )
        return narrowed(sum, *limits)

    return compute


def _scaled_interval(symbol: str, left: SqlType, right: SqlType) -> Compute:
    """An interval times or by a number; the number may stand first."""
    number = left if right.kind is Kind.INTERVAL else right
    limits = bounds(19)

    def compute(one: Numbers, other: Numbers) -> tuple[Numbers, Mask]:
        if number.is_approximate:
            with np.errstate(over="ignore"):
                exact = np.divide(one, other) if symbol == "/" else one * other
            outside = ~(np.abs(exact) < _SURE)
            return np.where(outside, 0, exact).astype(np.int64), outside
        unit = 10 ** number.digits[1]
        if symbol == "/":
            return narrowed(cut_quotient(fitting(one, unit) * unit, other), *limits)
        product = fitting(one, largest(other)) * other
        return narrowed(cut_quotient(product, np.array([unit])), *limits)

    return compute


def _time(symbol: str, left: SqlType, type: SqlType) -> Compute:
    """A time plus or minus an interval, two intervals, or the interval between two times."""
    combine = _integer(symbol, SqlType(Kind.BIGINT))

    def compute(one: Numbers, other: Numbers) -> tuple[Numbers, Mask]:
        values, outside = combine(one, other)
        if type.kind is Kind.TIME:
            return values % UNIT_MS["DAY"], outside
        if type.is_datetime:
            if type.kind is Kind.DATE:
                values = values // UNIT_MS["DAY"] * UNIT_MS["DAY"]
            return values, outside | (values < EARLIEST_MS) | (values > LATEST_MS)
        if left.is_datetime and type.units is not None and type.units[1] != "SECOND":
            # (a - b) HOUR counts whole hours.
            unit_ms = np.array([UNIT_MS[type.units[1]]])
            values = cut_quotient(values, unit_ms) * unit_ms
        return values, outside

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
