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
from processor.columns import Columns, Ids, Mask, Vector
from processor.expressions.compiler import compile_expression
from processor.operators.base import Stateless
from processor.operators.failure import dead_letters, failures, sound_rows
from processor.operators.groups import Groups
from processor.operators.lineage import KeptLineage, MatchLineage
from processor.operators.pairing import any_null, empty_vectors, expanded, taken_or_null

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
        lineage = KeptLineage([""] * count, [], ())
        rows = Columns(self._table.vectors, np.zeros(count, np.int64), lineage)
        named = zip(self._node.outputs, self._outputs, strict=True)
        self._vectors = {output.name: evaluate(rows) for output, evaluate in named}
        rows = Columns(self._vectors, rows.rowtime_ms, lineage)
        keys = [evaluate(rows) for evaluate in self._table_keys]
        # A row whose key cannot be computed, or is NULL, is equal to nothing.
        usable = ~any_null(keys, count)
        usable[list(failures(keys))] = False
        places = np.flatnonzero(usable)
        self._groups = Groups([key.type for key, _ in self._node.keys])
        ids = self._groups.ids([key.take(places) for key in keys], len(places))
        order = np.argsort(ids, kind="stable")
        self._order: Ids = places[order]
        self._ids: Ids = ids[order]
        self._known = len(self._groups)

    def add(self, columns: Columns, letters: list[DeadLetter]) -> Columns | None:
        """See Operator."""
        if self._version != self._table.version or len(self._groups) > self._known + KEYS_MAX:
            self._index()
        keys = [evaluate(columns) for evaluate in self._keys]
        if failed := failures(keys):
            letters += dead_letters(columns, self._input_types, failed, self._stage)
            sound = sound_rows(len(columns), failed)
            columns, keys = columns.take(sound), [key.take(sound) for key in keys]
        count = len(columns)
        ids = self._groups.ids(keys, count)
        starts = np.searchsorted(self._ids, ids, "left")
        counts = np.searchsorted(self._ids, ids, "right") - starts
        counts[any_null(keys, count)] = 0
        is_alone = np.ones(count, np.bool_)
        parts: list[tuple[Ids, Ids]] = []
        for rows, places in expanded(starts, counts):
            found = self._order[places]
            fits = self._fitting(columns, rows, found, is_alone, letters)
            parts.append((rows[fits], found[fits]))
        none = np.zeros(0, np.int64)
        rows = np.concatenate([none, *(part[0] for part in parts)])
        found = np.concatenate([none, *(part[1] for part in parts)])
        if self._node.outer:
            alone = np.flatnonzero(is_alone)
            rows = np.concatenate([rows, alone])
            found = np.concatenate([found, np.full(len(alone), -1)])
        order = np.lexsort((found, rows))
        return self._pairs(columns, rows[order], found[order]) if len(rows) else None

    def _fitting(
        self, columns: Columns, rows: Ids, found: Ids, is_alone: Mask, letters: list[DeadLetter]
    ) -> Ids:
        """Which of these pairs the condition is true for; what has a partner is not alone."""
        fits = np.ones(len(rows), np.bool_)
        partners = fits
        if self._condition is not None:
            pairs = self._pairs(columns, rows, found)
            truth = self._condition(pairs)
            fits, partners = truth.values.copy(), truth.values.copy()
            if truth.failed:
                letters += dead_letters(pairs, self._types, truth.failed, self._stage)
                fits[list(truth.failed)], partners[list(truth.failed)] = False, True
        is_alone[rows[partners]] = False
        return np.flatnonzero(fits)

    def _pairs(self, columns: Columns, rows: Ids, found: Ids) -> Columns:
        """The rows of these pairs, in the order of the stream's; -1 is a row of NULLs."""
        taken = columns.take(rows)
        vectors = dict(taken.vectors)
        for output in self._node.outputs:
            type = output.expression.type
            vectors[output.name] = taken_or_null(self._vectors[output.name], found, type)
        # `rows` rise, so that those of one row stand together.
        is_first = np.ones(len(rows), np.bool_)
        is_first[1:] = rows[1:] != rows[:-1]
        firsts = np.flatnonzero(is_first)
        ordinals = np.arange(len(rows)) - firsts[np.cumsum(is_first) - 1]
        lineage = MatchLineage(taken.lineage, ordinals)
        return Columns(vectors, taken.rowtime_ms, lineage)
