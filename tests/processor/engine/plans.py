"""Short ways to write plans by hand."""

from collections.abc import Sequence

from analytics_sql.expression import ColumnRef, Expression
from analytics_sql.plan import (
    Aggregate,
    Application,
    Column,
    Key,
    Node,
    Output,
    Project,
    Pump,
    Scan,
    Source,
    SourceColumn,
    Stream,
    Tumble,
)
from analytics_sql.types import Kind, SqlType

SOURCE = "SOURCE_SQL_STREAM_001"
SECOND_MS = 1000


def varchar(length: int | None = None) -> SqlType:
    """VARCHAR(n)."""
    return SqlType(Kind.VARCHAR, length)


def source(columns: dict[str, SqlType]) -> Source:
    """An input whose columns stand at the top of the record under their own names."""
    return Source(SOURCE, tuple(SourceColumn(n, t, (n,)) for n, t in columns.items()))


def scan(name: str, columns: dict[str, SqlType]) -> Scan:
    """Reads these columns of a stream."""
    return Scan(name, columns_of(columns))


def columns_of(columns: dict[str, SqlType]) -> tuple[Column, ...]:
    """Name -> type, as the plan has it."""
    return tuple(Column(name, type) for name, type in columns.items())


def project(node: Node, *expressions: Expression) -> Project:
    """A select list whose names do not matter."""
    outputs = tuple(Output(e, f"output {i}") for i, e in enumerate(expressions))
    return Project(node, outputs)


def pump(query: Project, stream: Stream, name: str = "PUMP") -> Pump:
    """Fills the first columns of the stream."""
    return Pump(name, query, stream.name, stream.columns[: len(query.outputs)])


def application(origin: Source, streams: list[Stream], pumps: list[Pump]) -> Application:
    """The whole."""
    return Application("test", (origin,), tuple(streams), tuple(pumps), "fingerprint")


def tumbling(
    node: Node, keys: Sequence[Expression], aggregates: tuple[Aggregate, ...], size_ms: int
) -> Tumble:
    """GROUP BY keys and FLOOR(ROWTIME). A key that is no column is called "key 0", "key 1"."""
    names = [k.name if isinstance(k, ColumnRef) else f"key {i}" for i, k in enumerate(keys)]
    named = tuple(Key(key, name) for key, name in zip(keys, names, strict=True))
    return Tumble(node, size_ms, named, aggregates, "window start")
