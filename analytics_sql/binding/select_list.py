"""The select list of a query: one item for each column that comes out of it."""

from dataclasses import dataclass

from sqlglot import exp

from analytics_sql.binding.analytic import Analytics
from analytics_sql.binding.group_expression import GroupBinder
from analytics_sql.binding.grouping import is_monotonic
from analytics_sql.binding.log_parser import bind_record, is_log_parser
from analytics_sql.binding.names import fold, fold_new
from analytics_sql.binding.row_expression import RowBinder
from analytics_sql.binding.scope import ROWTIME, Scope
from analytics_sql.binding.time_key import windows_of
from analytics_sql.binding.time_windows import TimeKey
from analytics_sql.expression import ColumnRef, Expression, RowTime
from analytics_sql.syntax.nodes import Over, span_of
from analytics_sql.syntax.source_text import Faults, Span


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a select list; `expression` is None after a fault in it."""

    expression: Expression | None
    name: str
    span: Span
    is_row_time: bool = False
    """Whether it is written AS ROWTIME: then it overrides the time of the row."""
    windows: TimeKey | None = None
    """The windows on the row's ROWTIME in each of which it has one value, if there are any."""
    is_claimed: bool = False
    """Whether MONOTONIC( ) stands in it."""


class SelectBinder(RowBinder):
    """Binds a select list without GROUP BY; `analytics` takes the calls with OVER."""

    def __init__(self, scope: Scope, faults: Faults, analytics: Analytics) -> None:
        super().__init__(scope, faults, RowTime())
        self._analytics = analytics
        self._rows = RowBinder(scope, faults)

    def _bind_node(self, node: exp.Expr) -> Expression | None:
        if isinstance(node, Over) and node.args.get("window") is not None:
            return self._analytics.bind(node, self._rows)
        return super()._bind_node(node)


def bind_items(query: exp.Select, binder: RowBinder) -> tuple[Item, ...]:
    """Binds a select list; `*` becomes one item for each column of the stream."""
    items: list[Item] = []
    for position, node in enumerate(query.expressions):
        if is_star(node):
            items += _all_columns(node, binder)
        else:
            value, name, is_row_time = named(node, position, binder.faults)
            if is_log_parser(value):
                items += _record(value, name, binder)
            else:
                windows, claimed = _windows(value, binder), is_monotonic(value)
                bound = binder.bind(value)
                items.append(Item(bound, name, span_of(value), is_row_time, windows, claimed))
    return tuple(items)


def _windows(value: exp.Expr, binder: RowBinder) -> TimeKey | None:
    if isinstance(binder, GroupBinder):
        return binder.windows_of(value)
    return windows_of(value, binder.scope)


def _record(call: exp.Expr, name: str, binder: RowBinder) -> list[Item]:
    """The columns of a log parser's record."""
    fields = bind_record(call, binder)
    if fields is None:
        return [Item(None, name, span_of(call))]
    return [Item(field, f"{name}.{column}", span_of(call)) for column, field in fields]


def named(node: exp.Expr, position: int, faults: Faults) -> tuple[exp.Expr, str, bool]:
    """An item's value, the name that it goes by, and whether it is written AS ROWTIME."""
    if isinstance(node, exp.Alias):
        name = fold_new(node.args["alias"], faults)
        return node.this, name, name == ROWTIME
    if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
        return node, fold(node.this), False
    return node, f"EXPR${position}", False


def has_types(query: exp.Expr, faults: Faults) -> bool:
    """Whether each item of a query in FROM has a type: NULL takes that of the column that it is
    assigned to, and here it is assigned to none.
    """
    nulls = [item for item in query.expressions if isinstance(item.unalias().unnest(), exp.Null)]
    for item in nulls:
        faults.add(
            span_of(item), "NULL has no type here", "say which: CAST(NULL AS INTEGER), for example"
        )
    return not nulls


def is_star(node: exp.Expr) -> bool:
    """Whether an item is * or s.*."""
    if isinstance(node, exp.Column):
        return isinstance(node.this, exp.Star) and not node.args.get("db")
    return isinstance(node, exp.Star)


def _all_columns(star: exp.Expr, binder: RowBinder) -> list[Item]:
    """SELECT *, or s.*: every column, but not ROWTIME (REF:sql-reference-rowtime)."""
    qualifier = star.args.get("table")
    if qualifier is not None and not binder.scope.answers_to(qualifier, binder.faults):
        return [Item(None, "*", span_of(star))]
    if isinstance(binder, GroupBinder) and not binder.is_distinct:
        binder.faults.add(span_of(star), "* cannot stand in a query with GROUP BY", "list the keys")
        return [Item(None, "*", span_of(star))]
    return [
        Item(ColumnRef(column.name, column.type), column.name, span_of(star))
        for column in binder.scope.columns_under(qualifier)
    ]
