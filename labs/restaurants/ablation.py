"""What a recipe's cartesian products are worth: the same model with them and without."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from scipy.stats import binomtest

from labs.datasource.schema import Schema
from labs.datasource.split import Split
from labs.evaluation.confusion import Confusion
from labs.recipe.feature import Cartesian, Feature
from labs.recipe.model import RecipeModel


@dataclass(frozen=True)
class Variant:
    """One model of the same rows, judged on the same others."""

    name: str
    weights: int
    """Per class."""
    answers: Sequence[str]
    confusion: Confusion


@dataclass(frozen=True)
class Difference:
    """Test rows that one variant alone got right. `p_value` is McNemar's, exact: how likely so
    uneven a count is between models that are equally good.
    """

    only_first: int
    only_second: int
    p_value: float


def judge(
    name: str, features: Sequence[Feature], schema: Schema, split: Split, classes: Sequence[str]
) -> Variant:
    """Raises ConfigError when the weights do not settle."""
    model = RecipeModel.fit(features, split.training, split.training[schema.target])
    answers = model.answers(split.test)
    truth = split.test[schema.target].to_list()
    return Variant(name, model.weights, answers, Confusion.of(truth, answers, classes))


def without_products(features: Sequence[Feature]) -> tuple[Feature, ...]:
    return tuple(one for one in features if not isinstance(one, Cartesian))


def compare(first: Variant, second: Variant, truth: pl.Series) -> Difference:
    right = [(a == t, b == t) for a, b, t in zip(first.answers, second.answers, truth, strict=True)]
    only_first = sum(a and not b for a, b in right)
    only_second = sum(b and not a for a, b in right)
    differing = only_first + only_second
    p_value = binomtest(only_first, differing).pvalue if differing else 1.0
    return Difference(only_first, only_second, float(p_value))
