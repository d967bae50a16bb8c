"""The forest finds planted anomalies as well as another implementation of the paper does: the rrcf
package, by its collusive displacement.
"""

from collections.abc import Callable

import numpy as np
import pytest
import rrcf

from processor.forest.chance import Floats
from processor.forest.forest import Forest

ROWS, LEARNED, TREES, SAMPLE, PLANTED = 1500, 300, 50, 256, 40


def season(chance: np.random.Generator) -> Floats:
    return 10 * np.sin(np.arange(ROWS) * 2 * np.pi / 50) + chance.normal(size=ROWS)


def drift(chance: np.random.Generator) -> Floats:
    return np.arange(ROWS) * 0.02 + chance.normal(size=ROWS)


def noise(chance: np.random.Generator) -> Floats:
    return chance.laplace(size=ROWS)


def area_under_curve(scores: Floats, is_planted: Floats) -> float:
    """The chance that a planted row has a higher score than another one (Mann and Whitney)."""
    planted, others = scores[is_planted > 0], scores[is_planted == 0]
    above = (planted[:, None] > others).mean() + (planted[:, None] == others).mean() / 2
    return float(above)


def other_scores(points: Floats) -> Floats:
    """Collusive displacement in a forest whose trees drop their oldest row."""
    np.random.seed(1)
    forest = [rrcf.RCTree() for _ in range(TREES)]
    scores = np.zeros(len(points))
    for row, point in enumerate(points):
        for tree in forest:
            if len(tree.leaves) >= SAMPLE:
                tree.forget_point(row - SAMPLE)
            tree.insert_point(point, index=row)
            scores[row] += tree.codisp(row) / TREES
    return scores


@pytest.mark.long
@pytest.mark.parametrize("series", [season, drift, noise])
def test_planted_anomalies_are_found_as_well(
    series: Callable[[np.random.Generator], Floats],
) -> None:
    chance = np.random.default_rng(1)
    values = series(chance)
    is_planted = np.zeros(ROWS)
    is_planted[chance.choice(np.arange(LEARNED, ROWS), PLANTED, replace=False)] = 1
    values = values + is_planted * chance.choice([-1, 1], ROWS) * chance.uniform(12, 25, ROWS)
    points = np.stack([values[3 - lag : ROWS - lag] for lag in range(4)])
    # A shingle is planted where its newest value is: what follows holds it too, and is left out.
    newest = is_planted[3:]
    shadow = sum(np.roll(newest, lag) for lag in range(1, 4))
    judged = (np.arange(len(newest)) >= LEARNED) & ((newest > 0) | (shadow == 0))
    ours = Forest(TREES, SAMPLE, SAMPLE, 4).take(points)
    theirs = other_scores(points.T)
    mine = area_under_curve(ours[judged], newest[judged])
    reference = area_under_curve(theirs[judged], newest[judged])
    print(f"{series.__name__}: {mine:.4f}, rrcf {reference:.4f}")
    assert mine > reference - 0.02
    # The control: scores that know nothing of the rows are told apart.
    assert area_under_curve(chance.permutation(ours[judged]), newest[judged]) < reference - 0.02
