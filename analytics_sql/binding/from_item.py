"""One item of FROM: a stream with its window, a query in parentheses or a reference table.

Sources: REF:sql-reference-join-clause; DG:app-add-reference-data.md.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlglot import exp

from analytics_sql.binding.frame import bind_frame
from analytics_sql.binding.log_parser import is_log_field
from analytics_sql.binding.names import fold_new, written
from analytics_sql.binding.scope import ROWTIME, Relation
from analytics_sql.expression import ColumnRef, InputRowTime
from analytics_sql.plan import Node, Output, Project, Scan
from analytics_sql.syntax.nodes import WindowSpecification, span_of
from analytics_sql.syntax.source_text import Faults

FindRelation = Callable[[exp.Identifier], Relation | None]
"""Gives the stream or table of a name; None, with the fault noted, if there is none to read."""
BindQuery = Callable[[exp.Expr], Node | None]
"""Binds a query or a table function in FROM."""

_WINDOW = "write OVER (RANGE INTERVAL '1' MINUTE PRECEDING)"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One item of FROM. `window_ms` is None without OVER; `query` is that of a subquery."""

    alias: str
    relation: Relation
    window_ms: int | None
    query: Node | None
    names: dict[str, str]
    """A column of the relation -> what it is called in the joined rows."""
    rowtime: str
    """What its ROWTIME is called there."""

    def read(self, used: Collection[str]) -> Node:
        """The node that gives its rows, with the columns that are used, by their own names."""
        if self.query is not None:
            return self.query
        every = (*self.relation.columns, *self.relation.hidden)
        return Scan(self.relation.name, tuple(column for column in every if column.name in used))

    def outputs(self, used: Collection[str]) -> tuple[Output, ...]:
        """The columns that are used, by their names in the joined rows."""
        every = (*self.relation.columns, *self.relation.hidden)
        named = [(self.names[c.name], ColumnRef(c.name, c.type)) for c in every]
        chosen = [Output(reference, name) for name, reference in named if name in used]
        if self.rowtime in used:
            chosen.append(Output(InputRowTime(), self.rowtime))
        return tuple(chosen)


def bind_leaf(
    node: exp.Expr, find: FindRelation, bind_query: BindQuery, faults: Faults
) -> Leaf | None:
    """Binds one item of FROM; its columns have no names of their own yet. None after a fault."""
    query: Node | None = None
    alias = node.args.get("alias")
    if isinstance(node, exp.Subquery):
        query = bind_query(node.this)
        if query is None:
            return None
        name = "" if alias is None else fold_new(alias.this, faults)
        columns = [] if alias is None else alias.args.get("columns") or []
        if columns:
            query = _renamed(query, columns, faults)
        if query is None:
            return None
        relation: Relation | None = Relation(name, query.columns)
        if not _has_distinct_columns(query, node, faults):
            return None
    else:
        relation = find(node.this)
        if relation is None:
            return None
        name = relation.name if alias is None else fold_new(alias.this, faults)
        if alias is not None and alias.args.get("columns"):
            message = "the columns of a stream have their names already"
            faults.add(span_of(alias.args["columns"][0]), message, "write AS name, without ( )")
            return None
    over, window_ms = node.args.get("over"), None
    if over is not None:
        assert isinstance(over, WindowSpecification)
        window_ms = _window_ms(over, faults)
        if window_ms is None:
            return None
        if relation is not None and relation.is_table:
            faults.add(span_of(over), "a reference table has no window", "leave OVER out")
            return None
    assert relation is not None
    return Leaf(name, relation, window_ms, query, {}, "")


def _renamed(query: Node, names: list[exp.Identifier], faults: Faults) -> Node | None:
    """A query with other names for its columns: AS l(r). A record counts as one of them."""
    records = set[str]()
    if isinstance(query, Project):
        records = {
            output.name.partition(".")[0]
            for output in query.outputs
            if is_log_field(output.expression)
        }
    heads = [n.partition(".")[0] if n.partition(".")[0] in records else n for n in _names(query)]
    distinct = list(dict.fromkeys(heads))
    if len(distinct) != len(names):
        message = f"this query has {len(distinct)} columns, {len(names)} are named"
        faults.add(span_of(names[0]), message, "name all of them, or none")
        return None
    new = dict(zip(distinct, (fold_new(name, faults) for name in names), strict=True))
    outputs = [
        Output(ColumnRef(column.name, column.type), new[head] + column.name[len(head) :])
        for column, head in zip(query.columns, heads, strict=True)
    ]
    return Project(query, tuple(outputs))


def _names(query: Node) -> list[str]:
    return [column.name for column in query.columns]


def _has_distinct_columns(query: Node, node: exp.Expr, faults: Faults) -> bool:
    names = [column.name for column in query.columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        message = f"this query has two columns {written(twice)}"
        faults.add(span_of(node), message, "give one of them another name with AS")
    return twice is None


def _window_ms(over: WindowSpecification, faults: Faults) -> int | None:
    if over.args.get("partition") or over.args.get("base"):
        faults.add(
            span_of(over),
            "a window of a join has no PARTITION BY and no name",
            f"{_WINDOW}; what belongs together is said by ON",
        )
        return None
    frame = bind_frame(over, faults)
    if frame is None:
        return None
    if frame.range_ms is None:
        faults.add(span_of(over), "a window of a join is a length of time", _WINDOW)
    return frame.range_ms


def are_distinct(leaves: list[Leaf], nodes: tuple[exp.Expr, ...], faults: Faults) -> bool:
    """Whether each item can be told from the others by its name; notes a fault if not."""
    known: set[str] = set()
    for leaf, node in zip(leaves, nodes, strict=True):
        if leaf.alias in known and leaf.alias:
            message = f"two items of FROM are called {written(leaf.alias)}"
            faults.add(span_of(node), message, "give each of them a name of its own with AS")
            return False
        if not leaf.alias and len(leaves) > 1:
            faults.add(span_of(node), "a query that is joined needs a name", "write (...) AS q")
            return False
        known.add(leaf.alias)
    return True


def named(leaves: list[Leaf]) -> list[Leaf]:
    """The leaves, with a name for each of their columns that no other has."""
    every = [[c.name for c in (*leaf.relation.columns, *leaf.relation.hidden)] for leaf in leaves]
    counts: dict[str, int] = {}
    for name in (name for names in every for name in names):
        counts[name] = counts.get(name, 0) + 1
    taken = {name for name, count in counts.items() if count == 1}

    def fresh(name: str) -> str:
        while name in taken:
            name += "'"
        taken.add(name)
        return name

    return [
        Leaf(
            leaf.alias,
            leaf.relation,
            leaf.window_ms,
            leaf.query,
            {n: n if counts[n] == 1 else fresh(f"{leaf.alias}.{n}") for n in names},
            fresh(f"{leaf.alias}.{ROWTIME}"),
        )
        for leaf, names in zip(leaves, every, strict=True)
    ]
