"""OVER: each row, with what its calls say of the rows before it.

Rows come in order (this stands behind a hold) and go on at once, one for one, with their ROWTIME
and their lineage. The frame of a row holds the row itself and rows that came before it; rows of the
same ROWTIME that come after it do not count, as the service put each row out when it came
(REF:sql-reference-windowed-aggregation-stream shows two of one ROWTIME).

COUNT, SUM and AVG over a range or an unbounded frame are running sums of columns (range_sums.py);
MIN and MAX keep what can still become the result (range_extremes.py); the other calls, and ROWS
frames, go row by row (row_frames.py).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from analytics_sql.expression import Expression
from analytics_sql.plan import Analytic, Slide
from analytics_sql.types import SqlType
from fleet.row import DeadLetter
from processor.columns import Columns
from processor.expressions.cast import cast
from processor.expressions.compiler import Evaluate, compile_expression
from processor.operators.base import Prompt
from processor.operators.failure import dead_letters, failures, sound_rows
from processor.operators.measure import check_type, natural_type
from processor.operators.slide_stores import stores_of
from processor.operators.state import call_text


class SlideOperator(Prompt):
    """See Operator."""

    def __init__(self, node: Slide, stage: str) -> None:
        self._node = node
        self._stage = stage
        self._types: Mapping[str, SqlType] = {c.name: c.type for c in node.input.columns}
        for call in node.calls:
            if call.argument is not None:
                check_type(call.function, call.argument.type)
        self._stores = stores_of(node.calls)
        self._casts = {call.name: cast(natural_type(call), call.type) for call in node.calls}
        expressions: dict[Expression, Evaluate] = {}
        for call in node.calls:
            for expression in (*call.partition, *arguments_of(call)):
                expressions.setdefault(expression, compile_expression(expression))
        self._expressions = expressions

    def add(self, columns: Columns, letters: list[DeadLetter]) -> Columns | None:
        """See Operator."""
        values = {e: evaluate(columns) for e, evaluate in self._expressions.items()}
        if failed := failures(list(values.values())):
            letters += dead_letters(columns, self._types, failed, self._stage)
            rows = sound_rows(len(columns), failed)
            columns = columns.take(rows)
            values = {e: vector.take(rows) for e, vector in values.items()}
        if not len(columns):
            return None
        vectors = dict(columns.vectors)
        for store in self._stores:
            for name, natural in store.add(columns, values).items():
                fitted = self._casts[name](natural)
                reasons = {**fitted.failed, **natural.failed}
                vectors[name] = replace(fitted, failed=reasons) if reasons else fitted
        vectors = {column.name: vectors[column.name] for column in self._node.columns}
        if failed := failures(list(vectors.values())):
            letters += dead_letters(columns, self._types, failed, self._stage)
            whole = Columns(vectors, columns.rowtime_ms, columns.lineage)
            rows = sound_rows(len(columns), failed)
            return whole.take(rows) if len(rows) else None
        return Columns(vectors, columns.rowtime_ms, columns.lineage)

    @property
    def groups(self) -> int:
        """See Operator."""
        return sum(store.groups for store in self._stores)

    @property
    def state_bytes(self) -> int:
        """See Operator."""
        return sum(store.state_bytes for store in self._stores)

    @property
    def holds(self) -> str:
        """See Operator."""
        return "; ".join(store.holds for store in self._stores)

    @property
    def shape(self) -> str:
        """See Operator."""
        return "; ".join(call_text(call) for call in self._node.calls)

    def dump(self) -> Any:
        """See Operator."""
        return msgspec.msgpack.encode([store.dump() for store in self._stores])

    def load(self, state: Any) -> None:
        """See Operator."""
        for store, given in zip(self._stores, msgspec.msgpack.decode(state), strict=True):
            store.load(given)


def arguments_of(call: Analytic) -> tuple[Expression, ...]:
    """What a call is computed of at each row."""
    return tuple(e for e in (call.argument, call.default) if e is not None)
