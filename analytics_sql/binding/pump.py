"""A pump: a query, and the columns of a stream that its rows are assigned to.

Assignment is by position, whatever the select list calls its items (REF:sql-reference-insert).
"""

from analytics_sql.binding.bound_query import ROW_TIME_TARGET, BoundQuery, row_time
from analytics_sql.binding.conversion import assignable, castable
from analytics_sql.binding.from_item import FindRelation
from analytics_sql.binding.names import fold, listed, no_such, written
from analytics_sql.binding.query import bind_query
from analytics_sql.binding.scope import ROWTIME
from analytics_sql.binding.select_list import Item
from analytics_sql.expression import Literal
from analytics_sql.plan import Column, Output, Project, Pump, Stream
from analytics_sql.syntax.nodes import CreatePump, span_of
from analytics_sql.syntax.source_text import Faults
from analytics_sql.types import Kind, SqlType


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
    items, rowtime, is_sound = row_time(query, targets, faults)
    places = len(targets)
    targets = tuple(target for target in targets if target is not ROW_TIME_TARGET)
    if len(items) != len(targets):
        taker = "the column list" if statement.columns else written(stream.name)
        # Where the select list goes wrong: its first item too many, or its last.
        item = query.items[min(len(targets), len(query.items) - 1)]
        remedy = "select one item for each column, in the order of the columns"
        if len(items) < len(targets):
            remedy += "; of two names without a comma the second is what the first is called"
        message = f"this query selects {_columns(len(query.items))}, {taker} has {places}"
        faults.add(item.span, message, remedy)
        return None
    outputs = [_assign(item, target, faults) for item, target in zip(items, targets, strict=True)]
    sound = tuple(output for output in outputs if output is not None)
    if query.input is None or not is_sound or len(sound) < len(outputs):
        return None
    return Pump(name, Project(query.input, sound, rowtime), stream.name, targets)


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
            f"declare {written(target.name)} as {value.type}{_or_cast(value.type, target.type)}, "
            "or check that the items stand in the order of the columns",
        )
        return None
    return Output(value, item.name)


def _or_cast(source: SqlType, target: SqlType) -> str:
    return f", write CAST(... AS {target})" if castable(source, target) else ""


def _columns(number: int) -> str:
    return "1 column" if number == 1 else f"{number} columns"
