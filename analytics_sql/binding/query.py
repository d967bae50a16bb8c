"""A query: SELECT ... FROM one stream, with WHERE, GROUP BY, HAVING and OVER, to a chain of plan
nodes.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from analytics_sql.binding.aggregate import AGGREGATES
from analytics_sql.binding.analytic import Analytics
from analytics_sql.binding.distinct import bind_distinct_keys, is_redundant
from analytics_sql.binding.group_expression import GroupBinder
from analytics_sql.binding.grouping import (
    ADD_TIME_KEY,
    NO_GROUPING,
    Grouping,
    bind_grouping,
    claim_monotonic,
)
from analytics_sql.binding.names import fold, fold_new
from analytics_sql.binding.row_expression import RowBinder
from analytics_sql.binding.scope import Relation, Scope
from analytics_sql.binding.select_list import Item, SelectBinder, bind_items
from analytics_sql.expression import ColumnRef, Expression, Logical, columns_of
from analytics_sql.plan import Filter, Node, Scan, Tumble
from analytics_sql.syntax.nodes import Over, span_of
from analytics_sql.syntax.refusals import is_never_had
from analytics_sql.syntax.source_text import Faults
from analytics_sql.types import TIMESTAMP

FindRelation = Callable[[exp.Identifier], Relation | None]
"""Gives the stream of a name; None, with the fault noted, if there is none to read."""

_CHAIN = "give that query a pump and a stream of its own, and read the stream"
_UNSUPPORTED_CLAUSES = {
    "with_": ("WITH is not supported", _CHAIN),
    "joins": ("joins are not supported yet", None),
    "order": ("ORDER BY is not supported yet", None),
    "distribute": (
        "WINDOWED BY STAGGER is not supported yet",
        "GROUP BY with a time key has windows too, which begin by the clock, not with a key's row",
    ),
    "limit": ("the service has no LIMIT", "a stream has no end to count from"),
    "offset": ("the service has no OFFSET", "a stream has no end to count from"),
}
_SUPPORTED_CLAUSES = (*("expressions", "distinct", "from_", "where", "group", "having", "windows"),)


@dataclass(frozen=True, slots=True)
class BoundQuery:
    """A select list over the plan of all the rest; `input` is None after a fault in that."""

    items: tuple[Item, ...]
    input: Node | None
    rowtime: Expression | None = None
    """The time of the rows, where it is not that of the input's."""


def bind_query(query: exp.Expr, find: FindRelation, faults: Faults) -> BoundQuery | None:
    """Binds a query; None after a fault that hides what its columns are."""
    if not isinstance(query, exp.Select):
        message, remedy = "a pump takes a SELECT STREAM ...", None
        if isinstance(query, exp.SetOperation):
            message = f"{type(query).__name__.upper()} is not supported yet"
            remedy = "for UNION ALL, let two pumps insert into one stream"
        faults.add(span_of(query), message, remedy)
        return None
    is_sound = _check_clauses(query, faults)
    scope = _scope(query, find, faults)
    if scope is None or query.args.get("joins"):
        return None
    claim_monotonic(query)
    rows = RowBinder(scope, faults)
    where, predicate = query.args.get("where"), None
    if where is not None:
        predicate = rows.condition(where.this)
        is_sound &= predicate is not None
    bound = _QueryBinder(query, rows, predicate).bind()
    return bound if is_sound else BoundQuery(bound.items, None)


