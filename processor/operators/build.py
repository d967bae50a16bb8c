"""From the nodes of a query to operators that run it."""

from analytics_sql.plan import Application, Filter, Node, Project, Pump, Scan, Tumble
from processor.operators.assign import AssignOperator
from processor.operators.base import Operator
from processor.operators.filter import FilterOperator
from processor.operators.project import ProjectOperator
from processor.operators.scan import ScanOperator
from processor.operators.tumble import TumbleOperator


def build_operators(application: Application, pump: Pump) -> list[Operator]:
    """The operators of a pump, in the order in which rows go through them.

    Raises ConfigError when the plan asks for what is not run.
    """
    stage = f"pump {pump.name}"
    targets = [column.name for column in pump.targets]
    stream = application.stream(pump.stream).columns
    return [
        *_chain(pump.query.input, stage),
        ProjectOperator(pump.query, targets, stage),
        AssignOperator(pump.query.columns, pump.targets, stream, stage),
    ]


def _chain(node: Node, stage: str) -> list[Operator]:
    match node:
        case Scan():
            return [ScanOperator(node)]
        case Filter():
            return [*_chain(node.input, stage), FilterOperator(node, stage)]
        case Tumble():
            return [*_chain(node.input, stage), TumbleOperator(node, stage)]
        case Project():
            names = [output.name for output in node.outputs]
            return [*_chain(node.input, stage), ProjectOperator(node, names, stage)]
