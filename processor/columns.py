"""Rows as columns: what a decoder makes, expressions read and operators pass on.

One contract for all of them, so that a faster decoder or one more operator fits without touching
the rest:

    Dictionary   the distinct values of a column, each with a dense id
    Vector       one column: an array, which of it is NULL, which of it failed
    Columns      some rows: vectors by name, ROWTIME, and where each row comes from

Nothing here is ever changed after it was made, except that a Dictionary grows.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from analytics_sql.types import Kind, SqlType
from fleet.row import Value

Ids = NDArray[np.int64]
"""Dense ids, or positions of rows."""
Mask = NDArray[np.bool_]
"""One truth per row."""


class Dictionary:
    """Value -> id, and id -> value in `entries`. Ids are dense, in order of first appearance; NULL
    is id 0.

    It only grows: who holds an id may look it up for ever, and a cache over the entries stays right
    when it is extended. To forget, start another Dictionary.
    """

    __slots__ = ("_ids", "entries")

    def __init__(self) -> None:
        self._ids: defaultdict[Value, int] = defaultdict(None, {None: 0})
        self.entries: list[Value] = [None]

    def __len__(self) -> int:
        """How many values there are, NULL included."""
        return len(self.entries)

    def ids(self, values: Iterable[Value], size: int) -> Ids:
        """The ids of `size` values; a new value gets the next one."""
        known, entries = self._ids, self.entries
        if len(known) < len(entries):
            known.update(zip(entries[len(known) :], range(len(known), len(entries)), strict=True))
        # New values get their ids without a step in Python.
        known.default_factory = count(len(entries)).__next__
        ids = np.fromiter(map(known.__getitem__, values), np.int64, size)
        if new := len(known) - len(entries):
            # A dict keeps its order: the new values are the last ones.
            latest = list(islice(reversed(known), new))
            entries.extend(reversed(latest))
        return ids

    def extend(self, values: Iterable[Value]) -> None:
        """Gives the next ids to values of which it is known that they are new and distinct. They
        are not hashed before somebody asks for the id of a value.
        """
        self.entries.extend(values)


@dataclass(frozen=True, slots=True)
class Vector:
    """One column of some rows.

    By type, `values` is
      integers           int64
      DECIMAL(p,s)       int64: the number times 10**s
      TIMESTAMP, DATE    int64, milliseconds since 1970; a DATE is a midnight
      TIME, INTERVAL     int64, milliseconds
      DOUBLE             float64, always finite, never -0.0 (or MIN would depend on the order)
      REAL               the same, and each of them a number that float32 has
      BOOLEAN            bool, False where it is NULL
      VARCHAR, CHAR(n)   int64 ids into `words`, 0 where it is NULL; words of a CHAR are padded
    """

    values: NDArray[Any]
    null: Mask | None = None
    """Where the column is NULL; None: nowhere, or, when there are `words`, where the id is 0."""
    words: Dictionary | None = None
    failed: Mapping[int, str] = field(default_factory=dict)
    """Row -> why its value could not be computed. What an operator passes on has no such rows."""

    def __len__(self) -> int:
        return len(self.values)

    def nulls(self) -> Mask | None:
        """Where the column is NULL, or None when it is nowhere."""
        null = self.values == 0 if self.words is not None else self.null
        return null if null is not None and null.any() else None

    def take(self, rows: Ids) -> "Vector":
        """The column of the rows at these positions."""
        null = None if self.null is None else self.null[rows]
        return Vector(self.values[rows], null, self.words)

    def to_list(self) -> list[Any]:
        """The values as plain Python, None for NULL; times and decimals stay integers."""
        values: list[Any] = self.values.tolist()
        if self.words is not None:
            entries = self.words.entries
            return [entries[i] for i in values]
        if self.null is None:
            return values
        return [None if n else v for v, n in zip(values, self.null.tolist(), strict=True)]


class Origin(NamedTuple):
    """The record a row was made of; empty texts when it was made of many."""

    shard_id: str
    sequence_number: str
    partition_key: str
    arrival_ms: int


class Lineage(Protocol):
    """Where rows come from: asked for rows that are put out, fail or wait, so it may be slow."""

    @property
    def strand(self) -> tuple[str, ...]:
        """Names the sequence that the rows are a part of, such as the records of one shard: within
        it rows come in an order that only the input decides.
        """
        ...

    def take(self, rows: Ids) -> "Lineage":
        """That of the rows at these positions."""
        ...

    def identities(self, prefix: str) -> list[str]:
        """For each row `prefix` and JSON values, separated by commas, that tell it from all other
        rows of its operator. They are made of the input alone, so a replay makes the same ones.
        """
        ...

    def origins(self) -> Sequence[Origin]:
        """The record behind each row."""
        ...

    def kept(self) -> "Lineage":
        """The same, for rows that wait: it holds no bytes of records, and little of other rows."""
        ...


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows, column by column."""

    vectors: Mapping[str, Vector]
    rowtime_ms: NDArray[np.int64]
    """ROWTIME of each row."""
    lineage: Lineage

    def __len__(self) -> int:
        return len(self.rowtime_ms)

    def take(self, rows: Ids) -> "Columns":
        """The rows at these positions."""
        vectors = {name: vector.take(rows) for name, vector in self.vectors.items()}
        return Columns(vectors, self.rowtime_ms[rows], self.lineage.take(rows))


def array_type(type: SqlType) -> DTypeLike:
    """The NumPy type of a Vector's values."""
    if type.is_approximate:
        return np.float64
    return np.bool_ if type.kind is Kind.BOOLEAN else np.int64


def vector_of(values: Sequence[Any], type: SqlType, words: Dictionary | None = None) -> Vector:
    """The vector of plain values, None for NULL; `words` takes the texts in."""
    if type.has_words:
        words = Dictionary() if words is None else words
        return Vector(words.ids(values, len(values)), words=words)
    null = None
    if None in values:
        null = np.fromiter((v is None for v in values), np.bool_, len(values))
        values = [0 if v is None else v for v in values]
    return Vector(np.array(values, array_type(type)), null)
