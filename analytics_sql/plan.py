"""The plan: an application after parsing and binding, as frozen data.

    Application
      sources   SOURCE_SQL_STREAM_001: the columns of the input, each with its path into the record
      streams   CREATE STREAM: name and columns, in order
      pumps     CREATE PUMP: a query, and the stream its rows are assigned to

A query is a tree of nodes over its leaf, a Scan; from there up to the Project that is its root:

    WHERE                 Filter
    GROUP BY, DISTINCT    Tumble; HAVING is a Filter above it
    OVER                  Slide; over the groups' rows where the query has GROUP BY too
    SELECT                Project

Joins, UNION ALL and ORDER BY have the nodes of analytics_sql/combination.py, table functions those
of analytics_sql/table_function.py; a query in FROM is a Project inside of another. Every node knows
its output columns, and `inputs_of` what it reads.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal as OneOf

from analytics_sql.column import Column as Column, Output as Output, SourceColumn as SourceColumn
from analytics_sql.combination import (
    Join,
    Lookup,
    ReferenceTable as ReferenceTable,
    Sort,
    TimeSort,
    Union,
)
from analytics_sql.expression import Expression
from analytics_sql.preprocessor import Preprocessor
from analytics_sql.record_format import JSON, RecordFormat
from analytics_sql.table_function import DistinctItems, Forest, GroupRank, Hotspots, TopItems
from analytics_sql.types import TIMESTAMP, Kind, SqlType

AggregateName = OneOf[
    "COUNT",
    "SUM",
    "AVG",
    "MIN",
    "MAX",
    "FIRST_VALUE",
    "LAST_VALUE",
    "STDDEV_POP",
    "STDDEV_SAMP",
    "VAR_POP",
    "VAR_SAMP",
    "EXP_AVG",
    "ANY",
    "EVERY",
]
AnalyticName = AggregateName | OneOf["LAG", "NTH_VALUE"]

RANGE_EDGE_INCLUDED = True
"""Whether RANGE INTERVAL n PRECEDING holds a row that is exactly n older. See
docs/sql/decisions.md.
"""


PSEUDO_COLUMNS = (
    Column("APPROXIMATE_ARRIVAL_TIME", TIMESTAMP),
    Column("PARTITION_KEY", SqlType(Kind.VARCHAR, 256)),
    Column("SEQUENCE_NUMBER", SqlType(Kind.VARCHAR, 128)),
    Column("SHARD_ID", SqlType(Kind.VARCHAR, 128)),
)
"""What a source's rows have besides the columns of the schema, unless a column of the schema has
that name. Source: DG:timestamps-rowtime-concepts.md; DG:input-parallelism.md; the lengths are those
of the Kinesis API.
"""


@dataclass(frozen=True, slots=True)
class Source:
    """An input stream. Its columns keep the exact case of the schema (DG:how-it-works-input.md).

    An application with several of them (InputParallelism) shares its input out by shard: see
    docs/sql/decisions.md.
    """

    name: str
    columns: tuple[SourceColumn, ...]
    format: RecordFormat = JSON


@dataclass(frozen=True, slots=True)
class Stream:
    """An in-application stream that the text creates."""

    name: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Scan:
    """Reads a source or an in-application stream; `columns`: only those that the query uses.

    Over a source they can include pseudo-columns, which no record holds: see PSEUDO_COLUMNS.
    """

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
    """One aggregate of a window; `argument` None is COUNT(*). NULLs are passed over, but for
    FIRST_VALUE and LAST_VALUE without `ignore_nulls`.

    FIRST_VALUE and LAST_VALUE depend on the order of the rows, which is (ROWTIME, shard, place in
    the shard), so that they do not depend on how the shards' batches interleave.
    """

    function: AggregateName
    argument: Expression | None
    type: SqlType
    name: str
    """The output column that a node above refers to."""
    parameter_ms: int | None = None
    """The half-life of EXP_AVG's weights."""
    ignore_nulls: bool = False
    """FIRST_VALUE and LAST_VALUE: of the rows whose value is not NULL."""


