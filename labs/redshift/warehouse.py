"""What the lab asks of an engine, whichever it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Protocol

from sqlglot import exp

from labs.redshift.column import Column
from labs.redshift.load import Row
from labs.redshift.table_definition import TableDefinition

ROWS_MAX: Final = 200
"""Of a query's result that are kept."""


@dataclass(frozen=True)
class Result:
    """Of a query: texts, whole numbers, floating ones, booleans and None, the same from each
    engine.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    is_cut: bool = False
    """Whether there were more than ROWS_MAX."""

    @property
    def numeric(self) -> list[str]:
        """The columns of numbers."""
        return [
            name
            for index, name in enumerate(self.columns)
            if any(type(row[index]) in {int, float} for row in self.rows)
        ]


class Warehouse(Protocol):
    """Statements in Redshift's SQL. Every method raises FleetError for what the engine refuses."""

    engine: str
    where: str
    """For people, without passwords."""

    def create(self, table: TableDefinition) -> None:
        """Makes an empty table."""
        ...

    def load(self, table: str, columns: Sequence[Column], rows: Iterator[Row]) -> None:
        """One transaction: when taking the rows raises, none of them is there."""
        ...

    def execute(self, tree: exp.Expr) -> Result | None:
        """Runs one statement; None: it has no rows."""
        ...

    def close(self) -> None:
        """Lets go of the database."""
        ...


def result(columns: Sequence[str], fetched: Sequence[Sequence[Any]]) -> Result:
    """Out of up to ROWS_MAX + 1 rows of a cursor."""
    rows = [[plain(value) for value in row] for row in fetched[:ROWS_MAX]]
    return Result(list(columns), rows, len(fetched) > ROWS_MAX)


def plain(value: Any) -> Any:
    """As both engines and JSON have it."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime():
            return value.isoformat(" ")
        case date():
            return value.isoformat()
    return str(value)
