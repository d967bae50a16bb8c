"""The forest: scores each point against what came before it, then learns it.

Which rows a tree takes does not depend on what is in them, so it is known for a whole block of rows
before the first is scored. Between two entries a tree stays as it is: all rows of such a stretch,
of all trees, are scored in one go, and then every tree takes its next row in.
"""

from typing import Any, Final

import numpy as np

from analytics_sql.plan import Node
from analytics_sql.table_function import Forest as ForestNode
from processor.forest.chance import Floats, keys_of
from processor.forest.path import NONE, Ids, Path
from processor.forest.sample import Samples
from processor.forest.score import Scorer, Shares
from processor.forest.trees import Trees, sides_of

PAIRS_MAX: Final = 1 << 18
"""Rows times trees for which is known at once which trees take the rows in."""
TOGETHER_MAX: Final = 1 << 14
"""Rows that are scored together, each in one tree: more than there are trees, and few enough that
their way down the trees stays in a processor's cache.
"""
SCALE: Final = 2.0**-16
"""Points are made smaller, which is exact, so that no sum of lengths overflows."""


class Forest:
    """See the module; a point has `width` numbers, all of them finite."""

    def __init__(self, trees: int, sample: int, time_decay: int, width: int) -> None:
        self._count = trees
        self._width = width
        self._learning = -(-sample // 4)
        """A score means nothing before; see docs/sql/decisions.md."""
        self._rows = 0
        self._trees = Trees(trees, sample, width)
        self._samples = Samples(trees, sample, time_decay)
        self._scorer = Scorer(self._trees, sample)

    def take(self, points: Floats, shares: Shares | None = None) -> Floats:
        """The scores of points, a column each. Each is learned before the next is looked at.
        `shares` are filled with the means of the trees'.
        """
        count = points.shape[1]
        scores = np.zeros(count)
        width = 1 if shares is None else self._width
        rows = max(1, PAIRS_MAX // (self._count * width))
        for start in range(0, count, rows):
            part = slice(start, start + rows)
            inner = None if shares is None else Shares(shares.high[:, part], shares.low[:, part])
            scores[part] = self._block(points[:, part] * SCALE, inner)
        return scores

    def _block(self, points: Floats, shares: Shares | None) -> Floats:
        count = points.shape[1]
        sides = sides_of(points)
        entered, slots = self._samples.plan(self._rows, count)
        scores = np.zeros((self._count, count))
        shape = (self._width, self._count, count)
        every = None if shares is None else Shares(np.zeros(shape), np.zeros(shape))
        turn = 0
        if not self._rows:
            # The very first row is in all trees, and there is nothing that it could be scored by.
            self._trees.plant(slots[0], np.repeat(sides[:, :1], self._count, axis=1))
            turn = 1
        starts = np.full(self._count, turn)
        for rows, places in zip(entered[turn:], slots[turn:], strict=True):
            starts = self._turn(sides, starts, rows, places, scores, every)
        none = np.full(self._count, NONE)
        self._turn(sides, starts, none, none, scores, every)
        unlearned = slice(max(0, self._learning - self._rows))
        scores[:, unlearned] = 0.0
        self._rows += count
        if shares is not None and every is not None:
            # Tree after tree, so that the sum does not depend on how many rows there are.
            for tree in range(self._count):
                shares.high[...] += every.high[:, tree]
                shares.low[...] += every.low[:, tree]
            for share in (shares.high, shares.low):
                share[...] /= self._count
                share[:, unlearned] = 0.0
        total = np.zeros(count)
        for tree in range(self._count):
            total += scores[tree]
        return total / self._count

    def _turn(
        self,
        sides: Floats,
        starts: Ids,
        entered: Ids,
        slots: Ids,
        scores: Floats,
        every: Shares | None,
    ) -> Ids:
        """Scores, for each tree, the rows from its start to the one that it takes in next, or to
        the last, and lets it take that row in. Returns where each tree goes on.
        """
        learners = np.flatnonzero(entered != NONE)
        learned = entered.take(learners)
        ends = np.full(self._count, scores.shape[1])
        ends[learners] = learned
        counts = ends - starts
        others = np.repeat(np.arange(self._count), counts)
        first = np.repeat(np.cumsum(counts) - counts - starts, counts)
        trees = np.concatenate([learners, others])
        rows = np.concatenate([learned, np.arange(len(others)) - first])
        way = None
        for start in range(0, len(trees), TOGETHER_MAX):
            part = slice(start, start + TOGETHER_MAX)
            path = self._scored(trees[part], rows[part], sides, scores, every)
            way = path if way is None else way
        if way is not None and len(learners):
            keys = keys_of(learners, learned + self._rows)
            self._trees.insert(
                learners, slots.take(learners), sides.take(learned, axis=1), keys,
                way.of_first(len(learners)),
            )  # fmt: skip
            ends[learners] += 1
        return ends

    def _scored(
        self, trees: Ids, rows: Ids, sides: Floats, scores: Floats, every: Shares | None
    ) -> Path:
        """Scores rows, each in the tree beside it; returns their way there."""
        path = self._trees.path(trees, sides.take(rows, axis=1))
        if every is None:
            scores[trees, rows] = self._scorer.scores(trees, path)
        else:
            shape = (self._width, len(trees))
            shares = Shares(np.zeros(shape), np.zeros(shape))
            scores[trees, rows] = self._scorer.scores(trees, path, shares)
            every.high[:, trees, rows], every.low[:, trees, rows] = shares.high, shares.low
        return path

    def dump(self) -> Any:
        """The state, as msgpack can hold it."""
        return self._rows, self._samples.dump(), self._trees.dump()

    def load(self, state: Any) -> None:
        """The inverse, into a forest of the same sizes."""
        self._rows, samples, trees = state
        self._samples.load(samples)
        self._trees.load(trees)


def state_bytes(node: ForestNode[Node]) -> int:
    """What a forest takes, about: of each node of a tree its box, its cut and its links, of each
    row of a sample its key.
    """
    width = len(node.numbers) * node.shingle
    return node.trees * node.sample * (2 * (72 + 16 * width) + 120)
