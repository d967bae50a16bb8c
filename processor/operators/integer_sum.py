"""SUM and AVG of integers, exact."""

import numpy as np

from processor.columns import Ids, Vector
from processor.operators.accumulator import grown, packed, unpacked


class IntegerSum:
    """The exact sum of integers, in two limbs of 32 bits: 2**31 rows of any BIGINT fit."""

    def __init__(self) -> None:
        self._high = np.zeros(0, np.int64)
        self._low = np.zeros(0, np.int64)

    def grow(self, size: int) -> None:
        """See Accumulator."""
        self._high, self._low = grown(self._high, size, 0), grown(self._low, size, 0)

    def add(self, groups: Ids, vector: Vector) -> None:
        """See Accumulator."""
        np.add.at(self._high, groups, vector.values >> 32)
        np.add.at(self._low, groups, vector.values & 0xFFFF_FFFF)

    def sums(self, groups: Ids) -> Vector:
        """SUM of each of these groups as BIGINT; one that does not fit fails."""
        return integer_sums(self._high[groups], self._low[groups])

    def totals(self, groups: Ids) -> tuple[list[int], int]:
        """The exact sums, in units of 2**-0."""
        pairs = zip(self._high[groups].tolist(), self._low[groups].tolist(), strict=True)
        return [(high << 32) + low for high, low in pairs], 0

    def means(self, groups: Ids, counts: Ids, scale: int | None) -> Vector:
        """AVG; see integer_means."""
        return integer_means(self._high[groups], self._low[groups], counts, scale)

    def dump(self, groups: Ids) -> list[bytes]:
        """See Accumulator."""
        return [packed(self._high[groups]), packed(self._low[groups])]

    def load(self, groups: Ids, state: list[bytes]) -> None:
        """See Accumulator."""
        self._high[groups] = unpacked(state[0], np.int64)
        self._low[groups] = unpacked(state[1], np.int64)


def integer_sums(high: Ids, low: Ids) -> Vector:
    """high * 2**32 + low as BIGINT; one that does not fit fails."""
    high = high + (low >> 32)
    rows: list[int] = np.flatnonzero((high < -(1 << 31)) | (high >= 1 << 31)).tolist()
    failed = dict.fromkeys(rows, "the sum overflows BIGINT")
    return Vector((high << 32) | (low & 0xFFFF_FFFF), failed=failed)


def integer_means(high: Ids, low: Ids, counts: Ids, scale: int | None) -> Vector:
    """(high * 2**32 + low) / count, truncated toward zero; or with a `scale`, divided by 10**scale
    and rounded once to a DOUBLE.
    """
    totals = [(h << 32) + n for h, n in zip(high.tolist(), low.tolist(), strict=True)]
    pairs = zip(totals, counts.tolist(), strict=True)
    if scale is None:
        cut = [t // c if t >= 0 else -(-t // c) for t, c in pairs]
        return Vector(np.array(cut, np.int64))
    unit = 10**scale
    return Vector(np.array([t / (c * unit) for t, c in pairs], np.float64))
