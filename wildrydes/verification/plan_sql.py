"""A plan as DuckDB's SQL, as far as it can be judged: one table for each stream that a pump fills.
What brings rows together is in join_sql.py.

    readings     rowtime_ms, source, c0, c1, ...       what the records say (see readings.py)
    stream_0     rowtime_ms, failed, c0, c1, ...       the rows of the first stream, and so on

`failed` marks a row that does not fit its columns: it belongs in the dead letter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analytics_sql.combination import Join, Lookup, Sort, TimeSort, Union
from analytics_sql.expression import ColumnRef, Expression, InputRowTime, RowTime
from analytics_sql.plan import (
    Aggregate,
    Application,
    Column,
    Filter,
    Node,
    Project,
    Pump,
    Scan,
    Slide,
    Tumble,
    scans_of,
)
from analytics_sql.table_function import DistinctItems, Forest, GroupRank, Hotspots, TopItems
from analytics_sql.types import BIGINT, DOUBLE, Kind, SqlType
from wildrydes.verification.expression_sql import TIME, check, expression_sql, fitted
from wildrydes.verification.join_sql import Relation, join_sql, lookup_sql, union_sql
from wildrydes.verification.not_judged import NotJudged

EXACT_SUM = "exact_sum"
EXACT_MEAN = "exact_mean"
"""See exact_sum.py."""


@dataclass(frozen=True, slots=True)
class StreamTable:
    """The rows of one in-application stream."""

    table: str
    columns: Sequence[Column]
    span_ms: int
    """A row with ROWTIME t is made of records that arrived from t - span_ms on; 0: of one."""
    identity: Sequence[str] | None
    """Columns that tell the rows of the stream apart; None: nothing but the whole row does."""
    time: tuple[str, int] | None
    """A column that has the row's ROWTIME, less so many milliseconds."""
    statements: Sequence[str] = field(repr=False, default=())
    """Make the table, where the tables of the streams it reads are there."""


def stream_tables(
    application: Application, references: Mapping[str, str | NotJudged]
) -> Mapping[str, StreamTable | NotJudged]:
    """How to make each stream that a pump fills, in an order in which that can be done.

    `references`: the tables that hold the reference tables' rows (see reference_rows.py).
    """
    tables: dict[str, StreamTable | NotJudged] = {}
    for stream in dict.fromkeys(pump.stream for pump in application.pumps):
        pumps = [pump for pump in application.pumps if pump.stream == stream]
        try:
            if application.event_time is not None:
                raise NotJudged("windows on event time")
            tables[stream] = _table(application, stream, pumps, tables, references)
        except NotJudged as why:
            tables[stream] = why
    return tables


def _table(
    application: Application,
    stream: str,
    pumps: Sequence[Pump],
    tables: Mapping[str, StreamTable | NotJudged],
    references: Mapping[str, str | NotJudged],
) -> StreamTable:
    table = f"stream_{len(tables)}"
    columns = application.stream(stream).columns
    for column in columns:
        check(column.type)
    statements, spans = [], []
    for number, pump in enumerate(pumps):
        sql, span_ms = _Compiler(application, tables, references).pump(pump, columns)
        head = f"CREATE TABLE {table} AS" if number == 0 else f"INSERT INTO {table}"
        statements.append(f"{head} {sql}")
        spans.append(span_ms)
    identity, time = _identity(pumps[0]) if len(pumps) == 1 else (None, None)
    return StreamTable(table, columns, max(spans), identity, time, statements)


