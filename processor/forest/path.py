"""The way of points down their trees: what a score is made of, and where a point is put in."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from processor.forest.chance import Floats

Ids = NDArray[np.int64]

NONE: Final = -1
"""In place of a number that is not there."""


@dataclass(frozen=True, slots=True)
class Path:
    """Every node that points come through, from the roots to the leaves: all of the first level,
    in the order of the points, then all of the second. Parallel arrays.
    """

    point: Ids
    """The number of the point."""
    level: Ids
    """0 at the root."""
    node: Ids
    is_leaf: NDArray[np.bool_]
    gap: Floats
    """How far the point is below the node's box in each dimension, then how far above, a column
    each.
    """
    grown: Floats
    """By how much the point makes the box longer: the sum of its gap."""

    def of_first(self, points: int) -> "Path":
        """That of the first so many points."""
        rows = np.flatnonzero(self.point < points)
        return Path(
            self.point.take(rows),
            self.level.take(rows),
            self.node.take(rows),
            self.is_leaf.take(rows),
            self.gap.take(rows, axis=1),
            self.grown.take(rows),
        )
