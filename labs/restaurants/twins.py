"""Rows with the same inputs: how far they decide what a model can reach, and how far a split by
chance lets it know the answer already.
"""

from dataclasses import dataclass

import polars as pl

from labs.datasource.schema import Schema
from labs.datasource.split import Split


@dataclass(frozen=True)
class Twins:
    """`ceiling` is the accuracy of who says for each set of inputs its most frequent answer in all
    rows. `known` is the share of test rows whose inputs the training rows have too.
    """

    ceiling: float
    known: float


def find_twins(schema: Schema, rows: pl.DataFrame, split: Split) -> Twins:
    inputs = list(schema.inputs)
    most = (
        rows.group_by([*inputs, schema.target])
        .len()
        .group_by(inputs)
        .agg(pl.col("len").max())["len"]
        .sum()
    )
    known = split.test.join(split.training, on=inputs, how="semi", nulls_equal=True).height
    return Twins(int(most) / rows.height, known / split.test.height)
