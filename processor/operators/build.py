"""From the nodes of a query to operators that run it."""

from collections.abc import Sequence

from analytics_sql.plan import Application, Filter, Node, Project, Pump, Scan, Slide, Tumble
from processor.operators.assign import AssignOperator
from processor.operators.base import Operator
from processor.operators.correct import CorrectingTumbleOperator
from processor.operators.filter import FilterOperator
from processor.operators.hold import HoldOperator
from processor.operators.monotonic import MonotonicOperator
from processor.operators.project import ProjectOperator
from processor.operators.restamp import RestampOperator
from processor.operators.scan import ScanOperator
from processor.operators.slide import SlideOperator
from processor.operators.tumble import ORDERED, TumbleOperator


def build_operators(application: Application, pump: Pump) -> list[Operator]:
    """The operators of a pump, in the order in which rows go through them.

    Raises ConfigError when the plan asks for what is not run.
    """
    stage = f"pump {pump.name}"
    targets = [column.name for column in pump.targets]
    stream = application.stream(pump.stream).columns
    time = application.event_time
    kept_ms = None if time is None else time.correct_ms
    return [
        *_select(pump.query, targets, stage, kept_ms),
        AssignOperator(pump.query.columns, pump.targets, stream, stage),
    ]


def _chain(node: Node, stage: str, kept_ms: int | None) -> list[Operator]:
    match node:
        case Scan():
            return [ScanOperator(node)]
        case Filter():
            return [*_chain(node.input, stage, kept_ms), FilterOperator(node, stage)]
        case Tumble():
            if node.time is not None:
                return [*_in_order(node.input, stage, kept_ms), MonotonicOperator(node, stage)]
            ordered = any(a.function in ORDERED for a in node.aggregates)
            below = (
                _in_order(node.input, stage, kept_ms)
                if ordered
                else _chain(node.input, stage, kept_ms)
            )
            if kept_ms is not None:
                return [*below, CorrectingTumbleOperator(node, stage, kept_ms)]
            return [*below, TumbleOperator(node, stage)]
        case Slide():
            return [*_in_order(node.input, stage, kept_ms), SlideOperator(node, stage)]
        case Project():
            return _select(node, [output.name for output in node.outputs], stage, kept_ms)


def _select(node: Project, names: list[str], stage: str, kept_ms: int | None) -> list[Operator]:
    """The select list; with AS ROWTIME the rows get their new times first."""
    project = ProjectOperator(node, names, stage)
    if node.rowtime is None:
        return [*_chain(node.input, stage, kept_ms), project]
    restamp = RestampOperator(node.rowtime, node.input.columns, stage)
    return [*_in_order(node.input, stage, kept_ms), restamp, project]


def _in_order(node: Node, stage: str, kept_ms: int | None) -> list[Operator]:
    """The operators of a node, so that its rows come in one order however the shards interleave."""
    operators = _chain(node, stage, kept_ms)
    return operators if puts_in_order(operators) else [*operators, HoldOperator(node.columns)]


def puts_in_order(operators: Sequence[Operator]) -> bool:
    """Whether rows leave these operators in one order however the shards interleave."""
    return any(isinstance(o, HoldOperator | TumbleOperator | MonotonicOperator) for o in operators)
