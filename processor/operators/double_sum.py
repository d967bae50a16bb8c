"""SUM and AVG of DOUBLEs, exact.

The usual sum of DOUBLEs depends on the order of its terms: a replay that interleaves the shards in
another way, or adds up a batch first, changes its last bits. Here a sum is the exact sum of its
terms, rounded once, to the nearest DOUBLE: what `math.fsum` gives. So it has no order, and two
partial sums could be united without loss.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from processor.columns import Ids, Vector
from processor.operators.accumulator import grown, packed, unpacked

LIMB_BITS: Final = 42
"""A DOUBLE is split into limbs: units of 1, of 2**-42 and of 2**-84, each at most 2**41 of them."""
LIMB: Final = 2.0**LIMB_BITS
LARGEST: Final = 2.0**41
SMALLEST_BITS: Final = 1074
"""Every DOUBLE is a multiple of 2**-1074."""
CARRY_ROWS: Final = 1 << 20
"""After so many rows limbs are put in order: each holds less than 2**62 until then."""


class DoubleSum:
    """The exact sum of DOUBLEs.

    A value that has no bits outside the limbs (any of at least 2**-32 and below 2**41, and many
    others) costs three additions of integers. The rest are summed in Python integers of 2**-1074.
    """

    def __init__(self) -> None:
        self._limbs = [np.zeros(0, np.int64) for _ in range(3)]
        self._rest: dict[int, int] = {}
        self._rows = 0

    def grow(self, size: int) -> None:
        """See Accumulator."""
        self._limbs = [grown(limb, size, 0) for limb in self._limbs]

    def add(self, groups: Ids, vector: Vector) -> None:
        """See Accumulator."""
        for start in range(0, len(groups), CARRY_ROWS):
            part = slice(start, start + CARRY_ROWS)
            self._add(groups[part], vector.values[part])

    def _add(self, groups: Ids, values: NDArray[np.float64]) -> None:
        # Every difference and every scaling by a power of two below is exact.
        whole = np.rint(values)
        rest = (values - whole) * LIMB
        middle = np.rint(rest)
        rest = (rest - middle) * LIMB
        last = np.rint(rest)
        odd = rest != last
        odd |= np.abs(whole) >= LARGEST
        if odd.any():
            for i in np.flatnonzero(odd).tolist():
                self._add_rest(int(groups[i]), _units(values[i].item()))
            even = ~odd
            groups, whole = groups[even], whole[even]
            middle, last = middle[even], last[even]
        self._rows += len(groups)
        if self._rows > CARRY_ROWS:
            self._carry()
            self._rows = len(groups)
        for limb, part in zip(self._limbs, (whole, middle, last), strict=True):
            np.add.at(limb, groups, part.astype(np.int64))

    def _add_rest(self, group: int, units: int) -> None:
        self._rest[group] = self._rest.get(group, 0) + units

    def _carry(self) -> None:
        """Brings the lower limbs below one unit of the limb above, and large sums to the rest."""
        whole, middle, last = self._limbs
        middle += last >> LIMB_BITS
        last &= (1 << LIMB_BITS) - 1
        whole += middle >> LIMB_BITS
        middle &= (1 << LIMB_BITS) - 1
        for group in np.flatnonzero(np.abs(whole) >= 1 << 61).tolist():
            self._add_rest(group, int(whole[group]) << SMALLEST_BITS)
            whole[group] = 0

    def sums(self, groups: Ids) -> Vector:
        """SUM of each of these groups; one beyond the largest DOUBLE fails."""
        self._carry()
        whole, middle, last = (limb[groups] for limb in self._limbs)
        # high + low is exactly whole + middle (Knuth's two-sum), if whole is a DOUBLE.
        large, small = whole.astype(np.float64), middle / LIMB
        high = large + small
        back = high - large
        low = (large - (high - back)) + (small - back)
        # The sum of the lower parts must be exact, or high + lower would be rounded twice.
        tail = last / LIMB**2
        lower = low + tail
        back = lower - low
        hard = (low - (lower - back)) + (tail - back) != 0.0
        hard |= np.abs(whole) >= 1 << 53
        if self._rest:
            hard |= np.isin(groups, list(self._rest))
        values, rows = high + lower, np.flatnonzero(hard)
        divided = self._divided(groups[rows], np.ones(len(rows), np.int64))
        values[rows] = divided.values
        return Vector(values, failed={int(rows[i]): why for i, why in divided.failed.items()})

    def means(self, groups: Ids, counts: Ids) -> Vector:
        """AVG of each of these groups, which have so many values: the exact sum by the count,
        rounded once.
        """
        return self._divided(groups, counts)

    def _divided(self, groups: Ids, counts: Ids) -> Vector:
        totals, bits = self._totals(groups)
        unit = 1 << bits
        values: list[float] = []
        failed: dict[int, str] = {}
        for i, (total, count) in enumerate(zip(totals, counts.tolist(), strict=True)):
            try:
                # Python divides integers of any size with one correct rounding.
                values.append(total / (unit * count))
            except OverflowError:
                values.append(0.0)
                failed[i] = "the sum overflows DOUBLE"
        return Vector(np.array(values, np.float64), failed=failed)

    def _totals(self, groups: Ids) -> tuple[list[int], int]:
        """The exact sums, as multiples of 2**-bits, and bits."""
        limbs = zip(*(limb[groups].tolist() for limb in self._limbs), strict=True)
        totals = [((w << LIMB_BITS) + m << LIMB_BITS) + n for w, m, n in limbs]
        if not self._rest:
            return totals, 2 * LIMB_BITS
        shift = SMALLEST_BITS - 2 * LIMB_BITS
        rest = self._rest
        wide = [(t << shift) + rest.get(g, 0) for t, g in zip(totals, groups.tolist(), strict=True)]
        return wide, SMALLEST_BITS

    def dump(self, groups: Ids) -> list[Any]:
        """See Accumulator."""
        self._carry()
        limbs = [packed(limb[groups]) for limb in self._limbs]
        rest = [
            (i, str(self._rest[group]))
            for i, group in enumerate(groups.tolist() if self._rest else ())
            if group in self._rest
        ]
        return [limbs, rest]

    def load(self, groups: Ids, state: list[Any]) -> None:
        """See Accumulator."""
        limbs, rest = state
        for limb, part in zip(self._limbs, limbs, strict=True):
            limb[groups] = unpacked(part, np.int64)
        self._rest = {int(groups[i]): int(units) for i, units in rest}


def _units(value: float) -> int:
    """The DOUBLE as a multiple of 2**-1074."""
    numerator, denominator = value.as_integer_ratio()
    return numerator * ((1 << SMALLEST_BITS) // denominator)
