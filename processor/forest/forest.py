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
from processor.forest.sample import Entry, Samples
from processor.forest.score import Scorer, Shares
from processor.forest.trees import Ids, Trees

PAIRS_MAX: Final = 1 << 18
"""Rows times trees that are looked at at once."""
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
        plan = self._samples.plan(self._rows, count)
        scores = np.zeros((self._count, count))
        shape = (self._width, self._count, count)
        every = None if shares is None else Shares(np.zeros(shape), np.zeros(shape))
        starts = np.full(self._count, max(0, self._learning - self._rows))
        for wave in range(1 + max(map(len, plan))):
            entries = [tree[wave] if wave < len(tree) else None for tree in plan]
            ends = np.array([count if e is None else e.row + 1 for e in entries])
            self._stretch(points, starts, ends, scores, every)
            starts = np.maximum(starts, ends)
            self._learn(points, entries)
        self._rows += count
        if shares is not None and every is not None:
            # Tree after tree, so that the sum does not depend on how many rows there are.
            for tree in range(self._count):
                shares.high[...] += every.high[:, tree]
                shares.low[...] += every.low[:, tree]
            shares.high[...] /= self._count
            shares.low[...] /= self._count
        total = np.zeros(count)
        for tree in range(self._count):
            total += scores[tree]
        return total / self._count

    def _stretch(
        self, points: Floats, starts: Ids, ends: Ids, scores: Floats, every: Shares | None
    ) -> None:
        """Scores, for each tree, the rows from its start to its end."""
        counts = np.maximum(ends - starts, 0)
        total = int(counts.sum())
        if not total:
            return
        trees = np.repeat(np.arange(self._count), counts)
        rows = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts) + starts[trees]
        if every is None:
            scores[trees, rows] = self._scorer.scores(trees, points[:, rows])
            return
        shape = (self._width, total)
        shares = Shares(np.zeros(shape), np.zeros(shape))
        scores[trees, rows] = self._scorer.scores(trees, points[:, rows], shares)
        every.high[:, trees, rows], every.low[:, trees, rows] = shares.high, shares.low

    def _learn(self, points: Floats, entries: list[Entry | None]) -> None:
        """Lets every tree that has an entry take it in."""
        evicted = [(t, e.slot) for t, e in enumerate(entries) if e is not None and e.evicts]
        if evicted:
            trees, slots = np.array(evicted, np.int64).T
            self._trees.remove(trees, slots)
        entered = [(t, e.slot, e.row) for t, e in enumerate(entries) if e is not None]
        if entered:
            trees, slots, rows = np.array(entered, np.int64).T
            self._trees.insert(trees, slots, points[:, rows], keys_of(trees, rows + self._rows))

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
