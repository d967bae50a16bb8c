"""EXP_AVG of a tumbling window: an average whose weights halve from one part of it to the next.

The window is divided, from its end, into parts of one half-life. The values of the last part count
once, those of the part before it half, and so on (REF:sql-reference-exp-avg). The weights are
powers of two, so the sums are exact and have no order.
"""

from typing import Any, Final

import numpy as np

from processor.columns import Ids, Vector
from processor.operators.double_sum import DoubleSum

HALVINGS_MAX: Final = 1000
"""After so many half-lives a weight gets no smaller: it is as good as nothing."""


class Decay:
    """The weighted sum, and the sum of the weights. See Accumulator."""

    def __init__(self, half_life_ms: int) -> None:
        self._half_life_ms = half_life_ms
        self._sum, self._weights = DoubleSum(), DoubleSum()

    def grow(self, size: int) -> None:
        """See Accumulator."""
        self._sum.grow(size)
        self._weights.grow(size)

    def add(self, groups: Ids, values: np.ndarray[Any, Any], before_end_ms: Ids) -> None:
        """Takes values of rows that came so long before the end of their window."""
        halvings = np.minimum((before_end_ms - 1) // self._half_life_ms, HALVINGS_MAX)
        weights = np.ldexp(1.0, -halvings)
        self._sum.add(groups, Vector(values * weights))
        self._weights.add(groups, Vector(weights))

    def totals(self, groups: Ids) -> tuple[list[int], list[int]]:
        """Numerators and denominators of the averages; a denominator may be 0."""
        above, bits = self._sum.totals(groups)
        below, weight_bits = self._weights.totals(groups)
        common = max(bits, weight_bits)
        return [n << (common - bits) for n in above], [d << (common - weight_bits) for d in below]

    def dump(self, groups: Ids) -> list[Any]:
        """See Accumulator."""
        return [self._sum.dump(groups), self._weights.dump(groups)]

    def load(self, groups: Ids, state: list[Any]) -> None:
        """See Accumulator."""
        self._sum.load(groups, state[0])
        self._weights.load(groups, state[1])
