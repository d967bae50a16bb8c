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
from itertools import pairwise

import numpy as np

from processor.forest.chance import Floats
from processor.forest.path import Ids, Path
from processor.forest.trees import Trees


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

    def scores(self, trees: Ids, path: Path, shares: Shares | None = None) -> Floats:
        """The score of each point in the tree that stands beside it, by its way there. `shares`,
        of as many columns, are filled.
        """
        count = len(trees)
        total_mass = self._trees.mass.take(self._trees.root.take(trees))
        factor = self._logarithm.take(total_mass)
        asked = np.flatnonzero((path.grown > 0.0) | path.is_leaf)
        who, level, grown = path.point.take(asked), path.level.take(asked), path.grown.take(asked)
        # A leaf has no length: any cut parts the point from it, unless it is the leaf's.
        parted = np.ones(len(asked))
        node = path.node.take(asked)
        total = grown + self._trees.length.take(node)
        np.divide(grown, total, out=parted, where=total > 0.0)
        left = _left(parted, who, level, count)
        value = left * parted / (level + 1.0)
        same = np.flatnonzero(grown == 0.0)
        mass = self._trees.mass.take(node.take(same))
        damped = 1.0 - mass / (2.0 * total_mass.take(who.take(same)))
        value[same] = left.take(same) * damped / (level.take(same) + self._logarithm.take(mass))
        if shares is not None:
            _share(shares, who, value * factor.take(who), path.gap.take(asked, axis=1), grown)
        # In the order of the levels: a sum that does not depend on how many points there are.
        scores: Floats = np.bincount(who, value, count) * factor
        return scores


def _left(parted: Floats, who: Ids, level: Ids, count: int) -> Floats:
    """The probability of each of `count` points that nothing has parted it before a level."""
    left = np.ones(len(parted))
    so_far = np.ones(count)
    bounds = np.searchsorted(level, np.arange(level[-1] + 2)).tolist()
    for start, end in pairwise(bounds):
        points = who[start:end]
        left[start:end] = so_far.take(points)
        so_far[points] = left[start:end] * (1.0 - parted[start:end])
    return left


def _share(shares: Shares, who: Ids, value: Floats, gap: Floats, grown: Floats) -> None:
    """Shares values out by how far the points are outside; evenly where they are the leaf's."""
    is_out = grown > 0.0
    unit = np.divide(value, grown, out=np.zeros(len(value)), where=is_out)
    even = np.where(is_out, 0.0, value / len(gap))
    below, above = np.split(gap, 2)
    for share, part in ((shares.high, above), (shares.low, below)):
        for row, lengths in zip(share, part, strict=True):
            row[:] = np.bincount(who, lengths * unit + even, len(row))
