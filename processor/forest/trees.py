"""Random cut trees: where a point is put in, where it is taken out.

S. Guha, N. Mishra, G. Roy, O. Schrijvers: Robust Random Cut Forest Based Anomaly Detection On
Streams (ICML 2016). A node has the bounding box of its points and a cut; a box is cut in a
dimension with a probability in proportion to its length there, at a place that is uniform in it.
A tree into which points were put, and from which others were taken, is distributed as one that was
made of what is left (theorems 4 and 5 there).

All trees are in one set of arrays, so that one step of NumPy goes one level down in all of them.
"""

from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from processor.forest.chance import Floats, Words, uniform

Ids = NDArray[np.int64]

NONE: Final = -1


class Trees:
    """`count` trees of at most `size` points each, of `width` dimensions.

    A node is a place in the arrays, a tree has 2 * size of them. A leaf holds equal points; a point
    is known by the tree and the slot that it was given.
    """

    def __init__(self, count: int, size: int, width: int) -> None:
        self.width = width
        self._nodes_a_tree = 2 * size
        nodes = count * self._nodes_a_tree
        self.children = np.full(2 * nodes, NONE, np.int64)
        """At twice a node's place what is left of its cut, behind it what is right of it."""
        self._parent = np.full(nodes, NONE, np.int64)
        self.dimension = np.full(nodes, NONE, np.int64)
        """In which a node is cut; NONE for a leaf. Up to the cut is left, above it right."""
        self.cut = np.zeros(nodes, np.float64)
        self.mass = np.zeros(nodes, np.int64)
        """How many points are below a node."""
        self.low = np.zeros((width, nodes), np.float64)
        self.high = np.zeros((width, nodes), np.float64)
        self.length = np.zeros(nodes, np.float64)
        """Of a node's box, over all dimensions."""
        self.root = np.full(count, NONE, np.int64)
        self._leaf_of = np.full((count, size), NONE, np.int64)
        self._free = np.arange(nodes, dtype=np.int64).reshape(count, self._nodes_a_tree)
        self._free_count = np.full(count, self._nodes_a_tree, np.int64)

    def insert(self, trees: Ids, slots: Ids, points: Floats, keys: Words) -> None:
        """Puts a point into each of these trees, all of them different."""
        node = self.root[trees]
        first = np.flatnonzero(node == NONE)
        self.root[trees[first]] = self._new_leaves(trees[first], slots[first], points[:, first])
        active = np.flatnonzero(node != NONE)
        level = 0
        while len(active):
            at, point = node[active], points[:, active]
            below, above = beyond(self.low[:, at], self.high[:, at], point)
            outside = below + above
            grown, length = summed(outside), self.length[at]
            is_leaf = self.dimension[at] == NONE
            is_same = is_leaf & (grown == 0.0)
            chance = uniform(keys[active], 2 * level)
            is_cut = (chance * (length + grown) < grown) | (is_leaf & ~is_same)
            chosen = active[is_cut]
            if len(chosen):
                place = uniform(keys[chosen], 2 * level + 1) * grown[is_cut]
                self._split(
                    trees[chosen], slots[chosen], at[is_cut], point[:, is_cut],
                    below[:, is_cut], outside[:, is_cut], place,
                )  # fmt: skip
            same = at[is_same]
            self.mass[same] += 1
            self._leaf_of[trees[active[is_same]], slots[active[is_same]]] = same
            goes_on = ~(is_cut | is_same)
            at, point, active = at[goes_on], point[:, goes_on], active[goes_on]
            self.mass[at] += 1
            self._set_box(
                at, np.minimum(self.low[:, at], point), np.maximum(self.high[:, at], point)
            )
            node[active] = self.child(at, point)
            level += 1

    def child(self, nodes: Ids, points: Floats) -> Ids:
        """On which side of the cuts of these inner nodes the points are."""
        if self.width == 1:
            values = points[0]
        else:
            values = points[self.dimension.take(nodes), np.arange(len(nodes))]
        side: Ids = self.children.take(2 * nodes + (values > self.cut.take(nodes)))
        return side

    def _set_box(self, nodes: Ids, low: Floats, high: Floats) -> None:
        self.low[:, nodes], self.high[:, nodes] = low, high
        self.length[nodes] = summed(high - low)

    def _split(
        self,
        trees: Ids,
        slots: Ids,
        nodes: Ids,
        points: Floats,
        below: Floats,
        outside: Floats,
        place: Floats,
    ) -> None:
        """Puts a new node above each of `nodes`, with the point on the other side of its cut, which
        is `place` along the lengths by which the point is outside of the box.
        """
        each = np.arange(len(nodes))
        reached = np.cumsum(outside, axis=0)
        last = self.width - 1 - np.argmax(outside[::-1] > 0.0, axis=0)
        dimension = np.minimum((reached <= place).sum(axis=0), last)
        offset = place - (reached[dimension, each] - outside[dimension, each])
        value = points[dimension, each]
        low, high = self.low[dimension, nodes], self.high[dimension, nodes]
        is_below = below[dimension, each] > 0.0
        start, end = np.where(is_below, value, high), np.where(is_below, low, value)
        # Between the two whatever the rounding is: start <= cut < end.
        cut = np.minimum(np.maximum(start + offset, start), np.nextafter(end, -np.inf))
        parents = self._parent[nodes]
        leaves = self._new_leaves(trees, slots, points)
        above = self._new_nodes(trees)
        self.dimension[above], self.cut[above] = dimension, cut
        self.mass[above] = self.mass[nodes] + 1
        self._set_box(
            above, np.minimum(self.low[:, nodes], points), np.maximum(self.high[:, nodes], points)
        )
        self.children[2 * above] = np.where(is_below, leaves, nodes)
        self.children[2 * above + 1] = np.where(is_below, nodes, leaves)
        self._parent[leaves] = self._parent[nodes] = above
        self._replace(trees, parents, nodes, above)

    def _replace(self, trees: Ids, parents: Ids, old: Ids, new: Ids) -> None:
        """Puts nodes where others were, below these parents or at the root."""
        self._parent[new] = parents
        is_root = parents == NONE
        self.root[trees[is_root]] = new[is_root]
        places, old, new = 2 * parents[~is_root], old[~is_root], new[~is_root]
        self.children[places + (self.children[places] != old)] = new

    def remove(self, trees: Ids, slots: Ids) -> None:
        """Takes a point out of each of these trees, all of them different."""
        leaves = self._leaf_of[trees, slots]
        self._leaf_of[trees, slots] = NONE
        up = self._parent[leaves]
        is_last = self.mass[leaves] == 1
        self.mass[leaves[~is_last]] -= 1
        trees, leaves, parents = trees[is_last], leaves[is_last], up[is_last]
        is_root = parents == NONE
        self.root[trees[is_root]] = NONE
        self._release(trees, leaves)
        owners, leaves, parents = trees[~is_root], leaves[~is_root], parents[~is_root]
        places = 2 * parents
        siblings = self.children[places + (self.children[places] == leaves)]
        grandparents = self._parent[parents]
        self._replace(owners, grandparents, parents, siblings)
        self._release(owners, parents)
        up[np.flatnonzero(is_last)[~is_root]] = grandparents
        up[np.flatnonzero(is_last)[is_root]] = NONE
        self._shrink(up)

    def _shrink(self, nodes: Ids) -> None:
        """From these nodes up to the roots: one point less in each, and the box of what is left."""
        nodes = nodes[nodes != NONE]
        while len(nodes):
            left, right = self.children[2 * nodes], self.children[2 * nodes + 1]
            self.mass[nodes] -= 1
            low = np.minimum(self.low[:, left], self.low[:, right])
            self._set_box(nodes, low, np.maximum(self.high[:, left], self.high[:, right]))
            nodes = self._parent[nodes]
            nodes = nodes[nodes != NONE]

    def _new_leaves(self, trees: Ids, slots: Ids, points: Floats) -> Ids:
        leaves = self._new_nodes(trees)
        self.dimension[leaves], self._parent[leaves] = NONE, NONE
        self.mass[leaves] = 1
        self._set_box(leaves, points, points)
        self._leaf_of[trees, slots] = leaves
        return leaves

    def _new_nodes(self, trees: Ids) -> Ids:
        self._free_count[trees] -= 1
        return self._free[trees, self._free_count[trees]]

    def _release(self, trees: Ids, nodes: Ids) -> None:
        self._free[trees, self._free_count[trees]] = nodes
        self._free_count[trees] += 1

    def _arrays(self) -> dict[str, NDArray[Any]]:
        return {name: value for name, value in vars(self).items() if isinstance(value, np.ndarray)}

    def dump(self) -> bytes:
        """All of it."""
        return msgspec.msgpack.encode({n: a.tobytes() for n, a in self._arrays().items()})

    def load(self, state: bytes) -> None:
        """The inverse, into trees of the same sizes."""
        stored = msgspec.msgpack.decode(state)
        for name, array in self._arrays().items():
            array[...] = np.frombuffer(stored[name], array.dtype).reshape(array.shape)


def beyond(low: Floats, high: Floats, points: Floats) -> tuple[Floats, Floats]:
    """How far points are below and above boxes, in each dimension."""
    return np.maximum(low - points, 0.0), np.maximum(points - high, 0.0)


def summed(columns: Floats) -> Floats:
    """The sum over all dimensions, one after the other: it does not depend on how many points there
    are.
    """
    total: Floats = columns[0].copy()
    for column in columns[1:]:
        total += column
    return total
