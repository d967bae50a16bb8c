"""How anomalous a point is to a tree: at which depth it would be cut off, were it put in.

The expected value, over the cuts that might be made, of 1 / (depth + 1): a point that the first cut
may part from all others is near 1, one that is lost among others is near 0. Each node is asked
with what probability a cut through the box that has grown by the point parts the point from the box
(Guha et al. 2016, section 3); nothing is put in, and no chance is drawn.

A point that a leaf holds already has 1 / (depth + log2(mass + 1)) there, and less of it the more of
the tree is in that leaf. The score is this times log2(points + 1), so that trees that are not full
yet can be compared; it is at most that logarithm.
"""

import math
from dataclasses import dataclass

import numpy as np

from processor.forest.chance import Floats
from processor.forest.trees import NONE, Ids, Trees, beyond, summed


@dataclass(frozen=True, slots=True)
class Shares:
    """How much of a score comes from each dimension, for a point above and below the others."""

    high: Floats
    low: Floats


class Scorer:
    """Scores points against trees of at most `size` points."""

    def __init__(self, trees: Trees, size: int) -> None:
        self._trees = trees
        self._logarithm = np.array([math.log2(mass + 1) for mass in range(size + 1)])

    def scores(self, trees: Ids, points: Floats, shares: Shares | None = None) -> Floats:
        """The score of each point (a column of `points`) in the tree that stands beside it, none of
        which is empty. `shares`, of as many columns, are filled.
        """
        forest = self._trees
        at = forest.root.take(trees)
        total_mass = forest.mass.take(at)
        factor = self._logarithm.take(total_mass)
        scores = np.zeros(len(trees))
        left = np.ones(len(trees))
        """The probability that no cut has parted the point so far."""
        active = np.arange(len(trees))
        depth = 0
        while len(active):
            is_leaf = forest.dimension.take(at) == NONE
            below, above = beyond(forest.low.take(at, axis=1), forest.high.take(at, axis=1), points)
            outside = below + above
            grown = summed(outside)
            asked = np.flatnonzero((grown > 0.0) | is_leaf)
            who, nodes, out = active[asked], at[asked], grown[asked]
            # A leaf has no length: any cut parts the point from it, unless it is the leaf's.
            parted = np.ones(len(asked))
            total = out + forest.length.take(nodes)
            np.divide(out, total, out=parted, where=total > 0.0)
            value = left[who] * parted / (depth + 1.0)
            same = np.flatnonzero(out == 0.0)
            if len(same):
                mass = forest.mass.take(nodes[same])
                damped = 1.0 - mass / (2.0 * total_mass[who[same]])
                value[same] = left[who[same]] * damped / (depth + self._logarithm.take(mass))
            scores[who] += value
            if shares is not None:
                _share(shares, who, value * factor[who], below[:, asked], above[:, asked], out)
            left[who] *= 1.0 - parted
            if is_leaf.any():
                inner = np.flatnonzero(~is_leaf)
                active, at, points = active[inner], at[inner], points.take(inner, axis=1)
            at = forest.child(at, points)
            depth += 1
        normalized: Floats = scores * factor
        return normalized


def _share(
    shares: Shares, who: Ids, value: Floats, below: Floats, above: Floats, grown: Floats
) -> None:
    """Shares values out by how far the points are outside; evenly where they are the leaf's."""
    is_out = grown > 0.0
    unit = np.divide(value, grown, out=np.zeros(len(value)), where=is_out)
    even = np.where(is_out, 0.0, value / (2 * len(below)))
    shares.high[:, who] += above * unit + even
    shares.low[:, who] += below * unit + even
