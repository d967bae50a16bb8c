"""Answers counted by what was true and what was said; all that follows from the counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
)

from fleet.errors import ConfigError
from labs.evaluation.interval import RESAMPLES, Interval

Counts = NDArray[np.int64]
Measure = Callable[[Counts, Counts, Counts], float]


@dataclass(frozen=True)
class ClassScores:
    """Of one class against all others. A ratio without a denominator is 0: nothing was found."""

    name: str
    precision: float
    recall: float
    f1: float
    rows: int
    """That truly are of the class."""


@dataclass(frozen=True)
class Confusion:
    """`counts[i, j]` rows are truly `classes[i]` and were said to be `classes[j]`: a row of the
    matrix is a truth, a column an answer.
    """

    classes: tuple[str, ...]
    counts: Counts

    @classmethod
    def of(cls, truth: Sequence[str], said: Sequence[str], classes: Sequence[str]) -> "Confusion":
        """Both hold one class a row. Raises ConfigError without a row, for lengths that differ, and
        for a class that is not among `classes`.
        """
        if len(truth) != len(said) or len(truth) == 0:
            raise ConfigError(f"{len(said)} answers for {len(truth)} rows: nothing to compare")
        # scikit-learn leaves rows of other classes out without a word.
        if strange := {*truth, *said} - set(classes):
            raise ConfigError(
                f"not among the classes {', '.join(classes)}: {', '.join(sorted(strange))}"
            )
        return cls(tuple(classes), confusion_matrix(truth, said, labels=list(classes)))

    @property
    def rows(self) -> int:
        return int(self.counts.sum())

    @property
    def accuracy(self) -> float:
        return _accuracy(*_cells(self.counts), self.counts.ravel())

    @property
    def macro_f1(self) -> float:
        """The mean of the classes' F1: a rare class weighs as much as a common one."""
        return _macro_f1(*_cells(self.counts), self.counts.ravel())

    def per_class(self) -> list[ClassScores]:
        """In the order of `classes`."""
        truth, said = _cells(self.counts)
        precision, recall, f1, rows = precision_recall_fscore_support(
            truth,
            said,
            labels=range(len(self.classes)),
            sample_weight=self.counts.ravel(),
            zero_division=0.0,
        )
        return [
            ClassScores(name, float(precision[i]), float(recall[i]), float(f1[i]), int(rows[i]))
            for i, name in enumerate(self.classes)
        ]

    def accuracy_interval(self, seed: int) -> Interval:
        return _interval(_accuracy, self._frozen(), seed)

    def macro_f1_interval(self, seed: int) -> Interval:
        return _interval(_macro_f1, self._frozen(), seed)

    def _frozen(self) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(row) for row in self.counts.tolist())


# A page, its tables and the numbers for scripts all ask for the same.
@lru_cache(maxsize=64)
def _interval(measure: Measure, frozen: tuple[tuple[int, ...], ...], seed: int) -> Interval:
    counts = np.array(frozen)
    cells = _cells(counts)
    flat = counts.ravel()
    # To draw the test set's rows with replacement is to draw a multinomial of the cells, as rows of
    # one cell count the same.
    rows = int(flat.sum())
    draws = np.random.default_rng(seed).multinomial(rows, flat / rows, size=RESAMPLES)
    return Interval.of(measure(*cells, flat), [measure(*cells, draw) for draw in draws])


def _cells(counts: Counts) -> tuple[Counts, Counts]:
    """Truth and answer of each cell, as positions in the classes; its count is its weight."""
    truth, said = np.indices(counts.shape)
    return truth.ravel(), said.ravel()


def _accuracy(truth: Counts, said: Counts, weights: Counts) -> float:
    return float(accuracy_score(truth, said, sample_weight=weights))


def _macro_f1(truth: Counts, said: Counts, weights: Counts) -> float:
    return float(f1_score(truth, said, average="macro", sample_weight=weights, zero_division=0.0))
