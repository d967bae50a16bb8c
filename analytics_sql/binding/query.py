"""A query: SELECT ... FROM ..., with WHERE, GROUP BY, HAVING, OVER, ORDER BY and UNION ALL, to plan
nodes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlglot import exp

from analytics_sql.binding.aggregate import AGGREGATES
from analytics_sql.binding.analytic import Analytics
from analytics_sql.binding.bound_query import BoundQuery, row_time
from analytics_sql.binding.distinct import bind_distinct_keys, is_redundant
from analytics_sql.binding.from_clause import From, bind_from
from analytics_sql.binding.from_item import FindRelation, Reader, Subquery
from analytics_sql.binding.group_expression import GroupBinder
from analytics_sql.binding.grouping import (
    ADD_TIME_KEY,
    NO_GROUPING,
    Grouping,
    bind_grouping,
    claim_monotonic,
)
from analytics_sql.binding.named_windows import NamedWindows
from analytics_sql.binding.ordering import Ordering, bind_ordering, sorted_node
from analytics_sql.binding.row_expression import RowBinder
from analytics_sql.binding.select_list import Item, SelectBinder, bind_items, has_types
from analytics_sql.binding.stagger import bind_stagger
from analytics_sql.binding.table_function import bind_table_call
from analytics_sql.binding.union import branches_of, united
from analytics_sql.expression import ColumnRef, Expression, Logical, RowTime, columns_of
from analytics_sql.plan import Filter, Node, Output, Project, Tumble
from analytics_sql.syntax.nodes import Over, TableCall, span_of
from analytics_sql.syntax.refusals import is_never_had
from analytics_sql.syntax.source_text import Faults
from analytics_sql.types import TIMESTAMP

_CHAIN = "give that query a pump and a stream of its own, and read the stream"
_UNSUPPORTED_CLAUSES = {
    "with_": ("WITH is not supported", _CHAIN),
    "limit": ("the service has no LIMIT", "a stream has no end to count from"),
    "offset": ("the service has no OFFSET", "a stream has no end to count from"),
}
_SUPPORTED_CLAUSES = (
    *("expressions", "distinct", "from_", "joins", "where", "group", "distribute", "having"),
    *("windows", "order"),
)


def bind_query(query: exp.Expr, find: FindRelation, faults: Faults) -> BoundQuery | None:
    """Binds a query; None after a fault that hides what its columns are."""
    if isinstance(query, exp.SetOperation):
        return _bind_union(query, find, faults)
    if not isinstance(query, exp.Select):
        faults.add(span_of(query), "a pump takes a SELECT STREAM ...")
        return None
    is_sound = _check_clauses(query, faults)
    clause = query.args.get("windows")
    windows = NamedWindows(clause.expressions if clause else (), faults)
    source = _source(query, find, windows, faults)
    if source is None:
        return None
    claim_monotonic(query)
    rows = RowBinder(source.scope, faults)
    where, predicate = query.args.get("where"), None
    if where is not None:
        predicate = rows.condition(where.this)
        is_sound &= predicate is not None
    bound = _QueryBinder(query, source, windows, rows, predicate).bind()
    return bound if is_sound else BoundQuery(bound.items, None)


def _bind_union(query: exp.SetOperation, find: FindRelation, faults: Faults) -> BoundQuery | None:
    places = branches_of(query, faults)
    if places is None:
        return None
    bound = [bind_query(place, find, faults) for place in places]
    sound = [_timed(branch, faults) for branch in bound if branch is not None]
    if len(sound) < len(bound):
        return None
    branches = [(branch.items, branch.input, branch.rowtime) for branch in sound]
    return BoundQuery(*united(branches, places, faults))


def _bind_subquery(query: exp.Expr, find: FindRelation, faults: Faults) -> Subquery | None:
    """A query or a table function in FROM, with its columns by the names of its items."""
    if isinstance(query, TableCall):
        return _bind_table(query, find, faults)
    bound = bind_query(query, find, faults)
    if bound is None or not has_types(query, faults):
        return None
    bound = _timed(bound, faults)
    outputs = [Output(i.expression, i.name) for i in bound.items if i.expression is not None]
    if bound.input is None or len(outputs) < len(bound.items):
        return None
    return Subquery(Project(bound.input, tuple(outputs), bound.rowtime), bound.column_times())


def _bind_table(call: TableCall, find: FindRelation, faults: Faults) -> Subquery | None:
    def cursor(query: exp.Expr) -> Node | None:
        bound = _bind_subquery(query, find, faults)
        return None if bound is None else bound.node

    node = bind_table_call(call, cursor, faults)
    return None if node is None else Subquery(node)


def _timed(bound: BoundQuery, faults: Faults) -> BoundQuery:
    """The query without its item AS ROWTIME, which becomes the time of its rows."""
    items, rowtime, is_sound = row_time(bound, None, faults)
    return BoundQuery(items, bound.input if is_sound else None, rowtime)


class _QueryBinder:
    """Binds what stands around WHERE, whose predicate it is given."""

    def __init__(
        self,
        query: exp.Select,
        source: From,
        windows: NamedWindows,
        rows: RowBinder,
        predicate: Expression | None,
    ) -> None:
        self._query = query
        self._source = source
        self._rows = rows
        self._faults = rows.faults
        self._predicate = predicate
        relation = rows.scope.relation
        taken = [column.name for column in (*relation.columns, *relation.hidden)]
        self._analytics = Analytics(windows, taken, self._faults)

    def bind(self) -> BoundQuery:
        """The select list over a Scan, a Filter, a Tumble, a Filter and a Slide, as needed."""
        group, stagger = self._query.args.get("group"), self._query.args.get("distribute")
        if group is not None and stagger is not None:
            self._faults.add(
                span_of(stagger),
                "WINDOWED BY STAGGER stands in the place of GROUP BY",
                "leave GROUP BY out, and put its keys behind PARTITION BY",
            )
            return self._grouped(NO_GROUPING)
        if group is not None:
            return self._grouped(bind_grouping(group, self._rows))
        if stagger is not None:
            return self._grouped(bind_stagger(stagger, self._rows))
        first = next(_aggregates(self._query), None)
        if first is not None:
            message = f"{first.name.upper()} needs GROUP BY with a time key: a stream has no end"
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
        binder = SelectBinder(self._rows.scope, self._faults, self._analytics)
        items = bind_items(self._query, binder)
        ordering, is_ordered = self._ordering(items, self._rows, None)
        read = [item.expression for item in items] + self._analytics.arguments
        below = self._read([*read, *([] if ordering is None else ordering.expressions)])
        node = self._analytics.over(below) if is_sound and is_ordered else None
        return _in_order(BoundQuery(items, node), ordering)

    def _ordering(
        self, items: tuple[Item, ...], binder: RowBinder, grouping: Grouping | None
    ) -> tuple[Ordering | None, bool]:
        """ORDER BY, if there is one, and whether there is no fault in it."""
        clause = self._query.args.get("order")
        if clause is None:
            return None, True
        ordering = bind_ordering(clause, items, self._query, binder, grouping)
        return ordering, ordering is not None

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
        ordering, is_ordered = self._ordering(items, binder, grouping)
        distinct = self._query.args.get("distinct")
        if distinct and not is_distinct and not is_redundant(items, grouping):
            self._faults.add(
                span_of(distinct),
                "SELECT DISTINCT leaves out a key of GROUP BY, which is not supported",
                _CHAIN,
            )
            return BoundQuery(items, None)
        if not (grouping.is_complete and is_ordered) or (having is not None and condition is None):
            return BoundQuery(items, None)
        read = [
            grouping.monotonic,
            *(key.expression for key in grouping.keys),
            *(aggregate.argument for aggregate in binder.aggregates),
        ]
        time = grouping.time
        node: Node = Tumble(
            input=self._read(read),
            size_ms=grouping.stagger_ms if time is None else time.size_ms,
            keys=grouping.keys,
            aggregates=binder.aggregates,
            window_start=grouping.window_start,
            offset_ms=0 if time is None else time.offset_ms,
            time=grouping.monotonic,
            stagger=bool(grouping.stagger_ms),
        )
        if condition is not None:
            node = Filter(node, condition)
        # Rows grouped by ROWTIME itself keep it: their window is that millisecond.
        is_row_time = time is not None and time.is_row_time
        rowtime = ColumnRef(grouping.window_start, TIMESTAMP) if is_row_time else None
        return _in_order(BoundQuery(items, self._analytics.over(node), rowtime), ordering)

    def _read(self, read: Iterable[Expression | None]) -> Node:
        """What FROM and WHERE say, with only those columns that something reads."""
        used: set[str] = set()
        for expression in (self._predicate, *read):
            if expression is not None:
                used |= columns_of(expression)
        node, predicate = self._source.plan(used, self._predicate)
        return node if predicate is None else Filter(node, predicate)


def _in_order(bound: BoundQuery, ordering: Ordering | None) -> BoundQuery:
    if ordering is None or bound.input is None:
        return bound
    node, items = sorted_node(ordering, bound.input, bound.items)
    if ordering.key is None:
        # The rows have that time already.
        items = [
            replace(item, expression=RowTime()) if item.is_row_time else item for item in items
        ]
    # Sorted rows have a ROWTIME of their own.
    items = [replace(item, windows=None) for item in items]
    return BoundQuery(tuple(items), node, bound.rowtime)


def _source(
    query: exp.Select, find: FindRelation, windows: NamedWindows, faults: Faults
) -> From | None:
    clause = query.args.get("from_")
    if clause is None:
        faults.add(span_of(query.expressions[0]), "this query has no FROM", "add FROM and a stream")
        return None
    tables = [clause.this, *(join.this for join in query.args.get("joins") or ())]
    others = [node for node in tables if not isinstance(node, exp.Table | exp.Subquery)]
    for node in others:
        if not is_never_had(node):
            _refuse_function(node, faults)
    if others:
        return None
    reader = Reader(find, lambda inner: _bind_subquery(inner, find, faults), windows, faults)
    return bind_from(query, reader)


def _refuse_function(call: exp.Expr, faults: Faults) -> None:
    faults.add(
        span_of(call),
        "a function in FROM stands inside TABLE( )",
        "write FROM TABLE(FUNCTION(CURSOR(SELECT STREAM ... FROM ...), ...))",
    )


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
