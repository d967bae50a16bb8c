"""The bank's calls without their length: whether another model than the lab's ranks them better.

`python -P bench/labs/banking.py FILE [SPLITS]`: AUC of each model on the same random splits (8
unless told) of UCI's bank-additional-full.csv, 70 % of which teach; minutes. What differs from
split to split is chance, and is the same chance for all of them.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from labs.banking.boosted import BoostedModel
from labs.banking.dataset import LEAK, SCHEMA, TARGET_YES
from labs.datasource.reader import read_rows
from labs.datasource.schema import Kind, read_schema
from labs.datasource.split import Split, random_split
from labs.evaluation.ranking import Ranking

Scores = np.ndarray[Any, np.dtype[np.float64]]
TREES: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.03,
    "num_leaves": 12,
    "min_data_in_leaf": 60,
    "lambda_l2": 5,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


class Part:
    """One split, with an indicator for each category of the training rows beside the numbers."""

    def __init__(self, schema: Any, split: Split) -> None:
        self.schema, self.split = schema, split
        self.categories = {
            name: split.training[name].drop_nulls().unique().sort().to_list()
            for name in schema.of_kind(Kind.CATEGORICAL, Kind.BINARY)
        }
        self.taught = (split.training[schema.target] == TARGET_YES).to_numpy().astype(np.int8)
        self.truth = (split.test[schema.target] == TARGET_YES).to_numpy()
        self.training, self.test = self.matrix(split.training), self.matrix(split.test)

    def matrix(self, rows: Any) -> Scores:
        columns = [rows[name].to_numpy() for name in self.schema.of_kind(Kind.NUMERIC)]
        for name, known in self.categories.items():
            columns += [(rows[name] == category).to_numpy() for category in known]
        return np.column_stack(columns).astype(np.float64)


def as_here(part: Part, seed: int) -> Scores:
    return BoostedModel.fit(part.schema, part.split.training, seed, "").scores(part.split.test)


def slower(part: Part, seed: int) -> Scores:
    data = lightgbm.Dataset(part.training, part.taught)
    trees = lightgbm.train({**TREES, "seed": seed}, data, 300)
    return np.asarray(trees.predict(part.test, num_threads=1))


def forest(kind: Any) -> Callable[[Part, int], Scores]:
    def scores(part: Part, seed: int) -> Scores:
        trees = kind(300, min_samples_leaf=8, max_features=0.2, random_state=seed, n_jobs=1)
        return np.asarray(trees.fit(part.training, part.taught).predict_proba(part.test)[:, 1])

    return scores


MODELS: dict[str, Callable[[Part, int], Scores]] = {
    "LightGBM, as the lab has it": as_here,
    "300 slower trees, an indicator each category": slower,
    "extremely randomized trees": forest(ExtraTreesClassifier),
    "random forest": forest(RandomForestClassifier),
}


def main(path: Path, splits: int) -> None:
    schema = read_schema(SCHEMA)
    rows = read_rows(path, schema, ";")
    areas: dict[str, list[float]] = {name: [] for name in MODELS}
    for seed in range(splits):
        part = Part(schema.without(LEAK), random_split(rows, seed))
        for name, model in MODELS.items():
            areas[name].append(Ranking(part.truth, model(part, seed)).auc)
        print(f"split {seed} done", file=sys.stderr)
    print(f"{'model':46} {'mean':>7} {'sd':>6} {'lowest':>7} {'highest':>8}")
    for name, found in areas.items():
        spread = f"{np.std(found):6.4f} {min(found):7.4f} {max(found):8.4f}"
        print(f"{name:46} {np.mean(found):7.4f} {spread}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 8)
