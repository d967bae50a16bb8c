"""Which rows teach and which judge."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from labs.evaluation.target import check_classes

TRAINING_SHARE = 0.7


@dataclass(frozen=True)
class Split:
    name: str
    training: pl.DataFrame
    test: pl.DataFrame

    def check_classes(self, target: str) -> None:
        """Raises ConfigError when a part has one class alone: it cannot teach, or cannot judge."""
        for part, rows in (("training", self.training), ("test", self.test)):
            where = f"the {part} part of the {self.name} split"
            check_classes(rows[target].to_numpy(), target, where)


def random_split(rows: pl.DataFrame, seed: int) -> Split:
    """70/30 by chance, as Amazon ML did it."""
    order = np.random.default_rng(seed).permutation(len(rows))
    return _cut("random", rows[order])


def chronological_split(rows: pl.DataFrame) -> Split:
    """The first 70 % teach: what a bank that wants to know tomorrow's answers could have done."""
    return _cut("chronological", rows)


def _cut(name: str, rows: pl.DataFrame) -> Split:
    at = round(TRAINING_SHARE * len(rows))
    return Split(name, rows[:at], rows[at:])