class _QueryBinder:
    """Binds what stands around WHERE, whose predicate it is given."""

    def __init__(self, query: exp.Select, rows: RowBinder, predicate: Expression | None) -> None:
        self._query = query
        self._rows = rows
        self._faults = rows.faults
        self._predicate = predicate
        windows = query.args.get("windows")
        relation = rows.scope.relation
        taken = [column.name for column in (*relation.columns, *relation.hidden)]
        self._analytics = Analytics(windows.expressions if windows else (), taken, self._faults)

    def bind(self) -> BoundQuery:
        """The select list over a Scan, a Filter, a Tumble, a Filter and a Slide, as needed."""
        group = self._query.args.get("group")
        if group is not None:
            return self._grouped(bind_grouping(group, self._rows))
        first = next(_aggregates(self._query), None)
        if first is not None:
            message = f"{first.name.upper()} needs GROUP BY with a time key: a stream has no end"
            # Beside WINDOWED BY, which has been refused, it has its groups.
            if not self._query.args.get("distribute"):
                self._faults.add(span_of(first), message, ADD_TIME_KEY)
            return self._grouped(NO_GROUPING)
        if self._query.args.get("distinct"):
            return self._distinct()
        return self._plain()

    def _plain(self) -> BoundQuery:
        having = self._query.args.get("having")
        is_sound = True
        if having is not None:
            # Without groups it is one more condition on the rows.
            condition = self._rows.condition(having.this)
            is_sound = condition is not None
            if condition is not None and self._predicate is not None:
                condition = Logical("AND", self._predicate, condition)
            self._predicate = condition
        items = bind_items(
            self._query, SelectBinder(self._rows.scope, self._faults, self._analytics)
        )
        below = self._read([*(item.expression for item in items), *self._analytics.arguments])
        return BoundQuery(items, self._analytics.over(below) if is_sound else None)

    def _distinct(self) -> BoundQuery:
        for over in self._query.find_all(Over):
            self._faults.add(
                span_of(over), "SELECT DISTINCT and OVER cannot stand in one query", _CHAIN
            )
            return BoundQuery(self._plain().items, None)
        grouping = bind_distinct_keys(self._query, self._rows)
        return self._grouped(grouping, is_distinct=True)

    def _grouped(self, grouping: Grouping, *, is_distinct: bool = False) -> BoundQuery:
        binder = GroupBinder(self._rows.scope, self._faults, grouping, is_distinct=is_distinct)
        having = self._query.args.get("having")
        condition = None if having is None else binder.condition(having.this)
        binder.analytics = self._analytics
        items = bind_items(self._query, binder)
        distinct = self._query.args.get("distinct")
        if distinct and not is_distinct and not is_redundant(items, grouping):
            self._faults.add(
                span_of(distinct),
                "SELECT DISTINCT leaves out a key of GROUP BY, which is not supported",
                _CHAIN,
            )
            return BoundQuery(items, None)
        if not grouping.is_complete or (having is not None and condition is None):
            return BoundQuery(items, None)
        read = [
            grouping.monotonic,
            *(key.expression for key in grouping.keys),
            *(aggregate.argument for aggregate in binder.aggregates),
        ]
        time = grouping.time
        node: Node = Tumble(
            input=self._read(read),
            size_ms=0 if time is None else time.size_ms,
            keys=grouping.keys,
            aggregates=binder.aggregates,
            window_start=grouping.window_start,
            offset_ms=0 if time is None else time.offset_ms,
            time=grouping.monotonic,
        )
        if condition is not None:
            node = Filter(node, condition)
        # Rows grouped by ROWTIME itself keep it: their window is that millisecond.
        is_row_time = time is not None and time.is_row_time
        rowtime = ColumnRef(grouping.window_start, TIMESTAMP) if is_row_time else None
        return BoundQuery(items, self._analytics.over(node), rowtime)

    def _read(self, read: Iterable[Expression | None]) -> Node:
        """Scan and Filter, with only those columns that something reads."""
        used: set[str] = set()
        for expression in (self._predicate, *read):
            if expression is not None:
                used |= columns_of(expression)
        relation = self._rows.scope.relation
        every = (*relation.columns, *relation.hidden)
        scan = Scan(relation.name, tuple(column for column in every if column.name in used))
        return scan if self._predicate is None else Filter(scan, self._predicate)


def _scope(query: exp.Select, find: FindRelation, faults: Faults) -> Scope | None:
    clause = query.args.get("from_")
    if clause is None:
        faults.add(span_of(query.expressions[0]), "this query has no FROM", "add FROM and a stream")
        return None
    stream = clause.this
    if isinstance(stream, exp.Subquery):
        faults.add(span_of(stream), "a query in FROM is not supported yet", _CHAIN)
    elif not isinstance(stream, exp.Table):
        if not is_never_had(stream):
            _refuse_table_function(stream, faults)
    else:
        relation = find(stream.this)
        alias = stream.args.get("alias")
        if relation is not None:
            name = relation.name if alias is None else fold_new(alias.this, faults)
            items = [
                item.args["alias"] for item in query.expressions if isinstance(item, exp.Alias)
            ]
            return Scope(relation, name, frozenset(map(fold, items)))
    return None


def _refuse_table_function(call: exp.Expr, faults: Faults) -> None:
    names = [part.name for part in call.expressions if isinstance(part, exp.Var)]
    if not names:
        faults.add(span_of(call), "table functions are not supported yet")
    elif not is_never_had(exp.Anonymous(this=names[0])):
        faults.add(span_of(call), f"the table function {names[0]} is not supported yet")


def _check_clauses(query: exp.Select, faults: Faults) -> bool:
    unsupported = [
        (key, clause)
        for key, clause in query.args.items()
        if clause and key not in _SUPPORTED_CLAUSES
    ]
    for key, clause in unsupported:
        message, remedy = _UNSUPPORTED_CLAUSES.get(key, ("this query is not supported", None))
        first = clause[0] if isinstance(clause, list) else clause
        faults.add(span_of(first if isinstance(first, exp.Expr) else query), message, remedy)
    return not unsupported


def _aggregates(query: exp.Select) -> Iterator[exp.Anonymous]:
    """The aggregates of a select list and of HAVING that are not computed OVER a window."""
    having = query.args.get("having")
    for item in (*query.expressions, *((having,) if having else ())):
        for node in item.walk(prune=_is_another_window):
            if isinstance(node, exp.Anonymous) and node.name.upper() in AGGREGATES:
                yield node


def _is_another_window(node: exp.Expr) -> bool:
    return isinstance(node, exp.Subquery) or (
        isinstance(node, Over) and node.args.get("window") is not None
    )
