"""Expressions over one group's row: the select list and HAVING of a query with GROUP BY.

What stands there is made of the keys, of aggregates, and of ROWTIME, which is the window's end
(REF:sql-reference-rowtime).
"""

from dataclasses import replace
from typing import cast

from sqlglot import exp

from analytics_sql.binding.aggregate import AGGREGATES, AnalyticFunction
from analytics_sql.binding.analytic import Analytics, CallOver, bind_call, readable
from analytics_sql.binding.grouping import Grouping
from analytics_sql.binding.names import fold, written
from analytics_sql.binding.row_expression import RowBinder
from analytics_sql.binding.scope import Scope
from analytics_sql.binding.time_key import is_time_key, time_key, windows_of
from analytics_sql.binding.time_windows import TimeKey
from analytics_sql.expression import ColumnRef, Expression, InputRowTime, RowTime
from analytics_sql.plan import Aggregate, AggregateName
from analytics_sql.syntax.nodes import Over, RoundToUnit, Step, span_of
from analytics_sql.syntax.source_text import Faults, SourceText
from analytics_sql.types import TIMESTAMP


class GroupBinder(RowBinder):
    """Binds what stands over groups; the aggregates it meets are kept in `aggregates`, each once.

    `analytics` takes the calls with OVER; without it there cannot be any. `is_distinct`: the keys
    are those of SELECT DISTINCT, among them all columns of a `*`.
    """

    def __init__(
        self, scope: Scope, faults: Faults, grouping: Grouping, *, is_distinct: bool = False
    ) -> None:
        super().__init__(scope, faults, RowTime())
        self.is_distinct = is_distinct
        self.analytics: Analytics | None = None
        self._grouping = grouping
        self._window_start_name = grouping.window_start
        self._rows = RowBinder(scope, faults)
        self._silent = RowBinder(scope, Faults(SourceText("")))
        self._names = {self._window_start_name, *(key.name for key in grouping.keys)}
        self._keys: dict[Expression, ColumnRef] = {
            key.expression: ColumnRef(key.name, key.expression.type) for key in grouping.keys
        }
        if grouping.monotonic is not None:
            start = ColumnRef(self._window_start_name, grouping.monotonic.type)
            self._keys[grouping.monotonic] = start
        self._has_computed_keys = any(not isinstance(key, ColumnRef) for key in self._keys)
        self._aggregates: dict[Aggregate, Aggregate] = {}

    @property
    def aggregates(self) -> tuple[Aggregate, ...]:
        """In the order of their first use."""
        return tuple(self._aggregates.values())

    def column(self, column: exp.Column) -> Expression | None:
        """A key, or ROWTIME without a qualifier; all else differs between the rows of a group."""
        grouping = self._grouping
        if self.scope.is_row_time(column) and grouping.time and grouping.time.is_row_time:
            return ColumnRef(self._window_start_name, TIMESTAMP)
        bound = super().column(column)
        if bound is None or isinstance(bound, RowTime):
            return bound
        if bound in self._keys:
            return self._keys[bound]
        if not self._grouping.is_complete:
            return None
        if isinstance(bound, InputRowTime):
            if self.is_distinct:
                return RowTime()
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

    def windows_of(self, node: exp.Expr) -> TimeKey | None:
        """The windows on the ROWTIME of the group's row, which is the end of its window, in each of
        which a key has one value. None: there are none.
        """
        grouped, windows = self._grouping.time, windows_of(node, self.scope)
        if grouped is None or windows is None or not windows.contains(grouped):
            return None
        return windows if grouped.is_row_time else windows.after(grouped.size_ms)

    def function(self, call: exp.Anonymous) -> Expression | None:
        """The column of the group's row that holds an aggregate."""
        function = AGGREGATES.get(call.name.upper())
        if function is None:
            return super().function(call)
        return self._kept(function, bind_call(function, call, self._rows))

    def _bind_node(self, node: exp.Expr) -> Expression | None:
        if isinstance(node, Over):
            return self._over(node)
        is_window = not self._grouping.stagger_ms and isinstance(node, Step | RoundToUnit)
        if is_window and is_time_key(node, self.scope):
            return self._window_start(node)
        if self._can_be_key(node):
            # Silently: if it is no key it may still be made of keys.
            bound = self._silent.bind(node)
            if bound is not None and bound in self._keys:
                return self._keys[bound]
        return super()._bind_node(node)

    def _can_be_key(self, node: exp.Expr) -> bool:
        is_leaf = isinstance(node, exp.Column | exp.Literal | exp.Null | exp.Boolean)
        return not is_leaf and self._has_computed_keys

    def _over(self, node: Over) -> Expression | None:
        call = node.this
        if node.args.get("window") is None:
            function = AGGREGATES.get(call.name.upper())
            if function is not None and function.takes_nulls:
                bound = bind_call(function, call, self._rows)
                return self._kept(function, bound, ignore_nulls=node.args["nulls"] == "IGNORE")
        elif self.analytics is not None:
            analytics, self.analytics = self.analytics, None
            try:
                # What it is computed from has no OVER itself.
                return analytics.bind(node, self)
            finally:
                self.analytics = analytics
        return super()._bind_node(node)

    def _window_start(self, node: exp.Expr) -> Expression | None:
        key, grouped = time_key(node, self.scope, self.faults), self._grouping.time
        if key is None or grouped is None:
            return None
        if not key.contains(grouped):
            self.faults.add(
                span_of(node),
                f"these windows have {key.size_ms} ms, those of GROUP BY {grouped.size_ms} ms",
                "write the time key as in GROUP BY",
            )
            return None
        start = ColumnRef(self._window_start_name, TIMESTAMP)
        is_start = isinstance(node.this.unnest(), exp.Column) and key == grouped
        if is_start and (isinstance(node, Step) or node.args["function"] == "FLOOR"):
            return start
        return _StartBinder(self.scope, self.faults, start).bind(node)

    def _kept(
        self, function: AnalyticFunction, bound: CallOver | None, *, ignore_nulls: bool = False
    ) -> ColumnRef | None:
        if bound is None:
            return None
        aggregate = Aggregate(
            function=cast("AggregateName", function.name),
            argument=bound.argument,
            type=bound.type,
            name="",
            parameter_ms=bound.parameter_ms,
            ignore_nulls=ignore_nulls,
        )
        known = self._aggregates.get(aggregate)
        if known is None:
            name = readable(function.name, bound.argument, len(self._aggregates) + 1)
            while name in self._names:
                name += "'"
            self._names.add(name)
            known = self._aggregates[aggregate] = replace(aggregate, name=name)
        return ColumnRef(known.name, known.type)


class _StartBinder(RowBinder):
    """Binds a time key over a group's row, where the start of the window stands for ROWTIME: both
    are in the same window, so the key has one value for them.
    """

    def __init__(self, scope: Scope, faults: Faults, start: ColumnRef) -> None:
        super().__init__(scope, faults)
        self._start = start

    def column(self, column: exp.Column) -> Expression | None:
        bound = super().column(column)
        return self._start if self.scope.is_row_time(column) else bound