class _Compiler:
    """Makes the SQL of one pump."""

    def __init__(
        self,
        application: Application,
        tables: Mapping[str, StreamTable | NotJudged],
        references: Mapping[str, str | NotJudged],
    ) -> None:
        self._application = application
        self._tables = tables
        self._references = references

    def pump(self, pump: Pump, columns: Sequence[Column]) -> tuple[str, int]:
        """The SELECT, and the `span_ms` of its rows."""
        if pump.query.rowtime is not None:
            raise NotJudged("AS ROWTIME")
        inner = self._node(pump.query.input)
        assigned: dict[str, str] = {}
        conditions = ["failed"]
        for output, target in zip(pump.query.outputs, pump.targets, strict=True):
            value = expression_sql(output.expression, inner.names)
            sql, fits = fitted(value, output.expression.type, target.type)
            assigned[target.name] = sql
            if fits is not None:
                conditions.append(f"NOT coalesce({fits}, TRUE)")
            if not target.nullable:
                conditions.append(f"({value}) IS NULL")
        values = ", ".join(
            f"{assigned.get(column.name, 'NULL')} AS c{i}" for i, column in enumerate(columns)
        )
        failed = " OR ".join(conditions)
        head = f"SELECT {TIME}, '{_quoted(pump.name)}' AS pump, {failed} AS failed"
        return f"{head}, {values} FROM ({inner.sql})", inner.span_ms

    def _node(self, node: Node) -> Relation:
        match node:
            case Scan():
                return self._scan(node)
            case Filter():
                inner = self._node(node.input)
                predicate = expression_sql(node.predicate, inner.names)
                sql = f"SELECT * FROM ({inner.sql}) WHERE failed OR {predicate}"
                return Relation(sql, inner.names, inner.span_ms)
            case Tumble():
                return self._tumble(node)
            case Slide():
                raise NotJudged("OVER")
            case Project():
                return self._project(node)
            case Join():
                return join_sql(node, self._node(node.left), self._node(node.right))
            case Lookup():
                found = self._references.get(node.table, NotJudged(f"table {node.table}"))
                if isinstance(found, NotJudged):
                    raise found
                return lookup_sql(node, self._node(node.input), found, self._columns_of(node.table))
            case Union():
                return union_sql(node, [self._node(below) for below in node.inputs])
            case Sort() | TimeSort():
                raise NotJudged("ORDER BY")
            case Forest() | TopItems() | DistinctItems() | Hotspots() | GroupRank():
                raise NotJudged("a table function")

    def _scan(self, scan: Scan) -> Relation:
        sources = {source.name: source for source in self._application.sources}
        if scan.stream in sources:
            read = [column.name for column in read_columns(self._application)]
            names = {column.name: f"c{read.index(column.name)}" for column in scan.columns}
            where = f"source = '{_quoted(scan.stream)}'"
            table, failed, span_ms = "readings", "FALSE AS failed", 0
        else:
            found = self._tables[scan.stream]
            if isinstance(found, NotJudged):
                raise found
            places = {column.name: f"c{i}" for i, column in enumerate(found.columns)}
            names = {column.name: places[column.name] for column in scan.columns}
            where, table, failed = "NOT failed", found.table, "failed"
            span_ms = found.span_ms
        chosen = ", ".join([TIME, failed, *dict.fromkeys(names.values())])
        return Relation(f"SELECT {chosen} FROM {table} WHERE {where}", names, span_ms)

    def _project(self, node: Project) -> Relation:
        """A query in FROM."""
        if node.rowtime is not None:
            raise NotJudged("AS ROWTIME")
        inner = self._node(node.input)
        names = {output.name: f"p{i}" for i, output in enumerate(node.outputs)}
        values = [
            f"{expression_sql(output.expression, inner.names)} AS {names[output.name]}"
            for output in node.outputs
        ]
        chosen = ", ".join([TIME, "failed", *values])
        return Relation(f"SELECT {chosen} FROM ({inner.sql})", names, inner.span_ms)

    def _columns_of(self, table: str) -> Mapping[str, str]:
        """How the columns of a reference table are called."""
        found = next(t for t in self._application.tables if t.name == table)
        return {column.name: f"c{i}" for i, column in enumerate(found.columns)}

    def _tumble(self, node: Tumble) -> Relation:
        if node.time is not None:
            raise NotJudged("MONOTONIC")
        if node.stagger:
            raise NotJudged("WINDOWED BY STAGGER")
        inner = self._node(node.input)
        size, offset = node.size_ms, node.offset_ms
        start = f"({TIME} - {offset}) // {size} * {size} + {offset}"
        names = {node.window_start: "w"}
        grouped = [f"{start} AS w"]
        for i, key in enumerate(node.keys):
            check(key.expression.type)
            names[key.name] = f"k{i}"
            grouped.append(f"{expression_sql(key.expression, inner.names)} AS k{i}")
        computed = []
        conditions = ["FALSE"]
        for i, aggregate in enumerate(node.aggregates):
            value = _aggregate(aggregate, inner.names)
            sql, fits = fitted(f"a{i}", _natural_type(aggregate), aggregate.type)
            names[aggregate.name] = f"v{i}"
            computed.append((f"{value} AS a{i}", f"{sql} AS v{i}"))
            if _natural_type(aggregate) == BIGINT and aggregate.function == "SUM":
                conditions.append(f"a{i} NOT BETWEEN {-(1 << 63)} AND {(1 << 63) - 1}")
            if _natural_type(aggregate) == DOUBLE:
                conditions.append(f"NOT isfinite(a{i})")
            if fits is not None:
                conditions.append(f"NOT {fits}")
        keys = [f"k{i}" for i in range(len(node.keys))]
        inside = ", ".join([*grouped, *(aggregate for aggregate, _ in computed)])
        outside = ", ".join(["w", *keys, *(value for _, value in computed)])
        failed = " OR ".join(f"coalesce({condition}, FALSE)" for condition in conditions)
        groups = f"SELECT {inside} FROM ({inner.sql}) GROUP BY {', '.join(['w', *keys])}"
        sql = f"SELECT w + {size} AS {TIME}, {failed} AS failed, {outside} FROM ({groups})"
        return Relation(sql, names, inner.span_ms + size)


