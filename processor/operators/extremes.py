"""MIN and MAX: of numbers and times in an array, of texts in a list."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics_sql.types import SqlType
from processor.columns import Ids, Vector, array_type, vector_of
from processor.operators.accumulator import grown, packed, unpacked


class NumberExtreme:
    """The smallest or largest number or time."""

    def __init__(self, type: SqlType, *, largest: bool) -> None:
        self._ufunc = np.maximum if largest else np.minimum
        values: NDArray[Any] = np.zeros(0, array_type(type))
        if values.dtype.kind == "f":
            edge: float = np.inf
            self._start = -edge if largest else edge
        elif values.dtype.kind == "b":
            self._start = not largest
        else:
            limits = np.iinfo(np.int64)
            self._start = limits.min if largest else limits.max
        self._values = values

    def grow(self, size: int) -> None:
        """See Accumulator."""
        self._values = grown(self._values, size, self._start)

    def add(self, groups: Ids, vector: Vector) -> None:
        """See Accumulator."""
        self._ufunc.at(self._values, groups, vector.values)

    def extremes(self, groups: Ids) -> Vector:
        """MIN or MAX of each of these groups; of one without a value it is of no use."""
        return Vector(self._values[groups])

    def dump(self, groups: Ids) -> bytes:
        """See Accumulator."""
        return packed(self._values[groups])

    def load(self, groups: Ids, state: bytes) -> None:
        """See Accumulator."""
        self._values[groups] = unpacked(state, self._values.dtype.type)


class TextExtreme:
    """The first or last text in the order of code points: a comparison in Python for each distinct
    pair of group and word in a batch.
    """

    def __init__(self, type: SqlType, *, largest: bool) -> None:
        self._type = type
        self._largest = largest
        self._texts: list[str | None] = []

    def grow(self, size: int) -> None:
        """See Accumulator."""
        self._texts += [None] * (size - len(self._texts))

    def add(self, groups: Ids, vector: Vector) -> None:
        """See Accumulator."""
        assert vector.words is not None
        texts, entries = self._texts, vector.words.entries
        for pair in np.unique((groups << 32) | vector.values).tolist():
            group, word = pair >> 32, entries[pair & 0xFFFF_FFFF]
            best = texts[group]
            assert isinstance(word, str)
            if best is None or (word > best if self._largest else word < best):
                texts[group] = word

    def extremes(self, groups: Ids) -> Vector:
        """MIN or MAX of each of these groups; NULL of one without a value."""
        return vector_of([self._texts[group] for group in groups.tolist()], self._type)

    def dump(self, groups: Ids) -> list[str | None]:
        """See Accumulator."""
        return [self._texts[group] for group in groups.tolist()]

    def load(self, groups: Ids, state: list[str | None]) -> None:
        """See Accumulator."""
        for group, text in zip(groups.tolist(), state, strict=True):
            self._texts[group] = text
