"""VAR and STDDEV, from the exact sums of the values and of their squares.

A running mean and its corrections (Welford) depend on the order of the rows and on how they were
put together; exact moments do not. The variance is their exact quotient, rounded once; the standard
deviation is its square root, rounded once more.
"""

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from processor.columns import Ids, Vector
from processor.operators.double_sum import SMALLEST_BITS, SPLITTER, DoubleSum, units_of
from processor.operators.integer_sum import IntegerSum

SQUARE_BITS: Final = 2 * SMALLEST_BITS
"""Every square of a DOUBLE is a multiple of 2**-2148."""
SMALL: Final = 1 << 31
"""The square of an integer below this is a BIGINT."""


class IntegerSquares:
    """The exact sum of the squares of integers. See Accumulator."""

    def __init__(self) -> None:
        self._sum = IntegerSum()
        self._rest: dict[int, int] = {}

    def grow(self, size: int) -> None:
        """See Accumulator."""
        self._sum.grow(size)

    def add(self, groups: Ids, vector: Vector) -> None:
        """See Accumulator."""
        values = vector.values
        small = (values < SMALL) & (values > -SMALL)
        if not small.all():
            for i in np.flatnonzero(~small).tolist():
                _add(self._rest, int(groups[i]), int(values[i]) ** 2)
            groups, values = groups[small], values[small]
        self._sum.add(groups, Vector(values * values))

    def totals(self, groups: Ids) -> tuple[list[int], int]:
        """The exact sums, as multiples of 2**-bits, and bits."""
        pairs = zip(self._sum.totals(groups)[0], groups.tolist(), strict=True)
        return [total + self._rest.get(group, 0) for total, group in pairs], 0

    def dump(self, groups: Ids) -> list[Any]:
        """See Accumulator."""
        return [self._sum.dump(groups), _dumped(self._rest, groups)]

    def load(self, groups: Ids, state: list[Any]) -> None:
        """See Accumulator."""
        self._sum.load(groups, state[0])
        self._rest = _loaded(state[1], groups)


class DoubleSquares:
    """The exact sum of the squares of DOUBLEs: of each, its rounded square and what the rounding
    left over. See Accumulator.
    """

    def __init__(self) -> None:
        self._sum = DoubleSum()
        self._rest: dict[int, int] = {}

    def grow(self, size: int) -> None:
        """See Accumulator."""
        self._sum.grow(size)

    def add(self, groups: Ids, vector: Vector) -> None:
        """See Accumulator."""
        values = vector.values
        size = np.abs(values)
        # Outside of this what the rounding leaves over may be no DOUBLE, or infinite.
        sure = ((size > 2.0**-480) & (size < 2.0**480)) | (size == 0.0)
        if not sure.all():
            for i in np.flatnonzero(~sure).tolist():
                _add(self._rest, int(groups[i]), units_of(values[i].item()) ** 2)
            groups, values = groups[sure], values[sure]
        square = values * values
        wide = values * SPLITTER
        top = wide - (wide - values)
        low = values - top
        left = ((top * top - square) + 2.0 * top * low) + low * low
        self._sum.add(groups, Vector(square))
        self._sum.add(groups, Vector(left))

    def totals(self, groups: Ids) -> tuple[list[int], int]:
        """The exact sums, as multiples of 2**-bits, and bits."""
        totals, bits = self._sum.totals(groups)
        if not self._rest:
            return totals, bits
        pairs = zip(totals, groups.tolist(), strict=True)
        shift = SQUARE_BITS - bits
        return [(t << shift) + self._rest.get(group, 0) for t, group in pairs], SQUARE_BITS

    def dump(self, groups: Ids) -> list[Any]:
        """See Accumulator."""
        return [self._sum.dump(groups), _dumped(self._rest, groups)]

    def load(self, groups: Ids, state: list[Any]) -> None:
        """See Accumulator."""
        self._sum.load(groups, state[0])
        self._rest = _loaded(state[1], groups)


def variance(
    function: str, count: int, total: int, squares: int, bits: int, squares_bits: int, scale: int
) -> float | None:
    """VAR or STDDEV of so many values that have these exact sums, in units of 2**-bits and
    2**-squares_bits, all times 10**scale. NULL for too few of them. Raises OverflowError.
    """
    divisor = count if function.endswith("_POP") else count - 1
    if divisor < 1:
        return None
    common = max(2 * bits, squares_bits)
    above = count * (squares << (common - squares_bits)) - (total * total << (common - 2 * bits))
    var = above / ((count * divisor * 10 ** (2 * scale)) << common)
    return math.sqrt(var) if function.startswith("STDDEV") else var


def _add(rest: dict[int, int], group: int, units: int) -> None:
    rest[group] = rest.get(group, 0) + units


def _dumped(rest: dict[int, int], groups: Ids) -> list[tuple[int, str]]:
    at = groups.tolist() if rest else []
    return [(i, str(rest[group])) for i, group in enumerate(at) if group in rest]


def _loaded(state: Sequence[tuple[int, str]], groups: Ids) -> dict[int, int]:
    return {int(groups[i]): int(units) for i, units in state}
