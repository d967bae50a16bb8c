"""The plan: an application after parsing and binding, as frozen data.

    Application
      sources   SOURCE_SQL_STREAM_001: the columns of the input, each with its path into the record
      streams   CREATE STREAM: name and columns, in order
      pumps     CREATE PUMP: a query, and the stream its rows are assigned to

A query is a tree of nodes read from the leaf: Scan, then any of Filter, Tumble, Project. Every node
knows its output columns. The second half of the language (sliding windows, joins, ORDER BY) adds
nodes here and operators in processor/; nothing else changes shape.
"""

from dataclasses import dataclass
from typing import Literal as OneOf

from analytics_sql.expression import Expression
from analytics_sql.types import TIMESTAMP, SqlType


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a stream or of a node's output."""

    name: str
    type: SqlType


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column of the input and where it stands in the record."""

    name: str
    type: SqlType
    path: tuple[str, ...]
    """("a", "b") is $.a.b."""


@dataclass(frozen=True, slots=True)
class Source:
    """An input stream. Its columns keep the exact case of the schema (DG:how-it-works-input.md)."""

    name: str
    columns: tuple[SourceColumn, ...]


@dataclass(frozen=True, slots=True)
class Stream:
    """An in-application stream that the text creates."""

    name: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Scan:
    """Reads a source or an in-application stream; `columns`: only those that the query uses."""

    stream: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """WHERE: keeps the rows whose predicate is true (not false, not unknown)."""

    input: "Node"
    predicate: Expression

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.input.columns


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One aggregate of a window; `argument` None is COUNT(*). NULLs are passed over."""

    function: OneOf["SUM", "MIN", "MAX", "COUNT", "AVG"]
    argument: Expression | None
    type: SqlType
    name: str
    """The output column that a Project above refers to."""


@dataclass(frozen=True, slots=True)
class Key:
    """One group key: an expression over the input, and the output column that holds it."""

    expression: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Tumble:
    """GROUP BY with one time key: windows of `size_ms`, aligned to the Unix epoch in UTC
    (REF:sql-reference-step).
    """

    input: "Node"
    size_ms: int
    keys: tuple[Key, ...]
    aggregates: tuple[Aggregate, ...]
    window_start: str
    """The output column that holds the window's start (the value of the FLOOR or STEP key)."""

    @property
    def columns(self) -> tuple[Column, ...]:
        return (
            Column(self.window_start, TIMESTAMP),
            *(Column(k.name, k.expression.type) for k in self.keys),
            *(Column(a.name, a.type) for a in self.aggregates),
        )


@dataclass(frozen=True, slots=True)
class Output:
    """One select item: the expression and the name it goes by."""

    expression: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Project:
    """The select list over its input."""

    input: "Node"
    outputs: tuple[Output, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(Column(o.name, o.expression.type) for o in self.outputs)


Node = Scan | Filter | Tumble | Project


@dataclass(frozen=True, slots=True)
class Pump:
    """A continuous INSERT INTO ... SELECT STREAM: the i-th output is assigned to the i-th of
    `targets`.
    """

    name: str
    query: Project
    stream: str
    targets: tuple[Column, ...]
    """The columns assigned, in the order of the select list; the stream's other columns are NULL.
    """


@dataclass(frozen=True, slots=True)
class Application:
    """A whole application, ready to run."""

    name: str
    sources: tuple[Source, ...]
    streams: tuple[Stream, ...]
    pumps: tuple[Pump, ...]
    """In an order in which every pump comes after those that feed the stream it reads."""
    fingerprint: str
    """SHA-256 of the plan, whatever the application is called: a snapshot restores only into the
    plan that made it.
    """

    def stream(self, name: str) -> Stream:
        """The in-application stream of that name; KeyError when there is none."""
        return next(s for s in self.streams if s.name == name)

    @property
    def outputs(self) -> frozenset[str]:
        """The streams whose rows go out: those that a pump fills and no pump reads."""
        filled = {pump.stream for pump in self.pumps}
        return frozenset(filled - {scan_of(pump.query).stream for pump in self.pumps})


def scan_of(node: Node) -> Scan:
    """The leaf of a query: what it reads."""
    return node if isinstance(node, Scan) else scan_of(node.input)
