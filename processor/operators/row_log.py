"""Rows that will leave their frames, kept as columns until they do."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Parts = list[NDArray[Any]]
"""Columns of integers, of 64 bits or of any size."""


class RowLog:
    """A few arrays of the same length, the oldest row first."""

    def __init__(self) -> None:
        self._arrays: Parts = []
        self._head = self._tail = 0

    def __len__(self) -> int:
        return self._tail - self._head

    def columns(self) -> Parts:
        """What it holds."""
        return [array[self._head : self._tail] for array in self._arrays]

    def column(self, place: int) -> NDArray[Any]:
        """One of the columns."""
        return self._arrays[place][self._head : self._tail]

    def append(self, columns: Parts) -> Parts:
        """Takes rows in; returns all. Moves to the front, or doubles, only when it is full: no copy
        a batch. A column that was not there before was 0.
        """
        self._arrays = self._arrays or [np.empty(0, column.dtype) for column in columns]
        count, live = len(columns[0]), len(self)
        if self._types(self._arrays) != self._types(columns):
            self._widen(columns)
        if self._tail + count > len(self._arrays[0]):
            size = max(len(self._arrays[0]), 1 << (2 * (live + count) - 1).bit_length())
            for i, array in enumerate(self._arrays):
                moved = np.empty(size, array.dtype)
                moved[:live] = array[self._head : self._tail]
                self._arrays[i] = moved
            self._head, self._tail = 0, live
        for array, column in zip(self._arrays, columns, strict=True):
            array[self._tail : self._tail + count] = column
        self._tail += count
        return self.columns()

    def drop(self, count: int) -> None:
        """Lets go of the oldest rows."""
        for array in self._arrays:
            if array.dtype == object:
                array[self._head : self._head + count] = 0
        self._head += count

    def _widen(self, columns: Parts) -> None:
        """Columns of Python integers appear where some value first needs them."""
        old = iter(self._arrays)
        wide: Parts = []
        kept = next(old, None)
        for column in columns:
            if kept is not None and kept.dtype == column.dtype:
                wide.append(kept)
                kept = next(old, None)
            else:
                wide.append(np.zeros(len(self._arrays[0]), column.dtype))
        self._arrays = wide

    @staticmethod
    def _types(arrays: Parts) -> list[Any]:
        return [array.dtype for array in arrays]
