"""A pump: a query, and the columns of a stream that its rows are assigned to.

Assignment is by position, whatever the select list calls its items (REF:sql-reference-insert).
"""

from analytics_sql.binding.conversion import assignable
from analytics_sql.binding.names import fold, listed, no_such, written
from analytics_sql.binding.query import BoundQuery, FindRelation, bind_query
from analytics_sql.binding.scope import ROWTIME
from analytics_sql.binding.select_list import Item
from analytics_sql.expression import Expression, InputRowTime, Literal, RowTime
from analytics_sql.plan import Column, Output, Project, Pump, Stream
from analytics_sql.syntax.nodes import CreatePump, span_of
from analytics_sql.syntax.source_text import Faults
from analytics_sql.types import TIMESTAMP, Kind

ROW_TIME_TARGET = Column(ROWTIME, TIMESTAMP)
"""What INSERT INTO s (ROWTIME, ...) assigns to: the time of the row, which is no column of it."""


def bind_pump(
    statement: CreatePump, name: str, stream: Stream | None, find: FindRelation, faults: Faults
) -> Pump | None:
    """Binds a pump into `stream`; without one (a fault noted before) only its query is checked."""
    query = bind_query(statement.query, find, faults)
    targets = None if stream is None else _targets(statement, stream, faults)
    if query is None or stream is None or targets is None:
        return None
    return _assigned(statement, name, query, stream, targets, faults)


def _targets(statement: CreatePump, stream: Stream, faults: Faults) -> tuple[Column, ...] | None:
    """The columns assigned: those listed, or all."""
    if statement.columns is None:
        return stream.columns
    by_name = {column.name: column for column in stream.columns}
    by_name.setdefault(ROWTIME, ROW_TIME_TARGET)
    targets: dict[str, Column] = {}
    is_sound = True
    for identifier in statement.columns:
        column = by_name.get(fold(identifier))
        if column is None:
            names = [column.name for column in stream.columns]
            others = f"{written(stream.name)} has {listed(names)}"
            advice = no_such("column", identifier, names, otherwise=others)
            faults.advise(span_of(identifier), advice)
        elif column.name in targets:
            faults.add(span_of(identifier), f"{written(column.name)} is assigned twice")
        is_sound &= column is not None and column.name not in targets
        if column is not None:
            targets[column.name] = column
    for column in stream.columns:
        if not column.nullable and column.name not in targets:
            faults.add(
                span_of(statement.target),
                f"{written(column.name)} is NOT NULL, and this INSERT leaves it NULL",
                "add it to the column list",
            )
            is_sound = False
    return tuple(targets.values()) if is_sound else None


def _assigned(
    statement: CreatePump,
    name: str,
    query: BoundQuery,
    stream: Stream,
    targets: tuple[Column, ...],
    faults: Faults,
) -> Pump | None:
    items, rowtime, is_sound = _row_time(query, targets, faults)
    places = len(targets)
    targets = tuple(target for target in targets if target is not ROW_TIME_TARGET)
    if len(items) != len(targets):
        taker = "the column list" if statement.columns else written(stream.name)
        # Where the select list goes wrong: its first item too many, or its last.
        item = query.items[min(len(targets), len(query.items) - 1)]
        faults.add(
            item.span,
            f"this query selects {_columns(len(query.items))}, {taker} has {places}",
            "select one item for each column, in the order of the columns",
        )
        return None
    outputs = [_assign(item, target, faults) for item, target in zip(items, targets, strict=True)]
    sound = tuple(output for output in outputs if output is not None)
    if query.input is None or not is_sound or len(sound) < len(outputs):
        return None
    return Pump(name, Project(query.input, sound, rowtime), stream.name, targets)


def _row_time(
    query: BoundQuery, targets: tuple[Column, ...], faults: Faults
) -> tuple[tuple[Item, ...], Expression | None, bool]:
    """The items that are assigned to columns, the time of the rows, and whether it is sound.

    An item AS ROWTIME, or for ROWTIME in the column list, is the time of the row. Unless there is a
    column for each item it is assigned to no column (REF:sql-reference-rowtime does not say).
    """
    assigned = list(query.items)
    timed = [item for item in query.items if item.is_row_time]
    if ROW_TIME_TARGET in targets and len(query.items) == len(targets):
        timed = [query.items[targets.index(ROW_TIME_TARGET)]]
        assigned.remove(timed[0])
    elif len(timed) == 1 and len(query.items) == len(targets) + 1:
        assigned.remove(timed[0])
    if not timed:
        return tuple(assigned), query.rowtime, True
    for item in timed[1:]:
        faults.add(item.span, "two items are written AS ROWTIME", "a row has one time")
    value = timed[0].expression
    if value is None or len(timed) > 1:
        return tuple(assigned), None, False
    if value.type != TIMESTAMP:
        faults.add(
            timed[0].span,
            f"the time of a row is a TIMESTAMP, this is {value.type}",
            "write CAST(... AS TIMESTAMP), or CHAR_TO_TIMESTAMP('pattern', text)",
        )
        return tuple(assigned), None, False
    is_own = isinstance(value, RowTime | InputRowTime)
    return tuple(assigned), query.rowtime if is_own else value, True


def _assign(item: Item, target: Column, faults: Faults) -> Output | None:
    value = item.expression
    if value is None:
        return None
    if isinstance(value, Literal) and value.value is None and target.nullable:
        return Output(Literal(None, target.type), item.name)
    if isinstance(value, Literal) and value.value is None and not target.nullable:
        faults.add(item.span, f"NULL cannot be assigned to {written(target.name)}: it is NOT NULL")
        return None
    if value.type.kind is Kind.INTERVAL:
        faults.add(
            item.span,
            "this is an interval, which no column can hold",
            "write STEP(s.ROWTIME BY INTERVAL '60' SECOND) for the start of a window, "
            "TSDIFF(a, b) for milliseconds",
        )
        return None
    if not assignable(value.type, target.type):
        faults.add(
            item.span,
            f"{value.type} cannot be assigned to {written(target.name)}, which is {target.type}",
            f"declare {written(target.name)} as {value.type}, "
            "or check that the items stand in the order of the columns",
        )
        return None
    return Output(value, item.name)


def _columns(number: int) -> str:
    return "1 column" if number == 1 else f"{number} columns"
