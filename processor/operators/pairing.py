"""Which rows of two sides go together: equal keys, and times within reach of one another."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from analytics_sql.plan import Column
from analytics_sql.types import SqlType
from processor.columns import Ids, Mask, Vector, vector_of

PAIRS_MAX: Final = 1 << 20
"""Candidates that are looked at at once: a join without a key has many."""


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
            rows = np.repeat(np.arange(first, end), part)
            offsets = np.arange(total) - np.repeat(np.cumsum(part) - part, part)
            yield rows, np.repeat(starts[first:end], part) + offsets
        first = end


def within_reach(
    times: Ids, keys: Ids, probe_times: Ids, probe_keys: Ids, before_ms: int, after_ms: int
) -> tuple[Ids, Ids, Ids]:
    """For each probe the rows of its key whose time is at most `before_ms` earlier and at most
    `after_ms` later: an order of the rows, and where in it those of a probe start, and how many.
    """
    distinct = np.unique(times)
    width = len(distinct) + 1
    codes = keys * width + np.searchsorted(distinct, times)
    order = np.argsort(codes, kind="stable")
    codes = codes[order]
    low = np.searchsorted(distinct, probe_times - before_ms, "left")
    high = np.searchsorted(distinct, probe_times + after_ms, "right")
    starts = np.searchsorted(codes, probe_keys * width + low, "left")
    ends = np.searchsorted(codes, probe_keys * width + high, "left")
    return order, starts, np.maximum(ends - starts, 0)


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
