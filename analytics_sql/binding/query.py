"""A query: SELECT ... FROM one stream, with WHERE and GROUP BY, to a chain of plan nodes."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from analytics_sql.binding.function import AGGREGATES
from analytics_sql.binding.group_expression import GroupBinder
from analytics_sql.binding.grouping import ADD_TIME_KEY, NO_GROUPING, bind_grouping
from analytics_sql.binding.names import fold, fold_new
from analytics_sql.binding.row_expression import RowBinder
from analytics_sql.binding.scope import ROWTIME, Relation, Scope
from analytics_sql.expression import ColumnRef, Expression, RowTime, columns_of
from analytics_sql.plan import Filter, Node, Scan, Tumble
from analytics_sql.syntax.nodes import span_of
from analytics_sql.syntax.refusals import is_never_had
from analytics_sql.syntax.source_text import Faults, Span

FindRelation = Callable[[exp.Identifier], Relation | None]
"""Gives the stream of a name; None, with the fault noted, if there is none to read."""

_CHAIN = "give that query a pump and a stream of its own, and read the stream"
_UNSUPPORTED_CLAUSES = {
    "with_": ("WITH is not supported", _CHAIN),
    "distinct": ("SELECT DISTINCT is not supported yet", None),
    "joins": ("joins are not supported yet", None),
    "having": ("HAVING is not supported yet", "filter in a second pump that reads this one's"),
    "windows": ("windows with OVER are not supported yet", "use GROUP BY with a time key"),
    "order": ("ORDER BY is not supported yet", None),
    "distribute": ("WINDOWED BY STAGGER is not supported yet", "use GROUP BY with a time key"),
    "limit": ("the service has no LIMIT", "a stream has no end to count from"),
    "offset": ("the service has no OFFSET", "a stream has no end to count from"),
}
_SUPPORTED_CLAUSES = ("expressions", "from_", "where", "group")


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a select list; `expression` is None after a fault in it."""

    expression: Expression | None
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class BoundQuery:
    """A select list over the plan of all the rest; `input` is None after a fault in that."""

    items: tuple[Item, ...]
    input: Node | None


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
    rows = RowBinder(scope, faults)
    where, predicate = query.args.get("where"), None
    if where is not None:
        predicate = rows.condition(where.this)
        is_sound &= predicate is not None
    bind_rest = _bind_grouped if _is_grouped(query) else _bind_plain
    bound = bind_rest(query, rows, predicate)
    return bound if is_sound else BoundQuery(bound.items, None)


def _bind_plain(query: exp.Select, rows: RowBinder, predicate: Expression | None) -> BoundQuery:
    items = _bind_items(query, RowBinder(rows.scope, rows.faults, RowTime()))
    read = [item.expression for item in items]
    return BoundQuery(items, _read(rows.scope.relation, predicate, read))


def _bind_grouped(query: exp.Select, rows: RowBinder, predicate: Expression | None) -> BoundQuery:
    group = query.args.get("group")
    grouping = NO_GROUPING if group is None else bind_grouping(group, rows)
    if group is None:
        first = next(_aggregates(query))
        message = f"{first.name.upper()} needs GROUP BY with a time key: a stream has no end"
        rows.faults.add(span_of(first), message, ADD_TIME_KEY)
    binder = GroupBinder(rows.scope, rows.faults, grouping)
    items = _bind_items(query, binder)
    if grouping.time is None or not grouping.is_complete:
        return BoundQuery(items, None)
    read = [
        *(key.expression for key in grouping.keys),
        *(aggregate.argument for aggregate in binder.aggregates),
    ]
    window = Tumble(
        input=_read(rows.scope.relation, predicate, read),
        size_ms=grouping.time.size_ms,
        keys=grouping.keys,
        aggregates=binder.aggregates,
        window_start=grouping.window_start,
    )
    return BoundQuery(items, window)


def _read(
    relation: Relation, predicate: Expression | None, read: Iterable[Expression | None]
) -> Node:
    """Scan and Filter, with only those columns that something reads."""
    used: set[str] = set()
    for expression in (predicate, *read):
        if expression is not None:
            used |= columns_of(expression)
    columns = tuple(column for column in relation.columns if column.name in used)
    scan = Scan(relation.name, columns)
    return scan if predicate is None else Filter(scan, predicate)


def _bind_items(query: exp.Select, binder: RowBinder) -> tuple[Item, ...]:
    items: list[Item] = []
    for position, node in enumerate(query.expressions):
        if _is_star(node):
            items += _all_columns(node, binder)
        else:
            items.append(_bind_item(node, position, binder))
    return tuple(items)


def _bind_item(node: exp.Expr, position: int, binder: RowBinder) -> Item:
    alias = node.args["alias"] if isinstance(node, exp.Alias) else None
    value = node if alias is None else node.this
    expression = binder.bind(value)
    if alias is not None:
        name = fold_new(alias, binder.faults)
        if name == ROWTIME:
            binder.faults.add(
                span_of(alias),
                "AS ROWTIME is not supported yet",
                "rows keep the ROWTIME of their input, or of their window's end",
            )
    elif isinstance(value, exp.Column) and isinstance(value.this, exp.Identifier):
        name = fold(value.this)
    else:
        name = f"EXPR${position}"
    return Item(expression, name, span_of(value))


def _is_star(node: exp.Expr) -> bool:
    """Whether an item is * or s.*."""
    if isinstance(node, exp.Column):
        return isinstance(node.this, exp.Star) and not node.args.get("db")
    return isinstance(node, exp.Star)


def _all_columns(star: exp.Expr, binder: RowBinder) -> list[Item]:
    """SELECT *, or s.*: every column, but not ROWTIME (REF:sql-reference-rowtime)."""
    qualifier = star.args.get("table")
    if qualifier is not None and not binder.scope.answers_to(qualifier, binder.faults):
        return [Item(None, "*", span_of(star))]
    if isinstance(binder, GroupBinder):
        binder.faults.add(span_of(star), "* cannot stand in a query with GROUP BY", "list the keys")
        return [Item(None, "*", span_of(star))]
    return [
        Item(ColumnRef(column.name, column.type), column.name, span_of(star))
        for column in binder.scope.relation.columns
    ]


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
            faults.add(span_of(stream), "table functions are not supported yet")
    else:
        relation = find(stream.this)
        alias = stream.args.get("alias")
        if relation is not None:
            name = relation.name if alias is None else fold_new(alias.this, faults)
            return Scope(relation, name)
    return None


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


def _is_grouped(query: exp.Select) -> bool:
    return query.args.get("group") is not None or next(_aggregates(query), None) is not None


def _aggregates(query: exp.Select) -> Iterator[exp.Anonymous]:
    """The aggregates of a select list that are not computed OVER a window of their own."""
    for item in query.expressions:
        for node in item.walk(prune=lambda node: isinstance(node, exp.Window | exp.Subquery)):
            if isinstance(node, exp.Anonymous) and node.name.upper() in AGGREGATES:
                yield node
