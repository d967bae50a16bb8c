"""What names stand for in a query that joins several streams and tables."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from analytics_sql.binding.names import check_reserved, fold, listed, no_such, written
from analytics_sql.binding.scope import NO_ITEMS, ROWTIME, Reference, Relation, Scope
from analytics_sql.expression import ColumnRef, InputRowTime, RowTime
from analytics_sql.plan import Column
from analytics_sql.syntax.nodes import span_of
from analytics_sql.syntax.source_text import Faults


@dataclass(frozen=True, slots=True)
class Side:
    """One item of FROM: its columns by their own names. `rowtime` is what its ROWTIME stands for:
    that of the joined row where the two are the same; None: it is a table and has none.
    """

    alias: str
    columns: dict[str, ColumnRef]
    rowtime: ColumnRef | InputRowTime | None


class JoinedScope(Scope):
    """The rows of a join. A name without a qualifier has to belong to one side only."""

    def __init__(
        self, relation: Relation, sides: Sequence[Side], items: frozenset[str] = NO_ITEMS
    ) -> None:
        super().__init__(relation, relation.name, items)
        self._sides = {side.alias: side for side in sides}

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
        having = [side for side in self._sides.values() if name in side.columns]
        if len(having) == 1:
            return having[0].columns[name]
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

    def columns_under(self, qualifier: exp.Identifier | None) -> tuple[Column, ...]:
        """See Scope."""
        if qualifier is None:
            return self.relation.columns
        side = self._sides.get(fold(qualifier))
        if side is None:
            return ()
        names = {reference.name for reference in side.columns.values()}
        return tuple(column for column in self.relation.columns if column.name in names)

    def answers_to(self, qualifier: exp.Identifier, faults: Faults) -> bool:
        """See Scope."""
        if fold(qualifier) in self._sides:
            return True
        known = list(self._sides)
        only = f"this query reads {listed(known)}"
        faults.advise(span_of(qualifier), no_such("stream", qualifier, known, otherwise=only))
        return False
