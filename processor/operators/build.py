"""From the nodes of a query to operators that run it."""

from collections.abc import Mapping
from dataclasses import dataclass

from analytics_sql.combination import Join, Lookup, Sort, TimeSort, Union
from analytics_sql.plan import Application, Filter, Node, Project, Pump, Scan, Slide, Tumble
from analytics_sql.table_function import DistinctItems, Forest, GroupRank, Hotspots, TopItems
from processor.operators.assign import AssignOperator
from processor.operators.correct import CorrectingTumbleOperator
from processor.operators.filter import FilterOperator
from processor.operators.flow import Flow
from processor.operators.group_rank import GroupRankOperator
from processor.operators.hold import HoldOperator
from processor.operators.hotspots import HotspotsOperator
from processor.operators.join import JoinOperator
from processor.operators.lookup import LookupOperator, TableRows
from processor.operators.monotonic import MonotonicOperator
from processor.operators.project import ProjectOperator
from processor.operators.random_cut_forest import RandomCutForestOperator
from processor.operators.restamp import RestampOperator
from processor.operators.scan import ScanOperator
from processor.operators.slide import SlideOperator
from processor.operators.sort import SortOperator
from processor.operators.stagger import StaggerOperator
from processor.operators.time_sort import TimeSortOperator
from processor.operators.tumble import ORDERED, TumbleOperator
from processor.operators.union import UnionOperator
from processor.operators.window_items import DistinctItemsOperator, TopItemsOperator


def build_flow(application: Application, pump: Pump, tables: Mapping[str, TableRows]) -> Flow:
    """The operators of a pump, from the streams that it reads to the one that it fills.

    Raises ConfigError when the plan asks for what is not run.
    """
    stage = f"pump {pump.name}"
    targets = [column.name for column in pump.targets]
    stream = application.stream(pump.stream).columns
    time = application.event_time
    builder = _Builder(stage, None if time is None else time.correct_ms, tables)
    assign = AssignOperator(pump.query.columns, pump.targets, stream, stage)
    return builder.select(pump.query, targets).then(assign)


@dataclass(frozen=True, slots=True)
class _Builder:
    stage: str
    kept_ms: int | None
    """How long the windows are kept for corrections; None: they are not."""
    tables: Mapping[str, TableRows]

    def flow(self, node: Node) -> Flow:
        """The operators of a node and of all below it."""
        stage = self.stage
        match node:
            case Scan():
                return Flow(node.stream, (), [ScanOperator(node)])
            case Filter():
                return self.flow(node.input).then(FilterOperator(node, stage))
            case Tumble():
                return self._tumble(node)
            case Slide():
                return self.in_order(node.input).then(SlideOperator(node, stage))
            case Project():
                return self.select(node, [output.name for output in node.outputs])
            case Join():
                inputs = [self.flow(node.left), self.flow(node.right)]
                return Flow(JoinOperator(node, stage), inputs)
            case Lookup():
                lookup = LookupOperator(node, self.tables[node.table], stage)
                return self.flow(node.input).then(lookup)
            case Union():
                inputs = [self.flow(each) for each in node.inputs]
                return Flow(UnionOperator([puts_in_order(flow) for flow in inputs]), inputs)
            case Sort():
                return self.flow(node.input).then(SortOperator(node, stage))
            case TimeSort():
                return self.in_order(node.input).then(TimeSortOperator(node, stage))
            case Forest():
                return self.in_order(node.input).then(RandomCutForestOperator(node))
            case TopItems():
                return self.flow(node.input).then(TopItemsOperator(node))
            case DistinctItems():
                return self.flow(node.input).then(DistinctItemsOperator(node))
            case Hotspots():
                return self.in_order(node.input).then(HotspotsOperator(node))
            case GroupRank():
                hold = HoldOperator(node.input.columns)
                return self.flow(node.input).then(hold, GroupRankOperator(node))

    def select(self, node: Project, names: list[str]) -> Flow:
        """The select list; with AS ROWTIME the rows get their new times first."""
        project = ProjectOperator(node, names, self.stage)
        if node.rowtime is None:
            return self.flow(node.input).then(project)
        restamp = RestampOperator(node.rowtime, node.input.columns, self.stage)
        return self.in_order(node.input).then(restamp, project)

    def in_order(self, node: Node) -> Flow:
        """The operators of a node, so that its rows come in one order however the shards
        interleave.
        """
        flow = self.flow(node)
        return flow if puts_in_order(flow) else flow.then(HoldOperator(node.columns))

    def _tumble(self, node: Tumble) -> Flow:
        stage = self.stage
        if node.time is not None:
            return self.in_order(node.input).then(MonotonicOperator(node, stage))
        if node.stagger:
            return self.in_order(node.input).then(StaggerOperator(node, stage))
        ordered = any(a.function in ORDERED for a in node.aggregates)
        below = self.in_order(node.input) if ordered else self.flow(node.input)
        if self.kept_ms is not None:
            return below.then(CorrectingTumbleOperator(node, stage, self.kept_ms))
        return below.then(TumbleOperator(node, stage))


def puts_in_order(flow: Flow) -> bool:
    """Whether rows leave a flow in one order however the shards interleave."""
    return flow.is_in_order((HoldOperator, TumbleOperator, MonotonicOperator))
