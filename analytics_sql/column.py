"""Columns: what the rows of a stream, a table or a node are made of."""

from dataclasses import dataclass

from analytics_sql.expression import Expression
from analytics_sql.record_format import Path
from analytics_sql.types import SqlType


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a stream or of a node's output."""

    name: str
    type: SqlType
    nullable: bool = True
    """False for a column declared NOT NULL: a row that assigns NULL to it fails."""


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column of the input and where it stands in the record."""

    name: str
    type: SqlType
    path: Path
    """("a", "b") is $.a.b; of a CSV record (2,) is the third field."""


@dataclass(frozen=True, slots=True)
class Output:
    """One select item: the expression and the name it goes by."""

    expression: Expression
    name: str
