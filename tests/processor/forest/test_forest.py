"""The forest against what can be worked out by hand, and against itself in other batches."""

import math
from collections.abc import Iterator

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from processor.forest.chance import Floats, keys_of
from processor.forest.forest import Forest
from processor.forest.path import NONE
from processor.forest.score import Scorer, Shares
from processor.forest.trees import Trees, sides_of


def put(trees: Trees, slot: int, *point: float) -> None:
    """Puts a point into each of some trees, by the chance of row `slot`."""
    every = np.arange(len(trees.root))
    slots = np.full(len(every), slot)
    sides = sides_of(np.repeat([point], len(every), axis=0).T.astype(np.float64))
    if trees.root[0] == NONE:
        trees.plant(slots, sides)
    else:
        trees.insert(every, slots, sides, keys_of(every, slots), trees.path(every, sides))


def one_tree(*points: tuple[float, ...], size: int = 32) -> Trees:
    """A tree into which points were put, by chance of row 0, 1, 2, ..."""
    tree = Trees(1, size, len(points[0]))
    for row, point in enumerate(points):
        put(tree, row, *point)
    return tree


def score(tree: Trees, *point: float, shares: Shares | None = None) -> float:
    zero = np.zeros(1, np.int64)
    path = tree.path(zero, sides_of(np.array([point], np.float64).T))
    return float(Scorer(tree, 32).scores(zero, path, shares)[0])


def test_a_point_that_every_cut_parts_has_the_whole_logarithm() -> None:
    tree = one_tree((5.0,), (5.0,), (5.0,))
    assert score(tree, 9.0) == math.log2(4)


def test_a_point_as_far_outside_as_the_box_is_long() -> None:
    # The box is 0 to 1. The first cut parts 2.0 from it with 1/2; if not, it goes on to the leaf
    # of 1.0, at depth 1.
    tree = one_tree((0.0,), (0.0,), (1.0,))
    assert score(tree, 2.0) == pytest.approx((1 / 2 * 1 + 1 / 2 * 1 / 2) * math.log2(4), rel=1e-12)


def test_a_point_that_a_leaf_holds() -> None:
    # At depth 1 with 2 of 3 points: (1 - 2/6) / (1 + log2(3)).
    tree = one_tree((0.0,), (0.0,), (1.0,))
    expected = (1 - 2 / 6) / (1 + math.log2(3)) * math.log2(4)
    assert score(tree, 0.0) == pytest.approx(expected, rel=1e-12)


def test_a_point_between_two_others() -> None:
    # No cut through the box parts it; at depth 1 it meets a leaf of another point.
    tree = one_tree((0.0,), (1.0,))
    assert score(tree, 0.5) == pytest.approx(1 / 2 * math.log2(3), rel=1e-12)


def test_shares_go_by_how_far_outside_a_point_is() -> None:
    tree = one_tree((0.0, 0.0), (0.0, 0.0), (0.0, 0.0))
    shares = Shares(np.zeros((2, 1)), np.zeros((2, 1)))
    score(tree, 3.0, -1.0, shares=shares)
    assert shares.high.T.tolist() == [[1.5, 0.0]]
    assert shares.low.T.tolist() == [[0.0, 0.5]]


def test_cuts_fall_in_proportion_to_length() -> None:
    """Of 4,000 trees over a box of 1 by 3, three quarters are cut in the long direction."""
    count = 4000
    trees = Trees(count, 10, 2)
    for slot, point in enumerate(((0.0, 0.0), (1.0, 3.0))):
        put(trees, slot, *point)
    dimensions = trees.dimension[trees.root]
    assert abs((dimensions == 1).mean() - 3 / 4) < 4 * math.sqrt(3 / 16 / count)
    cuts = trees.cut[trees.root[dimensions == 1]]
    # Uniform from 0 to 3: the mean of n of them is within four standard errors of 3/2.
    assert abs(cuts.mean() - 1.5) < 4 * 3 / math.sqrt(12 * len(cuts))


def test_what_is_left_after_a_removal_is_distributed_as_if_it_had_never_been() -> None:
    """Theorem 4 of the paper, on the first cut of {0, 1, 3}: between 1 and 3 with 2/3."""
    count = 4000
    # In the second the 3 comes into the slot of the 10, which leaves for it.
    for points in (((0, 0.0), (1, 1.0), (2, 3.0)), ((0, 0.0), (1, 10.0), (2, 1.0), (1, 3.0))):
        trees = Trees(count, 3, 1)
        for slot, point in points:
            put(trees, slot, point)
        share = (trees.cut[trees.root] >= 1.0).mean()
        assert abs(share - 2 / 3) < 4 * math.sqrt(2 / 9 / count)


