"""Scores of a yes-or-no model: how well they rank, and what any cut-off makes of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap, rankdata
from sklearn.metrics import precision_recall_curve, roc_auc_score

from labs.evaluation.confusion import Confusion
from labs.evaluation.interval import CONFIDENCE, RESAMPLES, Interval
from labs.evaluation.target import check_classes

NO, YES = "no", "yes"


@dataclass(frozen=True)
class OperatingPoint:
    """What a cut-off does: a score at or above it is a yes. `confusion` is over (no, yes)."""

    threshold: float
    confusion: Confusion
    precision: float
    recall: float
    false_positive_rate: float
    accuracy: float


@dataclass(frozen=True)
class Ranking:
    """One row of the test set each: `truth` is its answer, `scores` what the model made of it, the
    higher the more likely a yes.
    """

    truth: NDArray[np.bool_]
    scores: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Raises ConfigError for rows of one class: nothing can be ranked above anything."""
        check_classes(self.truth, "truth", "the rows to rank")

    @property
    def auc(self) -> float:
        """Area under the ROC curve: how often a random yes scores above a random no; 0.5 is
        chance.
        """
        return float(roc_auc_score(self.truth, self.scores))

    def auc_interval(self, seed: int) -> Interval:
        """The classes are resampled apart, so that none can be missing."""
        ranks = rankdata(self.scores, method="dense")
        resampled = bootstrap(
            (ranks[self.truth], ranks[~self.truth]),
            _auc,
            vectorized=False,
            n_resamples=RESAMPLES,
            confidence_level=CONFIDENCE,
            method="percentile",
            rng=np.random.default_rng(seed),
        )
        return Interval.of(self.auc, resampled.bootstrap_distribution)

    def at(self, threshold: float) -> OperatingPoint:
        confusion = Confusion.of(
            np.where(self.truth, YES, NO).tolist(),
            np.where(self.scores >= threshold, YES, NO).tolist(),
            (NO, YES),
        )
        no, yes = confusion.per_class()
        return OperatingPoint(
            threshold,
            confusion,
            precision=yes.precision,
            recall=yes.recall,
            false_positive_rate=1 - no.recall,
            accuracy=confusion.accuracy,
        )

    def with_recall(self, recall: float) -> OperatingPoint:
        """The highest cut-off that finds at least that share of the yes."""
        _, recalls, thresholds = precision_recall_curve(self.truth, self.scores)
        return self.at(float(thresholds[recalls[:-1] >= recall].max()))


def _auc(yes: NDArray[np.int64], no: NDArray[np.int64]) -> float:
    """The same area from ranks, as the share of pairs in the right order (Hanley & McNeil 1982,
    doi 10.1148/radiology.143.1.7063747): ranks are counted, so that no resample has to be sorted.
    """
    size = int(max(yes.max(), no.max())) + 1
    yes_at, no_at = np.bincount(yes, minlength=size), np.bincount(no, minlength=size)
    # A pair with equal scores counts a half.
    no_below = np.cumsum(no_at) - no_at / 2
    # No `@`: BLAS takes threads for it, which on busy cores wait longer than they work.
    return float((yes_at * no_below).sum()) / (len(yes) * len(no))
