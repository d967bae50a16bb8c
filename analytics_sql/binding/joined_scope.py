"""What names stand for in a query that joins several streams and tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from analytics_sql.binding.from_item import Leaf
from analytics_sql.binding.names import check_reserved, fold, listed, no_such, written
from analytics_sql.binding.scope import NO_ITEMS, ROWTIME, Reference, Relation, Scope
from analytics_sql.binding.shared_columns import SharedColumns
from analytics_sql.binding.time_windows import ColumnTime
from analytics_sql.combination import JoinKind
from analytics_sql.expression import ColumnRef, InputRowTime, RowTime
from analytics_sql.plan import Column
from analytics_sql.syntax.nodes import span_of
from analytics_sql.syntax.source_text import Faults
from analytics_sql.types import TIMESTAMP, SqlType


@dataclass(frozen=True, slots=True)
class Side:
    """One item of FROM: its columns by their own names. `rowtime` is what its ROWTIME stands for:
    that of the joined row where the two are the same; None: it is a table and has none.
    """

    alias: str
    columns: dict[str, ColumnRef]
    rowtime: ColumnRef | InputRowTime | None
    shown: tuple[Column, ...]
    """What `s.*` stands for, by their names in the joined rows."""


class JoinedScope(Scope):
    """The rows of a join. A name without a qualifier has to belong to one side only, or to sides
    that share it by USING or NATURAL: `shared` says which of them do, the one first that it is read
    from.
    """

    def __init__(
        self,
        relation: Relation,
        sides: Sequence[Side],
        items: frozenset[str] = NO_ITEMS,
        shared: Mapping[str, Sequence[str]] | None = None,
        united: Mapping[str, ColumnRef] | None = None,
    ) -> None:
        super().__init__(relation, relation.name, items)
        self._sides = {side.alias: side for side in sides}
        self._shared = shared or {}
        self._united = united or {}

    def resolve(self, column: exp.Column, faults: Faults) -> Reference | None:
        """See Scope."""
        identifier, qualifier = column.this, column.args.get("table")
        field = self._field(column)
        if field is not None:
            return field
        if not isinstance(identifier, exp.Identifier) or column.args.get("db"):
            return super().resolve(column, faults)
        if qualifier is not None:
            return self._of_side(identifier, qualifier, faults)
        if not check_reserved(identifier, faults):
            return None
        name = fold(identifier)
        same = self._shared.get(name, ())
        having = [
            side
            for side in self._sides.values()
            if name in side.columns and side.alias not in same[1:]
        ]
        if len(having) == 1:
            return self._united.get(name, having[0].columns[name])
        if having:
            places = listed(side.alias for side in having)
            message = f"{written(name)} is a column of several: {places}"
            first = written(having[0].alias)
            faults.add(span_of(identifier), message, f"write {first}.{identifier.sql()}")
            return None
        if name == ROWTIME:
            return RowTime()
        if identifier.quoted and name in self._columns:
            # What `*` stands for has its name among all columns.
            return self._columns[name]
        if name in self.items:
            message = f"{written(name)} is no column, but the name of an item of the select list"
            faults.add(span_of(identifier), message, "write the item itself")
            return None
        known = [name for side in self._sides.values() for name in side.columns]
        advice = no_such("column", identifier, known, otherwise=f"there are {listed(known)}")
        faults.advise(span_of(identifier), advice)
        return None

    def _of_side(
        self, identifier: exp.Identifier, qualifier: exp.Identifier, faults: Faults
    ) -> Reference | None:
        if not self.answers_to(qualifier, faults):
            return None
        side, name = self._sides[fold(qualifier)], fold(identifier)
        if name in side.columns:
            return side.columns[name]
        if name == ROWTIME and side.rowtime is not None:
            return side.rowtime
        if name == ROWTIME:
            message = f"{written(side.alias)} is a reference table, which has no ROWTIME"
            faults.add(span_of(identifier), message, "write that of the stream, or ROWTIME alone")
            return None
        others = f"{written(side.alias)} has {listed(side.columns)}"
        advice = no_such("column", identifier, list(side.columns), otherwise=others)
        faults.advise(span_of(identifier), advice)
        return None

    def _field(self, column: exp.Column) -> ColumnRef | None:
        """See Scope: of the record of one side."""
        identifier, record, stream = (column.args.get(part) for part in ("this", "table", "db"))
        if not isinstance(identifier, exp.Identifier) or not isinstance(record, exp.Identifier):
            return None
        name = f"{fold(record)}.{fold(identifier)}"
        sides = [s for s in self._sides.values() if stream is None or s.alias == fold(stream)]
        found = [side.columns[name] for side in sides if name in side.columns]
        return found[0] if len(found) == 1 else None

    def is_row_time(self, column: exp.Column) -> bool:
        """See Scope: of a side, if its ROWTIME is always that of the joined row."""
        identifier, qualifier = column.this, column.args.get("table")
        if not isinstance(identifier, exp.Identifier) or fold(identifier) != ROWTIME:
            return False
        if qualifier is None:
            return not any(ROWTIME in side.columns for side in self._sides.values())
        side = self._sides.get(fold(qualifier))
        return (
            side is not None
            and ROWTIME not in side.columns
            and isinstance(side.rowtime, InputRowTime)
        )

    def time_of(self, column: exp.Column) -> ColumnTime | None:
        """See Scope: nothing, since a pair of rows may have another ROWTIME than its sides."""
        return None

    def columns_under(self, qualifier: exp.Identifier | None) -> tuple[Column, ...]:
        """See Scope."""
        if qualifier is None:
            return self.relation.columns
        side = self._sides.get(fold(qualifier))
        return () if side is None else side.shown

    def answers_to(self, qualifier: exp.Identifier, faults: Faults) -> bool:
        """See Scope."""
        if fold(qualifier) in self._sides:
            return True
        known = list(self._sides)
        only = f"this query reads {listed(known)}"
        faults.advise(span_of(qualifier), no_such("stream", qualifier, known, otherwise=only))
        return False


def scope_of(
    leaves: Sequence[Leaf],
    kinds: Sequence[JoinKind],
    shared: SharedColumns,
    items: frozenset[str] = NO_ITEMS,
    united: Mapping[str, ColumnRef] | None = None,
) -> JoinedScope:
    """The rows of leaves that are joined from left to right, by joins of these kinds; `united`:
    what stands for columns that FULL JOIN shares.
    """
    united = united or {}
    nullable = [False]
    for kind in kinds:
        if kind in ("RIGHT", "FULL"):
            nullable = [True] * len(nullable)
        nullable.append(kind in ("LEFT", "FULL"))
    streams = [leaf for leaf in leaves if not leaf.relation.is_table]
    sides = [
        side_of(leaf, is_nullable, is_only=len(streams) == 1)
        for leaf, is_nullable in zip(leaves, nullable, strict=True)
    ]
    owners = {
        name: [leaves[number] for number in numbers if number < len(leaves)]
        for name, numbers in shared.owners.items()
    }
    firsts = {
        n: ColumnRef(owning[0].names[n], _type_of(owning[0], n)) for n, owning in owners.items()
    }
    firsts.update(united)
    ones = [Column(firsts[n].name, firsts[n].type) for n in shared.order]
    others = {leaf.names[n] for n, owning in owners.items() for leaf in owning}
    # The columns of * stand in the order of the text.
    in_text = sorted(range(len(leaves)), key=lambda number: leaves[number].place)
    sides = [sides[number] for number in in_text]
    rest = [column for side in sides for column in side.shown if column.name not in others]
    same = [
        Column(leaf.names[n], _type_of(leaf, n))
        for n, owning in owners.items()
        for leaf in owning[n not in united :]
    ]
    hidden = [Column(leaf.names[c.name], c.type) for leaf in leaves for c in leaf.relation.hidden]
    times = [Column(leaf.rowtime, TIMESTAMP) for leaf in streams]
    name = " and ".join(leaf.alias for leaf in leaves)
    relation = Relation(name, (*ones, *rest), (*same, *hidden, *times))
    aliases = {n: [leaf.alias for leaf in owning] for n, owning in owners.items()}
    return JoinedScope(relation, sides, items, aliases, united)


def _type_of(leaf: Leaf, name: str) -> SqlType:
    return next(column.type for column in leaf.relation.columns if column.name == name)


def side_of(leaf: Leaf, is_nullable: bool, *, is_only: bool) -> Side:
    """A leaf as a side; `is_nullable`: an outer join fills it with NULLs; `is_only`: no other leaf
    is a stream.
    """
    every = (*leaf.relation.columns, *leaf.relation.hidden)
    columns = {c.name: ColumnRef(leaf.names[c.name], c.type) for c in every}
    shown = tuple(Column(leaf.names[c.name], c.type) for c in leaf.relation.columns)
    if leaf.relation.is_table:
        return Side(leaf.alias, columns, None, shown)
    # The last row of every pair is that of the side without a window.
    is_current = is_only or (leaf.window is None and not is_nullable)
    rowtime = InputRowTime() if is_current else ColumnRef(leaf.rowtime, TIMESTAMP)
    return Side(leaf.alias, columns, rowtime, shown)
