"""SELECT DISTINCT: the same as GROUP BY all the items of the select list.

One of them has to be a time key, as in GROUP BY. An item that is ROWTIME itself does not count for
what is distinct; alone it makes windows of one millisecond, so that rows of one time are compared
(REF:sql-reference-select-all-distinct).
"""

from sqlglot import exp

from analytics_sql.binding.grouping import Grouping, bind_keys
from analytics_sql.binding.names import fold
from analytics_sql.binding.row_expression import RowBinder
from analytics_sql.binding.scope import ROWTIME, Scope
from analytics_sql.binding.select_list import Item, is_star
from analytics_sql.binding.time_key import is_time_key
from analytics_sql.expression import ColumnRef
from analytics_sql.syntax.nodes import place, span_of


def bind_distinct_keys(query: exp.Select, rows: RowBinder) -> Grouping:
    """The items of a select list as the keys of a grouping."""
    values = [
        value
        for item in query.expressions
        for value in _values(item.this if isinstance(item, exp.Alias) else item, rows.scope)
    ]
    others = [value for value in values if not _is_row_time(value, rows.scope)]
    row_times = [value for value in values if _is_row_time(value, rows.scope)]
    if not any(is_time_key(value, rows.scope) for value in others):
        others += row_times[:1]
    return bind_keys(others, rows, blamed=query.args["distinct"], clause="SELECT DISTINCT")


def is_redundant(items: tuple[Item, ...], grouping: Grouping) -> bool:
    """Whether a DISTINCT over groups changes nothing: every key is an item, so no two groups of a
    window give the same row.
    """
    selected = {item.expression.name for item in items if isinstance(item.expression, ColumnRef)}
    return all(key.name in selected for key in grouping.keys)


def _values(item: exp.Expr, scope: Scope) -> list[exp.Expr]:
    if not is_star(item):
        return [item]
    qualifier = item.args.get("table")
    columns = [
        exp.Column(this=exp.Identifier(this=column.name, quoted=True))
        for column in scope.columns_under(qualifier)
    ]
    for column in columns:
        place(column, span_of(item))
        place(column.this, span_of(item))
    return list(columns)


def _is_row_time(value: exp.Expr, scope: Scope) -> bool:
    if not isinstance(value, exp.Column) or not isinstance(value.this, exp.Identifier):
        return False
    return fold(value.this) == ROWTIME and scope.is_row_time(value)
