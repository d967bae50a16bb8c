"""Chance that can be repeated: a number is drawn by what it is for, never by what was drawn before.

So no generator has a state that would have to be saved, and rows may be looked at in any grouping.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

SEED: Final = 20_160_619
"""Of every forest: the same stream has the same scores."""
_STEP: Final = np.uint64(0x9E3779B97F4A7C15)


def keys_of(trees: NDArray[np.int64], rows: NDArray[np.int64]) -> Words:
    """What the draws of a tree for a row, by its number in the stream, are told apart by."""
    seeds = _mixed(trees.astype(np.uint64) + np.uint64(SEED))
    return _mixed(seeds ^ (rows.astype(np.uint64) * _STEP))


def uniform(keys: Words, draw: int | NDArray[np.int64]) -> Floats:
    """The draw of this number, or of each key's own, for each key: from 0 to less than 1, never 0
    itself.
    """
    step = (np.atleast_1d(draw) + 1).astype(np.uint64) * _STEP
    bits = _mixed(keys + step) >> np.uint64(12)
    return (bits.astype(np.float64) + 0.5) * 2.0**-52


def _mixed(words: Words) -> Words:
    """Every bit of the result depends on every bit: the finalizer of SplitMix64 (Steele et al.,
    Fast Splittable Pseudorandom Number Generators, 2014).
    """
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
