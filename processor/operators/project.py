"""The select list."""

from collections.abc import Mapping, Sequence

from analytics_sql.plan import Project
from analytics_sql.types import SqlType
from fleet.row import DeadLetter
from processor.columns import Columns
from processor.expressions.compiler import compile_expression
from processor.operators.base import Stateless
from processor.operators.failure import dead_letters, failures, sound_rows


class ProjectOperator(Stateless):
    """See Operator. `names` are what the outputs are called, by position."""

    def __init__(self, node: Project, names: Sequence[str], stage: str) -> None:
        self._outputs = [compile_expression(output.expression) for output in node.outputs]
        self._names = names
        self._types: Mapping[str, SqlType] = {c.name: c.type for c in node.input.columns}
        self._stage = stage

    def add(self, columns: Columns, letters: list[DeadLetter]) -> Columns | None:
        """See Operator."""
        vectors = [evaluate(columns) for evaluate in self._outputs]
        if failed := failures(vectors):
            letters += dead_letters(columns, self._types, failed, self._stage)
            rows = sound_rows(len(columns), failed)
            columns, vectors = columns.take(rows), [vector.take(rows) for vector in vectors]
        named = dict(zip(self._names, vectors, strict=True))
        return Columns(named, columns.rowtime_ms, columns.lineage) if len(columns) else None
