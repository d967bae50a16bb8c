"""JOIN with a reference table: each row of the stream with the rows of the table that fit it.

A row sees the table as it is when the row is looked at, and nothing of it is kept: the table is no
part of the state. docs/sql/decisions.md says what that means for a restart with another table.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from analytics_sql.combination import Lookup
from analytics_sql.plan import Column, Node, ReferenceTable
from fleet.row import DeadLetter
from processor.columns import Columns, Ids, Vector
from processor.expressions.compiler import compile_expression
from processor.operators.base import Stateless
from processor.operators.failure import dead_letters, failures, sound_rows
from processor.operators.groups import Groups
from processor.operators.lineage import KeptLineage, MatchLineage
from processor.operators.pairing import any_null, empty_vectors, expanded, order_by

KEYS_MAX: Final = 65_536
"""Keys of stream rows that the table has not are remembered until there are so many."""


class TableRows:
    """The rows of a reference table, which can be exchanged for others between two batches."""

    def __init__(self, table: ReferenceTable) -> None:
        self.name = table.name
        self.columns = [Column(column.name, column.type) for column in table.columns]
        self.version = 0
        """Grows with each exchange."""
        self.vectors: Mapping[str, Vector] = empty_vectors(self.columns)
        self.count = 0

    def replace(self, vectors: Mapping[str, Vector], count: int) -> None:
        """Puts other rows in their place, in the order in which they are to come out."""
        self.vectors, self.count = vectors, count
        self.version += 1


class LookupOperator(Stateless):
    """See Operator."""

    def __init__(self, node: Lookup[Node], table: TableRows, stage: str) -> None:
        self._node = node
        self._table = table
        self._stage = stage
        self._types = {column.name: column.type for column in node.columns}
        self._input_types = {column.name: column.type for column in node.input.columns}
        self._outputs = [compile_expression(output.expression) for output in node.outputs]
        self._keys = [compile_expression(key) for key, _ in node.keys]
        self._table_keys = [compile_expression(key) for _, key in node.keys]
        self._condition = None if node.condition is None else compile_expression(node.condition)
        self._version = -1
        self._index()

    def _index(self) -> None:
        """Puts the rows of the table in the order of their keys."""
        self._version = self._table.version
        count = self._table.count
        nowhere = KeptLineage([""] * count, [], ())
        rows = Columns(self._table.vectors, np.zeros(count, np.int64), nowhere)
        named = zip(self._node.outputs, self._outputs, strict=True)
        vectors = {output.name: evaluate(rows) for output, evaluate in named}
        keyed = Columns(vectors, rows.rowtime_ms, nowhere)
        keys = [evaluate(keyed) for evaluate in self._table_keys]
        # A row whose key cannot be computed, or is NULL, is equal to nothing.
        usable = ~any_null(keys, count)
        usable[list(failures(keys))] = False
        places = np.flatnonzero(usable)
        self._groups = Groups([key.type for key, _ in self._node.keys])
        ids = self._groups.ids([key.take(places) for key in keys], len(places))
        # At the end stands -1, for a row without any.
        self._order: Ids = np.append(places[np.argsort(ids, kind="stable")], -1)
        self._known = len(self._groups)
        # The last group stands for all that the table has not.
        self._counts: Ids = np.bincount(ids, minlength=self._known + 1)
        self._is_unique = self._counts.max() <= 1
        self._starts: Ids = np.cumsum(self._counts) - self._counts
        self._vectors = {name: with_null_row(vector) for name, vector in vectors.items()}

    def add(self, columns: Columns, letters: list[DeadLetter]) -> Columns | None:
        """See Operator."""
        if self._version != self._table.version or len(self._groups) > self._known + KEYS_MAX:
            self._index()
        keys = [evaluate(columns) for evaluate in self._keys]
        if failed := failures(keys):
            letters += dead_letters(columns, self._input_types, failed, self._stage)
            sound = sound_rows(len(columns), failed)
            columns, keys = columns.take(sound), [key.take(sound) for key in keys]
        # A key with a NULL in it is no key of the table: it has no rows there.
        ids = np.minimum(self._groups.ids(keys, len(columns)), self._known)
        starts, counts = self._starts[ids], self._counts[ids]
        if self._condition is None:
            rows, found = self._found(starts, counts)
        else:
            rows, found = self._fitting(columns, starts, counts, letters)
        return self._pairs(columns, rows, found) if len(rows) else None

    def _found(self, starts: Ids, counts: Ids) -> tuple[Ids, Ids]:
        """Pairs of each row with every row of the table that has its key; -1 for none."""
        if self._node.outer:
            is_alone = counts == 0
            starts = np.where(is_alone, len(self._order) - 1, starts)
            counts = np.where(is_alone, 1, counts)
        if self._is_unique:
            rows = np.flatnonzero(counts)
            return rows, self._order[starts[rows]]
        rows = np.repeat(np.arange(len(counts)), counts)
        return rows, self._order[np.repeat(starts, counts) + ordinals(rows)]

    def _fitting(
        self, columns: Columns, starts: Ids, counts: Ids, letters: list[DeadLetter]
    ) -> tuple[Ids, Ids]:
        """The same of those pairs for which the condition is true. A row of which it fails for one
        is not alone.
        """
        assert self._condition is not None
        is_alone = np.ones(len(columns), np.bool_)
        parts: list[tuple[Ids, Ids]] = []
        for rows, places in expanded(starts, counts):
            found = self._order[places]
            pairs = self._pairs(columns, rows, found)
            truth = self._condition(pairs)
            fits, failed = truth.values.copy(), list(truth.failed)
            if failed:
                letters += dead_letters(pairs, self._types, truth.failed, self._stage)
                fits[failed] = False
            is_alone[rows[fits]], is_alone[rows[failed]] = False, False
            parts.append((rows[fits], found[fits]))
        if self._node.outer:
            alone = np.flatnonzero(is_alone)
            parts.append((alone, np.full(len(alone), -1)))
        rows = np.concatenate([_NONE, *(rows for rows, _ in parts)])
        found = np.concatenate([_NONE, *(found for _, found in parts)])
        order = order_by(rows, found)
        return rows[order], found[order]

    def _pairs(self, columns: Columns, rows: Ids, found: Ids) -> Columns:
        """The rows of these pairs, in the order of the stream's; -1 is a row of NULLs."""
        if self._is_unique:
            # One row of the table at most: all rows of the stream, or some, each of them once.
            taken = columns if len(rows) == len(columns) else columns.take(rows)
            lineage = taken.lineage
        else:
            taken = columns.take(rows)
            lineage = MatchLineage(taken.lineage, ordinals(rows))
        vectors = dict(taken.vectors)
        for output in self._node.outputs:
            # -1 is the last row, which is one of NULLs.
            vectors[output.name] = self._vectors[output.name].take(found)
        return Columns(vectors, taken.rowtime_ms, lineage)


def ordinals(rows: Ids) -> Ids:
    """How often each number stands before; `rows` rise."""
    is_first = np.ones(len(rows), np.bool_)
    is_first[1:] = rows[1:] != rows[:-1]
    firsts = np.flatnonzero(is_first)
    before: Ids = np.arange(len(rows)) - firsts[np.cumsum(is_first) - 1]
    return before


def with_null_row(vector: Vector) -> Vector:
    """A column with one NULL more at its end."""
    values = np.append(vector.values, vector.values.dtype.type(0))
    if vector.words is not None:
        return Vector(values, words=vector.words)
    null = np.zeros(len(vector), np.bool_) if vector.null is None else vector.null
    return Vector(values, np.append(null, True))


_NONE: Ids = np.zeros(0, np.int64)
