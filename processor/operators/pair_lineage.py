"""Where pairs of rows come from: from both rows, whose names are made when somebody asks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from processor.columns import Ids, Lineage, Origin
from processor.operators.lineage import KeptLineage
from processor.watermark import BEGINNING_MS

Objects = NDArray[np.object_]


class Part:
    """Rows of one side of a join that came together, from position `start` on."""

    def __init__(self, lineage: Lineage, start: int) -> None:
        self.start = start
        self._lineage = lineage.kept()

    @cached_property
    def names(self) -> Objects:
        """What tells each row apart, in brackets."""
        names = self._lineage.identities("[")
        return objects([f"{name}]" for name in names])

    @cached_property
    def origins(self) -> Objects:
        """The record behind each row."""
        return objects(self._lineage.origins())


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
        for part, at in self._by_part(positions):
            names[at] = part.names[positions[at] - part.start]
        found: list[str] = names.tolist()
        return found

    def origins(self, positions: Ids) -> Objects:
        """The record behind each of the rows at these positions; None for -1."""
        origins = np.empty(len(positions), object)
        for part, at in self._by_part(positions):
            origins[at] = part.origins[positions[at] - part.start]
        return origins

    def times_at(self, positions: Ids) -> Ids:
        """ROWTIME of the rows at these positions; that of -1 is before all."""
        times = self.times[np.maximum(positions - self.first, 0)] if len(self.times) else positions
        return np.where(positions < 0, BEGINNING_MS, times)

    def _by_part(self, positions: Ids) -> Iterator[tuple[Part, Ids]]:
        """The parts that the positions are in, and which of them are."""
        rows = np.flatnonzero(positions >= 0)
        numbers = self.part_of[positions[rows] - self.first]
        for number in np.unique(numbers).tolist():
            yield self.parts[number - self.base], rows[numbers == number]


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

    def origins(self) -> list[Origin]:
        """Those of the later rows, of two of one time of the left one."""
        is_right = self.right.times_at(self.rights) > self.left.times_at(self.lefts)
        lefts, rights = self.left.origins(self.lefts), self.right.origins(self.rights)
        later: list[Origin] = np.where(is_right, rights, lefts).tolist()
        return later

    def kept(self) -> KeptLineage:
        """See Lineage."""
        return KeptLineage(self.identities(""), self.origins(), self.strand)


def objects(values: Sequence[Any]) -> Objects:
    """An array of these very objects, tuples too."""
    return np.fromiter(values, object, len(values))
