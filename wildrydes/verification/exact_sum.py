"""Sums of DOUBLEs without an error: exact, and rounded once. By Python's `math.fsum` and by its
integers, neither of which the processor uses.
"""

import math
from collections.abc import Sequence

_UNIT_BITS = 1074
"""Every DOUBLE is a multiple of 2**-1074."""


def exact_sum(values: Sequence[float]) -> float:
    """The sum, rounded once; infinite when there is no such DOUBLE."""
    try:
        return math.fsum(values) + 0.0
    except OverflowError:
        return _quotient(values, 1)


def exact_mean(values: Sequence[float]) -> float:
    """The sum by the count, rounded once."""
    return _quotient(values, len(values))


def _quotient(values: Sequence[float], count: int) -> float:
    total = 0
    for value in values:
        above, below = value.as_integer_ratio()
        total += above * ((1 << _UNIT_BITS) // below)
    try:
        # Python divides integers of any size exactly and rounds once.
        return total / (count << _UNIT_BITS)
    except OverflowError:
        return math.inf if total > 0 else -math.inf
