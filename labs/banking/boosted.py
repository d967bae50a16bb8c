"""Gradient boosted trees over the calls, and the file they are kept in."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import polars as pl
from numpy.typing import NDArray

from fleet.errors import ConfigError
from labs.banking.dataset import TARGET_YES
from labs.datasource.schema import Kind, Schema

FORMAT = "wildrydes banking model 1"
"""JSON with the attributes, their categories, and the trees in LightGBM's own text form. Unlike a
pickle it holds nothing that is executed when it is loaded.
"""

SETTINGS = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 50,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    # One thread: the same trees on every machine, and no waiting for cores that others use.
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
ROUNDS = 150

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class BoostedModel:
    """`categories` are those of the training rows, sorted; any other counts as missing."""

    schema: Schema
    categories: dict[str, list[str]]
    trained_on: str
    _trees: Any

    @classmethod
    def fit(cls, schema: Schema, rows: pl.DataFrame, seed: int, trained_on: str) -> "BoostedModel":
        """`trained_on` is kept with the model: whoever asks it should know what it knows."""
        categories = {
            name: rows[name].drop_nulls().unique().sort().to_list()
            for name in schema.of_kind(Kind.CATEGORICAL, Kind.BINARY)
        }
        data = lightgbm.Dataset(
            _matrix(schema, categories, rows),
            (rows[schema.target] == TARGET_YES).to_numpy().astype(np.int8),
            feature_name=[f"attribute_{i}" for i in range(len(schema.inputs))],
            categorical_feature=[schema.inputs.index(name) for name in categories],
        )
        trees = lightgbm.train({**SETTINGS, "seed": seed}, data, ROUNDS)
        return cls(schema, categories, trained_on, trees)

    def scores(self, rows: pl.DataFrame) -> NDArray[np.float64]:
        """Between 0 and 1, one a row: how likely a yes is."""
        scores: NDArray[np.float64] = self._trees.predict(
            _matrix(self.schema, self.categories, rows), num_threads=1
        )
        return scores

    def check_categories(self, rows: pl.DataFrame, where: str) -> None:
        """Raises ConfigError for a category that the model has never seen."""
        for name, known in self.categories.items():
            for value in rows[name].drop_nulls():
                if value not in known:
                    raise ConfigError(
                        f"{where}: {name} is {value!r}, which the model has never seen",
                        remedy=f"it knows {', '.join(known)}; an empty text stands for a missing "
                        "value",
                    )

    def save(self, path: Path) -> None:
        document = {
            "format": FORMAT,
            "trained_on": self.trained_on,
            "target": self.schema.target,
            "attributes": self.schema.kinds,
            "categories": self.categories,
            "trees": self._trees.model_to_string(),
        }
        path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def load_model(path: Path) -> BoostedModel:
    """Raises ConfigError for what is not a model of this lab."""
    remedy = "wildrydes lab run banking writes one into its --out folder"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", remedy=remedy) from None
    except ValueError:
        raise ConfigError(f"{path} is not a model: not JSON", remedy=remedy) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ConfigError(f"{path} is not a model: its format is not {FORMAT!r}", remedy=remedy)
    try:
        kinds = {name: Kind(kind) for name, kind in document["attributes"].items()}
        schema = Schema(document["target"], kinds)
        trees = lightgbm.Booster(model_str=document["trees"])
        if trees.num_feature() != len(schema.inputs):
            raise ValueError("its trees have other attributes")
        return BoostedModel(schema, document["categories"], document["trained_on"], trees)
    except (AttributeError, KeyError, TypeError, ValueError, lightgbm.basic.LightGBMError) as error:
        raise ConfigError(f"{path} is damaged: {error}", remedy=remedy) from None


def _matrix(schema: Schema, categories: dict[str, list[str]], rows: pl.DataFrame) -> Matrix:
    """A row each; categories by their place, what is missing or unknown as NaN."""
    columns = [
        rows[name].cast(pl.Enum(categories[name]), strict=False).to_physical()
        if name in categories
        else rows[name]
        for name in schema.inputs
    ]
    return np.column_stack([column.cast(pl.Float64).to_numpy() for column in columns])
