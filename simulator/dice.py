"""Random numbers that are a function of (seed, second, unicorn) and of nothing else.

A counter-based generator needs no state: the numbers of a second are computed from the second. So a
ride can be replayed, no call can shift another's numbers, and a unicorn's numbers are the same
alone as in a fleet. NumPy promises that the raw output of its bit generators stays the same from
version to version (NEP 19), which it does not of its distributions.
"""

import numpy as np
from numpy.typing import NDArray

DICE = 4
"""Numbers of each unicorn and second: one Philox 4x64 block."""


def roll(seed: int, second: int, unicorns: int) -> NDArray[np.float64]:
    """Array (die, unicorn) of numbers uniform in [0, 1); `seed` is below 2^128."""
    # The counter's upper words are the second, its lowest is the unicorn.
    raw = np.random.Philox(key=seed, counter=second << 64).random_raw(DICE * unicorns)
    # 53 bits are what a float holds.
    whole = (raw.reshape(unicorns, DICE).T >> np.uint64(11)).astype(np.float64)
    return whole * 2.0**-53
