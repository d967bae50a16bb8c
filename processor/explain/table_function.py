"""Table functions in words."""

from analytics_sql.plan import Node
from analytics_sql.table_function import DistinctItems, Forest, GroupRank, Hotspots, TopItems
from processor.explain.expression_text import quoted
from processor.explain.state import state_of
from processor.explain.step import Step


def table_function_step(
    node: Forest[Node] | TopItems[Node] | DistinctItems[Node] | Hotspots[Node] | GroupRank[Node],
) -> Step:
    """The step of a table function."""
    match node:
        case Forest():
            return _forest(node)
        case TopItems():
            return Step(f"the {node.count} groups of each window with the largest {node.by}")
        case DistinctItems():
            return Step("the number of groups of each window")
        case Hotspots():
            numbers = ", ".join(map(quoted, node.numbers))
            title = f"HOTSPOTS of {numbers}: regions of {node.least} or more of the last "
            return Step(f"{title}{node.window} points within {node.radius:g}", state=state_of(node))
        case GroupRank():
            most = f", {node.most} rows at most" if node.most else ""
            down = ", the largest first" if node.descending else ""
            title = f"GROUP_RANK of the rows of each ROWTIME by {quoted(node.by)}"
            return Step(f"{title}{down}{most}", state=state_of(node))


def _forest(node: Forest[Node]) -> Step:
    name = "RANDOM_CUT_FOREST_WITH_EXPLANATION" if node.explained else "RANDOM_CUT_FOREST"
    numbers = ", ".join(map(quoted, node.numbers))
    shingles = f", {node.shingle} rows a point" if node.shingle > 1 else ""
    return Step(
        f"{name} of {numbers}: {node.trees} trees of {node.sample} rows, "
        f"time decay {node.time_decay:,} rows{shingles}",
        state=state_of(node),
    )
