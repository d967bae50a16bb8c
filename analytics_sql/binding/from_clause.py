"""FROM: the streams, queries and tables that a query reads, and how they are joined.

Sources: REF:sql-reference-join-clause; DG:stream-joins-concepts.md; DG:app-add-reference-data.md.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlglot import exp

from analytics_sql.binding.frame import bind_frame
from analytics_sql.binding.joined_scope import JoinedScope, Side
from analytics_sql.binding.log_parser import is_log_field
from analytics_sql.binding.names import fold, fold_new, written
from analytics_sql.binding.row_expression import RowBinder
from analytics_sql.binding.scope import ROWTIME, Relation, Scope
from analytics_sql.combination import Join, JoinKind, KeyPair, Lookup
from analytics_sql.expression import (
    ColumnRef,
    Comparison,
    Expression,
    InputRowTime,
    Logical,
    columns_of,
)
from analytics_sql.plan import Column, Node, Output, Project, Scan
from analytics_sql.syntax.nodes import WindowSpecification, span_of
from analytics_sql.syntax.source_text import Faults
from analytics_sql.types import TIMESTAMP, Kind

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


@dataclass(frozen=True, slots=True)
class Joint:
    """A leaf that is joined to all before it."""

    kind: JoinKind
    leaf: Leaf
    condition: Expression | None


@dataclass(frozen=True, slots=True)
class From:
    """A FROM clause after binding."""

    scope: Scope
    first: Leaf
    joints: tuple[Joint, ...] = ()

    def plan(self, used: set[str], predicate: Expression | None) -> tuple[Node, Expression | None]:
        """The node that gives the rows with the columns that are used, those of the predicate among
        them, and what of the predicate it has not seen to.
        """
        if not self.joints:
            return self.first.read(used), predicate
        is_inner = all(joint.kind == "INNER" for joint in self.joints)
        terms = _terms(predicate) if is_inner else []
        conditions = [term for joint in self.joints for term in _terms(joint.condition)]
        used = used.union(*(columns_of(term) for term in conditions))
        node: Node = Project(_read(self.first, used), self.first.outputs(used))
        window_ms = self.first.window_ms or 0
        for joint in self.joints:
            leaf = joint.leaf
            names = {column.name for column in node.columns} | {o.name for o in leaf.outputs(used)}
            ready = [term for term in terms if columns_of(term) and columns_of(term) <= names]
            terms = [term for term in terms if term not in ready]
            node, window_ms = _joined(node, window_ms, joint, used, ready)
        return node, _conjunction(terms) if is_inner else predicate


def bind_from(
    query: exp.Select, find: FindRelation, bind_query: BindQuery, faults: Faults
) -> From | None:
    """Binds FROM and its joins; None after a fault."""
    clause, joins = query.args["from_"], query.args.get("joins") or []
    items = frozenset(
        fold(item.args["alias"]) for item in query.expressions if isinstance(item, exp.Alias)
    )
    leaves = [_leaf(node, find, bind_query, faults) for node in (clause.this, *_tables(joins))]
    sound = [leaf for leaf in leaves if leaf is not None]
    if len(sound) < len(leaves) or not _are_distinct(sound, (clause.this, *_tables(joins)), faults):
        return None
    if len(sound) == 1:
        leaf = sound[0]
        over = clause.this.args.get("over")
        if over is not None:
            faults.add(
                span_of(over),
                "a window on a stream in FROM belongs to a join",
                "for a window of aggregates, write SUM(...) OVER (RANGE ...) in the select list",
            )
            return None
        if leaf.relation.is_table:
            message = f"{written(leaf.relation.name)} is a reference table, of which no row comes"
            faults.add(span_of(clause.this), message, "join it with a stream")
            return None
        return From(Scope(leaf.relation, leaf.alias, items), leaf)
    return _Binder(_named(sound), items, faults).bind(clause.this, joins)


class _Binder:
    def __init__(self, leaves: list[Leaf], items: frozenset[str], faults: Faults) -> None:
        self._leaves = leaves
        self._items = items
        self._faults = faults

    def bind(self, first: exp.Expr, joins: list[exp.Join]) -> From | None:
        kinds = [_kind(join, self._faults) for join in joins]
        sound = [kind for kind in kinds if kind is not None]
        if len(sound) < len(kinds):
            return None
        leaves = self._leaves
        if leaves[0].relation.is_table:
            swapped = self._swapped(sound[0], first)
            if swapped is None:
                return None
            sound[0] = swapped
            leaves = [leaves[1], leaves[0], *leaves[2:]]
        is_sound = True
        for kind, leaf, join in zip(sound, leaves[1:], joins, strict=True):
            if leaf.relation.is_table and kind in ("RIGHT", "FULL"):
                self._faults.add(
                    span_of(join),
                    f"a row of the reference table {written(leaf.relation.name)} without a partner "
                    "would never come: a stream has no end",
                    "write LEFT JOIN",
                )
                is_sound = False
        if not is_sound:
            return None
        joints = []
        for number, (kind, join) in enumerate(zip(sound, joins, strict=True), start=1):
            scope = self._scope(leaves[: number + 1], sound[:number])
            on, condition = join.args.get("on"), None
            if on is not None:
                condition = RowBinder(scope, self._faults).condition(on)
                is_sound &= condition is not None
            joints.append(Joint(kind, leaves[number], condition))
        # The columns of * stand in the order of the text.
        scope = self._scope(leaves, sound, self._leaves)
        return From(scope, leaves[0], tuple(joints)) if is_sound else None

    def _swapped(self, kind: JoinKind, first: exp.Expr) -> JoinKind | None:
        """The join with the table on its right."""
        if self._leaves[1].relation.is_table:
            self._faults.add(span_of(first), "two reference tables", "begin with the stream")
            return None
        if kind in ("LEFT", "FULL"):
            self._faults.add(
                span_of(first),
                "a row of the reference table without a partner would never come: a stream has "
                "no end",
                "write stream LEFT JOIN table",
            )
            return None
        return "LEFT" if kind == "RIGHT" else kind

    def _scope(
        self, leaves: list[Leaf], kinds: list[JoinKind], shown: list[Leaf] | None = None
    ) -> JoinedScope:
        nullable = [False]
        for kind in kinds:
            if kind in ("RIGHT", "FULL"):
                nullable = [True] * len(nullable)
            nullable.append(kind in ("LEFT", "FULL"))
        streams = [leaf for leaf in leaves if not leaf.relation.is_table]
        by_alias = {
            leaf.alias: _side(leaf, is_nullable, is_only=len(streams) == 1)
            for leaf, is_nullable in zip(leaves, nullable, strict=True)
        }
        order = [leaf for leaf in shown or leaves if leaf.alias in by_alias]
        columns = tuple(
            Column(leaf.names[c.name], c.type) for leaf in order for c in leaf.relation.columns
        )
        hidden = tuple(
            Column(leaf.names[c.name], c.type) for leaf in order for c in leaf.relation.hidden
        )
        times = tuple(Column(leaf.rowtime, TIMESTAMP) for leaf in streams)
        relation = Relation(" and ".join(by_alias), columns, (*hidden, *times))
        return JoinedScope(relation, [by_alias[leaf.alias] for leaf in order], self._items)


def _side(leaf: Leaf, is_nullable: bool, *, is_only: bool) -> Side:
    every = (*leaf.relation.columns, *leaf.relation.hidden)
    columns = {c.name: ColumnRef(leaf.names[c.name], c.type) for c in every}
    if leaf.relation.is_table:
        return Side(leaf.alias, columns, None)
    # The last row of every pair is that of the side without a window.
    is_current = is_only or (leaf.window_ms is None and not is_nullable)
    rowtime = InputRowTime() if is_current else ColumnRef(leaf.rowtime, TIMESTAMP)
    return Side(leaf.alias, columns, rowtime)


def _tables(joins: list[exp.Join]) -> list[exp.Expr]:
    return [join.this for join in joins]


def _leaf(node: exp.Expr, find: FindRelation, bind_query: BindQuery, faults: Faults) -> Leaf | None:
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


def _are_distinct(leaves: list[Leaf], nodes: tuple[exp.Expr, ...], faults: Faults) -> bool:
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


def _named(leaves: list[Leaf]) -> list[Leaf]:
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


def _kind(join: exp.Join, faults: Faults) -> JoinKind | None:
    side, kind = join.args.get("side") or "", join.args.get("kind") or ""
    if join.args.get("using") or join.args.get("method"):
        what = "USING" if join.args.get("using") else join.args["method"]
        faults.add(span_of(join), f"{what} is not supported", "write ON a.x = b.x")
        return None
    if side not in ("", "LEFT", "RIGHT", "FULL") or kind not in ("", "INNER", "OUTER", "CROSS"):
        faults.add(span_of(join), f"there is no {side or kind} JOIN", "write LEFT JOIN ... ON ...")
        return None
    on = join.args.get("on")
    if on is None and side:
        faults.add(span_of(join), f"{side} JOIN has no condition", "add ON a.x = b.x")
        return None
    if on is None and kind == "INNER":
        faults.add(span_of(join), "JOIN has no condition", "add ON a.x = b.x, or write CROSS JOIN")
        return None
    kinds: dict[str, JoinKind] = {"LEFT": "LEFT", "RIGHT": "RIGHT", "FULL": "FULL"}
    return kinds.get(side, "INNER")


def _read(leaf: Leaf, used: set[str]) -> Node:
    return leaf.read({own for own, name in leaf.names.items() if name in used})


def _joined(
    left: Node, left_ms: int, joint: Joint, used: set[str], more: list[Expression]
) -> tuple[Node, int]:
    """The rows so far joined with one leaf more, and the window of what comes out."""
    leaf = joint.leaf
    lefts = {column.name for column in left.columns}
    outputs = leaf.outputs(used)
    rights = {output.name for output in outputs}
    keys: list[KeyPair] = []
    others: list[Expression] = []
    for term in [*_terms(joint.condition), *more]:
        pair = _key_pair(term, lefts, rights)
        if pair is None:
            others.append(term)
        else:
            keys.append(pair)
    condition = _conjunction(others)
    if leaf.relation.is_table:
        table, is_outer = leaf.relation.name, joint.kind == "LEFT"
        return Lookup(left, table, outputs, tuple(keys), condition, is_outer), left_ms
    right = Project(_read(leaf, used), outputs)
    right_ms = leaf.window_ms or 0
    node = Join(left, right, joint.kind, left_ms, right_ms, tuple(keys), condition)
    # What is joined once more has the shortest window of its streams, from the pair's ROWTIME.
    return node, min(left_ms, right_ms)


def _key_pair(term: Expression, lefts: set[str], rights: set[str]) -> KeyPair | None:
    """The sides of an equality between the two sides of a join, if equal values look alike."""
    if not isinstance(term, Comparison) or term.operator != "=":
        return None
    one, other = columns_of(term.left), columns_of(term.right)
    pair = (term.left, term.right)
    if one <= rights and other <= lefts:
        one, other, pair = other, one, (term.right, term.left)
    if not (one and other and one <= lefts and other <= rights):
        return None
    types = [side.type for side in pair]
    is_alike = all(t.is_integer for t in types) or all(t.kind is Kind.VARCHAR for t in types)
    return pair if is_alike or types[0] == types[1] else None


def _terms(condition: Expression | None) -> list[Expression]:
    """What AND holds together."""
    if condition is None:
        return []
    if isinstance(condition, Logical) and condition.operator == "AND":
        return [*_terms(condition.left), *_terms(condition.right)]
    return [condition]


def _conjunction(terms: list[Expression]) -> Expression | None:
    condition: Expression | None = None
    for term in terms:
        condition = term if condition is None else Logical("AND", condition, term)
    return condition