def read_columns(application: Application) -> Sequence[Column]:
    """The columns of the input that any pump reads, each once."""
    sources = {source.name for source in application.sources}
    found: dict[str, Column] = {}
    for pump in application.pumps:
        for scan in scans_of(pump.query):
            if scan.stream in sources:
                found |= {column.name: column for column in scan.columns}
    return list(found.values())


def _aggregate(aggregate: Aggregate, names: Mapping[str, str]) -> str:
    if aggregate.argument is None:
        return "count(*)"
    check(aggregate.argument.type)
    value = expression_sql(aggregate.argument, names)
    is_double = aggregate.argument.type.kind is Kind.DOUBLE
    there = f"FILTER (WHERE ({value}) IS NOT NULL)"
    match aggregate.function:
        case "COUNT" | "MIN" | "MAX":
            return f"{aggregate.function.lower()}({value})"
        case "SUM":
            return f"{EXACT_SUM}(list({value}) {there})" if is_double else f"sum({value})"
        case "AVG" if is_double:
            return f"{EXACT_MEAN}(list({value}) {there})"
        case "AVG" if aggregate.argument.type.is_integer and aggregate.type.is_integer:
            # Cut toward zero, as DuckDB's // does.
            return f"sum({value}) // count({value})"
        case "ANY":
            return f"bool_or({value})"
        case "EVERY":
            return f"bool_and({value})"
    raise NotJudged(f"{aggregate.function} of {aggregate.argument.type}")


def _natural_type(aggregate: Aggregate) -> SqlType:
    """The type of what `_aggregate` gives."""
    if aggregate.argument is None or aggregate.function == "COUNT":
        return BIGINT
    type = aggregate.argument.type
    if aggregate.function in ("SUM", "AVG") and type.is_integer:
        return BIGINT
    return type


def _identity(pump: Pump) -> tuple[Sequence[str] | None, tuple[str, int] | None]:
    """Which of the columns that a pump assigns tell its rows apart, and which has their time."""
    node: Node = pump.query.input
    while isinstance(node, Filter):
        node = node.input
    time: tuple[str, int] | None = None
    by_name: dict[str, str] = {}
    for output, target in zip(pump.query.outputs, pump.targets, strict=True):
        plain: Expression = output.expression
        if target.type.kind is Kind.TIMESTAMP and time is None:
            if isinstance(plain, RowTime | InputRowTime):
                time = target.name, 0
            elif isinstance(node, Tumble) and plain == ColumnRef(node.window_start, plain.type):
                time = target.name, node.size_ms
        if isinstance(plain, ColumnRef) and plain.type == target.type:
            by_name.setdefault(plain.name, target.name)
    if not isinstance(node, Tumble) or time is None:
        return None, time
    keys = [by_name.get(key.name) for key in node.keys]
    found = [key for key in keys if key is not None]
    return ([*found, time[0]] if len(found) == len(keys) else None), time


def _quoted(text: str) -> str:
    return text.replace("'", "''")