def leaves(tree: Trees, node: int) -> Iterator[int]:
    """The leaves below a node, after checks of all that is between."""
    if tree.dimension[node] == NONE:
        yield node
        return
    left, right = tree.children[2 * node : 2 * node + 2].tolist()
    below = [*leaves(tree, left), *leaves(tree, right)]
    assert tree.mass[node] == tree.mass[left] + tree.mass[right]
    assert (tree.box[:, node] == tree.box[:, below].min(axis=1)).all()
    low, high = tree.box[: tree.width], -tree.box[tree.width :]
    assert tree.length[node] == (high - low)[:, node].sum()
    dimension = tree.dimension[node]
    assert high[dimension, left] <= tree.cut[node] < low[dimension, right]
    yield from below


_coordinates = st.sampled_from([0.0, 1.0, 1.0 + 2**-52, -5.0, 5e-324, 1e300, -1e300])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_coordinates, _coordinates, st.integers(0, 7)), max_size=60))
def test_a_tree_is_whole_after_any_entries_and_departures(
    steps: list[tuple[float, float, int]],
) -> None:
    tree, held = Trees(1, 8, 2), dict[int, tuple[float, float]]()
    for x, y, slot in steps:
        put(tree, slot, x, y)
        held[slot] = (x, y)
        found = list(leaves(tree, int(tree.root[0])))
        masses = {tuple(tree.box[:2, leaf].tolist()): int(tree.mass[leaf]) for leaf in found}
        points = list(held.values())
        assert masses == {point: points.count(point) for point in points}


def stream(seed: int, rows: int) -> Floats:
    return np.random.default_rng(seed).normal(size=(2, rows)).round(1)


@pytest.mark.parametrize("seed", [1, 2])
def test_scores_do_not_depend_on_batches_or_restarts(seed: int) -> None:
    points, chance = stream(seed, 400), np.random.default_rng(seed)
    whole = Forest(7, 16, 50, 2).take(points)
    parts, forest, at = [], Forest(7, 16, 50, 2), 0
    while at < points.shape[1]:
        count = int(chance.integers(1, 30))
        parts.append(forest.take(points[:, at : at + count]))
        at += count
        state = msgspec.msgpack.encode(forest.dump())
        forest = Forest(7, 16, 50, 2)
        forest.load(msgspec.msgpack.decode(state))
    assert np.concatenate(parts).tolist() == whole.tolist()


def test_a_forest_that_forgets_a_row_scores_differently() -> None:
    """The control: a lost row would be seen."""
    points = stream(3, 200)
    whole = Forest(7, 16, 50, 2).take(points)
    torn = Forest(7, 16, 50, 2).take(np.delete(points, 20, axis=1))
    assert (whole[21:] != torn[20:]).any()


def test_scores_stay_between_zero_and_the_logarithm() -> None:
    points = stream(4, 1000)
    points[:, ::97] *= 1e30
    scores = Forest(20, 32, 100, 2).take(points)
    assert scores.min() >= 0.0
    assert scores.max() <= math.log2(33)
    assert not scores[:8].any()


def test_attributions_add_up_to_the_score() -> None:
    points = stream(5, 300)
    shares = Shares(np.zeros(points.shape), np.zeros(points.shape))
    scores = Forest(10, 32, 100, 2).take(points, shares)
    assert (shares.high + shares.low).sum(axis=0) == pytest.approx(scores, rel=1e-9)


def test_what_is_long_gone_is_forgotten() -> None:
    """With a time decay of one row no draw can keep a row for 60 rows: only 9s are left."""
    points = np.array([[5.0] * 10 + [9.0] * 60])
    assert Forest(20, 10, 1, 1).take(points)[-1] == pytest.approx(0.5)


def test_the_largest_doubles_do_not_overflow() -> None:
    big = 1.7976931348623157e308
    points = np.array([[big, -big] * 10] * 3)
    with np.errstate(all="raise", under="ignore"):
        assert np.isfinite(Forest(5, 10, 10, 3).take(points)).all()
