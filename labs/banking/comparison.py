"""The models, each trained and judged on every split, with the call's length and without."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from labs.banking.boosted import BoostedModel
from labs.banking.dataset import LEAK, RECIPE, TARGET_YES
from labs.datasource.schema import Schema
from labs.datasource.split import Split, random_split
from labs.evaluation.ranking import Ranking
from labs.recipe.model import RecipeModel
from labs.recipe.recipe import read_recipe

BOOSTED, REGRESSION = "LightGBM", "logistic regression"
OTHER_SPLITS = 5


@dataclass(frozen=True)
class Trial:
    """One model, judged on the test part of one split."""

    model: str
    split: str
    with_leak: bool
    ranking: Ranking

    @property
    def name(self) -> str:
        return f"{self.model}, {self.split} split, {'with' if self.with_leak else 'without'} {LEAK}"


@dataclass(frozen=True)
class Spread:
    """AUC of LightGBM over other random splits: how much of a figure is chance."""

    with_leak: bool
    lowest: float
    mean: float
    highest: float


def train_boosted(schema: Schema, split: Split, seed: int, source: str) -> BoostedModel:
    """`source` is where the rows are from."""
    trained_on = f"{len(split.training):,} rows of a {split.name} split, seed {seed}. {source}"
    return BoostedModel.fit(schema, split.training, seed, trained_on)


def judge_boosted(model: BoostedModel, split: Split) -> Trial:
    with_leak = LEAK in model.schema.inputs
    return Trial(BOOSTED, split.name, with_leak, _ranking(split, model.scores(split.test)))


def judge_regression(schema: Schema, split: Split) -> Trial:
    """On Amazon ML's recipe: every number in 50 quantile bins."""
    features = read_recipe(RECIPE, schema).features
    model = RecipeModel.fit(features, split.training, split.training[schema.target])
    scores = model.scores(split.test)[:, model.classes.index(TARGET_YES)]
    return Trial(REGRESSION, split.name, LEAK in schema.inputs, _ranking(split, scores))


def spreads(schema: Schema, rows: pl.DataFrame, seed: int) -> Iterator[Spread]:
    """With the leak, and without."""
    for part in (schema, schema.without(LEAK)):
        areas = [
            judge_boosted(train_boosted(part, split, seed, ""), split).ranking.auc
            for split in (random_split(rows, seed + i) for i in range(1, OTHER_SPLITS + 1))
        ]
        yield Spread(LEAK in part.inputs, min(areas), float(np.mean(areas)), max(areas))


def _ranking(split: Split, scores: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Ranking:
    return Ranking((split.test["y"] == TARGET_YES).to_numpy(), scores)
