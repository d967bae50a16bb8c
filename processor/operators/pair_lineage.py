"""Where pairs of rows come from: from both rows, whose names are made when somebody asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from processor.columns import Ids, Lineage, Origin
from processor.operators.lineage import KeptLineage

Objects = NDArray[np.object_]


class Part:
    """Rows of one side of a join that came together, from position `start` on."""

    def __init__(self, lineage: Lineage, start: int, count: int) -> None:
        self.start = start
        self._lineage = lineage.kept()
        self._count = count

    @cached_property
    def names(self) -> Objects:
        """What tells each row apart, in brackets."""
        names = self._lineage.identities("[")
        return objects([f"{name}]" for name in names])

    @cached_property
    def origins(self) -> Sequence[Origin]:
        """The record behind each row."""
        return [self._lineage.origin(row) for row in range(self._count)]


@dataclass(frozen=True, slots=True)
class Trail:
    """Where the rows of a side come from; it stays as it is when rows come and go."""

    first: int
    """The position of the first row."""
    times: Ids
    part_of: Ids
    """The part of each row, counted from `base`."""
    parts: Sequence[Part]
    base: int

    def names(self, positions: Ids) -> list[str]:
        """What tells the rows at these positions apart, in brackets; null for -1."""
        names = np.full(len(positions), "null", object)
        rows = np.flatnonzero(positions >= 0)
        numbers = self.part_of[positions[rows] - self.first]
        for number in np.unique(numbers).tolist():
            part = self.parts[number - self.base]
            at = rows[numbers == number]
            names[at] = part.names[positions[at] - part.start]
        found: list[str] = names.tolist()
        return found

    def origin(self, position: int) -> Origin:
        """The record behind one row."""
        part = self.parts[int(self.part_of[position - self.first]) - self.base]
        return part.origins[position - part.start]


@dataclass(frozen=True, slots=True)
class PairLineage:
    """Pairs of rows: what tells each of the two apart, tells the pair apart."""

    left: Trail
    right: Trail
    lefts: Ids
    """Positions; -1 is no row."""
    rights: Ids

    @property
    def strand(self) -> tuple[str, ...]:
        """See Lineage: a join puts its rows in order."""
        return ()

    def take(self, rows: Ids) -> "PairLineage":
        """See Lineage."""
        return PairLineage(self.left, self.right, self.lefts[rows], self.rights[rows])

    def identities(self, prefix: str) -> list[str]:
        """See Lineage."""
        lefts, rights = self.left.names(self.lefts), self.right.names(self.rights)
        return [f"{prefix}{left},{right}" for left, right in zip(lefts, rights, strict=True)]

    def origin(self, row: int) -> Origin:
        """That of the later row, the left one of two of one time."""
        i, j = int(self.lefts[row]), int(self.rights[row])
        left, right = self.left, self.right
        is_right = j >= 0 and (i < 0 or right.times[j - right.first] > left.times[i - left.first])
        return right.origin(j) if is_right else left.origin(i)

    def kept(self) -> KeptLineage:
        """See Lineage."""
        origins = [self.origin(row) for row in range(len(self.lefts))]
        return KeptLineage(self.identities(""), origins, self.strand)


def objects(values: Sequence[Any]) -> Objects:
    """An array of these very objects."""
    array = np.empty(len(values), object)
    array[:] = values
    return array
