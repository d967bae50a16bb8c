"""A query after binding, before its rows are given to anybody."""

from dataclasses import dataclass

from analytics_sql.binding.scope import ROWTIME
from analytics_sql.binding.select_list import Item
from analytics_sql.binding.time_windows import ColumnTime
from analytics_sql.expression import Expression, InputRowTime, RowTime
from analytics_sql.plan import Column, Node
from analytics_sql.syntax.source_text import Faults
from analytics_sql.types import TIMESTAMP

ROW_TIME_TARGET = Column(ROWTIME, TIMESTAMP)
"""What INSERT INTO s (ROWTIME, ...) assigns to: the time of the row, which is no column of it."""


@dataclass(frozen=True, slots=True)
class BoundQuery:
    """A select list over the plan of all the rest; `input` is None after a fault in that."""

    items: tuple[Item, ...]
    input: Node | None
    rowtime: Expression | None = None
    """The time of the rows, where it is not that of the input's."""

    def column_times(self) -> dict[str, ColumnTime]:
        """What is known of the time in its columns, by name."""
        found = {item.name: self._time_of(item) for item in self.items}
        return {name: time for name, time in found.items() if time != ColumnTime()}

    def _time_of(self, item: Item) -> ColumnTime:
        keeps = self.rowtime is None
        is_row_time = isinstance(item.expression, RowTime | InputRowTime) and keeps
        is_row_time |= item.expression is not None and item.expression == self.rowtime
        return ColumnTime(
            item.windows if keeps and not is_row_time else None, is_row_time, item.is_claimed
        )


def row_time(
    query: BoundQuery, targets: tuple[Column, ...] | None, faults: Faults
) -> tuple[tuple[Item, ...], Expression | None, bool]:
    """The items that are assigned to columns, the time of the rows, and whether it is sound.

    An item AS ROWTIME, or for ROWTIME in the column list, is the time of the row. Unless there is a
    column for each item it is assigned to no column (REF:sql-reference-rowtime does not say). In a
    query in FROM (`targets` None) it is no column.
    """
    assigned = list(query.items)
    timed = [item for item in query.items if item.is_row_time]
    if targets is None:
        if timed:
            assigned.remove(timed[0])
    elif ROW_TIME_TARGET in targets and len(query.items) == len(targets):
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
