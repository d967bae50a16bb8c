"""Expressions over one group's row: the select list of a query with GROUP BY.

What stands there is made of the keys, of aggregates, and of ROWTIME, which is the window's end
(REF:sql-reference-rowtime).
"""

from sqlglot import exp

from analytics_sql.binding.function import AGGREGATES, AggregateFunction
from analytics_sql.binding.grouping import Grouping
from analytics_sql.binding.names import fold, written
from analytics_sql.binding.row_expression import RowBinder
from analytics_sql.binding.scope import Scope
from analytics_sql.binding.time_key import is_time_key, time_key
from analytics_sql.expression import ColumnRef, Expression, InputRowTime, RowTime
from analytics_sql.plan import Aggregate
from analytics_sql.syntax.nodes import span_of
from analytics_sql.syntax.source_text import Faults
from analytics_sql.types import BIGINT, TIMESTAMP, SqlType


class GroupBinder(RowBinder):
    """Binds a grouped select list; the aggregates it meets are kept in `aggregates`, each once."""

    def __init__(self, scope: Scope, faults: Faults, grouping: Grouping) -> None:
        super().__init__(scope, faults, RowTime())
        self._grouping = grouping
        self._rows = RowBinder(scope, faults)
        self._names = {grouping.window_start, *(key.name for key in grouping.keys)}
        self._aggregates: dict[tuple[str, Expression | None], Aggregate] = {}

    @property
    def aggregates(self) -> tuple[Aggregate, ...]:
        """In the order of their first use."""
        return tuple(self._aggregates.values())

    def column(self, column: exp.Column) -> Expression | None:
        """A key, or ROWTIME without a qualifier; all else differs between the rows of a group."""
        bound = super().column(column)
        if bound is None or isinstance(bound, RowTime):
            return bound
        for key in self._grouping.keys:
            if key.expression == bound:
                return ColumnRef(key.name, bound.type)
        if not self._grouping.is_complete:
            return None
        if isinstance(bound, InputRowTime):
            self.faults.add(
                span_of(column),
                "this is the ROWTIME of single rows, of which a group has many",
                "write ROWTIME for the window's end, MIN(...) of it for its first row",
            )
        else:
            self.faults.add(
                span_of(column),
                f"{written(fold(column.this))} is not in GROUP BY",
                "add it to GROUP BY, or take its MIN, MAX, SUM, AVG or COUNT",
            )
        return None

    def function(self, call: exp.Anonymous) -> Expression | None:
        """The column of the group's row that holds an aggregate."""
        function = AGGREGATES.get(call.name.upper())
        return super().function(call) if function is None else self._aggregate(function, call)

    def _bind_node(self, node: exp.Expr) -> Expression | None:
        return self._window_start(node) if is_time_key(node) else super()._bind_node(node)

    def _window_start(self, node: exp.Expr) -> Expression | None:
        key, grouped = time_key(node, self.scope, self.faults), self._grouping.time
        if key is None or grouped is None:
            return None
        if not key.is_timestamp:
            self.faults.add(
                span_of(node),
                "this is an interval since 1970, which no column can hold",
                "write STEP(s.ROWTIME BY INTERVAL '60' SECOND) for the start of the window",
            )
            return None
        if key.size_ms != grouped.size_ms:
            self.faults.add(
                span_of(node),
                f"these windows have {key.size_ms} ms, those of GROUP BY {grouped.size_ms} ms",
                "write the time key as in GROUP BY",
            )
            return None
        return ColumnRef(self._grouping.window_start, TIMESTAMP)

    def _aggregate(self, function: AggregateFunction, call: exp.Anonymous) -> Expression | None:
        operand = call.expressions[0] if len(call.expressions) == 1 else None
        if operand is None:
            self.faults.add(span_of(call), f"{function.name} takes one argument")
            return None
        if isinstance(operand, exp.Distinct):
            self.faults.add(
                span_of(operand),
                f"the service has no {function.name}(DISTINCT ...)",
                "group by that column in one pump, and what comes out of it in a second",
            )
            return None
        if isinstance(operand, exp.Star) and function.name == "COUNT":
            return self._kept(function, None, BIGINT)
        argument = self._rows.bind(operand)
        if argument is None:
            return None
        type_ = function.result(argument.type)
        if type_ is None:
            message = f"{function.name} takes {function.takes}, this is {argument.type}"
            self.faults.add(span_of(operand), message)
            return None
        return self._kept(function, argument, type_)

    def _kept(
        self, function: AggregateFunction, argument: Expression | None, type_: SqlType
    ) -> ColumnRef:
        aggregate = self._aggregates.get((function.name, argument))
        if aggregate is None:
            name = _readable(function.name, argument, len(self._aggregates) + 1)
            while name in self._names:
                name += "'"
            self._names.add(name)
            aggregate = Aggregate(function.name, argument, type_, name)
            self._aggregates[function.name, argument] = aggregate
        return ColumnRef(aggregate.name, aggregate.type)


def _readable(function: str, argument: Expression | None, number: int) -> str:
    """SUM(Distance), COUNT(*); with a longer argument only which aggregate it is: SUM(#2)."""
    match argument:
        case None:
            return f"{function}(*)"
        case ColumnRef(name=name):
            return f"{function}({name})"
        case InputRowTime():
            return f"{function}(ROWTIME)"
    return f"{function}(#{number})"
