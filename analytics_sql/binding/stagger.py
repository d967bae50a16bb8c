"""WINDOWED BY STAGGER: every key has windows of its own, which begin with its first row.

Source: DG:stagger-window-concepts.md.
"""

from analytics_sql.binding.grouping import Grouping, bind_plain_keys
from analytics_sql.binding.literals import NotALiteral, interval_ms
from analytics_sql.binding.row_expression import RowBinder
from analytics_sql.binding.time_key import SIZE_MS_MAX
from analytics_sql.syntax.nodes import IntervalLiteral, Stagger, span_of

_WRITE = "write WINDOWED BY STAGGER (PARTITION BY k RANGE INTERVAL '1' MINUTE)"


def bind_stagger(clause: Stagger, rows: RowBinder) -> Grouping:
    """Binds the keys and the size of the windows."""
    keys = bind_plain_keys(clause.expressions, rows)
    size_ms = _size_ms(clause, rows)
    is_complete = keys is not None and size_ms is not None
    return Grouping(None, keys or (), is_complete, stagger_ms=size_ms or 0)


def _size_ms(clause: Stagger, rows: RowBinder) -> int | None:
    size = clause.args["size"].unnest()
    message = "RANGE takes an interval"
    if isinstance(size, IntervalLiteral):
        try:
            size_ms = interval_ms(size)
        except NotALiteral as error:
            message = str(error)
        else:
            if size_ms.denominator == 1 and 1 <= size_ms <= SIZE_MS_MAX:
                return int(size_ms)
            message = "a window's size is a whole number of milliseconds, from 1 up to a year"
    rows.faults.add(span_of(size), message, _WRITE)
    return None
