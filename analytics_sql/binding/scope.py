"""What the names of one query stand for: the stream in FROM, and its columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from analytics_sql.binding.names import check_reserved, fold, listed, no_such, written
from analytics_sql.binding.time_windows import ColumnTime
from analytics_sql.expression import ColumnRef, InputRowTime, RowTime
from analytics_sql.plan import Column
from analytics_sql.syntax.nodes import span_of
from analytics_sql.syntax.source_text import Faults

ROWTIME = "ROWTIME"
NO_ITEMS: frozenset[str] = frozenset()

Reference = ColumnRef | RowTime | InputRowTime


@dataclass(frozen=True, slots=True)
class Relation:
    """A stream that queries can read: the source, or one that the application creates."""

    name: str
    columns: tuple[Column, ...]
    hidden: tuple[Column, ...] = ()
    """Pseudo-columns: they have names too, and are no part of `*`."""
    is_table: bool = False
    """Whether it is a reference table: it has no ROWTIME and is read beside a stream only."""
    times: Mapping[str, ColumnTime] = field(default_factory=dict)
    """What is known of the time in its columns, if it is a query."""


class Scope:
    """The relation that a query reads, under the name it has there: its alias, or its own name.

    `items` are the names of the items of its select list, which stand for nothing: they are known
    here so that whoever uses one can be told.
    """

    def __init__(self, relation: Relation, alias: str, items: frozenset[str] = NO_ITEMS) -> None:
        self.relation = relation
        self.items = items
        self.alias = alias
        self._columns = {
            column.name: ColumnRef(column.name, column.type)
            for column in (*relation.hidden, *relation.columns)
        }
        self.written = [column.name for column in relation.columns]

    def resolve(self, column: exp.Column, faults: Faults) -> Reference | None:
        """What a column reference means; None after a fault.

        ROWTIME alone is an operator, qualified it is the input row's (REF:sql-reference-rowtime).
        """
        identifier, qualifier = column.this, column.args.get("table")
        field = self._field(column)
        if field is not None:
            return field
        if not isinstance(identifier, exp.Identifier) or column.args.get("db"):
            known = [name for name in self._columns if name.startswith(_record_of(column))]
            message, remedy = "this is not a column", "write name, or stream.name"
            if known:
                message, remedy = "the record has no such column", f"it has {listed(known)}"
            faults.add(span_of(column), message, remedy)
            return None
        if qualifier is not None:
            if not self.answers_to(qualifier, faults):
                return None
        elif not check_reserved(identifier, faults):
            return None
        name = fold(identifier)
        if name in self._columns:
            return self._columns[name]
        if name == ROWTIME:
            return RowTime() if qualifier is None else InputRowTime()
        if name in self.items:
            message = f"{written(name)} is no column, but the name of an item of the select list"
            faults.add(span_of(identifier), message, "write the item itself")
            return None
        read = written(self.relation.name) if self.relation.name else "the query in FROM"
        others = f"{read} has {listed(self.written)}"
        advice = no_such("column", identifier, list(self._columns), otherwise=others)
        faults.advise(span_of(identifier), advice)
        return None

    def _field(self, column: exp.Column) -> ColumnRef | None:
        """A column of a log parser's record: REC.COLUMN1 or T.REC.COLUMN1."""
        identifier, record, stream = (column.args.get(part) for part in ("this", "table", "db"))
        if not isinstance(identifier, exp.Identifier) or not isinstance(record, exp.Identifier):
            return None
        if stream is not None and fold(stream) != self.alias:
            return None
        return self._columns.get(f"{fold(record)}.{fold(identifier)}")

    def is_row_time(self, column: exp.Column) -> bool:
        """Whether a column reference is ROWTIME, of this query's stream or without a qualifier, or
        a column that a query in FROM made of it.
        """
        known = self.time_of(column)
        if known is not None:
            return known.is_row_time
        identifier, qualifier = column.this, column.args.get("table")
        return (
            isinstance(identifier, exp.Identifier)
            and fold(identifier) == ROWTIME
            and ROWTIME not in self._columns
            and not column.args.get("db")
            and (qualifier is None or fold(qualifier) == self.alias)
        )

    def time_of(self, column: exp.Column) -> ColumnTime | None:
        """What is known of the time in a column of a query in FROM; None: nothing."""
        identifier, qualifier = column.this, column.args.get("table")
        if not isinstance(identifier, exp.Identifier) or column.args.get("db"):
            return None
        is_own = qualifier is None or fold(qualifier) == self.alias
        return self.relation.times.get(fold(identifier)) if is_own else None

    def columns_under(self, qualifier: exp.Identifier | None) -> tuple[Column, ...]:
        """The columns of `*`, or of `s.*` for a stream that `answers_to` knows."""
        return self.relation.columns

    def answers_to(self, qualifier: exp.Identifier, faults: Faults) -> bool:
        """Whether a qualifier names this query's stream; notes a fault if not."""
        if fold(qualifier) == self.alias:
            return True
        only = f"this query reads {written(self.alias)}"
        if not self.alias:
            only = "give the query in FROM that name: (...) AS q"
        advice = no_such("stream", qualifier, [self.alias], otherwise=only)
        faults.advise(span_of(qualifier), advice)
        return False


def _record_of(column: exp.Column) -> str:
    """What the columns of a log parser's record begin with, if this is meant to be one of them."""
    record = column.args.get("table")
    return f"{fold(record)}." if isinstance(record, exp.Identifier) else "."
