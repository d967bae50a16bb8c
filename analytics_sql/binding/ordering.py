"""ORDER BY of a stream: sorted within time buckets, or by a time WITHIN an interval.

Sources: REF:sql-reference-order-by-clause; REF:sqlrf_T-sorting_Stream_Input.
"""

from dataclasses import dataclass, replace

from sqlglot import exp

from analytics_sql.binding.grouping import Grouping
from analytics_sql.binding.literals import NotALiteral, interval_ms
from analytics_sql.binding.names import fold
from analytics_sql.binding.row_expression import RowBinder
from analytics_sql.binding.scope import ROWTIME
from analytics_sql.binding.select_list import Item, is_star
from analytics_sql.binding.time_key import SIZE_MS_MAX, is_time_key, time_key, windows_of
from analytics_sql.binding.time_windows import TimeKey
from analytics_sql.combination import Order, Sort, TimeSort
from analytics_sql.expression import (
    ColumnRef,
    Expression,
    InputRowTime,
    replaced,
)
from analytics_sql.plan import Node, Output, Project
from analytics_sql.syntax.nodes import IntervalLiteral, span_of
from analytics_sql.syntax.source_text import Faults
from analytics_sql.types import TIMESTAMP

_ADD = "begin with FLOOR(s.ROWTIME TO SECOND), or another time key"
_WITHIN = "write SELECT STREAM t AS ROWTIME, ... ORDER BY t WITHIN INTERVAL '5' SECOND"


@dataclass(frozen=True, slots=True)
class Ordering:
    """An ORDER BY clause after binding: by a time bucket, or by a time within a slack."""

    orders: tuple[Order, ...]
    time: Expression
    key: TimeKey | None
    """The buckets; None: there is a slack."""
    slack_ms: int = 0

    @property
    def expressions(self) -> list[Expression]:
        """All that it reads."""
        return [self.time, *(order.expression for order in self.orders)]


def bind_ordering(
    clause: exp.Expr,
    items: tuple[Item, ...],
    query: exp.Select,
    binder: RowBinder,
    grouping: Grouping | None,
) -> Ordering | None:
    """Binds ORDER BY over the rows that `binder` knows; None after a fault.

    A name that is no column stands for the item of the select list that is called so, a number for
    the item at that place.
    """
    faults = binder.faults
    first, *others = clause.expressions
    value = _meant(first.this, query, binder)
    if first.args.get("within") is not None:
        return _within(first, others, value, items, binder, grouping)
    key = windows_of(value, binder.scope)
    if key is None and not is_time_key(value, binder.scope):
        faults.add(
            span_of(first),
            "ORDER BY of a stream begins with a time: its rows are sorted when that changes",
            _ADD,
        )
        return None
    if first.args.get("desc"):
        faults.add(span_of(first), "a stream cannot run backwards in time", "leave DESC out")
        return None
    if any(item.is_row_time for item in items):
        faults.add(span_of(clause), "AS ROWTIME and ORDER BY of time buckets", _WITHIN)
        return None
    if key is None:
        time_key(value, binder.scope, faults)
        return None
    time: Expression = InputRowTime()
    if grouping is not None:
        if grouping.time is None:
            if grouping.is_complete:
                faults.add(
                    span_of(first),
                    "ORDER BY goes with the windows of a time key on ROWTIME only",
                    "give this query a pump and a stream of its own, and sort in the next pump",
                )
            return None
        if not key.contains(grouping.time):
            faults.add(
                span_of(first),
                "these buckets do not hold whole windows of GROUP BY",
                "order by the time key of GROUP BY first",
            )
            return None
        time = ColumnRef(grouping.window_start, TIMESTAMP)
    orders = []
    for other in others:
        bound = binder.bind(_meant(other.this, query, binder))
        if bound is None:
            return None
        orders.append(Order(bound, bool(other.args["desc"]), bool(other.args["nulls_first"])))
    return Ordering(tuple(orders), time, key)


