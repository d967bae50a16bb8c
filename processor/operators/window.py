"""One open window: what it keeps of each group."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from processor.columns import Ids, Vector
from processor.operators.accumulator import Count
from processor.operators.measure import Measure

ROOM_MIN: Final = 64
"""A new window has room for at least so many groups."""


class Window:
    """Counts the rows of each group, and measures the arguments of the aggregates."""

    def __init__(self, measures: Sequence[Measure]) -> None:
        self.measures = measures
        self._rows = Count()
        self.room = 0
        """Group ids below this have a place in the arrays."""

    def add(self, groups: Ids, arguments: Sequence[Vector], before_end_ms: Ids) -> None:
        """Takes a row for each of these groups, with the values of the arguments, and how long
        before the end of the window the row came.
        """
        self._rows.add(groups)
        for measure, argument in zip(self.measures, arguments, strict=True):
            measure.add(groups, argument, before_end_ms)

    def make_room(self, groups: int) -> None:
        """All group ids of the next rows are below this."""
        if groups > self.room:
            self.room = max(ROOM_MIN, 1 << (groups - 1).bit_length())
            self._rows.grow(self.room)
            for measure in self.measures:
                measure.grow(self.room)

    def groups(self) -> Ids:
        """The groups that have a row, by id."""
        return np.flatnonzero(self._rows.values)

    def rows(self, groups: Ids) -> Ids:
        """How many rows each of these groups has."""
        rows: Ids = self._rows.values[groups]
        return rows

    def dump(self, groups: Ids) -> list[Any]:
        """The state of these groups."""
        return [self._rows.dump(groups), [measure.dump(groups) for measure in self.measures]]

    def load(self, groups: Ids, state: list[Any]) -> None:
        """The inverse of dump, after make_room."""
        rows, measures = state
        self._rows.load(groups, rows)
        for measure, given in zip(self.measures, measures, strict=True):
            measure.load(groups, given)
