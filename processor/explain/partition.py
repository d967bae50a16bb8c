"""Whether a plan can be shared out by shard: each worker with its shards' records and nothing else.

It can when no state brings records of different shards together. The service puts a record into the
shard of its partition key, so it is enough that every key of state holds a column of the input from
which the partition key is made.
"""

from dataclasses import dataclass

from analytics_sql.combination import Join, Sort, TimeSort
from analytics_sql.expression import ColumnRef, Expression
from analytics_sql.plan import Application, Node, Project, Scan, Slide, Tumble, inputs_of
from analytics_sql.table_function import DistinctItems, Forest, GroupRank, Hotspots, TopItems
from processor.explain.expression_text import quoted

_OF_THE_SHARD = {"PARTITION_KEY", "SHARD_ID"}


@dataclass(frozen=True, slots=True)
class Sharing:
    """Whether, and in one sentence why or why not. `columns`: those of the input of which the
    partition key has to be one.
    """

    possible: bool
    reason: str
    columns: tuple[str, ...] = ()


def sharing_of(application: Application) -> Sharing:
    """What a plan allows."""
    common: set[str] | None = None
    for pump in application.pumps:
        for node in _nodes(pump.query):
            keys = _keys(node)
            if keys is None:
                continue
            columns = {c for key in keys if (c := _source_column(application, key, node))}
            common = columns if common is None else common & columns
            if not common:
                return Sharing(False, _why_not(pump.name, node, bool(columns)))
    if common is None:
        return Sharing(True, "no pump keeps state")
    names = tuple(sorted(common))
    if common & _OF_THE_SHARD:
        return Sharing(True, "all state is kept by the record's own shard", names)
    listed = " or ".join(map(quoted, names))
    return Sharing(True, f"all state is kept by {listed}: let it be the partition key", names)


def _nodes(node: Node) -> list[Node]:
    return [node, *(below for inner in inputs_of(node) for below in _nodes(inner))]


def _keys(node: Node) -> tuple[Expression, ...] | None:
    """What state is kept by; None for a node that keeps none."""
    if isinstance(node, Tumble):
        return tuple(key.expression for key in node.keys)
    if isinstance(
        node, Join | Sort | TimeSort | Forest | TopItems | DistinctItems | Hotspots | GroupRank
    ):
        # Both sides of a key would have to be one column of the input; the others have none.
        return ()
    if isinstance(node, Slide):
        partitions = [set(call.partition) for call in node.calls]
        return tuple(set.intersection(*partitions))
    return None


def _why_not(pump: str, node: Node, has_columns: bool) -> str:
    if isinstance(
        node, Join | Sort | TimeSort | Forest | TopItems | DistinctItems | Hotspots | GroupRank
    ):
        whats = {Join: "joins streams", Sort: "sorts all rows", TimeSort: "sorts all rows"}
        what = whats.get(type(node), "has a table function, which takes all rows")
        return f"pump {quoted(pump)} {what}: all records meet there"
    what = "GROUP BY" if isinstance(node, Tumble) else "PARTITION BY"
    if has_columns:
        return f"pump {quoted(pump)} keeps state by other columns than those before it"
    return f"pump {quoted(pump)} has no column of the input in {what}: all records meet there"


def _source_column(application: Application, key: Expression, node: Node) -> str | None:
    """The column of the input that a key over a node's input is; None when it is none as it is."""
    if not isinstance(key, ColumnRef):
        return None
    return _below(application, key.name, node)


def _below(application: Application, name: str, node: Node) -> str | None:
    """What a column of the input of a node is, if the node has one input that has it."""
    found = {
        _trace(application, name, below)
        for below in inputs_of(node)
        if any(column.name == name for column in below.columns)
    }
    return found.pop() if len(found) == 1 else None


def _trace(application: Application, name: str, node: Node) -> str | None:
    match node:
        case Scan(stream=stream):
            if any(source.name == stream for source in application.sources):
                return name
            return _trace_stream(application, stream, name)
        case Tumble(keys=keys):
            found = [key.expression for key in keys if key.name == name]
        case Project(outputs=outputs):
            found = [output.expression for output in outputs if output.name == name]
        case _:
            return _below(application, name, node)
    return _source_column(application, found[0], node) if found else None


def _trace_stream(application: Application, stream: str, name: str) -> str | None:
    """Through every pump that fills a stream: all have to say the same."""
    columns: set[str | None] = set()
    for pump in application.pumps:
        if pump.stream == stream:
            places = [i for i, target in enumerate(pump.targets) if target.name == name]
            outputs = pump.query.outputs
            column = None
            if places:
                column = _source_column(application, outputs[places[0]].expression, pump.query)
            columns.add(column)
    return columns.pop() if len(columns) == 1 else None