def sorted_node(ordering: Ordering, node: Node, items: tuple[Item, ...]) -> tuple[Node, list[Item]]:
    """The rows of a node in order, and the items over them: `s.ROWTIME` in an item is the time that
    a row had before, so it becomes a column.
    """
    own = _own_time([column.name for column in node.columns])
    times = [item.expression for item in items if item.expression is not None]
    if any(replaced(time, InputRowTime(), own) != time for time in times):
        passed = [Output(ColumnRef(c.name, c.type), c.name) for c in node.columns]
        node = Project(node, (*passed, Output(InputRowTime(), own.name)))
    if ordering.key is None:
        node = TimeSort(node, ordering.time, ordering.slack_ms)
    else:
        key = ordering.key
        node = Sort(
            node,
            ordering.time,
            key.size_ms,
            ordering.orders,
            offset_ms=key.offset_ms,
            keeps_rowtime=key.is_row_time,
        )
    over = [
        item
        if item.expression is None
        else replace(item, expression=replaced(item.expression, InputRowTime(), own))
        for item in items
    ]
    return node, over


def _own_time(taken: list[str]) -> ColumnRef:
    name = "ITS ROWTIME"
    while name in taken:
        name += "'"
    return ColumnRef(name, TIMESTAMP)


def _meant(node: exp.Expr, query: exp.Select, binder: RowBinder) -> exp.Expr:
    column = node.unnest()
    if isinstance(column, exp.Column) and not column.args.get("table"):
        identifier = column.this
        names = {c.name for c in (*binder.scope.relation.columns, *binder.scope.relation.hidden)}
        if isinstance(identifier, exp.Identifier) and fold(identifier) not in names:
            for item in query.expressions:
                if isinstance(item, exp.Alias) and fold(item.args["alias"]) == fold(identifier):
                    value: exp.Expr = item.this
                    return value
    if isinstance(column, exp.Literal) and not column.is_string:
        return _item_at(column, query, binder.faults)
    return node


def _item_at(number: exp.Literal, query: exp.Select, faults: Faults) -> exp.Expr:
    """The item that ORDER BY 2 names; the number itself after a fault."""
    items = query.expressions
    is_counted = not any(is_star(item) for item in items)
    if is_counted and number.this.isdecimal() and 1 <= int(number.this) <= len(items):
        item: exp.Expr = items[int(number.this) - 1].unalias()
        return item
    message = f"there is no item {number.this} in the select list"
    if not is_counted:
        message = "the items of * are not counted"
    faults.add(span_of(number), message, "write the column's name")
    return number


def _within(
    first: exp.Expr,
    others: list[exp.Expr],
    value: exp.Expr,
    items: tuple[Item, ...],
    binder: RowBinder,
    grouping: Grouping | None,
) -> Ordering | None:
    faults = binder.faults
    slack_ms = _slack_ms(first.args["within"], faults)
    if others or grouping is not None or first.args.get("desc"):
        faults.add(
            span_of(others[0] if others else first),
            "ORDER BY ... WITHIN takes one time, ascending, of a query without GROUP BY",
            _WITHIN,
        )
        return None
    time = binder.bind(value)
    if time is None or slack_ms is None:
        return None
    timed = [item.expression for item in items if item.is_row_time]
    if not timed or (timed[0] is not None and timed[0] != time):
        faults.add(
            span_of(first),
            f"what ORDER BY ... WITHIN sorts by has to be the item AS {ROWTIME}",
            _WITHIN,
        )
        return None
    if timed[0] is None:
        return None
    return Ordering((), time, None, slack_ms)


def _slack_ms(interval: exp.Expr, faults: Faults) -> int | None:
    try:
        length = interval_ms(interval) if isinstance(interval, IntervalLiteral) else None
    except NotALiteral as error:
        faults.add(span_of(interval), str(error), _WITHIN)
        return None
    if length is None or length.denominator != 1 or not 0 <= length <= SIZE_MS_MAX:
        message = "WITHIN takes an interval of whole milliseconds, up to a year"
        faults.add(span_of(interval), message, _WITHIN)
        return None
    return int(length)
