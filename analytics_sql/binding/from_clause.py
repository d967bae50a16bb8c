"""FROM: the streams, queries and tables that a query reads, and how they are joined.

Sources: REF:sql-reference-join-clause; DG:stream-joins-concepts.md; DG:app-add-reference-data.md.
"""

from dataclasses import dataclass

from sqlglot import exp

from analytics_sql.binding.from_item import (
    Leaf,
    Reader,
    are_distinct,
    bind_leaf,
    named,
)
from analytics_sql.binding.join_condition import conjunction, key_pair, kind_of, terms_of
from analytics_sql.binding.joined_scope import scope_of, side_of
from analytics_sql.binding.names import fold, written
from analytics_sql.binding.operation import chosen, compared, present
from analytics_sql.binding.row_expression import RowBinder
from analytics_sql.binding.scope import Scope
from analytics_sql.binding.shared_columns import SharedColumn, SharedColumns
from analytics_sql.combination import Join, JoinKind, KeyPair, Lookup
from analytics_sql.expression import ColumnRef, Expression, columns_of
from analytics_sql.plan import Frame, Node, Output, Project
from analytics_sql.syntax.nodes import span_of
from analytics_sql.syntax.source_text import Faults

CURRENT_ROW = Frame(range_ms=0)
"""The window of a side without OVER."""


@dataclass(frozen=True, slots=True)
class Joint:
    """A leaf that is joined to all before it."""

    kind: JoinKind
    leaf: Leaf
    condition: Expression | None
    united: tuple[Output, ...] = ()
    """What is computed of columns that USING makes one, where neither side has it in all rows."""


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
        united = [o for joint in self.joints for o in joint.united if o.name in used]
        used = used.union(*(columns_of(output.expression) for output in united))
        node: Node = Project(_read(self.first, used), self.first.outputs(used))
        window = self.first.window or CURRENT_ROW
        for joint in self.joints:
            leaf = joint.leaf
            names = {column.name for column in node.columns} | {o.name for o in leaf.outputs(used)}
            ready = [term for term in terms if columns_of(term) and columns_of(term) <= names]
            terms = [term for term in terms if term not in ready]
            node, window = _joined(node, window, joint, used, ready)
            node = _with_united(node, [output for output in joint.united if output.name in used])
        return node, conjunction(terms) if is_inner else predicate


def bind_from(query: exp.Select, reader: Reader) -> From | None:
    """Binds FROM and its joins; None after a fault."""
    clause, joins = query.args["from_"], query.args.get("joins") or []
    faults = reader.faults
    items = frozenset(
        fold(item.args["alias"]) for item in query.expressions if isinstance(item, exp.Alias)
    )
    leaves = [
        bind_leaf(node, place, reader) for place, node in enumerate((clause.this, *_tables(joins)))
    ]
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
    return _Binder(sound, items, faults).bind(clause.this, joins)