@dataclass(frozen=True, slots=True)
class Key:
    """One group key: an expression over the input, and the output column that holds it."""

    expression: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Tumble:
    """GROUP BY with one time key on ROWTIME: windows of `size_ms`, aligned to the Unix epoch in UTC
    (REF:sql-reference-step). A row of the result is stamped with its window's end.

    With `stagger` the windows of a group are its own (DG:stagger-window-concepts.md): one begins
    with the group's first row and ends `size_ms` later, and the next one begins with the first row
    from then on.

    With `time` there is no window: MONOTONIC(time) is the time key, and `size_ms` 0. A group is
    complete when a row with another value of `time` follows in the order (ROWTIME, shard, place in
    the shard); its row is stamped with the ROWTIME of the row that completed it.
    """

    input: "Node"
    size_ms: int
    keys: tuple[Key, ...]
    aggregates: tuple[Aggregate, ...]
    window_start: str
    """The output column that holds the window's start, or the value of `time`."""
    offset_ms: int = 0
    """Windows start at multiples of `size_ms` plus this; from 0 to less than `size_ms`."""
    time: Expression | None = None
    stagger: bool = False

    @property
    def columns(self) -> tuple[Column, ...]:
        return (
            Column(self.window_start, TIMESTAMP if self.time is None else self.time.type),
            *(Column(k.name, k.expression.type) for k in self.keys),
            *(Column(a.name, a.type) for a in self.aggregates),
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """The rows before the current one that a sliding window holds with it.

    `rows`: that many rows before it. `range_ms`: those whose ROWTIME is at most that much less (see
    RANGE_EDGE_INCLUDED); 0 means the rows of the same ROWTIME that came before. Neither: UNBOUNDED
    PRECEDING, all of them.
    """

    rows: int | None = None
    range_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Analytic:
    """One call with OVER: computed for every row, over the frame of the row's partition.

    NULLs are passed over by aggregates other than FIRST_VALUE and LAST_VALUE, which like NTH_VALUE
    and LAG do so with `ignore_nulls` only.
    """

    function: AnalyticName
    argument: Expression | None
    """None: COUNT(*)."""
    partition: tuple[Expression, ...]
    frame: Frame
    type: SqlType
    name: str
    """The output column that a node above refers to."""
    offset: int | None = None
    """LAG(x, n): n rows before the current one, 0 is itself. NTH_VALUE(x, n): the n-th row of the
    frame, from 1.
    """
    default: Expression | None = None
    """LAG(x, n, default): over the current row, for a row that is not in the frame; None: NULL."""
    parameter_ms: int | None = None
    """The half-life of EXP_AVG's weights."""
    ignore_nulls: bool = False
    from_last: bool = False
    """NTH_VALUE(x, n) FROM LAST: counted from the current row backwards."""


@dataclass(frozen=True, slots=True)
class Slide:
    """OVER: each row of the input, with one more column for each call, and the input's ROWTIME.

    Rows come in the order (ROWTIME, shard, place in the shard).
    """

    input: "Node"
    calls: tuple[Analytic, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        return (*self.input.columns, *(Column(c.name, c.type) for c in self.calls))


@dataclass(frozen=True, slots=True)
class Project:
    """The select list over its input."""

    input: "Node"
    outputs: tuple[Output, ...]
    rowtime: Expression | None = None
    """AS ROWTIME: the time of the row produced, a TIMESTAMP; None: that of the input. A row whose
    time is NULL or goes back fails (DG:error-handling.md).
    """

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(Column(o.name, o.expression.type) for o in self.outputs)


_Combination = Join["Node"] | Lookup["Node"] | Union["Node"] | Sort["Node"] | TimeSort["Node"]
_TableFunction = (
    Forest["Node"] | TopItems["Node"] | DistinctItems["Node"] | Hotspots["Node"] | GroupRank["Node"]
)
Node = Scan | Filter | Tumble | Slide | Project | _Combination | _TableFunction


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
class EventTime:
    """ROWTIME is the value of a column of the input, and not the time of arrival. See
    docs/semantics.md for the rule that says which rows are late.
    """

    column: str
    lateness_ms: int = 10_000
    """How far the time of a shard is behind the latest event time in it."""
    idle_ms: int | None = 60_000
    """After a silence of this much the time of a shard goes on with the source's clock; None: it
    waits for the next record.
    """
    future_ms: int | None = 60_000
    """A row whose event time is more than this after its arrival fails; None: none does."""
    correct_ms: int | None = None
    """A window is kept for this long after it closed, so that a late row corrects the row that was
    put out; None: a late row fails.
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
    event_time: EventTime | None = None
    """None: ROWTIME is the time of arrival. Set by analytics_sql.event_time.with_event_time."""
    preprocessor: Preprocessor | None = None
    """What records go through before they are decoded; None: nothing. No part of the plan."""
    tables: tuple[ReferenceTable, ...] = ()
    """The reference tables that the pumps read."""
    notes: tuple[str, ...] = ()
    """What is no error in the text, but may not be what was meant: `line:column: message`."""

    def stream(self, name: str) -> Stream:
        """The in-application stream of that name; KeyError when there is none."""
        return next(s for s in self.streams if s.name == name)

    @property
    def sources_read(self) -> tuple[Source, ...]:
        """The sources that a pump reads."""
        read = {scan.stream for pump in self.pumps for scan in scans_of(pump.query)}
        return tuple(source for source in self.sources if source.name in read)

    def source_of(self, shard_id: str) -> Source:
        """The source that the records of a shard go to: those that a pump reads take turns by the
        number at the end of the shard's id, so that it stays the same whatever else is read. See
        docs/sql/decisions.md.
        """
        if len(self.sources) == 1:
            return self.sources[0]
        sources = self.sources_read
        number = shard_id[len(shard_id.rstrip("0123456789")) :]
        return sources[int(number or "0") % len(sources)]

    @property
    def outputs(self) -> frozenset[str]:
        """The streams whose rows go out: those that a pump fills and no pump reads."""
        filled = {pump.stream for pump in self.pumps}
        read = {scan.stream for pump in self.pumps for scan in scans_of(pump.query)}
        return frozenset(filled - read)


def inputs_of(node: Node) -> tuple[Node, ...]:
    """The nodes whose rows a node takes."""
    match node:
        case Scan():
            return ()
        case Join():
            return (node.left, node.right)
        case Union():
            return node.inputs
    return (node.input,)


def nodes_of(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    for below in inputs_of(node):
        yield from nodes_of(below)


def scans_of(node: Node) -> tuple[Scan, ...]:
    """The leaves of a query: all that it reads, from left to right."""
    if isinstance(node, Scan):
        return (node,)
    return tuple(scan for below in inputs_of(node) for scan in scans_of(below))
