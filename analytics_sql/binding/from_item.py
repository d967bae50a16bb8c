"""One item of FROM: a stream with its window, a query in parentheses or a reference table.

Sources: REF:sql-reference-join-clause; DG:app-add-reference-data.md.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from analytics_sql.binding.frame import bind_frame
from analytics_sql.binding.log_parser import is_log_field
from analytics_sql.binding.named_windows import NamedWindows
from analytics_sql.binding.names import fold, fold_new, written
from analytics_sql.binding.scope import ROWTIME, Relation
from analytics_sql.binding.time_windows import ColumnTime
from analytics_sql.expression import ColumnRef, InputRowTime
from analytics_sql.plan import Frame, Node, Output, Project, Scan
from analytics_sql.syntax.nodes import span_of
from analytics_sql.syntax.source_text import Faults

FindRelation = Callable[[exp.Identifier], Relation | None]
"""Gives the stream or table of a name; None, with the fault noted, if there is none to read."""


@dataclass(frozen=True, slots=True)
class Subquery:
    """A query in FROM after binding, and what is known of the time in its columns."""

    node: Node
    times: Mapping[str, ColumnTime] = field(default_factory=dict)


BindQuery = Callable[[exp.Expr], Subquery | None]
"""Binds a query or a table function in FROM."""

_WINDOW = "write OVER (RANGE INTERVAL '1' MINUTE PRECEDING), or OVER (ROWS 10 PRECEDING)"


@dataclass(frozen=True, slots=True)
class Reader:
    """What it takes to bind the items of one FROM."""

    find: FindRelation
    bind_query: BindQuery
    windows: NamedWindows
    faults: Faults


@dataclass(frozen=True, slots=True)
class Leaf:
    """One item of FROM. `window` is None without OVER; `query` is that of a subquery."""

    alias: str
    relation: Relation
    window: Frame | None
    query: Node | None
    names: dict[str, str]
    """A column of the relation -> what it is called in the joined rows."""
    rowtime: str
    """What its ROWTIME is called there."""
    place: int = 0
    """Which item of FROM it is."""

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


def bind_leaf(node: exp.Expr, place: int, reader: Reader) -> Leaf | None:
    """Binds one item of FROM; its columns have no names of their own yet. None after a fault."""
    faults = reader.faults
    query: Node | None = None
    alias = node.args.get("alias")
    if isinstance(node, exp.Subquery):
        bound = reader.bind_query(node.this)
        if bound is None:
            return None
        query = bound.node
        name = "" if alias is None else fold_new(alias.this, faults)
        columns = [] if alias is None else alias.args.get("columns") or []
        if columns:
            query = _renamed(query, columns, faults)
        if query is None:
            return None
        times = {} if columns else bound.times
        relation: Relation | None = Relation(name, query.columns, times=times)
        if not _has_distinct_columns(query, node, faults):
            return None
    else:
        relation = reader.find(node.this)
        if relation is None:
            return None
        name = relation.name if alias is None else fold_new(alias.this, faults)
        if alias is not None and alias.args.get("columns"):
            message = "the columns of a stream have their names already"
            faults.add(span_of(alias.args["columns"][0]), message, "write AS name, without ( )")
            return None
    over, window = node.args.get("over"), None
    if over is not None:
        window = _window(over, reader)
        if window is None:
            return None
        if relation is not None and relation.is_table:
            faults.add(span_of(over), "a reference table has no window", "leave OVER out")
            return None
    assert relation is not None
    return Leaf(name, relation, window, query, {}, "", place)


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


def _window(over: exp.Expr, reader: Reader) -> Frame | None:
    """The window of a side of a join: a length of time, or a number of rows."""
    faults = reader.faults
    window = reader.windows.specification(over)
    if window is None:
        return None
    if window.args.get("partition"):
        faults.add(
            span_of(over),
            "a window of a join has no PARTITION BY",
            "leave it out; what belongs together is said by ON",
        )
        return None
    order = window.args.get("order")
    if order is not None and not _is_row_time(order):
        faults.add(
            span_of(order),
            "a window of a join is in the order of ROWTIME",
            "leave ORDER BY out, or write ORDER BY ROWTIME",
        )
        return None
    frame = bind_frame(window, faults)
    if frame is None:
        return None
    if frame.range_ms is None and frame.rows is None:
        faults.add(span_of(over), "a window of a join has to end somewhere", _WINDOW)
        return None
    if frame.rows == 0:
        faults.add(
            span_of(over),
            "this window has no row",
            "leave OVER out for the current row, or write ROWS 1 PRECEDING for the last one",
        )
        return None
    return frame


def _is_row_time(order: exp.Expr) -> bool:
    """Whether ORDER BY has ROWTIME alone, of whichever stream, the earliest first."""
    first = order.expressions[0]
    column = first.this
    return (
        len(order.expressions) == 1
        and not first.args.get("desc")
        and isinstance(column, exp.Column)
        and isinstance(column.this, exp.Identifier)
        and fold(column.this) == ROWTIME
    )


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


def named(leaves: list[Leaf], kept: dict[str, int | None]) -> list[Leaf]:
    """The leaves, with a name for each of their columns that no other has; `kept`: a column that
    several share by USING keeps its name in the leaf of this number, or for what is computed.
    """
    every = [[c.name for c in (*leaf.relation.columns, *leaf.relation.hidden)] for leaf in leaves]
    counts: dict[str, int] = {}
    for name in (name for names in every for name in names):
        counts[name] = counts.get(name, 0) + 1
    taken = {name for name, count in counts.items() if count == 1 or name in kept}

    def fresh(name: str) -> str:
        while name in taken:
            name += "'"
        taken.add(name)
        return name

    def is_plain(name: str, number: int) -> bool:
        return counts[name] == 1 or kept.get(name) == number

    return [
        Leaf(
            leaf.alias,
            leaf.relation,
            leaf.window,
            leaf.query,
            {n: n if is_plain(n, number) else fresh(f"{leaf.alias}.{n}") for n in names},
            fresh(f"{leaf.alias}.{ROWTIME}"),
            leaf.place,
        )
        for number, (leaf, names) in enumerate(zip(leaves, every, strict=True))
    ]