class _Binder:
    def __init__(self, leaves: list[Leaf], items: frozenset[str], faults: Faults) -> None:
        self._leaves = leaves
        self._items = items
        self._faults = faults
        self._united: dict[str, ColumnRef] = {}
        """What stands for the columns that FULL JOIN shares, behind the joins bound so far."""

    def bind(self, first: exp.Expr, joins: list[exp.Join]) -> From | None:
        kinds = [kind_of(join, self._faults) for join in joins]
        sound = [kind for kind in kinds if kind is not None]
        if len(sound) < len(kinds):
            return None
        if self._leaves[0].relation.is_table:
            swapped = self._swapped(sound[0], first)
            if swapped is None:
                return None
            sound[0] = swapped
            self._leaves[:2] = self._leaves[1::-1]
        if not self._can_be_joined(sound, joins):
            return None
        shared = SharedColumns(self._leaves, self._faults)
        columns = [
            shared.join(number, kind, join)
            for number, (kind, join) in enumerate(zip(sound, joins, strict=True), start=1)
        ]
        leaves = self._leaves = named(
            self._leaves,
            {n: None if n in shared.united else owners[0] for n, owners in shared.owners.items()},
        )
        is_sound = True
        joints = []
        for number, (kind, join) in enumerate(zip(sound, joins, strict=True), start=1):
            on, condition = join.args.get("on"), None
            if on is not None:
                before = (leaves[: number + 1], sound[:number], shared, self._items, self._united)
                condition = RowBinder(scope_of(*before), self._faults).condition(on)
                is_sound &= condition is not None
            equal = columns[number - 1]
            if equal:
                condition = self._equality(number, equal)
            is_sound &= equal is not None and (condition is not None or not equal)
            united = self._unite(number, kind, equal or [], shared) if is_sound else ()
            joints.append(Joint(kind, leaves[number], condition, united))
        scope = scope_of(leaves, sound, shared, self._items, self._united)
        return From(scope, leaves[0], tuple(joints)) if is_sound else None

    def _can_be_joined(self, kinds: list[JoinKind], joins: list[exp.Join]) -> bool:
        is_sound = True
        for kind, leaf, join in zip(kinds, self._leaves[1:], joins, strict=True):
            if leaf.relation.is_table and kind in ("RIGHT", "FULL"):
                self._faults.add(
                    span_of(join),
                    f"a row of the reference table {written(leaf.relation.name)} without a partner "
                    "would never come: a stream has no end",
                    "write LEFT JOIN",
                )
                is_sound = False
        # Of what a join or a lookup gives, other rows would be the last ones; a stream that nothing
        # is joined to but what came before it is on the right, by itself.
        *before, _ = streams = [leaf for leaf in self._leaves if not leaf.relation.is_table]
        of_rows = [leaf for leaf in before if leaf.window is not None and leaf.window.rows]
        is_late = len(streams) == 2 and self._leaves[1].relation.is_table
        if of_rows and (len(streams) > 2 or is_late):
            remedy = "join the two in a pump of their own, and its stream with what is left"
            if is_late:
                remedy = "join the two streams first, and the reference table last"
            self._faults.add(
                span_of(joins[-1]),
                f"the window of ROWS of {written(of_rows[0].alias)} goes with one other stream",
                remedy,
            )
            return False
        return is_sound

    def _equality(self, number: int, columns: list[SharedColumn]) -> Expression | None:
        """What USING or NATURAL stands for; None after a fault."""
        terms = [
            compared(column.span, "=", *self._sides_of(number, column), self._faults)
            for column in columns
        ]
        sound = [term for term in terms if term is not None]
        return conjunction(sound) if len(sound) == len(terms) else None

    def _sides_of(self, number: int, column: SharedColumn) -> tuple[ColumnRef, ColumnRef]:
        """A column by which leaf `number` is joined: of what is on its left, and its own."""
        left, right = (
            side_of(self._leaves[leaf], False, is_only=False).columns[column.name]
            for leaf in (column.left, number)
        )
        return self._united.get(column.name, left), right

    def _unite(
        self, number: int, kind: JoinKind, columns: list[SharedColumn], shared: SharedColumns
    ) -> tuple[Output, ...]:
        """What stands for each of these columns from now on, where the join of leaf `number` has
        rows in which the left side's is NULL and rows in which the right side's is.
        """
        outputs = []
        for column in columns:
            first = shared.united.get(column.name)
            if first is None or number < first or kind not in ("RIGHT", "FULL"):
                continue
            left, right = self._sides_of(number, column)
            value = chosen(column.span, [(present(left), left)], right, self._faults)
            assert value is not None, "what is equal has a common type"
            self._united[column.name] = ColumnRef(column.name, value.type)
            outputs.append(Output(value, column.name))
        return tuple(outputs)

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


def _tables(joins: list[exp.Join]) -> list[exp.Expr]:
    return [join.this for join in joins]


def _read(leaf: Leaf, used: set[str]) -> Node:
    return leaf.read({own for own, name in leaf.names.items() if name in used})


def _with_united(node: Node, united: list[Output]) -> Node:
    """The rows of a join with the columns that it makes one."""
    if not united:
        return node
    names = {output.name for output in united}
    others = [Output(ColumnRef(c.name, c.type), c.name) for c in node.columns]
    return Project(node, (*(o for o in others if o.name not in names), *united))


def _joined(
    left: Node, window: Frame, joint: Joint, used: set[str], more: list[Expression]
) -> tuple[Node, Frame]:
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
        return Lookup(left, table, outputs, tuple(keys), condition, is_outer), window
    right = Project(_read(leaf, used), outputs)
    other = leaf.window or CURRENT_ROW
    left_ms, right_ms = window.range_ms or 0, other.range_ms or 0
    node = Join(
        left,
        right,
        joint.kind,
        left_ms,
        right_ms,
        tuple(keys),
        condition,
        window.rows,
        other.rows,
    )
    # What is joined once more has the shortest window of its streams, from the pair's ROWTIME.
    return node, Frame(range_ms=min(left_ms, right_ms))
