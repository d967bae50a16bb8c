"""SUM and AVG of DOUBLEs, exact.

The usual sum of DOUBLEs depends on the order of its terms: a replay that interleaves the shards in
another way, or adds up a batch first, changes its last bits. Here a sum is the exact sum of its
terms, rounded once, to the nearest DOUBLE: what `math.fsum` gives. So it has no order, and two
partial sums could be united without loss.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from processor.columns import Ids, Mask, Vector
from processor.operators.accumulator import grown, packed, unpacked

LIMB_BITS: Final = 42
"""A DOUBLE is split into limbs: units of 1, of 2**-42 and of 2**-84, each at most 2**41 of them."""
LIMB: Final = 2.0**LIMB_BITS
LARGEST: Final = 2.0**41
SMALLEST_BITS: Final = 1074
"""Every DOUBLE is a multiple of 2**-1074."""
TOTAL_BITS: Final = 2 * LIMB_BITS
SPLITTER: Final = 2.0**27 + 1
"""Times this, a DOUBLE can be cut into two of 26 bits (Veltkamp)."""
OVERFLOW: Final = "the sum overflows DOUBLE"
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
        parts, odd = limbs_of(values)
        if odd.any():
            for i in np.flatnonzero(odd).tolist():
                self._add_rest(int(groups[i]), units_of(values[i].item()))
            even = ~odd
            groups, parts = groups[even], tuple(part[even] for part in parts)
        self._rows += len(groups)
        if self._rows > CARRY_ROWS:
            self._carry()
            self._rows = len(groups)
        for limb, part in zip(self._limbs, parts, strict=True):
            np.add.at(limb, groups, part)

    def _add_rest(self, group: int, units: int) -> None:
        self._rest[group] = self._rest.get(group, 0) + units

    def _carry(self) -> None:
        """Brings the lower limbs below one unit of the limb above, and large sums to the rest."""
        carry(self._limbs)
        whole = self._limbs[0]
        for group in np.flatnonzero(np.abs(whole) >= 1 << 61).tolist():
            self._add_rest(group, int(whole[group]) << SMALLEST_BITS)
            whole[group] = 0

    def sums(self, groups: Ids) -> Vector:
        """SUM of each of these groups; one beyond the largest DOUBLE fails."""
        self._carry()
        values, hard = rounded_sums([limb[groups] for limb in self._limbs])
        return self._exactly(values, hard, groups, np.ones(len(groups), np.int64))

    def means(self, groups: Ids, counts: Ids) -> Vector:
        """AVG of each of these groups, which have so many values: the exact sum by the count,
        rounded once.
        """
        self._carry()
        values, hard = rounded_means([limb[groups] for limb in self._limbs], counts)
        return self._exactly(values, hard, groups, counts)

    def _exactly(self, values: NDArray[np.float64], hard: Mask, groups: Ids, counts: Ids) -> Vector:
        """The values; the hard ones computed anew, in integers of any size."""
        if self._rest:
            hard = hard | np.isin(groups, list(self._rest))
        rows = np.flatnonzero(hard)
        if not len(rows):
            return Vector(values)
        totals, bits = self.totals(groups[rows])
        exact = quotients(totals, [count << bits for count in counts[rows].tolist()])
        values[rows] = exact.values
        return Vector(values, failed={int(rows[i]): why for i, why in exact.failed.items()})

    def totals(self, groups: Ids) -> tuple[list[int], int]:
        """The exact sums, as multiples of 2**-bits, and bits."""
        totals = whole_totals([limb[groups] for limb in self._limbs])
        if not self._rest:
            return totals, TOTAL_BITS
        shift, rest = SMALLEST_BITS - TOTAL_BITS, self._rest
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


def limbs_of(values: NDArray[np.float64]) -> tuple[tuple[Ids, ...], Mask]:
    """The three limbs of each value, and which values have bits outside of them: of these the limbs
    are of no use. Every difference and every scaling by a power of two here is exact.
    """
    whole = np.rint(values)
    rest = (values - whole) * LIMB
    middle = np.rint(rest)
    rest = (rest - middle) * LIMB
    last = np.rint(rest)
    odd = rest != last
    odd |= np.abs(whole) >= LARGEST
    if odd.any():
        whole, middle, last = (np.where(odd, 0.0, part) for part in (whole, middle, last))
    return tuple(part.astype(np.int64) for part in (whole, middle, last)), odd


def carry(limbs: Sequence[Ids]) -> None:
    """Brings the lower limbs, in place, to less than one unit of the limb above."""
    whole, middle, last = limbs
    middle += last >> LIMB_BITS
    last &= (1 << LIMB_BITS) - 1
    whole += middle >> LIMB_BITS
    middle &= (1 << LIMB_BITS) - 1


def rounded_sums(limbs: Sequence[Ids]) -> tuple[NDArray[np.float64], Mask]:
    """Sums from carried limbs, rounded once, and those for which this is too hard."""
    high, lower, hard = _high_and_lower(limbs)
    return high + lower, hard


def rounded_means(limbs: Sequence[Ids], counts: Ids) -> tuple[NDArray[np.float64], Mask]:
    """Sums from carried limbs by counts, rounded once, and those for which this is too hard.

    The quotient is corrected by what it leaves over; it is right unless what is lost then comes too
    near to half a unit of the last place.
    """
    high, lower, hard = _high_and_lower(limbs)
    sum_ = high + lower
    rest = lower - (sum_ - high)
    divisor = counts.astype(np.float64)
    quotient = sum_ / divisor
    # quotient * divisor in two products without rounding: 26 bits by at most 27 each.
    wide = quotient * SPLITTER
    top = wide - (wide - quotient)
    left = ((sum_ - top * divisor) - (quotient - top) * divisor) + rest
    small = left / divisor
    values = quotient + small
    lost = np.abs((quotient - values) + small)
    unit = np.spacing(np.abs(values))
    hard |= np.abs(lost - unit / 2) < unit * 2.0**-16
    # Below a power of two the units are half as large; near zero nothing above holds.
    hard |= (np.frexp(values)[0] == 0.5) & (lost != 0.0)
    hard |= (np.abs(values) < 2.0**-60) & ((sum_ != 0.0) | (rest != 0.0))
    hard |= counts >= 1 << 26
    return values, hard


def _high_and_lower(limbs: Sequence[Ids]) -> tuple[NDArray[np.float64], NDArray[np.float64], Mask]:
    """Two DOUBLEs that are together exactly the sum of carried limbs, and where they are not."""
    whole, middle, last = limbs
    # high + low is exactly whole + middle (Knuth's two-sum), if whole is a DOUBLE.
    large, small = whole.astype(np.float64), middle / LIMB
    high = large + small
    back = high - large
    low = (large - (high - back)) + (small - back)
    # The sum of the lower parts must be exact, or high + lower would be rounded twice.
    tail = last / LIMB**2
    lower = low + tail
    back = lower - low
    hard: Mask = (low - (lower - back)) + (tail - back) != 0.0
    hard |= np.abs(whole) >= 1 << 53
    return high, lower, hard


def whole_totals(limbs: Sequence[Ids]) -> list[int]:
    """The exact sums of limbs, as multiples of 2**-TOTAL_BITS."""
    parts = zip(*(limb.tolist() for limb in limbs), strict=True)
    return [((w << LIMB_BITS) + m << LIMB_BITS) + n for w, m, n in parts]


def quotients(numerators: Sequence[int], denominators: Sequence[int]) -> Vector:
    """Each rounded once to a DOUBLE; one beyond the largest fails."""
    values: list[float] = []
    failed: dict[int, str] = {}
    for i, (numerator, denominator) in enumerate(zip(numerators, denominators, strict=True)):
        try:
            # Python divides integers of any size with one correct rounding.
            values.append(numerator / denominator)
        except OverflowError:
            values.append(0.0)
            failed[i] = OVERFLOW
    return Vector(np.array(values, np.float64), failed=failed)


def units_of(value: float) -> int:
    """The DOUBLE as a multiple of 2**-1074."""
    numerator, denominator = value.as_integer_ratio()
    return numerator * ((1 << SMALLEST_BITS) // denominator)
