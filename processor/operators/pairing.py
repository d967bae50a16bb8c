"""What joins have in common: pairs of rows in parts and in order, and rows of NULLs."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from analytics_sql.plan import Column
from analytics_sql.types import SqlType
from processor.columns import Ids, Mask, Vector, vector_of

PAIRS_MAX: Final = 1 << 20
"""Candidates that are looked at at once: a join without a key has many."""
CODE_BITS: Final = 63


def expanded(starts: Ids, counts: Ids) -> Iterator[tuple[Ids, Ids]]:
    """Pairs (i, starts[i] + 0), ... (i, starts[i] + counts[i] - 1) for every i, in parts of about
    PAIRS_MAX.
    """
    totals = np.cumsum(counts)
    first = 0
    while first < len(counts):
        before = int(totals[first - 1]) if first else 0
        end = max(first + 1, int(np.searchsorted(totals, before + PAIRS_MAX, "right")))
        part = counts[first:end]
        total = int(part.sum())
        if total:
            # The places of a row go up one by one from its start, as the numbers of pairs do.
            shifts = starts[first:end] - (np.cumsum(part) - part)
            yield np.repeat(np.arange(first, end), part), np.arange(total) + np.repeat(shifts, part)
        first = end


def order_by(*columns: Ids) -> Ids:
    """The order of rows by the first column, of equal ones by the next. No two rows are equal in
    all of them.
    """
    lows = [int(column.min(initial=0)) for column in columns]
    bits = [
        (int(column.max(initial=0)) - low).bit_length()
        for column, low in zip(columns, lows, strict=True)
    ]
    if sum(bits) >= CODE_BITS:
        return np.lexsort(columns[::-1])
    # As one integer a row, which is sorted several times as fast.
    codes = np.zeros(len(columns[0]), np.int64)
    for column, low, width in zip(columns, lows, bits, strict=True):
        codes = (codes << width) | (column - low)
    return np.argsort(codes)


def taken_or_null(vector: Vector, rows: Ids, type: SqlType) -> Vector:
    """The column of the rows at these positions; NULL at -1."""
    missing = rows < 0
    if not missing.any():
        return vector.take(rows)
    if not len(vector):
        return vector_of([None] * len(rows), type)
    taken = vector.take(np.maximum(rows, 0))
    if taken.words is not None:
        return Vector(np.where(missing, 0, taken.values), words=taken.words)
    null = missing if taken.null is None else taken.null | missing
    values = taken.values.copy()
    values[missing] = 0
    return Vector(values, null)


def any_null(vectors: Sequence[Vector], count: int) -> Mask:
    """Where one of the vectors is NULL: such a key is equal to nothing."""
    found = np.zeros(count, np.bool_)
    for vector in vectors:
        if (null := vector.nulls()) is not None:
            found |= null
    return found


def empty_vectors(columns: Sequence[Column]) -> dict[str, Vector]:
    """No rows of these columns."""
    return {column.name: vector_of([], column.type) for column in columns}
