"""Nodes of a plan that bring rows together or put them in order.

FROM a OVER (...) JOIN b OVER (...) ON ...    Join
FROM a JOIN reference_table ON ...            Lookup
... UNION ALL ...                             Union
ORDER BY FLOOR(s.ROWTIME TO SECOND), x        Sort
ORDER BY t WITHIN INTERVAL '5' SECOND         TimeSort
"""

from dataclasses import dataclass
from typing import Generic, Literal as OneOf, Protocol, TypeVar

from analytics_sql.column import Column, Output, SourceColumn
from analytics_sql.expression import Expression
from analytics_sql.record_format import JSON, RecordFormat


class Rows(Protocol):
    """Any node of a plan."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """What its rows are made of."""
        ...


N = TypeVar("N", bound=Rows)
"""analytics_sql.plan.Node, which is made of these among others."""

JoinKind = OneOf["INNER", "LEFT", "RIGHT", "FULL"]

KeyPair = tuple[Expression, Expression]
"""Left and right side of an equality, each over the rows of its side; both have one type."""


@dataclass(frozen=True, slots=True)
class ReferenceTable:
    """A table that is in memory beside the application: its rows come from its settings."""

    name: str
    columns: tuple[SourceColumn, ...]
    source: str = ""
    """An existing file, or s3://bucket/key; empty for a table whose rows are handed over."""
    format: RecordFormat = JSON

    @property
    def is_on_s3(self) -> bool:
        """Whether its rows come from an object on S3, not from a file."""
        return self.source.startswith("s3://")


@dataclass(frozen=True, slots=True)
class Join(Generic[N]):
    """Pairs of rows of two streams, which have no column of the same name.

    Of two rows the later one looks back over the window of the other side, all rows of one ROWTIME
    included (REF:sql-reference-join-clause): those that are at most `left_ms` or `right_ms`
    earlier, 0 for a side without a window; or the last `left_rows` or `right_rows` of that side. A
    pair has the later ROWTIME of its rows. A row that an outer join keeps though it has no partner
    comes when it leaves its window, with that ROWTIME.
    """

    left: N
    right: N
    kind: JoinKind
    left_ms: int
    right_ms: int
    keys: tuple[KeyPair, ...]
    condition: Expression | None
    """What has to be true besides the keys' equality, over the columns of both sides."""
    left_rows: int | None = None
    """ROWS: how many rows the window of the left side has; `left_ms` is 0 then."""
    right_rows: int | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """Those of the left side, then those of the right."""
        return (*self.left.columns, *self.right.columns)

    @property
    def keeps_left(self) -> bool:
        """Whether a row of the left side comes out even without a partner."""
        return self.kind in ("LEFT", "FULL")

    @property
    def keeps_right(self) -> bool:
        """Whether a row of the right side comes out even without a partner."""
        return self.kind in ("RIGHT", "FULL")


@dataclass(frozen=True, slots=True)
class Lookup(Generic[N]):
    """Rows of a stream, each with every row of a reference table that fits it, as the table is when
    the row is looked at. ROWTIME stays that of the stream's row.
    """

    input: N
    table: str
    outputs: tuple[Output, ...]
    """What is taken from the table, over its columns."""
    keys: tuple[KeyPair, ...]
    """The second of each pair is over `outputs`."""
    condition: Expression | None
    outer: bool
    """Whether a row that nothing fits comes out with NULLs."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Those of the input, then those of the table."""
        return (*self.input.columns, *(Column(o.name, o.expression.type) for o in self.outputs))


@dataclass(frozen=True, slots=True)
class Union(Generic[N]):
    """UNION ALL: the rows of all inputs, whose columns have the names and types of `columns`."""

    inputs: tuple[N, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """One expression of ORDER BY, over the rows that are sorted."""

    expression: Expression
    descending: bool = False
    nulls_first: bool = True


@dataclass(frozen=True, slots=True)
class Sort(Generic[N]):
    """ORDER BY with a time key: rows wait until their time bucket ends, then come in order, all
    with the ROWTIME of that end. Rows that are equal stay in the order (ROWTIME, shard, place).
    """

    input: N
    time: Expression
    """The time whose buckets are meant: ROWTIME, or the start of a group's window."""
    size_ms: int
    orders: tuple[Order, ...]
    offset_ms: int = 0
    keeps_rowtime: bool = False
    """ORDER BY s.ROWTIME: the bucket is one millisecond, and its rows keep it as their ROWTIME."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The same as those of the input."""
        return self.input.columns


@dataclass(frozen=True, slots=True)
class TimeSort(Generic[N]):
    """ORDER BY time WITHIN INTERVAL: rows in the order of `time`, which becomes their ROWTIME.

    A row waits until one comes that is more than `slack_ms` later. One that comes so late that a
    later row may be out already fails.
    """

    input: N
    time: Expression
    slack_ms: int

    @property
    def columns(self) -> tuple[Column, ...]:
        """The same as those of the input."""
        return self.input.columns
