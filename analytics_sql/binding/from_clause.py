"""FROM: the streams, queries and tables that a query reads, and how they are joined.

Sources: REF:sql-reference-join-clause; DG:stream-joins-concepts.md; DG:app-add-reference-data.md.
"""

from dataclasses import dataclass

from sqlglot import exp

from analytics_sql.binding.from_item import (
    BindQuery,
    FindRelation,
    Leaf,
    are_distinct,
    bind_leaf,
    named,
)
from analytics_sql.binding.join_condition import conjunction, key_pair, kind_of, terms_of
from analytics_sql.binding.joined_scope import JoinedScope, Side
from analytics_sql.binding.names import fold, written
from analytics_sql.binding.row_expression import RowBinder
from analytics_sql.binding.scope import Relation, Scope
from analytics_sql.combination import Join, JoinKind, KeyPair, Lookup
from analytics_sql.expression import (
    ColumnRef,
    Expression,
    InputRowTime,
    columns_of,
)
from analytics_sql.plan import Column, Node, Project
from analytics_sql.syntax.nodes import span_of
from analytics_sql.syntax.source_text import Faults
from analytics_sql.types import TIMESTAMP


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
        terms = terms_of(predicate) if is_inner else []
        conditions = [term for joint in self.joints for term in terms_of(joint.condition)]
        used = used.union(*(columns_of(term) for term in conditions))
        node: Node = Project(_read(self.first, used), self.first.outputs(used))
        window_ms = self.first.window_ms or 0
        for joint in self.joints:
            leaf = joint.leaf
            names = {column.name for column in node.columns} | {o.name for o in leaf.outputs(used)}
            ready = [term for term in terms if columns_of(term) and columns_of(term) <= names]
            terms = [term for term in terms if term not in ready]
            node, window_ms = _joined(node, window_ms, joint, used, ready)
        return node, conjunction(terms) if is_inner else predicate


def bind_from(
    query: exp.Select, find: FindRelation, bind_query: BindQuery, faults: Faults
) -> From | None:
    """Binds FROM and its joins; None after a fault."""
    clause, joins = query.args["from_"], query.args.get("joins") or []
    items = frozenset(
        fold(item.args["alias"]) for item in query.expressions if isinstance(item, exp.Alias)
    )
    leaves = [bind_leaf(node, find, bind_query, faults) for node in (clause.this, *_tables(joins))]
    sound = [leaf for leaf in leaves if leaf is not None]
    if len(sound) < len(leaves) or not are_distinct(sound, (clause.this, *_tables(joins)), faults):
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
    return _Binder(named(sound), items, faults).bind(clause.this, joins)


class _Binder:
    def __init__(self, leaves: list[Leaf], items: frozenset[str], faults: Faults) -> None:
        self._leaves = leaves
        self._items = items
        self._faults = faults

    def bind(self, first: exp.Expr, joins: list[exp.Join]) -> From | None:
        kinds = [kind_of(join, self._faults) for join in joins]
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
    for term in [*terms_of(joint.condition), *more]:
        pair = key_pair(term, lefts, rights)
        if pair is None:
            others.append(term)
        else:
            keys.append(pair)
    condition = conjunction(others)
    if leaf.relation.is_table:
        table, is_outer = leaf.relation.name, joint.kind == "LEFT"
        return Lookup(left, table, outputs, tuple(keys), condition, is_outer), left_ms
    right = Project(_read(leaf, used), outputs)
    right_ms = leaf.window_ms or 0
    node = Join(left, right, joint.kind, left_ms, right_ms, tuple(keys), condition)
    # What is joined once more has the shortest window of its streams, from the pair's ROWTIME.
    return node, min(left_ms, right_ms)
