"""An explanation: the plan as plain data, of which the tree, the graph and JSON are made."""

from dataclasses import dataclass

from analytics_sql.plan import (
    RANGE_EDGE_INCLUDED,
    Aggregate,
    Analytic,
    Application,
    EventTime,
    Filter,
    Frame,
    Node,
    Project,
    Pump,
    Scan,
    Slide,
    Tumble,
    inputs_of,
    scans_of,
)
from analytics_sql.table_function import DistinctItems, Forest, GroupRank, Hotspots, TopItems
from processor.explain.combination import combination_step
from processor.explain.expression_text import expression_text, interval_text, quoted
from processor.explain.failure import assignment_failure
from processor.explain.partition import Sharing, sharing_of
from processor.explain.state import state_of
from processor.explain.step import CLOSED_BY_TIME, Step, Window, fails_of
from processor.explain.table_function import table_function_step

CLOSED_BY_ROW = "the first row of another value"


@dataclass(frozen=True, slots=True)
class PumpExplanation:
    """A pump from the stream it reads (the first step) to the one it fills (the last)."""

    name: str
    reads: tuple[str, ...]
    fills: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class StreamExplanation:
    """A stream; `role`: input, output (no pump reads it), or in between."""

    name: str
    role: str
    columns: tuple[tuple[str, str], ...]
    """Name and type."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """All of it."""

    application: str
    fingerprint: str
    streams: tuple[StreamExplanation, ...]
    pumps: tuple[PumpExplanation, ...]
    rowtime: str | None
    """With event time: what ROWTIME is, and what becomes of late records."""
    sharing: Sharing
    warnings: tuple[str, ...]


def explain(application: Application) -> Explanation:
    """The explanation of a plan."""
    pumps = tuple(_pump(application, pump) for pump in application.pumps)
    warnings = [
        f"pump {quoted(pump.name)}: {step.state.warning}"
        for pump in pumps
        for step in pump.steps
        if step.state is not None and step.state.warning is not None
    ]
    return Explanation(
        application.name,
        application.fingerprint,
        (*_sources(application), *_streams(application)),
        pumps,
        _rowtime(application.event_time),
        sharing_of(application),
        tuple(warnings),
    )


def _rowtime(time: EventTime | None) -> str | None:
    if time is None:
        return None
    late = "goes to error_stream"
    if time.correct_ms is not None:
        late = f"corrects the rows of its window for {time.correct_ms / 1000:g} s after its end"
    behind = f"more than {time.lateness_ms / 1000:g} s behind the latest of its shard"
    return f"column {quoted(time.column)}; a record {behind} {late}"


def _sources(application: Application) -> list[StreamExplanation]:
    return [
        StreamExplanation(
            source.name, "input", tuple((c.name, str(c.type)) for c in source.columns)
        )
        for source in application.sources
    ]


def _streams(application: Application) -> list[StreamExplanation]:
    return [
        StreamExplanation(
            stream.name,
            "output" if stream.name in application.outputs else "in between",
            tuple((c.name, str(c.type)) for c in stream.columns),
        )
        for stream in application.streams
    ]


def _pump(application: Application, pump: Pump) -> PumpExplanation:
    sources = {source.name for source in application.sources}
    steps = _steps(pump.query, sources)
    fails = [
        failure
        for output, target in zip(pump.query.outputs, pump.targets, strict=True)
        if (failure := assignment_failure(output.expression.type, target)) is not None
    ]
    into = f"INSERT INTO {quoted(pump.stream)} ({', '.join(quoted(t.name) for t in pump.targets)})"
    reads = tuple(scan.stream for scan in scans_of(pump.query))
    steps.append(Step(into, fails=tuple(fails)))
    return PumpExplanation(pump.name, reads, pump.stream, tuple(steps))


def _steps(node: Node, sources: set[str]) -> list[Step]:
    """From the leaf up."""
    below = [step for inner in inputs_of(node) for step in _steps(inner, sources)]
    return [*below, _step(node, sources)]


def _step(node: Node, sources: set[str]) -> Step:
    match node:
        case Scan(stream=stream, columns=columns):
            names = ", ".join(quoted(column.name) for column in columns) or "only its ROWTIME"
            fails = ("a record that cannot be read, or a value that does not fit its column",)
            return Step(f"FROM {quoted(stream)}: {names}", fails=fails if stream in sources else ())
        case Filter(predicate=predicate):
            return Step(f"WHERE {expression_text(predicate)}", fails=fails_of(predicate))
        case Tumble():
            return _tumble(node)
        case Slide():
            return _slide(node)
        case Project():
            return _project(node)
    if isinstance(node, Forest | TopItems | DistinctItems | Hotspots | GroupRank):
        return table_function_step(node)
    return combination_step(node)


def _project(node: Project) -> Step:
    items = [expression_text(output.expression) for output in node.outputs]
    fails = fails_of(*(output.expression for output in node.outputs))
    if node.rowtime is not None:
        items.append(f"{expression_text(node.rowtime)} AS ROWTIME")
        fails += ("a ROWTIME that is NULL or goes back",)
    return Step(f"SELECT {', '.join(items)}", fails=fails)


def _tumble(node: Tumble) -> Step:
    if node.time is not None:
        name = f"MONOTONIC({expression_text(node.time)})"
        window = Window("monotonic", f"as long as {name} stays the same", "none", CLOSED_BY_ROW)
    else:
        alignment = "the Unix epoch, UTC"
        if node.offset_ms:
            alignment += f", plus {interval_text(node.offset_ms)}"
        kind = "tumbling"
        if node.stagger:
            kind, alignment = "stagger", "the first row of each key"
        window = Window(kind, interval_text(node.size_ms), alignment, CLOSED_BY_TIME)
    arguments = [aggregate.argument for aggregate in node.aggregates]
    return Step(
        "WINDOWED BY STAGGER" if node.stagger else "GROUP BY",
        windows=(window,),
        keys=tuple(expression_text(key.expression) for key in node.keys),
        calls=tuple(map(_call, node.aggregates)),
        state=state_of(node),
        fails=fails_of(*(key.expression for key in node.keys), *arguments),
    )


def _slide(node: Slide) -> Step:
    windows = tuple(dict.fromkeys(_frame(call.frame) for call in node.calls))
    partitions = {expression: None for call in node.calls for expression in call.partition}
    arguments = [call.argument for call in node.calls]
    return Step(
        "OVER",
        windows=windows,
        keys=tuple(map(expression_text, partitions)),
        calls=tuple(map(_call, node.calls)),
        state=state_of(node),
        fails=fails_of(*partitions, *arguments),
    )


def _frame(frame: Frame) -> Window:
    closed_by = "nothing: one row out for each row in, when the watermark has passed it"
    if frame.rows is not None:
        return Window("sliding by rows", f"{frame.rows + 1} rows", "the current row", closed_by)
    if frame.range_ms is None:
        return Window("unbounded", "all rows so far", "the current row", closed_by)
    edge = "included" if RANGE_EDGE_INCLUDED else "not included"
    size = f"{interval_text(frame.range_ms)}, that edge {edge}"
    return Window("sliding by range", size, "the current row", closed_by)


def _call(call: Aggregate | Analytic) -> str:
    argument = "*" if call.argument is None else expression_text(call.argument)
    more = ""
    if isinstance(call, Analytic) and call.offset is not None:
        more = f", {call.offset}"
    return f"{call.function}({argument}{more}) {call.type}"
