"""INSERT: each value is made to fit the column it goes to; columns without a value are NULL."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analytics_sql.plan import Column
from analytics_sql.types import SqlType
from fleet.errors import ConfigError
from fleet.row import DeadLetter
from processor.columns import Columns, Vector, vector_of
from processor.expressions.cast import Cast, cast
from processor.operators.base import Stateless
from processor.operators.failure import dead_letters, failures, sound_rows


class AssignOperator(Stateless):
    """See Operator. Takes rows whose columns are `sources`, named as the `targets` they go to."""

    def __init__(
        self,
        sources: Sequence[Column],
        targets: Sequence[Column],
        stream: Sequence[Column],
        stage: str,
    ) -> None:
        self._types: dict[str, SqlType] = {}
        self._casts: dict[str, Cast] = {}
        for source, target in zip(sources, targets, strict=True):
            self._types[target.name] = source.type
            try:
                self._casts[target.name] = cast(source.type, target.type)
            except ConfigError as error:
                raise ConfigError(
                    f'{stage}, column "{target.name}": {error}', remedy=error.remedy
                ) from None
        self._required = [column.name for column in targets if not column.nullable]
        self._stream = stream
        self._stage = stage

    def add(self, columns: Columns, letters: list[DeadLetter]) -> Columns | None:
        """See Operator."""
        vectors = {name: fit(columns.vectors[name]) for name, fit in self._casts.items()}
        for name in self._required:
            vectors[name] = _not_null(vectors[name])
        if any(vector.failed for vector in vectors.values()):
            named = [_naming(name, vector) for name, vector in vectors.items()]
            failed = failures(named)
            letters += dead_letters(columns, self._types, failed, self._stage)
            rows = sound_rows(len(columns), failed)
            columns = columns.take(rows)
            vectors = {name: vector.take(rows) for name, vector in vectors.items()}
        count = len(columns)
        if not count:
            return None
        for column in self._stream:
            if column.name not in vectors:
                vectors[column.name] = vector_of([None] * count, column.type)
        return Columns(vectors, columns.rowtime_ms, columns.lineage)


def _not_null(vector: Vector) -> Vector:
    """The same, failed where it is NULL."""
    null = vector.nulls()
    if null is None:
        return vector
    rows: list[int] = np.flatnonzero(null).tolist()
    return replace(
        vector, failed={**dict.fromkeys(rows, "NULL in a NOT NULL column"), **vector.failed}
    )


def _naming(name: str, vector: Vector) -> Vector:
    """The same failures, each saying which column it is about."""
    failed = {row: f'column "{name}": {reason}' for row, reason in vector.failed.items()}
    return replace(vector, failed=failed)
