"""SUM and AVG of integers, exact."""

import numpy as np

from analytics_sql.types import SqlType
from processor.columns import Ids, Vector, vector_of
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
        low = self._low[groups]
        high = self._high[groups] + (low >> 32)
        rows: list[int] = np.flatnonzero((high < -(1 << 31)) | (high >= 1 << 31)).tolist()
        failed = dict.fromkeys(rows, "the sum overflows BIGINT")
        return Vector((high << 32) | (low & 0xFFFF_FFFF), failed=failed)

    def means(self, groups: Ids, counts: Ids, type: SqlType) -> Vector:
        """AVG: truncated toward zero if `type` is an integer type, else rounded once to DOUBLE."""
        parts = zip(self._high[groups].tolist(), self._low[groups].tolist(), strict=True)
        pairs = zip(((h << 32) + n for h, n in parts), counts.tolist(), strict=True)
        if type.is_integer:
            return vector_of([t // c if t >= 0 else -(-t // c) for t, c in pairs], type)
        return vector_of([t / c for t, c in pairs], type)

    def dump(self, groups: Ids) -> list[bytes]:
        """See Accumulator."""
        return [packed(self._high[groups]), packed(self._low[groups])]

    def load(self, groups: Ids, state: list[bytes]) -> None:
        """See Accumulator."""
        self._high[groups] = unpacked(state[0], np.int64)
        self._low[groups] = unpacked(state[1], np.int64)
