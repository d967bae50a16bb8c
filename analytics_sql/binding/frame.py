"""The frame of a sliding window: ROWS n PRECEDING, RANGE INTERVAL '...' PRECEDING.

A window of a stream ends with the current row; every other is refused by name.
Source: REF:sql-reference-allowed-disallowed-window.
"""

import re

from sqlglot import exp

from analytics_sql.binding.literals import NotALiteral, interval_ms
from analytics_sql.binding.time_key import SIZE_MS_MAX
from analytics_sql.plan import Frame
from analytics_sql.syntax.nodes import FrameBound, IntervalLiteral, WindowSpecification, span_of
from analytics_sql.syntax.source_text import Faults

ROWS_MAX = 10_000_000
"""Of a window: more is a slip of the pen, and memory is taken for every one of them."""

_COUNT = re.compile(r"[0-9]{1,9}")
_WRITE = "write ROWS 10 PRECEDING, or RANGE INTERVAL '60' SECOND PRECEDING"


def bind_frame(window: WindowSpecification, faults: Faults) -> Frame | None:
    """The frame of a window; None after a fault. Without one it is UNBOUNDED PRECEDING."""
    unit, start, end = window.args.get("unit"), window.args.get("start"), window.args.get("end")
    if unit is None or start is None:
        return Frame()
    if not _reaches_back(start, end, faults):
        return None
    match start.args["kind"]:
        case "UNBOUNDED":
            return Frame()
        case "CURRENT ROW":
            return Frame(rows=0) if unit == "ROWS" else Frame(range_ms=0)
    return _rows(start.this, faults) if unit == "ROWS" else _range(start.this, faults)


def _reaches_back(start: FrameBound, end: FrameBound | None, faults: Faults) -> bool:
    for bound in (start, end):
        if bound is not None and bound.args.get("side") == "FOLLOWING":
            faults.add(
                span_of(bound),
                "a window cannot reach past the current row: FOLLOWING is not supported",
                _WRITE,
            )
            return False
    if end is None or end.args["kind"] == "CURRENT ROW" or _is_zero(end):
        return True
    if end.args["kind"] == "UNBOUNDED" or start.args["kind"] == "CURRENT ROW" or _is_zero(start):
        faults.add(
            span_of(end), "this window would end before it starts", "write the earlier end first"
        )
    else:
        faults.add(
            span_of(end),
            "a window has to end with the current row",
            "write ... AND CURRENT ROW, or leave BETWEEN out",
        )
    return False


def _is_zero(bound: FrameBound) -> bool:
    size = bound.this
    return isinstance(size, exp.Literal | IntervalLiteral) and size.name == "0"


def _rows(size: exp.Expr, faults: Faults) -> Frame | None:
    size = size.unnest()
    if isinstance(size, IntervalLiteral):
        faults.add(span_of(size), "ROWS counts rows", "for a length of time write RANGE INTERVAL")
    elif isinstance(size, exp.Neg):
        faults.add(span_of(size), "a window cannot have a negative number of rows", _WRITE)
    elif not isinstance(size, exp.Literal) or not _COUNT.fullmatch(size.name):
        faults.add(span_of(size), "ROWS takes a whole number", _WRITE)
    elif int(size.name) > ROWS_MAX:
        faults.add(span_of(size), f"a window has at most {ROWS_MAX} rows", _WRITE)
    else:
        return Frame(rows=int(size.name))
    return None


def _range(size: exp.Expr, faults: Faults) -> Frame | None:
    size = size.unnest()
    if not isinstance(size, IntervalLiteral):
        faults.add(
            span_of(size), "RANGE takes an interval", "for a number of rows write ROWS n PRECEDING"
        )
        return None
    try:
        range_ms = interval_ms(size)
    except NotALiteral as error:
        faults.add(span_of(size), str(error), _WRITE)
        return None
    if range_ms < 0:
        faults.add(span_of(size), "a window cannot have a negative length", _WRITE)
    elif range_ms.denominator != 1:
        faults.add(span_of(size), "a window's length is a whole number of milliseconds", _WRITE)
    elif range_ms > SIZE_MS_MAX:
        faults.add(span_of(size), "a window has at most a year", _WRITE)
    else:
        return Frame(range_ms=int(range_ms))
    return None
