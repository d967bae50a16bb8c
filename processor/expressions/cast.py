"""From one type to another, as an INSERT assigns the select list to a stream's columns.

    integer -> integer    a value out of range fails
    DOUBLE -> integer     rounded to the nearest, halves away from zero; out of range fails
    integer -> DOUBLE     the nearest DOUBLE
    VARCHAR(m) -> (n)     a text longer than n fails, as CAST does (REF:sql-reference-cast)

NULL stays NULL. Other pairs are an error of the plan, not of a row. How the service rounded is not
documented; this is what CAST does in most SQL products.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics_sql.types import Kind, SqlType
from fleet.errors import ConfigError
from processor.columns import Mask, Vector

Cast = Callable[[Vector], Vector]


def cast(source: SqlType, target: SqlType) -> Cast:
    """The conversion of a vector. Raises ConfigError when the types have none."""
    if source.is_text and target.is_text:
        return _shortened(source.length, target)
    if source.kind is target.kind:
        return lambda vector: vector
    if source.is_integer and target.is_integer:
        return _narrowed(source, target)
    if source.kind is Kind.DOUBLE and target.is_integer:
        return lambda vector: _rounded(vector, target)
    if source.is_integer and target.kind is Kind.DOUBLE:
        return lambda vector: Vector(vector.values.astype(np.float64), vector.null)
    raise ConfigError(
        f"a value of type {source} cannot be assigned to a column of type {target}",
        remedy="give the column the type of the value",
    )


def _narrowed(source: SqlType, target: SqlType) -> Cast:
    smallest, largest = target.integer_range
    if source.integer_range[1] <= largest:
        return lambda vector: vector

    def narrow(vector: Vector) -> Vector:
        values = vector.values
        return _checked(vector, values, (values < smallest) | (values > largest), target)

    return narrow


def _rounded(vector: Vector, target: SqlType) -> Vector:
    smallest, largest = target.integer_range
    values: NDArray[np.float64] = vector.values
    whole = np.trunc(values)
    # The fraction is exact, so 0.49999999999999994 stays below a half; adding 0.5 would lift it.
    whole += np.where(np.abs(values - whole) >= 0.5, np.sign(values), 0.0)
    # The bounds are powers of two, hence DOUBLEs; 2**63 - 1 is none.
    overflow = (whole < float(smallest)) | (whole >= float(largest + 1))
    return _checked(vector, np.where(overflow, 0.0, whole).astype(np.int64), overflow, target)


def _checked(vector: Vector, values: NDArray[np.int64], overflow: Mask, target: SqlType) -> Vector:
    if vector.null is not None:
        overflow = overflow & ~vector.null
    rows: list[int] = np.flatnonzero(overflow).tolist()
    failed = {row: f"{vector.values[row].item()} does not fit {target}" for row in rows}
    return Vector(values, vector.null, failed=failed)


def _shortened(source_length: int | None, target: SqlType) -> Cast:
    length = target.length
    if length is None or (source_length is not None and source_length <= length):
        return lambda vector: vector

    def check(vector: Vector) -> Vector:
        assert vector.words is not None
        entries: list[Any] = vector.words.entries
        long = [i for i in np.unique(vector.values).tolist() if i and len(entries[i]) > length]
        failed = {}
        for row in np.flatnonzero(np.isin(vector.values, long)).tolist():
            text = entries[vector.values[row]]
            failed[row] = f"a text of {len(text)} characters does not fit {target}"
        return Vector(vector.values, words=vector.words, failed=failed)

    return check
