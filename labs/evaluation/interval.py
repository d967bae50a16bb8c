"""A figure of a test set, and how far it would move with another test set of the same kind."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 500
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """`value` is the test set's own; `low` and `high` bound 95 % of the values that bootstrap
    resamples of it have (percentile method: Efron & Tibshirani, An Introduction to the Bootstrap,
    chapter 13). It tells how few rows there are, not what another training would change.
    """

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, value: float, resampled: Sequence[float]) -> "Interval":
        """`resampled` are the values of the resamples, in any order."""
        tail = 100 * (1 - CONFIDENCE) / 2
        low, high = np.percentile(np.asarray(resampled), [tail, 100 - tail])
        return cls(float(value), float(low), float(high))

    def __str__(self) -> str:
        return f"{self.value:.4f} ({self.low:.4f} to {self.high:.4f})"
