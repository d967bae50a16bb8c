"""What Amazon ML trained on a recipe's features: logistic regression, of two classes or more."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder

from fleet.errors import ConfigError
from labs.recipe.feature import Feature, Learned

ROUNDS_MAX = 2_000


@dataclass(frozen=True)
class RecipeModel:
    """Fitted. `classes` are the columns of `scores`."""

    classes: tuple[str, ...]
    _numbers: Sequence[Learned]
    _categories: Sequence[Learned]
    _encoder: Any
    _regression: Any

    @classmethod
    def fit(
        cls, features: Sequence[Feature], rows: pl.DataFrame, target: pl.Series
    ) -> "RecipeModel":
        """scikit-learn's regularisation of weight 1, where Amazon ML's was chosen by the user.
        Raises ConfigError when the weights do not settle.
        """
        numbers = [one.learn(rows) for one in features if one.is_numeric]
        categories = [one.learn(rows) for one in features if not one.is_numeric]
        encoder = OneHotEncoder(handle_unknown="ignore", dtype=np.float64)
        if categories:
            encoder.fit(_columns(categories, rows))
        regression = LogisticRegression(max_iter=ROUNDS_MAX)
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            try:
                matrix = _matrix(numbers, categories, encoder, rows)
                regression.fit(matrix, target.to_numpy())
            except ConvergenceWarning:
                raise ConfigError(
                    f"the weights do not settle in {ROUNDS_MAX} rounds",
                    remedy="give numbers to the model through normalize() or quantile_bin()",
                ) from None
        classes = tuple(str(name) for name in regression.classes_)
        return cls(classes, numbers, categories, encoder, regression)

    @property
    def weights(self) -> int:
        """How many columns the model has a weight for, per class."""
        return int(self._regression.coef_.shape[1])

    def scores(self, rows: pl.DataFrame) -> NDArray[np.float64]:
        """Rows x classes; each row adds up to 1. A category that training has not seen counts as
        none, as Amazon ML did it.
        """
        matrix = _matrix(self._numbers, self._categories, self._encoder, rows)
        scores: NDArray[np.float64] = self._regression.predict_proba(matrix)
        return scores

    def answers(self, rows: pl.DataFrame) -> list[str]:
        """The class of the highest score."""
        return [self.classes[i] for i in self.scores(rows).argmax(axis=1)]


def _matrix(
    numbers: Sequence[Learned], categories: Sequence[Learned], encoder: Any, rows: pl.DataFrame
) -> Any:
    parts = [encoder.transform(_columns(categories, rows))] if categories else []
    parts += [csr_matrix(one.values(rows).to_numpy().reshape(-1, 1)) for one in numbers]
    return hstack(parts, format="csr")


def _columns(features: Sequence[Learned], rows: pl.DataFrame) -> NDArray[np.object_]:
    return np.column_stack([one.values(rows).to_numpy() for one in features]).astype(object)
