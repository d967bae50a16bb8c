"""What a recipe can make of attributes. A feature is a plan; `learn` fits it to training rows, and
what comes of that is applied to any rows.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

MISSING = "(missing)"
BETWEEN = "\x1f"
"""Between the values of a product: no value of a text file is likely to hold it."""


class Learned(Protocol):
    """A feature that knows what it has to know of the training rows."""

    def values(self, rows: pl.DataFrame) -> pl.Series:
        """One value a row: String when it is categorical, else Float64. Never null."""


class Feature(Protocol):
    """A column that the model is given."""

    @property
    def is_numeric(self) -> bool: ...

    def learn(self, rows: pl.DataFrame) -> Learned:
        """From training rows alone: quantiles of test rows would be a leak."""


@dataclass(frozen=True)
class Attribute:
    """A column as it is."""

    name: str
    is_numeric: bool

    def learn(self, rows: pl.DataFrame) -> "LearnedAttribute":
        # A missing number becomes the mean, which says the least.
        instead = (rows[self.name].mean() or 0.0) if self.is_numeric else MISSING
        return LearnedAttribute(self.name, instead)


@dataclass(frozen=True)
class LearnedAttribute:
    name: str
    instead: object
    """Of a missing value."""

    def values(self, rows: pl.DataFrame) -> pl.Series:
        return rows[self.name].fill_null(self.instead)


@dataclass(frozen=True)
class QuantileBin:
    """A number's place among quantiles, as a category: the model can weigh each range apart."""

    name: str
    bins: int
    is_numeric: bool = False

    def learn(self, rows: pl.DataFrame) -> "LearnedBins":
        known = rows[self.name].drop_nulls().to_numpy()
        # Only the edges inside: what lies beyond the training rows falls into the outermost bins.
        inside = np.linspace(0, 1, self.bins + 1)[1:-1]
        edges = np.unique(np.quantile(known, inside)) if len(known) else np.array([])
        return LearnedBins(self.name, edges)


@dataclass(frozen=True)
class LearnedBins:
    name: str
    edges: NDArray[np.float64]

    def values(self, rows: pl.DataFrame) -> pl.Series:
        numbers = rows[self.name]
        places = np.searchsorted(self.edges, numbers.fill_null(0.0).to_numpy(), side="right")
        return pl.Series(self.name, places).cast(pl.String).set(numbers.is_null(), MISSING)


@dataclass(frozen=True)
class Normalize:
    """A number with the training rows' mean taken off, in their standard deviations."""

    name: str
    is_numeric: bool = True

    def learn(self, rows: pl.DataFrame) -> "LearnedScale":
        numbers = rows[self.name].drop_nulls().to_numpy()
        deviation = float(numbers.std()) if len(numbers) else 0.0
        return LearnedScale(self.name, float(numbers.mean()) if len(numbers) else 0.0, deviation)


@dataclass(frozen=True)
class LearnedScale:
    name: str
    mean: float
    deviation: float

    def values(self, rows: pl.DataFrame) -> pl.Series:
        # A constant column tells nothing, whatever it is divided by.
        return (rows[self.name].fill_null(self.mean) - self.mean) / (self.deviation or 1.0)


@dataclass(frozen=True)
class Cartesian:
    """Every combination of categories as a category of its own: what a linear model cannot see
    from the parts, it can weigh here.
    """

    parts: tuple[Feature, ...]
    is_numeric: bool = False

    def learn(self, rows: pl.DataFrame) -> "LearnedProduct":
        return LearnedProduct(tuple(part.learn(rows) for part in self.parts))


@dataclass(frozen=True)
class LearnedProduct:
    parts: tuple[Learned, ...]

    def values(self, rows: pl.DataFrame) -> pl.Series:
        columns = [part.values(rows).alias(str(i)) for i, part in enumerate(self.parts)]
        return pl.select(pl.concat_str(columns, separator=BETWEEN).alias("product")).to_series()
