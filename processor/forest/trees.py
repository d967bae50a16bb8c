"""Random cut trees: where a point is put in, where it is taken out.

S. Guha, N. Mishra, G. Roy, O. Schrijvers: Robust Random Cut Forest Based Anomaly Detection On
Streams (ICML 2016). A node has the bounding box of its points and a cut; a box is cut in a
dimension with a probability in proportion to its length there, at a place that is uniform in it.
A tree into which points were put, and from which others were taken, is distributed as one that was
made of what is left (theorems 4 and 5 there).

All trees are in one set of arrays, so that one step of NumPy does the same in all of them. Only the
way down and the way up go level by level; what happens to the nodes on them is done at once.
"""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from processor.forest.chance import Floats, Words, uniform
from processor.forest.path import NONE, Ids, Path


class Trees:
    """`count` trees of at most `size` points each, of `width` dimensions, and of one more while a
    point is put in before another is taken out.

    A node is a place in the arrays, a tree has 2 * size + 1 of them. A leaf holds equal points; a
    point is known by the tree and the slot that it was given.
    """

    def __init__(self, count: int, size: int, width: int) -> None:
        self.width = width
        self._nodes_a_tree = 2 * size + 1
        nodes = count * self._nodes_a_tree
        self.children = np.full(2 * nodes, NONE, np.int64)
        """At twice a node's place what is left of its cut, behind it what is right of it; at a
        leaf itself.
        """
        self._parent = np.full(nodes + 1, NONE, np.int64)
        """One more than there are nodes, so that the parent of NONE is NONE."""
        self.dimension = np.full(nodes, NONE, np.int64)
        """In which a node is cut; NONE for a leaf. Up to the cut is left, above it right."""
        self.cut = np.zeros(nodes, np.float64)
        self.mass = np.zeros(nodes, np.int64)
        """How many points are below a node."""
        self.box = np.zeros((2 * width, nodes), np.float64)
        """The sides of a node's box: see sides_of. That of all its points is the minimum."""
        self.length = np.zeros(nodes, np.float64)
        """Of a node's box, over all dimensions."""
        self.root = np.full(count, NONE, np.int64)
        self._leaf_of = np.full((count, size), NONE, np.int64)
        self._free = np.arange(nodes, dtype=np.int64).reshape(count, self._nodes_a_tree)
        self._free_count = np.full(count, self._nodes_a_tree, np.int64)

    def plant(self, slots: Ids, sides: Floats) -> None:
        """Puts the first point into each tree, a column of `sides` each."""
        self.root[...] = self._new_leaves(np.arange(len(self.root)), slots, sides)

    def path(self, trees: Ids, sides: Floats) -> Path:
        """The way of points down the trees that stand beside them, none of which is empty."""
        point, node = np.arange(len(trees)), self.root.take(trees)
        points, nodes, stays = [point], [node], []
        while True:
            below = self._child(node, point, sides)
            stays.append(below == node)
            moved = np.flatnonzero(below != node)
            if not len(moved):
                break
            point, node = point.take(moved), below.take(moved)
            points.append(point)
            nodes.append(node)
        level = np.repeat(np.arange(len(nodes)), [len(part) for part in nodes])
        point, node = np.concatenate(points), np.concatenate(nodes)
        gap = self.box.take(node, axis=1)
        gap -= sides.take(point, axis=1)
        np.maximum(gap, 0.0, out=gap)
        return Path(point, level, node, np.concatenate(stays), gap, summed(gap))

    def _child(self, nodes: Ids, points: Ids, sides: Floats) -> Ids:
        """On which side of the cuts of these nodes the points are; a leaf is its own child."""
        if self.width == 1:
            values = sides[0].take(points)
        else:
            values = sides[self.dimension.take(nodes), points]
        side: Ids = self.children.take(2 * nodes + (values > self.cut.take(nodes)))
        return side

    def insert(self, trees: Ids, slots: Ids, sides: Floats, keys: Words, path: Path) -> None:
        """Puts points into these trees, all of them different, and takes out those that have their
        slots. `path` is the way of the points.
        """
        who, node = path.point, path.node
        leaving = self._leaf_of[trees, slots]
        chance = uniform(keys.take(who), 2 * path.level)
        is_cut = chance * (self.length.take(node) + path.grown) < path.grown
        stops = np.flatnonzero(is_cut | path.is_leaf)
        # Of several assignments to one place the last one counts: the highest of a point's stops.
        stop = np.zeros(len(trees), np.int64)
        stop[who[stops[::-1]]] = stops[::-1]
        passed = np.flatnonzero(np.arange(len(who)) < stop.take(who))
        at = node.take(passed)
        self.mass[at] += 1
        grown_box = np.minimum(self.box.take(at, axis=1), sides.take(who.take(passed), axis=1))
        self._set_box(at, grown_box)
        is_same = path.grown.take(stop) == 0.0
        same = node.take(stop[is_same])
        self.mass[same] += 1
        self._leaf_of[trees[is_same], slots[is_same]] = same
        split = np.flatnonzero(~is_same)
        stop = stop.take(split)
        place = uniform(keys.take(split), 2 * path.level.take(stop) + 1) * path.grown.take(stop)
        self._split(
            trees.take(split), slots.take(split), node.take(stop), sides.take(split, axis=1),
            path.gap.take(stop, axis=1), place,
        )  # fmt: skip
        evicts = np.flatnonzero(leaving != NONE)
        self._remove(trees.take(evicts), leaving.take(evicts))

    def _set_box(self, nodes: Ids, box: Floats) -> None:
        self.box[:, nodes] = box
        # In each dimension first: the ends of a box may be far from zero and near each other.
        self.length[nodes] = -summed(box[: self.width] + box[self.width :])

    def _split(
        self, trees: Ids, slots: Ids, nodes: Ids, sides: Floats, gap: Floats, place: Floats
    ) -> None:
        """Puts a new node above each of `nodes`, with the point on the other side of its cut, which
        is `place` along the lengths by which the point is outside of the box.
        """
        each, width = np.arange(len(nodes)), self.width
        below = gap[:width]
        outside = below + gap[width:]
        reached = np.cumsum(outside, axis=0)
        last = width - 1 - np.argmax(outside[::-1] > 0.0, axis=0)
        dimension = np.minimum((reached <= place).sum(axis=0), last)
        offset = place - (reached[dimension, each] - outside[dimension, each])
        value = sides[dimension, each]
        low, high = self.box[dimension, nodes], -self.box[width + dimension, nodes]
        is_below = below[dimension, each] > 0.0
        start, end = np.where(is_below, value, high), np.where(is_below, low, value)
        # Between the two whatever the rounding is: start <= cut < end.
        cut = np.minimum(np.maximum(start + offset, start), np.nextafter(end, -np.inf))
        parents = self._parent.take(nodes)
        leaves = self._new_leaves(trees, slots, sides)
        above = self._new_nodes(trees)
        self.dimension[above], self.cut[above] = dimension, cut
        self.mass[above] = self.mass[nodes] + 1
        self._set_box(above, np.minimum(self.box.take(nodes, axis=1), sides))
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

    def _remove(self, trees: Ids, leaves: Ids) -> None:
        """Takes a point out of these leaves, each of another tree; none is its tree's only one."""
        parents = self._parent.take(leaves)
        is_shared = self.mass.take(leaves) > 1
        shared = leaves[is_shared]
        self.mass[shared] -= 1
        for nodes in self._upwards(parents[is_shared]):
            self.mass[nodes[nodes != NONE]] -= 1
        trees, leaves, parents = trees[~is_shared], leaves[~is_shared], parents[~is_shared]
        siblings = self._other_child(parents, leaves)
        above = self._parent.take(parents)
        self._replace(trees, above, parents, siblings)
        self._release(trees, leaves)
        self._release(trees, parents)
        self._shrink(siblings, above)

    def _shrink(self, nodes: Ids, above: Ids) -> None:
        """One point less, and the box of what is left, in all that is above of these nodes."""
        upwards = self._upwards(above)
        if not upwards:
            return
        levels = np.stack(upwards)
        on_path = np.concatenate([nodes[None], levels[:-1]])
        is_node = levels != NONE
        others = np.where(is_node, self._other_child(levels, on_path), 0)
        boxes = np.where(is_node, self.box.take(others, axis=1), np.inf)
        boxes[:, 0] = np.minimum(boxes[:, 0], self.box.take(nodes, axis=1))
        boxes = np.minimum.accumulate(boxes, axis=1)
        changed = levels[is_node]
        self.mass[changed] -= 1
        self._set_box(changed, boxes[:, is_node])

    def _upwards(self, nodes: Ids) -> list[Ids]:
        """These nodes, their parents and so on, up to the highest of the roots; NONE above one."""
        levels = []
        while (nodes != NONE).any():
            levels.append(nodes)
            nodes = self._parent.take(nodes)
        return levels

    def _other_child(self, nodes: Ids, child: Ids) -> Ids:
        pair = 2 * nodes
        other: Ids = self.children.take(pair) + self.children.take(pair + 1) - child
        return other

    def _new_leaves(self, trees: Ids, slots: Ids, sides: Floats) -> Ids:
        leaves = self._new_nodes(trees)
        self.dimension[leaves], self._parent[leaves] = NONE, NONE
        self.children[2 * leaves] = self.children[2 * leaves + 1] = leaves
        self.mass[leaves] = 1
        self._set_box(leaves, sides)
        self._leaf_of[trees, slots] = leaves
        return leaves

    def _new_nodes(self, trees: Ids) -> Ids:
        self._free_count[trees] -= 1
        return self._free[trees, self._free_count[trees]]

    def _release(self, trees: Ids, nodes: Ids) -> None:
        self._free[trees, self._free_count[trees]] = nodes
        self._free_count[trees] += 1

    def _arrays(self) -> dict[str, NDArray[Any]]:
        """All but the lengths, which the boxes have."""
        arrays = {
            name: value for name, value in vars(self).items() if isinstance(value, np.ndarray)
        }
        del arrays["length"]
        return arrays

    def dump(self) -> bytes:
        """All of it; no number of a node needs more than half of its bytes."""
        return msgspec.msgpack.encode(
            {
                name: (array.astype(np.int32) if array.dtype == np.int64 else array).tobytes()
                for name, array in self._arrays().items()
            }
        )

    def load(self, state: bytes) -> None:
        """The inverse, into trees of the same sizes."""
        stored = msgspec.msgpack.decode(state)
        for name, array in self._arrays().items():
            dtype = np.int32 if array.dtype == np.int64 else array.dtype
            array[...] = np.frombuffer(stored[name], dtype).reshape(array.shape)
        self._set_box(np.arange(len(self.length)), self.box.copy())


def sides_of(points: Floats) -> Floats:
    """A box of each point, a column each: in each dimension where it starts, then, in each, the
    negative of where it ends. So the box of several boxes is their minimum.
    """
    return np.concatenate([points, -points])


def summed(rows: Floats) -> Floats:
    """The sum of the rows, one after the other, however many columns there are."""
    total: Floats = rows[0].copy()
    for row in rows[1:]:
        total += row
    return total
