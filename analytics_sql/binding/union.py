"""UNION ALL: the rows of several queries, column by column of one type."""

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from analytics_sql.binding.conversion import common_type, converted
from analytics_sql.binding.operation import is_null_constant
from analytics_sql.binding.select_list import Item
from analytics_sql.combination import Union
from analytics_sql.expression import ColumnRef, Expression
from analytics_sql.plan import Column, Node, Output, Project
from analytics_sql.syntax.nodes import span_of
from analytics_sql.syntax.source_text import Faults
from analytics_sql.types import SqlType


def branches_of(query: exp.SetOperation, faults: Faults) -> list[exp.Expr] | None:
    """The queries that UNION ALL joins, from left to right; None after a fault."""
    node: exp.Expr = query
    branches: list[exp.Expr] = []
    while isinstance(node, exp.SetOperation):
        if not isinstance(node, exp.Union) or node.args.get("distinct"):
            name = type(node).__name__.upper()
            faults.add(
                span_of(node),
                f"{name} of streams is not supported: it would have to know all rows",
                "write UNION ALL, and SELECT DISTINCT over its stream to leave out equal rows",
            )
            return None
        clause = node.args.get("order")
        if clause is not None:
            faults.add(
                span_of(clause),
                "ORDER BY after UNION ALL is not supported",
                "write SELECT STREAM * FROM (... UNION ALL ...) AS u ORDER BY ...",
            )
            return None
        branches.append(node.expression)
        node = node.this
    return [node, *reversed(branches)]


def united(
    branches: Sequence[tuple[Sequence[Item], Node | None, Expression | None]],
    places: Sequence[exp.Expr],
    faults: Faults,
) -> tuple[tuple[Item, ...], Node | None]:
    """The items over all rows, and the node that gives them; `branches` are the items of each
    query, the node below, and its ROWTIME.
    """
    first = branches[0][0]
    for (items, _, _), place in zip(branches, places, strict=True):
        if len(items) != len(first):
            faults.add(
                span_of(place),
                f"this query selects {len(items)} columns, the first one {len(first)}",
                "UNION ALL goes by position: select as many in each query",
            )
            return tuple(first), None
    taken: set[str] = set()
    columns: list[Column] = []
    for position, item in enumerate(first):
        type_ = _type([items[position] for items, _, _ in branches], faults)
        if type_ is None:
            return tuple(replace(item, expression=None) for item in first), None
        name = item.name
        while name in taken:
            name += "'"
        taken.add(name)
        columns.append(Column(name, type_))
    over = tuple(
        replace(item, expression=ColumnRef(column.name, column.type))
        for item, column in zip(first, columns, strict=True)
    )
    nodes: list[Node] = []
    for items, node, rowtime in branches:
        if node is None:
            return over, None
        outputs = [
            Output(converted(item.expression, column.type), column.name)
            for item, column in zip(items, columns, strict=True)
            if item.expression is not None
        ]
        nodes.append(Project(node, tuple(outputs), rowtime))
    return over, Union(tuple(nodes), tuple(columns))


def _type(items: Sequence[Item], faults: Faults) -> SqlType | None:
    values = [item.expression for item in items]
    types = [v.type for v in values if v is not None and not is_null_constant(v)]
    if None in values:
        return None
    if not types:
        return values[0].type if values[0] is not None else None
    found = common_type(types)
    if found is None:
        listed = ", ".join(map(str, types))
        faults.add(items[-1].span, f"UNION ALL of {listed}: they have no common type", "use CAST")
    return found
