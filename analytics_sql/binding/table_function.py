"""FROM TABLE(FUNCTION(CURSOR(query), ...)) to plan nodes.

Sources: REF:sqlrf-random-cut-forest; REF:sqlrf-random-cut-forest-with-explanation;
REF:top-k; REF:count-distinct-items; REF:sqlrf-hotspots; REF:sql-reference-group-rank-udx;
DG:app-anom-score-create-app.md.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from analytics_sql.binding.constant import Constants, NoConstant
from analytics_sql.binding.names import listed, written
from analytics_sql.expression import Cast, ColumnRef, IsNull, Not, columns_of
from analytics_sql.plan import Aggregate, Column, Filter, Key, Node, Output, Project, Scan, Tumble
from analytics_sql.syntax.nodes import TableCall, span_of
from analytics_sql.syntax.refusals import is_never_had
from analytics_sql.syntax.source_text import Faults
from analytics_sql.table_function import DistinctItems, Forest, GroupRank, Hotspots, TopItems
from analytics_sql.types import BIGINT, DOUBLE, Kind, SqlType

_ITEM = SqlType(Kind.VARCHAR, 1024)
_WINDOW_START = "WINDOW_START"
_SECONDS_MAX = 366 * 86_400
_INTEGER_MAX = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class _Call:
    """A call, its query after binding, and its other arguments."""

    function: str
    node: TableCall
    input: Project
    constants: Constants
    faults: Faults


def bind_table_call(
    node: TableCall, bind_query: Callable[[exp.Expr], Node | None], faults: Faults
) -> Node | None:
    """The node that gives the rows of a table function; None after a fault."""
    name = node.name
    known = _FUNCTIONS.get(name)
    if known is None:
        if not is_never_had(exp.Anonymous(this=name)):
            faults.add(
                span_of(node),
                f"there is no table function {name}",
                f"there are {listed(_FUNCTIONS)}",
            )
        return None
    bind, syntax = known
    query = node.args.get("query")
    if query is None:
        faults.add(span_of(node), f"{name} takes the rows of a query", f"write {syntax}")
        return None
    rows = bind_query(query)
    if rows is None:
        return None
    assert isinstance(rows, Project)
    constants = Constants(name, syntax, node.expressions, faults)
    try:
        return bind(_Call(name, node, rows, constants, faults))
    except NoConstant:
        return None


def _forest(call: _Call) -> Node:
    explained = call.function.endswith("EXPLANATION")
    constants = call.constants
    constants.check_count(0, 5 if explained else 4, call.node)
    numbers = _numbers(call)
    return Forest(
        input=call.input,
        numbers=numbers,
        trees=constants.number(0, "numberOfTrees", 1, 1000, 100),
        sample=constants.number(1, "subSampleSize", 10, 1000, 256),
        time_decay=constants.number(2, "timeDecay", 1, _INTEGER_MAX, 100_000),
        shingle=constants.number(3, "shingleSize", 1, 30, 1),
        explained=explained,
        directed=explained and constants.truth(4, "withDirectionality"),
    )


def _numbers(call: _Call) -> tuple[str, ...]:
    """The columns that make a row a point: those of the types that the service takes."""
    names = []
    is_sound = True
    for column in call.input.columns:
        if column.type.kind is Kind.DECIMAL:
            call.faults.add(
                span_of(call.node),
                f"{written(column.name)} is a {column.type}, which {call.function} does not take",
                "write CAST(... AS DOUBLE), or leave the column out of CURSOR",
            )
            is_sound = False
        elif column.type.is_numeric:
            names.append(column.name)
    if is_sound and not names:
        call.faults.add(
            span_of(call.node),
            f"{call.function} scores columns that are numbers, and this query has none",
            f"it has {listed(column.name for column in call.input.columns)}",
        )
    if not names or not is_sound:
        raise NoConstant
    return tuple(names)


def _top(call: _Call) -> Node:
    call.constants.check_count(3, 3, call.node)
    column = _column(call)
    count = call.constants.number(1, "k", 1, 1_000_000)
    counted = _counted(call, column, 2)
    outputs = (
        Output(ColumnRef("ITEM", _ITEM), "ITEM"),
        Output(Cast(ColumnRef("ITEM_COUNT", BIGINT), DOUBLE), "ITEM_COUNT"),
    )
    return Project(TopItems(counted, "ITEM_COUNT", count), outputs)


def _distinct(call: _Call) -> Node:
    call.constants.check_count(2, 2, call.node)
    return DistinctItems(_counted(call, _column(call), 1), _WINDOW_START)


def _hotspots(call: _Call) -> Node:
    constants = call.constants
    constants.check_count(3, 3, call.node)
    window = constants.number(0, "windowSize", 100, 1000)
    return Hotspots(
        input=call.input,
        numbers=_numbers(call),
        window=window,
        radius=constants.positive(1, "scanRadius"),
        least=constants.number(2, "minimumNumberOfPointsInAHotspot", 2, window),
    )


def _group_rank(call: _Call) -> Node:
    constants = call.constants
    constants.check_count(6, 6, call.node)
    column = _column(call)
    rank = constants.text(1, "the column of the rank")
    sort_order = constants.text(2, "sortOrder").lower()
    if sort_order not in ("asc", "desc"):
        raise constants.refuse(2, "sortOrder is 'asc' or 'desc'")
    output_order = constants.text(3, "outputOrder").lower()
    if output_order not in ("asc", "desc", "none"):
        raise constants.refuse(3, "outputOrder is 'asc', 'desc' or 'none'")
    # Rows of a ROWTIME are complete when the time has passed it: there is nothing to wait for.
    constants.number(4, "maxIdle", 0, _INTEGER_MAX)
    return GroupRank(
        input=call.input,
        by=column.name,
        rank=rank,
        descending=sort_order == "desc",
        order="none" if output_order == "none" else "desc" if output_order == "desc" else "asc",
        most=constants.number(5, "outputMax", 0, _INTEGER_MAX),
    )


def _column(call: _Call) -> Column:
    """The column of the query that the first argument names, as it stands in the text or folded."""
    name = call.constants.text(0, "the name of the column")
    by_name = {column.name: column for column in call.input.columns}
    found = by_name.get(name.strip('"')) or by_name.get(name.upper())
    if found is None:
        message = f"the query in CURSOR has no column {written(name)}"
        raise call.constants.refuse(0, message, f"it has {listed(by_name)}")
    return found


def _counted(call: _Call, column: Column, place: int) -> Node:
    """How often each item occurs in a window; NULL is no item."""
    seconds = call.constants.number(place, "the window in seconds", 1, _SECONDS_MAX)
    item = ColumnRef(column.name, column.type)
    if column.type.is_bytes:
        message = f"{written(column.name)} is a {column.type}: an item is a text"
        raise call.constants.refuse(0, message, "take another column, or GROUP BY this one")
    return Tumble(
        input=Filter(_only(call.input, column.name), Not(IsNull(item))),
        size_ms=1000 * seconds,
        keys=(Key(Cast(item, _ITEM), "ITEM"),),
        aggregates=(Aggregate("COUNT", None, BIGINT, "ITEM_COUNT"),),
        window_start=_WINDOW_START,
    )


def _only(query: Project, name: str) -> Project:
    """A query with one of its columns: what stands in the others does not matter."""
    outputs = tuple(output for output in query.outputs if output.name == name)
    below = query.input
    if isinstance(below, Scan) and query.rowtime is None:
        used = frozenset[str]().union(*(columns_of(output.expression) for output in outputs))
        below = Scan(below.stream, tuple(c for c in below.columns if c.name in used))
    return Project(below, outputs, query.rowtime)


_CURSOR = "CURSOR(SELECT STREAM ... FROM ...)"
_FUNCTIONS: dict[str, tuple[Callable[[_Call], Node], str]] = {
    "RANDOM_CUT_FOREST": (
        _forest,
        f"TABLE(RANDOM_CUT_FOREST({_CURSOR}, numberOfTrees, subSampleSize, timeDecay, "
        "shingleSize)), all after CURSOR optional",
    ),
    "RANDOM_CUT_FOREST_WITH_EXPLANATION": (
        _forest,
        f"TABLE(RANDOM_CUT_FOREST_WITH_EXPLANATION({_CURSOR}, numberOfTrees, subSampleSize, "
        "timeDecay, shingleSize, withDirectionality)), all after CURSOR optional",
    ),
    "HOTSPOTS": (
        _hotspots,
        f"TABLE(HOTSPOTS({_CURSOR}, windowSize, scanRadius, minimumNumberOfPointsInAHotspot))",
    ),
    "GROUP_RANK": (
        _group_rank,
        f"TABLE(GROUP_RANK({_CURSOR}, 'column', 'rank', 'asc', 'asc', maxIdle, outputMax))",
    ),
    "TOP_K_ITEMS_TUMBLING": (_top, f"TABLE(TOP_K_ITEMS_TUMBLING({_CURSOR}, 'column', k, seconds))"),
    "COUNT_DISTINCT_ITEMS_TUMBLING": (
        _distinct,
        f"TABLE(COUNT_DISTINCT_ITEMS_TUMBLING({_CURSOR}, 'column', seconds))",
    ),
}
