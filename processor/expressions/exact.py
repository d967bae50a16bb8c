"""Whole numbers that may leave 64 bits on the way to a result that fits them.

An array of int64 is used where it is sure to hold everything, one of Python's integers where not:
both compute the same.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from processor.columns import Mask

Whole = NDArray[Any]
"""int64, or Python's integers in an array of objects."""

_SURE = 2**62


def fitting(values: Whole, *factors: int) -> Whole:
    """The values in an array in which they can be multiplied by these and still be added up."""
    product = 1
    for factor in factors:
        product *= abs(factor)
    return values if largest(values) * product < _SURE else values.astype(object)


def largest(values: Whole) -> int:
    """The largest magnitude of all."""
    return max(abs(int(values.max())), abs(int(values.min()))) if len(values) else 0


def rescaled(values: Whole, source: int, target: int) -> Whole:
    """Decimals of one scale as decimals of another, rounded; halves away from zero."""
    if source == target:
        return values
    factor = 10 ** abs(target - source)
    if target > source:
        longer: Whole = fitting(values, factor) * factor
        return longer
    return rounded_quotient(values, np.array([factor]))


def rounded_quotient(dividend: Whole, divisor: Whole) -> Whole:
    """Rounded to the nearest, halves away from zero. No divisor is 0."""
    dividend, divisor = fitting(dividend, 4), fitting(divisor, 4)
    sign = np.where((dividend < 0) ^ (divisor < 0), -1, 1)
    above, below = np.abs(dividend), np.abs(divisor)
    quotient: Whole = sign * ((2 * above + below) // (2 * below))
    return quotient


def cut_quotient(dividend: Whole, divisor: Whole) -> Whole:
    """Cut toward zero. No divisor is 0."""
    dividend, divisor = fitting(dividend, 4), fitting(divisor, 4)
    sign = np.where((dividend < 0) ^ (divisor < 0), -1, 1)
    quotient: Whole = sign * (np.abs(dividend) // np.abs(divisor))
    return quotient


def narrowed(values: Whole, smallest: int, largest: int) -> tuple[NDArray[np.int64], Mask]:
    """The values as int64, and which of them lie outside these bounds (they become 0)."""
    outside = np.asarray((values < smallest) | (values > largest), np.bool_)
    if outside.any():
        values = np.where(outside, 0, values)
    return values.astype(np.int64), outside


def bounds(digits: int) -> tuple[int, int]:
    """The smallest and largest whole number of so many digits that 64 bits hold."""
    most = min(10**digits - 1, 2**63 - 1)
    return -most, most
