"""FIRST_VALUE and LAST_VALUE: what stands at the edge of a group, whose rows come in one order."""

from typing import Any

import numpy as np

from analytics_sql.types import SqlType
from processor.columns import Dictionary, Ids, Vector, array_type, vector_of
from processor.operators.accumulator import grown


class Edge:
    """The first or last value of each group. See Accumulator; takes NULLs too, if it is given any.

    Texts are kept once each, for as long as the window is open.
    """

    def __init__(self, type: SqlType, *, last: bool) -> None:
        self._type = type
        self._last = last
        self._words = Dictionary() if type.has_words else None
        self._values = np.zeros(0, array_type(type))
        self._null = np.ones(0, np.bool_)
        self._seen = np.zeros(0, np.bool_)

    def grow(self, size: int) -> None:
        """See Accumulator."""
        self._values = grown(self._values, size, 0)
        self._null = grown(self._null, size, 1)
        self._seen = grown(self._seen, size, 0)

    def add(self, groups: Ids, vector: Vector) -> None:
        """See Accumulator."""
        if self._last:
            found, place = np.unique(groups[::-1], return_index=True)
            at = len(groups) - 1 - place
        else:
            found, at = np.unique(groups, return_index=True)
            new = ~self._seen[found]
            found, at = found[new], at[new]
        edge = vector.take(at)
        values = edge.values
        if self._words is not None:
            values = self._words.ids(edge.to_list(), len(edge))
        null = edge.nulls()
        self._values[found] = values
        self._null[found] = False if null is None else null
        self._seen[found] = True

    def edges(self, groups: Ids) -> Vector:
        """The value of each of these groups; NULL of one without any."""
        if self._words is not None:
            return Vector(self._values[groups], words=self._words)
        return Vector(self._values[groups], self._null[groups])

    def dump(self, groups: Ids) -> list[Any]:
        """See Accumulator."""
        return [self._seen[groups].tolist(), self.edges(groups).to_list()]

    def load(self, groups: Ids, state: list[Any]) -> None:
        """See Accumulator."""
        seen, values = state
        self.add(groups, vector_of(values, self._type))
        self._seen[groups] = seen
