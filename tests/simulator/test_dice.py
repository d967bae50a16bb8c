"""The numbers depend on (seed, second, unicorn) and on nothing else."""

import numpy as np

from simulator.dice import DICE, roll


def test_a_unicorns_numbers_are_the_same_in_any_fleet() -> None:
    fleet = roll(7, 3, 1000)
    assert fleet.shape == (DICE, 1000)
    assert (roll(7, 3, 10) == fleet[:, :10]).all()
    assert (roll(7, 3, 1000) == fleet).all()


def test_no_number_comes_twice() -> None:
    rolls = [roll(seed, second, 100) for seed in (0, 1, 2**64) for second in range(10)]
    assert len(np.unique(rolls)) == 30 * DICE * 100


def test_the_numbers_are_uniform() -> None:
    """Mean 1/2 and variance 1/12, each die; 400,000 numbers put both within 0.002."""
    numbers = np.concatenate([roll(7, second, 1000) for second in range(400)], axis=1)
    assert numbers.min() >= 0
    assert numbers.max() < 1
    assert np.abs(numbers.mean(axis=1) - 1 / 2).max() < 0.002
    assert np.abs(numbers.var(axis=1) - 1 / 12).max() < 0.002
    correlations = np.corrcoef(numbers) - np.eye(DICE)
    assert np.abs(correlations).max() < 0.005
