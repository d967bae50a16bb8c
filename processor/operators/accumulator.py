"""What a window keeps for an aggregate: arrays indexed by group id.

Every accumulator is exact and free of order: what it holds is a function of the values it was given
and of nothing else. Neither batches nor shards nor a restart can change one bit of a result.
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from processor.columns import Ids, Vector


class Accumulator(Protocol):
    """One quantity of every group of a window."""

    def grow(self, size: int) -> None:
        """Makes room for group ids below `size`."""
        ...

    def add(self, groups: Ids, vector: Vector) -> None:
        """Takes one value, which is not NULL, for each of these groups."""
        ...

    def dump(self, groups: Ids) -> Any:
        """What it holds of these groups, as msgpack can hold it."""
        ...

    def load(self, groups: Ids, state: Any) -> None:
        """The inverse of dump."""
        ...


class Count:
    """How many values there were."""

    def __init__(self) -> None:
        self.values = np.zeros(0, np.int64)

    def grow(self, size: int) -> None:
        """See Accumulator."""
        self.values = grown(self.values, size, 0)

    def add(self, groups: Ids, vector: Vector | None = None) -> None:
        """See Accumulator; the values do not matter."""
        np.add.at(self.values, groups, 1)

    def dump(self, groups: Ids) -> bytes:
        """See Accumulator."""
        return packed(self.values[groups])

    def load(self, groups: Ids, state: bytes) -> None:
        """See Accumulator."""
        self.values[groups] = unpacked(state, np.int64)


def grown(array: NDArray[Any], size: int, fill: float) -> NDArray[Any]:
    """The array with more room, `fill` in it."""
    larger = np.full(size, fill, array.dtype)
    larger[: len(array)] = array
    return larger


def packed(array: NDArray[Any]) -> bytes:
    """Little-endian bytes, on any machine."""
    return array.astype(array.dtype.newbyteorder("<")).tobytes()


def unpacked(state: bytes, type: type[np.generic]) -> NDArray[Any]:
    """The inverse of packed."""
    return np.frombuffer(state, np.dtype(type).newbyteorder("<"))
